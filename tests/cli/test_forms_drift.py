"""`meal forms drift` says before fieldwork what a new version of a form breaks."""

import json

import pytest

from meal_pipeline.cli.main import run
from meal_pipeline.practice import PRACTICE_TOKEN, PracticeForm, PracticeServer, PracticeVersion
from meal_pipeline.store.submission_log import FormVersion, append_versions
from meal_pipeline.workspace import init_workspace, open_workspace

PROJECT = """\
code: wash
name: {en: Safe water}
server: SERVER
forms:
  household:
    uid: aHousehold
indicators:
  large:
    name: {en: Large}
    level: outcome
    form: household
    statistic: proportion
    expression: ${hh_size} > 5
"""
SUITE = """
expectations:
  - rule: size
    expect_column_values_to_not_be_null: {column: hh_size}
    message: {en: Empty.}
"""


def form(name: str) -> dict:
    question = {"type": "integer", "name": name, "label": ["How many are you?"]}
    return {"survey": [question, {"type": "text", "name": "remark"}], "choices": []}


BEFORE, AFTER = form("hh_size"), form("members")


@pytest.fixture
def server():
    practice = PracticeServer()
    practice.add(
        PracticeForm(
            "aHousehold",
            "Household",
            [PracticeVersion("v1", BEFORE, deployed_at="2026-01-01T00:00:00Z")],
        )
    )
    practice.start()
    yield practice
    practice.stop()


@pytest.fixture
def office(tmp_path, monkeypatch, server):
    workspace, _phrase = init_workspace(tmp_path)
    file = workspace.root / "projects" / "wash" / "project.yaml"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(PROJECT.replace("SERVER", server.url), encoding="utf-8")
    monkeypatch.setenv("MEAL_WORKSPACE", str(workspace.root))
    monkeypatch.setenv("MEAL_LANG", "en")
    monkeypatch.setenv("MEAL_KOBO_TOKEN", PRACTICE_TOKEN)
    return file


@pytest.fixture
def pull(server):
    def hold(*contents):
        store = open_workspace(None).open_store()
        versions = [
            FormVersion(f"v{number}", f"v{number}", content, f"2026-0{number}-01T00:00:00Z")
            for number, content in enumerate(contents, start=1)
        ]
        with store.write() as connection:
            append_versions(connection, server.url, "aHousehold", versions)
        store.close()

    return hold


def test_what_breaks_is_named_and_the_printed_line_mends_it(office, pull, capsys):
    pull(BEFORE, AFTER)

    assert run(["forms", "drift", "wash"]) == 1
    said = capsys.readouterr().out
    assert "1 declaration breaks" in said
    assert "forms: {household: {same_questions: {hh_size: members}}}" in said

    text = office.read_text(encoding="utf-8")
    declared = "aHousehold\n    same_questions: {hh_size: members}"
    office.write_text(text.replace("aHousehold", declared), encoding="utf-8")
    assert run(["forms", "drift", "wash"]) == 0
    assert "Nothing of the project breaks." in capsys.readouterr().out


def test_rules_of_suites_are_looked_through_and_a_program_gets_rows(office, pull, capsys):
    pull(BEFORE, AFTER)
    suite = office.parents[2] / "expectations" / "quality.yaml"
    suite.parent.mkdir(exist_ok=True)
    suite.write_text(SUITE, encoding="utf-8")
    with office.open("a", encoding="utf-8") as file:
        file.write("validation: {suites: {household: [quality]}}\n")

    assert run(["forms", "drift", "wash", "--format", "json"]) == 1
    rows = json.loads(capsys.readouterr().out)
    assert [(one["kind"], one["subject"], one["what"], one["nearest"]) for one in rows] == [
        ("indicator", "large", "renamed", "members"),
        ("rule", "quality.size", "renamed", "members"),
    ]


def test_a_version_deployed_since_the_last_pull_is_asked_for(office, pull, server, capsys):
    pull(BEFORE)
    server.deploy("aHousehold", AFTER, "v2")

    assert run(["forms", "drift", "wash"]) == 0
    assert run(["forms", "drift", "wash", "--deployed"]) == 1
    assert "household: v2" in capsys.readouterr().out


def test_a_draft_is_looked_at_before_it_is_deployed(office, pull, server, capsys):
    pull(BEFORE)
    server.save("aHousehold", content=AFTER)

    assert run(["forms", "drift", "wash", "--deployed"]) == 0
    assert run(["forms", "drift", "wash", "--draft"]) == 1
    assert "household: draft" in capsys.readouterr().out


def test_forms_that_were_never_pulled_are_asked_of_the_server(office, capsys):
    assert run(["forms", "drift", "wash"]) == 1
    assert "meal forms drift wash --deployed" in capsys.readouterr().err
    assert run(["forms", "drift", "wash", "--deployed"]) == 0
