"""The life of findings from run to run, in the table `findings`.

Here: which rows of the table are new, changed, gone or seen again. Not here: what a finding says
(`findings`).

A finding is `open` while it is seen, `resolved` once it is not, and open again, with its first day
kept, when it comes back. `last_seen` and `snapshot_id` move when a new snapshot is validated; the
same snapshot validated again writes nothing.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, and_, bindparam, or_, select, update

from meal_pipeline.store import insert_rows, upsert
from meal_pipeline.store.tables.validate import findings as table
from meal_pipeline.store.times import utc_text
from meal_pipeline.validate.findings import Row

_SAID = ("severity", "message", "value", "enumerator")


@dataclass(frozen=True)
class Span:
    """The submissions of a form whose findings may have changed: `first` to `last` by `_id`."""

    form: str
    first: int
    last: int


def store_findings(
    connection: Connection,
    project: str,
    found: Iterable[Row],
    within: Sequence[Span] | None,
    *,
    snapshot_id: str,
    now: datetime,
) -> None:
    """Let `found` be the open findings of the project, seen in the read snapshot `snapshot_id`.

    New ones are added, those that came back or changed are overwritten, those not found any more
    are resolved. `last_seen` moves for those last seen in another snapshot.

    within: only findings of these submissions, of suites, and on whole forms are in `found`; all
    others are as they were. None where `found` are all findings of the project.
    """
    moment = utc_text(now)
    asked = select(
        table.c.finding_id,
        table.c.status,
        table.c.first_seen,
        *(table.c[one] for one in _SAID),
    ).where(table.c.project == project)
    if within is not None:
        asked = asked.where(_looked_at(within))
    there = {
        identity: (status, first_seen, said)
        for identity, status, first_seen, *said in connection.execute(asked)
    }
    new: list[Row] = []
    changed: list[Row] = []
    seen: set[str] = set()
    for one in found:
        identity = one["finding_id"]
        seen.add(identity)
        status, first_seen, said = there.get(identity, ("", moment, None))
        if status != "resolved" and said == [one[name] for name in _SAID]:
            continue
        row = {
            **one,
            "project": project,
            "snapshot_id": snapshot_id,
            "first_seen": first_seen,
            "last_seen": moment,
            "status": "open",
        }
        (changed if status else new).append(row)
    gone = [
        {"gone": identity}
        for identity, (status, _first_seen, _said) in there.items()
        if status != "resolved" and identity not in seen
    ]
    insert_rows(connection, table, new)
    upsert(connection, table, changed, ["finding_id"])
    if gone:
        connection.execute(
            update(table).where(table.c.finding_id == bindparam("gone")).values(status="resolved"),
            gone,
        )
    connection.execute(
        update(table)
        .where(
            table.c.project == project,
            table.c.status != "resolved",
            table.c.snapshot_id != snapshot_id,
        )
        .values(snapshot_id=snapshot_id, last_seen=moment)
    )


def _looked_at(within: Sequence[Span]) -> ColumnElement[bool]:
    return or_(
        table.c.submission_id.is_(None),
        table.c.rule.like("suite.%"),
        *(
            and_(table.c.form == one.form, table.c.submission_id.between(one.first, one.last))
            for one in within
        ),
    )
