"""`meal forms lint`: what in a form will spoil answers, before fieldwork.

Here: where the form comes from (a file, a project, the server), and printing. Not here: the remarks
(`meal_pipeline.lint`).
"""

import re
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from meal_pipeline.locale import gettext as _

from .kobo_commands import SERVER, asked, client_for
from .printing import CARE, DONE, FAILED, Format, format_option, print_rows

if TYPE_CHECKING:
    from meal_pipeline.lint import FormRemark
    from meal_pipeline.workspace.project import Project
    from meal_pipeline.workspace.workspace import Workspace

Found = list[tuple[str, "FormRemark"]]

_UID = re.compile(r"a(?=\w*[A-Z0-9])[A-Za-z0-9]{6,}")
_MARKS = {"critical": FAILED, "warning": CARE, "info": "·"}
_COLUMNS = ("form", "severity", "code", "sheet", "row", "question", "message", "fix")


@click.command(
    help=_("Look a form through before fieldwork: a PROJECT's forms, FILE.xlsx, or a FORM_UID.")
    + "\n\n"
    + _(
        "It says what will spoil answers, by sheet, row and question, with the fix: numbers without"
        " limits, no key, no consent, labels missing in Arabic, personal data that is not marked,"
        " expressions that are broken or differ between KoboCollect and web forms, and more"
        " (docs/forms.md). Of a project the versions are taken that were pulled; of a uid the form"
        " as it is drawn on the server now."
    )
    + "\n\n\b\nmeal forms lint wash\nmeal forms lint household.xlsx --strict"
    + "\nmeal forms lint aBcDeFgHiJkLmNoPqRsTuV --server https://eu.kobotoolbox.org --format csv"
)
@click.argument("form", metavar="PROJECT|FILE.xlsx|FORM_UID")
@click.option("--server", default=SERVER, show_default=True, help=_("Address of a uid's server."))
@click.option("--strict", is_flag=True, help=_("Exit code 1 where anything is more than info."))
@format_option
@click.pass_context
def lint(context: click.Context, form: str, server: str, strict: bool, format_: Format) -> None:
    """Print the remarks on forms."""
    if Path(form).suffix.lower() in (".xlsx", ".xls"):
        found = _of_file(Path(form))
    elif _UID.fullmatch(form):
        found = _of_uid(form, server)
    else:
        found = _of_project(context.obj, form)
    _print(found, format_)
    grave = any(remark.severity != "info" for _code, remark in found)
    context.exit(1 if strict and grave else 0)


def _of_file(path: Path) -> Found:
    from meal_pipeline.errors import MealError
    from meal_pipeline.exports.problems import UnreadableFile
    from meal_pipeline.exports.xlsforms import read_xlsform
    from meal_pipeline.lint import FormRemark, lint_form

    try:
        data = path.read_bytes()
    except OSError as error:
        raise MealError(
            _("The file {file} cannot be opened.").format(file=path),
            next_step=_("Look at its name and folder."),
        ) from error
    try:
        content = read_xlsform(path, data).content
    except UnreadableFile as error:
        remark = FormRemark(
            "file.unreadable", "survey", None, "", str(error), error.next_step or ""
        )
        return [(path.name, remark)]
    return [(path.name, one) for one in lint_form(content)]


def _of_uid(uid: str, server: str) -> Found:
    from meal_pipeline.lint import lint_form
    from meal_pipeline.workspace import token_for

    content = _drawn_on_server(uid, server, token_for("new", server))
    return [(uid, one) for one in lint_form(content)]


def _of_project(folder: str | None, code: str) -> Found:
    from meal_pipeline.lint import lint_form
    from meal_pipeline.workspace import open_workspace

    workspace = open_workspace(folder)
    project = workspace.project(code)
    return [
        (form, one)
        for form, content in _contents(workspace, project).items()
        for one in lint_form(content, project, form)
    ]


def _contents(workspace: "Workspace", project: "Project") -> dict[str, Mapping[str, Any]]:
    """Give the newest content that is held of each form; of one never pulled, the server's."""
    from meal_pipeline.store.submission_log import form_versions
    from meal_pipeline.workspace import token_for

    found: dict[str, Mapping[str, Any]] = {}
    store = workspace.open_store()
    try:
        for code, form in project.forms.items():
            held = list(form_versions(store, project.server, form.uid))
            if held:
                found[code] = held[-1][1]
    finally:
        store.close()
    for code, form in project.forms.items():
        if code not in found:
            token = token_for(project.code, project.server)
            found[code] = _drawn_on_server(form.uid, project.server, token)
    return {code: found[code] for code in project.forms}


def _drawn_on_server(uid: str, server: str, token: str) -> Mapping[str, Any]:
    with client_for(server, token) as client:
        return dict(asked(partial(client.asset, uid), server, uid=uid).content or {})


def _print(found: Sequence[tuple[str, "FormRemark"]], format_: Format) -> None:
    if format_ != "table":
        rows = [
            {"form": form, **{name: getattr(one, name) for name in _COLUMNS[1:]}}
            for form, one in found
        ]
        print_rows(rows, dict.fromkeys(_COLUMNS, ""), format_, empty="")
        return
    if not found:
        click.echo(f"{DONE} " + _("Nothing to mend."))
        return
    for form, one in found:
        place = [form, one.sheet] if one.row else [form]
        if one.row:
            place.append(_("row {row}").format(row=one.row))
        if one.question:
            place.append(one.question)
        click.echo(f"{_MARKS[one.severity]} {', '.join(place)}  {one.code}")
        click.echo(f"    {one.message}")
        if one.fix:
            click.echo(f"    → {one.fix}")
    counts = [sum(one.severity == name for _form, one in found) for name in _MARKS]
    said = _("{critical} critical, {warning} warnings, {info} to know.")
    click.echo("\n" + said.format(critical=counts[0], warning=counts[1], info=counts[2]))
