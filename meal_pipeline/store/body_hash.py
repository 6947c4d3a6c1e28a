"""What a submission says, as a hash: whether two bodies hold the same answers.

Here: what counts as the same. Not here: keeping bodies (`submission_log`, `sealing`).

A server words one submission in several ways without anybody editing it. Left out or evened are:
addresses and paths of attachments, and their order; `question_xpath`, which is worked out from the
fields that were asked for; the validation status, which has a history of its own, and the time of
the last change, which moves with it; and a repeat with one row, which turns into flat keys when the
row is touched after the repeat left the form.
"""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

import orjson

VALIDATION = "_validation_status"
ATTACHMENTS = "_attachments"
_APART = (VALIDATION, "_date_modified")
_VOLATILE = ("question_xpath", "filename")
_STATUS = "validation_status_"


def body_hash(body: Mapping[str, Any]) -> str:
    """Give the SHA-256 (64 hex digits) of the canonical JSON of what a body says."""
    said = _flat(body)
    for name in _APART:
        said.pop(name, None)
    if body.get(ATTACHMENTS):
        said[ATTACHMENTS] = _lasting(body[ATTACHMENTS])
    return hashlib.sha256(orjson.dumps(said, option=orjson.OPT_SORT_KEYS)).hexdigest()


def attachments_hash(attachments: object) -> str | None:
    """Give a hash of which files a submission has; None for none.

    Raises nothing: whatever a server sends in this place has a hash.
    """
    if not attachments:
        return None
    listed = orjson.dumps(_lasting(attachments), option=orjson.OPT_SORT_KEYS)
    return hashlib.sha256(listed).hexdigest()[:32]


def validation_of(body: Mapping[str, Any]) -> tuple[str, int | None]:
    """Give the validation status (`approved`, `not_approved`, `on_hold`, '') and its Unix time."""
    status = body.get(VALIDATION)
    if not isinstance(status, Mapping) or not status.get("uid"):
        return "", None
    at = status.get("timestamp")
    return str(status["uid"]).removeprefix(_STATUS), at if isinstance(at, int) else None


def _flat(body: Mapping[str, Any]) -> dict[str, Any]:
    """Give the body with each one-row repeat as flat keys, at every depth."""
    lists = [name for name, value in body.items() if type(value) is list]
    if not lists:
        return dict(body)
    flat = dict(body)
    for name in lists:
        rows = [_flat(row) if isinstance(row, dict) else row for row in body[name]]
        if len(rows) == 1 and isinstance(rows[0], dict) and _is_repeat(name, rows[0]):
            del flat[name]
            flat.update(rows[0])
        else:
            flat[name] = rows
    return flat


def _is_repeat(name: str, row: Mapping[str, Any]) -> bool:
    return bool(row) and all(key.startswith(f"{name}/") for key in row)


def _lasting(attachments: object) -> object:
    if not isinstance(attachments, Sequence) or isinstance(attachments, str):
        return attachments
    kept = [
        {
            name: value
            for name, value in one.items()
            if name not in _VOLATILE and not name.startswith("download_")
        }
        if isinstance(one, Mapping)
        else one
        for one in attachments
    ]
    return sorted(kept, key=lambda one: orjson.dumps(one, option=orjson.OPT_SORT_KEYS))
