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


def whole_run(root: Path, *, warm: bool) -> dict[str, Any]:
    """Run the project and give seconds: `libraries`, `total` after them, by room, `dagster`.

    `dagster` is the total less the rooms' time, with the import of Dagster where not `warm`. The
    pull is a room like the others here, `collect`. `warm` loads everything before the clock starts.
    """
    os.environ["MEAL_KOBO_TOKEN"] = _practice_token()
    begun = time.perf_counter()
    for name in LIBRARIES + (LATE_LIBRARIES if warm else ()):
        importlib.import_module(name)
    loaded = time.perf_counter()
    from assets import run_project
    from meal_pipeline.workspace import open_workspace

    with _rooms_timed() as rooms:
        outcome = run_project(open_workspace(root), PROJECT)
    total = time.perf_counter() - loaded
    return {
        "libraries": loaded - begun,
        "total": total,
        "rooms": rooms,
        "dagster": total - sum(rooms.values()),
        "outcomes": {stage: one.outcome for stage, one in outcome.stages.items()},
    }


@contextmanager
def _rooms_timed() -> Iterator[dict[str, float]]:
    """Measure each stage between the record of its start and that of its end."""
    roof: Any = importlib.import_module("assets.stage")
    seconds: dict[str, float] = {}
    record_stage = roof.record_stage

    @contextmanager
    def timed(store: Any, project: str, stage: str, *others: Any) -> Iterator[Any]:
        begun = time.perf_counter()
        with record_stage(store, project, stage, *others) as record:
            yield record
        seconds[stage] = time.perf_counter() - begun

    roof.record_stage = timed
    try:
        yield seconds
    finally:
        roof.record_stage = record_stage


def _practice_token() -> str:
    from meal_pipeline.practice import PRACTICE_TOKEN

    return PRACTICE_TOKEN
