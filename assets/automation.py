"""What follows by itself: the automation conditions, each with its reason.

Here: on which change an asset is remade that no run asked for. Not here: what starts a run of a
whole project (`schedules.py`, `polling.py`, `folder.py`).
"""

from collections.abc import Sequence
from typing import Any

import dagster as dg

from meal_pipeline.locale import gettext as _

Condition = dg.AutomationCondition[Any]

FIRST = dg.AssetKey("submissions")


def of_a_project() -> Condition:
    """Give the condition of an asset of one project: its inputs changed, and the gate let them.

    `eager` alone would send a project whose gate failed downstream on the next tick.
    """
    return dg.AutomationCondition.eager() & dg.AutomationCondition.all_deps_blocking_checks_passed()


def of_a_model() -> Condition:
    """Give the condition of a SQL model: as `of_a_project`, and when its SQL was changed.

    `eager` keeps what set it off until the model was remade: a change of code is seen on one tick
    only, and would be lost where a run is going just then.
    """
    missing = dg.AutomationCondition.newly_missing()
    return of_a_project().replace(missing, missing | dg.AutomationCondition.code_version_changed())


def of_all_projects() -> Condition:
    """Give the condition of an asset over all projects: any of them changed.

    `eager` as it is would wait for ever where one registered project has never run.
    """
    return dg.AutomationCondition.eager().without(~dg.AutomationCondition.any_deps_missing())


def with_conditions(
    line: Sequence[dg.AssetsDefinition], pooled: Sequence[dg.AssetsDefinition]
) -> list[dg.AssetsDefinition]:
    """Give the assets of the line and those over all projects, each with its condition."""

    def condition(spec: dg.AssetSpec) -> Condition | None:
        if spec.key == FIRST:
            return None
        return of_a_model() if spec.code_version else of_a_project()

    return [
        *(
            asset.map_asset_specs(
                lambda spec: spec.replace_attributes(automation_condition=condition(spec))
            )
            for asset in line
        ),
        *(
            asset.map_asset_specs(
                lambda spec: spec.replace_attributes(automation_condition=of_all_projects())
            )
            for asset in pooled
        ),
    ]


def automation_sensors(
    line: Sequence[dg.AssetsDefinition], pooled: Sequence[dg.AssetsDefinition]
) -> list[dg.SensorDefinition]:
    """Give the sensors that look at the conditions, one a kind, so that none waits for another."""
    return [
        dg.AutomationConditionSensorDefinition(
            name,
            target=dg.AssetSelection.assets(*(key for asset in assets for key in asset.keys)),
            default_status=dg.DefaultSensorStatus.RUNNING,
            minimum_interval_seconds=seconds,
            emit_backfills=False,
            run_tags={"meal/started_by": "automation"},
            description=description,
        )
        for name, assets, seconds, description in (
            ("follow_project", line, 120, _("Remakes what depends on something that changed.")),
            ("follow_all_projects", pooled, 60, _("Remakes what is over all projects.")),
        )
    ]
