"""`meal sync`: how a project keeps in step with its server.

Here: looking deeper, deciding about rows that vanished, the past. Not here: pulling (collect) and
what follows from it (`meal run`).
"""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import click
from sqlalchemy import select

from meal_pipeline.errors import MealError
from meal_pipeline.locale import gettext as _
from meal_pipeline.locale import ngettext

from .practice_commands import practice_beside
from .printing import DONE, Format, format_option, print_rows
from .run_report import ProgressLine

if TYPE_CHECKING:
    from meal_pipeline.collect import CollectReport
    from meal_pipeline.collect.depth import Depth
    from meal_pipeline.store import Store
    from meal_pipeline.workspace import Workspace
    from meal_pipeline.workspace.project import Project


@click.group(help=_("Keep in step with KoboToolbox: look deeper, decide, look back."))
def sync() -> None:
    """Hold the commands of keeping in step."""


@sync.command(
    help=_("Compare every row of PROJECT with its server: edits, deletions, statuses.")
    + "\n\n"
    + _("With --answers every answer is pulled again and compared, at the cost of a first pull.")
    + "\n\n\b\n"
    + _("Example:")
    + "\n  meal sync verify wash\n  meal sync verify wash --answers"
)
@click.argument("project", metavar="PROJECT")
@click.option(
    "--answers", is_flag=True, help=_("Compare every answer, not only what marks an edit.")
)
@click.pass_obj
def verify(folder: str | None, project: str, answers: bool) -> None:
    """Look at every row."""
    with _project(folder, project) as (workspace, declared, store):
        report = _collect(workspace, declared, store, depth="verify" if answers else "scan")
    _print_report(project, report)


@sync.command(
    "accept-deletions",
    help=_("Say that rows of PROJECT that are gone from the server were deleted on purpose.")
    + "\n\n"
    + _(
        "They are then in no figure of the next run; every version of them is kept, and they "
        "come back if the server shows them again."
    )
    + "\n\n\b\n"
    + _("Example:")
    + "\n  meal sync accept-deletions wash\n  meal sync accept-deletions wash --form household",
)
@click.argument("project", metavar="PROJECT")
@click.option("--form", "only", help=_("Only this form; by default every form of the project."))
@click.option("--yes", is_flag=True, help=_("Do not ask."))
@click.pass_obj
def accept_deletions(folder: str | None, project: str, only: str | None, yes: bool) -> None:
    """Decide about rows that vanished."""
    with _project(folder, project) as (workspace, declared, store):
        forms = list(declared.forms) if only is None else [only]
        unknown = [form for form in forms if form not in declared.forms]
        if unknown:
            raise MealError(
                _("Project {project} has no form {form}.").format(project=project, form=only),
                next_step=", ".join(declared.forms),
            )
        waiting = _waiting(store, project, forms)
        if not waiting:
            click.echo(
                f"{DONE} " + _("No row of {project} waits for a decision.").format(project=project)
            )
            return
        for form, (gone, held) in waiting.items():
            click.echo(
                ngettext(
                    "Form {form}: {gone} of {held} rows is gone from the server.",
                    "Form {form}: {gone} of {held} rows are gone from the server.",
                    gone,
                ).format(form=form, gone=gone, held=held)
            )
        if not yes and not click.confirm(_("Were they deleted on purpose?")):
            click.echo(_("Nothing was changed."))
            return
        report = _collect(workspace, declared, store, depth="scan", accept_deletions=list(waiting))
    _print_report(project, report)


@sync.command(
    help=_("List the pulls of PROJECT: what each brought, and whether it was complete.")
    + "\n\n\b\n"
    + _("Example:")
    + "\n  meal sync log wash\n  meal sync log wash --format csv"
)
@click.argument("project", metavar="PROJECT")
@click.option("--last", default=20, show_default=True, help=_("How many pulls to show."))
@format_option
@click.pass_obj
def log(folder: str | None, project: str, last: int, format_: Format) -> None:
    """Show the pulls."""
    from meal_pipeline.store.tables.collect import pulls

    shown = (
        "started_at",
        "form",
        "depth",
        "rows_on_server",
        "rows_held",
        "rows_new",
        "rows_edited",
        "rows_deleted",
        "rows_returned",
        "rows_revalidated",
        "rows_vanished",
        "complete",
        "error",
    )
    with _project(folder, project) as (_workspace, _declared, store), store.read() as connection:
        found = connection.execute(
            select(*(pulls.c[name] for name in shown))
            .where(pulls.c.project == project)
            .order_by(pulls.c.started_at.desc())
            .limit(last)
        ).mappings()
        rows = [dict(row) for row in found]
    print_rows(
        rows,
        {
            "started_at": _("started (UTC)"),
            "form": _("form"),
            "depth": _("depth"),
            "rows_on_server": _("on the server"),
            "rows_held": _("held"),
            "rows_new": _("new"),
            "rows_edited": _("edited"),
            "rows_deleted": _("deleted"),
            "rows_returned": _("back again"),
            "rows_revalidated": _("revalidated"),
            "rows_vanished": _("to be decided"),
            "complete": _("complete"),
            "error": _("why not"),
        },
        format_,
        empty=_("Nothing was pulled yet."),
    )


@sync.command(
    "as-of",
    help=_("Read the rows of PROJECT as they were known at a past moment, into a snapshot.")
    + "\n\n"
    + _("A moment is a date, or a date and time in the project's time zone.")
    + "\n\n\b\n"
    + _("Example:")
    + "\n  meal sync as-of wash 2026-11-01\n  meal sync as-of wash 2026-11-01T18:00",
)
@click.argument("project", metavar="PROJECT")
@click.argument("moment", metavar="MOMENT")
@click.pass_obj
def as_of(folder: str | None, project: str, moment: str) -> None:
    """Read the past."""
    from meal_pipeline.read import read_project
    from meal_pipeline.store.times import utc_now

    with _project(folder, project) as (workspace, declared, store):
        report = read_project(
            store,
            declared,
            key=workspace.key(),
            clock=utc_now,
            as_of=_moment(moment, declared.schedule.timezone),
        )
    for frame, rows in report.rows.items():
        click.echo(f"  {frame:<30} {rows}")
    click.echo(f"{DONE} " + _("Snapshot {snapshot}").format(snapshot=report.snapshot_id))
    command = f"meal run {project} --from validate --snapshot {report.snapshot_id} --variant then"
    click.echo(
        "  → " + _("Its figures, beside the official ones: {command}").format(command=command)
    )


def _moment(text: str, timezone: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise MealError(
            _("{text} is no date or time.").format(text=text),
            next_step=_("Write it as 2026-11-01 or 2026-11-01T18:00"),
        ) from None
    return moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(timezone))


@contextmanager
def _project(folder: str | None, code: str) -> "Iterator[tuple[Workspace, Project, Store]]":
    """Open the workspace with its store, for one of its projects."""
    from meal_pipeline.workspace import open_workspace

    workspace = open_workspace(folder)
    declared = workspace.project(code)
    store = workspace.open_store()
    try:
        yield workspace, declared, store
    finally:
        store.close()


def _collect(
    workspace: "Workspace",
    project: "Project",
    store: "Store",
    *,
    depth: "Depth",
    accept_deletions: Collection[str] = (),
) -> "CollectReport":
    """Pull the project under its lease, so that no run is disturbed."""
    from meal_pipeline.collect import collect_project
    from meal_pipeline.collect.pace import Pace
    from meal_pipeline.kobo import KoboClient
    from meal_pipeline.store import lease
    from meal_pipeline.store.times import utc_now
    from meal_pipeline.workspace import token_for

    pace = Pace()
    with (
        practice_beside(workspace),
        ProgressLine(project.code) as progress,
        lease(store, f"project:{project.code}"),
    ):
        return collect_project(
            store,
            project,
            key=workspace.key(),
            connect=lambda server: KoboClient(server, token_for(project.code, server)),
            clock=utc_now,
            progress=lambda form, read, expected: progress("collect", pace(form, read, expected)),
            depth=depth,
            accept_deletions=accept_deletions,
            root=workspace.root,
        )


def _waiting(store: "Store", project: str, forms: Collection[str]) -> dict[str, tuple[int, int]]:
    """Give the forms whose last pull found rows gone: form → gone, held."""
    from meal_pipeline.store.tables.collect import pulls

    asked = (
        select(pulls.c.form, pulls.c.rows_vanished, pulls.c.rows_held)
        .where(pulls.c.project == project, pulls.c.form.in_(list(forms)))
        .order_by(pulls.c.started_at, pulls.c.pull_id)
    )
    with store.read() as connection:
        last = {row[0]: (row[1], row[2]) for row in connection.execute(asked)}
    return {form: (gone, held) for form, (gone, held) in last.items() if gone}


def _print_report(project: str, report: Any) -> None:
    for form in report.forms:
        click.echo(
            f"  {form.form:<20} "
            + _(
                "{held} held, {server} on the server; new {new}, edited {edited}, deleted"
                " {deleted}, back again {returned}, revalidated {revalidated}"
            ).format(
                held=form.rows_held,
                server=form.rows_on_server,
                new=form.rows_new,
                edited=form.rows_edited,
                deleted=form.rows_deleted,
                returned=form.rows_returned,
                revalidated=form.rows_revalidated,
            )
        )
    if report.changed:
        click.echo(
            f"{DONE} "
            + _("{project} is in step. Its tables follow with: {command}").format(
                project=project, command=f"meal run {project}"
            )
        )
    else:
        click.echo(f"{DONE} " + _("{project} is in step; nothing changed.").format(project=project))
