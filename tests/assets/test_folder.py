"""The sensor that keeps Dagster in step with the workspace's files."""

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import dagster as dg
from dagster._core.definitions.partitions.context import partition_loading_context

import assets
from assets.folder import Memory, file_hashes, folder_sensor, news
from assets.instance import open_instance
from assets.partitions import register_projects, registered_projects, steps_to
from meal_pipeline.workspace import Workspace

from .small_world import make_workspace, put_project

AFTER_PULL = [dg.AssetKey("responses"), dg.AssetKey("estimates")]


class Daemon:
    """Ticks the sensor as Dagster's daemon does: cursor kept, partitions changed."""

    def __init__(self, workspace: Workspace, instance: dg.DagsterInstance) -> None:
        self.instance = instance
        self._sensor = folder_sensor(workspace, AFTER_PULL)
        self._defs = assets.build_defs(workspace)
        self._cursor: str | None = None

    def tick(self) -> Any:
        context: Any = dg.build_sensor_context(
            instance=self.instance, cursor=self._cursor, definitions=self._defs
        )
        with partition_loading_context(dynamic_partitions_store=self.instance):
            found = self._sensor.evaluate_tick(context)
        self._cursor = found.cursor
        if not found.dynamic_partitions_requests:
            return found
        added, removed = found.dynamic_partitions_requests
        self.instance.add_dynamic_partitions("project", added.partition_keys)
        for code in removed.partition_keys:
            self.instance.delete_dynamic_partition("project", code)
        return found


def is_retired(workspace: Workspace, code: str) -> bool:
    with closing(sqlite3.connect(workspace.store_address)) as store:
        return bool(
            store.execute("select retired from projects where project = ?", [code]).fetchone()[0]
        )


def in_flight(instance: dg.DagsterInstance, code: str) -> dg.DagsterRun:
    @dg.job
    def nothing() -> None: ...

    return instance.create_run_for_job(
        nothing, status=dg.DagsterRunStatus.STARTED, tags={"dagster/partition": code}
    )


def test_a_project_that_comes_and_goes_is_a_partition_meanwhile(tmp_path: Path) -> None:
    workspace = make_workspace(tmp_path / "ws", "north")
    with open_instance(workspace) as instance:
        daemon = Daemon(workspace, instance)
        daemon.tick()
        put_project(workspace, "south", "http://127.0.0.1:1")
        daemon.tick()
        assert registered_projects(instance) == ["north", "south"]
        shutil.rmtree(workspace.root / "projects" / "south")
        daemon.tick()
        assert registered_projects(instance) == ["north"]


def test_a_removed_project_is_retired_with_its_history_and_taken_back(office: Workspace) -> None:
    kept = office.root / "projects" / "north"
    with open_instance(office) as instance:
        daemon = Daemon(office, instance)
        daemon.tick()
        shutil.move(kept, office.root / "aside")
        daemon.tick()
        assert is_retired(office, "north")
        assert not is_retired(office, "south")
        assert instance.get_latest_materialization_event(dg.AssetKey("estimates")) is not None
        shutil.move(office.root / "aside", kept)
        daemon.tick()
        assert not is_retired(office, "north")
        assert instance.get_materialized_partitions(dg.AssetKey("estimates")) == {"north", "south"}


def test_a_removed_project_waits_until_its_run_has_ended(tmp_path: Path) -> None:
    workspace = make_workspace(tmp_path / "ws", "north")
    with open_instance(workspace) as instance:
        daemon = Daemon(workspace, instance)
        daemon.tick()
        going = in_flight(instance, "north")
        shutil.rmtree(workspace.root / "projects" / "north")
        daemon.tick()
        assert registered_projects(instance) == ["north"]
        instance.report_run_failed(going)
        daemon.tick()
        assert registered_projects(instance) == []


def test_a_project_whose_file_has_a_fault_is_not_gone(tmp_path: Path) -> None:
    workspace = make_workspace(tmp_path / "ws", "north")
    with open_instance(workspace) as instance:
        daemon = Daemon(workspace, instance)
        (workspace.root / "projects" / "north").rename(workspace.root / "projects" / "The North")
        daemon.tick()
        (workspace.root / "projects" / "The North" / "project.yaml").write_text("code: [", "utf-8")
        found = daemon.tick()
        assert registered_projects(instance) == ["north"]
    failed = [check for check in found.asset_events if not check.passed]
    assert len(failed) == 1
    assert "project.yaml:1" in str(failed[0].description)


def test_a_folder_that_cannot_be_read_is_not_an_empty_one(tmp_path: Path) -> None:
    workspace = make_workspace(tmp_path / "ws", "north")
    with open_instance(workspace) as instance:
        register_projects(instance, ["north"])
        shutil.rmtree(workspace.root / "projects")
        context: Any = dg.build_sensor_context(instance=instance)
        found = folder_sensor(workspace, AFTER_PULL).evaluate_tick(context)
        assert not found.dynamic_partitions_requests
        assert registered_projects(instance) == ["north"]


def test_a_changed_declaration_is_computed_anew_without_a_pull(office: Workspace) -> None:
    file = office.root / "projects" / "north" / "project.yaml"
    text = file.read_text("utf-8")
    keys = []
    with open_instance(office) as instance:
        daemon = Daemon(office, instance)
        assert not daemon.tick().run_requests
        for change in ("'no'", "'yes'", "'no'"):
            file.write_text(text.replace("'yes'", change), "utf-8")
            (asked,) = daemon.tick().run_requests or [None]
            if asked is not None:
                assert asked.partition_key == "north"
                assert list(asked.asset_selection) == AFTER_PULL
                keys.append(asked.run_key)
        assert not daemon.tick().run_requests
    assert len(set(keys)) == 3


def test_a_project_that_was_never_pulled_is_left_to_the_look(tmp_path: Path) -> None:
    workspace = make_workspace(tmp_path / "ws", "north")
    with open_instance(workspace) as instance:
        daemon = Daemon(workspace, instance)
        daemon.tick()
        put_project(workspace, "north", "http://127.0.0.1:1", limit=3)
        assert not daemon.tick().run_requests


def test_steps_add_what_is_new_and_remove_what_is_gone() -> None:
    steps = steps_to(
        ["a", "new"], ["a", "gone", "busy", "odd"], unreadable=["odd"], in_flight=["busy"]
    )
    assert (steps.added, steps.removed, steps.waits) == (["new"], ["gone"], ["busy"])


def test_the_same_files_are_no_news(tmp_path: Path) -> None:
    workspace = make_workspace(tmp_path / "ws", "north")
    files = file_hashes(workspace.root)
    first = news(workspace.projects(), files, ["north"], set(), Memory(event=1))
    again = news(workspace.projects(), files, ["north"], set(), first.memory)
    assert first.files_changed
    assert not again.files_changed
    assert again.memory == first.memory
