"""The sheet of corrections that goes out: a line a finding, with what a person fills in.

Here: the workbook. Not here: reading it back (`read_sheet`).

Keys are protected, answers are typed as texts, lists of choices are ranges on a hidden sheet (Excel
deletes a literal list of more than 255 characters), and an Arabic sheet runs from right to left. No
cell holds a formula.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import orjson
from sqlalchemy import select

from meal_pipeline.correct.checked_entries import HeldForm, NothingRead
from meal_pipeline.correct.entries import KINDS
from meal_pipeline.correct.plain_workbook import set_text
from meal_pipeline.correct.sheet_words import (
    ASKED,
    COLUMNS,
    LISTS,
    README,
    SHEET,
    TECHNICAL,
    key_check,
    project_mark,
)
from meal_pipeline.errors import MealError
from meal_pipeline.forms import Column
from meal_pipeline.locale import gettext as _
from meal_pipeline.locale import in_language, mark
from meal_pipeline.rows.corrected_answer import canonical_name, correctable, held_text
from meal_pipeline.rows.loading import forms_of
from meal_pipeline.store import Store
from meal_pipeline.store.row_hashes import row_hashes
from meal_pipeline.store.tables.validate import findings
from meal_pipeline.workspace.project import Project

HEADINGS: Mapping[str, str] = {
    "form": mark("form"),
    "row": mark("row"),
    "position": mark("place in the repeat"),
    "question": mark("question"),
    "label": mark("question in words"),
    "issue": mark("what is wrong"),
    "rule": mark("rule"),
    "enumerator": mark("enumerator"),
    "team": mark("team"),
    "place": mark("place"),
    "old_value": mark("answer"),
    "action": mark("action"),
    "new_value": mark("new answer"),
    "reason": mark("reason"),
    "row_hash": mark("row hash"),
    "check": mark("check"),
}
_READ = (
    mark("Each line is one finding. Fill in the three white columns of the lines you decide:"),
    mark("change_response: the new answer counts. Write codes, not labels."),
    mark("blank_response: the answer is taken away."),
    mark("remove_survey: the whole submission is left out."),
    mark("no_action: the answer is right as it is; its findings are accepted."),
    mark("A reason is always needed: a call-back, a photo, the supervisor's note."),
    mark("Leave other lines empty. Sort whole rows only. Further lines may be added at the end:"),
    mark("write form, row (_id or _uuid) and question, and for repeats the place (1, 2 or 2/1)."),
    mark("Another person approves what you propose. Rows on the server stay as they are."),
    mark("Personal answers, places on the map and files are corrected on the server only."),
)
_FREE_LINES = 200
_WIDTHS = {"label": 32, "issue": 44, "new_value": 24, "reason": 36, "action": 18, "question": 22}


def write_sheet(store: Store, project: Project, path: Path, *, language: str) -> int:
    """Write the open findings of the project as a workbook; give how many lines it has.

    Raises NothingRead before the first run.
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
    with in_language(language):
        lines = _lines(store, project, forms, language)
        _write(path, project, lines, right_to_left=language == "ar")
    return len(lines)


def _lines(
    store: Store, project: Project, forms: Mapping[str, HeldForm], language: str
) -> list[dict[str, Any]]:
    table = findings.c
    asked = (
        select(findings)
        .where(
            table.project == project.code,
            table.status == "open",
            table.submission_id.is_not(None),
            table.form.in_(list(forms)),
        )
        .order_by(table.severity, table.form, table.submission_id, table.position, table.question)
    )
    with store.read() as connection:
        found = [dict(one) for one in connection.execute(asked).mappings()]
        hashes = {
            code: row_hashes(
                connection,
                project.server,
                project.forms[code].uid,
                {one["submission_id"] for one in found if one["form"] == code},
            )
            for code in forms
        }
    return [
        _line(one, forms[one["form"]], hashes[one["form"]][one["submission_id"]], language)
        for one in found
        if one["submission_id"] in hashes[one["form"]]
    ]


def _line(
    finding: Mapping[str, Any], held: HeldForm, row_hash: str, language: str
) -> dict[str, Any]:
    said = orjson.loads(finding["message"])
    repeat = finding["frame"].removeprefix(held.code).removeprefix("/")
    column = _column(held, finding["question"], repeat)
    old = None
    if column is not None:
        at = held.places.get((repeat, finding["submission_id"], finding["position"]))
        if at is not None:
            old = held_text(column, held.cells(column, at))
        unread = (finding["submission_id"], finding["frame"], finding["position"], column.name)
        old = held.unreadable.get(unread) if old is None else old
    line: dict[str, Any] = {
        **{name: finding[name] or "" for name in ("form", "position", "rule", "enumerator")},
        **{name: finding[name] or "" for name in ("team", "place")},
        "row": str(finding["submission_id"]),
        "question": finding["question"] if column is None else canonical_name(held.union, column),
        "label": "" if column is None else held.union.label(column, language),
        "issue": said.get(language) or said.get("en") or "",
        "old_value": old or "",
        "row_hash": row_hash,
        "choices": [] if column is None else _codes(held, column),
    }
    line["check"] = key_check([line[name] for name in TECHNICAL])
    return line


def _column(held: HeldForm, question: str, repeat: str) -> Column | None:
    """Give the column of a finding's question; None where it is not corrected here."""
    same = [one for one in held.union.columns_of(repeat or None) if one.name == question]
    try:
        name = canonical_name(held.union, same[0]) if same else question
        return correctable(held.union, held.form, name, held.columns) if question else None
    except MealError:
        return None


def _codes(held: HeldForm, column: Column) -> list[str]:
    if column.kind != "select_one":
        return []
    return [choice.name for choice in held.union.choices_of(column)]


def _write(
    path: Path, project: Project, lines: Sequence[Mapping[str, Any]], *, right_to_left: bool
) -> None:
    from openpyxl import Workbook

    book = Workbook()
    sheet = book.active
    sheet.title = SHEET
    lists = book.create_sheet(LISTS)
    lists.sheet_state = "hidden"
    _fill(sheet, project, lines)
    _offer_choices(sheet, lists, lines)
    about = book.create_sheet(README)
    for number, sentence in enumerate(_READ, start=1):
        about.cell(number, 1, _(sentence))
    about.column_dimensions["A"].width = 100
    for one in (sheet, about):
        one.sheet_view.rightToLeft = right_to_left
    path.parent.mkdir(parents=True, exist_ok=True)
    book.save(path)


def _fill(sheet: Any, project: Project, lines: Sequence[Mapping[str, Any]]) -> None:
    from openpyxl.styles import Alignment, Font, PatternFill, Protection
    from openpyxl.utils import get_column_letter

    grey, bold = PatternFill("solid", fgColor="EEEEEE"), Font(bold=True)
    open_cell, wrap = Protection(locked=False), Alignment(wrap_text=True, vertical="top")
    set_text(sheet.cell(1, len(COLUMNS) + 1), project_mark(project.code))
    for at, name in enumerate(COLUMNS, start=1):
        set_text(sheet.cell(1, at), name)
        set_text(sheet.cell(2, at), _(HEADINGS[name]))
        sheet.cell(2, at).font = bold
        letter = get_column_letter(at)
        sheet.column_dimensions[letter].width = _WIDTHS.get(name, 14)
        sheet.column_dimensions[letter].hidden = name in ("row_hash", "check")
    sheet.column_dimensions[get_column_letter(len(COLUMNS) + 1)].hidden = True
    sheet.row_dimensions[1].hidden = True
    for number in range(3, 3 + len(lines) + _FREE_LINES):
        line = lines[number - 3] if number - 3 < len(lines) else None
        for at, name in enumerate(COLUMNS, start=1):
            cell = sheet.cell(number, at)
            cell.number_format, cell.alignment = "@", wrap
            if line is not None and line.get(name):
                set_text(cell, str(line[name]))
            if line is None or name in ASKED:
                cell.protection = open_cell
            elif line is not None:
                cell.fill = grey
    sheet.freeze_panes = "E3"
    sheet.protection.sheet = True
    for right in ("formatColumns", "formatRows", "sort", "autoFilter"):
        setattr(sheet.protection, right, False)  # False allows it


def _offer_choices(sheet: Any, lists: Any, lines: Sequence[Mapping[str, Any]]) -> None:
    """Let Excel offer actions and codes, by ranges on the hidden sheet."""
    from openpyxl.utils import get_column_letter
    from openpyxl.worksheet.datavalidation import DataValidation

    ranges: dict[tuple[str, ...], str] = {}

    def offered(values: Sequence[str]) -> str:
        key = tuple(values)
        if key not in ranges:
            at = len(ranges) + 1
            for number, value in enumerate(values, start=1):
                set_text(lists.cell(number, at), value)
            letter = get_column_letter(at)
            ranges[key] = f"{LISTS}!${letter}$1:${letter}${len(values)}"
        return ranges[key]

    last = 2 + len(lines) + _FREE_LINES
    column = {name: get_column_letter(at) for at, name in enumerate(COLUMNS, start=1)}
    actions = DataValidation(type="list", formula1=offered(KINDS), allow_blank=True)
    actions.add(f"{column['action']}3:{column['action']}{last}")
    sheet.add_data_validation(actions)
    by_list: dict[str, DataValidation] = {}
    for number, line in enumerate(lines, start=3):
        if line["choices"]:
            range_ = offered(line["choices"])
            if range_ not in by_list:
                by_list[range_] = DataValidation(type="list", formula1=range_, allow_blank=True)
            by_list[range_].add(f"{column['new_value']}{number}")
    for one in by_list.values():
        sheet.add_data_validation(one)
