"""`meal erase`: a submission that must not be held any longer.

Here: asking and printing. Not here: erasing (`meal_pipeline.erase`).
"""

from contextlib import ExitStack

import click

from meal_pipeline.errors import MealError
from meal_pipeline.locale import gettext as _

from .printing import DONE


@click.command(
    help=_("Erase one submission of PROJECT: a respondent withdraws, or it endangers someone.")
    + "\n\n"
    + _(
        "Every version of it goes, from rows, snapshots and findings, and cannot be brought back. "
        "It is not pulled again. Delete it in KoboToolbox, too: that is not done here."
    )
    + "\n\n\b\n"
    + _("Example:")
    + "\n  meal erase wash 1397\n  meal erase wash 41578916-1202-4125-b01f-9706f89a6643"
    + " --reason safety"
)
@click.argument("project", metavar="PROJECT")
@click.argument("submission", metavar="ID_OR_UUID")
@click.option(
    "--reason",
    type=click.Choice(["withdrawn", "safety"]),
    default="withdrawn",
    show_default=True,
    help=_("Why: the respondent withdrew, or for somebody's safety."),
)
@click.option("--yes", is_flag=True, help=_("Do not ask."))
@click.pass_obj
def erase(folder: str | None, project: str, submission: str, reason: str, yes: bool) -> None:
    """Erase a submission."""
    from meal_pipeline.erase import Reason, erase_submission, find_submission
    from meal_pipeline.store import lease
    from meal_pipeline.store.times import utc_now
    from meal_pipeline.workspace import open_workspace

    workspace = open_workspace(folder)
    declared = workspace.project(project)
    why: Reason = "safety" if reason == "safety" else "withdrawn"
    store = workspace.open_store()
    try:
        found = find_submission(store, declared, submission, workspace.key())
        if not found:
            raise MealError(
                _("Project {project} holds no submission {id}.").format(
                    project=project, id=submission
                ),
                next_step=_("Its _id or _uuid stands in KoboToolbox, and in meal findings."),
            )
        if len(found) > 1:
            raise MealError(
                _("{id} names several submissions: {found}.").format(
                    id=submission, found=", ".join(f"{form} {one}" for form, one in found)
                ),
                next_step=_("Name one by its _id."),
            )
        form, submission_id = found[0]
        question = _("Erase submission {id} of form {form} for ever?").format(
            id=submission_id, form=form
        )
        if not yes and not click.confirm(question):
            click.echo(_("Nothing was changed."))
            return
        with ExitStack() as held:
            for code, one in workspace.projects().items():
                if any(other.uid == declared.forms[form].uid for other in one.forms.values()):
                    held.enter_context(lease(store, f"project:{code}"))
            done = erase_submission(
                store,
                declared,
                form,
                submission_id,
                reason=why,
                key=workspace.key(),
                clock=utc_now,
                files=[
                    workspace.data_docs / project,
                    workspace.private / "media" / declared.forms[form].uid / str(submission_id),
                ],
                say=lambda text: click.echo(f"  {text}"),
            )
    finally:
        store.close()
    click.echo(
        f"{DONE} "
        + _(
            "Erased as {erasure}: {versions} versions, {findings} findings, {snapshots} snapshots"
            " written anew."
        ).format(
            erasure=done.erasure_id,
            versions=done.versions,
            findings=done.findings,
            snapshots=len(done.snapshots),
        )
    )
    click.echo("  → " + _("Figures without it: {command}").format(command=f"meal run {project}"))
