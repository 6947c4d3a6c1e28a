"""Dagster's home in the workspace.

Here: its settings file, written where it is absent. Not here: starting anything.
"""

from meal_pipeline.workspace import Workspace

SETTINGS = """\
# How Dagster keeps the history of runs. Change it if you know why; it is not overwritten.
telemetry:
  enabled: false
concurrency:
  pools:
    default_limit: 1
    granularity: op
  runs:
    max_concurrent_runs: 2
run_monitoring:
  enabled: true
run_retries:
  enabled: true
  max_retries: 2
  retry_on_asset_or_op_failure: false
retention:
  schedule:
    purge_after_days: 90
  sensor:
    purge_after_days: {skipped: 7, failure: 30, success: 30}
sensors:
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
