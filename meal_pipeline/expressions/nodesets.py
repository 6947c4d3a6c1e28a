"""Several values a row: the answers in a repeat, the items of a list.

Here: which node belongs to which row, and what all nodes of a row give together. Not here: finding
nodes (`paths`), and functions (`aggregates`).
"""

from dataclasses import dataclass, replace
from typing import Any, Protocol

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from meal_pipeline.expressions.values import Numbers, Texts, Truths, Value, take, text

Positions = NDArray[np.intp]


class Table(Protocol):
    """Rows that nodes stand for: those of a repeat's frame, or the items of a list."""

    @property
    def name(self) -> str:
        """How the table is called."""

    def column(self, name: str) -> Value | None:
        """Give the values of a child of its rows; none where there is no such child."""


@dataclass(frozen=True)
class NodeSet:
    """The nodes of each of `rows` rows, in document order.

    `owner` tells to which row a node belongs, and never falls; `value` is what the nodes hold, one
    each. Where the nodes are rows of a `table`, `at` tells which.
    """

    rows: int
    owner: Positions
    value: Value
    table: Table | None = None
    at: Positions | None = None

    def __len__(self) -> int:
        """Give the number of nodes of all rows."""
        return len(self.owner)

    @property
    def counts(self) -> Positions:
        """How many nodes each row has."""
        return np.bincount(self.owner, minlength=self.rows)

    @property
    def starts(self) -> Positions:
        """Where the nodes of each row start."""
        return np.searchsorted(self.owner, np.arange(self.rows)).astype(np.intp)

    @property
    def place(self) -> Positions:
        """The position of each node within its row, from 1."""
        return np.arange(len(self)) - self.starts[self.owner] + 1

    def where(self, kept: Truths) -> "NodeSet":
        """Keep the nodes for which `kept` is true."""
        return self.pick(np.flatnonzero(np.broadcast_to(kept, len(self))))

    def pick(self, chosen: Positions) -> "NodeSet":
        """Keep the nodes at these positions, in this order."""
        at = None if self.at is None else self.at[chosen]
        return replace(self, owner=self.owner[chosen], value=take(self.value, chosen), at=at)

    def of_rows(self, rows: Positions) -> "NodeSet":
        """Give the nodes of these rows, in a set with as many rows; a row may come often."""
        starts, counts = self.starts[rows], self.counts[rows]
        owner, chosen = spread(starts, counts)
        return replace(self.pick(chosen), rows=len(rows), owner=owner)

    def children(self, name: str) -> "NodeSet":
        """Give the child of this name of every node; none where nodes have no such child."""
        column = None if self.table is None else self.table.column(name)
        if column is None or self.at is None:
            return replace(self.where(False), table=None, at=None)
        return replace(self, value=take(column, self.at), table=None, at=None)

    def first(self) -> Value:
        """Give the value of each row's first node; the empty text where a row has none."""
        there = self.counts > 0
        if len(self) == 0:
            return replace(text(pa.nulls(self.rows, pa.large_string())), there=there)
        chosen = np.minimum(self.starts, len(self) - 1)
        return only_where(take(self.value, chosen), there)


def only_where(value: Value, there: Truths) -> Value:
    """Give the value where `there` is true, elsewhere the empty text of a missing node."""
    if np.all(there):
        return value
    if isinstance(value.data, str):
        return replace(value, there=there)
    if value.kind == "text":
        nothing = pa.scalar(None, value.data.type)
        data: Any = pc.if_else(pa.array(there), value.data, nothing)
        return replace(value, data=data, there=there)
    blank = np.where(there, value.blank, True)
    if value.kind == "truth":
        return replace(value, data=value.data & there, blank=blank, there=there)
    return replace(value, data=np.where(there, value.data, np.nan), blank=blank, there=there)


def spread(starts: Positions, counts: Positions) -> tuple[Positions, Positions]:
    """Give for ranges that begin at `starts` whose each element is, and the elements themselves."""
    owner = np.repeat(np.arange(len(counts)), counts)
    within = np.arange(len(owner)) - np.repeat(np.cumsum(counts) - counts, counts)
    return owner, starts[owner] + within


def merged(parts: list[tuple[Positions, Any]], rows: int) -> tuple[Positions, Any]:
    """Put the nodes of several sets together, row by row, in the order of the sets.

    Each part is the owners and the data (numbers, or an Arrow array). Gives owners and data.
    """
    owner = np.concatenate([part[0] for part in parts])
    order = np.argsort(owner, kind="stable")
    if isinstance(parts[0][1], pa.Array):
        large = [part[1].cast(pa.large_string()) for part in parts]
        return owner[order], pa.concat_arrays(large).take(pa.array(order))
    return owner[order], np.concatenate([part[1] for part in parts])[order]


def total(owner: Positions, numbers: Numbers, rows: int) -> Numbers:
    """Add up the numbers of each row's nodes; 0 for a row without any."""
    # bincount takes weights as they come, so NaN stays NaN in its own row only.
    return np.bincount(owner, weights=numbers, minlength=rows)


def extreme(pick: np.ufunc, owner: Positions, numbers: Numbers, rows: int) -> Numbers:
    """Reduce the numbers of each row's nodes; NaN for a row without any."""
    result = np.full(rows, np.nan)
    counts = np.bincount(owner, minlength=rows)
    some = counts > 0
    starts = (np.cumsum(counts) - counts)[some]
    if len(starts):
        result[some] = pick.reduceat(numbers, starts)
    return result


def joined(owner: Positions, texts: Texts, rows: int, separator: Texts) -> Texts:
    """Join the texts of each row's nodes; "" for a row without any."""
    counts = np.bincount(owner, minlength=rows)
    offsets = np.concatenate([[0], np.cumsum(counts)])
    lists = pa.ListArray.from_arrays(pa.array(offsets, pa.int32()), texts.cast(pa.string()))
    glue = separator.cast(pa.string()) if isinstance(separator, pa.Array) else separator
    return pc.binary_join(lists, glue).cast(pa.large_string())
