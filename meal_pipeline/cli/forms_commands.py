"""`meal forms`: how the versions of a project's forms differ.

Here: printing what `forms.renames` finds, and the lines for the project's file. Not here: finding.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import click

from meal_pipeline.errors import MealError
from meal_pipeline.locale import gettext as _

from .printing import DONE, Format, format_option, print_rows

if TYPE_CHECKING:
    from meal_pipeline.forms.renames import Comparison, Proposal
    from meal_pipeline.workspace.project import Project


@click.group(help=_("How versions of forms differ, what they break, and what to mend."))
def forms() -> None:
    """Hold the commands of forms."""


@forms.command(
    help=_("Compare the versions of PROJECT's forms (or of one, FORM) that were pulled.")
    + "\n\n"
    + _(
        "It prints what moved, changed its type, went or came, and the lines for the project's"
        " file that say which questions, repeats and choices are the same. What was renamed is"
        " joined only once that is declared: paste what is right."
    )
    + "\n\n\b\nmeal forms diff wash\nmeal forms diff wash household --format json"
)
@click.argument("project", metavar="PROJECT")
@click.argument("form", metavar="FORM", required=False)
@format_option
@click.pass_obj
def diff(folder: str | None, project: str, form: str | None, format_: Format) -> None:
    """Print the differences of versions."""
    from meal_pipeline.forms.renames import compare_versions
    from meal_pipeline.rows.loading import forms_of
    from meal_pipeline.workspace import open_workspace

    workspace = open_workspace(folder)
    declared = workspace.project(project)
    if form is not None and form not in declared.forms:
        raise MealError(
            _("Project {project} has no form {form}.").format(project=project, form=form),
            next_step=_("Its forms: {names}").format(names=", ".join(declared.forms)),
        )
    store = workspace.open_store()
    try:
        unions = forms_of(store, declared)
    finally:
        store.close()
    found = {
        code: compare_versions(union, declared.forms[code].same_choices)
        for code, union in unions.items()
        if form in (None, code)
    }
    if not found:
        raise MealError(
            _("The forms of project {project} were never pulled.").format(project=project),
            next_step=f"meal run {project}",
        )
    _print(declared, found, {code: len(unions[code].versions) for code in found}, format_)


def _print(
    project: "Project",
    found: Mapping[str, "Comparison"],
    versions: Mapping[str, int],
    format_: Format,
) -> None:
    from meal_pipeline.forms.renames import Proposal

    rows: list[dict[str, Any]] = []
    for code, comparison in found.items():
        for one in comparison.differences:
            said = _("declared") if one.declared else ""
            about = {"form": code, "what": one.what, "question": one.name}
            rows.append(about | {"was": one.was, "now": one.now, "remark": said})
        for proposal in comparison.proposals:
            about = {"form": code, "what": proposal.key, "question": proposal.list_name or ""}
            reasons = "; ".join(proposal.reasons)
            rows.append(about | {"was": proposal.old, "now": proposal.new, "remark": reasons})
    headings = {
        "form": _("form"),
        "what": _("what"),
        "question": _("question"),
        "was": _("was"),
        "now": _("now"),
        "remark": _("remark"),
    }
    print_rows(rows, headings, format_, empty=_("All versions are alike."))
    if format_ != "table":
        return
    proposed: dict[str, Sequence[Proposal]] = {
        code: one.proposals for code, one in found.items() if one.proposals
    }
    counts = ", ".join(f"{code}: {count}" for code, count in versions.items())
    click.echo("\n" + _("Versions compared: {counts}.").format(counts=counts))
    if not proposed:
        click.echo(f"{DONE} " + _("There is nothing to declare."))
        return
    file = f"projects/{project.code}/project.yaml"
    click.echo(_("What is right of this may be pasted into {file}:").format(file=file) + "\n")
    click.echo(lines_to_paste(proposed), nl=False)


def lines_to_paste(proposed: Mapping[str, Sequence["Proposal"]]) -> str:
    """Give proposals, by form, as lines of a project's file; each line says its reasons."""
    from io import StringIO

    from ruamel.yaml import YAML
    from ruamel.yaml.comments import CommentedMap

    root: Any = CommentedMap()
    for code, proposals in proposed.items():
        form = root.setdefault(code, CommentedMap())
        for one in proposals:
            below = form.setdefault(one.key, CommentedMap())
            if one.list_name is not None:
                below = below.setdefault(one.list_name, CommentedMap())
            below[one.old] = one.new
            below.yaml_add_eol_comment(", ".join(one.reasons), one.old)
    text = StringIO()
    yaml = YAML()
    yaml.width = 4096
    yaml.dump(CommentedMap(forms=root), text)
    return text.getvalue()
