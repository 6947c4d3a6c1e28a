"""Both examples, run once through Dagster over real HTTP."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from meal_pipeline.kobo import KoboClient
from meal_pipeline.practice import PRACTICE_TOKEN, PracticeServer
from meal_pipeline.workspace import Workspace
from meal_pipeline.workspace.roof import load_examples, load_roof


@dataclass
class Office:
    """A workspace with both examples, the server they come from, and how their runs ended."""

    workspace: Workspace
    server: PracticeServer
    outcomes: dict[str, Any]

    def run(self, project: str, **options: Any) -> Any:
        """Run a project again."""

        def connect(_project: str, _server: str) -> KoboClient:
            return KoboClient(self.server.url, PRACTICE_TOKEN)

        return load_roof().run_project(self.workspace, project, connect=connect, **options)


@pytest.fixture(scope="session")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """The demo's workspace after its first run."""
    from meal_pipeline.cli.demo import demo_workspace

    server = PracticeServer()
    load_examples().fill(server)
    server.start()
    made = Office(demo_workspace(Path(tmp_path_factory.mktemp("office")) / "demo"), server, {})
    for code in ("livelihoods", "incentives"):
        made.outcomes[code] = made.run(code)
    yield made
    server.stop()
