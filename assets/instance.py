"""Dagster's home in the workspace.

Here: its settings file, the instance that lives there, and runs that a kill left unfinished. Not
here: starting anything.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, nullcontext
from pathlib import Path

import dagster as dg
from dagster._core.storage.dagster_run import NOT_FINISHED_STATUSES

from meal_pipeline.locale import gettext as _
from meal_pipeline.workspace import Workspace

from .partitions import PROJECT_TAG

STARTED_BY = "meal/started_by"
TERMINAL = "terminal"
_MADE = "made"
"""A file in the home that tells that its tables are there."""

SETTINGS = """\
# How Dagster keeps the history of runs. Change it if you know why; it is not overwritten.
telemetry:
  enabled: false
concurrency:
  pools:
    default_limit: 2  # pulls from KoboToolbox at a time
    granularity: op
  runs:
    max_concurrent_runs: 3
    tag_concurrency_limits:
      - key: dagster/partition  # one run a project; the next one waits its turn
        value:
          applyLimitPerUniqueValue: true
        limit: 1
compute_logs:  # what programs print is not kept: it may hold answers
  module: dagster._core.storage.noop_compute_log_manager
  class: NoOpComputeLogManager
run_monitoring:
  enabled: true
  max_runtime_seconds: 21600
  free_slots_after_run_end_seconds: 60
run_retries:
  enabled: true
  max_retries: 2  # of a run whose process died, from the step that it had reached
  retry_on_asset_or_op_failure: false
retention:
  schedule:
    purge_after_days: 90
  sensor:
    purge_after_days:
      skipped: 7
      failure: 30
      success: 30
sensors:
  use_threads: true
  num_workers: 4
schedules:
  use_threads: true
  num_workers: 4
freshness:
  enabled: true
"""


def prepare_home(workspace: Workspace) -> None:
    """Make the workspace's Dagster home with its settings, if they are not there."""
    home = workspace.dagster_home
    home.mkdir(parents=True, exist_ok=True)
    settings = home / "dagster.yaml"
    if not settings.is_file():
        settings.write_text(SETTINGS, encoding="utf-8")


@contextmanager
def open_instance(workspace: Workspace) -> Iterator[dg.DagsterInstance]:
    """Open the Dagster that records the workspace's runs."""
    prepare_home(workspace)
    home = workspace.dagster_home
    with nullcontext() if (home / _MADE).exists() else _alone_in(home):
        instance = dg.DagsterInstance.from_config(str(home))
        (home / _MADE).touch()
    try:
        yield instance
    finally:
        instance.dispose()


@contextmanager
def _alone_in(home: Path) -> Iterator[None]:
    """Let one process at a time make Dagster's tables: two at once spoil them for good.

    A transaction of SQLite is the lock, since it ends with its process on every system.
    """
    with closing(sqlite3.connect(home / "making.sqlite", timeout=120, isolation_level=None)) as one:
        one.execute("BEGIN EXCLUSIVE")
        yield


def end_killed_runs(instance: dg.DagsterInstance, project: str) -> None:
    """Report as failed the runs of `project` from the terminal that were killed.

    Call it under the project's lease: such a run holds the lease as long as it lives.
    """
    unfinished = dg.RunsFilter(
        statuses=NOT_FINISHED_STATUSES, tags={PROJECT_TAG: project, STARTED_BY: TERMINAL}
    )
    for run in instance.get_runs(unfinished):
        instance.report_run_failed(run, _("Its process ended before it did."))
        instance.event_log_storage.free_concurrency_slots_for_run(run.run_id)
