"""Computing an expression over rows.

Here: one case a node. Not here: what each function and operator means.
"""

from collections.abc import Callable
from functools import reduce
from typing import Any

import numpy as np

from meal_pipeline.expressions import nodes
from meal_pipeline.expressions.errors import UnsupportedExpression
from meal_pipeline.expressions.functions import FUNCTIONS
from meal_pipeline.expressions.node_rows import tried_on
from meal_pipeline.expressions.nodes import Node
from meal_pipeline.expressions.nodesets import NodeSet
from meal_pipeline.expressions.paths import walk_path
from meal_pipeline.expressions.predicates import Context
from meal_pipeline.expressions.rows import Outcome
from meal_pipeline.expressions.values import Truths, Value, number, spread_out, take, text, truth
from meal_pipeline.locale import gettext as _

_ARITHMETIC: dict[str, Callable[[Any, Any], Any]] = {
    "+": np.add,
    "-": np.subtract,
    "*": np.multiply,
    "div": np.divide,
    "mod": np.fmod,
}


def compute(node: Node, rows: Context) -> Outcome:  # noqa: PLR0911 - one case a node
    """Give the value of a node in every row. Its functions and parts must be known to exist."""
    match node:
        case nodes.Number(value=value):
            return number(value)
        case nodes.Text(value=value):
            return text(value)
        case nodes.Reference(name=name):
            return rows.answers(name)
        case nodes.Current():
            return rows.current()
        case nodes.Path():
            return walk_path(node, rows, compute)
        case nodes.Call():
            return _called(node, rows)
        case nodes.Logic(operator=operator, operands=operands):
            join = np.logical_and if operator == "and" else np.logical_or
            return truth(reduce(join, [rows.truth(single(one, rows)) for one in operands]))
        case nodes.Comparison(operator=operator, left=left, right=right):
            return truth(_compared(operator, compute(left, rows), compute(right, rows), rows))
        case nodes.Arithmetic(first=first, rest=rest):
            result = rows.number(single(first, rows))
            for operator, operand in rest:
                result = _ARITHMETIC[operator](result, rows.number(single(operand, rows)))
            return number(result)
        case nodes.Negative(operand=operand):
            return number(np.negative(rows.number(single(operand, rows))))
        case _:
            raise TypeError(f"no value for {node!r}")


def single(node: Node, rows: Context) -> Value:
    """Give the value of a node in every row, where one is asked for."""
    return rows.single(compute(node, rows))


def _called(call: nodes.Call, rows: Context) -> Outcome:
    function = FUNCTIONS[call.function]
    result: Outcome
    if function.takes == "syntax":
        result = function.compute(rows, call, compute)
    elif function.takes == "nodes":
        result = function.compute(rows, *(compute(one, rows) for one in call.arguments))
    else:
        result = function.compute(rows, *(single(one, rows) for one in call.arguments))
    return result


def _compared(operator: str, left: Outcome, right: Outcome, rows: Context) -> Truths:
    """Compare two values; of several, it is enough for Enketo that one compares so."""
    if rows.engine == "collect" or not any(isinstance(one, NodeSet) for one in (left, right)):
        return _holds(operator, rows.single(left), rows.single(right), rows)
    several = left if isinstance(left, NodeSet) else right
    assert isinstance(several, NodeSet)
    other = right if several is left else left
    if isinstance(other, NodeSet):
        raise UnsupportedExpression(
            operator, _("Comparing several answers with several others is not evaluated.")
        )
    if other.kind == "truth":
        there = truth(several.counts > 0)
        return _holds(operator, *((there, other) if several is left else (other, there)), rows)
    here = tried_on(several, rows)
    against = take(spread_out(other, len(rows)), several.owner)
    pair = (several.value, against) if several is left else (against, several.value)
    held = np.broadcast_to(_holds(operator, *pair, here), len(several))
    return several.where(held).counts > 0


def _holds(operator: str, left: Value, right: Value, rows: Context) -> Truths:
    if operator == "=":
        return rows.equal(left, right)
    if operator == "!=":
        return np.logical_not(rows.equal(left, right))
    return rows.in_order(operator, left, right)
