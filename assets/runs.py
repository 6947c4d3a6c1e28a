"""One run of one project, started from the terminal and recorded like every other.

Here: `run_project` and its outcome. Not here: schedules and sensors (`triggers.py`), which start
the same job.
"""

from dataclasses import dataclass
from typing import Any, Literal

import dagster as dg
from sqlalchemy import select

from meal_pipeline.errors import MealError
from meal_pipeline.locale import gettext as _
from meal_pipeline.store.tables.runs import stage_runs
from meal_pipeline.workspace import Workspace

from .definitions import build_defs
from .instance import STARTED_BY, TERMINAL, end_killed_runs, open_instance
from .kept_connections import kept_connections
from .partitions import PROJECT_RUN, mark_retired, register_projects
from .resources import Connect, Progress, Rooms, connect, open_rooms, quiet
from .stage import STAGES

StageResult = Literal["done", "unchanged", "blocked", "failed", "skipped"]


STARTS = {"validate": "validate", "measure": "estimates", "compare": "effects"}
"""The stages that can start from a named snapshot, with the steps that take it."""


class UnknownStage(MealError):
    """A stage that the line does not have."""


class SnapshotNotUsed(MealError):
    """A snapshot is named for a stage that does not start from one."""


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
    connect: Connect = connect,
    progress: Progress = quiet,
) -> RunOutcome:
    """Run `project` in this process, recorded in the workspace's Dagster, under its lease.

    `from_stage` is the first stage to run; `snapshot_id` then names the snapshot it starts from
    (a read one for `validate`, a validated one for `measure` and `compare`). `progress` hears the
    stage and a few words. Raises UnknownProject, BadFile, UnknownStage, SnapshotNotUsed,
    KeyMissing, WrongKey and LeaseHeld; what stops inside a stage is told in the outcome.
    """
    if from_stage not in STAGES:
        raise UnknownStage(
            _("There is no stage {stage}.").format(stage=from_stage),
            next_step=_("The stages are {stages}.").format(stages=", ".join(STAGES)),
        )
    if snapshot_id is not None and from_stage not in STARTS:
        raise SnapshotNotUsed(
            _("The stage {stage} does not start from a snapshot.").format(stage=from_stage),
            next_step=_("The stages that do are {stages}.").format(stages=", ".join(STARTS)),
        )
    workspace.project(project)
    wanted = STAGES[STAGES.index(from_stage) :]
    with (
        open_rooms(workspace, project=project, connect=connect, progress=progress) as rooms,
        open_instance(workspace) as instance,
        kept_connections(instance),
    ):
        end_killed_runs(instance, project)
        register_projects(instance, [project])
        mark_retired(rooms.store, {project: False})
        run_id, ok = _execute(
            instance, rooms, project, wanted, _settings(wanted, snapshot_id, variant)
        )
        return RunOutcome(project, run_id, ok, _outcomes(rooms, project, run_id, wanted))


def _settings(
    wanted: tuple[str, ...], snapshot_id: str | None, variant: str
) -> dict[str, dict[str, Any]]:
    """Give the settings of each step; only the stages that a run starts with take the snapshot."""
    first = wanted[0]
    settings = {}
    for stage, step in STARTS.items():
        if stage in wanted:
            here = first == stage or (first == "measure" and stage == "compare")
            settings[step] = {"variant": variant, **({"snapshot_id": snapshot_id} if here else {})}
    return {step: {"config": config} for step, config in settings.items()}


def _execute(
    instance: dg.DagsterInstance,
    rooms: Rooms,
    project: str,
    wanted: tuple[str, ...],
    settings: dict[str, dict[str, Any]],
) -> tuple[str, bool]:
    """Execute the job for the wanted stages and give its run id and whether it ended well."""
    resource = dg.ResourceDefinition.hardcoded_resource(lambda: rooms)
    defs = build_defs(rooms.workspace, rooms=resource)
    job = defs.resolve_job_def(PROJECT_RUN)
    graph = defs.resolve_asset_graph()
    result = job.execute_in_process(
        instance=instance,
        partition_key=project,
        asset_selection=[
            key
            for key in job.asset_layer.executable_asset_keys
            if graph.get(key).group_name in wanted
        ],
        run_config={
            "ops": settings,
            "loggers": {"console": {"config": {"log_level": "CRITICAL"}}},
        },
        tags={"meal/from": wanted[0], STARTED_BY: TERMINAL},
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
            else StageOutcome(row.outcome, row.message, row.next_step, rooms.reports.get(stage))
        )
    return outcomes
