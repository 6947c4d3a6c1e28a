"""The user's folder: making it, finding it, what stands where."""

import os
import sys
from pathlib import Path

import pytest

from meal_pipeline.workspace import (
    BadFile,
    FolderInUse,
    NoWorkspace,
    Workspace,
    init_workspace,
    open_workspace,
)
from meal_pipeline.workspace import roof as roof_module
from meal_pipeline.workspace.roof import load_roof, packaged_folder


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return init_workspace(tmp_path / "office")[0]


def test_a_new_workspace_is_ready_to_use(workspace: Workspace) -> None:
    opened = open_workspace(workspace.root)
    assert opened == workspace
    assert list(opened.projects()) == []
    assert {one.name for one in opened.root.iterdir()} == {
        ".gitignore",
        ".meal",
        "dbt_like_sql",
        "expectations",
        "meal.yaml",
        "out",
        "projects",
    }
    opened.open_store().close()


def test_choices_made_at_the_start_are_kept(tmp_path: Path) -> None:
    made, _phrase = init_workspace(tmp_path / "office", language="ar", timezone="Europe/Berlin")
    assert (made.settings.language, made.settings.timezone) == ("ar", "Europe/Berlin")
    assert open_workspace(made.root).settings == made.settings


def test_a_workspace_is_found_from_a_folder_inside_it(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("MEAL_WORKSPACE", raising=False)
    monkeypatch.chdir(workspace.root / "projects")
    assert open_workspace() == workspace


def test_the_environment_names_a_workspace(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MEAL_WORKSPACE", str(workspace.root))
    assert open_workspace() == workspace


def test_without_a_workspace_one_is_told_how_to_make_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("MEAL_WORKSPACE", raising=False)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(NoWorkspace) as refusal:
        open_workspace()
    assert "meal init" in str(refusal.value.next_step)


def test_a_folder_with_other_things_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("mine")
    with pytest.raises(FolderInUse, match="is not empty"):
        init_workspace(tmp_path)
    assert [one.name for one in tmp_path.iterdir()] == ["letter.txt"]


def test_a_finished_workspace_is_not_made_again(workspace: Workspace) -> None:
    phrase = workspace.key().phrase()
    with pytest.raises(FolderInUse, match="already a workspace"):
        init_workspace(workspace.root)
    assert workspace.key().phrase() == phrase


@pytest.mark.parametrize("lost", ["meal.yaml", ".meal/store.sqlite", ".meal/key", "projects"])
def test_a_beginning_that_was_interrupted_goes_on(tmp_path: Path, lost: str) -> None:
    made, _phrase = init_workspace(tmp_path / "office")
    (made.private / "unfinished").touch()
    gone = made.root / lost
    if gone.is_dir():
        gone.rmdir()
    elif lost == ".meal/key":
        gone.unlink()
        for file in made.private.glob("store.sqlite*"):
            file.unlink()
    else:
        gone.unlink()
    again, phrase = init_workspace(tmp_path / "office")
    assert again.key().phrase() == phrase
    assert gone.exists()
    with pytest.raises(FolderInUse):
        init_workspace(tmp_path / "office")


def test_a_start_that_got_no_further_than_its_folders_goes_on(tmp_path: Path) -> None:
    (tmp_path / "office" / ".meal").mkdir(parents=True)
    init_workspace(tmp_path / "office")


def test_a_typo_in_the_settings_is_named(workspace: Workspace) -> None:
    file = workspace.root / "meal.yaml"
    file.write_text(file.read_text().replace("language: en", "language: fr"))
    with pytest.raises(BadFile, match="fr is none of en, ar"):
        open_workspace(workspace.root)


def test_ones_own_declarations_stand_over_the_packaged_ones(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    packaged = tmp_path / "packaged"
    (packaged / "expectations").mkdir(parents=True)
    for name in ("household.yaml", "feedback.yaml"):
        (packaged / "expectations" / name).touch()
    monkeypatch.setattr(
        "meal_pipeline.workspace.workspace.packaged_folder", lambda name: packaged / name
    )
    own = workspace.root / "expectations" / "household.yaml"
    own.touch()
    assert workspace.declarations("expectations") == [
        packaged / "expectations" / "feedback.yaml",
        own,
    ]


@pytest.mark.skipif(os.name == "nt", reason="file modes are a matter of POSIX")
def test_nobody_else_may_look_into_the_private_folder(workspace: Workspace) -> None:
    assert workspace.private.stat().st_mode & 0o777 == 0o700


def test_the_packaged_folders_of_the_checkout_are_found() -> None:
    assert (packaged_folder("dbt_like_sql") / "..").resolve() == Path(__file__).parents[2]


def test_an_installed_package_brings_its_folders_and_its_roof_along(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(roof_module, "_PACKAGE", tmp_path / "site-packages" / "meal_pipeline")
    assert packaged_folder("examples") == tmp_path / "site-packages" / "meal_pipeline" / "examples"


def test_the_roof_is_the_checkouts_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "pyproject.toml").touch()
    (tmp_path / "assets").mkdir()
    (tmp_path / "assets" / "__init__.py").write_text("HERE = 1\n")
    monkeypatch.setattr(roof_module, "_PACKAGE", tmp_path / "meal_pipeline")
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.delitem(sys.modules, "assets", raising=False)
    try:
        assert load_roof().HERE == 1
    finally:
        sys.modules.pop("assets", None)
