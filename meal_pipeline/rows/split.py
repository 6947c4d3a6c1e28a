"""A way to split rows into parts that do not overlap and leave none out.

Here: the split, and two splits crossed. Not here: where the parts come from (`assignments`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from meal_pipeline.workspace.project import NOT_STATED

BoolArray = NDArray[np.bool_]
IntArray = NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class Split:
    """Every row in exactly one part: `codes` gives its place in `labels`.

    The first `declared` labels are shown even where they have no row; the rest, which say that
    something is not stated, only where they have one.
    """

    labels: tuple[str, ...]
    declared: int
    codes: IntArray

    def labels_shown(self, among: BoolArray) -> list[str | None]:
        """Give each label, or None for one not to show; rows `among` which it stands count."""
        has_rows = np.bincount(self.codes[among], minlength=len(self.labels)) > 0
        return [
            label if code < self.declared or has_rows[code] else None
            for code, label in enumerate(self.labels)
        ]

    def part(self, label: str) -> BoolArray:
        """Give the rows of the part `label`; none where there is no such part."""
        if label not in self.labels:
            return np.zeros(len(self.codes), dtype=np.bool_)
        return np.equal(self.codes, self.labels.index(label))


def whole(rows: int) -> Split:
    """Give the split of `rows` rows into one part, named ''."""
    return Split(("",), 1, np.zeros(rows, dtype=np.intp))


def split_by(values: pd.Series, labels: Sequence[str], value_of: Sequence[Any]) -> Split:
    """Split rows by text: the value `value_of[i]` belongs to `labels[i]`, any other is not stated.

    Labels may repeat, when several values make one part.
    """
    distinct = list(dict.fromkeys(labels))
    part_of = {value: distinct.index(label) for value, label in zip(value_of, labels, strict=True)}
    codes, found = pd.factorize(values)
    # Code -1, no value, picks the last place: not stated.
    place = np.array([part_of.get(value, len(distinct)) for value in found] + [len(distinct)])
    return Split((*distinct, NOT_STATED), len(distinct), place[codes].astype(np.intp))


def crossed(one: Split, other: Split) -> Split:
    """Give the split into pairs, labelled `a|b`; pairs of declared labels stand first."""
    pairs = [(i, j) for i in range(len(one.labels)) for j in range(len(other.labels))]
    pairs.sort(key=lambda pair: pair[0] >= one.declared or pair[1] >= other.declared)
    place = np.empty((len(one.labels), len(other.labels)), dtype=np.intp)
    for code, pair in enumerate(pairs):
        place[pair] = code
    return Split(
        tuple(joined(one.labels[i], other.labels[j]) for i, j in pairs),
        one.declared * other.declared,
        place[one.codes, other.codes],
    )


def joined(one: str, other: str) -> str:
    r"""Give one code for two: `a|b`, with `\` and `|` inside a code written `\\` and `\|`."""
    return "|".join(code.replace("\\", "\\\\").replace("|", "\\|") for code in (one, other))
