"""Dagster's events are the same, with or without connections that are kept."""

import sqlite3
from pathlib import Path

import dagster as dg
from sqlalchemy import event
from sqlalchemy.engine import Engine

from assets.kept_connections import kept_connections


@dg.op
def step(context: dg.OpExecutionContext) -> None:
    """Say a few things."""
    for number in range(20):
        context.log_event(dg.AssetObservation("well", metadata={"number": number}))


@dg.job
def small() -> None:
    """Run one step."""
    step()


def connections_of(instance: dg.DagsterInstance) -> tuple[str, int]:
    """Run the job; give its run id, and how many connections to the event log were opened."""
    opened: list[str] = []

    def note(connection: sqlite3.Connection, _record: object) -> None:
        (path,) = (row[2] for row in connection.execute("PRAGMA database_list"))
        opened.extend([path] if Path(path).parent.name == "runs" else [])

    event.listen(Engine, "connect", note)
    try:
        return small.execute_in_process(instance=instance).run_id, len(opened)
    finally:
        event.remove(Engine, "connect", note)


def test_a_run_is_recorded_alike_over_far_fewer_connections(tmp_path: Path) -> None:
    with dg.DagsterInstance.local_temp(str(tmp_path)) as instance:
        plain, many = connections_of(instance)
        with kept_connections(instance):
            kept, few = connections_of(instance)

        first, second = (
            [entry.dagster_event_type for entry in instance.all_logs(run)] for run in (plain, kept)
        )
        assert first == second
        assert few < many / 2


def test_after_the_run_dagster_connects_as_it_always_did(tmp_path: Path) -> None:
    with dg.DagsterInstance.local_temp(str(tmp_path)) as instance:
        with kept_connections(instance):
            connections_of(instance)
        _run, many = connections_of(instance)

    assert many > 20
