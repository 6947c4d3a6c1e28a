"""A submission as KoboToolbox makes it of the answers that a device sends.

Here: answers turned into a complete row (text only, absent instead of empty, meta fields), and the
same after an edit. Not here: keeping rows (`forms`).
"""

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from meal_pipeline.practice.forms import PracticeForm

_NOT_ANSWERS = {"_id", "_uuid", "meta/instanceID", "meta/rootUuid", "meta/deprecatedID"}
_STAYS = (
    "meta/rootUuid",
    "_xform_id_string",
    "_status",
    "_submission_time",
    "_validation_status",
    "_submitted_by",
)
_PLACES = {"geopoint", "start-geopoint"}


def made_uuid(*parts: object) -> str:
    """Give a uuid that is always the same for the same parts."""
    digest = hashlib.sha256("|".join(map(str, parts)).encode()).digest()
    return str(UUID(bytes=digest[:16], version=4))


def as_sent(answers: Mapping[str, Any]) -> dict[str, Any]:
    """Give answers as the server keeps them.

    Everything is text; an unanswered question (None or empty) has no key; a repeat is a list of
    rows from which the wholly empty ones are gone.
    """
    kept: dict[str, Any] = {}
    for key, value in answers.items():
        if type(value) is str:
            if value:
                kept[key] = value
        elif isinstance(value, list):
            rows = [row for row in map(as_sent, value) if row]
            if rows:
                kept[key] = rows
        elif value is not None:
            kept[key] = str(value).lower() if isinstance(value, bool) else str(value)
    return kept


def new_row(
    form: PracticeForm,
    answers: Mapping[str, Any],
    *,
    identity: int,
    version: str | None,
    uuid: str,
    received: datetime,
    submitted_by: str | None,
    formhub: bool = True,
) -> dict[str, Any]:
    """Give the complete row of a first submission; without `formhub` it does not name its form."""
    kept = as_sent(answers)
    return {
        "_id": identity,
        **({"formhub/uuid": form.formhub_uuid} if formhub else {}),
        **kept,
        **({"__version__": version} if version else {}),
        "meta/instanceID": f"uuid:{uuid}",
        "_xform_id_string": form.uid,
        "_uuid": uuid,
        "meta/rootUuid": f"uuid:{uuid}",
        "_attachments": [],
        "_status": "submitted_via_web",
        "_geolocation": _geolocation(form, kept),
        "_submission_time": received.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S"),
        "_validation_status": {},
        "_submitted_by": submitted_by,
    }


def edited_row(
    form: PracticeForm,
    row: Mapping[str, Any],
    changes: Mapping[str, Any],
    *,
    uuid: str,
    version: str | None,
) -> dict[str, Any]:
    """Give `row` after an edit; a change to None or "" removes the answer.

    `_id`, `_submission_time`, `_submitted_by`, root uuid and validation status stay.
    """
    kept = as_sent(changes)
    answers = {key: value for key, value in row.items() if key not in changes} | kept
    return answers | {
        **({"__version__": version} if version else {}),
        "meta/instanceID": f"uuid:{uuid}",
        "meta/deprecatedID": f"uuid:{row['_uuid']}",
        "_uuid": uuid,
        # The file of a question that is no longer answered leaves the list.
        "_attachments": [
            file for file in row["_attachments"] if file.get("question_xpath") in answers
        ],
        "_geolocation": _geolocation(form, answers),
    }


def replaced_row(
    form: PracticeForm,
    row: Mapping[str, Any],
    answers: Mapping[str, Any],
    *,
    uuid: str,
    version: str | None,
    formhub: bool,
) -> dict[str, Any]:
    """Give `row` with all its answers replaced, as an edit that was sent as a document does."""
    kept = as_sent(answers)
    return {
        "_id": row["_id"],
        **({"formhub/uuid": form.formhub_uuid} if formhub else {}),
        **kept,
        **({"__version__": version} if version else {}),
        "meta/instanceID": f"uuid:{uuid}",
        "meta/deprecatedID": f"uuid:{row['_uuid']}",
        **{key: row[key] for key in _STAYS if key in row},
        "_uuid": uuid,
        "_attachments": [
            file
            for file in row["_attachments"]
            if file["is_deleted"] or named_in(kept, file["media_file_basename"])
        ],
        "_geolocation": _geolocation(form, kept),
    }


def bulk_edited_row(
    form: PracticeForm, row: Mapping[str, Any], changes: Mapping[str, Any], *, uuid: str
) -> dict[str, Any]:
    """Give `row` after a bulk edit: `__version__` stays, what is no answer cannot be set.

    A path inside a repeat changes the repeat's first row.
    """
    answers = {key: value for key, value in changes.items() if key not in _NOT_ANSWERS}
    for path in list(answers):
        for repeat in (path[:cut] for cut, sign in enumerate(path) if sign == "/"):
            if isinstance(row.get(repeat), list):
                first, *others = row[repeat]
                answers[repeat] = [first | {path: answers.pop(path)}, *others]
                break
    return edited_row(form, row, answers, uuid=uuid, version=None)


def with_old_manners(form: PracticeForm, row: Mapping[str, Any]) -> dict[str, Any]:
    """Give a new row as servers before 2025 did: no root uuid, more than one version key."""
    first = next((each.uid for each in form.versions if each.deployed_at), None)
    old = {key: value for key, value in row.items() if key != "meta/rootUuid"}
    return old | ({"_version_": first} if first else {})


def duplicated_row(
    row: Mapping[str, Any], *, identity: int, uuid: str, moment: datetime
) -> dict[str, Any]:
    """Give a copy of `row` as a new submission; `start` and `end` become the moment of copying."""
    now = moment.astimezone(UTC).isoformat(timespec="milliseconds")
    copy = {key: value for key, value in row.items() if key != "meta/deprecatedID"}
    return copy | {
        "_id": identity,
        **{key: now for key in ("start", "end") if key in row},
        "meta/instanceID": f"uuid:{uuid}",
        "_uuid": uuid,
        "meta/rootUuid": f"uuid:{uuid}",
        "_attachments": [
            file
            | {
                "uid": f"att{made_uuid(file['uid'], uuid).replace('-', '')[:22]}",
                "filename": _moved(str(file["filename"]), uuid),
            }
            for file in row["_attachments"]
            if not file.get("is_deleted")
        ],
        "_submission_time": moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S"),
        "_validation_status": {},
    }


def _moved(filename: str, folder: str) -> str:
    """Give the path of a file in the folder of another submission."""
    outside, _, name = filename.rpartition("/")
    return f"{outside.rpartition('/')[0]}/{folder}/{name}"


def flattened(row: Mapping[str, Any], removed: frozenset[str]) -> dict[str, Any]:
    """Give `row` as it is rebuilt when it is touched after the repeats `removed` left the form.

    Such a repeat with one row turns into flat keys; one with more rows stays a list.
    """
    rebuilt: dict[str, Any] = {}
    for key, value in row.items():
        if not isinstance(value, list) or not all(isinstance(part, dict) for part in value):
            rebuilt[key] = value
        elif key in removed and len(value) == 1:
            rebuilt |= flattened(value[0], removed)
        else:
            rebuilt[key] = [flattened(part, removed) for part in value]
    return rebuilt


def named_in(answers: Mapping[str, Any], filename: str) -> str | None:
    """Give the path of the answer that names a file, at any depth, or None."""
    for path, value in answers.items():
        if value == filename:
            return path
        for row in value if isinstance(value, list) else ():
            if isinstance(row, Mapping) and (found := named_in(row, filename)):
                return found
    return None


def _geolocation(form: PracticeForm, answers: Mapping[str, Any]) -> list[float | None]:
    """Give latitude and longitude of the first geopoint that is answered."""
    version = form.deployed
    for question in version.content.get("survey", ()) if version else ():
        if question.get("type") not in _PLACES:
            continue
        name = question.get("$xpath") or question.get("name") or question.get("$autoname")
        numbers = str(answers.get(name) or "").split()
        if len(numbers) >= 2:
            return [float(numbers[0]), float(numbers[1])]
    return [None, None]
