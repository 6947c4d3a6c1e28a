"""The clock: one schedule a project.

Here: schedules, built from the project files when definitions load. Not here: what they start.
"""

from collections.abc import Iterable

import dagster as dg

from meal_pipeline.locale import gettext as _
from meal_pipeline.workspace.project import Project

from .instance import STARTED_BY
from .names import dagster_name
from .partitions import PROJECT_RUN, registered_projects


def schedules(projects: Iterable[Project]) -> list[dg.ScheduleDefinition]:
    """Give one schedule a project, `pull__<code>`, as its file says."""
    return [_schedule(project) for project in projects]


def _schedule(project: Project) -> dg.ScheduleDefinition:
    @dg.schedule(
        job_name=PROJECT_RUN,
        cron_schedule=project.schedule.cron,
        execution_timezone=project.schedule.timezone,
        name=f"pull__{dagster_name(project.code)}",
        default_status=dg.DefaultScheduleStatus.RUNNING
        if project.schedule.active
        else dg.DefaultScheduleStatus.STOPPED,
        description=_("Pulls {project} and remakes its tables.").format(project=project.code),
        metadata={"project": project.code, "owners": ", ".join(project.owners)},
    )
    def pull(context: dg.ScheduleEvaluationContext) -> dg.RunRequest | dg.SkipReason:
        if project.code not in registered_projects(context.instance):
            return dg.SkipReason(f"{project.code} is not registered: its file is gone or new.")
        at = context.scheduled_execution_time.isoformat()
        return dg.RunRequest(
            run_key=f"{project.code}@{at}",
            partition_key=project.code,
            tags={STARTED_BY: "clock"},
        )

    return pull
