"""`meal forms diff` says how pulled versions differ, in lines that the project's file takes."""

import json

import pytest

from meal_pipeline.cli.main import run
from meal_pipeline.store.submission_log import FormVersion, append_versions
from meal_pipeline.workspace import init_workspace, open_workspace

SERVER = "https://kobo.example.org"
PROJECT = """\
code: wash
name: {en: Safe water}
server: https://kobo.example.org
forms:
  household:
    uid: aHousehold
"""
FIRST = {
    "survey": [
        {"type": "integer", "name": "hh_size", "label": ["How many are you?"]},
        {"type": "select_one water", "name": "source"},
    ],
    "choices": [{"list_name": "water", "name": "1", "label": ["None"]}],
}
SECOND = {
    "survey": [
        {"type": "integer", "name": "members", "label": ["How many are you?"]},
        {"type": "select_one water", "name": "source"},
    ],
    "choices": [{"list_name": "water", "name": "none", "label": ["None"]}],
}


@pytest.fixture
def office(tmp_path, monkeypatch):
    workspace, _phrase = init_workspace(tmp_path)
    file = workspace.root / "projects" / "wash" / "project.yaml"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(PROJECT, encoding="utf-8")
    monkeypatch.setenv("MEAL_WORKSPACE", str(workspace.root))
    monkeypatch.setenv("MEAL_LANG", "en")
    return file


def deploy(*contents):
    store = open_workspace(None).open_store()
    versions = [
        FormVersion(f"v{number}", f"v{number}", content, f"2026-0{number}-01T00:00:00Z")
        for number, content in enumerate(contents, start=1)
    ]
    with store.write() as connection:
        append_versions(connection, SERVER, "aHousehold", versions)
    store.close()


def test_the_printed_lines_pasted_into_the_file_leave_nothing_to_declare(office, capsys):
    deploy(FIRST, SECOND)

    assert run(["forms", "diff", "wash"]) == 0
    lines = capsys.readouterr().out.partition("forms:\n")[2]
    assert "hh_size: members" in lines
    assert "same label" in lines

    office.write_text(PROJECT + lines.partition("household:\n")[2], encoding="utf-8")
    assert run(["forms", "diff", "wash", "household"]) == 0
    assert "There is nothing to declare." in capsys.readouterr().out


def test_a_code_that_yaml_would_take_for_a_number_is_quoted(office, capsys):
    deploy(FIRST, SECOND)

    run(["forms", "diff", "wash"])

    assert "'1': none" in capsys.readouterr().out


def test_a_program_gets_differences_and_proposals_as_rows(office, capsys):
    deploy(FIRST, SECOND)

    run(["forms", "diff", "wash", "--format", "json"])

    rows = json.loads(capsys.readouterr().out)
    assert [(one["what"], one["was"], one["now"]) for one in rows] == [
        ("removed", "hh_size", ""),
        ("added", "", "members"),
        ("same_questions", "hh_size", "members"),
        ("same_choices", "1", "none"),
    ]


def test_versions_that_are_alike_say_so(office, capsys):
    deploy(FIRST)

    assert run(["forms", "diff", "wash"]) == 0
    assert "All versions are alike." in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "said"), [(["wash", "other"], "has no form other"), (["wash"], "never pulled")]
)
def test_what_cannot_be_compared_is_named(office, capsys, arguments, said):
    assert run(["forms", "diff", *arguments]) == 1
    assert said in capsys.readouterr().err
