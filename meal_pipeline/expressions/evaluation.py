"""Computing an expression over rows.

Here: one case a node. Not here: what each function and operator means.
"""

from collections.abc import Callable
from functools import reduce
from typing import Any

import numpy as np

from meal_pipeline.expressions import nodes
from meal_pipeline.expressions.functions import FUNCTIONS
from meal_pipeline.expressions.nodes import Node
from meal_pipeline.expressions.rows import Rows
from meal_pipeline.expressions.values import Value, number, text, truth

_ARITHMETIC: dict[str, Callable[[Any, Any], Any]] = {
    "+": np.add,
    "-": np.subtract,
    "*": np.multiply,
    "div": np.divide,
    "mod": np.fmod,
}


def compute(node: Node, rows: Rows) -> Value:  # noqa: PLR0911 PLR0912 - one case a node
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
        case nodes.Call(function=name, arguments=arguments):
            values = [compute(argument, rows) for argument in arguments]
            return FUNCTIONS[name].compute(rows, *values)
        case nodes.Logic(operator=operator, operands=operands):
            join = np.logical_and if operator == "and" else np.logical_or
            return truth(reduce(join, [rows.truth(compute(one, rows)) for one in operands]))
        case nodes.Comparison(operator=operator, left=left, right=right):
            pair = compute(left, rows), compute(right, rows)
            if operator == "=":
                return truth(rows.equal(*pair))
            if operator == "!=":
                return truth(np.logical_not(rows.equal(*pair)))
            return truth(rows.in_order(operator, *pair))
        case nodes.Arithmetic(first=first, rest=rest):
            result = rows.number(compute(first, rows))
            for operator, operand in rest:
                result = _ARITHMETIC[operator](result, rows.number(compute(operand, rows)))
            return number(result)
        case nodes.Negative(operand=operand):
            return number(np.negative(rows.number(compute(operand, rows))))
        case _:
            raise TypeError(f"no value for {node!r}")
