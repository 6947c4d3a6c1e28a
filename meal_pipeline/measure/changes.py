"""The change of an indicator from its baseline to each later round, within an arm and category.

Here: two rounds stacked in one design, so that what the same clusters or households answered twice
counts with its covariance. Not here: changes against a comparison (compare).
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from meal_pipeline.errors import MealError
from meal_pipeline.locale import gettext as _
from meal_pipeline.measure.estimates import Statistic, rounds_with_rows
from meal_pipeline.measure.tables import Breakdown, Place
from meal_pipeline.rows.sample import Sample
from meal_pipeline.rows.split import BoolArray, Split
from meal_pipeline.rows.values import Values
from meal_pipeline.statistics.cells import estimate_cell_differences
from meal_pipeline.statistics.linearised import Estimate
from meal_pipeline.statistics.survey_design import Design


class OneRoundOnly(MealError):
    """There is no change yet: rows of the baseline, or of a later round, are lacking."""


@dataclass(frozen=True)
class Change:
    """One difference: later round less baseline, at a place.

    `n_later`, `n_baseline` are the answers in each round; `n_missing` those lacking in both.
    """

    round: str
    baseline_round: str
    place: Place
    estimate: Estimate
    n_later: int
    n_baseline: int
    n_missing: int


def later_rounds(rounds: Split, baseline: str | None) -> tuple[str, list[str]]:
    """Give the baseline round and the later rounds that have rows.

    Without a declared baseline the first declared round is it. Raises OneRoundOnly.
    """
    declared = list(rounds.labels[: rounds.declared])
    first = baseline or declared[0]
    with_rows = rounds_with_rows(rounds)
    later = [one for one in declared[declared.index(first) + 1 :] if one in with_rows]
    if first not in with_rows:
        raise OneRoundOnly(
            _("There is no change to compute: round {round}, the baseline, has no rows.").format(
                round=first
            ),
            next_step=_("Collect it, or name another baseline_round."),
        )
    if not later:
        raise OneRoundOnly(
            _("There is no change yet: no round after {round} has rows.").format(round=first),
            next_step=_("It is computed once a later round is collected."),
        )
    return first, later


def stacked_design(sample: Sample, rounds: Split, later: str, baseline: str) -> Design:
    """Give the design of the rows of two rounds together. Raises DesignError."""
    return sample.stacked(rounds.part(later) | rounds.part(baseline))


def estimate_changes(
    values: Values,
    statistic: Statistic,
    breakdown: Breakdown,
    baseline: str,
    *,
    designs: Mapping[str, Design],
    weighted: BoolArray,
) -> list[Change]:
    """Estimate the change from `baseline` to each round of `designs` (stacked), cell by cell."""
    found = []
    tables = list(breakdown.tables(values.in_scope))
    before = breakdown.rounds.part(baseline)
    for later, design in designs.items():
        after = breakdown.rounds.part(later)
        rows = np.flatnonzero(before | after)
        numbers, is_later = values.numbers[rows], after[rows]
        answered, missing = ((one & weighted)[rows] for one in (values.answered, values.missing))
        for table in tables:
            cell, n_cells = table.cell[rows], len(table.places)
            estimates = estimate_cell_differences(
                numbers, design, cell, is_later, n_cells, proportion=statistic == "proportion"
            )
            n_later, n_baseline, n_missing = (
                np.bincount(cell[which], minlength=n_cells)
                for which in (answered & is_later, answered & ~is_later, missing)
            )
            found += [
                Change(
                    later,
                    baseline,
                    place,
                    estimates[k],
                    int(n_later[k]),
                    int(n_baseline[k]),
                    int(n_missing[k]),
                )
                for k, place in enumerate(table.places)
                if place is not None
            ]
    return found
