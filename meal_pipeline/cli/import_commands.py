"""`meal import`: a folder of exports, looked through and made a project.

Here: printing what each file is and what it lacks, writing the proposed project. Not here: reading
the files (`meal_pipeline.exports`), and the import itself, which is `meal run`.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from meal_pipeline.errors import MealError
from meal_pipeline.locale import gettext as _
from meal_pipeline.locale import ngettext

from .printing import CARE, DONE, Format, format_option, print_rows
from .project_commands import new_project_file, write_proposal

if TYPE_CHECKING:
    from meal_pipeline.exports import Export, FormSource, Survey
    from meal_pipeline.exports.file_rounds import FileRound


@click.command(
    name="import",
    help=_("Look through FOLDER: which file is what, and what it cannot tell; make it a project.")
    + "\n\n"
    + _(
        "It takes exports of KoboToolbox (XLSX, CSV) and JSON from its API, with the XLSForm beside"
        " them. With --project it proposes a project as meal project new does; meal run then"
        " imports the folder, and again whenever files were added."
    )
    + "\n\n\b\nmeal import exports/baseline\nmeal import exports/baseline --project wash",
)
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--project", "code", metavar="CODE", help=_("Propose this project."))
@click.option("--form", "uid", help=_("Which form, where the folder has several."))
@format_option
@click.pass_obj
def import_(
    root: str | None, folder: Path, code: str | None, uid: str | None, format_: Format
) -> None:
    """Look through a folder, and propose its project."""
    from meal_pipeline.exports import survey_folder
    from meal_pipeline.exports.file_rounds import rounds_by_file
    from meal_pipeline.exports.several import Submissions
    from meal_pipeline.workspace import open_workspace

    workspace = open_workspace(root) if code else None
    file = new_project_file(workspace.root, code) if workspace and code else None
    survey = survey_folder(folder)
    lacks: dict[str, list[str]] = {}
    counted: dict[str, int] = {}
    for source in survey.sources.forms:
        exports = survey.exports[source.uid]
        with Submissions(exports) as submissions:
            counted[source.uid] = len(submissions)
            lacks[source.uid] = submissions.lacks.sentences()
    print_rows(
        list(_files(survey)),
        {
            "file": _("file"),
            "what": _("what it is"),
            "form": _("form"),
            "submissions": _("submissions"),
            "from": _("from"),
            "to": _("to"),
            "remark": _("remark"),
        },
        format_,
        empty=_("The folder is empty."),
    )
    if format_ == "table":
        _tell(survey, counted, lacks)
    if workspace and file and code:
        source = _chosen(survey.sources.forms, uid, counted)
        rounds = rounds_by_file(survey.exports[source.uid])
        write_proposal(file, _proposal(workspace, code, folder, source, rounds))


def _files(survey: "Survey") -> Iterator[dict[str, Any]]:
    reasons = {name: f"{reason} {fix}".strip() for name, reason, fix in survey.unread}
    by_name: dict[str, Export] = {
        export.file.name: export for exports in survey.exports.values() for export in exports
    }
    forms = {name: form.uid for form in survey.sources.forms for name in form.files}
    for file in survey.sources.files:
        export = by_name.get(file.name)
        what = {"form": _("form"), "other": _("left alone")}.get(file.kind, _("data"))
        row: dict[str, Any] = {
            "file": file.name,
            "what": what,
            "form": forms.get(file.name, ""),
            "remark": file.said,
        }
        if export:
            first, last = export.days if export.days[0] else export.between
            row |= {
                "form": export.form.source.uid,
                "submissions": export.rows,
                "from": first[:10],
                "to": last[:10],
            }
        elif file.name in reasons:
            row |= {"what": _("not read"), "remark": reasons[file.name]}
        yield row


def _tell(survey: "Survey", counted: dict[str, int], lacks: dict[str, list[str]]) -> None:
    for remark in survey.sources.remarks:
        click.echo(f"{CARE} {remark.place}: {remark.message}")
        if remark.fix:
            click.echo(f"    → {remark.fix}")
    for source in survey.sources.forms:
        number = counted[source.uid]
        held = ngettext("{n} submission", "{n} submissions", number).format(n=number)
        click.echo(f"{DONE} {source.title} ({source.uid}): {held}")
        if refused := _refused(source):
            click.echo(
                f"{CARE} "
                + _("It is read, but KoboToolbox would not take it: {reason}").format(
                    reason=refused
                )
            )
        if lacks[source.uid]:
            click.echo("  " + _("What the files cannot tell:"))
        for sentence in lacks[source.uid]:
            click.echo(f"  · {sentence}")


def _refused(source: "FormSource") -> str | None:
    """Give why an XLSForm could not be deployed again as it is."""
    from meal_pipeline.exports.xlsforms import refusal_of_pyxform

    if source.named:
        return None
    _uid, content, _at = source.versions[-1]
    return refusal_of_pyxform(
        {name: content.get(name) or [] for name in ("survey", "choices")}
        | {"settings": [content.get("settings") or {}]}
    )


def _chosen(
    forms: Sequence["FormSource"], uid: str | None, counted: dict[str, int]
) -> "FormSource":
    """Give the form that is meant. Raises MealError where several have submissions."""
    if uid is not None:
        for form in forms:
            if form.uid == uid:
                return form
    filled = [form for form in forms if counted[form.uid]] or list(forms)
    if len(filled) == 1 and uid is None:
        return filled[0]
    raise MealError(
        _("The folder has these forms: {forms}.").format(
            forms=", ".join(form.uid for form in forms)
        ),
        next_step=_("Choose one with --form; add others to the project file by their uid."),
    )


def _proposal(
    workspace: Any,
    code: str,
    folder: Path,
    source: "FormSource",
    rounds: "tuple[str, list[FileRound]] | None",
) -> Any:
    from meal_pipeline.workspace.proposal import propose_project
    from meal_pipeline.workspace.server_address import folder_address

    return propose_project(
        code,
        source.union(),
        server=folder_address(folder, workspace.root),
        uid=source.uid,
        name=source.title,
        timezone=workspace.settings.timezone,
        rounds=(rounds[0], {one.code: one.name for one in rounds[1]}) if rounds else None,
    )
