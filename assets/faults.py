"""What is wrong with the workspace's files, shown where Dagster's users look.

Here: an asset whose check fails for each file that cannot be used, and the asset that stands alone
where there is no workspace. Not here: how faults are found (`meal_pipeline.workspace`).
"""

from collections.abc import Iterator
from pathlib import Path

import dagster as dg

from meal_pipeline.errors import MealError
from meal_pipeline.evaluate import load_models
from meal_pipeline.locale import gettext as _
from meal_pipeline.locale import in_language
from meal_pipeline.workspace import ProjectFolder, Workspace
from meal_pipeline.workspace.roof import packaged_folder

from .names import dagster_name

FILES = "project_files"
MODELS_CHECK = "sql_models"


def project_files_asset(workspace: Workspace) -> dg.AssetsDefinition:
    """Give the asset `project_files` with one check a project file, and one for the SQL models."""
    checks = check_evaluations(workspace, workspace.projects())

    @dg.multi_asset(
        specs=[
            dg.AssetSpec(
                FILES,
                group_name="workspace",
                kinds={"yaml"},
                description=_("The projects as files; each is one check here."),
            )
        ],
        check_specs=[dg.AssetCheckSpec(check.check_name, asset=FILES) for check in checks],
        name=FILES,
    )
    def project_files() -> Iterator[dg.MaterializeResult[None] | dg.AssetCheckResult]:
        with in_language(workspace.settings.language):
            now = workspace.projects()
            found = {check.check_name: check for check in check_evaluations(workspace, now)}
        yield dg.MaterializeResult(
            asset_key=FILES, metadata={"good": len(now), "faulty": len(now.faults)}
        )
        for check in checks:
            known = found.get(check.check_name)
            yield dg.AssetCheckResult(
                asset_key=FILES,
                check_name=check.check_name,
                passed=known is None or known.passed,
                description=known.description if known else _("The file is gone."),
            )

    return project_files


def model_folders(workspace: Workspace) -> list[Path]:
    """Give the folders of SQL models, the workspace's own last: it stands over the packaged."""
    return [packaged_folder("dbt_like_sql"), workspace.root / "dbt_like_sql"]


def check_evaluations(
    workspace: Workspace, projects: ProjectFolder
) -> list[dg.AssetCheckEvaluation]:
    """Give one result a project file, in the order of their names, and one for the SQL models."""
    said = {path.parent.name: "" for path in projects.files.values()}
    said |= {
        path.parent.name: "; ".join(f"{fault} {fault.fix}".strip() for fault in faults)
        for path, faults in projects.faults.items()
    }
    results = {f"file__{dagster_name(folder)}": said[folder] for folder in sorted(said)}
    try:
        load_models(model_folders(workspace))
    except MealError as error:
        results[MODELS_CHECK] = f"{error} {error.next_step or ''}".strip()
    else:
        results[MODELS_CHECK] = ""
    return [
        dg.AssetCheckEvaluation(
            asset_key=dg.AssetKey(FILES),
            check_name=name,
            passed=not fault,
            severity=dg.AssetCheckSeverity.ERROR,
            description=fault or None,
        )
        for name, fault in results.items()
    ]


def no_workspace_asset(reason: str) -> dg.AssetsDefinition:
    """Give the asset that says what to do where there is no workspace."""

    @dg.asset(group_name="workspace", description=reason)
    def no_workspace() -> None:
        raise dg.Failure(description=reason, allow_retries=False)

    return no_workspace
