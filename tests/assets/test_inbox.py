"""The sensor that asks for runs because of events."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
from dagster._core.definitions.partitions.context import partition_loading_context

import assets
from assets.inbox import SENSOR, inbox_sensor
from assets.instance import open_instance
from assets.partitions import register_projects
from meal_pipeline.listen import Event, keep, waiting
from meal_pipeline.store import Store
from meal_pipeline.store.times import utc_text
from meal_pipeline.workspace import Workspace

from .small_world import make_workspace

NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)


@dg.job
def nothing() -> None: ...


class Daemon:
    """Ticks the sensor as Dagster's daemon does; `now` is its clock, in seconds after noon."""

    def __init__(self, workspace: Workspace, instance: dg.DagsterInstance, store: Store) -> None:
        self._sensor = inbox_sensor(workspace, clock=self._clock)
        self._defs = assets.build_defs(workspace)
        self.instance = instance
        self.store = store
        self.now = 0.0
        self.found: Any = None

    def _clock(self) -> datetime:
        return NOON + timedelta(seconds=self.now)

    def ring(self, project: str, *, times: int = 1) -> None:
        """Let events arrive now."""
        keep(self.store, [Event(project, "home", n, utc_text(self._clock())) for n in range(times)])

    def tick(self, at: float) -> dict[str, str]:
        """Evaluate at this second; give the keys of the runs asked for, by project."""
        self.now = at
        context: Any = dg.build_sensor_context(instance=self.instance, definitions=self._defs)
        with partition_loading_context(dynamic_partitions_store=self.instance):
            self.found = self._sensor.evaluate_tick(context)
        return {one.partition_key: one.run_key for one in self.found.run_requests or []}

    def launch(self, asked: dict[str, str], *, ended: bool = False) -> None:
        """Make the runs, as the daemon does after a tick."""
        status = dg.DagsterRunStatus.FAILURE if ended else dg.DagsterRunStatus.STARTED
        for code, key in asked.items():
            tags = {"dagster/partition": code, "dagster/run_key": key}
            tags["dagster/sensor_name"] = SENSOR
            self.instance.create_run_for_job(nothing, status=status, tags=tags)

    def end_runs(self) -> None:
        """Let every run end."""
        for run in self.instance.get_runs():
            self.instance.report_run_failed(run)

    def untaken(self) -> int:
        """How many events wait."""
        return sum(one.events for one in waiting(self.store))


@pytest.fixture
def daemon(tmp_path: Path) -> Iterator[Daemon]:
    workspace = make_workspace(tmp_path / "ws", "busy", "calm")
    store = workspace.open_store()
    with open_instance(workspace) as instance:
        register_projects(instance, ["busy", "calm"])
        yield Daemon(workspace, instance, store)
    store.close()


def test_one_run_is_asked_for_once_it_was_quiet(daemon: Daemon) -> None:
    daemon.ring("busy", times=40)
    assert daemon.tick(at=29) == {}
    assert daemon.found.skip_message == "40 events wait."
    assert list(daemon.tick(at=30)) == ["busy"]


def test_events_that_never_cease_wait_no_longer_than_five_minutes(daemon: Daemon) -> None:
    asked_at = []
    for second in range(0, 420, 15):
        daemon.now = second
        daemon.ring("busy")
        if asked := daemon.tick(at=second):
            asked_at.append(second)
            daemon.launch(asked, ended=True)
    assert asked_at == [300]


def test_each_project_is_asked_for_on_its_own(daemon: Daemon) -> None:
    daemon.ring("calm")
    daemon.now = 20
    daemon.ring("busy")
    assert list(daemon.tick(at=30)) == ["calm"]
    assert set(daemon.tick(at=50)) == {"busy", "calm"}


def test_events_are_taken_only_when_their_run_is_there(daemon: Daemon) -> None:
    daemon.ring("busy", times=3)
    asked = daemon.tick(at=30)
    assert daemon.untaken() == 3
    daemon.launch(asked)
    assert daemon.tick(at=45) == {}
    assert daemon.untaken() == 0


def test_a_crash_between_asking_and_launching_asks_for_the_same_run(daemon: Daemon) -> None:
    daemon.ring("busy")
    first = daemon.tick(at=30)
    daemon.ring("busy")
    assert daemon.tick(at=45) == first
    assert daemon.untaken() == 2


def test_events_during_a_run_wait_their_turn_and_get_one_run(daemon: Daemon) -> None:
    daemon.ring("busy")
    first = daemon.tick(at=30)
    daemon.launch(first)
    daemon.ring("busy", times=5)
    assert daemon.tick(at=600) == {}
    assert daemon.untaken() == 5
    daemon.end_runs()
    second = daemon.tick(at=615)
    assert list(second) == ["busy"]
    assert second != first
    daemon.launch(second, ended=True)
    assert daemon.tick(at=630) == {}
    assert daemon.untaken() == 0


def test_a_run_that_failed_is_not_asked_for_again_by_its_events(daemon: Daemon) -> None:
    daemon.ring("busy")
    daemon.launch(daemon.tick(at=30), ended=True)
    assert daemon.tick(at=60) == {}
    assert daemon.tick(at=999) == {}


def test_events_of_a_project_that_is_gone_stop_nobody(daemon: Daemon) -> None:
    daemon.ring("gone")
    daemon.ring("calm")
    assert list(daemon.tick(at=60)) == ["calm"]


def test_an_empty_inbox_asks_for_nothing(daemon: Daemon) -> None:
    assert daemon.tick(at=0) == {}
    assert daemon.found.skip_message == "No events wait."


def test_what_was_taken_is_forgotten_after_a_month(daemon: Daemon) -> None:
    daemon.ring("busy")
    daemon.launch(daemon.tick(at=30), ended=True)
    daemon.tick(at=45)
    daemon.now = 31 * 86_400
    daemon.ring("calm")
    daemon.tick(at=daemon.now + 1)
    with daemon.store.read() as connection:
        left = connection.exec_driver_sql("SELECT project FROM events").scalars().all()
    assert left == ["calm"]


def test_waiting_times_are_set_in_meal_yaml(tmp_path: Path) -> None:
    from meal_pipeline.workspace import open_workspace

    workspace = make_workspace(tmp_path / "ws", "busy")
    with (workspace.root / "meal.yaml").open("a") as file:
        file.write("events: {quiet_seconds: 0}\n")
    workspace = open_workspace(workspace.root)
    assert inbox_sensor(workspace).minimum_interval_seconds == 5
    store = workspace.open_store()
    with open_instance(workspace) as instance:
        register_projects(instance, ["busy"])
        daemon = Daemon(workspace, instance, store)
        daemon.ring("busy")
        assert list(daemon.tick(at=0)) == ["busy"]
    store.close()
