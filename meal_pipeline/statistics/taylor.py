"""Means, proportions, totals, ratios and differences of a survey, by Taylor linearisation.

Here: estimates of a domain in the full design, as R's `survey` gives them. Not here: the
linearised values and intervals they are made of (linearised), regression (cluster_regression), the
design itself (survey_design).

Sources: Wolter, Introduction to Variance Estimation (2007), chapter 6; Lumley, Complex Surveys
(2010). Every estimate is written as a sum over rows of a linearised value z, which is zero outside
the domain; its variance is that of the clusters' sums of z within strata. So strata and clusters
without members of the domain still count, and so do the degrees of freedom (R's convention).
"""

import math

import numpy as np
from numpy.typing import ArrayLike

from meal_pipeline.statistics import methods
from meal_pipeline.statistics.intervals import t_interval
from meal_pipeline.statistics.linearised import (
    Estimate,
    Linearised,
    answered,
    as_domain,
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
from meal_pipeline.statistics.survey_design import BoolArray, Design


def estimate_mean(
    y: ArrayLike, design: Design, *, domain: BoolArray | None = None, level: float = 0.95
) -> Estimate:
    """Estimate the mean of `y` among the domain's rows that answered.

    y: one number a row of the design, NaN where missing: such rows leave the domain, not the
    design. domain: True for the rows meant; None for all.
    """
    part = answered(design, domain, y)
    if not part.n:
        return unknown("mean", methods.NO_ANSWERS, part, design, level)
    mean = mean_of(part)
    se = mean.se(design)
    interval = t_unless_one_cluster(mean.value, se, design, level)
    effect = design_effect(mean, se, design)
    return estimate_of(
        "mean", mean.value, se, interval, part, design=design, level=level, effect=effect
    )


def estimate_proportion(
    y: ArrayLike, design: Design, *, domain: BoolArray | None = None, level: float = 0.95
) -> Estimate:
    """Estimate the share of ones in `y` (1, 0, NaN where missing) among those who answered.

    The interval is symmetric on the logit scale; at 0 and 1, where the logit has no value, exact.
    """
    part = answered(design, domain, y)
    must_be_zero_or_one(part.values[0])
    if not part.n:
        return unknown("proportion", methods.NO_ANSWERS, part, design, level)
    share = mean_of(part)
    se = share.se(design)
    interval, n_effective = proportion_interval(share, se, design, level)
    effect = design_effect(share, se, design)
    return estimate_of(
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
    part = answered(design, domain, y)
    if not part.n:
        return unknown("total", methods.NO_ANSWERS, part, design, level)
    z = part.weights * part.values[0]
    se = math.sqrt(variance_of_sum(part.rows, z, design))
    value = float(z.sum())
    interval = t_interval(value, se, design.degrees_of_freedom, level, methods.T_DESIGN)
    return estimate_of("total", value, se, interval, part, design=design, level=level)


def estimate_ratio(
    numerator: ArrayLike,
    denominator: ArrayLike,
    design: Design,
    *,
    domain: BoolArray | None = None,
    level: float = 0.95,
) -> Estimate:
    """Estimate the total of `numerator` over that of `denominator`, among rows that have both."""
    part = answered(design, domain, numerator, denominator)
    if not part.n:
        return unknown("ratio", methods.NO_ANSWERS, part, design, level)
    above, below = part.values
    size = float((part.weights * below).sum())
    if size == 0:
        return unknown("ratio", methods.ZERO_DENOMINATOR, part, design, level)
    value = float((part.weights * above).sum()) / size
    ratio = Linearised(part, value, part.weights * (above - value * below) / size)
    se = ratio.se(design)
    interval = t_unless_one_cluster(value, se, design, level)
    return estimate_of("ratio", value, se, interval, part, design=design, level=level)


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
    a, b = answered(design, domain_a, y), answered(design, domain_b, y)
    both = answered(design, as_domain(domain_a, design) | as_domain(domain_b, design), y)
    if proportion:
        must_be_zero_or_one(both.values[0])
    if not (a.n and b.n):
        return unknown("difference", methods.NO_ANSWERS, both, design, level)
    in_a, in_b = mean_of(a), mean_of(b)
    z = np.zeros(design.n)
    z[a.rows] += in_a.z
    z[b.rows] -= in_b.z
    value = in_a.value - in_b.value
    estimable = min(a.counts[0], b.counts[0]) > 1
    se = math.sqrt(variance_of_sum(both.rows, z[both.rows], design)) if estimable else math.nan
    if proportion and {in_a.value, in_b.value} & {0.0, 1.0}:
        interval = combined_interval(in_a, in_b, design, level)
    else:
        interval = t_unless_one_cluster(value, se, design, level)
    if proportion and not math.isnan(interval.low):
        interval = interval._replace(low=max(interval.low, -1.0), high=min(interval.high, 1.0))
    return estimate_of("difference", value, se, interval, both, design=design, level=level)
