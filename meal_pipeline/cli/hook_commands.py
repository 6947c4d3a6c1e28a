"""`meal kobo hook`: KoboToolbox calls when a submission arrives.

Here: the group `hook`, put below `kobo`, asking and printing. Not here: what a hook is on the
server and which is ours (`meal_pipeline.listen.installing`).
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click

from meal_pipeline.locale import gettext as _
from meal_pipeline.locale import ngettext

from .kobo_commands import asked, client_for, kobo
from .printing import CARE, DONE, FAILED, Format, format_option, print_rows

if TYPE_CHECKING:
    from meal_pipeline.listen.installing import FormHook


@kobo.group(
    help=_("Have KoboToolbox call meal serve for each new submission.")
    + "\n\n\b\nmeal kobo hook install wash --url https://meal.example.org"
    + "\nmeal kobo hook show wash"
)
def hook() -> None:
    """Hold the commands of hooks."""


@hook.command(
    help=_("Have KoboToolbox call for each form of PROJECT; run it again after a change.")
    + "\n\n"
    + _(
        "The address is that at which meal serve is reached from outside. A call carries the "
        "project's secret and the submission's ids, no answers."
    )
    + "\n\n\b\nmeal kobo hook install wash --url https://meal.example.org"
)
@click.argument("project", metavar="PROJECT")
@click.option("--url", required=True, help=_("Address of meal serve, as KoboToolbox reaches it."))
@click.pass_obj
def install(folder: str | None, project: str, url: str) -> None:
    """Install a project's hooks."""
    from meal_pipeline.listen.installing import install_hooks
    from meal_pipeline.workspace import open_workspace, token_for
    from meal_pipeline.workspace.hook_secrets import made_hook_secret

    workspace = open_workspace(folder)
    declared = workspace.project(project)
    secret = made_hook_secret(workspace, project)
    with client_for(declared.server, token_for(project, declared.server)) as client:
        installed = asked(
            lambda: install_hooks(client, workspace, declared, url, secret), declared.server
        )
    for one in installed:
        address = one.hook.endpoint if one.hook else url
        click.echo(f"{DONE} " + _("{form}: calls {address}").format(form=one.form, address=address))
    if url.startswith("http:"):
        click.echo(
            f"{CARE} " + _("The address has no https: the secret can be read on the way."), err=True
        )
    click.echo(_("Runs start while meal serve and meal ui both run."))


@hook.command(
    help=_("Show what KoboToolbox could deliver for PROJECT, what failed, and what to do.")
    + "\n\n\b\nmeal kobo hook show wash\nmeal kobo hook show wash --retry"
)
@click.argument("project", metavar="PROJECT")
@click.option("--retry", is_flag=True, help=_("Have what failed delivered again, first."))
@format_option
@click.pass_context
def show(context: click.Context, project: str, retry: bool, format_: Format) -> None:
    """Show a project's hooks and their log."""
    from meal_pipeline.listen.installing import look_at_hooks, retry_hooks
    from meal_pipeline.workspace import open_workspace, token_for

    workspace = open_workspace(context.obj)
    declared = workspace.project(project)
    store = workspace.open_store()
    try:
        with client_for(declared.server, token_for(project, declared.server)) as client:
            if retry:
                count = asked(lambda: retry_hooks(client, workspace, declared), declared.server)
                said = ngettext("{n} delivery is retried.", "{n} deliveries are retried.", count)
                click.echo(said.format(n=count), err=True)
            found = asked(
                lambda: look_at_hooks(client, workspace, store, declared, datetime.now(UTC)),
                declared.server,
            )
    finally:
        store.close()
    rows = [_row(one) for one in found]
    print_rows(
        rows,
        {
            "form": _("form"),
            "mark": "",
            "succeeded": _("delivered"),
            "failed": _("failed"),
            "pending": _("pending"),
            "needs": _("needs you"),
            "address": _("address"),
        },
        format_,
        empty="",
    )
    failures = _failures(found)
    if format_ == "table" and failures:
        click.echo("\n" + _("Last failures:"))
        print_rows(
            failures,
            {
                "form": _("form"),
                "submission": _("submission"),
                "when": _("when (UTC)"),
                "tries": _("tries"),
                "status": _("status"),
                "next": _("what to do"),
            },
            format_,
            empty="",
        )
    context.exit(1 if any(row["mark"] == FAILED for row in rows) else 0)


@hook.command(
    help=_("Have KoboToolbox call no longer for PROJECT; the log of deliveries goes too.")
    + "\n\n\b\nmeal kobo hook remove wash"
)
@click.argument("project", metavar="PROJECT")
@click.pass_obj
def remove(folder: str | None, project: str) -> None:
    """Remove a project's hooks."""
    from meal_pipeline.listen.installing import remove_hooks
    from meal_pipeline.workspace import open_workspace, token_for

    workspace = open_workspace(folder)
    declared = workspace.project(project)
    with client_for(declared.server, token_for(project, declared.server)) as client:
        count = asked(lambda: remove_hooks(client, workspace, declared), declared.server)
    said = ngettext("{n} hook is removed.", "{n} hooks are removed.", count).format(n=count)
    click.echo(f"{DONE} {said}")


def _row(one: "FormHook") -> dict[str, Any]:
    """Give the line of a form, with the first thing that needs a person."""
    if one.hook is None:
        mark, needs = FAILED, _("It has no hook: meal kobo hook install")
    elif not one.hook.active:
        mark, needs = FAILED, _("It is switched off: install it again.")
    elif one.never_arrived:
        mark = FAILED
        needs = _(
            "{n} of the last deliveries are called a success but are not in the inbox: another "
            "server answers in its place, or sends on. Install it again with the right address."
        ).format(n=one.never_arrived)
    elif one.failures:
        mark, needs = CARE, _("See the failures; the look and the clock pull these rows too.")
    else:
        mark, needs = DONE, ""
    return {
        "form": one.form,
        "mark": mark,
        "succeeded": one.hook.succeeded if one.hook else None,
        "failed": one.hook.failed if one.hook else None,
        "pending": one.hook.pending if one.hook else None,
        "needs": needs,
        "address": one.hook.endpoint if one.hook else None,
        "failures": _failures([one]),
    }


def _failures(found: "Sequence[FormHook]") -> list[dict[str, Any]]:
    """Give the last failed deliveries; what the receiver's side answered is not shown."""
    from meal_pipeline.listen.installing import what_to_do

    return [
        {
            "form": one.form,
            "submission": failure.submission_id,
            "when": failure.date_modified[:16].replace("T", " "),
            "tries": failure.tries,
            "status": failure.status_code or _("no answer"),
            "next": what_to_do(failure),
        }
        for one in found
        for failure in one.failures
    ]
