"""The partition: a project.

Here: the dynamic dimension that every asset shares, and keeping it in step with the workspace's
files. Not here: what a project is. Rounds and weeks are columns, never partitions.
"""

import warnings
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

import dagster as dg
from dagster._core.storage.dagster_run import NOT_FINISHED_STATUSES
from sqlalchemy import update

from meal_pipeline.store import Store
from meal_pipeline.store.tables.measure import projects

PROJECTS = dg.DynamicPartitionsDefinition(name="project")
PROJECT_TAG = "dagster/partition"
PROJECT_RUN = "project_run"
"""The one job: bell, clock, look and terminal start it for one project."""


def check_spec(
    name: str, *, asset: str, blocking: bool = False, description: str | None = None
) -> dg.AssetCheckSpec:
    """Give a check with the partition: without it one project's pass would let another's rows on.

    Dagster calls partitions of checks a preview, which is no news at each start.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", dg.PreviewWarning)
        return dg.AssetCheckSpec(
            name, asset=asset, blocking=blocking, description=description, partitions_def=PROJECTS
        )


@dataclass(frozen=True)
class Steps:
    """What brings the partitions in step with the files; `waits` are removed once they rest."""

    added: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    waits: list[str] = field(default_factory=list)


def steps_to(
    declared: Collection[str],
    registered: Collection[str],
    *,
    unreadable: Collection[str] = (),
    in_flight: Collection[str] = (),
) -> Steps:
    """Compare the projects that the files declare with the partitions that are registered.

    A project in `unreadable` has a file that cannot be used at the moment: it is not gone. One in
    `in_flight` is being run: a run whose partition goes cannot end, so it waits.
    """
    gone = [code for code in registered if code not in declared and code not in unreadable]
    return Steps(
        added=[code for code in declared if code not in registered],
        removed=[code for code in gone if code not in in_flight],
        waits=[code for code in gone if code in in_flight],
    )


def registered_projects(instance: dg.DagsterInstance) -> list[str]:
    """Give the projects that are partitions now."""
    return list(instance.get_dynamic_partitions(str(PROJECTS.name)))


def projects_in_flight(instance: dg.DagsterInstance) -> set[str]:
    """Give the projects of which a run waits or goes."""
    runs = instance.get_runs(dg.RunsFilter(statuses=NOT_FINISHED_STATUSES))
    return {run.tags[PROJECT_TAG] for run in runs if PROJECT_TAG in run.tags}


def register_projects(instance: dg.DagsterInstance, codes: Collection[str]) -> None:
    """Add the projects that are no partitions yet."""
    if new := steps_to(codes, registered_projects(instance)).added:
        instance.add_dynamic_partitions(str(PROJECTS.name), new)


def mark_retired(store: Store, retired: Mapping[str, bool]) -> None:
    """Write of each project whether its file is gone; its rows stay."""
    with store.write() as connection:
        for code, is_retired in retired.items():
            connection.execute(
                update(projects)
                .where(projects.c.project == code, projects.c.retired != is_retired)
                .values(retired=is_retired)
            )
