"""The one entry point: an expression of a form or a project, ready to be evaluated.

Here: reading, checking against what is evaluated and against the form, and evaluating. Not here:
how (`parser`, `evaluation`).
"""

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from meal_pipeline.expressions import checks, nodes
from meal_pipeline.expressions.errors import ExpressionSyntaxError
from meal_pipeline.expressions.evaluation import compute
from meal_pipeline.expressions.functions import FUNCTIONS, KindHint
from meal_pipeline.expressions.names import Form, Frames, Names
from meal_pipeline.expressions.nodes import Node
from meal_pipeline.expressions.rows import Rows, rows_for
from meal_pipeline.expressions.values import Engine, Value, to_series, truth


@dataclass(frozen=True)
class Expression:
    """An XLSForm expression. Two are equal when their texts are.

    `references` are the names of the questions it asks for, each once, in order, and `repeats`
    those of the repeats whose rows it asks for; `uses_current` tells whether it asks for the
    question that it belongs to.
    """

    text: str
    references: tuple[str, ...] = field(compare=False)
    repeats: tuple[str, ...] = field(compare=False)
    uses_current: bool = field(compare=False)
    root: Node = field(compare=False, repr=False)
    form: Form | None = field(compare=False, repr=False, default=None)

    @property
    def kind_hint(self) -> KindHint | None:
        """What it gives: "truth", "number", "text" or "date"; none where the answers decide."""
        match self.root:
            case nodes.Logic() | nodes.Comparison():
                return "truth"
            case nodes.Arithmetic() | nodes.Negative() | nodes.Number():
                return "number"
            case nodes.Text():
                return "text"
            case nodes.Call(function=name):
                return FUNCTIONS[name].gives
            case _:
                return None

    def evaluate(
        self,
        frame: pd.DataFrame,
        *,
        current: str | None = None,
        repeats: Frames | None = None,
        within: str | None = None,
        engine: Engine = "collect",
    ) -> pd.Series:
        """Compute the expression in every row of a typed frame.

        `frame` has a column a question (Int64, Float64, boolean, str, datetime64 without a zone for
        dates and with one for moments; several choices as codes with blanks between). A moment's
        offset from UTC is taken from `<name>/offset_minutes` where the frame has it. `current` is
        the question that `.` stands for. `engine` is the app whose rules count where KoboCollect
        and Enketo differ.

        `repeats` are the frames of the form, by name: each repeat's with `_id`, `_position` and
        `_parent_position`, and "" for the form's own rows with `_id`. Columns are named as the
        expression names questions, or as its form resolves them. `frame` may hold the rows of a
        repeat: `within` then names it, unless `frame` is that very frame of `repeats`; questions
        around the repeat are found in the row around each.

        Gives a series with the frame's index: boolean without missing values for conditions,
        Float64 for numbers (a number that is none is missing), str for texts (an empty text is
        missing), datetime64 for dates. `today()` and `now()` are the row's own: its `end`, else its
        `start`, else its `_submission_time`.

        Raises `UnknownQuestion` where the frames lack a question, `RowsMissing` where a repeat's
        rows are asked for and not given, and `ExpressionError` where the values cannot be computed
        with.
        """
        value, _rows = self._compute(frame, current, repeats, within, engine)
        return to_series(value, frame.index)

    def holds(
        self,
        frame: pd.DataFrame,
        *,
        current: str | None = None,
        repeats: Frames | None = None,
        within: str | None = None,
        engine: Engine = "collect",
    ) -> pd.Series:
        """Tell in which rows the expression is true, as a form's `relevant` or `constraint` is.

        Like `evaluate`, with any result taken for a condition: a number other than 0, a text that
        is not empty.
        """
        value, rows = self._compute(frame, current, repeats, within, engine)
        return to_series(truth(rows.truth(value)), frame.index)

    def _compute(
        self,
        frame: pd.DataFrame,
        current: str | None,
        repeats: Frames | None,
        within: str | None,
        engine: Engine,
    ) -> tuple[Value, Rows]:
        rows = rows_for(
            frame, Names(self.form), repeats=repeats, within=within, engine=engine, dot=current
        )
        with np.errstate(all="ignore"):  # NaN and infinity are values here, as in the engines
            return rows.single(compute(self.root, rows)), rows


def compile_expression(text: str, form: Form | None = None) -> Expression:
    """Read an expression once, to be evaluated often.

    With a `form`, each question it names must be in it.

    Raises `ExpressionSyntaxError` at the character that does not fit, also for a function that is
    not known or has too few or too many arguments; `UnsupportedExpression` for what is sound but
    not evaluated, by name; `UnknownQuestion` or `AmbiguousQuestion` for a name that is not one
    question of the form.
    """
    try:
        root = checks.read(text)
    except ExpressionSyntaxError as error:
        where = checks.where_in_form(form, text)
        raise ExpressionSyntaxError(text, error.position, error.reason, where) from None
    questions, repeats = checks.references(root, form)
    return Expression(text, questions, repeats, checks.uses_current(root), root, form)
