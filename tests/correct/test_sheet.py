"""The sheet that goes out and comes back, and cleaning logs of other offices."""

import csv
import re
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from openpyxl import Workbook, load_workbook

from meal_pipeline.correct import CorrectionsRefused, read_entries, write_sheet
from meal_pipeline.correct.read_sheet import NoCorrections
from meal_pipeline.correct.signing import NothingToDo
from meal_pipeline.store.tables.correct import corrections

from .conftest import Office, Sheet

WHY = "called back"
IMPACT = ("uuid", "question.name", "issue", "feedback", "changed", "old.value", "new.value")


def proposed(office: Office) -> list[tuple[Any, ...]]:
    return office.rows(corrections, "submission_id", "question", "kind", "new_value", "position")


def uuid(office: Office, row: int) -> str:
    snapshot = office.store.snapshots.latest("food", "read")
    assert snapshot is not None
    rows = snapshot.frame("household", ["_id", "_uuid"])
    return str(rows.loc[rows["_id"] == row, "_uuid"].iloc[0])


def workbook(path: Path, *rows: tuple[Any, ...]) -> Path:
    book = Workbook()
    for row in rows:
        book.active.append(row)
    book.save(path)
    return path


def test_out_filled_in_approved_and_validated_changes_the_figure(office: Office) -> None:
    sheet = Sheet(office.sheet())
    sheet.fill(sheet.row(4, "age"), new_value="٥٠", reason=WHY)
    sheet.fill(sheet.row(5, "years"), new_value=30, reason=WHY)
    office.approve(*office.take(sheet.save()))
    office.validate()
    assert proposed(office) == [
        (4, "age", "change_response", "٥٠", ""),
        (5, "years", "change_response", "30", "2"),
    ]
    assert office.account() == (6, 6, 0, 0, 0)
    assert office.mean_age() == pytest.approx((30 + 30 + 40 + 50 + 20) / 5)


def test_a_sheet_in_which_nothing_is_filled_in_does_nothing(office: Office) -> None:
    with pytest.raises(NothingToDo):
        office.take(office.sheet())


def test_free_lines_at_the_end_correct_other_answers(office: Office) -> None:
    sheet = Sheet(office.sheet())
    last = 3 + len(office.found("finding_id"))
    sheet.fill(last, row=uuid(office, 1), question="water", new_value="tanker", reason=WHY)
    office.take(sheet.save())
    assert proposed(office) == [(1, "water", "change_response", "tanker", "")]


def test_the_arabic_sheet_runs_from_right_to_left_and_protects_its_keys(office: Office) -> None:
    path = office.folder / "ar.xlsx"
    write_sheet(office.store, office.project, path, language="ar")
    sheet = load_workbook(path)["corrections"]
    assert sheet.sheet_view.rightToLeft
    assert sheet.protection.sheet
    assert sheet.row_dimensions[1].hidden
    at = {cell.value: cell.column for cell in sheet[1]}
    assert sheet.cell(3, at["row"]).protection.locked
    assert not sheet.cell(3, at["new_value"]).protection.locked


def test_long_lists_are_ranges_on_a_hidden_sheet(office: Office) -> None:
    book = load_workbook(office.sheet())
    rules = book["corrections"].data_validations.dataValidation
    assert book["lists"].sheet_state == "hidden"
    assert rules
    assert all(re.fullmatch(r"lists!\$[A-Z]+\$1:\$[A-Z]+\$\d+", one.formula1) for one in rules)


def test_no_answer_becomes_a_formula_in_the_sheet(office: Office) -> None:
    office.edit(6, age="=1+1")
    office.validate()
    sheet = Sheet(office.sheet())
    cell = sheet.cell(sheet.row(6, "age"), "old_value")
    assert (cell.value, cell.data_type) == ("=1+1", "s") or cell.quotePrefix
    with ZipFile(sheet.path) as archive:
        assert b"<f>" not in archive.read("xl/worksheets/sheet1.xml")


def test_keys_sorted_by_one_column_only_are_named_and_nothing_is_done(office: Office) -> None:
    sheet = Sheet(office.sheet())
    one, other = sheet.row(4, "age"), sheet.row(6, "age")
    sheet.fill(one, row="6").fill(other, row="4", new_value="50", reason=WHY)
    with pytest.raises(CorrectionsRefused, match=rf"row {one}, .*sorted by one column only"):
        office.take(sheet.save())
    assert proposed(office) == []


def test_a_sheet_made_before_its_row_changed_is_refused(office: Office) -> None:
    sheet = Sheet(office.sheet())
    sheet.fill(sheet.row(4, "age"), new_value="50", reason=WHY)
    office.edit(4, remark="new")
    with pytest.raises(CorrectionsRefused, match="changed on the server since the sheet"):
        office.take(sheet.save())


def test_whole_rows_may_be_sorted(office: Office) -> None:
    sheet = Sheet(office.sheet())
    sheet.fill(sheet.row(4, "age"), new_value="50", reason=WHY)
    rows = [[cell.value for cell in row] for row in sheet.sheet.iter_rows(min_row=3, max_row=5)]
    for number, row in enumerate(reversed(rows), start=3):
        for at, value in enumerate(row, start=1):
            sheet.sheet.cell(number, at).value = value
    office.take(sheet.save())
    assert proposed(office) == [(4, "age", "change_response", "50", "")]


def test_merged_cells_are_named(office: Office) -> None:
    sheet = Sheet(office.sheet())
    sheet.fill(sheet.row(4, "age"), new_value="50", reason=WHY)
    sheet.sheet.merge_cells("L3:L4")
    with pytest.raises(CorrectionsRefused, match="L3:L4: Cells are merged"):
        office.take(sheet.save())


def test_a_sheet_of_another_project_is_refused(office: Office) -> None:
    with pytest.raises(CorrectionsRefused, match="another project"):
        read_entries(office.sheet(), project="wash")


@pytest.mark.parametrize("text", ["=1+1", "@sum", "+cmd|' /C calc'!A0", "-1+cmd|' /C calc'!A0"])
def test_a_text_that_spreadsheets_would_run_is_refused(office: Office, text: str) -> None:
    path = office.folder / "log.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([IMPACT, ("1", "remark", "", WHY, "yes", "", text)])
    with pytest.raises(
        CorrectionsRefused, match=r"row 2, column new\.value: .*begins as a formula"
    ):
        office.take(path)


def test_a_negative_number_is_no_formula(office: Office) -> None:
    path = workbook(office.folder / "log.xlsx", IMPACT, ("1", "age", "", WHY, "yes", 30, "-5"))
    office.take(path)
    assert proposed(office) == [(1, "age", "change_response", "-5", "")]


def test_a_formula_gives_what_was_computed_of_it_or_is_named(office: Office) -> None:
    path = workbook(office.folder / "log.xlsx", IMPACT, ("1", "age", "", WHY, "yes", 30, "=20+1"))
    with pytest.raises(CorrectionsRefused, match="formula has no computed value"):
        office.take(path)
    computed = office.folder / "computed.xlsx"
    with ZipFile(path) as old, ZipFile(computed, "w") as new:
        for name in old.namelist():
            content = re.sub(rb"<v ?/>|<v></v>", b"<v>21</v>", old.read(name))
            new.writestr(name, content)
    office.take(computed)
    assert proposed(office) == [(1, "age", "change_response", "21", "")]


def test_a_cleaning_log_in_the_names_of_impact_is_taken(office: Office) -> None:
    path = workbook(
        office.folder / "log.xlsx",
        ("Cleaning log of March",),
        IMPACT,
        (uuid(office, 4), "age", "too old", WHY, "Yes", "150", "50"),
        (None,) * 7,
        (uuid(office, 5), "age", "outlier", WHY, "No", "20", "20"),
        (uuid(office, 6), "age", "not readable", "", "yes", "ten", "NA"),
    )
    office.take(path)
    assert proposed(office) == [
        (4, "age", "change_response", "50", ""),
        (5, "age", "no_action", None, ""),
        (6, "age", "blank_response", None, ""),
    ]


def test_a_log_with_change_types_removes_surveys(office: Office) -> None:
    path = workbook(
        office.folder / "log.xlsx",
        ("uuid", "question", "change_type", "new_value", "comment"),
        (f"uuid:{uuid(office, 4)}", None, "remove_survey", None, "double interview"),
    )
    office.take(path)
    assert proposed(office) == [(4, "", "remove_survey", None, "")]


@pytest.mark.parametrize("delimiter", [";", ","])
@pytest.mark.parametrize("encoding", ["utf-8-sig", "cp1256"])
def test_a_log_as_csv_is_read_whatever_wrote_it(
    office: Office, delimiter: str, encoding: str
) -> None:
    path = office.folder / "log.csv"
    reason = "اتصلنا بالأسرة مرة أخرى وأكدت الجواب"
    with path.open("w", newline="", encoding=encoding) as file:
        csv.writer(file, delimiter=delimiter).writerows(
            [IMPACT, ("4", "age", "كبير", reason, "yes", "150", "50")]
        )
    office.take(path)
    assert office.rows(corrections, "reason", "new_value") == [(reason, "50")]


def test_a_fault_names_file_row_column_and_fix(office: Office) -> None:
    path = workbook(
        office.folder / "log.xlsx",
        IMPACT,
        ("4", "age", "", WHY, "yes", "150", "50"),
        ("4", "water", "", WHY, "yes", "network", "Water tanker"),
    )
    with pytest.raises(CorrectionsRefused) as refused:
        office.take(path)
    assert str(refused.value).splitlines() == [
        "1 line cannot be taken, so nothing was done:",
        "  log.xlsx, Sheet, row 3, column new.value: “Water tanker” is the label of a choice of"
        " “water”, not its code. Write the code: tanker",
    ]
    assert proposed(office) == []


def test_a_file_without_the_columns_is_refused(office: Office) -> None:
    path = workbook(office.folder / "other.xlsx", ("a", "b"), (1, 2))
    with pytest.raises(NoCorrections, match=r"other\.xlsx has no sheet"):
        office.take(path)


def test_a_sheet_as_libreoffice_saves_it_is_read(office: Office) -> None:
    """LibreOffice writes styles and shared texts anew, drops quote prefixes, and turns what looks
    like a number in free cells into one."""
    sheet = Sheet(office.sheet())
    number = sheet.row(4, "age")
    sheet.fill(number, action="change_response", new_value=50.0, reason=WHY)
    for row in sheet.sheet.iter_rows(min_row=3, max_row=8):
        for cell in row:
            cell.quotePrefix, cell.number_format = False, "General"
    sheet.book.remove(sheet.book["readme"])
    office.take(sheet.save())
    assert proposed(office) == [(4, "age", "change_response", "50", "")]
