"""Routes that make and change forms: create, save, deploy, archive, delete.

Here: what a client may send there and the refusals. Not here: what happens to the form
(`lifecycle`), reading forms (`asset_routes`), XLSX files, which this server does not import.
"""

from collections.abc import Mapping
from typing import Any

import orjson
from starlette.responses import Response

from meal_pipeline.practice.asking import Asked
from meal_pipeline.practice.asset_routes import deployment
from meal_pipeline.practice.describing import described
from meal_pipeline.practice.forms import PracticeForm
from meal_pipeline.practice.problems import Problem

_SETTINGS = {"country": [], "sector": {}, "description": "", "organization": ""}
_ACTIONS = ("archive", "unarchive", "delete", "undelete")


def create(asked: Asked) -> Any:
    """Make a form, of content or as a copy of another one."""
    user = asked.signed_in()
    sent = asked.body()
    if sent.get("asset_type", "survey") != "survey":
        raise Problem.not_here()
    content = _content(sent)
    settings = sent.get("settings") or {}
    if source := asked.world.forms.get(str(sent.get("clone_from"))):
        content = dict(source.head.content) if source.head else {}
        settings = source.settings
    form = asked.world.create(
        str(sent.get("name", "")), content or {}, _settings({}, settings), owner=user.username
    )
    headers = {"location": f"{asked.base}/api/v2/assets/{form.uid}/"}
    return asked.json_response(described(form, asked.rights(form), asked.base), 201, headers)


def change(asked: Asked) -> Any:
    """Save a form's content, name or settings."""
    form, rights = asked.form()
    asked.need(rights, "change_asset")
    sent = asked.body()
    settings = sent.get("settings")
    asked.world.save(
        form.uid,
        by=asked.name(),
        content=_content(sent),
        name=sent.get("name"),
        settings=None if settings is None else _settings(form.settings, settings),
    )
    return asked.cut(described(form, rights, asked.base))


def delete(asked: Asked) -> Any:
    """Move a form to the trash bin."""
    form, rights = asked.form()
    asked.need(rights, "delete_asset")
    asked.world.trash(form.uid, by=asked.name())
    return Response(status_code=204)


def deploy(asked: Asked) -> Any:
    """Deploy a form for the first time."""
    form, rights = asked.form("deployment")
    asked.need(rights, "manage_asset")
    if form.deployed is not None:
        raise Problem.detail(405, "Use PATCH to update an existing deployment")
    if form.head is None:
        raise Problem.fault()
    asked.world.deploy_saved(form.uid, form.head.uid, by=asked.name())
    _activate(asked, form, first=True)
    return deployment(asked)


def redeploy(asked: Asked) -> Any:
    """Deploy a saved version, or archive and unarchive."""
    form, rights = asked.form("deployment")
    asked.need(rights, "manage_asset")
    if form.deployed is None:
        raise Problem.not_found()
    if version := asked.body().get("version_id"):
        try:
            asked.world.deploy_saved(form.uid, str(version), by=asked.name())
        except KeyError:
            raise Problem.not_found() from None
    _activate(asked, form)
    return deployment(asked)


def bulk(asked: Asked) -> Any:
    """Archive, unarchive, delete or (superusers only) undelete several forms."""
    user = asked.signed_in()
    payload = asked.body().get("payload")
    if not isinstance(payload, Mapping):
        raise Problem(400, {"payload": ["This field is required."]})
    action = payload.get("action")
    if action not in _ACTIONS:
        words = f"Supported values for `action` are: {', '.join(_ACTIONS)}"
        raise Problem(400, {"payload": [words]})
    if action == "undelete" and not user.superuser:
        raise Problem.forbidden()
    world = asked.world
    forms = [world.forms[uid] for uid in payload.get("asset_uids") or () if uid in world.forms]
    for form in forms:
        asked.need(asked.rights(form), "delete_asset" if action == "delete" else "manage_asset")
    for form in forms:
        _act(asked, form, action)
    noun = "project has" if len(forms) == 1 else "projects have"
    return {"detail": f"{len(forms)} {noun} been {action}d"}


def _act(asked: Asked, form: PracticeForm, action: str) -> None:
    by = asked.name()
    if action == "archive":
        asked.world.archive(form.uid, by=by)
    elif action == "unarchive":
        asked.world.unarchive(form.uid, by=by)
    elif action == "delete":
        asked.world.trash(form.uid, by=by)
    else:
        asked.world.untrash(form.uid)


def _activate(asked: Asked, form: PracticeForm, *, first: bool = False) -> None:
    active = asked.body().get("active")
    if not isinstance(active, bool) or active == form.active:
        return
    if first:
        form.active = active
    elif active:
        asked.world.unarchive(form.uid, by=asked.name())
    else:
        asked.world.archive(form.uid, by=asked.name())


def _content(sent: Mapping[str, Any]) -> Mapping[str, Any] | None:
    content = sent.get("content")
    if isinstance(content, str):
        try:
            content = orjson.loads(content)
        except orjson.JSONDecodeError:
            raise Problem(400, {"content": ["Value must be valid JSON."]}) from None
    return content if isinstance(content, Mapping) else None


def _settings(current: Mapping[str, Any], sent: Mapping[str, Any] | str) -> dict[str, Any]:
    given: Any = orjson.loads(sent) if isinstance(sent, str) else sent
    settings = _SETTINGS | dict(current) | dict(given)
    countries = settings["country"] if isinstance(settings["country"], list) else []
    return settings | {"country_codes": [each["value"] for each in countries]}
