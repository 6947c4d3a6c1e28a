"""Looking up in lists: `instance('…')/root/item[…]/…` and `pulldata()`, and labels of choices.

Here: which items of a list each row finds. Not here: the lists themselves (`lists`).
Rows that ask the same are asked once, and a condition such as `name = ${a}` finds its items by
their texts, so that long lists and many rows stay quick.
"""

import math
from collections.abc import Iterator

import numpy as np
import pandas as pd
import pyarrow as pa

from meal_pipeline.expressions import nodes
from meal_pipeline.expressions.casts import date_like, map_texts
from meal_pipeline.expressions.errors import ExpressionError, UnsupportedExpression
from meal_pipeline.expressions.lists import ListItems, list_items
from meal_pipeline.expressions.nodes import Node
from meal_pipeline.expressions.nodesets import NodeSet, Positions
from meal_pipeline.expressions.number_text import read_number_enketo
from meal_pipeline.expressions.predicates import Compute, Context, keep
from meal_pipeline.expressions.rows import Outcome
from meal_pipeline.expressions.values import Value, text
from meal_pipeline.forms import FormUnion
from meal_pipeline.forms.model import pick_label
from meal_pipeline.locale import gettext as _

_AT_ONCE = 4_000_000
"""How many pairs of a row and an item are tried at once."""


def look_up(path: nodes.Path, rows: Context, compute: Compute) -> NodeSet:
    """Give the items of a list that a path finds for each row, or what they hold."""
    assert isinstance(path.base, nodes.Call)
    items = list_items(rows.names.form, written(path.base, 0))
    steps = path.steps
    if len(steps) < 2 or path.predicates or steps[0].predicates:
        raise UnsupportedExpression(
            "instance",
            _("A list is looked up as {example}.").format(
                example="instance('list')/root/item[name = ${question}]/label"
            ),
        )
    asked, same = _different(steps[1].predicates, rows, compute)
    found = _found(items, steps[1].predicates, rows.pick(asked), compute)
    named = [step for step in steps[2:] if step.test != "."]
    if named:
        found = found.children("/".join(step.test for step in named))
        found = keep(found, named[-1].predicates, rows.pick(asked), compute)
    return found.of_rows(same)


def pull_data(rows: Context, call: nodes.Call, compute: Compute) -> Value:
    """Give the column of the first row of a file whose key is the one asked for; "" without one.

    KoboCollect compares texts; Enketo compares numbers where the key asked for is one.
    """
    items = list_items(rows.names.form, written(call, 0).removesuffix(".csv"))
    columns = [items.column(written(call, place)) for place in (1, 2)]
    if None in columns:
        raise UnsupportedExpression(
            "pulldata",
            _("The file {name} has no column {one} or no column {other}.").format(
                name=items.name, one=written(call, 1), other=written(call, 2)
            ),
        )
    found, keys = (one.data.to_pylist() for one in columns if one is not None)
    by_text: dict[str, str] = dict(zip(reversed(keys), reversed(found), strict=True))
    numbers = map(read_number_enketo, reversed(keys))
    by_number: dict[float, str] = dict(zip(numbers, reversed(found), strict=True))

    def find(key: str) -> str:
        wanted = read_number_enketo(key)
        if rows.engine == "enketo" and not math.isnan(wanted):
            return by_number.get(wanted, "")
        return by_text.get(key, "")

    asked = rows.text(rows.single(compute(call.arguments[3], rows)))
    return text(map_texts(find, asked, of=str))


def choice_name(rows: Context, call: nodes.Call, compute: Compute) -> Value:
    """Give the label of a code, in the form's own language; "" for what is no code of the question.

    The second argument names the question, in quotes.
    """
    form = rows.names.form
    if form is None:
        raise ExpressionError(
            _("jr:choice-name() gives labels, which only a form has."),
            next_step=_("Compile the expression with its form."),
        )
    name = question_named(written(call, 1))
    if isinstance(form, FormUnion):
        choices = form.choices_of(form.column(name))
    else:
        choices = form.choices_of(form.question(name))
    language = form.default_language
    labels = {one.name: pick_label(one.labels, (language,), one.name) for one in choices}
    codes = rows.text(rows.single(compute(call.arguments[0], rows)))
    return text(map_texts(lambda code: labels.get(code, ""), codes, of=str))


def question_named(written_name: str) -> str:
    """Give the name within `${name}`, or the last of a path."""
    bare = written_name.strip().removeprefix("${").removesuffix("}").strip()
    return bare.rpartition("/")[2]


def written(call: nodes.Call, number: int) -> str:
    """Give an argument that must be a text in quotes."""
    argument = call.arguments[number]
    if not isinstance(argument, nodes.Text):
        raise UnsupportedExpression(
            call.function,
            _("{function}() is evaluated only with names written in quotes.").format(
                function=call.function
            ),
        )
    return argument.value


def _found(
    items: ListItems, predicates: tuple[Node, ...], rows: Context, compute: Compute
) -> NodeSet:
    by_text = next(_by_text(items, predicates, rows, compute), None)
    if by_text is not None:
        owner, at = by_text
        return keep(NodeSet(len(rows), owner, text(""), items, at), predicates, rows, compute)
    some = max(1, _AT_ONCE // max(1, len(items)))
    parts = [
        _tried(items, predicates, rows, compute, np.arange(start, min(start + some, len(rows))))
        for start in range(0, len(rows), some)
    ]
    owner = np.concatenate([np.zeros(0, np.intp), *(part[0] for part in parts)])
    at = np.concatenate([np.zeros(0, np.intp), *(part[1] for part in parts)])
    return NodeSet(len(rows), owner, text(""), items, at)


def _tried(
    items: ListItems,
    predicates: tuple[Node, ...],
    rows: Context,
    compute: Compute,
    some: Positions,
) -> tuple[Positions, Positions]:
    """Try every item for some rows."""
    owner = np.repeat(np.arange(len(some)), len(items))
    at = np.tile(np.arange(len(items)), len(some))
    every = NodeSet(len(some), owner, text(""), items, at)
    kept = keep(every, predicates, rows.pick(some), compute)
    assert kept.at is not None
    return some[kept.owner], kept.at


def _by_text(
    items: ListItems, predicates: tuple[Node, ...], rows: Context, compute: Compute
) -> Iterator[tuple[Positions, Positions]]:
    """Give rows and items that may meet, where a condition compares a column with a text."""
    first = predicates[:1]
    if any(_is_call(part, "position", "last") for one in first for part, _d in nodes.walk(one)):
        return
    for column, other in _equalities(first):
        value = rows.single(compute(other, rows))
        texts = items.column(column)
        as_text = value.kind == "text" or (rows.engine == "enketo" and value.is_answer)
        if texts is None or not as_text:
            continue
        wanted = rows.text(value)
        keys = pa.array([wanted] * len(rows)) if isinstance(wanted, str) else wanted
        if rows.engine == "enketo" and (date_like(texts.data).any() or np.any(date_like(keys))):
            continue
        there: dict[str, list[int]] = {}
        for number, one in enumerate(texts.data.to_pylist()):
            there.setdefault(one, []).append(number)
        met = [there.get(one, []) for one in keys.to_pylist()]
        owner = np.repeat(np.arange(len(met)), [len(one) for one in met])
        yield owner, np.array([at for one in met for at in one], dtype=np.intp)


def _equalities(predicates: tuple[Node, ...]) -> Iterator[tuple[str, Node]]:
    """Give columns that a condition asks to equal something that is not of the item."""
    for predicate in predicates:
        both = isinstance(predicate, nodes.Logic) and predicate.operator == "and"
        for part in nodes.inside(predicate) if both else (predicate,):
            if isinstance(part, nodes.Comparison) and part.operator == "=":
                for one, other in ((part.left, part.right), (part.right, part.left)):
                    if _child(one) and not any(_of_item(x) for x, _d in nodes.walk(other)):
                        yield _child(one), other


def _child(node: Node) -> str:
    bare = isinstance(node, nodes.Path) and not node.absolute and node.base is None
    if bare and isinstance(node, nodes.Path) and len(node.steps) == 1:
        step = node.steps[0]
        if not (step.predicates or step.axis or step.test in ("*", ".", "..")):
            return step.test
    return ""


def _of_item(node: Node) -> bool:
    """Tell whether a part of a condition looks at the item that is tried."""
    relative = isinstance(node, nodes.Path) and not node.absolute and node.base is None
    return relative or isinstance(node, nodes.Current) or _is_call(node, "position", "last")


def _is_call(node: Node, *functions: str) -> bool:
    return isinstance(node, nodes.Call) and node.function in functions


def _different(
    predicates: tuple[Node, ...], rows: Context, compute: Compute
) -> tuple[Positions, Positions]:
    """Give one row of each that ask alike, and for every row which of these asks as it does."""
    codes = np.zeros(len(rows), dtype=np.int64)
    for part, _depth in (pair for one in predicates for pair in nodes.walk(one)):
        apart = isinstance(part, nodes.Path) and (part.absolute or part.base is not None)
        if apart or (isinstance(part, nodes.Call) and part.function in _OF_ROW):
            every = np.arange(len(rows))
            return every, every
        if isinstance(part, nodes.Reference):
            answers: Outcome = compute(part, rows)
            if isinstance(answers, NodeSet):
                every = np.arange(len(rows))
                return every, every
            codes = _together(codes, answers)
    _codes, asked, same = np.unique(codes, return_index=True, return_inverse=True)
    return asked, same


_OF_ROW = frozenset({"today", "now", "indexed-repeat", "pulldata", "once", "position", "last"})


def _together(codes: Positions, answers: Value) -> Positions:
    data = answers.data.to_pandas() if isinstance(answers.data, pa.Array) else answers.data
    if isinstance(data, str) or np.ndim(data) == 0:
        return codes
    own, different = pd.factorize(data)
    return np.unique(codes * (len(different) + 1) + own + 1, return_inverse=True)[1]
