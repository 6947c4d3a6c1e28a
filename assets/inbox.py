"""The bell, which starts a run of a project soon after KoboToolbox announced submissions.

Here: which projects' events are due, and the sensor around them. Not here: receiving events and
marking them (`meal_pipeline.listen`), edits and deletions (they ring no bell; the look and the
clock find them).

A tick first looks which of the runs asked for earlier are there, and marks their events as taken;
then it asks for the others again, by the same key, and for runs that have become due. So whatever
is killed between two steps, no event is lost and Dagster makes no run twice.
"""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

import dagster as dg
from dagster._core.storage.tags import RUN_KEY_TAG, SENSOR_NAME_TAG

from meal_pipeline.listen import Waiting, claim, forget, is_due, take, waiting
from meal_pipeline.locale import gettext as _
from meal_pipeline.locale import ngettext
from meal_pipeline.store import Clock, Store
from meal_pipeline.store.times import utc_now
from meal_pipeline.workspace import Workspace
from meal_pipeline.workspace.settings import EventSettings

from .instance import STARTED_BY
from .partitions import PROJECT_RUN, projects_in_flight, registered_projects

SENSOR = "inbox"


def run_exists(instance: dg.DagsterInstance, run_key: str) -> bool:
    """Say whether a run of this key was made because of the inbox, however it ended."""
    asked = dg.RunsFilter(tags={RUN_KEY_TAG: run_key, SENSOR_NAME_TAG: SENSOR})
    return bool(instance.get_runs(asked, limit=1))


def wanted_runs(
    store: Store,
    found: Sequence[Waiting],
    may_start: Collection[str],
    now: datetime,
    settings: EventSettings,
) -> dict[str, str]:
    """Give the key of the run to ask for, by project, among those that `may_start`.

    A run that was asked for before comes first; the events since then wait until it is there.
    """
    quiet = timedelta(seconds=settings.quiet_seconds)
    at_most = timedelta(seconds=settings.at_most_seconds)
    wanted = {one.project: one.run_key for one in found if one.run_key is not None}
    for one in found:
        if one.project in wanted or one.project not in may_start:
            continue
        if is_due(one, now, quiet=quiet, at_most=at_most) and (key := claim(store, one.project)):
            wanted[one.project] = key
    return {code: key for code, key in wanted.items() if code in may_start}


def inbox_sensor(workspace: Workspace, *, clock: Clock = utc_now) -> dg.SensorDefinition:
    """Give the sensor `inbox`, which asks for one run of each project whose events are due."""
    settings = workspace.settings.events

    @dg.sensor(
        name=SENSOR,
        job_name=PROJECT_RUN,
        minimum_interval_seconds=min(15, max(5, settings.quiet_seconds // 2)),
        default_status=dg.DefaultSensorStatus.RUNNING,
        description=_("Pulls projects of which KoboToolbox announced new submissions."),
    )
    def inbox(context: dg.SensorEvaluationContext) -> dg.SensorResult:
        instance, now = context.instance, clock()
        store = workspace.open_store()
        try:
            found = waiting(store)
            if not found:
                return dg.SensorResult(skip_reason=_("No events wait."))
            for one in found:
                if one.run_key is not None and run_exists(instance, one.run_key):
                    take(store, one.run_key, now)
            forget(store, now)
            may_start = set(registered_projects(instance)) - projects_in_flight(instance)
            wanted = wanted_runs(store, waiting(store), may_start, now, settings)
        finally:
            store.close()
        return dg.SensorResult(
            run_requests=[
                dg.RunRequest(run_key=key, partition_key=code, tags={STARTED_BY: "bell"})
                for code, key in wanted.items()
            ],
            skip_reason=None if wanted else _said(found),
        )

    return inbox


def _said(found: Sequence[Waiting]) -> str:
    count = sum(one.events for one in found)
    return ngettext("{n} event waits.", "{n} events wait.", count).format(n=count)
