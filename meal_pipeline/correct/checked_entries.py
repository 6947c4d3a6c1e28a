"""Lines held against the rows that are held: which row, which question, which answer.

Here: from lines to rows of the table `corrections`, or faults. Not here: files and signatures.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import Any

import pandas as pd
from sqlalchemy import Connection, select

from meal_pipeline.correct.entries import BLANK, CHANGE, KINDS, NO_ACTION, REMOVE, Entry, Fault, Row
from meal_pipeline.errors import MealError
from meal_pipeline.forms import Column, FormUnion
from meal_pipeline.locale import gettext as _
from meal_pipeline.rows.corrected_answer import (
    canonical_name,
    correctable,
    held_text,
    same_cells,
    typed_cells,
)
from meal_pipeline.rows.loading import forms_of
from meal_pipeline.rows.numbers import plain_digits
from meal_pipeline.store import Snapshot, Store
from meal_pipeline.store.row_hashes import ids_of_uuids, row_hashes
from meal_pipeline.store.tables.correct import corrections
from meal_pipeline.workspace.project import Project

ACTIVE = ("proposed", "approved", "applied")
_UNREADABLE = "read.unreadable"


class NothingRead(MealError):
    """The project's submissions were not read yet."""


class Refused(Exception):
    """One line cannot be taken; the fault says why."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(str(fault))
        self.fault = fault


def fault(entry: Entry, field: str, sentence: str, fix: str = "") -> Refused:
    """Give the error of one line, in the column that holds this field."""
    return Refused(Fault(entry.where, entry.columns.get(field, field), sentence, fix))


class HeldForm:
    """The rows of a form as they were read, column by column."""

    def __init__(self, read: Snapshot, project: Project, code: str, union: FormUnion) -> None:
        self.read, self.form, self.code, self.union = read, project.forms[code], code, union
        names = [name for name in read.frames if name == code or name.startswith(f"{code}/")]
        self.columns = {
            name.removeprefix(code).removeprefix("/"): read.columns(name) for name in names
        }
        self._held: dict[tuple[str, str], pd.Series] = {}

    def values(self, repeat: str, column: str) -> pd.Series:
        """Give one column of the form's rows ("") or of a repeat."""
        name = f"{self.code}/{repeat}" if repeat else self.code
        if (repeat, column) not in self._held:
            self._held[repeat, column] = self.read.frame(name, [column])[column]
        return self._held[repeat, column]

    @cached_property
    def places(self) -> Mapping[tuple[str, int, str], int]:
        """The row of each submission ("", _id, "") and of each row of a repeat, in its frame."""
        found = {}
        for repeat in self.columns:
            ids = self.values(repeat, "_id").tolist()
            positions = self.values(repeat, "_position").tolist() if repeat else [""] * len(ids)
            found.update(
                {(repeat, *key): at for at, key in enumerate(zip(ids, positions, strict=True))}
            )
        return found

    def cells(self, column: Column, at: int) -> dict[str, Any]:
        """Give what a row's frame holds of a question."""
        repeat = column.repeat or ""
        names = [
            one
            for one in self.columns[repeat]
            if one == column.name or one.startswith(f"{column.name}/")
        ]
        return {one: self.values(repeat, one).iloc[at] for one in names}

    @cached_property
    def unreadable(self) -> Mapping[tuple[int, str, str, str], str | None]:
        """Answers that could not be read, as sent, by `_id`, frame, position and question."""
        said = self.read.frame(f"{self.code}:verdicts")
        said = said[(said["rule"] == _UNREADABLE) & said["_id"].notna()]
        names = ("frame", "position", "question")
        keys = zip(said["_id"].tolist(), *(said[name] for name in names), strict=True)
        return dict(zip(keys, said["value"], strict=True))


def checked(
    store: Store, project: Project, entries: Sequence[Entry]
) -> tuple[list[Row], list[Fault]]:
    """Give a row of the table for each line that asks for something, and the faults of others.

    Lines that ask for the same are one row. The rows lack signatures, status and id.
    """
    read = store.snapshots.latest(project.code, "read")
    if read is None:
        raise NothingRead(
            _("The submissions of project {project} were not read yet.").format(
                project=project.code
            ),
            next_step=f"meal run {project.code}",
        )
    forms = {
        code: HeldForm(read, project, code, union)
        for code, union in forms_of(store, project).items()
        if code in read.frames
    }
    faults: list[Fault] = []
    found: list[tuple[Entry, Row]] = []
    with store.read() as connection:
        rows = _rows_named(connection, project, entries)
        for entry in entries:
            try:
                found.append((entry, _row(entry, forms, rows)))
            except Refused as refused:
                faults.append(refused.fault)
        hashes = _hashes(connection, project, found)
        standing = _standing(connection, project)
    said: dict[tuple[Any, ...], tuple[Entry, Row]] = {}
    for entry, row in found:
        try:
            _hash(entry, row, hashes)
            _no_contradiction(entry, row, said, standing)
        except Refused as refused:
            faults.append(refused.fault)
    return [row for _entry, row in said.values()], faults


def cell_key(row: Mapping[str, Any]) -> tuple[Any, ...]:
    """Give what a correction is about: form, submission, position, question."""
    return row["form"], row["submission_id"], row["position"], row["question"]


def correction_id(project: str, row: Mapping[str, Any], again: int) -> str:
    """Give the short name of a correction; `again` counts earlier ones that say the same."""
    said = [
        project,
        *map(str, cell_key(row)),
        row["kind"],
        row["new_value"] or "",
        row["row_hash"],
        str(again),
    ]
    return "C-" + hashlib.blake2b("\x1f".join(said).encode(), digest_size=5).hexdigest()


def _rows_named(
    connection: Connection, project: Project, entries: Iterable[Entry]
) -> dict[str, set[tuple[str, int]]]:
    """Give the submissions (form, `_id`) that each name of a row may mean."""
    names = {_name(one.submission) for one in entries}
    uuids = {one for one in names if not one.isdecimal()}
    found: dict[str, set[tuple[str, int]]] = {}
    for code, form in project.forms.items():
        for uuid, ids in ids_of_uuids(connection, project.server, form.uid, uuids).items():
            found.setdefault(uuid, set()).update((code, one) for one in ids)
    return found


def _name(submission: str) -> str:
    return plain_digits(submission).removeprefix("uuid:")


def _row(
    entry: Entry, forms: Mapping[str, HeldForm], uuids: Mapping[str, set[tuple[str, int]]]
) -> Row:
    code, submission_id = _submission(entry, forms, uuids)
    held = forms[code]
    kind = entry.kind or (CHANGE if entry.new_value is not None else "")
    if kind not in KINDS:
        raise fault(
            entry,
            "action",
            _("“{action}” is no action.").format(action=kind)
            if kind
            else _("The line asks for nothing."),
            _("Choose one of: {actions}").format(actions=", ".join(KINDS)),
        )
    row: Row = {
        "form": code,
        "submission_id": submission_id,
        "position": "",
        "question": "",
        "kind": kind,
        "old_value": None,
        "new_value": None,
        "issue": entry.issue or None,
        "reason": entry.reason.strip(),
        "source": entry.where,
    }
    if not row["reason"]:
        raise fault(
            entry,
            "reason",
            _("There is no reason."),
            _("Say how it is known: a call-back, a photo, the supervisor's note."),
        )
    if kind == REMOVE:
        return row
    return row | _about_answer(entry, held, submission_id, kind)


def _submission(
    entry: Entry, forms: Mapping[str, HeldForm], uuids: Mapping[str, set[tuple[str, int]]]
) -> tuple[str, int]:
    name = _name(entry.submission)
    if entry.form and entry.form not in forms:
        raise fault(
            entry,
            "form",
            _("There is no form {form}.").format(form=entry.form),
            _("Write one of: {codes}").format(codes=", ".join(forms)),
        )
    among = [entry.form] if entry.form else list(forms)
    if name.isdecimal():
        number = int(name)
        means = [(code, number) for code in among]
    else:
        means = sorted(one for one in uuids.get(name, ()) if one[0] in among)
    there = [one for one in means if ("", one[1], "") in forms[one[0]].places]
    if not there:
        raise fault(
            entry,
            "row",
            _("There is no row {row}.").format(row=name or "?"),
            _("Write the row's _id or _uuid as meal findings or KoboToolbox shows it."),
        )
    if len(there) > 1:
        raise fault(
            entry,
            "row",
            _("{row} names several rows: {rows}.").format(
                row=name, rows=", ".join(f"{code} {one}" for code, one in there)
            ),
            _("Name the form, and the row by its _id."),
        )
    return there[0]


def _about_answer(entry: Entry, held: HeldForm, submission_id: int, kind: str) -> Row:
    if not entry.question:
        if kind == NO_ACTION:
            return {}
        raise fault(entry, "question", _("There is no question."), _("Write the question's name."))
    column = _told(
        entry, "question", lambda: correctable(held.union, held.form, entry.question, held.columns)
    )
    repeat = column.repeat or ""
    position = plain_digits(entry.position)
    at = held.places.get((repeat, submission_id, position if repeat else ""))
    if at is None or (position and not repeat):
        raise fault(
            entry,
            "position",
            _("“{question}” has no answer at place {position} of that row.").format(
                question=column.name, position=position or "—"
            ),
            _("Write which row of the repeat is meant: 1 for the first, 2/1 inside a second.")
            if repeat
            else _("Leave the place empty: the question is in no repeat."),
        )
    cells = held.cells(column, at)
    frame = f"{held.code}/{repeat}" if repeat else held.code
    unread = (submission_id, frame, position if repeat else "", column.name)
    old = held_text(column, cells)
    if old is None:
        old = held.unreadable.get(unread)
    new = _new_answer(entry, held, column, cells, kind, was_sent=unread in held.unreadable)
    _same_old_answer(entry, held, column, cells, old)
    return {
        "position": position if repeat else "",
        "question": canonical_name(held.union, column),
        "old_value": old,
        "new_value": new,
    }


def _new_answer(
    entry: Entry, held: HeldForm, column: Column, cells: Row, kind: str, *, was_sent: bool
) -> str | None:
    new = entry.new_value
    if kind == CHANGE and new is None:
        raise fault(
            entry,
            "new_value",
            _("There is no new answer."),
            _("Write it, or choose {action} to take the answer away.").format(action=BLANK),
        )
    typed = _told(
        entry,
        "new_value",
        lambda: typed_cells(held.union, held.form, column, new, held.columns[column.repeat or ""]),
    )
    same = same_cells(typed, cells)
    if kind == CHANGE and same and not was_sent:
        raise fault(
            entry,
            "new_value",
            _("The new answer is the one that is there; the line does nothing."),
            _("Write another answer, or choose {action}.").format(action=NO_ACTION),
        )
    if kind == BLANK and new is not None:
        raise fault(
            entry,
            "new_value",
            _("The action takes the answer away, but a new one is given."),
            _("Leave the new answer empty, or choose {action}.").format(action=CHANGE),
        )
    if kind == BLANK and same and not was_sent:
        raise fault(
            entry,
            "action",
            _("There is no answer to take away; the line does nothing."),
            _("Leave the line out."),
        )
    if kind == NO_ACTION and new is not None and not same:
        raise fault(
            entry,
            "action",
            _("The action leaves the answer, but another one is given."),
            _("Leave the new answer empty, or choose {action}.").format(action=CHANGE),
        )
    return new.strip() if kind == CHANGE and new is not None else None


def _same_old_answer(
    entry: Entry, held: HeldForm, column: Column, cells: Row, old: str | None
) -> None:
    said = entry.old_value
    if said is None or said.strip() == (old or "").strip():
        return
    try:
        typed = typed_cells(held.union, held.form, column, said, held.columns[column.repeat or ""])
    except MealError:
        typed = {"": None}
    if "" in typed or not same_cells(typed, cells):
        raise fault(
            entry,
            "old_value",
            _("The row has another answer: {answer}.").format(
                answer=_("none") if old is None else f"“{old}”"
            ),
            _("The row changed since, or the sheet was sorted by one column only: make a new one."),
        )


def _told(entry: Entry, field: str, action: Any) -> Any:
    """Give what `action` gives; its error is a fault of this field."""
    try:
        return action()
    except MealError as error:
        raise fault(entry, field, str(error), error.next_step or "") from error


def _hashes(
    connection: Connection, project: Project, found: Iterable[tuple[Entry, Row]]
) -> dict[tuple[str, int], str]:
    ids: dict[str, set[int]] = {}
    for _entry, row in found:
        ids.setdefault(row["form"], set()).add(row["submission_id"])
    return {
        (code, one): said
        for code, some in ids.items()
        for one, said in row_hashes(
            connection, project.server, project.forms[code].uid, some
        ).items()
    }


def _hash(entry: Entry, row: Row, hashes: Mapping[tuple[str, int], str]) -> None:
    now = hashes.get((row["form"], row["submission_id"]))
    if now is None or (entry.row_hash and entry.row_hash != now):
        raise fault(
            entry,
            "row",
            _("Row {row} changed on the server since the sheet was made.").format(
                row=row["submission_id"]
            ),
            _("Make a new sheet: meal corrections out"),
        )
    row["row_hash"] = now


def _standing(connection: Connection, project: Project) -> list[Row]:
    asked = select(corrections).where(
        corrections.c.project == project.code, corrections.c.status.in_(ACTIVE)
    )
    return [dict(row) for row in connection.execute(asked).mappings()]


def _no_contradiction(
    entry: Entry,
    row: Row,
    said: dict[tuple[Any, ...], tuple[Entry, Row]],
    standing: Sequence[Row],
) -> None:
    for where, other in (
        *((first.where, before) for first, before in said.values()),
        *((one["correction_id"], one) for one in standing),
    ):
        if _contradict(row, other):
            raise fault(
                entry,
                "action",
                _("It contradicts {other}, which is about the same answer or row.").format(
                    other=where
                ),
                _("Keep one of the two; one that was taken before: meal corrections reject"),
            )
    said.setdefault(cell_key(row), (entry, row))


def _contradict(one: Row, other: Row) -> bool:
    if (one["form"], one["submission_id"]) != (other["form"], other["submission_id"]):
        return False
    if REMOVE in (one["kind"], other["kind"]):
        return bool(one["kind"] != other["kind"])
    if cell_key(one) != cell_key(other):
        return False
    return (one["kind"], one["new_value"]) != (other["kind"], other["new_value"])
