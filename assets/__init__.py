"""The roof: what runs and when, in Dagster.

Here: assets, schedules, sensors, and the runs that the terminal starts. Not here: any logic; every
asset calls a room of `meal_pipeline`, which a notebook can call as well.
"""

import dagster as dg

from .definitions import build_defs
from .loading import load
from .reload import reload_definitions
from .runs import RunOutcome, StageOutcome, run_project
from .stage import STAGES
from .ui import serve_ui

__all__ = [
    "STAGES",
    "RunOutcome",
    "StageOutcome",
    "build_defs",
    "defs",
    "reload_definitions",
    "run_project",
    "serve_ui",
]


@dg.definitions
def defs() -> dg.Definitions:
    """Give the definitions of the workspace that this process finds."""
    return load()
