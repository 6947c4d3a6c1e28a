"""All definitions of a workspace in one place.

Here: `build_defs`, which assembles assets, job, schedules, sensors and resources, and takes
overrides so that tests and the terminal never patch. Not here: any asset or policy.

Definitions always load: a project file with a fault, a missing workspace or a bad SQL model is
shown as one failed check, and the rest runs.
"""

import dagster as dg

from meal_pipeline.errors import MealError
from meal_pipeline.locale import set_language
from meal_pipeline.workspace import Workspace, open_workspace

from .collect import submissions_asset
from .compare import effects_asset
from .evaluate import models_asset
from .faults import no_workspace_asset, project_files_asset
from .measure import estimates_asset
from .partitions import PROJECTS
from .read import responses_asset
from .resources import rooms_resource
from .share import brief_asset
from .triggers import apply_automation, schedules, sensors
from .validate import responses_valid_asset

PROJECT_RUN = "project_run"


def workspace_or_none() -> tuple[Workspace | None, str]:
    """Give the workspace of this process, or None and the sentence that says why not."""
    try:
        return open_workspace(), ""
    except MealError as error:
        return None, f"{error} {error.next_step or ''}".strip()


def build_defs(
    workspace: Workspace | None = None,
    *,
    rooms: dg.ResourceDefinition | None = None,
) -> dg.Definitions:
    """Assemble the definitions of `workspace`, by default the one of this process.

    `rooms` replaces the resource that opens the workspace.
    """
    reason = ""
    if workspace is None:
        workspace, reason = workspace_or_none()
    if workspace is None:
        return dg.Definitions(assets=[no_workspace_asset(reason)])
    set_language(workspace.settings.language)
    line = [
        submissions_asset(),
        responses_asset(),
        responses_valid_asset(),
        estimates_asset(),
        effects_asset(),
        models_asset(workspace),
        brief_asset(),
    ]
    keys = [key for asset in line for key in asset.keys]
    job = dg.define_asset_job(
        PROJECT_RUN,
        selection=dg.AssetSelection.assets(*keys),
        partitions_def=PROJECTS,
        executor_def=dg.in_process_executor,
    )
    return dg.Definitions(
        assets=[*apply_automation(line), project_files_asset(workspace)],
        jobs=[job],
        schedules=schedules(workspace, job),
        sensors=sensors(workspace, job),
        resources={"rooms": rooms or rooms_resource(workspace)},
        executor=dg.in_process_executor,
    )
