"""The units by which an effect's standard error is clustered.

Here: the coarser of the unit that was assigned to arms and the unit that was sampled, told from the
data. Not here: the regression (statistics).

Rows that share either unit are not independent, so errors are clustered by the coarser one (Abadie,
Athey, Imbens and Wooldridge 2023, Quarterly Journal of Economics 138, 1-35): the one whose units
each contain whole units of the other. Where neither does, there is no single coarser unit, and the
comparison is refused rather than clustered by a guess.
"""

from dataclasses import dataclass
from typing import Any

import pandas as pd
from numpy.typing import NDArray

from meal_pipeline.errors import MealError
from meal_pipeline.locale import gettext as _
from meal_pipeline.rows.conversions import as_text
from meal_pipeline.rows.form_rows import FormRows, declared_at
from meal_pipeline.rows.sample import subjects_of
from meal_pipeline.rows.split import BoolArray
from meal_pipeline.workspace.project import Comparison, Project


class UnitsCross(MealError):
    """Units of assignment and sampled clusters overlap without one lying within the other."""


@dataclass(frozen=True, eq=False)
class Units:
    """What errors are clustered by: the question ('' for the row itself), and a label a row.

    `labels` is None for the row itself; a row without a unit has NaN.
    """

    question: str
    labels: NDArray[Any] | None


def units_of(rows: FormRows, project: Project, code: str, used: BoolArray) -> Units:
    """Give the units of comparison `code`; nesting is looked for in the `used` rows.

    Without a unit of assignment and without sampled clusters the rows are assigned one by one; in
    two rounds the rows of one household or person are then one unit, where the form names them.

    Raises UnitsCross, and DeclarationError for a question that the form has not.
    """
    comparison = project.comparisons[code]
    assigned = _answers(rows, comparison.assignment_unit, f"comparisons.{code}.assignment_unit")
    sampled = _answers(rows, project.design.clusters, "design.clusters")
    if assigned is not None and sampled is not None:
        return _coarser(assigned, sampled, used)
    if assigned is not None or sampled is not None:
        return assigned or sampled or Units("", None)
    return _subjects(rows, project, comparison)


def _coarser(one: Units, other: Units, used: BoolArray) -> Units:
    pairs = pd.DataFrame({"one": one.labels, "other": other.labels})[used].dropna()
    pairs = pairs.drop_duplicates()
    if not pairs["other"].duplicated().any():  # each unit of `other` lies within one of `one`
        return one
    if not pairs["one"].duplicated().any():
        return other
    raise UnitsCross(
        _(
            "Units of “{assigned}”, assigned to arms, and of “{sampled}”, sampled, overlap without"
            " either lying within the other: there is no unit to cluster the error by."
        ).format(assigned=one.question, sampled=other.question),
        next_step=_("Correct the answers, or declare a larger unit that contains both."),
    )


def _answers(rows: FormRows, question: str | None, key: str) -> Units | None:
    if question is None or (key == "design.clusters" and rows.asked_elsewhere([question])):
        return None
    with declared_at(key):
        labels = as_text(rows.answers(question))
    return Units(question, labels.to_numpy(object))


def _subjects(rows: FormRows, project: Project, comparison: Comparison) -> Units:
    subject = project.forms[rows.code].subject
    labels = subjects_of(rows, project)
    if comparison.design == "randomised" or subject is None or labels is None:
        return Units("", None)
    return Units(subject, labels)
