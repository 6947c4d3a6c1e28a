"""Conditions in square brackets, tried on nodes.

Here: which nodes a condition keeps. Not here: what nodes are (`nodesets`) and walking (`paths`).
Source: XPath 1.0, section 2.4; both engines measured.
"""

from collections.abc import Callable, Sequence

import numpy as np

from meal_pipeline.expressions.node_rows import NodeRows, tried_on
from meal_pipeline.expressions.nodes import Node
from meal_pipeline.expressions.nodesets import NodeSet
from meal_pipeline.expressions.rows import Outcome, Rows

Context = Rows | NodeRows
Compute = Callable[[Node, Context], Outcome]
"""What gives the value of a part of an expression in rows."""


def keep(found: NodeSet, predicates: Sequence[Node], rows: Context, compute: Compute) -> NodeSet:
    """Keep the nodes for which conditions hold.

    A number is a place for Enketo; KoboCollect keeps nothing for what is no condition.
    """
    for predicate in predicates:
        here = tried_on(found, rows)
        value = here.single(compute(predicate, here))
        if value.kind == "truth":
            found = found.where(value.data)
        elif rows.engine == "collect":
            found = found.where(False)
        elif value.kind == "number" and not value.is_answer:
            found = found.where(np.equal(found.place, value.data))
        else:
            found = found.where(here.truth(value))
    return found
