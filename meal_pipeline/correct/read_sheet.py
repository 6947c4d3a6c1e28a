"""The sheet of corrections as it comes back, and cleaning logs of other offices, as lines.

Here: which sheet and columns of a file are meant, what a cell says, and faults of the file itself.
Not here: rows and questions (`checked_entries`), and the sheet that goes out (`write_sheet`).

Cleaning logs have the column names of IMPACT's R packages (`uuid`, `question` or `question.name`,
`issue`, `feedback`, `changed`, `change_type`, `old.value`, `new.value`) or of IPA's (`variable`,
`newvalue`, `action`); a dot, blank or dash counts as `_`. Read are .xlsx, .xls and .csv, with
comma, semicolon or tab, in UTF-8, Windows-1256 or Windows-1252. A formula gives what Excel had
computed of it.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, time
from pathlib import Path

from meal_pipeline.correct.entries import (
    BLANK,
    CHANGE,
    NO_ACTION,
    REMOVE,
    CorrectionsRefused,
    Entry,
    Fault,
)
from meal_pipeline.correct.sheet_words import SHEET, TECHNICAL, key_check, project_mark
from meal_pipeline.errors import MealError
from meal_pipeline.exports.delimited import open_delimited
from meal_pipeline.exports.workbook import Cell, Formula, open_workbook
from meal_pipeline.locale import gettext as _

_ALIASES: Mapping[str, str] = {
    alias: field
    for field, aliases in {
        "form": ("form",),
        "row": ("row", "id", "_id", "submission_id", "uuid", "_uuid", "x_uuid", "instance_id"),
        "position": ("position", "loop_index", "repeat_index"),
        "question": ("question", "question_name", "variable", "name"),
        "issue": ("issue", "issue_type", "issue_desc", "check", "check_binding"),
        "reason": ("reason", "feedback", "comment", "comments", "explanation", "justification"),
        "changed": ("changed",),
        "action": ("action", "change_type", "kind"),
        "old_value": ("old_value", "oldvalue", "value", "old"),
        "new_value": ("new_value", "newvalue", "new"),
    }.items()
    for alias in aliases
}
_ACTIONS: Mapping[str, str] = {
    **dict.fromkeys(
        ("change_response", "change", "replace", "changed", "yes", "true", "1"), CHANGE
    ),
    **dict.fromkeys(("blank_response", "blank", "na"), BLANK),
    **dict.fromkeys(("remove_survey", "remove", "delete", "deletion"), REMOVE),
    **dict.fromkeys(("no_action", "none", "okay", "ok", "no", "false", "0"), NO_ACTION),
}
_FORMULA = re.compile(r"[=@\t\r]|[+-](?![\d\s.,٫٬()-]*$)")
_NO_ANSWER = ("NA", "N/A", "#N/A")
_DEEPEST_HEADING = 20


class NoCorrections(MealError):
    """A file in which no sheet has the columns of corrections."""


def read_entries(path: Path, *, project: str) -> list[Entry]:
    """Give the lines of a file that ask for something; blank lines are left out.

    project: the code of the project, whose own sheets name it. Raises UnreadableFile of
    `exports`, NoCorrections, and CorrectionsRefused for formulas, merged cells, and lines of our
    own sheet whose keys do not belong together.
    """
    if not path.is_file():
        raise NoCorrections(
            _("There is no file {file}.").format(file=path), next_step="meal corrections out"
        )
    if path.suffix.lower() in (".csv", ".tsv", ".txt"):
        tables = [("", list(open_delimited(path).rows()))]
        merged: dict[str, list[str]] = {}
    else:
        book = open_workbook(path)
        tables = [(sheet.name, list(sheet.rows())) for sheet in book.sheets]
        merged = _merged(path)
    tables.sort(key=lambda table: table[0] != SHEET)
    for name, rows in tables:
        found = _heading(rows)
        if found is not None:
            place = f"{path.name}, {name}" if name else path.name
            table = _Table(place, rows, *found)
            entries, faults = table.entries(project)
            faults = [
                *(
                    Fault(
                        place,
                        cells,
                        _("Cells are merged."),
                        _("Unmerge them, and fill in each row."),
                    )
                    for cells in merged.get(name, [])
                ),
                *faults,
            ]
            if faults:
                raise CorrectionsRefused(faults)
            return entries
    raise NoCorrections(
        _("{file} has no sheet with the columns of corrections.").format(file=path.name),
        next_step=_("It needs at least: uuid (or row), question, new_value, reason."),
    )


def _merged(path: Path) -> dict[str, list[str]]:
    """Give the merged cells of each sheet of a workbook, such as `B3:B5`."""
    if path.suffix.lower() == ".xls":
        return {}
    import warnings

    from openpyxl import load_workbook

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        book = load_workbook(path)
    return {
        sheet.title: [str(cells) for cells in sheet.merged_cells.ranges]
        for sheet in book.worksheets
    }


def _heading(rows: Sequence[Sequence[Cell]]) -> tuple[int, dict[str, int]] | None:
    """Give the number of the row of headings, and the column of each field."""
    for number, row in enumerate(rows[:_DEEPEST_HEADING]):
        names = [_plain(cell) for cell in row]
        if "row_hash" in names and "check" in names:
            return number, {name: at for at, name in enumerate(names) if name}
        columns: dict[str, int] = {}
        for at, name in enumerate(names):
            if name in _ALIASES:
                columns.setdefault(_ALIASES[name], at)
        if "row" in columns and ({"new_value", "action", "changed"} & columns.keys()):
            for at, name in enumerate(names):  # a uuid names a row better than a running number
                if name in ("uuid", "_uuid", "x_uuid"):
                    columns["row"] = at
            return number, columns
    return None


def _plain(cell: Cell) -> str:
    return re.sub(r"[\s.\-]+", "_", str(cell or "").strip().casefold())


class _Table:
    """One sheet whose headings are known."""

    def __init__(
        self, place: str, rows: Sequence[Sequence[Cell]], heading: int, columns: Mapping[str, int]
    ) -> None:
        self.place, self.rows, self.heading, self.columns = place, rows, heading, columns
        self.own = "check" in columns
        shown = rows[heading + 1] if self.own and len(rows) > heading + 1 else rows[heading]
        self.names = {
            field: str(shown[at]).strip()
            for field, at in columns.items()
            if at < len(shown) and shown[at] is not None
        }

    def entries(self, project: str) -> tuple[list[Entry], list[Fault]]:
        """Give the lines and the faults of the sheet itself."""
        entries: list[Entry] = []
        faults: list[Fault] = []
        if self.own and self._of_another(project):
            other = _("The sheet was made for another project.")
            return [], [Fault(self.place, "", other, _("Make one: meal corrections out"))]
        first = self.heading + (2 if self.own else 1)
        for number, row in enumerate(self.rows[first:], start=first + 1):
            where = _("{file}, row {row}").format(file=self.place, row=number)
            said = {field: self._text(row, field) for field in self.columns}
            faults += list(self._formulas(row, where))
            if self.own and said.get("check") and not self._belongs(said):
                faults.append(
                    Fault(
                        where,
                        self.names.get("row", "row"),
                        _(
                            "Its cells do not belong together: a key was changed, or the sheet was"
                            " sorted by one column only."
                        ),
                        _("Sort whole rows, or make a new sheet: meal corrections out"),
                    )
                )
            elif self._asks(said):
                entries.append(self._entry(said, where))
        return entries, faults

    def _of_another(self, project: str) -> bool:
        marks = self.rows[0]
        at = self.columns["check"] + 1
        return at < len(marks) and marks[at] not in (None, project_mark(project))

    def _belongs(self, said: Mapping[str, str]) -> bool:
        return key_check([said.get(field, "") for field in TECHNICAL]) == said["check"]

    def _asks(self, said: Mapping[str, str]) -> bool:
        asking = ("action", "new_value", "reason") if self.own else ("row", "question", "new_value")
        return any(said.get(field) for field in asking)

    def _entry(self, said: Mapping[str, str], where: str) -> Entry:
        new = said.get("new_value") or None
        old = said.get("old_value") or None
        kind = self._kind(said, new)
        if not self.own and new in _NO_ANSWER:
            new = None
        if not self.own and kind == NO_ACTION and new == old:
            new = None
        return Entry(
            where,
            submission=said.get("row", "") or said.get("uuid", ""),
            question="" if kind == REMOVE else said.get("question", ""),
            position=said.get("position", ""),
            kind=kind,
            old_value=None if not self.own and old in _NO_ANSWER else old,
            new_value=new,
            reason=said.get("reason") or ("" if self.own else said.get("issue", "")),
            issue=said.get("issue", ""),
            form=said.get("form", ""),
            row_hash=said.get("row_hash", ""),
            columns=self.names,
        )

    def _kind(self, said: Mapping[str, str], new: str | None) -> str:
        """Give the action of a line: what `action` says, else `changed`, else the new value."""
        for field in ("action", "changed"):
            word = _plain(said.get(field, ""))
            if word:
                kind = _ACTIONS.get(word, word)
                if kind == CHANGE and field == "changed" and new in (None, *_NO_ANSWER):
                    return BLANK
                return kind
        return ""

    def _formulas(self, row: Sequence[Cell], where: str) -> Iterator[Fault]:
        for field, at in self.columns.items():
            cell = row[at] if at < len(row) else None
            if not isinstance(cell, str):
                continue
            if isinstance(cell, Formula):
                yield Fault(
                    where,
                    self.names.get(field, field),
                    _("The formula has no computed value."),
                    _("Copy the cell and paste it as a value, then save."),
                )
            elif field in ("new_value", "reason", "row", "question") and _FORMULA.match(cell):
                yield Fault(
                    where,
                    self.names.get(field, field),
                    _("The text begins as a formula does, which spreadsheets would run."),
                    _("Write it without the sign in front."),
                )

    def _text(self, row: Sequence[Cell], field: str) -> str:
        at = self.columns[field]
        return cell_text(row[at]) if at < len(row) else ""


def cell_text(cell: Cell) -> str:
    """Give what a cell says as the form would send it; '' for an empty one."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, datetime):
        midnight = cell.time() == time()
        return cell.date().isoformat() if midnight else cell.isoformat()
    if isinstance(cell, date | time):
        return cell.isoformat()
    if isinstance(cell, float):
        return repr(cell)
    return str(cell).strip()
