"""The estimates of a whole table at once: domains that do not overlap, its cells.

Here: sorting the rows into cells once, so that a table costs little more than its rows do. Not
here: any formula; each cell's numbers are those that taylor gives for its domain.
"""

import math

import numpy as np
from numpy.typing import ArrayLike

from meal_pipeline.statistics import methods
from meal_pipeline.statistics.linearised import (
    Estimate,
    Part,
    Statistic,
    combined_interval,
    design_effect,
    estimate_of,
    mean_of,
    must_be_zero_or_one,
    proportion_interval,
    t_unless_one_cluster,
    unknown,
    variance_of_sum,
)
from meal_pipeline.statistics.survey_design import BoolArray, Design, FloatArray, IntArray


def estimate_cells(
    y: ArrayLike,
    design: Design,
    cell: IntArray,
    n_cells: int,
    *,
    proportion: bool = False,
    level: float = 0.95,
) -> list[Estimate]:
    """Estimate the mean (`proportion`: the share of ones) of `y` in each cell.

    cell: each row's cell, 0 … n_cells - 1, or -1 for none. y and the results are as for
    `estimate_mean` and `estimate_proportion` with the cell's rows as domain.
    """
    parts = _parts(y, design, cell, n_cells, proportion=proportion)
    return [_mean_or_share(part, design, level, proportion=proportion) for part in parts]


def estimate_cell_differences(
    y: ArrayLike,
    design: Design,
    cell: IntArray,
    later: BoolArray,
    n_cells: int,
    *,
    proportion: bool = False,
    level: float = 0.95,
) -> list[Estimate]:
    """Estimate in each cell the mean of `y` in the `later` rows less that in its other rows.

    The other arguments are as for `estimate_cells`, the results as for `estimate_difference`.
    """
    side = np.where(cell < 0, -1, 2 * cell + later)
    parts = _parts(y, design, side, 2 * n_cells, proportion=proportion)
    return [
        _difference(parts[2 * k + 1], parts[2 * k], design, level, proportion=proportion)
        for k in range(n_cells)
    ]


def _parts(
    y: ArrayLike, design: Design, cell: IntArray, n_cells: int, *, proportion: bool
) -> list[Part]:
    """Give the rows of each cell that answered and have a weight."""
    numbers = np.asarray(y, dtype=np.float64)
    if not numbers.shape == np.shape(cell) == (design.n,):
        raise ValueError(f"{numbers.shape} answers in cells for a design of {design.n} rows")
    rows = np.flatnonzero((design.weights > 0) & ~np.isnan(numbers) & (cell >= 0))
    if not np.isfinite(numbers[rows]).all():
        raise ValueError("answers must be finite, or NaN where missing")
    if proportion:
        must_be_zero_or_one(numbers[rows])
    cells = cell[rows].astype(np.min_scalar_type(n_cells))  # small numbers are sorted by counting
    order = np.argsort(cells, kind="stable")
    rows = rows[order]
    ends = np.searchsorted(cells[order], np.arange(n_cells + 1))
    weights, values = design.weights[rows], numbers[rows]
    slices = [slice(ends[k], ends[k + 1]) for k in range(n_cells)]
    return [Part(design, rows[one], weights[one], (values[one],)) for one in slices]


def _mean_or_share(part: Part, design: Design, level: float, *, proportion: bool) -> Estimate:
    statistic: Statistic = "proportion" if proportion else "mean"
    if not part.n:
        return unknown(statistic, methods.NO_ANSWERS, part, design, level)
    mean, n_effective = mean_of(part), math.nan
    se = mean.se(design)
    if proportion:
        interval, n_effective = proportion_interval(mean, se, design, level)
    else:
        interval = t_unless_one_cluster(mean.value, se, design, level)
    return estimate_of(
        statistic,
        mean.value,
        se,
        interval,
        part,
        design=design,
        level=level,
        effect=design_effect(mean, se, design),
        n_effective=n_effective,
    )


def _difference(
    later: Part, other: Part, design: Design, level: float, *, proportion: bool
) -> Estimate:
    both = Part(
        design,
        np.concatenate([later.rows, other.rows]),
        np.concatenate([later.weights, other.weights]),
        (np.concatenate([later.values[0], other.values[0]]),),
    )
    if not (later.n and other.n):
        return unknown("difference", methods.NO_ANSWERS, both, design, level)
    a, b = mean_of(later), mean_of(other)
    value = a.value - b.value
    se = math.nan
    if min(later.counts[0], other.counts[0]) > 1:
        z: FloatArray = np.concatenate([a.z, -b.z])
        se = math.sqrt(variance_of_sum(both.rows, z, design))
    if proportion and {a.value, b.value} & {0.0, 1.0}:
        interval = combined_interval(a, b, design, level)
    else:
        interval = t_unless_one_cluster(value, se, design, level)
    if proportion and not math.isnan(interval.low):
        interval = interval._replace(low=max(interval.low, -1.0), high=min(interval.high, 1.0))
    return estimate_of("difference", value, se, interval, both, design=design, level=level)
