"""A table's cells at once against the same cells one by one."""

import dataclasses
import math
import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from meal_pipeline.statistics.cells import estimate_cell_differences, estimate_cells
from meal_pipeline.statistics.linearised import Estimate
from meal_pipeline.statistics.survey_design import Design
from meal_pipeline.statistics.taylor import (
    estimate_difference,
    estimate_mean,
    estimate_proportion,
)

N_CELLS = 5


def sample(seed: int, *, clustered: bool) -> tuple[Design, np.ndarray, np.ndarray, np.ndarray]:
    """A design of 60 rows, zeros and ones with gaps, cells with an empty one, two rounds."""
    rng = np.random.default_rng(seed)
    cluster = rng.integers(0, 12, 60)
    weights = rng.integers(0, 4, 60) + (rng.random(60) < 0.5)
    weights[:2] = 1
    design = Design(
        weights,
        strata=cluster % 3,
        clusters=cluster if clustered else None,
        singleton="centre",
    )
    y = np.where(rng.random(60) < 0.2, np.nan, rng.integers(0, 2, 60))
    cell = rng.integers(-1, N_CELLS - 1, 60)
    cell[np.flatnonzero(cell == 0)[2:]] = 1  # a cell of one or two rows
    return design, y, cell, rng.random(60) < 0.5


def same(one: Estimate, other: Estimate) -> bool:
    return all(
        math.isclose(mine, theirs, rel_tol=1e-10, abs_tol=1e-13)
        or (math.isnan(mine) and math.isnan(theirs))
        if isinstance(mine, float)
        else mine == theirs
        for mine, theirs in zip(dataclasses.astuple(one), dataclasses.astuple(other), strict=True)
    )


@given(seed=st.integers(0, 10_000), clustered=st.booleans(), proportion=st.booleans())
@settings(max_examples=60, deadline=None)
def test_each_cell_is_estimated_as_its_domain_is(
    seed: int, clustered: bool, proportion: bool
) -> None:
    design, y, cell, _later = sample(seed, clustered=clustered)
    one_by_one = estimate_proportion if proportion else estimate_mean
    y = y if proportion else y * 7.5
    at_once = estimate_cells(y, design, cell, N_CELLS, proportion=proportion)
    for k, found in enumerate(at_once):
        assert same(found, one_by_one(y, design, domain=cell == k))


@given(seed=st.integers(0, 10_000), clustered=st.booleans(), proportion=st.booleans())
@settings(max_examples=60, deadline=None)
def test_each_difference_is_estimated_as_that_of_its_two_domains(
    seed: int, clustered: bool, proportion: bool
) -> None:
    design, y, cell, later = sample(seed, clustered=clustered)
    at_once = estimate_cell_differences(y, design, cell, later, N_CELLS, proportion=proportion)
    for k, found in enumerate(at_once):
        inside = cell == k
        domains = inside & later, inside & ~later
        assert same(found, estimate_difference(y, design, *domains, proportion=proportion))


def test_answers_that_are_neither_0_nor_1_are_no_proportion() -> None:
    with pytest.raises(ValueError, match="0 and 1"):
        estimate_cells([0, 2.0], Design.simple(2), np.zeros(2, dtype=int), 1, proportion=True)


def test_cells_for_another_number_of_rows_are_refused() -> None:
    with pytest.raises(ValueError, match="design of 3 rows"):
        estimate_cells([0, 1.0], Design.simple(3), np.zeros(2, dtype=int), 1)


def test_a_thousand_cells_cost_little_more_than_the_rows() -> None:
    rng = np.random.default_rng(1)
    design = Design(np.ones(100_000), clusters=rng.integers(0, 1_000, 100_000))
    y, cell = rng.random(100_000), rng.integers(0, 1_000, 100_000)
    started = time.perf_counter()
    estimate_cells(y, design, cell, 1_000)
    assert time.perf_counter() - started < 1.5
