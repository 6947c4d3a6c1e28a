"""What is wrong with the workspace's files, shown where Dagster's users look.

Here: an asset whose check fails for each file that cannot be used, and the asset that stands alone
where there is no workspace. Not here: how faults are found (`meal_pipeline.workspace`).
"""

from collections.abc import Iterator

import dagster as dg

from meal_pipeline.locale import gettext as _
from meal_pipeline.workspace import Workspace


def project_files_asset(workspace: Workspace) -> dg.AssetsDefinition:
    """Give the asset `project_files` with one check a project file."""
    folder = workspace.projects()
    names = {path.parent.name: path for path in (*folder.files.values(), *folder.faults)}

    @dg.multi_asset(
        specs=[
            dg.AssetSpec(
                "project_files",
                group_name="workspace",
                kinds={"yaml"},
                description=_("The projects as files; each is one check here."),
            )
        ],
        check_specs=[
            dg.AssetCheckSpec(_check_name(name), asset="project_files", description=str(path))
            for name, path in sorted(names.items())
        ],
        name="project_files",
    )
    def project_files() -> Iterator[dg.MaterializeResult[None] | dg.AssetCheckResult]:
        now = workspace.projects()
        yield dg.MaterializeResult(
            asset_key="project_files",
            metadata={"good": len(now), "faulty": len(now.faults)},
        )
        for name, path in sorted(names.items()):
            faults = now.faults.get(path, [])
            yield dg.AssetCheckResult(
                asset_key="project_files",
                check_name=_check_name(name),
                passed=not faults,
                description="; ".join(f"{fault} {fault.fix}" for fault in faults) or None,
            )

    return project_files


def no_workspace_asset(reason: str) -> dg.AssetsDefinition:
    """Give the asset that says what to do where there is no workspace."""

    @dg.asset(group_name="workspace", description=reason)
    def no_workspace() -> None:
        raise dg.Failure(description=reason, allow_retries=False)

    return no_workspace


def _check_name(folder: str) -> str:
    return "file__" + "".join(
        letter if letter.isascii() and letter.isalnum() else "_" for letter in folder
    )
