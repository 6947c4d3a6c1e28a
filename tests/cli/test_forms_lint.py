"""`meal forms lint` takes a file, a project or a uid, and fails only when it is asked to."""

import json

import pytest
from openpyxl import Workbook

from meal_pipeline.cli.main import run
from meal_pipeline.practice import PRACTICE_TOKEN, PracticeForm, PracticeServer, PracticeVersion
from meal_pipeline.workspace import init_workspace

UID = "aHouseholdOfWash"
CONTENT = {
    "survey": [
        {"type": "select_one yn", "name": "consent", "label": ["هل توافق؟"]},
        {"type": "text", "name": "hh_id", "label": ["رمز الأسرة"]},
        {"type": "integer", "name": "age", "label": ["العمر"]},
    ],
    "choices": [{"list_name": "yn", "name": "yes", "label": ["نعم"]}],
    "translations": ["Arabic (ar)"],
}
PROJECT = """\
code: wash
name: {en: Safe water}
server: SERVER
forms: {household: {uid: aHouseholdOfWash}}
"""


@pytest.fixture
def server(monkeypatch):
    monkeypatch.setenv("MEAL_LANG", "en")
    monkeypatch.setenv("MEAL_KOBO_TOKEN", PRACTICE_TOKEN)
    practice = PracticeServer()
    practice.add(PracticeForm(UID, "Household", [PracticeVersion("v1", CONTENT)]))
    practice.start()
    yield practice
    practice.stop()


@pytest.fixture
def workbook(tmp_path, monkeypatch):
    monkeypatch.setenv("MEAL_LANG", "en")

    def save(*survey):
        book = Workbook()
        sheet = book.active
        sheet.title = "survey"
        for row in (("type", "name", "label::Arabic (ar)", "constraint"), *survey):
            sheet.append(row)
        book.create_sheet("choices").append(("list_name", "name", "label::Arabic (ar)"))
        book["choices"].append(("yn", "yes", "نعم"))
        book.save(tmp_path / "form.xlsx")
        return str(tmp_path / "form.xlsx")

    return save


GOOD = (("select_one yn", "consent", "هل توافق؟"), ("text", "hh_id", "رمز الأسرة"))


def test_a_file_is_looked_through_and_only_strict_fails(workbook, capsys):
    file = workbook(*GOOD, ("integer", "age", "العمر"))

    assert run(["forms", "lint", file]) == 0
    said = capsys.readouterr().out
    assert "form.xlsx, survey, row 4, age  number.no_constraint" in said
    assert "0 critical, 1 warnings, 0 to know." in said
    assert run(["forms", "lint", file, "--strict"]) == 1


def test_a_sound_file_passes_strictly(workbook, capsys):
    file = workbook(*GOOD, ("integer", "age", "العمر", ". < 120"))

    assert run(["forms", "lint", file, "--strict"]) == 0
    assert "Nothing to mend." in capsys.readouterr().out


def test_a_file_that_cannot_be_read_is_a_remark_by_row(workbook, capsys):
    assert run(["forms", "lint", workbook(("text", "oral hygiene", "س")), "--strict"]) == 1
    assert "row 2: the name “oral hygiene” holds a blank" in capsys.readouterr().out


def test_a_file_that_is_not_there_is_an_error(capsys, monkeypatch):
    monkeypatch.setenv("MEAL_LANG", "en")
    assert run(["forms", "lint", "no_such.xlsx"]) == 1
    assert "cannot be opened" in capsys.readouterr().err


def test_a_uid_is_asked_of_its_server_as_it_is_drawn(server, capsys):
    assert run(["forms", "lint", UID, "--server", server.url, "--format", "json"]) == 0
    (row,) = json.loads(capsys.readouterr().out)
    assert (row["form"], row["code"], row["row"], row["question"]) == (
        UID,
        "number.no_constraint",
        4,
        "age",
    )


def test_a_project_that_was_never_pulled_is_looked_through_on_its_server(
    server, tmp_path, monkeypatch, capsys
):
    workspace, _phrase = init_workspace(tmp_path)
    file = workspace.root / "projects" / "wash" / "project.yaml"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(PROJECT.replace("SERVER", server.url), encoding="utf-8")
    monkeypatch.setenv("MEAL_WORKSPACE", str(workspace.root))

    assert run(["forms", "lint", "wash"]) == 0
    assert "household, survey, row 4, age  number.no_constraint" in capsys.readouterr().out
