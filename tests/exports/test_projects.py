"""From a folder to a project that runs."""

from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from meal_pipeline.cli.import_commands import import_
from meal_pipeline.cli.project_commands import check
from meal_pipeline.collect import collect_project
from meal_pipeline.workspace import Workspace, init_workspace
from meal_pipeline.workspace.project import Project
from meal_pipeline.workspace.server_address import folder_of

from .conftest import KEY, Office, clock
from .kobo_exports import META, write_csv

SURVEY = [
    ["type", "name", "label"],
    ["today", "today", None],
    ["select_one yn", "safe", "Is the water safe?"],
]
CHOICES = [["list_name", "name", "label"], ["yn", "yes", "Yes"], ["yn", "no", "No"]]


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return init_workspace(tmp_path / "office")[0]


@pytest.fixture
def folder(office: Office, workspace: Workspace) -> Path:
    """A folder in the workspace with a form and two rounds, one a file."""
    office.files = workspace.root / "exports"
    office.files.mkdir()
    office.xlsform(SURVEY, CHOICES)
    export(office.files / "wash baseline.csv", 1, "2026-01-05", "2026-01-09")
    export(office.files / "wash endline.csv", 11, "2026-06-02", "2026-06-08")
    return office.files


def export(path: Path, first: int, *days: str) -> None:
    rows: list[list[Any]] = []
    for number, day in enumerate(days, first):
        meta = {"_id": number, "_uuid": f"u{number}", "_submission_time": f"{day}T10:00:00"}
        rows.append([day, "yes", *(meta.get(key, "") for key in META)])
    write_csv(path, ["today", "safe", *META], rows)


def run(command: Any, *arguments: str, workspace: Workspace) -> str:
    done = CliRunner().invoke(command, arguments, obj=str(workspace.root))
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done.output


def test_a_folder_becomes_a_project_that_is_right_and_can_be_collected(
    office: Office, workspace: Workspace, folder: Path
) -> None:
    run(import_, str(folder), "--project", "wash", workspace=workspace)
    project = workspace.project("wash")
    assert project.server == "folder:exports"
    assert "Nothing to correct" in run(check, "wash", workspace=workspace)
    report = collect_project(
        office.store,
        project,
        key=KEY,
        connect=lambda _address: pytest.fail("a folder asks no server"),
        clock=clock,
        root=workspace.root,
    )
    assert [one.rows_held for one in report.forms] == [4]


def test_files_whose_days_do_not_overlap_are_proposed_as_rounds(
    workspace: Workspace, folder: Path
) -> None:
    run(import_, str(folder), "--project", "wash", workspace=workspace)
    rounds = workspace.project("wash").rounds
    assert rounds is not None
    assert rounds.expression == "if(${today} < date('2026-06-02'), 'baseline', 'endline')"
    assert list(rounds.values) == ["baseline", "endline"]


def test_files_whose_days_overlap_are_no_rounds(workspace: Workspace, folder: Path) -> None:
    export(folder / "more.csv", 21, "2026-01-07", "2026-06-30")
    run(import_, str(folder), "--project", "wash", workspace=workspace)
    assert workspace.project("wash").rounds is None


def test_a_folder_elsewhere_is_named_by_its_whole_path(
    office: Office, workspace: Workspace, tmp_path: Path
) -> None:
    office.xlsform(SURVEY, CHOICES)
    export(office.files / "data.csv", 1, "2026-01-05")
    run(import_, str(office.files), "--project", "wash", workspace=workspace)
    server = workspace.project("wash").server
    assert folder_of(server, Path("anywhere")) == (tmp_path / "files").resolve()


def test_a_project_names_a_folder_or_is_refused_with_the_way_to_write_it() -> None:
    declared = {"code": "p", "name": {"en": "P"}, "forms": {"main": {"uid": "a"}}}
    project = Project.model_validate(declared | {"server": "folder:exports\\wash/"})
    assert project.server == "folder:exports/wash"
    with pytest.raises(ValueError, match="folder"):
        Project.model_validate(declared | {"server": "folder:"})
