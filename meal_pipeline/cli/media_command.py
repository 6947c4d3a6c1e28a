"""`meal kobo media`: files of submissions, on demand.

Here: asking and printing. Not here: fetching (`meal_pipeline.collect.media`).
"""

import click

from meal_pipeline.errors import MealError
from meal_pipeline.locale import gettext as _
from meal_pipeline.workspace.faults import did_you_mean

from .kobo_commands import asked, client_for
from .practice_commands import practice_beside
from .printing import DONE
from .run_report import ProgressLine


@click.command(
    help=_("Fetch pictures, recordings and other files of PROJECT that are not here yet.")
    + "\n\n"
    + _(
        "They are kept in the workspace's private folder and go nowhere else. Stopped half-way, "
        "it goes on where it stopped."
    )
    + "\n\n\b\n"
    + _("Example:")
    + "\n  meal kobo media wash\n  meal kobo media wash --form household --question photo"
)
@click.argument("project", metavar="PROJECT")
@click.option("--form", "only", help=_("Only this form; by default every form of the project."))
@click.option("--question", help=_("Only the files that answer this question."))
@click.pass_obj
def media(folder: str | None, project: str, only: str | None, question: str | None) -> None:
    """Fetch files."""
    from meal_pipeline.collect.media import fetch_media, media_files
    from meal_pipeline.workspace import open_workspace, token_for

    workspace = open_workspace(folder)
    declared = workspace.project(project)
    if only is not None and only not in declared.forms:
        raise MealError(
            _("Project {project} has no form {form}.").format(project=project, form=only),
            next_step=did_you_mean(only, list(declared.forms)),
        )
    target = workspace.private / "media"
    store = workspace.open_store()
    try:
        files = [
            file
            for code, form in declared.forms.items()
            if only in (None, code)
            for file in media_files(
                store, declared, form, key=workspace.key(), folder=target, question=question
            )
        ]
    finally:
        store.close()
    with (
        practice_beside(workspace),
        client_for(declared.server, token_for(project, declared.server)) as client,
        ProgressLine(project) as progress,
    ):
        report = asked(
            lambda: fetch_media(
                client, files, lambda done, all_: progress("collect", f"{done}/{all_}")
            ),
            declared.server,
        )
    click.echo(
        f"{DONE} "
        + _("{fetched} files fetched, {here} were here, {missing} are not on the server.").format(
            fetched=report.fetched, here=report.here, missing=report.missing
        )
    )
    click.echo(f"  {target}")
