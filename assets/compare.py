"""Stage 5 in Dagster: effects.

Here: the asset. Not here: how arms are compared (`meal_pipeline.compare`).
"""

import dagster as dg

from meal_pipeline.locale import gettext as _

from .partitions import PROJECTS
from .stage import StageSettings, stage


def effects_asset() -> dg.AssetsDefinition:
    """Give the asset `effects`."""

    @dg.asset(
        partitions_def=PROJECTS,
        deps=["responses_valid"],
        group_name="compare",
        kinds={"sql"},
        required_resource_keys={"rooms"},
        description=_("What changed against a comparison, how sure it is, and its label."),
    )
    def effects(
        context: dg.AssetExecutionContext, config: StageSettings
    ) -> dg.MaterializeResult[None]:
        with stage(context, "compare") as now:
            from meal_pipeline.compare.compare_project import compare_project

            report = compare_project(
                now.rooms.store,
                now.project,
                snapshot_id=config.snapshot_id,
                variant=config.variant,
                progress=now.say,
            )
            now.done(report, changed=report.changed)
            return dg.MaterializeResult(
                metadata={
                    "dagster/row_count": report.effects,
                    "snapshot": report.snapshot_id,
                    "blocked": dg.MetadataValue.md(
                        "\n".join(f"- {one.subject}: {one.sentence}" for one in report.blocked)
                        or _("Nothing is blocked.")
                    ),
                }
            )

    return effects
