"""The whole line as `meal run` does it: recorded by Dagster, in one process.

Here: what of a run's time the rooms take, and what is Dagster's. Not here: the rooms one by one
(`stages.py`).
"""

import importlib
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks.survey import PROJECT

LIBRARIES = (
    "meal_pipeline.workspace",
    "meal_pipeline.collect",
    "meal_pipeline.read",
    "meal_pipeline.validate.validate_project",
    "meal_pipeline.measure.measure_project",
    "meal_pipeline.compare.compare_project",
    "meal_pipeline.evaluate",
    "meal_pipeline.share",
)
"""What any run needs; loading it is neither a room's work nor Dagster's."""
LATE_LIBRARIES = ("scipy.special", "great_expectations", "assets")
"""What rooms and the roof load when they first need it; a long-lived process has it already."""


CLOCKS = {"seconds": time.perf_counter, "cpu_seconds": time.process_time}
"""What is measured: time as it passes, and time in which this process was computing."""

Times = dict[str, float]


def whole_run(root: Path, *, warm: bool) -> dict[str, Any]:
    """Run the project; give by clock the time of each part: `libraries`, each room, `dagster`.

    `dagster` is all that no room takes, with the import of Dagster where not `warm`. The pull is a
    room like the others here, `collect`. With `warm` everything is loaded before the clocks start,
    as it is in a process that lives on.
    """
    os.environ["MEAL_KOBO_TOKEN"] = _practice_token()
    parts: dict[str, Times] = {}
    whole: dict[str, Times] = {}
    if warm:
        _load(LIBRARIES + LATE_LIBRARIES)
    with _timed(whole, "whole"):
        with _timed(parts, "libraries"):
            _load(LIBRARIES)
        from assets import run_project
        from meal_pipeline.workspace import open_workspace

        with _rooms_timed(parts):
            outcome = run_project(open_workspace(root), PROJECT)
    parts["dagster"] = {
        clock: whole["whole"][clock] - sum(part[clock] for part in parts.values())
        for clock in CLOCKS
    }
    found: dict[str, Any] = {
        clock: {name: part[clock] for name, part in parts.items()} for clock in CLOCKS
    }
    return {**found, "outcomes": {stage: one.outcome for stage, one in outcome.stages.items()}}


def _load(names: tuple[str, ...]) -> None:
    for name in names:
        importlib.import_module(name)


@contextmanager
def _timed(parts: dict[str, Times], name: str) -> Iterator[None]:
    begun = {clock: read() for clock, read in CLOCKS.items()}
    yield
    parts[name] = {clock: read() - begun[clock] for clock, read in CLOCKS.items()}


@contextmanager
def _rooms_timed(parts: dict[str, Times]) -> Iterator[None]:
    """Measure each stage between the record of its start and that of its end."""
    roof: Any = importlib.import_module("assets.stage")
    record_stage = roof.record_stage

    @contextmanager
    def timed(store: Any, project: str, stage: str, *others: Any) -> Iterator[Any]:
        with _timed(parts, stage), record_stage(store, project, stage, *others) as record:
            yield record

    roof.record_stage = timed
    try:
        yield
    finally:
        roof.record_stage = record_stage


def _practice_token() -> str:
    from meal_pipeline.practice import PRACTICE_TOKEN

    return PRACTICE_TOKEN
