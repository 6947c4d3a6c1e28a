"""What is wrong with the workspace's files, shown where Dagster's users look.

Here: an asset whose check fails for each file that cannot be used, and the asset that stands alone
where there is no workspace. Not here: how faults are found (`meal_pipeline.workspace`).
"""

from collections.abc import Iterator

import dagster as dg

from meal_pipeline.locale import gettext as _
from meal_pipeline.locale import in_language
from meal_pipeline.workspace import Workspace

from .declared import Declared, read_declared
from .names import dagster_name

FILES = "project_files"
MODELS_CHECK = "sql_models"


def project_files_asset(workspace: Workspace, declared: Declared) -> dg.AssetsDefinition:
    """Give the asset `project_files` with one check a project file, and one for the SQL models."""
    checks = check_evaluations(declared)

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
            now = read_declared(workspace)
            found = {check.check_name: check for check in check_evaluations(now)}
        yield dg.MaterializeResult(
            asset_key=FILES,
            metadata={"good": len(now.projects), "faulty": len(now.projects.faults)},
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


def check_evaluations(declared: Declared) -> list[dg.AssetCheckEvaluation]:
    """Give one result a project file, in the order of their names, and one for the SQL models."""
    projects = declared.projects
    said = {path.parent.name: "" for path in projects.files.values()}
    said |= {
        path.parent.name: "; ".join(f"{fault} {fault.fix}".strip() for fault in faults)
        for path, faults in projects.faults.items()
    }
    results = {f"file__{dagster_name(folder)}": said[folder] for folder in sorted(said)}
    results[MODELS_CHECK] = declared.models_fault
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
