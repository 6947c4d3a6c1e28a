"""`meal project`: a project proposed from its deployed form, and checked against it.

Here: fetching the form and printing. Not here: what is proposed or checked
(`meal_pipeline.workspace`).
"""

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from meal_pipeline.errors import MealError
from meal_pipeline.forms import FormUnion, parse_content, unite
from meal_pipeline.kobo import KoboClient
from meal_pipeline.locale import gettext as _

from .kobo_commands import SERVER, asked, client_for
from .printing import DONE, FAILED

if TYPE_CHECKING:
    from meal_pipeline.workspace.proposal import ProjectProposal


@click.group(help=_("Projects as files: propose one from a form, check them."))
def project() -> None:
    """Hold the commands of projects."""


@project.command(
    help=_("Propose the project CODE from a deployed form, as a file to look through.")
    + "\n\n"
    + _("It finds rounds, weights, personal data and known indicators by the questions' names.")
    + "\n\n\b\nmeal project new wash --form aBcDeFgHiJ --server https://eu.kobotoolbox.org"
)
@click.argument("code", metavar="CODE")
@click.option(
    "--form", "uid", required=True, help=_("uid of the form: meal kobo forms lists them.")
)
@click.option("--server", default=SERVER, show_default=True, help=_("Address of the server."))
@click.pass_obj
def new(folder: str | None, code: str, uid: str, server: str) -> None:
    """Propose a project."""
    from meal_pipeline.workspace import open_workspace, token_for
    from meal_pipeline.workspace.proposal import propose_project

    workspace = open_workspace(folder)
    file = new_project_file(workspace.root, code)
    with client_for(server, token_for(code, server)) as client:
        form = asked(partial(deployed_form, client, uid), server, uid=uid)
        title = asked(lambda: client.asset(uid, exclude=["content"]), server, uid=uid).name
    proposal = propose_project(
        code,
        form,
        server=server,
        uid=uid,
        name=title,
        timezone=workspace.settings.timezone,
    )
    write_proposal(file, proposal)


def new_project_file(root: Path, code: str) -> Path:
    """Give the file of a project that is not there yet. Raises MealError where it is."""
    file = root / "projects" / code / "project.yaml"
    if file.exists():
        raise MealError(
            _("There is a project {code} already.").format(code=code),
            next_step=_("Change {file}, or choose another code.").format(file=file),
        )
    return file


def write_proposal(file: Path, proposal: "ProjectProposal") -> None:
    """Write a proposed project, and say what was found in its form and what comes next."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(proposal.text, encoding="utf-8")
    click.echo(f"{DONE} {file}")
    if proposal.found:
        click.echo("  " + _("Found in the form: {names}").format(names=", ".join(proposal.found)))
    code = proposal.code
    click.echo(_("Next: look through it, then") + f" meal project check {code}, meal run {code}")


@project.command(
    help=_("Check project files, and against their deployed forms what they name.")
    + "\n\n\b\nmeal project check\nmeal project check wash --offline"
)
@click.argument("code", metavar="CODE", required=False)
@click.option("--offline", is_flag=True, help=_("Check the files only; ask no server."))
@click.pass_context
def check(context: click.Context, code: str | None, offline: bool) -> None:
    """Check projects."""
    from meal_pipeline.workspace import open_workspace

    workspace = open_workspace(context.obj)
    folder = workspace.projects()
    faults = [
        fault
        for path, found in folder.faults.items()
        for fault in found
        if code in (None, path.parent.name)
    ]
    codes = [code] if code else list(folder)
    for one in codes:
        if one in folder and not offline:
            faults += _against_forms(folder[one], folder.files[one], workspace.root)
        elif code and not faults:
            folder.named(code)
    for fault in faults:
        place = str(fault.file) if fault.line is None else f"{fault.file}:{fault.line}"
        click.echo(f"{FAILED} {place}  {fault.key}")
        click.echo(f"    {fault.message}")
        if fault.fix:
            click.echo(f"    → {fault.fix}")
    if not faults:
        click.echo(f"{DONE} " + _("Nothing to correct."))
    context.exit(1 if faults else 0)


def _against_forms(declared: Any, file: Any, root: Path) -> list[Any]:
    from meal_pipeline.workspace import token_for
    from meal_pipeline.workspace.project_check import check_project
    from meal_pipeline.workspace.server_address import folder_of

    if folder := folder_of(declared.server, root):
        from meal_pipeline.exports import find_sources

        sources = find_sources(folder)
        unions = {code: sources.form(form.uid).union() for code, form in declared.forms.items()}
        return list(check_project(declared, unions, file=file))
    with client_for(declared.server, token_for(declared.code, declared.server)) as client:
        forms = {
            code: asked(partial(deployed_form, client, form.uid), declared.server, uid=form.uid)
            for code, form in declared.forms.items()
        }
    found: list[Any] = check_project(declared, forms, file=file)
    return found


def deployed_form(client: KoboClient, uid: str) -> FormUnion:
    """Give all deployed versions of a form as one. Raises KoboError as the client does."""
    versions = [client.version(uid, version.uid) for version in client.versions(uid, deployed=True)]
    if not versions:
        raise MealError(
            _("The form {uid} is not deployed.").format(uid=uid),
            next_step=_("Deploy it in KoboToolbox first."),
        )
    return unite(
        [
            parse_content(dict(version.content or {}), asset_uid=uid, version_uid=version.uid)
            for version in reversed(versions)
        ]
    )
