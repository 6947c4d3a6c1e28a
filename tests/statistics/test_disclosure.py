"""What a reader who sees the published cells can and cannot work out."""

import math
from fractions import Fraction
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from meal_pipeline.statistics.disclosure import NotAdditiveError, withhold


def cross(table):
    """Counts and relations of a table with all its margins, in any number of dimensions."""
    cells = {}
    for index in product(*([*range(size), None] for size in table.shape)):
        axes = tuple(axis for axis, place in enumerate(index) if place is None)
        summed = table.sum(axis=axes, keepdims=True)
        cells[index] = int(summed[tuple(0 if place is None else place for place in index)])
    order = {index: position for position, index in enumerate(cells)}
    relations = [
        (
            order[index],
            [order[(*index[:axis], i, *index[axis + 1 :])] for i in range(table.shape[axis])],
        )
        for index in cells
        for axis, place in enumerate(index)
        if place is None
    ]
    return np.array(list(cells.values())), relations


def one_way(*categories):
    return [sum(categories), *categories], [(0, range(1, len(categories) + 1))]


def tables(*shape, largest=40):
    cells = math.prod(shape)
    counts = st.lists(st.integers(0, largest), min_size=cells, max_size=cells)
    return counts.map(lambda values: np.array(values).reshape(shape))


def solved_exactly(relations, withheld):
    """Gauss-Jordan in fractions: the withheld cells that the equations alone determine."""
    hidden = [int(cell) for cell in np.flatnonzero(withheld)]
    matrix = []
    for total, categories in relations:
        row = dict.fromkeys(hidden, Fraction(0))
        row.update({int(c): Fraction(1) for c in categories if c in row})
        if total in row:
            row[total] = Fraction(-1)
        matrix.append([row[cell] for cell in hidden])
    done = 0
    for column in range(len(hidden)):
        pivot = next((r for r in range(done, len(matrix)) if matrix[r][column]), None)
        if pivot is None:
            continue
        matrix[done], matrix[pivot] = matrix[pivot], matrix[done]
        matrix[done] = [value / matrix[done][column] for value in matrix[done]]
        for r, row in enumerate(matrix):
            if r != done and row[column]:
                factor = row[column]
                matrix[r] = [a - factor * b for a, b in zip(row, matrix[done], strict=True)]
        done += 1
    return [hidden[row.index(1)] for row in matrix[:done] if sum(value != 0 for value in row) == 1]


def test_a_small_cell_takes_the_smallest_other_with_it() -> None:
    reasons = withhold(*one_way(3, 45, 12))
    assert reasons.tolist() == ["", "small", "", "protects_others"]


def test_of_equal_cells_the_first_is_taken() -> None:
    assert withhold(*one_way(12, 3, 12)).tolist() == ["", "protects_others", "small", ""]


def test_two_small_cells_protect_each_other() -> None:
    assert withhold(*one_way(3, 45, 2)).tolist() == ["", "small", "", "small"]


def test_zeros_protect_nobody_so_the_total_is_withheld() -> None:
    reasons = withhold([8, 3, 5, 3, 3, 0], [(0, [1, 2]), (3, [4, 5])])
    assert reasons.tolist() == ["", "small", "protects_others", "small", "small", ""]
    reasons = withhold([20, 13, 4, 4, 0, 3], [(0, [1, 2, 5]), (2, [3, 4])])
    assert reasons.tolist() == ["", "", "small", "small", "", "small"]


def test_a_total_of_one_filled_category_goes_with_it() -> None:
    """Threshold 10: the category of 8 is small; its total of 8 is small as well."""
    assert withhold(*one_way(8, 0, 0), threshold=10).tolist() == ["small", "small", "", ""]


def test_a_total_withheld_in_one_breakdown_is_protected_in_the_next() -> None:
    """Women (3) by age are one category, so their number would be given back by men's."""
    n = [50, 3, 47, 3, 0]
    reasons = withhold(n, [(0, [1, 2]), (1, [3, 4])])
    assert reasons.tolist() == ["", "small", "protects_others", "small", ""]


def test_two_cells_that_add_up_to_two_take_a_third() -> None:
    """A withheld cell holds somebody, so 1 + 1 would be plain."""
    assert withhold(*one_way(1, 30, 1)).tolist() == ["", "small", "protects_others", "small"]


def test_a_table_of_rows_and_columns_withholds_a_rectangle() -> None:
    counts, relations = cross(np.array([[3, 20, 30], [40, 50, 60], [70, 80, 90]]))
    withheld = np.flatnonzero(withhold(counts, relations) != "")
    assert counts[withheld].tolist() == [3, 20, 40, 50]


def test_five_may_be_published_and_the_threshold_moved() -> None:
    assert set(withhold(*one_way(5, 6))) == {""}
    assert withhold(*one_way(5, 6), threshold=6).tolist() == ["", "small", "protects_others"]


def test_a_total_that_readers_know_without_seeing_it_is_taken_as_published() -> None:
    assert withhold([3, 30, 9], [(None, [0, 1, 2])]).tolist() == ["small", "", "protects_others"]
    assert withhold([3, 0, 0], [(None, [0, 1, 2])]).tolist() == ["small", "protects_others", ""]


def test_an_empty_table_is_answered() -> None:
    assert withhold([], []).tolist() == []


def test_a_total_that_does_not_add_up_is_refused() -> None:
    with pytest.raises(NotAdditiveError, match=r"A total of 10 .* add up to 9"):
        withhold([10, 4, 5], [(0, [1, 2])])


@pytest.mark.parametrize("n", [[-1], [1.5], [np.nan], [[1]]])
def test_counts_are_whole_numbers(n) -> None:
    with pytest.raises(ValueError, match="whole number"):
        withhold(n, [])


@given(tables(3, 4))
@settings(deadline=None)
def test_nothing_is_withheld_where_no_cell_is_small(table) -> None:
    counts, relations = cross(np.where((table > 0) & (table < 5), 5, table))
    assert set(withhold(counts, relations)) == {""}


@given(tables(3, 4, largest=12))
@settings(deadline=None)
def test_every_small_cell_is_withheld_and_no_sum_has_one_withheld_member(table) -> None:
    counts, relations = cross(table)
    withheld = withhold(counts, relations) != ""
    assert withheld[(counts > 0) & (counts < 5)].all()
    assert not withheld[counts == 0].any()
    for total, categories in relations:
        assert withheld[[total, *categories]].sum() != 1


@given(tables(3, 2, 3, largest=12))
@settings(max_examples=60, deadline=None)
def test_three_dimensions_at_once_leave_no_withheld_cell_to_solve_for(table) -> None:
    counts, relations = cross(table)
    withheld = withhold(counts, relations) != ""
    assert solved_exactly(relations, withheld) == []


@given(tables(2, 2, largest=4))
@settings(max_examples=60, deadline=None)
def test_a_reader_who_tries_every_table_finds_two_counts_for_each_withheld_cell(table) -> None:
    """All tables of 0 … 15 a cell that agree with what is published, withheld cells holding ≥ 1.

    A threshold of 2 leaves sums of two ones in sight, the hardest case.
    """
    counts, relations = cross(table)
    withheld = withhold(counts, relations, threshold=2) != ""
    tried = np.array(list(product(range(16), repeat=4))).reshape(-1, 2, 2)
    rows, columns = tried.sum(axis=2), tried.sum(axis=1)
    every = np.column_stack(  # in the order of `cross`: each row and its sum, then the sums
        [tried[:, 0], rows[:, 0], tried[:, 1], rows[:, 1], columns, rows.sum(axis=1)]
    )
    fits = (every == counts)[:, ~withheld].all(axis=1) & (every >= 1)[:, withheld].all(axis=1)
    possible = every[fits]
    assert len(possible) >= 1
    for cell in np.flatnonzero(withheld):
        assert len(np.unique(possible[:, cell])) > 1
