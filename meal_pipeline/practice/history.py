"""The project history log as JSON: who did what, the newest first.

Here: entries told, and found by `q`. Not here: writing entries (`world`), the route.
"""

import re
from collections.abc import Callable
from datetime import UTC
from typing import Any

from meal_pipeline.practice.authoring import made_uid
from meal_pipeline.practice.forms import Happened, PracticeForm
from meal_pipeline.practice.problems import Problem

_TERM = re.compile(r'(?P<field>\w+):(?:"(?P<quoted>[^"]*)"|(?P<bare>[^\s"():]+))')
_WORD = re.compile(r'[^\s"():]+')

Test = Callable[[dict[str, Any]], bool]


def told(entry: Happened, form: PracticeForm, base: str) -> dict[str, Any]:
    """Give an entry as the route tells it; times in whole seconds."""
    metadata: dict[str, Any] = {
        "source": "Other (Other)",
        "asset_uid": form.uid,
        "ip_address": "127.0.0.1",
        "log_subtype": "project",
        "project_owner": form.owner,
        **(entry.extra or {}),
    }
    if entry.subject:
        submission = {"root_uuid": entry.subject, "submitted_by": entry.submitted_by}
        if entry.status is not None:
            submission["status"] = entry.status
        metadata["submission"] = submission
    return {
        "user": f"{base}/api/v2/users/{entry.by}/",
        "user_uid": made_uid("u", 22, entry.by),
        "username": entry.by,
        "action": entry.action,
        "metadata": metadata,
        "date_created": f"{entry.moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}",
    }


def found(form: PracticeForm, base: str, q: str | None) -> list[dict[str, Any]]:
    """Give the entries that `q` finds, the newest first.

    `q` is made of `field:value` and words, joined by AND and OR; what cannot be read finds nothing.
    """
    if q is not None and len(q) < 3:
        raise Problem.detail(400, "Your query is too short")
    entries = [told(entry, form, base) for entry in reversed(form.history)]
    if q is None:
        return entries
    test = _joined(q)
    return [entry for entry in entries if test(entry)]


def _joined(q: str) -> Test:
    """Give the test of a query; AND binds its parts, each of which may be OR in parentheses."""
    parts = [_either(part.strip()) for part in q.split(" AND ")]
    return lambda entry: all(part(entry) for part in parts)


def _either(text: str) -> Test:
    inside = text[1:-1] if text.startswith("(") and text.endswith(")") else text
    parts = [_term(part.strip()) for part in inside.split(" OR ")]
    return lambda entry: any(part(entry) for part in parts)


def _term(text: str) -> Test:
    if match := _TERM.fullmatch(text):
        name, at_least = match["field"].removesuffix("__gte"), match["field"].endswith("__gte")
        wanted = match["quoted"] if match["quoted"] is not None else match["bare"]
        if at_least:
            return lambda entry: (value := _value(entry, name)) is not None and value >= wanted
        return lambda entry: _value(entry, name) == wanted
    if _WORD.fullmatch(text):
        return lambda entry: _mentions(entry, text)
    return lambda entry: False


def _value(entry: dict[str, Any], name: str) -> str | None:
    if name == "user__username":
        return str(entry["username"])
    inside: Any = entry
    for part in name.split("__"):
        inside = inside.get(part) if isinstance(inside, dict) else None
    return inside if isinstance(inside, str) else None


def _mentions(entry: dict[str, Any], word: str) -> bool:
    """Tell whether a word stands in the action, the name or the metadata of an entry."""
    return word in str(entry["metadata"]) or word in (entry["action"], entry["username"])
