"""Routes of REST services: hooks, their logs, retries.

Here: the payloads, filters and refusals. Not here: sending (`hooks`).
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
from starlette.responses import Response

from meal_pipeline.practice.asking import Asked
from meal_pipeline.practice.forms import PracticeForm
from meal_pipeline.practice.hooks import FAILED, PENDING, SUCCESS, Hook, HookLog
from meal_pipeline.practice.problems import Problem
from meal_pipeline.practice.routing import Later

_TOO_SOON = timedelta(seconds=120)
_FIELDS: dict[str, Any] = {
    "active": True,
    "export_type": "json",
    "auth_level": "no_auth",
    "settings": {},
    "subset_fields": [],
    "payload_template": None,
    "email_notification": True,
}
_CHOICES = {"export_type": ("json", "xml"), "auth_level": ("no_auth", "basic_auth")}
_REQUIRED = "This field is required."


def hooks(asked: Asked) -> Any:
    """Answer the hooks of a form, by name."""
    form = _form(asked)
    listed = sorted(form.hooks.values(), key=lambda hook: hook.name)
    return asked.page(listed, lambda hook: _told(hook, form, asked))


def create(asked: Asked) -> Any:
    """Set up a hook; a form need not be deployed for it."""
    form = _form(asked)
    sent = asked.body()
    missing = {name: [_REQUIRED] for name in ("endpoint", "name") if not sent.get(name)}
    if missing:
        raise Problem(400, missing)
    hook = asked.world.add_hook(form.uid, by=asked.name(), **_checked(_FIELDS | _known(sent)))
    headers = {"location": _told(hook, form, asked)["url"]}
    return asked.json_response(_told(hook, form, asked), 201, headers)


def hook(asked: Asked) -> Any:
    """Answer one hook, its secrets in clear text."""
    form = _form(asked)
    return _told(_hook(asked, form), form, asked)


def change(asked: Asked) -> Any:
    """Change a hook."""
    form = _form(asked)
    found = _hook(asked, form)
    current = {name: getattr(found, name) for name in (*_FIELDS, "name", "endpoint")}
    changed = _checked(current | _known(asked.body()))
    asked.world.change_hook(form.uid, found.uid, by=asked.name(), **changed)
    return _told(found, form, asked)


def delete(asked: Asked) -> Any:
    """Remove a hook with its logs."""
    form = _form(asked)
    asked.world.remove_hook(form.uid, _hook(asked, form).uid, by=asked.name())
    return Response(status_code=204)


def logs(asked: Asked) -> Any:
    """Answer the deliveries of a hook, the newest first, filtered by status and date."""
    form = _form(asked)
    found = _hook(asked, form)
    chosen = list(reversed(found.logs.values()))
    if "status" in asked.params:
        status = asked.params["status"]
        if status not in {"0", "1", "2"}:
            words = f"Select a valid choice. {status} is not one of the available choices."
            raise Problem(400, {"status": [words]})
        chosen = [log for log in chosen if log.status == int(status)]
    start, end = _date(asked, "start_date"), _date(asked, "end_date")
    chosen = [
        log
        for log in chosen
        if (start is None or log.moment >= start) and (end is None or log.moment <= end)
    ]
    return asked.page(chosen, lambda log: _told_log(log, found, form, asked))


def log(asked: Asked) -> Any:
    """Answer one delivery."""
    form = _form(asked)
    found = _hook(asked, form)
    return _told_log(_log(asked, found), found, form, asked)


def retry(asked: Asked) -> Any:
    """Send one failed delivery again, now; refused until two minutes have passed."""
    form = _form(asked)
    found = _hook(asked, form)
    entry = _log(asked, found)
    waited = asked.world.now() - entry.moment
    if entry.status != FAILED or waited < _TOO_SOON:
        told = {"detail": "Data is being or has already been processed", "status_code": None}
        raise Problem(400, told)

    def work() -> Response:
        asked.world.send_again(form.uid, found.uid, entry.uid)
        code, words = entry.status_code, entry.message
        if entry.status == SUCCESS:
            return asked.json_response({"detail": words, "status_code": code}, 200)
        told = {"detail": f"HTTP {code} - {words}", "status_code": code}
        return asked.json_response(told, 400)

    return Later(work)


def retry_all(asked: Asked) -> Any:
    """Send all failed deliveries again, in the background; 304 when there are none."""
    form = _form(asked)
    found = _hook(asked, form)
    if not found.active:
        raise Problem.detail(400, "Cannot retry on disabled hooks")
    failed = [log.uid for log in reversed(found.logs.values()) if log.status == FAILED]
    if not failed:
        return Response(status_code=304)
    for uid in failed:
        asked.world.queue_again(form.uid, found.uid, uid)
    return {"detail": "Task successfully scheduled", "pending_uids": failed}


def _form(asked: Asked) -> PracticeForm:
    form, rights = asked.form("hooks")
    if not {"change_asset", "view_submissions"} <= rights.permissions:
        raise Problem.not_found()
    return form


def _hook(asked: Asked, form: PracticeForm) -> Hook:
    found = form.hooks.get(asked.part("hook"))
    if found is None:
        raise Problem.detail(404, "No Hook matches the given query.")
    return found


def _log(asked: Asked, found: Hook) -> HookLog:
    entry = found.logs.get(asked.part("log"))
    if entry is None:
        raise Problem.detail(404, "No HookLog matches the given query.")
    return entry


def _known(sent: Mapping[str, Any]) -> dict[str, Any]:
    return {key: sent[key] for key in (*_FIELDS, "name", "endpoint") if key in sent}


def _checked(fields: dict[str, Any]) -> dict[str, Any]:
    if not re.match(r"https?://", str(fields["endpoint"])):
        raise Problem(400, {"endpoint": ["Invalid scheme"]})
    for name, choices in _CHOICES.items():
        if fields[name] not in choices:
            raise Problem(400, {name: [f'"{fields[name]}" is not a valid choice.']})
    if template := fields["payload_template"]:
        if fields["export_type"] != "json":
            words = "Can be used only with JSON submission format"
            raise Problem(400, {"payload_template": [words]})
        try:
            orjson.loads(str(template).replace("%SUBMISSION%", "{}"))
        except orjson.JSONDecodeError:
            raise Problem(400, {"payload_template": ["Invalid JSON"]}) from None
    return fields


def _date(asked: Asked, name: str) -> datetime | None:
    if name not in asked.params:
        return None
    try:
        moment = datetime.fromisoformat(asked.params[name])
    except ValueError:
        raise Problem(400, {name: ["Enter a valid date/time."]}) from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _told(found: Hook, form: PracticeForm, asked: Asked) -> dict[str, Any]:
    url = f"{asked.base}/api/v2/assets/{form.uid}/hooks/{found.uid}/"
    return {
        "url": url,
        "logs_url": f"{url}logs/",
        "asset": sum(form.uid.encode()),
        "uid": found.uid,
        "name": found.name,
        "endpoint": found.endpoint,
        "active": found.active,
        "export_type": found.export_type,
        "auth_level": found.auth_level,
        "success_count": found.count(SUCCESS),
        "failed_count": found.count(FAILED),
        "pending_count": found.count(PENDING),
        "settings": found.settings,
        "date_modified": _stamp(found.moment),
        "email_notification": found.email_notification,
        "subset_fields": list(found.subset_fields),
        "payload_template": found.payload_template,
    }


def _told_log(entry: HookLog, found: Hook, form: PracticeForm, asked: Asked) -> dict[str, Any]:
    hook_url = f"{asked.base}/api/v2/assets/{form.uid}/hooks/{found.uid}/"
    return {
        "url": f"{hook_url}logs/{entry.uid}/",
        "uid": entry.uid,
        "submission_id": entry.submission_id,
        "tries": entry.tries,
        "status": entry.status,
        "status_str": entry.state,
        "status_code": entry.status_code,
        "message": entry.message,
        "date_modified": _stamp(entry.moment),
    }


def _stamp(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%fZ}"
