"""Stage 2 in Dagster: typed rows.

Here: the asset. Not here: how submissions are read (`meal_pipeline.read`).
"""

import dagster as dg

from meal_pipeline.locale import gettext as _
from meal_pipeline.read.read_project import read_project

from .partitions import PROJECTS
from .stage import stage


def responses_asset() -> dg.AssetsDefinition:
    """Give the asset `responses`."""

    @dg.asset(
        partitions_def=PROJECTS,
        deps=["submissions"],
        group_name="read",
        kinds={"parquet"},
        required_resource_keys={"rooms"},
        description=_("Typed rows, each read by its own form version, without personal data."),
    )
    def responses(context: dg.AssetExecutionContext) -> dg.MaterializeResult[None]:
        with stage(context, "read") as now:
            rooms = now.rooms
            report = read_project(
                rooms.store,
                now.project,
                key=rooms.key,
                clock=rooms.clock,
                progress=lambda form, done, of: now.say(f"{form} {done}/{of}"),
            )
            now.done(report, changed=report.changed)
            return dg.MaterializeResult(
                data_version=dg.DataVersion(report.snapshot_id),
                metadata={
                    "dagster/row_count": sum(report.rows.values()),
                    "snapshot": report.snapshot_id,
                    "notices": report.notices,
                    "rows": dg.MetadataValue.json(report.rows),
                },
            )

    return responses
