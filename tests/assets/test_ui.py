"""Dagster's pages, opened on a workspace as `meal ui` opens them."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

import assets
from assets.instance import open_instance
from assets.partitions import registered_projects
from assets.ui import UiFailed
from meal_pipeline.workspace import Workspace
from meal_pipeline.workspace.roof import checkout

from .small_world import make_workspace, put_project

TWO_MINUTES = 120
SERVE = (
    "import sys, assets\n"
    "from meal_pipeline.workspace import open_workspace\n"
    "assets.serve_ui(open_workspace(sys.argv[1]), host='127.0.0.1', port=int(sys.argv[2]))\n"
)
SCHEDULES = """
{ schedulesOrError(repositorySelector:
    {repositoryName: "__repository__", repositoryLocationName: "assets"}) {
    ... on Schedules { results { name cronSchedule scheduleState { status } } } } }
"""


class Pages:
    """A running Dagster."""

    def __init__(self, workspace: Workspace, url: str, process: subprocess.Popen[bytes]) -> None:
        self.workspace = workspace
        self.url = url
        self.process = process

    def ask(self, query: str) -> Any:
        answer = httpx.post(
            f"{self.url}/graphql", json={"query": query}, timeout=60, trust_env=False
        )
        return answer.json()["data"]

    def schedules(self) -> dict[str, tuple[str, str]]:
        """Cron line and status by name; empty while the location is being loaded."""
        found = self.ask(SCHEDULES)["schedulesOrError"].get("results", [])
        return {one["name"]: (one["cronSchedule"], one["scheduleState"]["status"]) for one in found}


def eventually(holds: Callable[[], bool], seconds: float = TWO_MINUTES) -> bool:
    deadline = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.5)
    return True


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pages]:
    workspace = make_workspace(tmp_path_factory.mktemp("pages") / "ws", "north", "south")
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, "-c", SERVE, str(workspace.root), str(port)],
        cwd=checkout(),
        env={**os.environ, "MEAL_KOBO_TOKEN": "none"},
        stdout=subprocess.PIPE,
    )
    assert process.stdout is not None
    line = process.stdout.readline().decode()
    assert f"http://127.0.0.1:{port}" in line
    try:
        yield Pages(workspace, f"http://127.0.0.1:{port}", process)
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
            process.wait(60)
        process.stdout.close()


def test_where_no_pages_are_open_nothing_is_reloaded(tmp_path: Path) -> None:
    assert not assets.reload_definitions(make_workspace(tmp_path / "ws"))


def test_a_port_that_is_taken_is_refused_with_another_one(tmp_path: Path) -> None:
    workspace = make_workspace(tmp_path / "ws")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(UiFailed) as refused:
            assets.serve_ui(workspace, host="127.0.0.1", port=port)
    assert str(port) in str(refused.value)
    assert str(port + 1) in str(refused.value.next_step)


def test_every_project_is_there_with_its_clock_running(pages: Pages) -> None:
    assert pages.schedules() == {
        "pull__north": ("0 6 * * *", "RUNNING"),
        "pull__south": ("0 6 * * *", "RUNNING"),
    }


def test_nothing_is_told_to_others(pages: Pages) -> None:
    assert "telemetry:\n  enabled: false" in pages.ask("{ instance { info } }")["instance"]["info"]


def test_pages_that_are_open_are_not_opened_twice(pages: Pages) -> None:
    with pytest.raises(UiFailed, match=pages.url):
        assets.serve_ui(pages.workspace, host="127.0.0.1", port=free_port())


def test_a_schedule_that_was_changed_holds_after_a_reload(pages: Pages) -> None:
    file = put_project(pages.workspace, "south", "http://127.0.0.1:1")
    file.write_text(file.read_text("utf-8").replace("0 6 * * *", "30 5 * * 0"), "utf-8")
    assert assets.reload_definitions(pages.workspace)
    assert eventually(lambda: pages.schedules().get("pull__south") == ("30 5 * * 0", "RUNNING"))


def test_a_new_project_is_there_within_two_minutes_and_nobody_said_so(pages: Pages) -> None:
    put_project(pages.workspace, "new-one", "http://127.0.0.1:1")
    assert eventually(lambda: "pull__new__one" in pages.schedules())
    with open_instance(pages.workspace) as instance:
        assert "new-one" in registered_projects(instance)


def test_a_file_that_is_no_project_takes_no_other_away(pages: Pages) -> None:
    (pages.workspace.root / "projects" / "north" / "project.yaml").write_text("code: [", "utf-8")
    assert assets.reload_definitions(pages.workspace)
    assert eventually(lambda: set(pages.schedules()) >= {"pull__south"})
    assert "pull__north" not in pages.schedules()
    shutil.rmtree(pages.workspace.root / "projects" / "north")


def test_they_end_together_and_leave_no_address(pages: Pages) -> None:
    pages.process.send_signal(signal.SIGTERM)
    assert pages.process.wait(60) == 0
    with pytest.raises(httpx.HTTPError):
        httpx.get(pages.url, timeout=2, trust_env=False)
    assert not assets.reload_definitions(pages.workspace)
