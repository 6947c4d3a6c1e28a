"""Confidence intervals from an estimate, its standard error and its degrees of freedom.

Here: the interval's arithmetic. Not here: which interval a statistic takes (taylor, effects).
`level` is the coverage, such as .95, everywhere.
"""

import math
from typing import NamedTuple

from meal_pipeline.statistics import methods
from meal_pipeline.statistics.survey_design import FloatArray


class Interval(NamedTuple):
    """Lower and upper bound, and the name of the method; NaN bounds where there is none."""

    low: float
    high: float
    method: str


def no_interval(reason: str) -> Interval:
    """Give the interval that there is not, for one of the reasons in `methods`."""
    return Interval(math.nan, math.nan, reason)


def t_quantile(level: float, df: float) -> float:
    """Give the two-sided critical value of Student's t; `df` > 0."""
    if not 0 < level < 1:
        raise ValueError(f"level must lie between 0 and 1, not {level}")
    from scipy.special import stdtrit

    return float(stdtrit(df, (1 + level) / 2))


def t_interval(estimate: float, se: float, df: float, level: float, method: str) -> Interval:
    """Give the symmetric interval; none without degrees of freedom."""
    if df < 1:
        return no_interval(methods.NO_DEGREES)
    half = t_quantile(level, df) * se
    return Interval(estimate - half, estimate + half, method)


def logit_interval(p: float, se: float, df: float, level: float) -> Interval:
    """Give the interval of a proportion 0 < p < 1, symmetric on the logit scale.

    R survey's `svyciprop(method = "logit")`: the standard error of log(p/(1-p)) is se/(p(1-p)).
    """
    if df < 1:
        return no_interval(methods.NO_DEGREES)
    centre = math.log(p) - math.log1p(-p)
    half = t_quantile(level, df) * se / (p * (1 - p))
    low, high = (_inverse_logit(centre + shift) for shift in (-half, half))
    return Interval(low, high, methods.LOGIT_T_DESIGN)


def exact_interval(p: float, effective_n: float, level: float) -> Interval:
    """Give the Clopper-Pearson interval of a proportion of exactly 0 or 1 among `effective_n`.

    With no success among n the upper bound u solves (1-u)^n = (1-level)/2.
    """
    reach = -math.expm1(math.log((1 - level) / 2) / effective_n)
    low, high = (0.0, reach) if p == 0 else (1 - reach, 1.0)
    return Interval(low, high, methods.EXACT)


def effective_answers(weights: FloatArray, n_clusters: int, n_strata: int, level: float) -> float:
    """Give the number of independent answers that n equal answers are worth.

    Korn and Graubard (1998, Survey Methodology 24, 193-201): the effective number times
    (t(n-1)/t(df))², at most itself. Answers that do not vary show no design effect of clustering,
    so the effective number is Kish's for the weights (as NCHS, Vital and Health Statistics 2(175),
    takes n); df are the clusters less strata that hold answers. Without such degrees of freedom
    each cluster counts as one answer.
    """
    kish = float(weights.sum() ** 2 / (weights**2).sum())
    df = n_clusters - n_strata
    if df < 1:
        return min(kish, float(n_clusters))
    n = len(weights)
    return kish * min(1.0, (t_quantile(level, n - 1) / t_quantile(level, df)) ** 2)


def combined_difference(a: float, interval_a: Interval, b: float, interval_b: Interval) -> Interval:
    """Give the interval of a - b from the two intervals, taken as independent.

    Newcombe (1998, Statistics in Medicine 17, 873-890), method 10; Zou and Donner (2008, ibid. 27,
    1693-1702) for intervals of any kind.
    """
    low = a - b - math.hypot(a - interval_a.low, interval_b.high - b)
    high = a - b + math.hypot(interval_a.high - a, b - interval_b.low)
    return Interval(low, high, methods.COMBINED)


def _inverse_logit(x: float) -> float:
    return 1 / (1 + math.exp(-x)) if x >= 0 else math.exp(x) / (1 + math.exp(x))
