"""Which round, arm and categories each row belongs to, as the project declares them.

Here: the splits of a form's rows. Not here: the rows' values (`values`), the sampling design
(`sample`).

A form that lacks what tells the round (or the arm), when another form of the project has it, has
none: its rows are one round, '' (or have no arms). A question that no form has is an error.
"""

from collections.abc import Sequence

import pandas as pd

from meal_pipeline.errors import MealError
from meal_pipeline.expressions import compile_expression
from meal_pipeline.forms import Column, FormUnion
from meal_pipeline.locale import gettext as _
from meal_pipeline.rows.conversions import as_text
from meal_pipeline.rows.evaluation import compiled
from meal_pipeline.rows.form_rows import FormRows, declared_at
from meal_pipeline.rows.place_answers import answers_of, place_answers
from meal_pipeline.rows.split import Split, crossed, split_by, whole
from meal_pipeline.workspace.project import (
    COMPARISON,
    PARTICIPANTS,
    Disaggregation,
    Form,
    Names,
    Project,
)


class CategoriesUnknown(MealError):
    """A disaggregation whose categories neither the project nor the form's choices give."""


class SeveralAnswers(MealError):
    """A disaggregation by a question that takes several answers, so that rows would count twice."""


def rounds_of(rows: FormRows, project: Project) -> Split:
    """Split the rows by round; rows of no declared round are '(not stated)'."""
    if project.rounds is None:
        return whole(len(rows))
    values = _declared_values(rows, project.rounds.expression, "rounds.expression")
    if values is None:
        return whole(len(rows))
    declared = project.rounds.values
    return split_by(
        values,
        list(declared),
        [code if one.value is None else one.value for code, one in declared.items()],
    )


def arms_of(rows: FormRows, project: Project) -> Split | None:
    """Split the rows by arm: participants, comparison where declared, '(not stated)'."""
    if project.arms is None:
        return None
    values = _declared_values(rows, project.arms.expression, "arms.expression")
    if values is None:
        return None
    arms = project.arms
    labels = [PARTICIPANTS] * len(arms.participants) + [COMPARISON] * len(arms.comparison)
    return split_by(values, labels, [*arms.participants, *arms.comparison])


def categories_of(rows: FormRows, project: Project, code: str) -> Split:
    """Split the rows by a disaggregation, or by two, written `a|b`.

    An answer that is none of the categories is '(not stated)', as no answer is. The categories of
    places are P-codes; an answer that is no known place is not stated.
    """
    one, _bar, other = code.partition("|")
    if other:
        return crossed(categories_of(rows, project, one), categories_of(rows, project, other))
    declared = project.disaggregations[code]
    with declared_at(f"disaggregations.{code}"):
        places = place_answers(rows, project, code)
        if places is not None:
            return split_by(places.codes, list(places.names), list(places.names))
        answers = answers_of(rows, declared)
        names = list(declared_categories(declared, rows.form, project.forms[rows.code]))
        return split_by(answers, names, names)


def declared_categories(
    declared: Disaggregation, union: FormUnion | None, form: Form
) -> dict[str, Names]:
    """Give the names of each category in order: the project's, else the choices of the form.

    A choice that the project reads as another (`same_choices`) is no category of its own.

    Raises CategoriesUnknown or SeveralAnswers, and what `FormUnion.column` raises.
    """
    column = None
    if union is not None and declared.question is not None:
        column = union.column(declared.question)
        _one_answer(column, declared.question)
    if declared.categories:
        return declared.categories
    choices = union.choices_of(column) if union is not None and column is not None else ()
    if column is None or not choices:
        raise CategoriesUnknown(
            _("The categories of “{question}” are not known: it has no list of choices.").format(
                question=declared.question
            ),
            next_step=_("Import the list of places: meal places import FILE")
            if declared.place
            else _("Name them: categories: {code: {ar: …, en: …}}."),
        )
    lists = {question.list_name for question in column.questions.values()}
    renamed = {old for name in lists for old in form.same_choices.get(name or "", {})}
    return {one.name: dict(one.labels) for one in choices if one.name not in renamed}


def codes_of(disaggregate: Sequence[str | list[str]]) -> list[str]:
    """Give the codes of an indicator's disaggregations, two crossed ones joined as `a|b`."""
    return [one if isinstance(one, str) else "|".join(one) for one in disaggregate]


def _one_answer(column: Column, question: str) -> None:
    if column.kind == "select_multiple":
        raise SeveralAnswers(
            _("“{question}” takes several answers, so its rows would count twice.").format(
                question=question
            ),
            next_step=_("Split by an expression, such as if(selected(${q}, 'a'), 'yes', 'no')."),
        )


def _declared_values(rows: FormRows, text: str, key: str) -> pd.Series | None:
    """Give the expression's value in each row as text; None where the form has no such question."""
    with declared_at(key):
        if rows.asked_elsewhere(compile_expression(text).references):
            return None
        return as_text(compiled(text, rows).evaluate(rows.frame))
