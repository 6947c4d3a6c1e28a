"""What persons decided of a project's rows: corrections with both signatures, accepted findings.

Here: which decisions hold now, and writing back what became of them. Not here: making decisions
(`correct`) and changing rows by them (`overlay`).

A decision speaks of a row as it was. When the row's body has another hash since, a correction is
`reopened` and not applied, and an accepted finding is open again where it is still seen.
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import orjson
from sqlalchemy import Connection, select, update

from meal_pipeline.store import Store
from meal_pipeline.store.row_hashes import row_hashes
from meal_pipeline.store.tables.correct import corrections
from meal_pipeline.store.tables.validate import findings
from meal_pipeline.workspace.project import Project

SIGNED = ("approved", "applied")
LIVE = ("open", "accepted")
"""The statuses of findings that are seen now."""

_IN_EFFECT = ("change_response", "blank_response", "remove_survey")
_PORTION = 500


@dataclass(frozen=True)
class Correction:
    """A signed correction whose row says what it said when it was proposed."""

    correction_id: str
    form: str
    submission_id: int
    position: str
    question: str
    kind: str
    new_value: str | None


@dataclass(frozen=True)
class Decisions:
    """What holds: signed corrections in a lasting order, and findings that are accepted.

    `accepted` are all finding ids that count as accepted while they are seen; `keeping` those of
    them that would keep a row out.
    """

    corrections: tuple[Correction, ...] = ()
    accepted: frozenset[str] = frozenset()
    keeping: frozenset[str] = frozenset()

    @property
    def parents(self) -> dict[str, str]:
        """What a validated snapshot was made of beside rows and checks; empty without decisions."""
        made_of = {}
        if self.corrections:
            made_of["corrections"] = self.corrections_hash
        if self.keeping:
            made_of["accepted"] = _digest(sorted(self.keeping))
        return made_of

    @property
    def corrections_hash(self) -> str:
        """The SHA-256 (64 hex digits) of the corrections that are applied."""
        return _digest([list(vars(one).values()) for one in self.corrections])

    @property
    def corrected(self) -> frozenset[tuple[str, int]]:
        """The submissions (form, `_id`) that a correction changes or removes."""
        return frozenset((one.form, one.submission_id) for one in self.corrections)


def decisions_of(store: Store, project: Project, *, settle: bool) -> Decisions:
    """Give what holds for a project now.

    settle: write down which corrections are reopened and which findings are open again, since
    their row changed; not for a rerun of older rows.
    """
    with store.read() as connection:
        signed = _signed(connection, project)
        accepted = _accepted(connection, project)
        said = _hashes(connection, project, [*signed, *accepted])
    held = [one for one in signed if _holds(one, said)]
    changed = [one["correction_id"] for one in signed if not _holds(one, said)]
    reopened = [one["finding_id"] for one in accepted if not _holds(one, said)]
    if settle and (changed or reopened):
        with store.write() as connection:
            _settle(connection, changed, reopened)
    keep = {one["finding_id"]: one["severity"] for one in accepted if _holds(one, said)}
    return Decisions(
        tuple(
            Correction(*(one[name] for name in Correction.__dataclass_fields__))
            for one in held
            if one["kind"] in _IN_EFFECT
        ),
        frozenset(keep),
        frozenset(one for one, severity in keep.items() if severity == "critical"),
    )


def note_applied(
    connection: Connection, decisions: Decisions, left_out: Iterable[str], snapshot_id: str
) -> None:
    """Write down that corrections are applied, and in which validated snapshot first.

    left_out: the ids of those that could not be applied; they wait as approved.
    """
    skipped = set(left_out)
    ids = [one.correction_id for one in decisions.corrections if one.correction_id not in skipped]
    for one in skipped:
        connection.execute(
            update(corrections)
            .where(corrections.c.correction_id == one, corrections.c.status == "applied")
            .values(status="approved")
        )
    for first in range(0, len(ids), _PORTION):
        some = corrections.c.correction_id.in_(ids[first : first + _PORTION])
        connection.execute(
            update(corrections)
            .where(some, corrections.c.status == "approved")
            .values(status="applied")
        )
        connection.execute(
            update(corrections)
            .where(some, corrections.c.snapshot_id.is_(None))
            .values(snapshot_id=snapshot_id)
        )


def _signed(connection: Connection, project: Project) -> list[dict[str, Any]]:
    table = corrections.c
    asked = (
        select(corrections)
        .where(table.project == project.code, table.status.in_(SIGNED))
        .where(table.form.in_(list(project.forms)))
        .order_by(table.form, table.submission_id, table.correction_id)
    )
    if not project.corrections.single_person:
        asked = asked.where(~table.single_person)
    return [dict(row) for row in connection.execute(asked).mappings()]


def _accepted(connection: Connection, project: Project) -> list[dict[str, Any]]:
    table = findings.c
    asked = select(
        table.finding_id, table.form, table.submission_id, table.row_hash, table.severity
    ).where(
        table.project == project.code,
        table.row_hash.is_not(None),
        table.form.in_(list(project.forms)),
    )
    return [dict(row) for row in connection.execute(asked).mappings()]


def _hashes(
    connection: Connection, project: Project, decided: Iterable[Mapping[str, Any]]
) -> dict[tuple[str, int], str]:
    ids: dict[str, set[int]] = {}
    for one in decided:
        ids.setdefault(one["form"], set()).add(one["submission_id"])
    return {
        (form, submission_id): said
        for form, some in ids.items()
        for submission_id, said in row_hashes(
            connection, project.server, project.forms[form].uid, some
        ).items()
    }


def _holds(one: Mapping[str, Any], said: Mapping[tuple[str, int], str]) -> bool:
    return bool(said.get((one["form"], one["submission_id"])) == one["row_hash"])


def _settle(connection: Connection, changed: list[str], reopened: list[str]) -> None:
    for first in range(0, len(changed), _PORTION):
        connection.execute(
            update(corrections)
            .where(
                corrections.c.correction_id.in_(changed[first : first + _PORTION]),
                corrections.c.status.in_(SIGNED),
            )
            .values(status="reopened")
        )
    nobody = dict.fromkeys(("decided_by", "decided_at", "reason", "row_hash"))
    for first in range(0, len(reopened), _PORTION):
        some = findings.c.finding_id.in_(reopened[first : first + _PORTION])
        connection.execute(
            update(findings).where(some, findings.c.status == "accepted").values(status="open")
        )
        connection.execute(update(findings).where(some).values(**nobody))


def _digest(value: Any) -> str:
    return hashlib.sha256(orjson.dumps(value)).hexdigest()
