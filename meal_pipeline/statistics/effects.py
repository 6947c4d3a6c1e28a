"""What a programme changed, against a comparison: differences between two arms.

Here: the difference between arms, and the difference-in-differences of two arms over two rounds,
each with the means it is made of. Not here: whether the design earns the word effect, and who is in
which arm.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from meal_pipeline.locale import gettext as _
from meal_pipeline.locale import mark
from meal_pipeline.statistics.cluster_regression import (
    CompleteRows,
    RegressionError,
    TooFewClustersError,
    complete_rows,
    least_squares,
)
from meal_pipeline.statistics.survey_design import BoolArray, FloatArray

CELLS = {
    "participants": mark("Participants"),
    "comparison": mark("Comparison"),
    "participants_before": mark("Participants, earlier round"),
    "participants_later": mark("Participants, later round"),
    "comparison_before": mark("Comparison, earlier round"),
    "comparison_later": mark("Comparison, later round"),
}


class NoVariationError(RegressionError):
    """All outcomes in each compared set are equal, so there is no standard error."""


@dataclass(frozen=True)
class CellOfEffect:
    """One of the sets that are compared: an arm, or an arm in a round.

    n, n_clusters: rows used and the clusters that hold them (rows, without clusters).
    mean: their (weighted) mean outcome.
    """

    n: int
    n_clusters: int
    mean: float


@dataclass(frozen=True)
class EffectEstimate:
    """A difference in the outcome's unit, with its uncertainty.

    se, ci_low, ci_high, level, df, p_value: from least squares; `method` names it (`methods`).
    n, n_clusters: rows and clusters used; n_dropped: rows left out by reason ("y", "x" for arm or
      round, "cluster", "weight").
    cells: the compared sets by name, one of `CELLS`: two arms, or two arms in two rounds.
    """

    estimate: float
    se: float
    ci_low: float
    ci_high: float
    level: float
    df: int
    p_value: float
    n: int
    n_clusters: int
    n_dropped: dict[str, int]
    cells: dict[str, CellOfEffect]
    method: str

    @property
    def n_per_cell(self) -> dict[str, int]:
        """Rows used, by the name of the compared set."""
        return {name: cell.n for name, cell in self.cells.items()}


def difference_between_arms(
    y: ArrayLike,
    participant01: ArrayLike,
    clusters: Any = None,
    weights: ArrayLike | None = None,
    *,
    level: float = 0.95,
) -> EffectEstimate:
    """Give the participants' mean outcome less the comparison's, by least squares on the arm.

    y: one number a row, NaN where missing. participant01: 1, 0, NaN. clusters: the coarser of the
    units of assignment and of sampling, a label a row (missing: the row is left out); None where
    rows were assigned and sampled one by one. weights: one number ≥ 0 a row.

    Raises `TooFewClustersError` where an arm has fewer than two clusters (rows, without clusters):
    its residuals add up to zero in one, which would pass for certainty. Raises `NoVariationError`,
    and what `least_squares` raises.
    """
    arm = _zero_or_one(participant01)
    terms = {"participant": arm}
    sets = {"participants": arm == 1, "comparison": arm == 0}
    return _effect(y, terms, sets, clusters, weights, level=level)


def difference_in_differences(
    y: ArrayLike,
    participant01: ArrayLike,
    later01: ArrayLike,
    clusters: Any = None,
    weights: ArrayLike | None = None,
    *,
    level: float = 0.95,
) -> EffectEstimate:
    """Give the participants' change in mean outcome less the comparison's change.

    y, participant01, clusters, weights: as in `difference_between_arms`, the rounds stacked.
    later01: 1 for the later round, 0 for the earlier, NaN. The estimate is the coefficient of
    participant x later beside both and an intercept (Gertler et al. 2016, Impact Evaluation in
    Practice, chapter 7). Clusters must be units that contain a household's rows of both rounds.

    Raises as `difference_between_arms`, for each arm in each round.
    """
    arm, round_ = _zero_or_one(participant01), _zero_or_one(later01)
    terms = {"participant": arm, "later": round_, "participant x later": arm * round_}
    sets = {
        "participants_before": (arm == 1) & (round_ == 0),
        "participants_later": (arm == 1) & (round_ == 1),
        "comparison_before": (arm == 0) & (round_ == 0),
        "comparison_later": (arm == 0) & (round_ == 1),
    }
    return _effect(y, terms, sets, clusters, weights, level=level)


def _effect(
    y: ArrayLike,
    terms: dict[str, FloatArray],
    sets: dict[str, BoolArray],
    clusters: Any,
    weights: ArrayLike | None,
    *,
    level: float,
) -> EffectEstimate:
    """Regress `y` on an intercept and `terms`, the last of which is the effect."""
    *_others, effect = terms
    names = ("intercept", *terms)
    x = np.column_stack([np.ones(len(terms[effect])), *terms.values()])
    used = complete_rows(y, x, clusters=clusters, weights=weights)
    cells = {name: _cell(name, members[used.rows], used) for name, members in sets.items()}
    if all(np.ptp(used.y[members[used.rows]]) == 0 for members in sets.values()):
        raise NoVariationError(
            _("All answers are equal within each compared set; no standard error can be computed.")
        )
    fit = least_squares(y, x, names=names, clusters=clusters, weights=weights)
    interval = fit.interval(effect, level)
    return EffectEstimate(
        estimate=fit.coefficient(effect),
        se=fit.standard_error(effect),
        ci_low=interval.low,
        ci_high=interval.high,
        level=level,
        df=fit.df,
        p_value=fit.p_value(effect),
        n=fit.n,
        n_clusters=fit.n_clusters,
        n_dropped=fit.n_dropped,
        cells=cells,
        method=fit.method,
    )


def _cell(name: str, members: BoolArray, used: CompleteRows) -> CellOfEffect:
    n = int(members.sum())
    n_clusters = len(np.unique(used.cluster[members]))
    if n_clusters < 2:
        raise TooFewClustersError(
            _(
                "{cell}: {n} answers from {clusters} clusters. The difference needs at least two"
                " clusters in each compared set."
            ).format(cell=_(CELLS[name]), n=n, clusters=n_clusters)
        )
    return CellOfEffect(
        n, n_clusters, float(np.average(used.y[members], weights=used.weight[members]))
    )


def _zero_or_one(values: ArrayLike) -> FloatArray:
    result = np.asarray(values, dtype=np.float64)
    if not ((result == 0) | (result == 1) | np.isnan(result)).all():
        raise ValueError("an arm or a round is 0 or 1, and NaN where missing")
    return result
