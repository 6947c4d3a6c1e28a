"""Stage 7 in Dagster: the brief.

Here: the asset. Not here: what a brief says (`meal_pipeline.share`).
"""

import dagster as dg

from meal_pipeline.locale import LANGUAGES
from meal_pipeline.locale import gettext as _

from .partitions import PROJECTS
from .stage import stage


def brief_asset() -> dg.AssetsDefinition:
    """Give the asset `brief`."""

    @dg.asset(
        partitions_def=PROJECTS,
        deps=["mart_progress", "mart_disaggregation", "mart_effects", "mart_data_quality"],
        group_name="share",
        kinds={"html"},
        required_resource_keys={"rooms"},
        description=_(
            "One page a language: what changed for people, compared with what, how sure."
        ),
    )
    def brief(context: dg.AssetExecutionContext) -> dg.MaterializeResult[None]:
        with stage(context, "share") as now:
            from meal_pipeline.share import write_brief

            rooms = now.rooms
            paths = {
                language: rooms.workspace.out / f"{now.project.code}-{language}.html"
                for language in now.project.languages
                if language in LANGUAGES
            }
            before = [path.read_bytes() for path in paths.values() if path.is_file()]
            pages = [
                write_brief(
                    rooms.store, now.project, language=language, path=path, clock=rooms.clock
                )
                for language, path in paths.items()
            ]
            now.done(pages, changed=before != [page.read_bytes() for page in pages])
            return dg.MaterializeResult(
                metadata={page.stem: dg.MetadataValue.path(page) for page in pages}
            )

    return brief
