"""`meal findings` and `meal corrections`: decisions by command, with exit codes that tell."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from openpyxl import load_workbook

from meal_pipeline.cli.main import run
from meal_pipeline.collect import collect_project
from meal_pipeline.kobo import KoboClient
from meal_pipeline.practice import PRACTICE_TOKEN, PracticeForm, PracticeServer, PracticeVersion
from meal_pipeline.read import read_project
from meal_pipeline.store.times import utc_now
from meal_pipeline.validate.validate_project import validate_project
from meal_pipeline.workspace import init_workspace, open_workspace

CONTENT = {"survey": [{"type": "integer", "name": "age", "constraint": ". < 120"}]}


def validate() -> None:
    workspace = open_workspace(None)
    project, store = workspace.project("wash"), workspace.open_store()
    validate_project(store, project, suites=[], clock=utc_now)
    store.close()


@pytest.fixture
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    workspace, _phrase = init_workspace(tmp_path)
    monkeypatch.setenv("MEAL_WORKSPACE", str(workspace.root))
    monkeypatch.setenv("MEAL_LANG", "en")
    monkeypatch.delenv("MEAL_PERSON", raising=False)
    version = PracticeVersion("v1", CONTENT, deployed_at="2026-01-01T00:00:00Z")
    with PracticeServer([PracticeForm("aHome", "Home", versions=[version])]) as server:
        server.submit("aHome", {"age": "30"}, id=1)
        server.submit("aHome", {"age": "150"}, id=2)
        file = workspace.root / "projects" / "wash" / "project.yaml"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(
            f"code: wash\nname: {{en: Wash}}\nserver: {server.url}\n"
            "forms:\n  home: {uid: aHome}\n"
        )
        project, store = workspace.project("wash"), workspace.open_store()
        collect_project(
            store,
            project,
            key=workspace.key(),
            connect=lambda address: KoboClient(address, PRACTICE_TOKEN),
            clock=utc_now,
        )
        read_project(store, project, key=workspace.key(), clock=utc_now)
        store.close()
        validate()
        yield tmp_path


def found(capsys: pytest.CaptureFixture[str], *more: str) -> list[dict[str, object]]:
    capsys.readouterr()
    assert run(["findings", "wash", "--format", "json", *more]) == 0
    rows: list[dict[str, object]] = json.loads(capsys.readouterr().out)
    return rows


def test_a_finding_is_accepted_and_reopened_by_command(
    office: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (one,) = found(capsys)
    assert str(one["link"]).endswith("/#/forms/aHome/data/table")
    identity = str(one["finding_id"])
    assert run(["findings", "wash", "accept", identity]) == 1
    assert run(["findings", "wash", "accept", identity, "--reason", "ok", "--as", "Rana"]) == 0
    assert found(capsys) == []
    assert [row["decided_by"] for row in found(capsys, "--status", "accepted")] == ["Rana"]
    assert run(["findings", "wash", "reopen", identity]) == 0
    assert len(found(capsys)) == 1


@pytest.mark.parametrize("ending", ["csv", "json", "xlsx"])
def test_findings_are_exported(office: Path, ending: str) -> None:
    file = office / f"findings.{ending}"
    assert run(["findings", "wash", "--to", str(file)]) == 0
    if ending == "xlsx":
        rows = list(load_workbook(file).active.iter_rows(values_only=True))
        assert len(rows) == 2
        assert 150 in rows[1] or "150" in rows[1]
    else:
        assert "150" in file.read_text("utf-8-sig")


def test_the_way_of_a_correction_by_commands(
    office: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    file = office / "sheet.xlsx"
    assert run(["corrections", "out", "wash", str(file), "--language", "en"]) == 0
    assert run(["corrections", "in", "wash", str(file), "--as", "Rana"]) == 1
    book = load_workbook(file)
    at = {cell.value: cell.column for cell in book["corrections"][1]}
    book["corrections"].cell(3, at["new_value"]).value = "50"
    book["corrections"].cell(3, at["reason"]).value = "called back"
    book.save(file)
    assert run(["corrections", "in", "wash", str(file)]) == 1
    assert "Nobody signs" in capsys.readouterr().err
    monkeypatch.setenv("MEAL_PERSON", "Rana")
    assert run(["corrections", "in", "wash", str(file)]) == 0
    assert run(["corrections", "in", "wash", str(file)]) == 1
    assert run(["corrections", "approve", "wash", "--all"]) == 1
    assert "cannot approve" in capsys.readouterr().err
    assert run(["corrections", "approve", "wash", "--all", "--as", "Samer"]) == 0
    validate()
    assert [row["status"] for row in found(capsys, "--status", "all")] == ["corrected"]
    assert run(["corrections", "list", "wash", "--format", "json"]) == 0
    (one,) = json.loads(capsys.readouterr().out)
    assert (one["status"], one["new_value"]) == ("applied", "50")
    assert run(["corrections", "reject", "wash", one["correction_id"]]) == 0
    validate()
    assert len(found(capsys)) == 1
    assert run(["corrections", "list", "wash"]) == 0
    assert "No correction." in capsys.readouterr().out
    assert run(["corrections", "log", "wash"]) == 0
    assert "rejected" in capsys.readouterr().out
