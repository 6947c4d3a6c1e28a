"""`meal corrections`: the sheet out and in, both signatures, the log.

Here: asking and printing. Not here: what a correction is and does (correct, validate).
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from meal_pipeline.errors import MealError
from meal_pipeline.locale import LANGUAGES, current_language, mark
from meal_pipeline.locale import gettext as _

from .findings_command import person_option
from .printing import DONE, Format, format_option, print_rows

STATUSES = {
    "proposed": mark("proposed"),
    "approved": mark("approved"),
    "applied": mark("applied"),
    "rejected": mark("rejected"),
    "reopened": mark("reopened"),
}
"""What becomes of a correction, in words."""

_LISTED = ("proposed", "approved", "applied", "reopened")


@click.group(
    help=_("Correct answers: one person proposes, another approves; rows as received stay.")
    + "\n\n\b\nmeal corrections out wash sheet.xlsx\nmeal corrections in wash sheet.xlsx --as Rana"
    + "\nmeal corrections approve wash C-4f0a91c2e7 --as Samer\nmeal run wash --from validate"
)
def corrections() -> None:
    """Group the commands."""


@contextmanager
def _opened(folder: str | None, project: str) -> Iterator[tuple[Any, Any]]:
    from meal_pipeline.workspace import open_workspace

    workspace = open_workspace(folder)
    declared = workspace.project(project)
    store = workspace.open_store()
    try:
        yield store, declared
    finally:
        store.close()


@corrections.command(
    "out",
    help=_("Write PROJECT's open findings into FILE.xlsx, to be filled in.")
    + "\n\n\b\nmeal corrections out wash sheet.xlsx",
)
@click.argument("project", metavar="PROJECT")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE")
@click.option("--language", type=click.Choice(LANGUAGES), help=_("Language of the sheet."))
@click.pass_obj
def out(folder: str | None, project: str, file: Path, language: str | None) -> None:
    """Write the sheet."""
    from meal_pipeline.correct import write_sheet

    if file.suffix.lower() != ".xlsx":
        raise MealError(_("{file}: the sheet is written as .xlsx.").format(file=file.name))
    with _opened(folder, project) as (store, declared):
        lines = write_sheet(store, declared, file, language=language or current_language())
    click.echo(f"{DONE} {file}  " + _("findings {n}").format(n=lines))
    click.echo(f"  → meal corrections in {project} {file} --as NAME")


@corrections.command(
    "in",
    help=_("Propose what FILE asks for: the sheet that went out, or a cleaning log.")
    + "\n\n"
    + _("A log has the columns uuid, question, old.value, new.value, changed, issue, feedback.")
    + "\n\n\b\nmeal corrections in wash sheet.xlsx --as Rana",
)
@click.argument("project", metavar="PROJECT")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE")
@person_option
@click.pass_obj
def in_(folder: str | None, project: str, file: Path, person: str) -> None:
    """Propose corrections."""
    from meal_pipeline.correct import propose_corrections, read_entries
    from meal_pipeline.store.times import utc_now

    with _opened(folder, project) as (store, declared):
        entries = read_entries(file, project=project)
        done = propose_corrections(store, declared, entries, by=person, clock=utc_now)
    click.echo(f"{DONE} " + _("proposed: {n}").format(n=len(done.ids)))
    if done.known:
        click.echo("  " + _("there already: {n}").format(n=done.known))
    click.echo("  " + " ".join(done.ids))
    click.echo(f"  → meal corrections approve {project} --all --as NAME")


@corrections.command(
    "list",
    help=_("List PROJECT's corrections that are proposed, approved, applied or reopened.")
    + "\n\n\b\nmeal corrections list wash --status proposed",
)
@click.argument("project", metavar="PROJECT")
@click.option("--status", type=click.Choice(list(STATUSES)), help=_("Only these."))
@format_option
@click.pass_obj
def list_(folder: str | None, project: str, status: str | None, format_: Format) -> None:
    """List what stands."""
    _print(folder, project, (status,) if status else _LISTED, format_)


@corrections.command(
    "log",
    help=_("Print every correction that PROJECT ever had, with both signatures.")
    + "\n\n\b\nmeal corrections log wash --format csv > log.csv",
)
@click.argument("project", metavar="PROJECT")
@format_option
@click.pass_obj
def log(folder: str | None, project: str, format_: Format) -> None:
    """Print all of them."""
    _print(folder, project, (), format_)


@corrections.command(
    "approve",
    help=_("Approve corrections that another person proposed; the next run applies them.")
    + "\n\n\b\nmeal corrections approve wash C-4f0a91c2e7 --as Samer",
)
@click.argument("project", metavar="PROJECT")
@click.argument("ids", nargs=-1, metavar="[ID]...")
@click.option("--all", "everything", is_flag=True, help=_("All that are proposed."))
@person_option
@click.pass_obj
def approve(
    folder: str | None, project: str, ids: tuple[str, ...], everything: bool, person: str
) -> None:
    """Approve corrections."""
    from meal_pipeline.correct import approve_corrections, list_corrections
    from meal_pipeline.store.times import utc_now

    with _opened(folder, project) as (store, declared):
        wanted: Sequence[str] = ids
        if everything:
            proposed = list_corrections(store, project, ["proposed"])
            wanted = [one["correction_id"] for one in proposed]
        done = approve_corrections(store, declared, wanted, by=person, clock=utc_now)
    click.echo(f"{DONE} " + _("approved: {n}").format(n=len(done)))
    click.echo(f"  → meal run {project} --from validate")


@corrections.command(
    "reject",
    help=_("Refuse corrections, or take back approved ones; the next run is without them.")
    + "\n\n\b\nmeal corrections reject wash C-4f0a91c2e7 --as Samer",
)
@click.argument("project", metavar="PROJECT")
@click.argument("ids", nargs=-1, metavar="[ID]...")
@person_option
@click.pass_obj
def reject(folder: str | None, project: str, ids: tuple[str, ...], person: str) -> None:
    """Refuse corrections."""
    from meal_pipeline.correct import reject_corrections
    from meal_pipeline.store.times import utc_now

    with _opened(folder, project) as (store, declared):
        done = reject_corrections(store, declared, ids, by=person, clock=utc_now)
    click.echo(f"{DONE} " + _("rejected: {n}").format(n=len(done)))
    click.echo(f"  → meal run {project} --from validate")


def _print(folder: str | None, project: str, statuses: Sequence[str], format_: Format) -> None:
    from meal_pipeline.correct import list_corrections

    with _opened(folder, project) as (store, _declared):
        rows = list_corrections(store, project, statuses)
    if format_ == "table":
        for row in rows:
            row["status"] = _(STATUSES[row["status"]])
    print_rows(
        rows,
        {
            "correction_id": _("id"),
            "status": _("status"),
            "form": _("form"),
            "submission_id": _("row"),
            "position": _("place in the repeat"),
            "question": _("question"),
            "kind": _("action"),
            "old_value": _("answer"),
            "new_value": _("new answer"),
            "reason": _("reason"),
            "proposed_by": _("proposed by"),
            "approved_by": _("approved by"),
            "rejected_by": _("rejected by"),
            "source": _("source"),
        },
        format_,
        empty=_("No correction."),
    )
