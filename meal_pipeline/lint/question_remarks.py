"""Remarks on single questions: limits, labels, lists, repeats, calculations that nobody uses.

Here: what a row by itself lacks. Not here: its expressions (`expression_remarks`).
"""

import re
from collections.abc import Iterator

from meal_pipeline.forms.expression_names import named_questions
from meal_pipeline.forms.question_types import choice_file, is_select
from meal_pipeline.lint.drawn import Drawn, DrawnRow
from meal_pipeline.lint.labels import arabic_language, fault_of
from meal_pipeline.lint.remarks import FormRemark
from meal_pipeline.locale import gettext as _
from meal_pipeline.workspace.project import Project


def question_remarks(drawn: Drawn, project: Project | None) -> Iterator[FormRemark]:
    """Give them in the order of the form; the project tells what else uses calculations."""
    language = arabic_language(drawn)
    used = _used_names(drawn, project)
    for one in drawn.rows:
        cells = one.row.cells
        if one.row.type in ("integer", "decimal") and "constraint" not in cells and one.is_asked:
            yield _remark(
                "number.no_constraint",
                one,
                _("{name} takes any number: it has no constraint."),
                _("Write what is possible, such as . >= 0 and . <= 120, with a message."),
            )
        if language and (one.is_asked or one.row.type == "note"):
            yield from _label(one, language)
        if is_select(one.row.type):
            yield from _list(one, drawn)
        if one.row.type == "begin_repeat" and "repeat_count" not in cells:
            yield _remark(
                "repeat.open_ended",
                one,
                _("The repeat {name} has no count: it ends when the enumerator says so."),
                _(
                    "Ask for the number before it and write it as repeat_count, so both can be held"
                    " against each other."
                ),
            )
        if one.row.type == "calculate" and one.name and one.name not in used:
            yield _remark(
                "calculation.unused",
                one,
                _("Nothing in the form uses the calculation {name}."),
                _("Take it out, unless the analysis needs it."),
            )


def _remark(code: str, one: DrawnRow, message: str, fix: str) -> FormRemark:
    said = message.format(name=one.name)
    return FormRemark(code, "survey", one.row.number, one.name, said, fix)


def _label(one: DrawnRow, language: str) -> Iterator[FormRemark]:
    match fault_of(one.row.text("label"), language):
        case "missing":
            message = _("{name} has no Arabic label.")
            yield _remark("label.missing", one, message, _("Write it in the Arabic column."))
        case "other":
            message = _("The Arabic label of {name} has no Arabic letter.")
            yield _remark("label.not_arabic", one, message, _("Translate it."))


def _list(one: DrawnRow, drawn: Drawn) -> Iterator[FormRemark]:
    row = one.row
    if choice_file(row.type, row.list_name, row.cells.get("appearance")):
        return
    listed = drawn.version.choices.get(row.list_name or "", ())
    if listed or row.type == "select_one_external":
        return
    if row.list_name and row.list_name.startswith("${"):
        return  # the choices are the answers of a repeat
    message = _("The list {list} of {name} has no choices.").replace("{list}", row.list_name or "?")
    fix = _("Add its choices to the sheet choices, or correct the name of the list.")
    yield _remark("select.no_choices", one, message, fix)


def _used_names(drawn: Drawn, project: Project | None) -> set[str]:
    """Give every name that an expression, a text or the project mentions."""
    texts = [
        text
        for one in drawn.rows
        for text in (
            *one.row.cells.values(),
            *(label for labels in one.row.texts.values() for label in labels.values()),
        )
    ]
    texts += [text for one in drawn.choices for text in one.choice.labels.values()]
    texts += drawn.sheets.settings.values()
    used = {name for text in texts for name in named_questions(text)}
    # Paths such as ../total or /data/total name questions, too.
    used |= {name for text in texts for name in re.findall(r"/([\w.-]+)", text)}
    if project is not None:
        declared = project.model_dump_json()
        used |= set(named_questions(declared)) | set(re.findall(r'"([^"]+)"', declared))
    return used
