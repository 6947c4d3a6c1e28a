"""The truth of XLSForm expressions over the rows of one form version.

Here: compiling, refusing what looks at questions that the frames do not hold, and evaluating each
condition once. Not here: the language itself (`expressions`) and which rules need it (`masks`).
"""

from collections.abc import Iterable
from functools import cached_property

import numpy as np
import numpy.typing as npt

from meal_pipeline.errors import MealError
from meal_pipeline.expressions import compile_expression
from meal_pipeline.locale import gettext as _
from meal_pipeline.validate.version_rows import VersionRows

BoolArray = npt.NDArray[np.bool_]


class QuestionHidden(MealError):
    """A condition looks at a question whose answers are personal or stand in an inner repeat."""


class Conditions:
    """Conditions over `rows`; the same text is evaluated once."""

    def __init__(self, rows: VersionRows) -> None:
        self.rows = rows
        self._known: dict[str, BoolArray] = {}

    def holds(self, text: str, current: str | None = None) -> BoolArray:
        """Tell row by row whether `text` is true; `.` in it is the answer in column `current`.

        Raises the compiler's errors and QuestionHidden.
        """
        if current is not None:
            return self._evaluated(text, current)
        if text not in self._known:
            self._known[text] = self._evaluated(text, None)
        return self._known[text]

    def all_hold(self, texts: Iterable[str]) -> BoolArray:
        """Tell row by row whether all of `texts` are true. Raises as `holds`."""
        texts = tuple(texts)
        if not texts:
            return self.every_row
        key = "\x1f".join(texts)
        if key not in self._known:
            self._known[key] = self.all_hold(texts[:-1]) & self.holds(texts[-1])
        return self._known[key]

    @cached_property
    def every_row(self) -> BoolArray:
        """True for each row."""
        return np.ones(len(self.rows), dtype=np.bool_)

    def _evaluated(self, text: str, current: str | None) -> BoolArray:
        expression = compile_expression(text, self.rows.version)
        names = [self.rows.version.resolve(one) for one in expression.references]
        for name in self.rows.missing(names):
            raise QuestionHidden(
                _(
                    "The condition looks at “{question}”, whose answers are personal or stand in"
                    " another repeat."
                ).format(question=name)
            )
        dot = None if current is None else self.rows.name_of(current)
        frame = self.rows.frame([*names, *([dot] if dot else [])])
        return expression.holds(frame, current=dot).to_numpy(np.bool_)
