"""`indexed-repeat()`: the answer in the row of a repeat that is told by its number.

Here: finding that row, through repeats within repeats. Not here: conditions in brackets (`paths`).
Source: https://docs.getodk.org/form-operators-functions/#indexed-repeat ; both engines measured.
"""

import numpy as np

from meal_pipeline.expressions import nodes
from meal_pipeline.expressions.errors import UnsupportedExpression
from meal_pipeline.expressions.names import RowsMissing
from meal_pipeline.expressions.nodes import Node
from meal_pipeline.expressions.nodesets import Positions
from meal_pipeline.expressions.predicates import Compute, Context
from meal_pipeline.expressions.repeats import Family
from meal_pipeline.expressions.rows import Rows, taken
from meal_pipeline.expressions.values import Numbers, Value
from meal_pipeline.forms import UnknownQuestion
from meal_pipeline.locale import gettext as _


def indexed_repeat(rows: Context, call: nodes.Call, compute: Compute) -> Value:
    """Give the answer to a question in the row with this number; "" where there is none.

    KoboCollect takes a number that is below 1, or none, for 1.
    """
    origin = rows.origin
    question, *pairs = call.arguments
    wanted = name_in(question, origin)
    family = origin.family
    if family is None:
        raise RowsMissing(name_in(pairs[0], origin))
    numbers = {}
    for repeat, index in zip(pairs[::2], pairs[1::2], strict=True):
        name = name_in(repeat, origin)
        key = origin.names.key(name, family.frames)
        if key is None:
            raise RowsMissing(name)
        value = rows.number(rows.single(compute(index, rows)))
        numbers[key] = np.broadcast_to(_index(value, rows.engine == "collect"), len(rows))
    holder = origin.names.repeat_of(wanted, family.frames)
    column = origin.names.column(wanted)
    values = None if holder is None else family.answers(holder, column, wanted)
    if holder is None or values is None:
        raise UnknownQuestion(wanted, ())
    return taken(values, _found(rows, origin, family, holder, numbers))


def name_in(node: Node, rows: Rows) -> str:
    """Give the name of the question or repeat that an argument is."""
    if isinstance(node, nodes.Reference):
        return node.name
    if isinstance(node, nodes.Path) and node.base is None and node.steps:
        steps = [step.test for step in node.steps if step.test not in (".", "..")]
        return rows.names.at_path(steps[1:] if node.absolute else steps)
    raise UnsupportedExpression(
        "indexed-repeat",
        _("indexed-repeat() takes a question, its repeat, and a number."),
        next_step=_("Write indexed-repeat(${{question}}, ${{repeat}}, 1).").format(),
    )


def _index(value: Numbers, collect: bool) -> Numbers:
    whole = np.trunc(np.nan_to_num(value, nan=0.0, posinf=0.0, neginf=0.0))
    return np.maximum(whole, 1.0) if collect else np.where(np.equal(whole, value), whole, 0.0)


def _found(
    rows: Context, origin: Rows, family: Family, holder: str, numbers: dict[str, Numbers]
) -> Positions:
    """Give where the row that is asked for stands in the frame `holder`; -1 for nowhere."""
    own = family.around(origin.within)
    outer = ""
    at = _spread(rows, origin.at(""))
    for key in reversed(family.around(holder)[:-1]):
        if key not in numbers:
            if key not in own:
                raise UnsupportedExpression(
                    "indexed-repeat",
                    _("indexed-repeat() needs a number for the repeat “{name}”, too.").format(
                        name=key
                    ),
                )
            at = _spread(rows, origin.at(key))
        else:
            starts, counts = family.below(outer, key, at)
            place = np.asarray(numbers[key]).astype(np.intp)
            there = (place >= 1) & (place <= counts)
            ordered = family.ordered(outer, key)
            at = (
                np.where(there, ordered[np.where(there, starts + place - 1, 0)], -1)
                if len(ordered)
                else np.full(len(at), -1)
            )
        outer = key
    return at


def _spread(rows: Context, at: Positions) -> Positions:
    """Give for each node that is tried what its row has."""
    if isinstance(rows, Rows):
        return at
    return _spread(rows.outer, at)[rows.tried.owner]
