"""Least squares with standard errors that allow for clusters.

Here: ordinary and weighted least squares, CR1 by cluster, HC1 without clusters. Not here: which
regression answers which question (effects), and the corrections for few clusters.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from meal_pipeline.errors import MealError
from meal_pipeline.locale import gettext as _
from meal_pipeline.statistics import methods
from meal_pipeline.statistics.intervals import Interval, t_interval
from meal_pipeline.statistics.survey_design import FloatArray, IntArray, checked_weights, factorise


class RegressionError(MealError):
    """The regression cannot be computed from these rows."""


class TooFewRowsError(RegressionError):
    """There are no more complete rows than terms."""


class TooFewClustersError(RegressionError):
    """There are fewer than two clusters, so no standard error."""


class CollinearError(RegressionError):
    """A term is a combination of the terms before it; `term` is its name."""

    def __init__(self, term: str) -> None:
        self.term = term
        super().__init__(
            _(
                "{term} is a combination of the other terms, so its part cannot be told apart."
            ).format(term=term),
            next_step=_("Leave it out, or look whether its groups are empty."),
        )


class CompleteRows(NamedTuple):
    """The rows that can be used: their positions in the input and what they hold.

    cluster: 0 … G-1. n_dropped: rows left out, by the first reason that holds: "y", "x",
    "cluster" (missing) or "weight" (zero).
    """

    rows: IntArray
    y: FloatArray
    x: FloatArray
    cluster: IntArray
    weight: FloatArray
    n_dropped: dict[str, int]


@dataclass(frozen=True, eq=False)
class Regression:
    """K coefficients in the order of `names`, with their covariance (K by K).

    df: degrees of freedom of t, clusters less one; without clusters rows less terms.
    n, n_clusters: rows and clusters used (without clusters, n_clusters is n).
    n_dropped: rows left out by reason, as in `CompleteRows`.
    method: a name from `methods`.
    """

    names: tuple[str, ...]
    coefficients: FloatArray
    covariance: FloatArray
    df: int
    n: int
    n_clusters: int
    n_dropped: dict[str, int]
    method: str

    @property
    def standard_errors(self) -> FloatArray:
        """Standard errors, in the order of `names`."""
        return np.sqrt(np.diag(self.covariance))

    def coefficient(self, name: str) -> float:
        """Give the coefficient of one term."""
        return float(self.coefficients[self.names.index(name)])

    def standard_error(self, name: str) -> float:
        """Give the standard error of one term."""
        return float(self.standard_errors[self.names.index(name)])

    def interval(self, name: str, level: float = 0.95) -> Interval:
        """Give the t interval of one term."""
        return t_interval(
            self.coefficient(name), self.standard_error(name), self.df, level, self.method
        )

    def p_value(self, name: str) -> float:
        """Give the two-sided p-value of "this coefficient is zero"; NaN where its error is zero."""
        from scipy.special import stdtr

        with np.errstate(divide="ignore", invalid="ignore"):
            t = np.float64(self.coefficient(name)) / self.standard_error(name)
        return float(2 * stdtr(self.df, -abs(t))) if np.isfinite(t) else np.nan


def least_squares(
    y: ArrayLike,
    x: ArrayLike,
    *,
    names: Sequence[str],
    clusters: Any = None,
    weights: ArrayLike | None = None,
) -> Regression:
    """Regress `y` (N) on the columns of `x` (N by K), which hold the intercept if there is one.

    clusters: a label of any kind a row; the covariance is then CR1,
      G/(G-1) · (N-1)/(N-K) · (X'WX)⁻¹ Σ_g (X_g'W_g e_g)(X_g'W_g e_g)' (X'WX)⁻¹ (Liang and Zeger
      1986, with Stata's correction; Cameron and Miller 2015, section II), t with G-1. Without,
      each row is its own cluster and the covariance is HC1, t with N-K.
    weights: one number ≥ 0 a row.

    Rows with a missing (NaN) y or x, no cluster, or weight 0 are left out and counted. Raises
    `TooFewRowsError`, `TooFewClustersError`, `CollinearError`, or `WeightError`.
    """
    used = complete_rows(y, x, clusters=clusters, weights=weights)
    n, k, g = len(used.y), used.x.shape[1], int(used.cluster.max(initial=-1)) + 1
    if k != len(names):
        raise ValueError(f"x has {k} columns for {len(names)} names")
    if n <= k:
        raise TooFewRowsError(
            _("{n} complete rows do not suffice to estimate {k} terms.").format(n=n, k=k)
        )
    if g < 2:
        raise TooFewClustersError(
            _("All rows come from one cluster; an error by cluster cannot be computed.")
        )
    correction = n / (n - k) if clusters is None else g / (g - 1) * (n - 1) / (n - k)
    coefficients, covariance = _fit(used, names)
    return Regression(
        names=tuple(names),
        coefficients=coefficients,
        covariance=correction * covariance,
        df=n - k if clusters is None else g - 1,
        n=n,
        n_clusters=g,
        n_dropped=used.n_dropped,
        method=methods.HC1 if clusters is None else methods.CR1,
    )


def complete_rows(
    y: ArrayLike, x: ArrayLike, *, clusters: Any = None, weights: ArrayLike | None = None
) -> CompleteRows:
    """Give the rows that `least_squares` uses of the same arguments."""
    outcome, terms = np.asarray(y, dtype=np.float64), np.asarray(x, dtype=np.float64)
    weight = np.ones(len(outcome)) if weights is None else checked_weights(weights)
    cluster = np.arange(len(outcome)) if clusters is None else factorise(clusters)[0]
    if not (len(outcome) == len(terms) == len(cluster) == len(weight)):
        raise ValueError("y, x, clusters and weights must have one entry a row")
    if np.isinf(outcome).any() or np.isinf(terms).any():
        raise ValueError("y and x must be finite, or NaN where missing")
    use = np.ones(len(outcome), dtype=np.bool_)
    n_dropped = {}
    for reason, lacking in (
        ("y", np.isnan(outcome)),
        ("x", np.isnan(terms).any(axis=1)),
        ("cluster", cluster < 0),
        ("weight", weight == 0),
    ):
        n_dropped[reason] = int((use & lacking).sum())
        use &= ~lacking
    codes = np.unique(cluster[use], return_inverse=True)[1]
    rows = np.flatnonzero(use)
    return CompleteRows(rows, outcome[use], terms[use], codes, weight[use], n_dropped)


def _fit(used: CompleteRows, names: Sequence[str]) -> tuple[FloatArray, FloatArray]:
    """Give the coefficients and their uncorrected sandwich covariance, by a QR decomposition."""
    root = np.sqrt(used.weight)
    rooted = used.x * root[:, None]
    scale = np.sqrt((rooted**2).sum(axis=0))
    # Columns of length one: R's diagonal is then each column's distance from those before it.
    q, r = np.linalg.qr(rooted / np.where(scale > 0, scale, 1))
    dependent = np.flatnonzero(np.abs(np.diag(r)) < 1e-9)
    if dependent.size:
        raise CollinearError(names[dependent[0]])
    projected = q.T @ (used.y * root)
    residual = used.y * root - q @ projected
    scores = (q * residual[:, None]).T
    sums = np.stack([np.bincount(used.cluster, weights=score) for score in scores], axis=1)
    inverse = np.linalg.inv(r) / scale[:, None]
    half = inverse @ sums.T
    return inverse @ projected, half @ half.T
