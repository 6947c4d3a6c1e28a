"""Walking a path: from the form's root, from a question, from a repeat or a list, to its nodes.

Here: steps and conditions in square brackets over the frames of a form. Not here: single names
(`rows`), and looking things up in lists (`lookups`).
Source: XPath 1.0, section 2; both engines measured. An absolute path through a repeat means the
row that the expression stands in, as in both engines.
"""

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from meal_pipeline.expressions import nodes
from meal_pipeline.expressions.errors import UnsupportedExpression
from meal_pipeline.expressions.lookups import look_up
from meal_pipeline.expressions.names import RowsMissing
from meal_pipeline.expressions.node_rows import NodeRows
from meal_pipeline.expressions.nodes import Node, Step
from meal_pipeline.expressions.nodesets import NodeSet
from meal_pipeline.expressions.predicates import Compute, Context, keep
from meal_pipeline.expressions.repeats import RepeatRows, inner_rows, places
from meal_pipeline.expressions.rows import Outcome, Rows
from meal_pipeline.locale import gettext as _


def walk_path(path: nodes.Path, rows: Context, compute: Compute) -> Outcome:
    """Give what a path leads to. `compute` gives the value of any other part of the expression."""
    if isinstance(path.base, nodes.Call) and path.base.function == "current":
        return _of_current(path, rows, compute)
    if isinstance(path.base, nodes.Call) and path.base.function == "instance":
        return look_up(path, rows, compute)
    if path.base is not None:
        start = _based(path, path.base, rows, compute)
        found = (
            keep(rows.nodes(start), path.predicates, rows, compute) if path.predicates else start
        )
        return _down(rows.nodes(found), path.steps, rows, compute) if path.steps else found
    if isinstance(rows, NodeRows):
        return _from_node(path, rows, compute)
    return _from_row(path, rows, compute)


def _based(path: nodes.Path, base: Node, rows: Context, compute: Compute) -> Outcome:
    """Give what a path starts from: all rows of a repeat for conditions, else that around ours."""
    origin = rows.origin
    if isinstance(base, nodes.Reference) and origin.family is not None:
        key = origin.names.key(base.name, origin.family.frames)
        if key is not None and key in origin.family.around(origin.within) and rows is origin:
            return origin.rows_of(key) if path.predicates else origin.own(key)
    return compute(base, rows)


def _of_current(path: nodes.Path, rows: Context, compute: Compute) -> Outcome:
    """Walk from the question that the expression belongs to, also out of square brackets."""
    if isinstance(rows, NodeRows):
        return rows.of_outer(_of_current(path, rows.outer, compute))
    if not path.steps:
        return rows.current()
    return _from_row(replace(path, base=None), rows, compute)


def _from_node(path: nodes.Path, rows: NodeRows, compute: Compute) -> Outcome:
    """Step from the node that a condition is tried on, or from the root."""
    if path.absolute:
        if rows.engine == "collect" and not any(step.predicates for step in path.steps):
            return rows.answers(rows.names.at_path(step.test for step in path.steps[1:]))
        return rows.of_outer(walk_path(path, rows.outer, compute))
    steps = tuple(step for step in path.steps if step.test != ".")
    if not steps:
        return rows.current()
    tried = rows.tried
    each = NodeSet(len(rows), np.arange(len(rows)), tried.value, tried.table, tried.at)
    return _down(each, steps, rows, compute)


def _down(start: NodeSet, steps: tuple[Step, ...], rows: Context, compute: Compute) -> Outcome:
    """Step down from nodes that stand for rows of a repeat or for items of a list."""
    if not isinstance(start.table, RepeatRows):
        if any(step.predicates for step in steps[:-1]) or not _all_names(steps):
            raise _not_walked(steps)
        children = start.children("/".join(step.test for step in steps))
        return keep(children, steps[-1].predicates, rows, compute)
    here = _Here(start.table.name, (), start)
    return _walked(here, steps, rows, compute, own=False)


@dataclass(frozen=True)
class _Here:
    """Where a walk stands: in the frame `key`, below its row in `groups`.

    `found` are rows of that frame; none means the row itself, or that around it.
    """

    key: str
    groups: tuple[str, ...] = ()
    found: NodeSet | None = None


def _from_row(path: nodes.Path, rows: Rows, compute: Compute) -> Outcome:
    steps = [step for step in path.steps if step.test != "."]
    if path.absolute:
        return _walked(_Here(""), tuple(steps[1:]), rows, compute, own=True)
    here = _start(rows)
    while steps and steps[0].test == ".." and not steps[0].predicates:
        here = _outwards(here, rows)
        steps = steps[1:]
    return _walked(here, tuple(steps), rows, compute, own=False)


def _walked(
    here: "_Here", steps: tuple[Step, ...], rows: Context, compute: Compute, *, own: bool
) -> Outcome:
    """Walk steps that all go inwards; `own`: through the rows of repeats around ours."""
    if not _all_names(steps):
        raise _not_walked(steps)
    for number, step in enumerate(steps):
        last = number == len(steps) - 1
        # KoboCollect takes the row around ours even where the path ends at it.
        through = own and (not last or rows.engine == "collect")
        here = _inwards(here, step, rows, compute, own=through)
        if step.predicates and here.groups:
            if not last:
                raise _not_walked(steps)
            return keep(rows.nodes(_end(here, rows)), step.predicates, rows, compute)
    return _end(here, rows)


def _all_names(steps: tuple[Step, ...]) -> bool:
    return all(
        step.axis in ("", "child") and step.test not in ("*", ".", "..") and step.test[0] != "@"
        for step in steps
    )


def _start(rows: Rows) -> _Here:
    """Stand at the question that the expression belongs to; unknown, right below its row."""
    question = rows.names.question(rows.dot) if rows.dot else None
    if question is None:
        return _Here(rows.within, (rows.dot or "",))
    return _Here(rows.within, tuple(question.place.split("/")))


def _outwards(here: _Here, rows: Rows) -> _Here:
    if here.groups:
        return replace(here, groups=here.groups[:-1])
    if here.key and rows.family is not None:
        return _Here(rows.family.parent(here.key))
    return here


def _inwards(here: _Here, step: Step, rows: Context, compute: Compute, *, own: bool) -> _Here:
    """Step to a group, a question or a repeat; `own`: to the repeat's row around ours, if it is."""
    groups = (*here.groups, step.test)
    origin = rows.origin
    if origin.family is None:
        if origin.names.repeat("/".join(groups)) is not None and not here.key:
            raise RowsMissing("/".join(groups))
        return replace(here, groups=groups)
    family = origin.family
    path = family.names.path_of(here.key, family.frames)
    key = family.names.key_at("/".join((path, *groups) if path else groups), family.frames)
    if key is None:
        return replace(here, groups=groups)
    if own and not step.predicates and here.found is None and key in family.around(origin.within):
        return _Here(key)
    found = inner_rows(origin.own(here.key) if here.found is None else here.found, key)
    return _Here(key, (), keep(found, step.predicates, rows, compute))


def _end(here: _Here, rows: Context) -> Outcome:
    """Give what stands where a walk ends: rows of a frame, or the answers to a question."""
    if here.found is not None:
        return here.found.children("/".join(here.groups)) if here.groups else here.found
    origin = rows.origin
    if not here.groups:
        return origin.own(here.key)
    if origin.names.form is None:
        return origin.answers(here.groups[-1])
    family = origin.family
    path = origin.names.path_of(here.key, family.frames) if family else here.key
    return origin.answers(origin.names.at_path([*(path.split("/") if path else ()), *here.groups]))


def place_of(found: Outcome, rows: Context) -> npt.NDArray[np.float64] | float:
    """Give the place of each row's first node among its siblings, from 1.

    Where there is none it is 0 for KoboCollect, while Enketo stops.
    """
    if not isinstance(found, NodeSet) or not isinstance(found.table, RepeatRows):
        return 1.0
    family = found.table.family
    if not found.table.name:
        return 1.0
    numbers = places(family.frame(found.table.name))
    result = np.full(len(rows), 0.0 if rows.engine == "collect" else np.nan)
    first = found.starts[found.counts > 0]
    assert found.at is not None
    result[found.counts > 0] = numbers[found.at[first]]
    return result


def _not_walked(steps: tuple[Step, ...]) -> UnsupportedExpression:
    return UnsupportedExpression(
        "path",
        _("The path “{path}” is not evaluated.").format(path="/".join(step.test for step in steps)),
    )
