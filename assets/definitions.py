"""All definitions of a workspace in one place.

Here: `build_defs`, which assembles assets, job, schedules, sensors and resources, and takes
overrides so that tests and the terminal never patch. Not here: any asset or policy.

Definitions always load: a project file with a fault, a missing workspace or a bad SQL model is
shown as one failed check, and the rest runs.
"""

import dagster as dg

from meal_pipeline.locale import gettext as _
from meal_pipeline.workspace import Workspace

from .all_projects import all_projects_asset
from .collect import submissions_asset
from .compare import effects_asset
from .declared import read_declared
from .evaluate import models_asset
from .faults import project_files_asset
from .measure import estimates_asset
from .owners import owners_of
from .partitions import PROJECT_RUN
from .read import responses_asset
from .resources import rooms_resource
from .share import brief_asset
from .triggers import schedules, sensors, with_conditions
from .validate import responses_valid_asset


def build_defs(
    workspace: Workspace, *, rooms: dg.ResourceDefinition | None = None
) -> dg.Definitions:
    """Assemble the definitions of `workspace`; `rooms` replaces the resource that opens it."""
    declared = read_declared(workspace)
    owners = owners_of(declared.projects.values())
    line = [
        asset.map_asset_specs(lambda spec: spec.replace_attributes(owners=owners))
        for asset in (
            submissions_asset(),
            responses_asset(),
            responses_valid_asset(),
            estimates_asset(),
            effects_asset(),
            models_asset(workspace, declared),
            brief_asset(),
        )
    ]
    pooled = [all_projects_asset(workspace)]
    job = dg.define_asset_job(
        PROJECT_RUN,
        selection=dg.AssetSelection.assets(*(key for asset in line for key in asset.keys)),
        executor_def=dg.in_process_executor,
        description=_("The whole way of one project: from its forms to its brief."),
    )
    return dg.Definitions(
        assets=[*with_conditions(line, pooled), project_files_asset(workspace, declared)],
        jobs=[job],
        schedules=schedules(declared.projects.values()),
        sensors=sensors(workspace, line, pooled),
        resources={"rooms": rooms or rooms_resource(workspace)},
        executor=dg.in_process_executor,
    )
