"""One run of one project, started from the terminal and recorded like every other.

Here: `run_project` and its outcome. Not here: schedules and sensors (`triggers.py`), which start
the same job.
"""

import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import dagster as dg
from sqlalchemy import select

from meal_pipeline.errors import MealError
from meal_pipeline.kobo import KoboClient
from meal_pipeline.locale import gettext as _
from meal_pipeline.store.leases import lease
from meal_pipeline.store.tables.runs import stage_runs
from meal_pipeline.workspace import Workspace

from .definitions import PROJECT_RUN, build_defs
from .instance import prepare_home
from .partitions import register_projects
from .resources import Progress, Rooms, connect, open_rooms, quiet
from .stage import STAGES

StageResult = Literal["done", "unchanged", "blocked", "failed", "skipped"]


class UnknownStage(MealError):
    """A stage that the line does not have."""


@dataclass(frozen=True)
class StageOutcome:
    """How one stage ended; `report` is what its room gave, None where it did not end."""

    outcome: StageResult
    message: str | None = None
    next_step: str | None = None
    report: Any = None


@dataclass(frozen=True)
class RunOutcome:
    """How a run ended, stage by stage in the order of the line."""

    project: str
    run_id: str
    ok: bool
    stages: dict[str, StageOutcome]

    @property
    def changed(self) -> bool:
        """Whether any stage had something new to do."""
        return any(stage.outcome == "done" for stage in self.stages.values())


def run_project(
    workspace: Workspace,
    project: str,
    *,
    from_stage: str = "collect",
    snapshot_id: str | None = None,
    variant: str = "official",
    connect: Callable[[str, str], KoboClient] = connect,
    progress: Progress = quiet,
) -> RunOutcome:
    """Run `project` in this process, recorded in the workspace's Dagster, under its lease.

    `from_stage` is the first stage to run; `snapshot_id` then names the snapshot it starts from
    (a read one for `validate`, a validated one for `measure` and `compare`). `progress` hears the
    stage and a few words. Raises UnknownProject, BadFile, UnknownStage, KeyMissing, WrongKey and
    LeaseHeld; what stops inside a stage is told in the outcome.
    """
    if from_stage not in STAGES:
        raise UnknownStage(
            _("There is no stage {stage}.").format(stage=from_stage),
            next_step=_("The stages are {stages}.").format(stages=", ".join(STAGES)),
        )
    workspace.project(project)
    wanted = STAGES[STAGES.index(from_stage) :]
    with open_rooms(workspace, project=project, connect=connect, progress=progress) as rooms:
        instance = _instance(workspace)
        try:
            register_projects(instance, [project])
            run_id, ok = _execute(instance, workspace, rooms, project, wanted, snapshot_id, variant)
        finally:
            instance.dispose()
        return RunOutcome(project, run_id, ok, _outcomes(rooms, project, run_id, wanted))


def _instance(workspace: Workspace) -> dg.DagsterInstance:
    prepare_home(workspace)
    return dg.DagsterInstance.from_config(str(workspace.dagster_home))


def _execute(
    instance: dg.DagsterInstance,
    workspace: Workspace,
    rooms: Rooms,
    project: str,
    wanted: tuple[str, ...],
    snapshot_id: str | None,
    variant: str,
) -> tuple[str, bool]:
    """Execute the job for the wanted stages and give its run id and whether it ended well."""
    defs = build_defs(workspace, rooms=dg.ResourceDefinition.hardcoded_resource(rooms))
    job = defs.get_job_def(PROJECT_RUN)
    first = wanted[0]
    settings: dict[str, Any] = {}
    for name, op in (("validate", "validate"), ("measure", "estimates"), ("compare", "effects")):
        if name in wanted:
            starts_here = first == name or (first == "measure" and name == "compare")
            settings[op] = {
                "config": {
                    "snapshot_id": snapshot_id if starts_here else None,
                    "variant": variant,
                }
            }
    result = job.execute_in_process(
        instance=instance,
        partition_key=project,
        asset_selection=[
            key
            for key in job.asset_layer.executable_asset_keys
            if defs.resolve_asset_graph().get(key).group_name in wanted
        ],
        run_config={
            "ops": {op: config for op, config in settings.items()},
            "loggers": {"console": {"config": {"log_level": "CRITICAL"}}},
        },
        tags={"meal/from": first},
        raise_on_error=False,
    )
    return result.run_id, result.success


def _outcomes(
    rooms: Rooms, project: str, run_id: str, wanted: tuple[str, ...]
) -> dict[str, StageOutcome]:
    with rooms.store.read() as connection:
        recorded = {
            row.stage: row
            for row in connection.execute(
                select(stage_runs).where(
                    stage_runs.c.project == project, stage_runs.c.run_id == run_id
                )
            )
        }
    outcomes = {}
    for stage in wanted:
        row = recorded.get(stage)
        outcomes[stage] = (
            StageOutcome("skipped")
            if row is None
            else StageOutcome(
                row.outcome, row.message, row.next_step, rooms.reports.get(stage)
            )
        )
    return outcomes
