"""Corrections and their two signatures, in the table `corrections`.

Here: proposing, approving, refusing or taking back, listing. Not here: lines and files, and what an
approved correction does to rows (validate).

Who signs is a name; the same name in other letters is the same person.
"""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select, update

from meal_pipeline.correct.accepting import accept_answer, reopen_answer
from meal_pipeline.correct.checked_entries import ACTIVE, cell_key, checked, correction_id
from meal_pipeline.correct.entries import NO_ACTION, CorrectionsRefused, Entry, Fault, Row
from meal_pipeline.errors import MealError
from meal_pipeline.locale import gettext as _
from meal_pipeline.store import Clock, Store
from meal_pipeline.store.row_hashes import row_hashes
from meal_pipeline.store.rows import insert_rows
from meal_pipeline.store.tables.correct import corrections
from meal_pipeline.store.times import utc_text
from meal_pipeline.workspace.project import Project


class NothingToDo(MealError):
    """A file or command that asks for nothing that is not there already."""


class NoPerson(MealError):
    """Nobody signs."""


@dataclass(frozen=True)
class Proposed:
    """The ids of what was proposed now, and how many were there already."""

    ids: tuple[str, ...]
    known: int


def propose_corrections(
    store: Store, project: Project, entries: Sequence[Entry], *, by: str, clock: Clock
) -> Proposed:
    """Propose what the lines ask for, all of it or nothing.

    A line that says what an active correction says is there already. Raises CorrectionsRefused
    with every fault, NothingToDo where nothing new is asked for, NoPerson.
    """
    person, now = signer(by), utc_text(clock())
    rows, faults = checked(store, project, entries)
    if faults:
        raise CorrectionsRefused(faults)
    with store.write() as connection:
        before = _all(connection, project.code)
        active = {cell_key(one) for one in before if one["status"] in ACTIVE}
        ids = {one["correction_id"] for one in before}
        new = []
        for row in rows:
            if cell_key(row) in active:
                continue
            again = 0
            while (identity := correction_id(project.code, row, again)) in ids:
                again += 1
            ids.add(identity)
            new.append(
                {
                    **row,
                    "correction_id": identity,
                    "project": project.code,
                    "proposed_by": person,
                    "proposed_at": now,
                    "status": "proposed",
                    "single_person": False,
                }
            )
        if not new:
            raise NothingToDo(
                _("No line asks for anything that is not there already; nothing was done."),
                next_step=_("Fill in action, new value and reason of at least one line."),
            )
        insert_rows(connection, corrections, new)
    return Proposed(tuple(str(one["correction_id"]) for one in new), len(rows) - len(new))


def approve_corrections(
    store: Store, project: Project, ids: Sequence[str], *, by: str, clock: Clock
) -> list[Row]:
    """Sign corrections that another person proposed, all of them or none; give their rows.

    The next validation applies them. Raises CorrectionsRefused, naming each that is not proposed,
    was proposed by the same person, or whose row changed since.
    """
    person, now = signer(by), clock()
    alone = project.corrections.single_person
    with store.write() as connection:
        rows = _chosen(connection, project, ids, ("proposed",))
        faults = []
        for row in rows:
            same = _folded(row["proposed_by"]) == _folded(person)
            if same and not alone:
                faults.append(
                    Fault(
                        row["correction_id"],
                        "",
                        _("{person} proposed it and cannot approve it.").format(person=person),
                        _(
                            "Another person approves it. An office with one person declares"
                            " corrections.single_person in the project's file."
                        ),
                    )
                )
            elif not _unchanged(connection, project, row):
                faults.append(
                    Fault(
                        row["correction_id"],
                        "",
                        _("Its row changed on the server since."),
                        _("Reject it, and propose it on the row as it is now."),
                    )
                )
        if faults:
            raise CorrectionsRefused(faults)
        for row in rows:
            same = _folded(row["proposed_by"]) == _folded(person)
            _sign(connection, row, person, now, same=same)
    return rows


def reject_corrections(
    store: Store, project: Project, ids: Sequence[str], *, by: str, clock: Clock
) -> list[Row]:
    """Refuse corrections, or take back approved ones; the next validation is without them.

    Raises CorrectionsRefused for ids that are none, or are refused already.
    """
    person, now = signer(by), utc_text(clock())
    with store.write() as connection:
        rows = _chosen(connection, project, ids, (*ACTIVE, "reopened"))
        for row in rows:
            connection.execute(
                update(corrections)
                .where(corrections.c.correction_id == row["correction_id"])
                .values(status="rejected", rejected_by=person, rejected_at=now)
            )
            if row["kind"] == NO_ACTION and row["status"] == "applied":
                reopen_answer(connection, row)
    return rows


def list_corrections(store: Store, project: str, statuses: Sequence[str] = ()) -> list[Row]:
    """Give the corrections of a project, the newest first; all of them, or of these statuses."""
    with store.read() as connection:
        rows = _all(connection, project)
    return [one for one in rows if not statuses or one["status"] in statuses]


def signer(name: str) -> str:
    """Give a person's name as it is written down. Raises NoPerson for an empty one."""
    written = " ".join(name.split())
    if not written:
        raise NoPerson(
            _("Nobody signs."),
            next_step=_("Say who you are: --as NAME, or set MEAL_PERSON."),
        )
    return written


def _folded(name: str) -> str:
    return unicodedata.normalize("NFKC", signer(name)).casefold()


def _all(connection: Connection, project: str) -> list[Row]:
    table = corrections.c
    asked = (
        select(corrections)
        .where(table.project == project)
        .order_by(table.proposed_at.desc(), table.form, table.submission_id, table.correction_id)
    )
    return [dict(row) for row in connection.execute(asked).mappings()]


def _chosen(
    connection: Connection, project: Project, ids: Sequence[str], statuses: Sequence[str]
) -> list[Row]:
    """Give the corrections of these ids. Raises CorrectionsRefused, NothingToDo."""
    if not ids:
        raise NothingToDo(
            _("No correction is named."), next_step=f"meal corrections list {project.code}"
        )
    known = {one["correction_id"]: one for one in _all(connection, project.code)}
    faults = []
    for one in dict.fromkeys(ids):
        if one not in known:
            faults.append(Fault(one, "", _("There is no such correction.")))
        elif known[one]["status"] not in statuses:
            said = _("It is {status} already.").format(status=known[one]["status"])
            faults.append(Fault(one, "", said))
    if faults:
        raise CorrectionsRefused(faults, next_step=f"meal corrections list {project.code}")
    return [known[one] for one in dict.fromkeys(ids)]


def _unchanged(connection: Connection, project: Project, row: Row) -> bool:
    form = project.forms.get(row["form"])
    if form is None:
        return False
    said = row_hashes(connection, project.server, form.uid, [row["submission_id"]])
    return bool(said.get(row["submission_id"]) == row["row_hash"])


def _sign(connection: Connection, row: Row, person: str, now: datetime, *, same: bool) -> None:
    done = row["kind"] == NO_ACTION
    signed = {
        "status": "applied" if done else "approved",
        "approved_by": person,
        "approved_at": utc_text(now),
        "single_person": same,
    }
    connection.execute(
        update(corrections)
        .where(corrections.c.correction_id == row["correction_id"])
        .values(**signed)
    )
    row |= signed
    if done:
        accept_answer(connection, row)
