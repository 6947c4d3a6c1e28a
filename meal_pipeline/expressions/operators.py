"""Comparison, and the choice between two values, as each engine does them.

Here: `=`, `<` and its like, and one value where a condition holds, else another. Not here:
functions (`functions`) and arithmetic (`evaluation`).
Source: measured on both engines; XPath 1.0 section 3.4.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from meal_pipeline.expressions.casts import (
    as_number,
    as_text,
    as_truth,
    date_like,
    days_in_texts,
    if_else,
    is_blank,
    to_bools,
)
from meal_pipeline.expressions.errors import UnsupportedExpression
from meal_pipeline.expressions.values import Engine, Kind, Numbers, Texts, Truths, Value
from meal_pipeline.locale import gettext as _

_ORDER: dict[str, Callable[[Any, Any], Truths]] = {
    "<": np.less,
    "<=": np.less_equal,
    ">": np.greater,
    ">=": np.greater_equal,
}
_NEAR = 1e-12
_DATES = ("date", "moment")


@dataclass(frozen=True)
class Operators:
    """The operators of one engine; `offset` is the device's, in days."""

    engine: Engine
    offset: Numbers

    def number(self, value: Value) -> Numbers:
        """Take a value for a number."""
        return as_number(value, self.engine, self.offset)

    def truth(self, value: Value) -> Truths:
        """Take a value for a condition."""
        return as_truth(value, self.engine)

    def text(self, value: Value) -> Texts:
        """Take a value for a text."""
        return as_text(value, self.engine)

    def in_order(self, operator: str, left: Value, right: Value) -> Truths:
        """Compare by `<`, `<=`, `>` or `>=`: as numbers, false where one is none."""
        return _ORDER[operator](self.number(left), self.number(right))

    def equal(self, left: Value, right: Value) -> Truths:
        """Tell where two values are equal; `!=` is where they are not."""
        kinds = {left.kind, right.kind}
        if "truth" in kinds:
            return np.equal(self.truth(left), self.truth(right))
        if self.engine == "enketo":
            return self._equal_enketo(left, right)
        if kinds == {"text"} or ("text" in kinds and kinds & set(_DATES)):
            return _same_text(self.text(left), self.text(right))
        both_blank = np.logical_and(is_blank(left), is_blank(right))
        if kinds <= set(_DATES):
            return np.logical_or(np.equal(self.number(left), self.number(right)), both_blank)
        with np.errstate(invalid="ignore"):
            near = np.abs(np.subtract(self.number(left), self.number(right))) < _NEAR
        return np.logical_or(near, both_blank)

    def _equal_enketo(self, left: Value, right: Value) -> Truths:
        kinds = {left.kind, right.kind}
        both_blank = np.logical_and(_unanswered(left), _unanswered(right))
        if "text" in kinds and not kinds & set(_DATES):
            # An answered number is compared with a text as text, a computed one as number.
            computed = any(one.kind == "number" and not one.is_answer for one in (left, right))
            if not computed:
                return self._same_text_or_date(left, right)
        numbers = np.equal(self.number(left), self.number(right))
        return np.logical_or(numbers, both_blank)

    def _same_text_or_date(self, left: Value, right: Value) -> Truths:
        texts = self.text(left), self.text(right)
        same = _same_text(*texts)
        either_date = np.logical_or(date_like(texts[0]), date_like(texts[1]))
        if not np.any(either_date):
            return same
        left_days, right_days = (
            np.where(date_like(one), days_in_texts(one, self.offset), self.number(value))
            for one, value in zip(texts, (left, right), strict=True)
        )
        return np.where(either_date, np.equal(left_days, right_days), same)

    def choose(self, condition: Truths, yes: Value, no: Value) -> Value:
        """Give `yes` where the condition holds, else `no`.

        Raises `UnsupportedExpression` where the two are of kinds that do not go together: the
        engines let each row have a kind of its own.
        """
        kind = _common_kind(yes, no)
        if kind == "text":
            return Value("text", if_else(condition, self.text(yes), self.text(no)))
        blank: Truths = False
        if kind in ("number", "truth"):
            blank = np.where(condition, is_blank(yes), is_blank(no))
        pair = [_filled(one, kind) for one in (yes, no)]
        return Value(
            kind,
            np.where(condition, *(one.data for one in pair)),
            blank,
            is_answer=yes.is_answer and no.is_answer,
            offset=np.where(condition, *(one.offset for one in pair)) if kind in _DATES else 0.0,
        )


def _unanswered(value: Value) -> Truths:
    """Tell where an answer is the empty text to Enketo; a computed date that is none is not."""
    return is_blank(value) if value.kind == "text" or value.is_answer else value.blank


def _same_text(left: Texts, right: Texts) -> Truths:
    if isinstance(left, str) and isinstance(right, str):
        return left == right
    if isinstance(left, str):
        left, right = right, left
    if isinstance(right, str):
        right = pa.scalar(right, left.type)
    elif right.type != left.type:
        left, right = left.cast(pa.large_string()), right.cast(pa.large_string())
    return to_bools(pc.equal(left, right))


def _common_kind(yes: Value, no: Value) -> Kind:
    kinds = {one.kind for one in (yes, no) if not _is_empty_text(one)}
    if len(kinds) <= 1:
        return kinds.pop() if kinds else "text"
    if kinds == {"text", "number"}:
        return "text"
    if kinds == set(_DATES):
        return "moment"
    raise UnsupportedExpression(
        "if",
        _("One branch gives {one}, the other {other}; that is not evaluated.").format(
            **dict(zip(("one", "other"), sorted(map(_kind_in_words, kinds)), strict=True))
        ),
        next_step=_("Let both branches give the same kind, for example true() and false()."),
    )


def _kind_in_words(kind: Kind) -> str:
    return {
        "number": _("a number"),
        "text": _("a text"),
        "truth": _("a condition"),
        "date": _("a date"),
        "moment": _("a time"),
    }[kind]


def _is_empty_text(value: Value) -> bool:
    return value.kind == "text" and isinstance(value.data, str) and value.data == ""


def _filled(value: Value, kind: Kind) -> Value:
    """Give a value of this kind: the empty text as nothing, a date as its midnight."""
    if value.kind == "text":
        return replace(value, data=False if kind == "truth" else np.nan, blank=True)
    if value.kind == "date" and kind == "moment":
        return replace(value, data=value.data - value.offset)
    return value
