"""The one entry point: an expression of a form or a project, ready to be evaluated.

Here: reading, checking against what is evaluated and against the form, and evaluating. Not here:
how (`parser`, `evaluation`).
"""

from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
import pandas as pd

from meal_pipeline.expressions import nodes
from meal_pipeline.expressions.errors import ExpressionSyntaxError, UnsupportedExpression
from meal_pipeline.expressions.evaluation import compute
from meal_pipeline.expressions.functions import FUNCTIONS, NOT_EVALUATED, KindHint
from meal_pipeline.expressions.nodes import Node
from meal_pipeline.expressions.parser import parse
from meal_pipeline.expressions.rows import Rows, device_offset
from meal_pipeline.expressions.values import Engine, Value, to_series, truth
from meal_pipeline.forms import FormUnion, FormVersion, nearest_names
from meal_pipeline.locale import gettext as _
from meal_pipeline.locale import ngettext

Form = FormVersion | FormUnion


@dataclass(frozen=True)
class Expression:
    """An XLSForm expression. Two are equal when their texts are.

    `references` are the names of the questions it asks for, each once, in order; `uses_current`
    tells whether `.` stands in it.
    """

    text: str
    references: tuple[str, ...] = field(compare=False)
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
        self, frame: pd.DataFrame, *, current: str | None = None, engine: Engine = "collect"
    ) -> pd.Series:
        """Compute the expression in every row of a typed frame.

        `frame` has a column a question (Int64, Float64, boolean, str, datetime64 without a zone for
        dates and with one for moments; several choices as codes with blanks between). A moment's
        offset from UTC is taken from `<name>/offset_minutes` where the frame has it. `current` is
        the question that `.` stands for. `engine` is the app whose rules count where KoboCollect
        and Enketo differ.

        Gives a series with the frame's index: boolean without missing values for conditions,
        Float64 for numbers (a number that is none is missing), str for texts (an empty text is
        missing), datetime64 for dates. `today()` and `now()` are the row's own: its `end`, else its
        `start`, else its `_submission_time`.

        Raises `UnknownQuestion` where the frame lacks a question, and `ExpressionError` where the
        values cannot be computed with.
        """
        return to_series(self._compute(frame, current, engine)[0], frame.index)

    def holds(
        self, frame: pd.DataFrame, *, current: str | None = None, engine: Engine = "collect"
    ) -> pd.Series:
        """Tell in which rows the expression is true, as a form's `relevant` or `constraint` is.

        Like `evaluate`, with any result taken for a condition: a number other than 0, a text that
        is not empty.
        """
        value, rows = self._compute(frame, current, engine)
        return to_series(truth(rows.truth(value)), frame.index)

    def _compute(
        self, frame: pd.DataFrame, current: str | None, engine: Engine
    ) -> tuple[Value, Rows]:
        resolve = self.form.resolve if self.form else str
        rows = Rows(engine, device_offset(frame), frame, resolve, current)
        with np.errstate(all="ignore"):  # NaN and infinity are values here, as in the engines
            return compute(self.root, rows), rows


def compile_expression(text: str, form: Form | None = None) -> Expression:
    """Read an expression once, to be evaluated often.

    With a `form`, each question it names must be in it.

    Raises `ExpressionSyntaxError` at the character that does not fit, also for a function that is
    not known or has too few or too many arguments; `UnsupportedExpression` for what is sound but
    not evaluated, by name; `UnknownQuestion` or `AmbiguousQuestion` for a name that is not one
    question of the form.
    """
    root = _checked(text)
    parts = [node for node, _depth in nodes.walk(root)]
    names = dict.fromkeys(node.name for node in parts if isinstance(node, nodes.Reference))
    if form is not None:
        for name in names:
            _check_question(form, name)
    uses_current = any(
        isinstance(node, nodes.Current)
        or (isinstance(node, nodes.Call) and node.function == "once")
        for node in parts
    )
    return Expression(text, tuple(names), uses_current, root, form)


def _check_question(form: Form, name: str) -> None:
    question = form.question(name)
    if question.kind in ("time", "geopoint", "line"):
        raise UnsupportedExpression(
            f"${{{name}}}",
            _("“{name}” is of type {type}; expressions over that are not evaluated.").format(
                name=name, type=question.type
            ),
        )


@lru_cache(maxsize=4096)
def _checked(text: str) -> Node:
    root = parse(text)
    for node, _depth in nodes.walk(root):
        match node:
            case nodes.Call():
                _check_call(text, node)
            case nodes.Reference(name=name):
                _check_reference(text, node.start, name)
            case nodes.Path():
                raise _unsupported_path(text, node)
            case nodes.Union():
                raise UnsupportedExpression("|", _("Joining answers by | is not evaluated."))
    return root


def _check_call(text: str, call: nodes.Call) -> None:
    name, given = call.function, len(call.arguments)
    if name in NOT_EVALUATED:
        raise UnsupportedExpression(
            name, _("The function {name}() is not evaluated.").format(name=name)
        )
    if name not in FUNCTIONS:
        near = nearest_names(name, [*FUNCTIONS, *NOT_EVALUATED], count=1)
        reason = _("there is no function {name}().").format(name=name)
        if near:
            reason += " " + _("The nearest is {name}().").format(name=near[0])
        raise ExpressionSyntaxError(text, call.start, reason)
    function = FUNCTIONS[name]
    if given < function.fewest:
        reason = ngettext(
            "{name}() takes at least {count} argument.",
            "{name}() takes at least {count} arguments.",
            function.fewest,
        ).format(name=name, count=function.fewest)
        raise ExpressionSyntaxError(text, call.start, reason)
    if given > function.most:
        reason = ngettext(
            "{name}() takes at most {count} argument.",
            "{name}() takes at most {count} arguments.",
            function.most,
        ).format(name=name, count=function.most)
        raise ExpressionSyntaxError(text, call.start, reason)


def _check_reference(text: str, start: int, name: str) -> None:
    if not name:
        raise ExpressionSyntaxError(text, start, _("the name of the question is missing."))
    if name.startswith("last-saved#"):
        raise UnsupportedExpression(
            "last-saved",
            _("“{name}” asks for the form last saved on the device, which no row tells.").format(
                name=name
            ),
        )


def _unsupported_path(text: str, path: nodes.Path) -> UnsupportedExpression:
    first = path.steps[0] if path.steps else None
    if isinstance(path.base, nodes.Call) and path.base.function in NOT_EVALUATED:
        return UnsupportedExpression(
            path.base.function,
            _("The function {name}() is not evaluated.").format(name=path.base.function),
        )
    bare = len(path.steps) == 1 and first and not (path.absolute or path.base or first.axis)
    if bare and first and not first.predicates and first.test[0] not in ".*@":
        return UnsupportedExpression(
            first.test,
            _("“{name}” alone is a path, and paths are not evaluated.").format(name=first.test),
            next_step=_("Write the question as ${{{name}}}.").format(name=first.test),
        )
    if path.predicates or any(step.predicates for step in path.steps):
        return UnsupportedExpression(
            "[]",
            _("Conditions in square brackets, in “{text}”, are not evaluated.").format(text=text),
        )
    return UnsupportedExpression(
        "path", _("The path in “{text}” is not evaluated.").format(text=text)
    )
