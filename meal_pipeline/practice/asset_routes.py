"""Routes of accounts and forms: lists, details, content, versions, what is deployed.

Here: reading. Not here: creating, changing, deploying (`authoring_routes`), submissions
(`data_routes`), the shapes of the answers (`describing`).
"""

import hashlib
from typing import Any

from meal_pipeline.practice.asking import Asked
from meal_pipeline.practice.describing import (
    described,
    described_version,
    listed_form,
    sheet_content,
)
from meal_pipeline.practice.finding import found, ordered
from meal_pipeline.practice.problems import Problem


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
        raise Problem.not_here()
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
