"""The value of an indicator in each row: a number, missing, or out of scope.

Here: expression, `among` and the rule for missing answers, row by row. Not here: summaries.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from meal_pipeline.errors import MealError
from meal_pipeline.locale import gettext as _
from meal_pipeline.rows.evaluation import compiled
from meal_pipeline.rows.form_rows import FormRows, declared_at
from meal_pipeline.rows.split import BoolArray
from meal_pipeline.statistics.survey_design import FloatArray
from meal_pipeline.workspace.project import Indicator


class NoNumbers(MealError):
    """The mean of something that is no number."""


@dataclass(frozen=True, eq=False)
class Values:
    """One number a row, NaN where missing or out of scope; and which rows are in scope."""

    numbers: FloatArray
    in_scope: BoolArray

    @property
    def answered(self) -> BoolArray:
        """The rows in scope that have a value."""
        return ~np.isnan(self.numbers)

    @property
    def missing(self) -> BoolArray:
        """The rows in scope that have none."""
        return self.in_scope & np.isnan(self.numbers)


def indicator_values(rows: FormRows, code: str, indicator: Indicator) -> Values:
    """Give the indicator's value in each row: 1 or 0 for a proportion, a number for a mean.

    Out of scope: `among` is false or empty. Missing: as `indicator.missing` says of the questions
    that the expression uses; for a mean also where the expression gives no finite number.

    Raises DeclarationError, naming the key of the project's file, where an expression is wrong,
    uses a question that the form has not, or one that is asked in a repeat.
    """
    in_scope = np.ones(len(rows), dtype=np.bool_)
    if indicator.among is not None:
        with declared_at(f"indicators.{code}.among"):
            in_scope = compiled(indicator.among, rows).holds(rows.frame).to_numpy(np.bool_)
    with declared_at(f"indicators.{code}.expression"):
        expression = compiled(indicator.expression, rows)
        unanswered = _unanswered(rows, expression.references, indicator.missing)
        if indicator.statistic == "proportion":
            numbers = expression.holds(rows.frame).to_numpy(np.float64)
        else:
            numbers = _numbers(expression.evaluate(rows.frame))
            unanswered = unanswered | ~np.isfinite(numbers)
    numbers[unanswered | ~in_scope] = np.nan
    return Values(numbers, in_scope)


def _numbers(result: pd.Series) -> FloatArray:
    """Give the result as numbers, NaN where it is empty or no number; true is 1, false 0."""
    if pd.api.types.is_datetime64_any_dtype(result.dtype):
        raise NoNumbers(
            _("The expression gives dates, which have no mean."),
            next_step=_("Compute a number from them, such as the days between two dates."),
        )
    numbers = pd.to_numeric(result, errors="coerce")
    return numbers.to_numpy(np.float64, na_value=np.nan).copy()


def _unanswered(rows: FormRows, references: Sequence[str], missing: str) -> BoolArray:
    """Give the rows that count as missing because of the answers that they lack."""
    if missing == "never" or not references:
        return np.zeros(len(rows), dtype=np.bool_)
    lacking = []
    for name in references:
        answers = rows.answers(name)
        lacking.append((answers.isna() | answers.eq("").fillna(False)).to_numpy(np.bool_))
    combine = np.logical_or if missing == "any" else np.logical_and
    return np.asarray(combine.reduce(lacking), dtype=np.bool_)
