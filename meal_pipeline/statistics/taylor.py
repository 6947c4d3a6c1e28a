"""Means, proportions, totals, ratios and differences of a survey, by Taylor linearisation.

Here: estimates of a domain in the full design, as R's `survey` gives them. Not here: regression
(cluster_regression), the design itself (survey_design).

Sources: Wolter, Introduction to Variance Estimation (2007), chapter 6; Lumley, Complex Surveys
(2010). Every estimate is written as a sum over rows of a linearised value z, which is zero outside
the domain; its variance is that of the clusters' sums of z within strata. So strata and clusters
without members of the domain still count, and so do the degrees of freedom (R's convention).
"""

import math
from dataclasses import dataclass
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


def estimate_mean(
    y: ArrayLike, design: Design, *, domain: BoolArray | None = None, level: float = 0.95
) -> Estimate:
    """Estimate the mean of `y` among the domain's rows that answered.

    y: one number a row of the design, NaN where missing: such rows leave the domain, not the
    design. domain: True for the rows meant; None for all.
    """
    part = _answered(design, domain, y)
    if not part.n:
        return _unknown("mean", methods.NO_ANSWERS, part, design, level)
    mean = _mean(part)
    se = mean.se(design)
    interval = _t_unless_one_cluster(mean.value, se, design, level)
    effect = _design_effect(mean, se, design)
    return _estimate(
        "mean", mean.value, se, interval, part, design=design, level=level, effect=effect
    )


def estimate_proportion(
    y: ArrayLike, design: Design, *, domain: BoolArray | None = None, level: float = 0.95
) -> Estimate:
    """Estimate the share of ones in `y` (1, 0, NaN where missing) among those who answered.

    The interval is symmetric on the logit scale; at 0 and 1, where the logit has no value, exact.
    """
    part = _answered(design, domain, y)
    _must_be_zero_or_one(part.values[0])
    if not part.n:
        return _unknown("proportion", methods.NO_ANSWERS, part, design, level)
    share = _mean(part)
    se = share.se(design)
    interval, n_effective = _proportion_interval(share, se, design, level)
    effect = _design_effect(share, se, design)
    return _estimate(
        "proportion",
        share.value,
        se,
        interval,
        part,
        design=design,
        level=level,
        effect=effect,
        n_effective=n_effective,
    )


def estimate_total(
    y: ArrayLike, design: Design, *, domain: BoolArray | None = None, level: float = 0.95
) -> Estimate:
    """Estimate the population's total of `y` over the domain, from rows that answered.

    Meaningful for weights that expand to the population; missing answers add nothing.
    """
    part = _answered(design, domain, y)
    if not part.n:
        return _unknown("total", methods.NO_ANSWERS, part, design, level)
    z = part.weights * part.values[0]
    se = math.sqrt(_variance(part.rows, z, design))
    value = float(z.sum())
    interval = t_interval(value, se, design.degrees_of_freedom, level, methods.T_DESIGN)
    return _estimate("total", value, se, interval, part, design=design, level=level)


def estimate_ratio(
    numerator: ArrayLike,
    denominator: ArrayLike,
    design: Design,
    *,
    domain: BoolArray | None = None,
    level: float = 0.95,
) -> Estimate:
    """Estimate the total of `numerator` over that of `denominator`, among rows that have both."""
    part = _answered(design, domain, numerator, denominator)
    if not part.n:
        return _unknown("ratio", methods.NO_ANSWERS, part, design, level)
    above, below = part.values
    size = float((part.weights * below).sum())
    if size == 0:
        return _unknown("ratio", methods.ZERO_DENOMINATOR, part, design, level)
    value = float((part.weights * above).sum()) / size
    ratio = _Linearised(part, value, part.weights * (above - value * below) / size)
    se = ratio.se(design)
    interval = _t_unless_one_cluster(value, se, design, level)
    return _estimate("ratio", value, se, interval, part, design=design, level=level)


def estimate_difference(
    y: ArrayLike,
    design: Design,
    domain_a: BoolArray,
    domain_b: BoolArray,
    *,
    proportion: bool = False,
    level: float = 0.95,
) -> Estimate:
    """Estimate the mean of `y` in domain a less that in domain b, with their covariance.

    For a change between rounds stack the rounds in one design, a cluster seen twice under one
    label, and let the domains be the rounds. n, n_clusters and n_strata count both domains.

    proportion: `y` is 1, 0 or NaN. The interval stays symmetric (identity scale, t), cut at -1 and
    1; where a share is exactly 0 or 1, whose standard error says nothing, it is combined from the
    two shares' own intervals, as if they were independent.
    """
    a, b = _answered(design, domain_a, y), _answered(design, domain_b, y)
    both = _answered(design, _as_domain(domain_a, design) | _as_domain(domain_b, design), y)
    if proportion:
        _must_be_zero_or_one(both.values[0])
    if not (a.n and b.n):
        return _unknown("difference", methods.NO_ANSWERS, both, design, level)
    in_a, in_b = _mean(a), _mean(b)
    z = np.zeros(design.n)
    z[a.rows] += in_a.z
    z[b.rows] -= in_b.z
    value = in_a.value - in_b.value
    estimable = min(a.counts(design)[0], b.counts(design)[0]) > 1
    se = math.sqrt(_variance(both.rows, z[both.rows], design)) if estimable else math.nan
    if proportion and {in_a.value, in_b.value} & {0.0, 1.0}:
        interval = _combined_interval(in_a, in_b, design, level)
    else:
        interval = _t_unless_one_cluster(value, se, design, level)
    if proportion and not math.isnan(interval.low):
        interval = interval._replace(low=max(interval.low, -1.0), high=min(interval.high, 1.0))
    return _estimate("difference", value, se, interval, both, design=design, level=level)


class _Part(NamedTuple):
    """The rows of a domain that answered: their positions, weights and values."""

    rows: IntArray
    weights: FloatArray
    values: tuple[FloatArray, ...]

    @property
    def n(self) -> int:
        return len(self.rows)

    def counts(self, design: Design) -> tuple[int, int]:
        """Count the clusters and the strata that hold these rows."""
        layout = design.layout
        held = np.bincount(layout.cluster[self.rows], minlength=design.n_clusters) > 0
        strata = np.bincount(layout.stratum[held], minlength=design.n_strata) > 0
        return int(held.sum()), int(strata.sum())


class _Linearised(NamedTuple):
    """A value that is a ratio of sums, and each row's share `z` in its sampling error."""

    part: _Part
    value: float
    z: FloatArray

    def se(self, design: Design) -> float:
        """Give the standard error, NaN where one cluster holds all the rows."""
        if self.part.counts(design)[0] < 2:
            return math.nan
        return math.sqrt(_variance(self.part.rows, self.z, design))


def _answered(design: Design, domain: BoolArray | None, *columns: ArrayLike) -> _Part:
    numbers = [np.asarray(column, dtype=np.float64) for column in columns]
    inside = design.weights > 0
    if domain is not None:
        inside = inside & _as_domain(domain, design)
    for values in numbers:
        if values.shape != (design.n,):
            raise ValueError(f"{values.shape} answers for a design of {design.n} rows")
        inside &= ~np.isnan(values)
    rows = np.flatnonzero(inside)
    kept = tuple(values[rows] for values in numbers)
    if not all(np.isfinite(values).all() for values in kept):
        raise ValueError("answers must be finite, or NaN where missing")
    return _Part(rows, design.weights[rows], kept)


def _as_domain(domain: BoolArray, design: Design) -> BoolArray:
    inside = np.asarray(domain)
    if inside.dtype != np.bool_ or inside.shape != (design.n,):
        raise ValueError(f"a domain holds one True or False for each of {design.n} rows")
    return inside


def _must_be_zero_or_one(values: FloatArray) -> None:
    if not ((values == 0) | (values == 1)).all():
        raise ValueError("a proportion is estimated from 0 and 1, and NaN where missing")


def _mean(part: _Part) -> _Linearised:
    (y,) = part.values
    size = part.weights.sum()
    # Equal answers have exactly their own mean, which rounding must not blur.
    value = float(y[0] if (y == y[0]).all() else (part.weights * y).sum() / size)
    return _Linearised(part, value, part.weights * (y - value) / size)


def _variance(rows: IntArray, z: FloatArray, design: Design) -> float:
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


def _design_effect(mean: _Linearised, se: float, design: Design) -> tuple[float, str]:
    """Give R's `deff`: without replacement where weights count the population, else with."""
    n, weights, (y,) = mean.part.n, mean.part.weights, mean.part.values
    size = float(weights.sum())
    base = methods.WITHOUT_REPLACEMENT if design.weights_expand else methods.WITH_REPLACEMENT
    unsampled = 1 - n / size if design.weights_expand else 1.0
    spread = float((weights * (y - mean.value) ** 2).sum()) / size * unsampled
    if n < 2 or spread <= 0:
        return math.nan, ""
    return se**2 / (spread / (n - 1)), base


def _proportion_interval(
    share: _Linearised, se: float, design: Design, level: float
) -> tuple[Interval, float]:
    """Give the interval, and the effective number of answers where it is exact (else NaN)."""
    if share.value in {0.0, 1.0}:
        effective = effective_answers(share.part.weights, *share.part.counts(design), level)
        return exact_interval(share.value, effective, level), effective
    if math.isnan(se):
        return no_interval(methods.ONE_CLUSTER), math.nan
    return logit_interval(share.value, se, design.degrees_of_freedom, level), math.nan


def _combined_interval(a: _Linearised, b: _Linearised, design: Design, level: float) -> Interval:
    own_a, own_b = (
        _proportion_interval(share, share.se(design), design, level)[0] for share in (a, b)
    )
    for own in (own_a, own_b):
        if math.isnan(own.low):
            return own
    return combined_difference(a.value, own_a, b.value, own_b)


def _t_unless_one_cluster(value: float, se: float, design: Design, level: float) -> Interval:
    if math.isnan(se):
        return no_interval(methods.ONE_CLUSTER)
    return t_interval(value, se, design.degrees_of_freedom, level, methods.T_DESIGN)


def _estimate(
    statistic: Statistic,
    value: float,
    se: float,
    interval: Interval,
    part: _Part,
    *,
    design: Design,
    level: float,
    effect: tuple[float, str] = (math.nan, ""),
    n_effective: float = math.nan,
) -> Estimate:
    n_clusters, n_strata = part.counts(design)
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


def _unknown(
    statistic: Statistic, reason: str, part: _Part, design: Design, level: float
) -> Estimate:
    nowhere = no_interval(reason)
    return _estimate(statistic, math.nan, math.nan, nowhere, part, design=design, level=level)
