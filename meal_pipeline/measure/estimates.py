"""One indicator by round, arm and category, each cell estimated in the whole design of its round.

Here: the cells' estimates. Not here: which cells there are (`tables`), changes between rounds
(`changes`), the row that a cell becomes (`figures`).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np

from meal_pipeline.errors import MealError
from meal_pipeline.locale import gettext as _
from meal_pipeline.measure.tables import Breakdown, Place
from meal_pipeline.rows.sample import Sample
from meal_pipeline.rows.split import BoolArray, Split
from meal_pipeline.rows.values import Values
from meal_pipeline.statistics.cells import estimate_cells
from meal_pipeline.statistics.linearised import Estimate
from meal_pipeline.statistics.survey_design import Design
from meal_pipeline.workspace.project import ALL_ARMS

Statistic = Literal["proportion", "mean"]


class CellsDoNotAddUp(MealError):
    """The categories of a breakdown do not add up to everyone: a fault of this program."""


@dataclass(frozen=True)
class Cell:
    """One number: its round and place, the estimate, and the rows in scope without an answer."""

    round: str
    place: Place
    estimate: Estimate
    n_missing: int


def estimate_indicator(
    values: Values,
    statistic: Statistic,
    breakdown: Breakdown,
    *,
    designs: Mapping[str, Design],
    weighted: BoolArray,
) -> list[Cell]:
    """Estimate the indicator in every round, arm and category.

    designs: the design of each round, over that round's rows in order. weighted: rows of positive
    weight; the others count nowhere. Raises CellsDoNotAddUp.
    """
    found = []
    tables = list(breakdown.tables(values.in_scope))
    for round_, design in designs.items():
        rows = np.flatnonzero(breakdown.rounds.part(round_))
        numbers = values.numbers[rows]
        missing = (values.missing & weighted)[rows]
        for table in tables:
            cell, n_cells = table.cell[rows], len(table.places)
            estimates = estimate_cells(
                numbers, design, cell, n_cells, proportion=statistic == "proportion"
            )
            n_missing = np.bincount(cell[missing], minlength=n_cells)
            found += [
                Cell(round_, place, estimates[k], int(n_missing[k]))
                for k, place in enumerate(table.places)
                if place is not None
            ]
    check_adds_up(found)
    return found


def check_adds_up(cells: list[Cell]) -> None:
    """Check that in each round the arms, and in each arm the categories, add up to everyone."""
    everyone: dict[tuple[str, str], Cell] = {}
    parts: dict[tuple[str, str, str], list[Cell]] = {}
    for one in cells:
        arm, disaggregation, _category = one.place
        if disaggregation:
            parts.setdefault((one.round, arm, disaggregation), []).append(one)
        else:
            everyone[one.round, arm] = one
            if arm != ALL_ARMS:
                parts.setdefault((one.round, ALL_ARMS, "arms"), []).append(one)
    for (round_, arm, breakdown), members in parts.items():
        total = everyone[round_, arm]
        if sum(one.estimate.n for one in members) != total.estimate.n or (
            sum(one.n_missing for one in members) != total.n_missing
        ):
            raise CellsDoNotAddUp(
                _("The categories of {breakdown} do not add up to everyone.").format(
                    breakdown=breakdown
                ),
                next_step=_("This is a fault of the program; please report it."),
            )


def rounds_with_rows(rounds: Split) -> list[str]:
    """Give the declared rounds that have rows, in order."""
    return [label for label in rounds.labels[: rounds.declared] if rounds.part(label).any()]


def designs_of(sample: Sample, rounds: Split) -> dict[str, Design]:
    """Give the design of each round that has rows. Raises DesignError."""
    return {label: sample.design(rounds.part(label)) for label in rounds_with_rows(rounds)}
