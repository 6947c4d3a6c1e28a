"""Printed tables are safe to open in a spreadsheet and whole for a program."""

import json

import pytest

from meal_pipeline.cli.printing import print_rows, safe_cell

ROWS = [{"a": "=1+1", "b": -3.5}, {"a": "-4", "b": None}, {"a": "ماء", "b": 2}]


@pytest.mark.parametrize("cell", ["=1+1", "+cmd", "-2+3", "@SUM(A1)", "\tx", "\rx"])
def test_a_formula_is_made_text(cell: str) -> None:
    assert safe_cell(cell) == "'" + cell


@pytest.mark.parametrize("cell", ["-4", "-3.5e2", "+7", -3.5, 0, "ماء", ""])
def test_numbers_and_plain_text_stay_as_they_are(cell: object) -> None:
    assert safe_cell(cell) == cell


def test_csv_names_its_columns_and_guards_cells(capsys: pytest.CaptureFixture[str]) -> None:
    print_rows(ROWS, {"a": "A", "b": "B"}, "csv", empty="none")
    assert capsys.readouterr().out.splitlines() == ["a,b", "'=1+1,-3.5", "-4,", "ماء,2"]


def test_json_gives_every_value_as_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    print_rows(ROWS, {"a": "A"}, "json", empty="none")
    assert json.loads(capsys.readouterr().out) == ROWS


def test_an_empty_table_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    print_rows([], {"a": "A"}, "table", empty="No finding.")
    assert capsys.readouterr().out == "No finding.\n"
