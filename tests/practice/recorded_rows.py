"""Which submissions the recorded server's forms held at each moment."""

from collections.abc import Callable
from typing import Any

from .recordings import Recording


def rows_first(recording: Recording) -> list[dict[str, Any]]:
    """The 35 rows before anything was edited."""
    return recording.rows("03-submissions", 21)


def rows_edited(recording: Recording) -> list[dict[str, Any]]:
    """The 38 rows after bulk edits and duplicates."""
    return recording.rows("05-edits", 57)


def rows_until(time: str) -> Callable[[Recording], list[dict[str, Any]]]:
    """The rows that had come in before a second of the recording's day."""
    return lambda recording: [
        row for row in rows_first(recording) if row["_submission_time"][11:] < time
    ]


def rows_special(recording: Recording) -> list[dict[str, Any]]:
    """The 43 rows after five unusual ones came in."""
    return rows_edited(recording) + recording.rows("05-edits", 85)


def rows_special_edited(recording: Recording) -> list[dict[str, Any]]:
    """The same after row 1 was edited twice."""
    first = recording.row("05-edits", 99)
    # The first row was approved in between, which is seen at the end.
    first["_validation_status"] = rows_last(recording)[0]["_validation_status"]
    return [first if row["_id"] == 1 else row for row in rows_special(recording)]


def rows_last(recording: Recording) -> list[dict[str, Any]]:
    """The 39 rows at the end."""
    return recording.rows("03-submissions", 157)


def rows_ever(recording: Recording) -> list[dict[str, Any]]:
    """All rows before the user `editor` sent one, deleted ones included."""
    rows = {row["_id"]: row for row in rows_special(recording) + rows_last(recording)}
    return [row for row in rows.values() if row["_submitted_by"] != "editor"]


def rows_water(recording: Recording, *gone: int) -> list[dict[str, Any]]:
    """The 1180 rows of the second form: those recorded, and others like them in between.

    The ids that are missing from its run belong to rows of the household form, which are recorded.
    """
    known: dict[int, dict[str, Any]] = {}
    for number in (*range(4, 18), 30):
        known |= {row["_id"]: row for row in recording.rows("04-paging", number)}
    for number in (18, 20, 21, 23, 25, 26, 27):  # rows cut to a few fields: uuids are right
        for row in recording.rows("04-paging", number):
            known.setdefault(row["_id"], known[37] | row)
    elsewhere = {row["_id"] for row in rows_special(recording)}
    run = [identity for identity in range(37, 1225) if identity not in elsewhere]
    rows = []
    for identity in run:
        uuid = f"00000000-0000-4000-8000-{identity:012d}"
        made = {"_id": identity, "_uuid": uuid, "meta/rootUuid": f"uuid:{uuid}"}
        rows.append(known.get(identity) or known[37] | made)
    return [row for row in rows if row["_id"] not in gone]
