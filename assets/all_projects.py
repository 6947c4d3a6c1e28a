"""Every project in one table: the one asset that is not of a single project.

Here: the asset, remade whenever a project's figures were. Not here: pooling estimates of several
projects into one.
"""

import dagster as dg

from meal_pipeline.cli.shown_figures import indicator_lines
from meal_pipeline.locale import gettext as _
from meal_pipeline.locale import in_language, mark
from meal_pipeline.workspace import Workspace

from .evaluate import INDICATOR_HEADING, PROGRESS
from .stage import table


def all_projects_asset(workspace: Workspace) -> dg.AssetsDefinition:
    """Give the asset `all_projects`."""

    @dg.asset(
        deps=[PROGRESS],
        group_name="evaluate",
        kinds={"sql"},
        description=_("The indicators of every project, each in its last round."),
    )
    def all_projects() -> dg.MaterializeResult[None]:
        store = workspace.open_store()
        try:
            with in_language(workspace.settings.language):
                lines = [
                    (code, *line)
                    for code in workspace.projects()
                    for line in indicator_lines(store, code)
                ]
                return dg.MaterializeResult(
                    metadata={
                        "dagster/row_count": len(lines),
                        "preview": table((mark("project"), *INDICATOR_HEADING), lines),
                    }
                )
        finally:
            store.close()

    return all_projects
