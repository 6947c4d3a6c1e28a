"""Stage 1 in Dagster: the log of submissions.

Here: the asset. Not here: how a form is pulled (`meal_pipeline.collect`).
"""

import dagster as dg

from meal_pipeline.collect import collect_project
from meal_pipeline.collect.pace import Pace
from meal_pipeline.locale import gettext as _

from .partitions import PROJECTS
from .stage import stage


def submissions_asset() -> dg.AssetsDefinition:
    """Give the asset `submissions`."""

    @dg.asset(
        partitions_def=PROJECTS,
        group_name="collect",
        kinds={"kobo", "sql"},
        required_resource_keys={"rooms"},
        pool="kobo",
        description=_("Every version of every submission, as received, kept encrypted."),
    )
    def submissions(context: dg.AssetExecutionContext) -> dg.MaterializeResult[None]:
        with stage(context, "collect") as now:
            rooms, pace = now.rooms, Pace()
            report = collect_project(
                rooms.store,
                now.project,
                key=rooms.key,
                connect=lambda server: rooms.connect(now.project.code, server),
                clock=rooms.clock,
                root=rooms.workspace.root,
                progress=lambda form, read, expected: now.say(pace(form, read, expected)),
            )
            now.done(report, changed=report.changed)
            return dg.MaterializeResult(
                metadata={
                    "dagster/row_count": sum(form.rows_held for form in report.forms),
                    "forms": dg.MetadataValue.md(
                        "\n".join(
                            [
                                "| form | on the server | held | new | edited | deleted | back |"
                                " revalidated | depth |",
                                "|---|---|---|---|---|---|---|---|---|",
                                *(
                                    f"| {form.form} | {form.rows_on_server} | {form.rows_held} "
                                    f"| {form.rows_new} | {form.rows_edited} "
                                    f"| {form.rows_deleted} | {form.rows_returned} "
                                    f"| {form.rows_revalidated} | {form.depth} |"
                                    for form in report.forms
                                ),
                            ]
                        )
                    ),
                }
            )

    return submissions
