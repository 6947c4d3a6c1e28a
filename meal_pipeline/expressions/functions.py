"""The functions of XLSForm expressions that are evaluated, and the names of those that are not.

Here: one entry a function, with how many arguments it takes and the kind it gives; functions of
numbers, conditions and dates. Not here: functions of texts (`text_functions`) and operators.
Source: https://docs.getodk.org/form-operators-functions/ ; both engines measured.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import reduce
from typing import Any, Literal

import numpy as np

from meal_pipeline.expressions import text_functions
from meal_pipeline.expressions.casts import days_in_texts, is_blank, map_texts
from meal_pipeline.expressions.errors import UnsupportedExpression
from meal_pipeline.expressions.moments import read_days
from meal_pipeline.expressions.rounding import round_collect, round_enketo
from meal_pipeline.expressions.rows import Rows
from meal_pipeline.expressions.values import Numbers, Value, number, text, truth
from meal_pipeline.locale import gettext as _

KindHint = Literal["number", "text", "truth", "date"]
MANY = 1000


@dataclass(frozen=True)
class Function:
    """A function: what computes it, how many arguments it takes, and the kind it always gives."""

    compute: Callable[..., Value]
    fewest: int
    most: int
    gives: KindHint | None = None


def _if(rows: Rows, condition: Value, yes: Value, no: Value) -> Value:
    return rows.choose(rows.truth(condition), yes, no)


def _coalesce(rows: Rows, first: Value, second: Value) -> Value:
    if rows.engine == "enketo":
        first, second = text(rows.text(first)), text(rows.text(second))
    missing = is_blank(first)
    if first.kind == "number":
        missing = np.isnan(first.data)
    return rows.choose(missing, second, first)


def _once(rows: Rows, value: Value) -> Value:
    answered = rows.current()
    if rows.engine == "enketo":
        answered, value = text(rows.text(answered)), text(rows.text(value))
    return rows.choose(is_blank(answered), value, answered)


def _not(rows: Rows, value: Value) -> Value:
    return truth(np.logical_not(rows.truth(value)))


def _boolean(rows: Rows, value: Value) -> Value:
    return truth(rows.truth(value))


def _number(rows: Rows, value: Value) -> Value:
    return number(rows.number(value))


def _string(rows: Rows, value: Value) -> Value:
    return text(rows.text(value))


def _round(rows: Rows, value: Value, digits: Value | None = None) -> Value:
    places: Numbers = 0.0 if digits is None else np.trunc(rows.number(digits))
    if np.ndim(places) or not np.isfinite(places):
        raise UnsupportedExpression(
            "round", _("round() is evaluated only with a number of digits that is written in it.")
        )
    rounding = round_collect if rows.engine == "collect" else round_enketo
    return number(rounding(rows.number(value), int(places)))


def _of_number(compute: Callable[[Any], Any]) -> Callable[[Rows, Value], Value]:
    return lambda rows, value: number(compute(rows.number(value)))


def _of_numbers(compute: Callable[[Any, Any], Any]) -> Callable[[Rows, Value, Value], Value]:
    return lambda rows, one, other: number(compute(rows.number(one), rows.number(other)))


def _extreme(
    skipping: Callable[[Any, Any], Any], strict: Callable[[Any, Any], Any]
) -> Callable[..., Value]:
    """KoboCollect passes over what is no number, to Enketo it makes the whole none."""

    def compute(rows: Rows, *values: Value) -> Value:
        pick = skipping if rows.engine == "collect" else strict
        return number(reduce(pick, (rows.number(value) for value in values), *_start(values)))

    return compute


def _start(values: tuple[Value, ...]) -> tuple[float, ...]:
    return () if values else (np.nan,)


def _sum(rows: Rows, *values: Value) -> Value:
    """Add up the arguments; the engines add up the rows of one repeat by the same rule."""
    numbers = [rows.number(value) for value in values]
    if rows.engine == "collect":
        numbers = [np.where(np.isnan(one), 0.0, one) for one in numbers]
    return number(reduce(np.add, numbers))


def _today(rows: Rows) -> Value:
    now = rows.now()
    return replace(now, kind="date", data=np.floor(now.data + now.offset))


def _date(rows: Rows, value: Value) -> Value:
    """KoboCollect cuts off the time of day, Enketo keeps it."""
    if value.kind == "truth":
        return Value("date", np.full(np.shape(value.data), np.nan))
    if value.kind == "date":
        return replace(value, is_answer=False)
    moment = Value("moment", value.data, offset=rows.offset)
    whole = False
    if value.kind == "text":
        moment = replace(moment, data=_days_to_date(rows, value))
        whole = not np.any(map_texts(lambda one: read_days(one)[1], value.data, of=bool))
    elif value.kind == "moment":
        moment = replace(value, is_answer=False)
    elif rows.engine == "collect":
        return Value("date", np.floor(value.data), offset=rows.offset)
    if whole or rows.engine == "collect":
        return replace(moment, kind="date", data=np.floor(moment.data + moment.offset + _TICK))
    return moment


# A midnight that was computed as a fraction of days may lie a hair before it.
_TICK = 1e-9


def _days_to_date(rows: Rows, value: Value) -> Numbers:
    """Read dates from texts; Enketo also takes digits alone for days since 1970."""
    days = days_in_texts(value.data, rows.offset)
    if rows.engine == "collect":
        return days
    digits = map_texts(lambda one: float(one) if one.isdecimal() else np.nan, value.data, of=float)
    return np.where(np.isnan(days), digits, days)


def _decimal_date_time(rows: Rows, value: Value) -> Value:
    if value.kind == "date":
        return number(value.data - value.offset)
    if value.kind == "text":
        return number(days_in_texts(value.data, rows.offset))
    if value.kind == "truth":
        return number(np.full(np.shape(value.data), np.nan))
    return number(value.data)


FUNCTIONS: dict[str, Function] = {
    "if": Function(_if, 3, 3),
    "coalesce": Function(_coalesce, 2, 2),
    "once": Function(_once, 1, 1),
    "not": Function(_not, 1, 1, "truth"),
    "boolean": Function(_boolean, 1, 1, "truth"),
    "true": Function(lambda _rows: truth(True), 0, 0, "truth"),
    "false": Function(lambda _rows: truth(False), 0, 0, "truth"),
    "number": Function(_number, 1, 1, "number"),
    "string": Function(_string, 1, 1, "text"),
    "int": Function(_of_number(np.trunc), 1, 1, "number"),
    "round": Function(_round, 1, 2, "number"),
    "abs": Function(_of_number(np.abs), 1, 1, "number"),
    "pow": Function(_of_numbers(np.power), 2, 2, "number"),
    "sqrt": Function(_of_number(np.sqrt), 1, 1, "number"),
    "exp": Function(_of_number(np.exp), 1, 1, "number"),
    "exp10": Function(_of_number(lambda one: np.power(10.0, one)), 1, 1, "number"),
    "log": Function(_of_number(np.log), 1, 1, "number"),
    "log10": Function(_of_number(np.log10), 1, 1, "number"),
    "sin": Function(_of_number(np.sin), 1, 1, "number"),
    "cos": Function(_of_number(np.cos), 1, 1, "number"),
    "tan": Function(_of_number(np.tan), 1, 1, "number"),
    "asin": Function(_of_number(np.arcsin), 1, 1, "number"),
    "acos": Function(_of_number(np.arccos), 1, 1, "number"),
    "atan": Function(_of_number(np.arctan), 1, 1, "number"),
    "atan2": Function(_of_numbers(np.arctan2), 2, 2, "number"),
    "pi": Function(lambda _rows: number(np.pi), 0, 0, "number"),
    "min": Function(_extreme(np.fmin, np.minimum), 0, MANY, "number"),
    "max": Function(_extreme(np.fmax, np.maximum), 0, MANY, "number"),
    "sum": Function(_sum, 1, MANY, "number"),
    "selected": Function(text_functions.selected, 2, 2, "truth"),
    "selected-at": Function(text_functions.selected_at, 2, 2, "text"),
    "count-selected": Function(text_functions.count_selected, 1, 1, "number"),
    "concat": Function(text_functions.concat, 0, MANY, "text"),
    "string-length": Function(text_functions.string_length, 1, 1, "number"),
    "starts-with": Function(text_functions.starts_with, 2, 2, "truth"),
    "ends-with": Function(text_functions.ends_with, 2, 2, "truth"),
    "contains": Function(text_functions.contains, 2, 2, "truth"),
    "regex": Function(text_functions.regex, 2, 2, "truth"),
    "today": Function(_today, 0, 0, "date"),
    "now": Function(Rows.now, 0, 0, "date"),
    "date": Function(_date, 1, 1, "date"),
    "decimal-date-time": Function(_decimal_date_time, 1, 1, "number"),
}
"""Every function that is evaluated, by its name in a form."""

NOT_EVALUATED = frozenset(
    {
        "area",
        "base64-decode",
        "boolean-from-string",
        "checklist",
        "count",
        "count-non-empty",
        "current",
        "date-time",
        "decimal-time",
        "digest",
        "distance",
        "extract-signed",
        "format-date",
        "format-date-time",
        "geofence",
        "id",
        "indexed-repeat",
        "instance",
        "intersects",
        "join",
        "jr:choice-name",
        "jr:itext",
        "last",
        "local-name",
        "name",
        "namespace-uri",
        "normalize-space",
        "position",
        "property",
        "pulldata",
        "random",
        "randomize",
        "search",
        "substr",
        "substring-after",
        "substring-before",
        "translate",
        "uuid",
        "version",
        "weighted-checklist",
    }
)
"""Functions that forms may use and that are refused by name."""
