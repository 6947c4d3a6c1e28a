"""When things run: schedules, sensors and automation conditions, all policy in one place.

Here: who starts `project_run`, and what makes derived tables follow by themselves. Not here: what
runs.
"""

from collections.abc import Sequence

import dagster as dg

from meal_pipeline.locale import gettext as _
from meal_pipeline.workspace import Workspace


def apply_automation(assets: Sequence[dg.AssetsDefinition]) -> list[dg.AssetsDefinition]:
    """Give the assets with the condition on which they follow changes that no run asked for.

    `eager` alone would send a project whose gate failed downstream on the next tick.
    """
    condition = (
        dg.AutomationCondition.eager() & dg.AutomationCondition.all_deps_blocking_checks_passed()
    )
    return [
        asset
        if dg.AssetKey("submissions") in asset.keys
        else asset.map_asset_specs(
            lambda spec: spec.replace_attributes(automation_condition=condition)
        )
        for asset in assets
    ]


def schedules(
    workspace: Workspace, job: dg.UnresolvedAssetJobDefinition
) -> list[dg.ScheduleDefinition]:
    """Give one schedule a project, `pull__<code>`, as its file says."""
    return [_schedule(workspace, code, job) for code in workspace.projects()]


def _schedule(
    workspace: Workspace, code: str, job: dg.UnresolvedAssetJobDefinition
) -> dg.ScheduleDefinition:
    project = workspace.projects()[code]

    @dg.schedule(
        job=job,
        cron_schedule=project.schedule.cron,
        execution_timezone=project.schedule.timezone,
        name=f"pull__{code.replace('-', '_')}",
        default_status=dg.DefaultScheduleStatus.RUNNING
        if project.schedule.active
        else dg.DefaultScheduleStatus.STOPPED,
        description=_("Pulls {project} and remakes its tables.").format(project=code),
    )
    def pull(context: dg.ScheduleEvaluationContext) -> dg.RunRequest:
        at = context.scheduled_execution_time.isoformat()
        return dg.RunRequest(run_key=f"{code}@{at}", partition_key=code)

    return pull


def sensors(
    workspace: Workspace, job: dg.UnresolvedAssetJobDefinition
) -> list[dg.SensorDefinition]:
    """Give the sensors of a workspace."""
    return []
