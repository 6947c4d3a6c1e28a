"""Stage 4 in Dagster: estimates and changes.

Here: the asset. Not here: how indicators are measured (`meal_pipeline.measure`).
"""

import dagster as dg

from meal_pipeline.locale import gettext as _

from .partitions import PROJECTS
from .stage import StageSettings, stage


def estimates_asset() -> dg.AssetsDefinition:
    """Give the asset `estimates`."""

    @dg.asset(
        partitions_def=PROJECTS,
        deps=["responses_valid"],
        group_name="measure",
        kinds={"sql"},
        required_resource_keys={"rooms"},
        description=_(
            "Indicators by round, arm and category, and their changes, with n and interval."
        ),
    )
    def estimates(
        context: dg.AssetExecutionContext, config: StageSettings
    ) -> dg.MaterializeResult[None]:
        with stage(context, "measure") as now:
            from meal_pipeline.measure.measure_project import measure_project

            report = measure_project(
                now.rooms.store,
                now.project,
                snapshot_id=config.snapshot_id,
                variant=config.variant,
                progress=now.say,
            )
            now.done(report, changed=report.changed)
            return dg.MaterializeResult(
                metadata={
                    "dagster/row_count": report.estimates + report.changes,
                    "snapshot": report.snapshot_id,
                    "blocked": dg.MetadataValue.md(
                        "\n".join(f"- {one.subject}: {one.sentence}" for one in report.blocked)
                        or _("Nothing is blocked.")
                    ),
                }
            )

    return estimates
