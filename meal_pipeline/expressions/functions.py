"""The functions of XLSForm expressions that are evaluated, and the names of those that are not.

Here: one entry a function, with how many arguments it takes and the kind it gives; functions of
numbers, conditions and dates. Not here: functions of texts (`text_functions`) and operators.
Source: https://docs.getodk.org/form-operators-functions/ ; both engines measured.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from meal_pipeline.expressions import (
    aggregates,
    date_functions,
    geometry,
    lookups,
    nodes,
    text_functions,
    text_parts,
)
from meal_pipeline.expressions.casts import is_blank
from meal_pipeline.expressions.errors import UnsupportedExpression
from meal_pipeline.expressions.indexed import indexed_repeat
from meal_pipeline.expressions.node_rows import NodeRows
from meal_pipeline.expressions.paths import place_of, walk_path
from meal_pipeline.expressions.predicates import Compute, Context
from meal_pipeline.expressions.rounding import round_collect, round_enketo
from meal_pipeline.expressions.rows import Outcome
from meal_pipeline.expressions.values import Numbers, Value, number, text, truth
from meal_pipeline.locale import gettext as _
from meal_pipeline.locale import mark

KindHint = Literal["number", "text", "truth", "date"]
MANY = 1000


@dataclass(frozen=True)
class Function:
    """A function: what computes it, how many arguments it takes, and the kind it always gives.

    `takes` tells what `compute` is called with after the rows: a value for each argument, or sets
    of nodes where an argument is one, or the call itself with what computes its arguments.
    """

    compute: Callable[..., Any]
    fewest: int
    most: int
    gives: KindHint | None = None
    takes: Literal["values", "nodes", "syntax"] = "values"
    in_pairs: bool = False
    odd: bool = False

    def takes_so_many(self, given: int) -> bool:
        """Tell whether so many arguments go in pairs as they should; `odd` with one besides."""
        return not self.in_pairs or given % 2 == self.odd


def _if(rows: Context, condition: Value, yes: Value, no: Value) -> Value:
    return rows.choose(rows.truth(condition), yes, no)


def _coalesce(rows: Context, first: Value, second: Value) -> Value:
    if rows.engine == "enketo":
        first, second = text(rows.text(first)), text(rows.text(second))
    missing = is_blank(first)
    if first.kind == "number":
        missing = np.isnan(first.data)
    return rows.choose(missing, second, first)


def _once(rows: Context, value: Value) -> Value:
    answered = rows.single(rows.current())
    if rows.engine == "enketo":
        answered, value = text(rows.text(answered)), text(rows.text(value))
    return rows.choose(is_blank(answered), value, answered)


def _position(rows: Context, *found: Outcome) -> Value:
    """Give the place of a node among its like, from 1."""
    if found:
        return number(place_of(found[0], rows))
    return number(rows.tried.place.astype("float64") if isinstance(rows, NodeRows) else 1.0)


def _last(rows: Context) -> Value:
    if rows.engine == "collect" or not isinstance(rows, NodeRows):
        raise UnsupportedExpression("last", _("KoboCollect does not know last()."))
    tried = rows.tried
    return number(tried.counts[tried.owner].astype("float64"))


def _current(rows: Context, call: nodes.Call, compute: Compute) -> Outcome:
    return walk_path(nodes.Path(call.start, call, False, ()), rows, compute)


def _instance(rows: Context, call: nodes.Call, compute: Compute) -> Outcome:
    return walk_path(nodes.Path(call.start, call, False, ()), rows, compute)


def _made_by_chance(name: str) -> Callable[..., Value]:
    def refuse(_rows: Context, *_given: Value) -> Value:
        raise UnsupportedExpression(
            name, _("{name}() gives something else each time.").format(name=name)
        )

    return refuse


def _not(rows: Context, value: Value) -> Value:
    return truth(np.logical_not(rows.truth(value)))


def _boolean(rows: Context, value: Value) -> Value:
    return truth(rows.truth(value))


def _number(rows: Context, value: Value) -> Value:
    return number(rows.number(value))


def _string(rows: Context, value: Value) -> Value:
    return text(rows.text(value))


def _round(rows: Context, value: Value, digits: Value | None = None) -> Value:
    places: Numbers = 0.0 if digits is None else np.trunc(rows.number(digits))
    if np.ndim(places) or not np.isfinite(places):
        raise UnsupportedExpression(
            "round", _("round() is evaluated only with a number of digits that is written in it.")
        )
    rounding = round_collect if rows.engine == "collect" else round_enketo
    return number(rounding(rows.number(value), int(places)))


def _of_number(compute: Callable[[Any], Any]) -> Callable[[Context, Value], Value]:
    return lambda rows, value: number(compute(rows.number(value)))


def _of_numbers(compute: Callable[[Any, Any], Any]) -> Callable[[Context, Value, Value], Value]:
    return lambda rows, one, other: number(compute(rows.number(one), rows.number(other)))


FUNCTIONS: dict[str, Function] = {
    "if": Function(_if, 3, 3),
    "coalesce": Function(_coalesce, 2, 2),
    "once": Function(_once, 1, 1),
    "not": Function(_not, 1, 1, "truth"),
    "boolean": Function(_boolean, 1, 1, "truth"),
    "boolean-from-string": Function(text_parts.boolean_from_string, 1, 1, "truth"),
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
    "min": Function(aggregates.min_of, 0, MANY, "number", takes="nodes"),
    "max": Function(aggregates.max_of, 0, MANY, "number", takes="nodes"),
    "sum": Function(aggregates.sum_of, 1, MANY, "number", takes="nodes"),
    "count": Function(aggregates.count, 1, 1, "number", takes="nodes"),
    "count-non-empty": Function(aggregates.count_non_empty, 1, 1, "number", takes="nodes"),
    "concat": Function(aggregates.concat, 0, MANY, "text", takes="nodes"),
    "join": Function(aggregates.join, 1, MANY, "text", takes="nodes"),
    "checklist": Function(aggregates.checklist, 2, MANY, "truth", takes="nodes"),
    "weighted-checklist": Function(
        aggregates.weighted_checklist, 2, MANY, "truth", takes="nodes", in_pairs=True
    ),
    "position": Function(_position, 0, 1, "number", takes="nodes"),
    "last": Function(_last, 0, 0, "number", takes="nodes"),
    "area": Function(geometry.area, 1, 1, "number", takes="nodes"),
    "distance": Function(geometry.distance, 1, MANY, "number", takes="nodes"),
    "selected": Function(text_functions.selected, 2, 2, "truth"),
    "selected-at": Function(text_functions.selected_at, 2, 2, "text"),
    "count-selected": Function(text_functions.count_selected, 1, 1, "number"),
    "string-length": Function(text_functions.string_length, 1, 1, "number"),
    "starts-with": Function(text_functions.starts_with, 2, 2, "truth"),
    "ends-with": Function(text_functions.ends_with, 2, 2, "truth"),
    "contains": Function(text_functions.contains, 2, 2, "truth"),
    "regex": Function(text_functions.regex, 2, 2, "truth"),
    "substr": Function(text_parts.substr, 2, 3, "text"),
    "substring-before": Function(text_parts.substring_before, 2, 2, "text"),
    "substring-after": Function(text_parts.substring_after, 2, 2, "text"),
    "translate": Function(text_parts.translate, 3, 3, "text"),
    "normalize-space": Function(text_parts.normalize_space, 1, 1, "text"),
    "digest": Function(text_parts.digest, 2, 3, "text"),
    "today": Function(date_functions.today, 0, 0, "date"),
    "now": Function(lambda rows: rows.now(), 0, 0, "date"),
    "date": Function(date_functions.date, 1, 1, "date"),
    "date-time": Function(date_functions.date_time, 1, 1, "date"),
    "decimal-date-time": Function(date_functions.decimal_date_time, 1, 1, "number"),
    "decimal-time": Function(date_functions.decimal_time, 1, 1, "number"),
    "format-date": Function(date_functions.format_date, 2, 2, "text"),
    "format-date-time": Function(date_functions.format_date, 2, 2, "text"),
    "current": Function(_current, 0, 0, takes="syntax"),
    "indexed-repeat": Function(indexed_repeat, 3, 7, takes="syntax", in_pairs=True, odd=True),
    "instance": Function(_instance, 1, 1, takes="syntax"),
    "pulldata": Function(lookups.pull_data, 4, 4, "text", takes="syntax"),
    "jr:choice-name": Function(lookups.choice_name, 2, 2, "text", takes="syntax"),
    "uuid": Function(_made_by_chance("uuid"), 0, 1, "text"),
    "random": Function(_made_by_chance("random"), 0, 0, "number"),
}
"""Every function that an expression may use, by its name in a form."""

NOT_EVALUATED: dict[str, str] = {
    "randomize": mark("The order that randomize() gave is not in the rows."),
    "version": mark("version() gives a mark of the form that is not in the rows."),
    "property": mark("property() asks for the device, which is not in the rows."),
    "search": mark("search() finds choices while the form is open; it is no value."),
    "jr:itext": mark("jr:itext() gives a text in the language of the device, which is not known."),
    "id": mark("id() is not evaluated: forms have no ids."),
    "name": mark("name() gives the name of a question; write it in quotes."),
    "local-name": mark("local-name() gives the name of a question; write it in quotes."),
    "namespace-uri": mark("namespace-uri() is not evaluated: questions have none."),
    "lang": mark("lang() is not evaluated: questions have no language."),
    "base64-decode": mark("base64-decode() is known to KoboCollect only and is not evaluated."),
    "extract-signed": mark("extract-signed() is known to KoboCollect only and is not evaluated."),
    "geofence": mark("geofence() is known to newer apps only and is not evaluated."),
    "intersects": mark("intersects() is known to newer apps only and is not evaluated."),
    "depend": mark("depend() is known to KoboCollect only and is not evaluated."),
    "is-selected": mark("is-selected() is known to KoboCollect only; write selected()."),
    "enclosed-area": mark("enclosed-area() is known to KoboCollect only; write area()."),
}
"""Functions that forms may use and that are refused by name, each with the reason."""
