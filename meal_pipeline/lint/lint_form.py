"""All remarks on one form.

Here: putting them together, in the order of the sheets. Not here: any of them.
"""

from collections.abc import Mapping

from meal_pipeline.forms import FormError, parse_content
from meal_pipeline.lint.choice_remarks import choice_remarks
from meal_pipeline.lint.drawn import draw
from meal_pipeline.lint.expression_remarks import expression_remarks
from meal_pipeline.lint.form_remarks import form_remarks
from meal_pipeline.lint.name_remarks import name_remarks
from meal_pipeline.lint.question_remarks import question_remarks
from meal_pipeline.lint.remarks import FormRemark
from meal_pipeline.locale import gettext as _
from meal_pipeline.workspace.project import Project


def lint_form(
    content: Mapping[str, object], project: Project | None = None, form: str | None = None
) -> list[FormRemark]:
    """Look a form's content through, as `parse_content` takes it.

    With a `project` and the code of its `form`, what the project declares counts: the subject, the
    personal data, and the calculations that it uses. A form that cannot be read gives one remark.
    Nothing to say gives an empty list.
    """
    try:
        version = parse_content(content, asset_uid="", version_uid="")
    except FormError as error:
        fix = error.next_step or _("Correct the form.")
        return [FormRemark("file.unreadable", "survey", None, "", str(error), fix)]
    drawn = draw(content, version)
    declared = project.forms.get(form or "") if project else None
    found = [
        *form_remarks(drawn, declared),
        *name_remarks(drawn),
        *question_remarks(drawn, project),
        *expression_remarks(drawn),
        *choice_remarks(drawn),
    ]
    sheets = ("survey", "choices")
    return sorted(found, key=lambda one: (sheets.index(one.sheet), one.row or 0))
