"""`meal findings`: what is wrong, row by row, and which of it a person accepts.

Here: choosing findings, printing and exporting them. Not here: how they come about (validate) and
what accepting means (correct). Findings hold no personal answer.
"""

import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import click
from sqlalchemy import select

from meal_pipeline.errors import MealError
from meal_pipeline.locale import current_language, mark
from meal_pipeline.locale import gettext as _

from .printing import DONE, Format, csv_text, format_option, print_rows

WORDS = {
    "critical": mark("critical"),
    "warning": mark("warning"),
    "info": mark("information"),
    "open": mark("open"),
    "accepted": mark("accepted"),
    "corrected": mark("corrected"),
    "withdrawn": mark("withdrawn"),
    "resolved": mark("resolved"),
}
"""Severities and statuses as the store has them, in words."""

STATUSES = ("open", "accepted", "corrected", "withdrawn", "resolved")
_SHORT = 10


def person_option(command: Any) -> Any:
    """Add `--as NAME`, by default from the environment."""
    return click.option(
        "--as",
        "person",
        default=lambda: os.environ.get("MEAL_PERSON", ""),
        metavar="NAME",
        help=_("Who you are; by default $MEAL_PERSON."),
    )(command)


@click.command(
    help=_("See what the checks say of PROJECT's rows; accept what is okay, with a reason.")
    + "\n\n\b\nmeal findings wash\nmeal findings wash --severity critical --format csv"
    + "\nmeal findings wash --status all --to findings.xlsx"
    + '\nmeal findings wash accept 4f0a91c2e7 --reason "called back" --as Rana'
)
@click.argument("project", metavar="PROJECT")
@click.argument("action", required=False, type=click.Choice(["accept", "reopen"]))
@click.argument("ids", nargs=-1, metavar="[ID]...")
@click.option("--reason", default="", help=_("Why it is okay; needed to accept."))
@person_option
@click.option(
    "--severity",
    type=click.Choice(["critical", "warning", "info"]),
    help=_("Only these; critical ones keep a row out."),
)
@click.option("--form", help=_("Only this form."))
@click.option("--rule", help=_("Only rules that begin so, such as form.required."))
@click.option("--question", help=_("Only this question."))
@click.option("--enumerator", help=_("Only of this enumerator (pseudonym)."))
@click.option("--team", help=_("Only of this team."))
@click.option("--place", help=_("Only of this place."))
@click.option("--row", type=int, help=_("Only of this row (_id)."))
@click.option(
    "--status",
    type=click.Choice([*STATUSES, "all"]),
    default="open",
    show_default=True,
    help=_("Only these; corrected, withdrawn and resolved ones are no longer seen."),
)
@click.option("--resolved", is_flag=True, help=_("Those that are no longer seen, too."))
@click.option(
    "--to",
    "path",
    type=click.Path(dir_okay=False, path_type=Path),
    help=_("File to write instead: .csv, .json or .xlsx."),
)
@format_option
@click.pass_obj
def findings(
    folder: str | None,
    /,
    project: str,
    action: str | None,
    ids: tuple[str, ...],
    reason: str,
    person: str,
    path: Path | None,
    format_: Format,
    **chosen: Any,
) -> None:
    """Print findings, or decide on some."""
    from meal_pipeline.workspace import open_workspace

    workspace = open_workspace(folder)
    declared = workspace.project(project)
    store = workspace.open_store()
    try:
        if action is not None:
            _decide(store, declared, action, ids, reason, person)
            return
        found = _found(store, declared, chosen)
    finally:
        store.close()
    if path is not None:
        _export(path, found)
        return
    if format_ == "table":  # a program filters by the words of the store
        for row in found:
            row |= {key: _(WORDS.get(row[key], row[key])) for key in ("severity", "status")}
            row["finding_id"] = row["finding_id"][:_SHORT]
    headings = _headings()
    if format_ == "table":
        headings = {name: headings[name] for name in _SHOWN}
    print_rows(found, headings, format_, empty=_("No finding."))


def edit_link(server: str, asset_uid: str) -> str | None:
    """Give the page of KoboToolbox on which the form's rows are edited; None for a folder.

    KPI's own address, without any token; who opens it must be logged in there.
    """
    if not server.startswith("http"):
        return None
    return f"{server.rstrip('/')}/#/forms/{asset_uid}/data/table"


def in_language(sentences: str | None) -> str:
    """Give a stored sentence (JSON, language → text) in the language in use."""
    said: dict[str, str] = json.loads(sentences) if sentences else {}
    return said.get(current_language()) or said.get("en") or next(iter(said.values()), "")


_SHOWN = (
    *("finding_id", "severity", "form", "submission_id", "position", "question", "value"),
    *("message", "rule", "team", "place", "status"),
)


def _headings() -> dict[str, str]:
    return {
        "severity": _("severity"),
        "form": _("form"),
        "submission_id": _("row"),
        "position": _("place in the repeat"),
        "question": _("question"),
        "value": _("answer"),
        "message": _("what is wrong"),
        "rule": _("rule"),
        "enumerator": _("enumerator"),
        "team": _("team"),
        "place": _("place"),
        "status": _("status"),
        "first_seen": _("first seen"),
        "last_seen": _("last seen"),
        "decided_by": _("accepted by"),
        "reason": _("reason"),
        "link": _("page in KoboToolbox"),
        "finding_id": _("id"),
    }


def _found(store: Any, project: Any, chosen: Mapping[str, Any]) -> list[dict[str, Any]]:
    from meal_pipeline.store.tables.validate import findings as table

    wanted = select(table).where(table.c.project == project.code)
    if chosen["status"] != "all" and not chosen["resolved"]:
        wanted = wanted.where(table.c.status == chosen["status"])
    for name in ("severity", "form", "question", "enumerator", "team", "place"):
        if chosen[name]:
            wanted = wanted.where(table.c[name] == chosen[name])
    if chosen["row"] is not None:
        wanted = wanted.where(table.c.submission_id == chosen["row"])
    if chosen["rule"]:
        wanted = wanted.where(table.c.rule.startswith(chosen["rule"], autoescape=True))
    order = (table.c.severity, table.c.form, table.c.rule, table.c.submission_id, table.c.position)
    with store.read() as connection:
        found = [dict(row) for row in connection.execute(wanted.order_by(*order)).mappings()]
    for row in found:
        form = project.forms.get(row["form"])
        row["message"] = in_language(row["message"])
        row["link"] = edit_link(project.server, form.uid) if form else None
    return found


def _decide(
    store: Any, project: Any, action: str, ids: Sequence[str], reason: str, person: str
) -> None:
    from meal_pipeline.correct import accept_findings, reopen_findings
    from meal_pipeline.store.times import utc_now

    if not ids:
        raise MealError(
            _("No finding is named."), next_step=f"meal findings {project.code} --format csv"
        )
    if action == "accept":
        done = accept_findings(store, project, ids, by=person, reason=reason, clock=utc_now)
        click.echo(f"{DONE} " + _("accepted: {n}").format(n=len(done)))
    else:
        done = reopen_findings(store, project, ids)
        click.echo(f"{DONE} " + _("open again: {n}").format(n=len(done)))
    click.echo("  → " + f"meal run {project.code} --from validate")


def _export(path: Path, found: Sequence[Mapping[str, Any]]) -> None:
    """Write findings into a file, by its ending."""
    from meal_pipeline.correct.plain_workbook import write_plain_workbook

    names = list(_headings())
    rows = [{name: row[name] for name in names} for row in found]
    ending = path.suffix.lower()
    if ending == ".json":
        path.write_text(json.dumps(rows, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    elif ending == ".csv":
        path.write_text(csv_text(rows, names), encoding="utf-8-sig")
    elif ending == ".xlsx":
        write_plain_workbook(path, _headings(), rows, right_to_left=current_language() == "ar")
    else:
        raise MealError(
            _("{file}: findings are written as .csv, .json or .xlsx.").format(file=path.name)
        )
    click.echo(f"{DONE} {path}  " + _("findings {n}").format(n=len(rows)))
