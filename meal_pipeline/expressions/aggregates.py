"""Functions that take several values a row: sums, counts, joins, checklists.

Here: what is computed of all nodes of a row, or of all arguments. Not here: which nodes (`paths`).
Source: both engines measured. KoboCollect takes the nodes of a repeat only as the one argument of
these functions, and passes over what is no number; Enketo takes nodes and values together.
"""

from dataclasses import replace
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from meal_pipeline.expressions.casts import is_blank, to_bools
from meal_pipeline.expressions.errors import UnsupportedExpression
from meal_pipeline.expressions.node_rows import tried_on
from meal_pipeline.expressions.nodesets import NodeSet, Positions, extreme, joined, merged, total
from meal_pipeline.expressions.predicates import Context
from meal_pipeline.expressions.rows import Outcome
from meal_pipeline.expressions.text_functions import concat_texts
from meal_pipeline.expressions.values import Numbers, Texts, Value, number, spread_out, text, truth
from meal_pipeline.locale import gettext as _


def sum_of(rows: Context, *given: Outcome) -> Value:
    """Add up the answers in a repeat, or the arguments (which the engines refuse)."""
    result: Numbers = 0.0
    for one in given:
        result = result + _total(rows, one)
    return number(result)


def _total(rows: Context, given: Outcome) -> Numbers:
    value = given.value if isinstance(given, NodeSet) else given
    numbers = _numbers(rows, given)
    if rows.engine == "collect":
        numbers = np.where(np.isnan(numbers), 0.0, numbers)
    if isinstance(given, NodeSet):
        return total(given.owner, np.broadcast_to(numbers, len(given)), given.rows)
    return np.where(value.there, numbers, 0.0)


def _numbers(rows: Context, given: Outcome) -> Numbers:
    """Take nodes for numbers; an offset of the rows' clocks is that of each node's row."""
    if isinstance(given, NodeSet):
        return _each(rows, given).number(given.value)
    return rows.number(given)


def _texts(rows: Context, given: NodeSet) -> Texts:
    texts = _each(rows, given).text(given.value)
    return pa.array([texts] * len(given), pa.large_string()) if isinstance(texts, str) else texts


def _each(rows: Context, given: NodeSet) -> Context:
    return tried_on(given, rows)


def min_of(rows: Context, *given: Outcome) -> Value:
    """Give the least number."""
    return _extreme(rows, given, np.fmin if rows.engine == "collect" else np.minimum)


def max_of(rows: Context, *given: Outcome) -> Value:
    """Give the greatest number; KoboCollect never gives one below 0."""
    found = _extreme(rows, given, np.fmax if rows.engine == "collect" else np.maximum)
    return number(np.maximum(found.data, 0.0)) if rows.engine == "collect" else found


def _extreme(rows: Context, given: tuple[Outcome, ...], pick: np.ufunc) -> Value:
    if not any(isinstance(one, NodeSet) for one in given):
        result: Numbers = np.nan
        for number_of, one in enumerate(given):
            assert isinstance(one, Value)
            result = pick(result, rows.number(one)) if number_of else rows.number(one)
        return number(result)
    parts = [
        (one.owner, np.broadcast_to(_numbers(rows, one), len(one)))
        for one in _all_nodes(rows, given)
    ]
    owner, numbers = merged(parts, len(rows))
    return number(extreme(pick, owner, numbers, len(rows)))


def _all_nodes(rows: Context, given: tuple[Outcome, ...]) -> list[NodeSet]:
    """Give arguments as nodes: one repeat's for KoboCollect, all together for Enketo."""
    if rows.engine == "collect" and len(given) > 1:
        return [rows.nodes(replace(rows.single(one), there=True)) for one in given]
    return [rows.nodes(one) for one in given]


def count(rows: Context, given: Outcome) -> Value:
    """Count the nodes of each row."""
    if isinstance(given, Value):
        return number(np.asarray(_node("count", given).there, dtype="float64"))
    return number(given.counts.astype("float64"))


def count_non_empty(rows: Context, given: Outcome) -> Value:
    """Count the nodes with an answer."""
    if isinstance(given, Value):
        _node("count-non-empty", given)
    found = rows.nodes(given)
    texts = _texts(rows, found)
    filled = to_bools(pc.not_equal(texts, ""))
    return number(total(found.owner, filled.astype("float64"), len(rows)))


def _node(function: str, value: Value) -> Value:
    if not value.is_answer:
        raise UnsupportedExpression(
            function,
            _("{function}() counts answers, and this is a computed value.").format(
                function=function
            ),
            next_step=_("Give it a question or a repeat, such as ${{name}}.").format(),
        )
    return value


def concat(rows: Context, *given: Outcome) -> Value:
    """Put texts together."""
    return _joined(rows, "", given)


def join(rows: Context, separator: Outcome, *given: Outcome) -> Value:
    """Put texts together with a separator between them; empty ones count."""
    return _joined(rows, rows.text(rows.single(separator)), given)


def _joined(rows: Context, separator: Texts, given: tuple[Outcome, ...]) -> Value:
    if not any(isinstance(one, NodeSet) for one in given):
        texts = [rows.text(one) for one in given if isinstance(one, Value)]
        between = [part for one in texts for part in (separator, one)][1:]
        return text(concat_texts(between))
    parts: list[tuple[Positions, Any]] = [
        (one.owner, _texts(rows, one)) for one in _all_nodes(rows, given)
    ]
    owner, texts = merged(parts, len(rows))
    return text(joined(owner, texts, len(rows), separator))


def checklist(rows: Context, least: Outcome, most: Outcome, *given: Outcome) -> Value:
    """Tell where between `least` and `most` of the conditions hold; below 0 there is no limit."""
    low, high = (rows.number(rows.single(one)) for one in (least, most))
    if rows.engine == "collect":
        low, high = (np.trunc(np.nan_to_num(one)) for one in (low, high))
    held: Numbers = 0.0
    for one in given:
        held = held + _total(rows, _as_ones(rows, one, alone=len(given) == 1))
    return truth(_between(held, low, high, open_below_zero=True))


def weighted_checklist(rows: Context, least: Outcome, most: Outcome, *given: Outcome) -> Value:
    """Tell where the weights of the conditions that hold add up to between `least` and `most`.

    A limit below 0 is none for Enketo, and a limit like others for KoboCollect.
    """
    if any(isinstance(one, NodeSet) for one in given):
        raise UnsupportedExpression(
            "weighted-checklist",
            _("weighted-checklist() over the rows of a repeat is not evaluated."),
        )
    low, high = (rows.number(rows.single(one)) for one in (least, most))
    held: Numbers = 0.0
    for condition, weight in zip(given[::2], given[1::2], strict=True):
        weights = rows.number(rows.single(weight))
        if rows.engine == "enketo":
            weights = np.nan_to_num(weights, nan=0.0)
        held = held + np.where(rows.truth(_item(rows, condition)), weights, 0.0)
    return truth(_between(held, low, high, open_below_zero=rows.engine == "enketo"))


def _as_ones(rows: Context, given: Outcome, *, alone: bool) -> Outcome:
    """Give 1 for each condition that holds and 0 for others."""
    if isinstance(given, NodeSet) and (alone or rows.engine == "enketo"):
        # Enketo takes one node for its text, and a set of them for being there.
        node = replace(given.value, is_answer=False)
        held = np.logical_not(is_blank(node)) if rows.engine == "enketo" else rows.truth(node)
        return NodeSet(given.rows, given.owner, _ones(np.broadcast_to(held, len(given))))
    return _ones(rows.truth(_item(rows, rows.single(given))))


def _ones(held: Any) -> Value:
    return number(np.asarray(held, dtype="float64"))


def _item(rows: Context, value: Outcome) -> Value:
    return spread_out(rows.single(value), len(rows))


def _between(held: Numbers, low: Numbers, high: Numbers, *, open_below_zero: bool) -> Any:
    enough, few = np.greater_equal(held, low), np.less_equal(held, high)
    if open_below_zero:
        enough, few = enough | np.less(low, 0), few | np.less(high, 0)
    return enough & few
