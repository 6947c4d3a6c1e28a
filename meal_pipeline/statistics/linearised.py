"""The core of Taylor linearisation: from the rows of a domain to one number with its uncertainty.

Here: the estimate as a value, a domain's rows, linearised values, their variance in the design, and
the intervals. Not here: which rows a statistic takes (`taylor` for one domain, `cells` for all
cells of a table at once), the intervals' formulas (`intervals`).

Sources: Wolter, Introduction to Variance Estimation (2007), chapter 6; Lumley, Complex Surveys
(2010).
"""

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from meal_pipeline.statistics import methods
from meal_pipeline.statistics.intervals import (
    Interval,
    combined_difference,
    effective_answers,
    exact_interval,
    logit_interval,
    no_interval,
    t_interval,
)
from meal_pipeline.statistics.survey_design import BoolArray, Design, FloatArray, IntArray

Statistic = Literal["mean", "proportion", "total", "ratio", "difference"]


@dataclass(frozen=True)
class Estimate:
    """One estimated number with its uncertainty; proportions are shares between 0 and 1.

    n: rows (unweighted, of positive weight) in the domain with an answer; n_clusters and n_strata
      count those that hold such rows.
    se, ci_low, ci_high, level: standard error and confidence interval at that coverage.
    df: degrees of freedom of the whole design.
    deff: design effect, the variance over that of `deff_base`, a simple random sample of n.
    n_effective: independent answers that an exact bound was computed on.
    method, ci_method, deff_base: names from `methods`; `ci_method` says why there is no interval.

    NaN: all numbers when nobody answered (n = 0) or a ratio's denominator adds up to zero; se and
    the interval when all answers of a mean, proportion, ratio or side of a difference come from
    one cluster, whose sum of z is zero whatever the truth (an exact interval remains); the
    interval when df < 1 (likewise); deff for other statistics than means and proportions, and
    where answers do not vary or are the whole population; n_effective unless the bound is exact.
    """

    statistic: Statistic
    estimate: float
    se: float
    ci_low: float
    ci_high: float
    level: float
    df: int
    deff: float
    n: int
    n_clusters: int
    n_strata: int
    method: str
    ci_method: str
    deff_base: str = ""
    n_effective: float = math.nan


@dataclass(frozen=True, eq=False)
class Part:
    """The rows of a domain that answered: their positions in the design, weights and values."""

    design: Design
    rows: IntArray
    weights: FloatArray
    values: tuple[FloatArray, ...]

    @property
    def n(self) -> int:
        """How many rows there are."""
        return len(self.rows)

    @cached_property
    def counts(self) -> tuple[int, int]:
        """How many clusters and how many strata hold these rows."""
        layout = self.design.layout
        held = np.bincount(layout.cluster[self.rows], minlength=self.design.n_clusters) > 0
        strata = np.bincount(layout.stratum[held], minlength=self.design.n_strata) > 0
        return int(held.sum()), int(strata.sum())


class Linearised(NamedTuple):
    """A value that is a ratio of sums, and each row's share `z` in its sampling error."""

    part: Part
    value: float
    z: FloatArray

    def se(self, design: Design) -> float:
        """Give the standard error, NaN where one cluster holds all the rows."""
        if self.part.counts[0] < 2:
            return math.nan
        return math.sqrt(variance_of_sum(self.part.rows, self.z, design))


def answered(design: Design, domain: BoolArray | None, *columns: ArrayLike) -> Part:
    """Give the domain's rows that have a weight and an answer in each of `columns`.

    Raises ValueError for columns of another length than the design, and for infinite answers.
    """
    numbers = [np.asarray(column, dtype=np.float64) for column in columns]
    inside = design.weights > 0
    if domain is not None:
        inside = inside & as_domain(domain, design)
    for values in numbers:
        if values.shape != (design.n,):
            raise ValueError(f"{values.shape} answers for a design of {design.n} rows")
        inside &= ~np.isnan(values)
    rows = np.flatnonzero(inside)
    kept = tuple(values[rows] for values in numbers)
    if not all(np.isfinite(values).all() for values in kept):
        raise ValueError("answers must be finite, or NaN where missing")
    return Part(design, rows, design.weights[rows], kept)


def as_domain(domain: BoolArray, design: Design) -> BoolArray:
    """Give `domain` if it tells of each row whether it is meant. Raises ValueError."""
    inside = np.asarray(domain)
    if inside.dtype != np.bool_ or inside.shape != (design.n,):
        raise ValueError(f"a domain holds one True or False for each of {design.n} rows")
    return inside


def must_be_zero_or_one(values: FloatArray) -> None:
    """Raise ValueError where `values` are not all 0 or 1."""
    if not ((values == 0) | (values == 1)).all():
        raise ValueError("a proportion is estimated from 0 and 1, and NaN where missing")


def mean_of(part: Part) -> Linearised:
    """Give the weighted mean of a part's first values, linearised."""
    (y,) = part.values
    size = part.weights.sum()
    # Equal answers have exactly their own mean, which rounding must not blur.
    value = float(y[0] if (y == y[0]).all() else (part.weights * y).sum() / size)
    return Linearised(part, value, part.weights * (y - value) / size)


def variance_of_sum(rows: IntArray, z: FloatArray, design: Design) -> float:
    """Give the variance of the sum of `z` over `rows`, z being zero in all other rows."""
    layout = design.layout
    sums = np.bincount(layout.cluster[rows], weights=z, minlength=design.n_clusters)
    means = np.bincount(layout.stratum, weights=sums, minlength=design.n_strata) / layout.sizes
    if design.singleton == "centre":
        means[layout.lonely] = 0.0
    squares = np.bincount(layout.stratum, weights=(sums - means[layout.stratum]) ** 2)
    by_stratum = layout.unsampled * squares * layout.sizes / np.maximum(layout.sizes - 1, 1)
    variance = float(by_stratum.sum())
    if design.singleton == "average":
        variance *= design.n_strata / (design.n_strata - int(layout.lonely.sum()))
    return variance


def design_effect(mean: Linearised, se: float, design: Design) -> tuple[float, str]:
    """Give R's `deff`: without replacement where weights count the population, else with."""
    n, weights, (y,) = mean.part.n, mean.part.weights, mean.part.values
    size = float(weights.sum())
    base = methods.WITHOUT_REPLACEMENT if design.weights_expand else methods.WITH_REPLACEMENT
    unsampled = 1 - n / size if design.weights_expand else 1.0
    spread = float((weights * (y - mean.value) ** 2).sum()) / size * unsampled
    if n < 2 or spread <= 0:
        return math.nan, ""
    return se**2 / (spread / (n - 1)), base


def proportion_interval(
    share: Linearised, se: float, design: Design, level: float
) -> tuple[Interval, float]:
    """Give the interval, and the effective number of answers where it is exact (else NaN)."""
    if share.value in {0.0, 1.0}:
        effective = effective_answers(share.part.weights, *share.part.counts, level)
        return exact_interval(share.value, effective, level), effective
    if math.isnan(se):
        return no_interval(methods.ONE_CLUSTER), math.nan
    return logit_interval(share.value, se, design.degrees_of_freedom, level), math.nan


def combined_interval(a: Linearised, b: Linearised, design: Design, level: float) -> Interval:
    """Give the interval of a less b from the intervals of the two shares, as if independent."""
    own_a, own_b = (
        proportion_interval(share, share.se(design), design, level)[0] for share in (a, b)
    )
    for own in (own_a, own_b):
        if math.isnan(own.low):
            return own
    return combined_difference(a.value, own_a, b.value, own_b)


def t_unless_one_cluster(value: float, se: float, design: Design, level: float) -> Interval:
    """Give the symmetric interval of a value; none where its error is not known (NaN)."""
    if math.isnan(se):
        return no_interval(methods.ONE_CLUSTER)
    return t_interval(value, se, design.degrees_of_freedom, level, methods.T_DESIGN)


def estimate_of(
    statistic: Statistic,
    value: float,
    se: float,
    interval: Interval,
    part: Part,
    *,
    design: Design,
    level: float,
    effect: tuple[float, str] = (math.nan, ""),
    n_effective: float = math.nan,
) -> Estimate:
    """Give the estimate with what the part and the design say of it."""
    n_clusters, n_strata = part.counts
    lonely = bool(design.layout.lonely.any())
    return Estimate(
        statistic=statistic,
        estimate=value,
        se=se,
        ci_low=interval.low,
        ci_high=interval.high,
        level=level,
        df=design.degrees_of_freedom,
        deff=effect[0],
        n=part.n,
        n_clusters=n_clusters,
        n_strata=n_strata,
        method=methods.TAYLOR_SINGLETONS[design.singleton] if lonely else methods.TAYLOR,
        ci_method=interval.method,
        deff_base=effect[1],
        n_effective=n_effective,
    )


def unknown(
    statistic: Statistic, reason: str, part: Part, design: Design, level: float
) -> Estimate:
    """Give an estimate without numbers; `reason` is one of `methods`."""
    nowhere = no_interval(reason)
    return estimate_of(statistic, math.nan, math.nan, nowhere, part, design=design, level=level)
