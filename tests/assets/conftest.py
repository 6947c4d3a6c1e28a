"""One practice server and one workspace whose two projects ran once; tests get copies of it."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from meal_pipeline.practice import PracticeServer
from meal_pipeline.workspace import Workspace, open_workspace

from .small_world import make_workspace, put_form, run


@pytest.fixture(scope="session")
def server() -> Iterator[PracticeServer]:
    """A server with the forms of the projects north and south."""
    with PracticeServer() as practice:
        for code in ("north", "south"):
            put_form(practice, code)
        yield practice


@pytest.fixture(scope="session")
def _run_once(server: PracticeServer, tmp_path_factory: pytest.TempPathFactory) -> Path:
    workspace = make_workspace(
        tmp_path_factory.mktemp("office") / "ws", "north", "south", server=server.url
    )
    assert run(workspace, "north").ok
    assert run(workspace, "south").ok
    return workspace.root


@pytest.fixture
def office(_run_once: Path, tmp_path: Path) -> Workspace:
    """A workspace in which both projects ran, for one test alone."""
    return open_workspace(shutil.copytree(_run_once, tmp_path / "ws"))
