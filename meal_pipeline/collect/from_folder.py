"""A project whose submissions come from a folder of exports.

Here: the report of an import, as that of a pull. Not here: the import (`meal_pipeline.exports`).
"""

from pathlib import Path

from meal_pipeline.collect.report import CollectReport, FormReport, Progress
from meal_pipeline.exports import import_folder
from meal_pipeline.store import Clock, Store
from meal_pipeline.store.sealing import SubkeySource
from meal_pipeline.workspace.project import Project


def collect_folder(
    store: Store,
    project: Project,
    folder: Path,
    *,
    key: SubkeySource,
    clock: Clock,
    progress: Progress | None = None,
) -> CollectReport:
    """Import every form of `project` from `folder`; rows that are in no file any more stay.

    Raises ImportFailed and UnreadableFile as `import_folder` does.
    """

    def rows_read(form: str, rows: int) -> None:
        if progress is not None:
            progress(form, rows, rows)  # how many there are is known at the end only

    imported = import_folder(store, project, folder, key=key, clock=clock, progress=rows_read)
    return CollectReport(
        [
            FormReport(
                one.form,
                one.rows_in_files,
                one.rows_held,
                one.rows_new,
                one.rows_edited,
                one.versions_new,
                rows_revalidated=one.rows_revalidated,
            )
            for one in imported
        ]
    )
