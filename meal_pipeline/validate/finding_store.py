"""The life of findings from run to run, in the table `findings`.

Here: which rows of the table are new, changed, gone or seen again. Not here: what a finding says
(`findings`).

A finding is `open` while it is seen, or `accepted` once a person said that it is okay; that holds
for as long as the row's body does. It is gone once it is not seen: `corrected` where a correction
changed or removed its row, `withdrawn` where its row is no longer there, else `resolved`. It is
open again, with its first day kept, when it comes back. `last_seen` and `snapshot_id` move when a
new snapshot is validated; the same snapshot validated again writes nothing.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, and_, bindparam, or_, select, update

from meal_pipeline.store import insert_rows, upsert
from meal_pipeline.store.tables.validate import findings as table
from meal_pipeline.store.times import utc_text
from meal_pipeline.validate.decisions import LIVE
from meal_pipeline.validate.findings import Row

_SAID = ("severity", "message", "value", "enumerator", "team", "place")
_DECIDED = ("decided_by", "decided_at", "reason", "row_hash")


@dataclass(frozen=True)
class Life:
    """What tells how findings stand, beside being seen.

    `accepted` are the ids that count as accepted while they are seen; `corrected` the submissions
    (form, `_id`) that a correction changes; `ids` those that are there, by form.
    """

    accepted: frozenset[str] = frozenset()
    corrected: frozenset[tuple[str, int]] = frozenset()
    ids: Mapping[str, frozenset[int]] = field(default_factory=dict)

    def gone(self, form: str, submission_id: int | None) -> str:
        """Give the status of a finding that is no longer seen."""
        if submission_id is None:
            return "resolved"
        if (form, submission_id) in self.corrected:
            return "corrected"
        there = self.ids.get(form)
        return "withdrawn" if there is not None and submission_id not in there else "resolved"


_NOTHING_DECIDED = Life()


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
    life: Life = _NOTHING_DECIDED,
) -> None:
    """Let `found` be the open findings of the project, seen in the read snapshot `snapshot_id`.

    New ones are added, those that came back or changed are overwritten, those not found any more
    are gone, each by the reason that `life` tells. `last_seen` moves for those last seen in another
    snapshot.

    within: only findings of these submissions, of suites, of fieldwork, and on whole forms are in
    `found`; all others are as they were. None where `found` are all findings of the project.
    """
    moment = utc_text(now)
    asked = select(
        table.c.finding_id,
        table.c.status,
        table.c.first_seen,
        table.c.form,
        table.c.submission_id,
        *(table.c[one] for one in (*_DECIDED, *_SAID)),
    ).where(table.c.project == project)
    if within is not None:
        asked = asked.where(_looked_at(within))
    there = {
        row.finding_id: (row.status, row, list(row[len(row) - len(_SAID) :]))
        for row in connection.execute(asked)
    }
    new: list[Row] = []
    changed: list[Row] = []
    seen: set[str] = set()
    for one in found:
        identity = one["finding_id"]
        seen.add(identity)
        status, before, said = there.get(identity, ("", None, None))
        stands = "accepted" if identity in life.accepted else "open"
        if status == stands and said == [one[name] for name in _SAID]:
            continue
        row = {
            **one,
            "project": project,
            "snapshot_id": snapshot_id,
            "first_seen": before.first_seen if before else moment,
            "last_seen": moment,
            "status": stands,
            **{name: getattr(before, name) if stands == "accepted" else None for name in _DECIDED},
        }
        (changed if status else new).append(row)
    gone = [
        {"gone": identity, "why": life.gone(row.form, row.submission_id)}
        for identity, (status, row, _said) in there.items()
        if status in LIVE and identity not in seen
    ]
    insert_rows(connection, table, new)
    upsert(connection, table, changed, ["finding_id"])
    if gone:
        connection.execute(
            update(table)
            .where(table.c.finding_id == bindparam("gone"))
            .values(status=bindparam("why")),
            gone,
        )
    connection.execute(
        update(table)
        .where(
            table.c.project == project,
            table.c.status.in_(LIVE),
            table.c.snapshot_id != snapshot_id,
        )
        .values(snapshot_id=snapshot_id, last_seen=moment)
    )


def _looked_at(within: Sequence[Span]) -> ColumnElement[bool]:
    return or_(
        table.c.submission_id.is_(None),
        table.c.rule.like("suite.%"),
        table.c.rule.like("fieldwork.%"),
        *(
            and_(table.c.form == one.form, table.c.submission_id.between(one.first, one.last))
            for one in within
        ),
    )
