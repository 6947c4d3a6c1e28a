"""The routes of the practice server: which answer a path gives to whom.

Here: each route, and the table of them. Not here: the checks they share (`asking`), the shapes of
the answers (`describing`, `data`), the state (`forms`).
"""

import hashlib
from collections.abc import Awaitable, Callable, Iterable, Mapping
from datetime import timedelta
from typing import Any

import orjson
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from meal_pipeline.practice.accounts import Rights, Unauthorized
from meal_pipeline.practice.asking import Asked, check_format, check_method, not_here
from meal_pipeline.practice.data import data_page, fields_wanted, shown, visible
from meal_pipeline.practice.describing import (
    described,
    described_version,
    listed_form,
    sheet_content,
)
from meal_pipeline.practice.finding import found, ordered
from meal_pipeline.practice.forms import PracticeForm
from meal_pipeline.practice.paging import data_window
from meal_pipeline.practice.problems import Problem
from meal_pipeline.practice.world import World

_REMOVED = (
    "The V1 API has been removed. Please read the migration article at "
    "https://support.kobotoolbox.org/migrating_api.html"
)
_ASSETS = "/api/v2/assets/"


Answer = Callable[[Asked], Any]


def token(asked: Asked) -> Any:
    """Answer `/token/`: the token of the account, by password or token."""
    return {"token": asked.signed_in().token}


def me(asked: Asked) -> Any:
    """Answer `/me/`: whose token this is."""
    user = asked.signed_in()
    return {
        "username": user.username,
        "first_name": "",
        "last_name": "",
        "email": f"{user.username}@example.org",
        "is_superuser": user.superuser,
        "server_time": asked.world.now().strftime("%Y-%m-%dT%H:%M:%SZ"),
        "date_joined": "2026-01-01T00:00:00Z",
        "projects_url": f"{asked.base}/{user.username}",
        "gravatar": "",
        "last_login": None,
        "extra_details": {"name": "", "organization": "", "require_auth": True},
        "git_rev": False,
        "social_accounts": [],
        "validated_password": True,
        "accepted_tos": False,
        "organization": {
            "url": f"{asked.base}/api/v2/organizations/practice/",
            "name": f"{user.username}'s organization",
            "uid": "practice",
        },
        "extra_details__uid": user.username,
    }


def assets(asked: Asked) -> Any:
    """Answer the list of assets."""
    if "metadata" in asked.params:
        raise not_here()
    chosen = ordered(found(asked.forms(), asked.params.get("q")), asked.params.get("ordering"))
    return asked.page(
        chosen, lambda form: asked.cut(listed_form(form, asked.rights(form), asked.base))
    )


def minimal_list(asked: Asked) -> Any:
    """Answer the short list of assets, which has no count."""
    chosen = ordered(found(asked.forms(), asked.params.get("q")), asked.params.get("ordering"))
    page = asked.page(
        chosen,
        lambda form: {"uid": form.uid, "name": form.name, "deployment_status": form.status},
    )
    del page["count"]
    return page


def assets_hash(asked: Asked) -> Any:
    """Answer one hash over all draft heads, which moves when any form changes."""
    asked.signed_in()
    heads = sorted(form.head.uid for form in asked.forms() if form.head)
    text = "".join(heads)
    digest = hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()
    return {"hash": digest if heads else ""}


def assets_counts(asked: Asked) -> Any:
    """Answer how many surveys there are in each state."""
    states = [form.status for form in asked.forms()]
    return {f"{state}_count": states.count(state) for state in ("deployed", "archived", "draft")}


def asset(asked: Asked) -> Any:
    """Answer the detail of a form."""
    form, rights = asked.form()
    return asked.cut(described(form, rights, asked.base))


def content(asked: Asked) -> Any:
    """Answer the newest content, draft or not, as sheets."""
    form, _ = asked.form()
    sheets = sheet_content(form.head.content if form.head else {})
    return {"kind": "asset.content", "uid_asset": form.uid, "data": sheets}


def versions(asked: Asked) -> Any:
    """Answer the versions, newest first; `deployed` is read in Python's spelling only."""
    form, _ = asked.form("versions")
    chosen = form.versions[::-1]
    if (wanted := asked.params.get("deployed")) is not None:
        if wanted not in {"True", "False", "1", "0"}:
            raise Problem.fault()
        only = wanted in {"True", "1"}
        chosen = [version for version in chosen if bool(version.deployed_at) == only]
    return asked.page(chosen, lambda version: described_version(version, form, asked.base))


def version(asked: Asked) -> Any:
    """Answer one version with its content."""
    form, _ = asked.form("versions")
    for each in form.versions:
        if each.uid == asked.part("version"):
            return described_version(each, form, asked.base) | {"content": each.content}
    raise Problem.detail(404, "No AssetVersion matches the given query.")


def deployment(asked: Asked) -> Any:
    """Answer what is deployed."""
    form, rights = asked.form("deployment")
    if form.deployed is None:
        raise Problem.not_found()
    return {
        "backend": "openrosa",
        "active": form.active,
        "version_id": form.deployed.uid,
        "asset": described(form, rights, asked.base),
    }


def counts(asked: Asked) -> Any:
    """Answer submissions a day (deletions do not lower them) and in all."""
    form, rights = asked.form("counts")
    if not rights.sees_rows or form.deployed is None:
        raise Problem.not_found()
    try:
        days = int(asked.params.get("days", "366"))
    except ValueError:
        raise Problem(400, ["`days` parameter must be an integer"]) from None
    received: Iterable[tuple[str, int]] = form.received.items()
    if not rights.sees_all_rows:
        seen = [
            row.head["_submission_time"][:10] for row in form.stored() if visible(form, rights, row)
        ]
        received = [(day, seen.count(day)) for day in sorted(set(seen))]
    since = (asked.world.now() - timedelta(days=min(days, 366))).strftime("%Y-%m-%d")
    return {
        "daily_submission_counts": {day: n for day, n in received if day >= since},
        "total_submission_count": len(form) if rights.sees_all_rows else None,
    }


def _form_with_data(asked: Asked) -> tuple[PracticeForm, Rights]:
    form, rights = asked.form("data")
    if not rights.sees_rows:
        raise Problem.not_found()
    if form.deployed is None:
        raise Problem.detail(400, "The specified asset has not been deployed")
    return form, rights


def data(asked: Asked) -> Any:
    """Answer a page of submissions."""
    form, rights = _form_with_data(asked)
    return data_page(
        form,
        rights,
        asked.params,
        url=asked.url,
        base=asked.base,
        default=asked.world.default_page,
        largest=asked.world.max_page,
    )


def row(asked: Asked) -> Any:
    """Answer one submission, by id or by root or current uuid."""
    form, rights = _form_with_data(asked)
    world = asked.world
    data_window(asked.params, default=world.default_page, largest=world.max_page)
    fields = fields_wanted(asked.params)
    stored = form.find(asked.part("row"))
    if stored is None or not visible(form, rights, stored):
        raise Problem.not_found()
    return shown(stored, fields, form, asked.base)


def elsewhere(asked: Asked) -> Any:
    """Answer for what KoboToolbox has beside a form and this server does not."""
    name = asked.part("route")
    if name not in _ELSEWHERE:
        raise Problem.gone()
    asked.form(name)
    raise not_here()


def otherwise(asked: Asked) -> Any:
    """Answer for every other path: the removed first API, a forgotten slash, or nothing there."""
    path = asked.request.url.path
    if path.startswith(("/api/v1/", "/assets/", "/environment/")):
        raise Problem.detail(410, _REMOVED)
    if path.startswith("/api/v2/") and not path.endswith("/"):
        query = asked.request.url.query
        return RedirectResponse(f"{path}/?{query}" if query else f"{path}/", status_code=301)
    if path in _WHOLE_ELSEWHERE:
        raise not_here()
    raise Problem.gone()


_READ = frozenset({"GET", "HEAD"})
_ALL = [*_READ, "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
_ELSEWHERE = frozenset(
    {
        "exports",
        "export-settings",
        "files",
        "history",
        "hooks",
        "paired-data",
        "permission-assignments",
        "reports",
        "table_view",
        "valid_content",
        "xform",
        "xls",
    }
)

_WHOLE_ELSEWHERE = frozenset(
    {
        "/api/v2/",
        "/api/v2/permissions/",
        "/api/v2/service_usage/",
        f"{_ASSETS}metadata/",
        "/submission",
    }
)

# path, answer, methods answered, methods that KoboToolbox has and this server does not
_ROUTES: list[tuple[str, Answer, frozenset[str], frozenset[str]]] = [
    ("/token/", token, _READ | {"POST"}, frozenset()),
    ("/me/", me, _READ, frozenset({"PATCH", "DELETE"})),
    (_ASSETS, assets, _READ, frozenset({"POST"})),
    (f"{_ASSETS}minimal-list/", minimal_list, _READ, frozenset()),
    (f"{_ASSETS}hash/", assets_hash, _READ, frozenset()),
    (f"{_ASSETS}counts/", assets_counts, _READ, frozenset()),
    (f"{_ASSETS}metadata/", otherwise, frozenset(_ALL), frozenset()),
    (f"{_ASSETS}{{uid}}/", asset, _READ, frozenset({"PATCH", "DELETE"})),
    (f"{_ASSETS}{{uid}}/content/", content, _READ, frozenset()),
    (f"{_ASSETS}{{uid}}/versions/", versions, _READ, frozenset()),
    (f"{_ASSETS}{{uid}}/versions/{{version}}/", version, _READ, frozenset()),
    (f"{_ASSETS}{{uid}}/deployment/", deployment, _READ, frozenset({"POST", "PATCH"})),
    (f"{_ASSETS}{{uid}}/counts/", counts, _READ, frozenset()),
    (f"{_ASSETS}{{uid}}/data/", data, _READ, frozenset()),
    (f"{_ASSETS}{{uid}}/data.json", data, _READ, frozenset()),
    (f"{_ASSETS}{{uid}}/data/bulk/", data, frozenset(), frozenset({"PATCH", "DELETE"})),
    (f"{_ASSETS}{{uid}}/data/{{row}}/", row, _READ, frozenset({"DELETE"})),
    (f"{_ASSETS}{{uid}}/data/{{row}}.json", row, _READ, frozenset()),
    (f"{_ASSETS}{{uid}}/{{route}}/", elsewhere, frozenset(_ALL), frozenset()),
    ("/{path:path}", otherwise, frozenset(_ALL), frozenset()),
]


def practice_app(world: World) -> Starlette:
    """Give the application that answers from `world`."""
    routes = [
        Route(path, _endpoint(world, answer, answered, known), methods=_ALL)
        for path, answer, answered, known in _ROUTES
    ]
    app = Starlette(routes=routes)
    app.router.redirect_slashes = False
    return app


def _endpoint(
    world: World, answer: Answer, answered: frozenset[str], known: frozenset[str]
) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        asked = Asked(request, world)
        try:
            with world.lock:
                check_method(asked, answered, known)
                check_format(asked)
                body = answer(asked)
        except Unauthorized as error:
            problem = Problem.detail(401, str(error))
            return _refusal(asked, problem, {"www-authenticate": "Session"})
        except Problem as problem:
            return _refusal(asked, problem, {})
        if isinstance(body, Response):
            return body
        encoded = body if isinstance(body, bytes) else orjson.dumps(body)
        return Response(encoded, media_type="application/json")

    return endpoint


def _refusal(asked: Asked, problem: Problem, headers: Mapping[str, str]) -> Response:
    if problem.body is None:
        return HTMLResponse("Resource not found (404)", status_code=problem.status)
    language = asked.request.headers.get("accept-language", "en")
    return Response(
        orjson.dumps(problem.translated(language)),
        status_code=problem.status,
        headers=headers,
        media_type="application/json",
    )
