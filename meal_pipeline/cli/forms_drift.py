"""`meal forms drift`: what of a project the newest version of its forms breaks.

Here: which versions are compared, and printing. Not here: what is broken
(`meal_pipeline.workspace.drift`).
"""

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import click

from meal_pipeline.errors import MealError
from meal_pipeline.locale import gettext as _
from meal_pipeline.locale import ngettext

from .printing import DONE, FAILED, Format, format_option, print_rows

if TYPE_CHECKING:
    from meal_pipeline.forms import FormUnion, FormVersion
    from meal_pipeline.store import Store
    from meal_pipeline.workspace.drift import Drift, NamedColumn
    from meal_pipeline.workspace.project import Project
    from meal_pipeline.workspace.workspace import Workspace

DRAFT = "draft"

_COLUMNS = (
    "form",
    "version",
    "kind",
    "subject",
    "key",
    "question",
    "choice",
    "what",
    "nearest",
    "message",
    "fix",
)


@click.command(
    help=_("Say what of PROJECT the newest version of its forms breaks.")
    + "\n\n"
    + _(
        "Indicators, splits, comparisons and rules of suites that name a question or choice which"
        " is no longer there as it was, with the nearest one and the lines for the project's file."
        " The run leaves out just these. Exit code 1 when anything breaks."
    )
    + "\n\n\b\nmeal forms drift wash\nmeal forms drift wash --deployed"
    + "\nmeal forms drift wash --draft --format json"
)
@click.argument("project", metavar="PROJECT")
@click.option(
    "--deployed", is_flag=True, help=_("Ask the server for versions deployed since the last pull.")
)
@click.option(
    "--draft",
    is_flag=True,
    help=_("Look at the form as it is drawn on the server now, before it is deployed."),
)
@format_option
@click.pass_context
def drift(
    context: click.Context, project: str, deployed: bool, draft: bool, format_: Format
) -> None:
    """Print what is broken."""
    from meal_pipeline.workspace import open_workspace
    from meal_pipeline.workspace.drift import drift as find_drift

    workspace = open_workspace(context.obj)
    declared = workspace.project(project)
    store = workspace.open_store()
    try:
        unions = _forms(workspace, store, declared, deployed=deployed or draft, draft=draft)
    finally:
        store.close()
    if not unions:
        raise MealError(
            _("The forms of project {project} were never pulled.").format(project=project),
            next_step=f"meal forms drift {project} --deployed",
        )
    found = find_drift(declared, unions, columns_of_suites(workspace, declared))
    _print(declared, found, unions, format_)
    context.exit(1 if found else 0)


def _forms(
    workspace: "Workspace", store: "Store", project: "Project", *, deployed: bool, draft: bool
) -> dict[str, "FormUnion"]:
    """Give each form's versions together: those held, and those of the server where asked."""
    from meal_pipeline.forms import unite
    from meal_pipeline.rows.loading import forms_of
    from meal_pipeline.workspace.server_address import folder_of

    held = forms_of(store, project)
    if not deployed:
        return held
    if folder := folder_of(project.server, workspace.root):
        from meal_pipeline.exports import find_sources

        sources = find_sources(folder)
        return {
            code: unite(sources.form(form.uid).union().versions, form)
            for code, form in project.forms.items()
        }
    found = {}
    for code, form in project.forms.items():
        known = held[code].versions if code in held else ()
        newer = _from_server(project, form.uid, [one.version_uid for one in known], draft=draft)
        if known or newer:
            found[code] = unite([*known, *newer], form)
    return found


def _from_server(
    project: "Project", uid: str, known: Sequence[str], *, draft: bool
) -> list["FormVersion"]:
    """Give the versions deployed that are not known, oldest first, and the draft where asked."""
    from meal_pipeline.forms import parse_content
    from meal_pipeline.workspace import token_for

    from .kobo_commands import asked, client_for

    server = project.server
    contents: list[tuple[str, Any]] = []
    with client_for(server, token_for(project.code, server)) as client:
        for version in reversed(asked(partial(client.versions, uid), server, uid=uid)):
            if version.uid not in known:
                whole = asked(partial(client.version, uid, version.uid), server, uid=uid)
                contents.append((whole.uid, whole.content))
        if draft:
            contents.append((DRAFT, asked(partial(client.asset, uid), server, uid=uid).content))
    return [
        parse_content(dict(content or {}), asset_uid=uid, version_uid=version)
        for version, content in contents
    ]


def columns_of_suites(workspace: "Workspace", project: "Project") -> list["NamedColumn"]:
    """Give the columns that the project's suites name; a suite that cannot be read names none."""
    from meal_pipeline.validate.suite_files import read_suite
    from meal_pipeline.validate.suites import columns_of
    from meal_pipeline.workspace.drift import NamedColumn

    files = {path.stem: path for path in workspace.declarations("expectations")}
    found = []
    for code, names in project.validation.suites.items():
        for name in names:
            try:
                suite = read_suite(files[name])
            except (KeyError, MealError):
                continue  # the run says so
            for entry in suite.expectations:
                key = f"{name}.{entry.rule}"
                for _argument, column in columns_of(entry.arguments):
                    found.append(NamedColumn(code, suite.frame, key, f"suites.{key}", column))
    return found


def _print(
    project: "Project", found: Sequence["Drift"], forms: dict[str, "FormUnion"], format_: Format
) -> None:
    from meal_pipeline.workspace.drift import kind_in_words

    words = kind_in_words if format_ == "table" else str
    rows = [
        dict(
            zip(
                _COLUMNS,
                (
                    one.fate.form,
                    one.fate.version,
                    words(one.kind),
                    one.subject,
                    one.key,
                    one.fate.question,
                    one.fate.choice,
                    one.fate.what,
                    one.fate.nearest,
                    one.sentence,
                    one.fate.fix,
                ),
                strict=True,
            )
        )
        for one in found
    ]
    if format_ != "table":
        print_rows(rows, dict.fromkeys(_COLUMNS, ""), format_, empty="")
        return
    versions = ", ".join(f"{code}: {one.newest.version_uid}" for code, one in forms.items())
    click.echo(_("Newest versions: {versions}.").format(versions=versions))
    if not found:
        click.echo(f"{DONE} " + _("Nothing of the project breaks."))
        return
    said = ngettext("{n} declaration breaks:", "{n} declarations break:", len(found))
    click.echo(f"{FAILED} " + said.format(n=len(found)))
    for row in rows:
        click.echo(f"\n{row['kind']} {row['subject']}\n    {row['message']}\n    → {row['fix']}")
    click.echo("\n" + _("The lines belong into {file}.").format(file=_file(project)))


def _file(project: "Project") -> str:
    return f"projects/{project.code}/project.yaml"
