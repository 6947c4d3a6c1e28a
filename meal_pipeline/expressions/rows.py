"""The rows over which an expression is computed.

Here: a question's answers, the device's clock, and what `.` is. Not here: what is computed.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from meal_pipeline.expressions.errors import ExpressionError
from meal_pipeline.expressions.operators import Operators
from meal_pipeline.expressions.values import MINUTES_A_DAY, Numbers, Value, column_value
from meal_pipeline.forms import UnknownQuestion, nearest_names
from meal_pipeline.locale import gettext as _

CLOCKS = ("end", "start", "_submission_time")
"""The columns that tell when a row was filled in, the best first."""


@dataclass(frozen=True)
class Rows(Operators):
    """The rows of a typed frame, the engine's operators, and the column that `.` stands for.

    `column_of` gives the frame's column for a question's name.
    """

    frame: pd.DataFrame
    column_of: Callable[[str], str]
    dot: str | None = None
    read: dict[str, Value] = field(default_factory=dict)

    def answers(self, name: str) -> Value:
        """Give the answers to a question.

        Raises `UnknownQuestion` where the frame has no column for it, and `ExpressionError` where
        the column holds neither numbers, texts, truths nor dates.
        """
        if name not in self.read:
            self.read[name] = self._column(name)
        return self.read[name]

    def _column(self, name: str) -> Value:
        wanted = self.column_of(name)
        found = next((one for one in (wanted, name) if one in self.frame.columns), None)
        if found is None:
            raise UnknownQuestion(name, nearest_names(name, map(str, self.frame.columns)))
        return self._value(found)

    def _value(self, found: str) -> Value:
        """Give the answers in one column of the frame."""
        own = f"{found}/offset_minutes"
        offset = _offset(self.frame[own]) if own in self.frame.columns else self.offset
        try:
            return column_value(self.frame[found], offset)
        except TypeError as error:
            raise ExpressionError(
                _("The column “{name}” cannot be used in an expression: {why}.").format(
                    name=found, why=error
                )
            ) from error

    def current(self) -> Value:
        """Give the answers to the question that the expression belongs to."""
        if self.dot is None:
            raise ExpressionError(
                _("“.” stands for the question's own answer, but no question is given."),
                next_step=_("Write the question as ${{name}}.").format(),
            )
        return self.answers(self.dot)

    def now(self) -> Value:
        """Give the moment at which each row was filled in: its end, its start, or its arrival."""
        given = [one for one in CLOCKS if one in self.frame.columns]
        if not given:
            raise ExpressionError(
                _("today() and now() take the time of the row itself, and the rows have none."),
                next_step=_("Give the rows the column end, start or _submission_time."),
            )
        days = [self._clock(name) for name in given]
        moment = days[0]
        for later in days[1:]:
            moment = np.where(np.isnan(moment), later, moment)
        return Value("moment", moment, offset=self.offset)

    def _clock(self, name: str) -> Numbers:
        value = self._value(name)  # not a question of every form: _submission_time
        if value.kind == "date":
            return value.data - value.offset
        if value.kind == "moment":
            return value.data
        raise ExpressionError(_("The column “{name}” is no time.").format(name=name))


def device_offset(frame: pd.DataFrame) -> Numbers:
    """Give how far the device's clock was ahead of UTC in each row, in days; 0 where not known."""
    for name in CLOCKS:
        column = f"{name}/offset_minutes"
        if column in frame.columns:
            return _offset(frame[column])
    return 0.0


def _offset(minutes: pd.Series) -> Numbers:
    return minutes.to_numpy(dtype="float64", na_value=0.0) / MINUTES_A_DAY
