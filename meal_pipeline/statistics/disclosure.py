"""Which cells of a published table to withhold, so that no small group is given away.

Here: counts and the sums they stand in, in; a reason a cell, out. Not here: which cells make a
table, and how a withheld cell is shown.

Sources: Willenborg and de Waal, Elements of Statistical Disclosure Control (2001), chapter 8;
Freund, Roundy and Todd, Identifying the set of always-active constraints in a system of linear
inequalities by a single linear program (1985), for what bounds give away.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from meal_pipeline.errors import MealError
from meal_pipeline.locale import gettext as _
from meal_pipeline.statistics.survey_design import BoolArray, FloatArray, IntArray

SMALL = "small"
PROTECTS_OTHERS = "protects_others"

Relation = tuple[int | None, Sequence[int] | IntArray]


class NotAdditiveError(MealError):
    """A total is not the sum of its categories, so nothing could be promised."""


def withhold(
    n: ArrayLike,
    relations: Iterable[Relation],
    *,
    threshold: int = 5,
    also: ArrayLike | None = None,
) -> NDArray[np.object_]:
    """Give for each cell "" (publish), "small", or "protects_others".

    n: people (or rows) in each cell, whole numbers ≥ 0. relations: (total, categories), positions
    of cells whose counts add up; a cell may stand in many, as its row's and its column's category
    and as the total of a further breakdown. A total of None is not a cell, but known to readers.
    also: cells that are withheld whatever they hold (a mask), for the sake of another table.

    Cells with 1 ≤ n < `threshold` are small. Then more cells are withheld, one at a time, until no
    withheld count can be recomputed: not from one sum (so of every sum none or at least two members
    are withheld), nor from all sums together as linear equations, nor from these and the knowledge
    that a withheld cell holds at least one (two that add up to two hold one each). Each time the
    category is taken that leaves the fewest sums endangered, of such the smallest n ≥ 1, of equals
    the first; a total where no category is left. So of one breakdown the smallest is taken, of rows
    and columns the corner that closes a rectangle. What proves needless in the end is published.
    Zeros are withheld only where a total of None leaves nothing else to withhold. The same input
    gives the same answer.

    With totals that are cells the promise can always be kept: once all n ≥ 1 are withheld, the
    doubled counts would fit what is published just as well. Where a total of None makes it
    impossible, all its categories are withheld.

    Limits: readers may see that a cell is withheld, but not why (a protecting cell is known not to
    be small, which narrows its neighbour); more than one count stays possible, perhaps only a few;
    tables of the same people that are not given in one call may undo each other.

    Raises `NotAdditiveError` where a total is not the sum of its categories.
    """
    counts = _whole_numbers(n)
    sums = [_checked_sum(counts, total, categories) for total, categories in relations]
    table = _Table(counts, [one for one in sums if len(one.members) > 1])
    small = (counts >= 1) & (counts < threshold)
    needed = small if also is None else small | np.asarray(also, dtype=bool)
    withheld = needed.copy()
    for cell in iter(lambda: _next_to_withhold(table, withheld), None):
        withheld[cell] = True
    _give_free(table, withheld, needed)
    reasons = np.where(small, SMALL, np.where(withheld, PROTECTS_OTHERS, ""))
    return reasons.astype(object)


class _Sum(NamedTuple):
    """Cells that add up to a cell, or to a number that readers know."""

    total: int | None
    categories: tuple[int, ...]
    known: int

    @property
    def members(self) -> tuple[int, ...]:
        return self.categories if self.total is None else (*self.categories, self.total)


class _Table:
    """Cells and the sums that they stand in; each pair of (row of `sums`, member) once."""

    def __init__(self, counts: IntArray, sums: list[_Sum]) -> None:
        self.counts, self.sums = counts, sums
        self.row = np.repeat(np.arange(len(sums)), [len(one.members) for one in sums])
        self.cell = np.array([cell for one in sums for cell in one.members], dtype=np.intp)

    def n_withheld(self, withheld: BoolArray) -> IntArray:
        """Count the withheld members of each sum."""
        return np.bincount(self.row[withheld[self.cell]], minlength=len(self.sums))

    def gain(self, withheld: BoolArray) -> FloatArray:
        """Tell how many sums fewer would have one withheld member if a cell were withheld."""
        there = self.n_withheld(withheld)
        each = (there == 1) * 1.0 - (there == 0)
        return np.bincount(self.cell, each[self.row], len(self.counts)).astype(np.float64)


def _next_to_withhold(table: _Table, withheld: BoolArray) -> int | None:
    """Give the next cell to withhold, or None when nothing more can or need be."""
    alone = np.flatnonzero(table.n_withheld(withheld) == 1)
    cell = _best(table, [table.sums[row] for row in alone], withheld)
    if cell is not None:
        return cell
    for exposed in _recomputable(table, withheld):
        around = [one for one in table.sums if exposed in one.members]
        while True:
            cell = _best(table, around, withheld)
            if cell is not None:
                return cell
            wider = _linked(around, table.sums, withheld)
            if len(wider) == len(around):
                break
            around = wider
    return None


def _best(table: _Table, around: list[_Sum], withheld: BoolArray) -> int | None:
    """Give the best published cell of the sums `around`: a category, else a total, else a zero.

    Best is what leaves the fewest sums with one withheld member, then what holds the fewest.
    """
    if not around:
        return None
    gain = table.gain(withheld)
    categories = {cell for one in around for cell in one.categories if not withheld[cell]}
    totals = {one.total for one in around if one.total is not None and not withheld[one.total]}
    zeros = {cell for one in around if one.total is None for cell in one.categories} & categories
    for candidates in (categories, totals):
        filled = [cell for cell in candidates if table.counts[cell] >= 1]
        if filled:
            return min(filled, key=lambda cell: (-gain[cell], table.counts[cell], cell))
    return min(zeros, default=None)


def _give_free(table: _Table, withheld: BoolArray, needed: BoolArray) -> None:
    """Publish again, the largest first, what later choices have made needless."""
    chosen = np.flatnonzero(withheld & ~needed)
    for cell in sorted(chosen, key=lambda cell: (-table.counts[cell], cell)):
        withheld[cell] = False
        if (table.n_withheld(withheld) == 1).any() or _recomputable(table, withheld):
            withheld[cell] = True


def _linked(around: list[_Sum], sums: list[_Sum], withheld: BoolArray) -> list[_Sum]:
    """Give these sums and those that share a withheld cell with them."""
    hidden = {cell for one in around for cell in one.members if withheld[cell]}
    return [one for one in sums if hidden.intersection(one.members)]


def _recomputable(table: _Table, withheld: BoolArray) -> list[int]:
    """Give the withheld cells whose count has one value in all tables that fit the published ones.

    The tables that fit are {x: A x = b, x ≥ least}. One linear programme finds the cells that are
    at their least in all of them; of the others a cell is fixed when the equations' row space
    holds its unit vector.
    """
    hidden = np.flatnonzero(withheld)
    place = {int(cell): position for position, cell in enumerate(hidden)}
    concerned = [table.sums[row] for row in np.flatnonzero(table.n_withheld(withheld))]
    if not concerned:
        return []
    equations = np.zeros((len(concerned), len(hidden)))
    right = np.zeros(len(concerned))
    least = np.ones(len(hidden))
    for row, one in enumerate(concerned):
        right[row] = one.known
        for cell in one.members:
            sign = -1 if cell == one.total else 1
            if withheld[cell]:
                equations[row, place[cell]] = sign
            else:
                right[row] -= sign * table.counts[cell]
        # Where zeros had to be withheld, readers cannot take the others for more than zero.
        if any(withheld[cell] and not table.counts[cell] for cell in one.members):
            least[[place[cell] for cell in one.members if withheld[cell]]] = 0
    fixed = _always_least(equations, right, least)
    fixed[~fixed] = _in_row_space(equations[:, ~fixed])
    return [int(cell) for cell in hidden[fixed]]


def _always_least(equations: FloatArray, right: FloatArray, least: FloatArray) -> BoolArray:
    """Tell which x equal their `least` in all solutions of `equations` x = `right`, x ≥ `least`.

    Maximise the sum of t, 0 ≤ t ≤ 1, over x y-scaled by s ≥ 1: equations y = s right,
    y ≥ s least + t. A t of zero marks such an x; a solution above its least can be scaled to 1.
    """
    from scipy.optimize import linprog

    rows, k = equations.shape
    unit = np.eye(k)
    result = linprog(
        np.concatenate([np.zeros(k), -np.ones(k), [0.0]]),
        A_ub=np.hstack([-unit, unit, least[:, None]]),
        b_ub=np.zeros(k),
        A_eq=np.hstack([equations, np.zeros((rows, k)), -right[:, None]]),
        b_eq=np.zeros(rows),
        bounds=[(0, None)] * k + [(0, 1)] * k + [(1, None)],
    )
    if result.x is None:  # the true counts are a solution, so only rounding can lead here
        raise ArithmeticError(result.message)
    return np.asarray(result.x[k : 2 * k] < 0.5)


def _in_row_space(matrix: FloatArray) -> BoolArray:
    """Tell for which columns the unit vector is a combination of the rows."""
    _left, singular, right = np.linalg.svd(matrix, full_matrices=False)
    basis = right[singular > 1e-9 * max(singular.max(initial=0), 1)]
    return np.asarray((basis**2).sum(axis=0) > 1 - 1e-9)


def _whole_numbers(n: ArrayLike) -> IntArray:
    given = np.asarray(n, dtype=np.float64)
    if given.ndim != 1 or not (given >= 0).all() or (given % 1 != 0).any():
        raise ValueError("n holds one whole number ≥ 0 a cell")
    return given.astype(np.intp)


def _checked_sum(counts: IntArray, total: int | None, categories: Sequence[int] | IntArray) -> _Sum:
    members = tuple(int(cell) for cell in categories)
    known = int(counts[list(members)].sum())
    if total is None:
        return _Sum(None, members, known)
    if counts[total] != known:
        raise NotAdditiveError(
            _("A total of {total} was given for categories that add up to {known}.").format(
                total=counts[total], known=known
            ),
            next_step=_("Add the rows that are missing, such as those without a category."),
        )
    return _Sum(int(total), members, 0)
