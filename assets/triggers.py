"""When things run: clock, bell, look, folder and automation, all policy gathered in one place.

Here: the triggers of a workspace. Not here: what runs. The terminal starts the same job
(`runs.py`).
"""

import dagster as dg

from meal_pipeline.workspace import Workspace

from .automation import FIRST, automation_sensors, with_conditions
from .folder import folder_sensor
from .inbox import inbox_sensor
from .polling import polling_sensor
from .schedules import schedules

__all__ = ["schedules", "sensors", "with_conditions"]


def sensors(
    workspace: Workspace,
    line: list[dg.AssetsDefinition],
    pooled: list[dg.AssetsDefinition],
) -> list[dg.SensorDefinition]:
    """Give the sensors of a workspace."""
    after_pull = [key for asset in line for key in asset.keys if key != FIRST]
    return [
        inbox_sensor(workspace),
        polling_sensor(workspace),
        folder_sensor(workspace, after_pull),
        *automation_sensors(line, pooled),
    ]
