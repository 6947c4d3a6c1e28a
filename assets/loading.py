"""What a process of Dagster loads.

Here: finding the workspace of this process, its language, and what to say where there is none. Not
here: the definitions themselves (`definitions.py`).
"""

import logging
import os
from pathlib import Path

import dagster as dg

from meal_pipeline.errors import MealError
from meal_pipeline.locale import gettext as _
from meal_pipeline.locale import set_language
from meal_pipeline.workspace import NoWorkspace, Workspace, open_workspace
from meal_pipeline.workspace.roof import checkout

from .definitions import build_defs
from .faults import no_workspace_asset

DEMO = "demo"
"""The workspace that `meal demo` makes in a checkout."""


def load() -> dg.Definitions:
    """Give the definitions of the workspace that this process finds, or one asset that says why."""
    try:
        workspace = _find()
    except MealError as error:
        reason = f"{error} {error.next_step or ''}".strip()
        return dg.Definitions(assets=[no_workspace_asset(reason)])
    set_language(workspace.settings.language)
    if not os.environ.get("DAGSTER_HOME"):
        logging.getLogger("dagster").warning(
            _(
                "DAGSTER_HOME is not set: the history of runs is lost when Dagster ends. "
                "Keep it with: meal ui, or DAGSTER_HOME={home}"
            ).format(home=workspace.dagster_home)
        )
    return build_defs(workspace)


def _find() -> Workspace:
    """Give the workspace of this process; in a checkout that is none, the demo's."""
    try:
        return open_workspace()
    except NoWorkspace:
        root = checkout()
        if root is None or Path.cwd() != root or not (root / DEMO / "meal.yaml").is_file():
            raise
        return open_workspace(root / DEMO)
