"""The stages of the line on one workspace, called as a notebook calls them.

Here: one function a stage, each to be measured in a process of its own. Not here: measuring, peers,
Dagster.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks.survey import PROJECT, project_file


def make_workspace(root: Path, server: str) -> None:
    """Make a workspace with the measured project."""
    from meal_pipeline.workspace import init_workspace

    workspace, _phrase = init_workspace(root)
    folder = workspace.root / "projects" / PROJECT
    folder.mkdir(parents=True)
    (folder / "project.yaml").write_text(project_file(server), encoding="utf-8")


@contextmanager
def opened(root: Path) -> Iterator[tuple[Any, Any, Any]]:
    """Give workspace, store and project; the store is closed afterwards."""
    from meal_pipeline.workspace import open_workspace

    workspace = open_workspace(root)
    store = workspace.open_store()
    try:
        yield workspace, store, workspace.project(PROJECT)
    finally:
        store.close()


def now() -> datetime:
    """Tell the time."""
    return datetime.now(UTC)


def client(server: str) -> Any:
    """Give a client for the practice server."""
    from meal_pipeline.kobo import KoboClient
    from meal_pipeline.practice import PRACTICE_TOKEN

    return KoboClient(server, PRACTICE_TOKEN)


def collect(root: Path) -> dict[str, Any]:
    """Pull all forms."""
    from meal_pipeline.collect import collect_project

    with opened(root) as (workspace, store, project):
        report = collect_project(store, project, key=workspace.key(), connect=client, clock=now)
    return {"rows": sum(form.rows_held for form in report.forms), "changed": report.changed}


def read(root: Path) -> dict[str, Any]:
    """Read the submissions into typed frames."""
    from meal_pipeline.read import read_project

    with opened(root) as (workspace, store, project):
        report = read_project(store, project, key=workspace.key(), clock=now)
        snapshot = store.snapshots.open(PROJECT, report.snapshot_id)
        columns = {name: len(snapshot.columns(name)) for name in snapshot.frames}
    return {
        "rows": report.rows,
        "columns": columns,
        "verdicts": report.notices,
        "changed": report.changed,
    }


def validate(root: Path) -> dict[str, Any]:
    """Check the rows; the site of results is written, too, as in a run."""
    from meal_pipeline.validate.validate_project import validate_project

    with opened(root) as (workspace, store, project):
        report = validate_project(
            store,
            project,
            suites=workspace.declarations("expectations"),
            clock=now,
            data_docs=workspace.data_docs,
        )
    return {
        "rules": len(report.rules),
        "findings": dict(report.findings),
        "accounts": {form: vars(account) for form, account in report.forms.items()},
        "gate": report.gate,
        "changed": report.changed,
    }


def measure(root: Path) -> dict[str, Any]:
    """Estimate the indicators."""
    from meal_pipeline.measure.measure_project import measure_project

    with opened(root) as (_workspace, store, project):
        report = measure_project(store, project)
    return {
        "estimates": report.estimates,
        "changes": report.changes,
        "blocked": [one.sentence for one in report.blocked],
        "changed": report.changed,
    }


def compare(root: Path) -> dict[str, Any]:
    """Estimate the effect."""
    from meal_pipeline.compare.compare_project import compare_project

    with opened(root) as (_workspace, store, project):
        report = compare_project(store, project)
    return {
        "effects": report.effects,
        "blocked": [one.sentence for one in report.blocked],
        "changed": report.changed,
    }


def evaluate(root: Path) -> dict[str, Any]:
    """Build the shared tables."""
    from meal_pipeline.evaluate import evaluate_project

    with opened(root) as (workspace, store, _project):
        report = evaluate_project(
            store, PROJECT, model_folders=workspace.model_folders(), clock=now
        )
    return {
        "rows": sum(model.rows or 0 for model in report.models),
        "withheld": report.withheld,
        "failed_tests": len(report.failed),
        "changed": report.changed,
    }


STAGES = (collect, read, validate, measure, compare, evaluate)
"""Every stage that is measured, in the order of the line."""

os.environ.setdefault("GX_ANALYTICS_ENABLED", "False")
