"""Findings that a person accepts: the answer is okay as it is.

Here: accepting and reopening in the table `findings`. Not here: what becomes of them when rows
change (validate).

An accepted finding keeps no row out and is not shown as open; that holds until the row's body has
another hash.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, select, update

from meal_pipeline.errors import MealError
from meal_pipeline.locale import gettext as _
from meal_pipeline.store import Clock, Store
from meal_pipeline.store.row_hashes import row_hashes
from meal_pipeline.store.tables.validate import findings
from meal_pipeline.store.times import utc_text
from meal_pipeline.workspace.project import Project

SHORTEST_ID = 6
"""So many letters of a finding's id, at least, name it."""

_NOBODY = dict.fromkeys(("decided_by", "decided_at", "reason", "row_hash"))

Row = dict[str, Any]


class FindingsRefused(MealError):
    """Findings that cannot be accepted or reopened; nothing was changed."""


def accept_findings(
    store: Store, project: Project, ids: Sequence[str], *, by: str, reason: str, clock: Clock
) -> list[str]:
    """Accept open findings, all of these or none; give their ids.

    ids: whole, or their first letters. Raises FindingsRefused for one that is not there, is not
    open, or is on the whole form; and without a person or reason.
    """
    if not by.strip() or not reason.strip():
        raise FindingsRefused(
            _("A finding is accepted by a person, for a reason."),
            next_step=_("Give both: --as NAME --reason TEXT"),
        )
    with store.write() as connection:
        rows = [_named(connection, project, one, "open") for one in dict.fromkeys(ids)]
        for row in rows:
            said = _hash(connection, project, row)
            connection.execute(
                update(findings)
                .where(findings.c.finding_id == row["finding_id"])
                .values(
                    status="accepted",
                    decided_by=" ".join(by.split()),
                    decided_at=utc_text(clock()),
                    reason=reason.strip(),
                    row_hash=said,
                )
            )
    return [row["finding_id"] for row in rows]


def reopen_findings(store: Store, project: Project, ids: Sequence[str]) -> list[str]:
    """Let accepted findings be open again, all of these or none; give their ids.

    Raises FindingsRefused for one that is not there or not accepted.
    """
    with store.write() as connection:
        rows = [_named(connection, project, one, "accepted") for one in dict.fromkeys(ids)]
        for row in rows:
            connection.execute(
                update(findings)
                .where(findings.c.finding_id == row["finding_id"])
                .values(status="open", **_NOBODY)
            )
    return [row["finding_id"] for row in rows]


def accept_answer(connection: Connection, correction: Row) -> None:
    """Accept the open findings on the answer, or on the row, that a `no_action` is about."""
    connection.execute(
        update(findings)
        .where(*_on_answer(correction), findings.c.status == "open")
        .values(
            status="accepted",
            decided_by=correction["approved_by"],
            decided_at=correction["approved_at"],
            reason=correction["reason"],
            row_hash=correction["row_hash"],
        )
    )


def reopen_answer(connection: Connection, correction: Row) -> None:
    """Undo `accept_answer`."""
    connection.execute(
        update(findings)
        .where(
            *_on_answer(correction),
            findings.c.status == "accepted",
            findings.c.decided_at == correction["approved_at"],
        )
        .values(status="open", **_NOBODY)
    )


def _on_answer(correction: Row) -> list[Any]:
    table = findings.c
    about = [
        table.project == correction["project"],
        table.form == correction["form"],
        table.submission_id == correction["submission_id"],
    ]
    if correction["question"]:
        name = correction["question"].rpartition("/")[2]
        about += [
            table.position == correction["position"],
            table.question.in_([correction["question"], name]),
        ]
    return about


def _named(connection: Connection, project: Project, name: str, status: str) -> Row:
    """Give the one finding with an id that begins so. Raises FindingsRefused."""
    table = findings.c
    asked = select(findings).where(table.project == project.code)
    begins = table.finding_id.startswith(name, autoescape=True)
    found = (
        [dict(one) for one in connection.execute(asked.where(begins).limit(2)).mappings()]
        if len(name) >= SHORTEST_ID
        else []
    )
    if len(found) != 1:
        raise FindingsRefused(
            _("{id} names no finding, or several; nothing was changed.").format(id=name),
            next_step=f"meal findings {project.code}",
        )
    row = found[0]
    if row["status"] != status:
        raise FindingsRefused(
            _("Finding {id} is {status}, not {wanted}; nothing was changed.").format(
                id=name, status=row["status"], wanted=status
            ),
            next_step=f"meal findings {project.code} --status all",
        )
    return row


def _hash(connection: Connection, project: Project, row: Row) -> str:
    form, submission = project.forms.get(row["form"]), row["submission_id"]
    if form is None or submission is None:
        raise FindingsRefused(
            _("Finding {id} is about the whole form and cannot be accepted.").format(
                id=row["finding_id"][:10]
            ),
            next_step=_("Change what it says, or its severity in the project's file."),
        )
    said = row_hashes(connection, project.server, form.uid, [submission]).get(submission)
    if said is None:
        raise FindingsRefused(
            _("Row {row} is no longer on the server.").format(row=submission),
            next_step=f"meal run {project.code}",
        )
    return said
