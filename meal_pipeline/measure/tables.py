"""The cells that an indicator is shown in: each arm by each disaggregation, and everyone.

Here: which cells there are and which row stands in which. Not here: what is estimated in them.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from meal_pipeline.rows.split import BoolArray, IntArray, Split, whole
from meal_pipeline.workspace.project import ALL_ARMS


class Place(NamedTuple):
    """Where a number stands: arm, disaggregation and category, '' for everyone."""

    arm: str
    disaggregation: str
    category: str


@dataclass(frozen=True, eq=False)
class Table:
    """Cells that do not overlap and leave no row out: `places` by cell, `cell` by row.

    A place is None for a cell that is not shown, which has no row in scope.
    """

    places: tuple[Place | None, ...]
    cell: IntArray


@dataclass(frozen=True, eq=False)
class Breakdown:
    """The ways in which one form's rows are split: by round, arm, and each disaggregation."""

    rounds: Split
    arms: Split | None
    disaggregations: Mapping[str, Split]

    def tables(self, in_scope: BoolArray) -> Iterator[Table]:
        """Give the tables: for all arms and arm by arm, for everyone and each disaggregation.

        What is not stated is shown where rows in scope (of any round) do not state it.
        """
        everyone = whole(len(in_scope))
        for arms in [None] if self.arms is None else [None, self.arms]:
            for code, categories in {"": everyone, **self.disaggregations}.items():
                yield _table(arms, code, categories, in_scope)


def _table(arms: Split | None, code: str, categories: Split, in_scope: BoolArray) -> Table:
    arm_labels = [ALL_ARMS] if arms is None else arms.labels_shown(in_scope)
    category_labels = categories.labels_shown(in_scope)
    places = tuple(
        None if arm is None or category is None else Place(arm, code, category)
        for arm in arm_labels
        for category in category_labels
    )
    arm_of = 0 if arms is None else arms.codes
    return Table(places, arm_of * len(category_labels) + categories.codes)
