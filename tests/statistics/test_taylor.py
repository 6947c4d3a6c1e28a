"""Estimates against the package svy, published intervals, and numbers worked out by hand."""

import math

import numpy as np
import polars as pl
import pytest
import svy

from meal_pipeline.statistics import methods
from meal_pipeline.statistics.survey_design import Design
from meal_pipeline.statistics.taylor import (
    estimate_difference,
    estimate_mean,
    estimate_proportion,
    estimate_ratio,
    estimate_total,
)

OUR_SINGLETONS = {"centre": "center", "average": "scale", "certainty": "skip"}


def design_of(data, **options) -> Design:
    return Design(data["weight"], strata=data["stratum"], clusters=data["cluster"], **options)


def sample_of(data, **options):
    frame = pl.DataFrame({name: data[name].to_numpy() for name in data.columns})
    return svy.Sample(
        frame, svy.Design(stratum="stratum", psu="cluster", wgt="weight", **options)
    ).estimation


def numbers(estimate) -> tuple[float, ...]:
    return estimate.estimate, estimate.se, estimate.ci_low, estimate.ci_high, estimate.df


def svy_numbers(estimate) -> tuple[float, ...]:
    return estimate.est, estimate.se, estimate.lci, estimate.uci, estimate.df


def only(result):
    (estimate,) = result.estimates
    return estimate


def test_a_mean_and_its_design_effect_equal_svy(survey) -> None:
    expected = only(sample_of(survey).mean("y", deff="wor"))
    got = estimate_mean(survey["y"], design_of(survey))
    assert numbers(got) == pytest.approx(svy_numbers(expected), rel=1e-9)
    assert got.deff == pytest.approx(expected.deff, rel=1e-9)


def test_relative_weights_have_the_design_effect_with_replacement(survey) -> None:
    survey["weight"] /= survey["weight"].mean()
    got = estimate_mean(survey["y"], design_of(survey))
    assert got.deff == pytest.approx(only(sample_of(survey).mean("y", deff="wr")).deff, rel=1e-9)
    assert got.deff_base == methods.WITH_REPLACEMENT


def test_a_total_equals_svy(survey) -> None:
    got = estimate_total(survey["x"], design_of(survey))
    assert numbers(got) == pytest.approx(svy_numbers(only(sample_of(survey).total("x"))), rel=1e-9)


def test_a_ratio_equals_svy(survey) -> None:
    got = estimate_ratio(survey["y"], survey["x"], design_of(survey))
    expected = only(sample_of(survey).ratio("y", "x"))
    assert numbers(got) == pytest.approx(svy_numbers(expected), rel=1e-9)


def test_a_share_has_svys_logit_interval(survey) -> None:
    expected = next(e for e in sample_of(survey).prop("yes").estimates if e.y_level == 1)
    got = estimate_proportion(survey["yes"], design_of(survey))
    assert numbers(got) == pytest.approx(svy_numbers(expected), rel=1e-9)


def test_domains_keep_the_whole_design(survey) -> None:
    """svy counts only the clusters that hold the domain, so a domain held by all is compared."""
    expected = {e.by_level[0]: e for e in sample_of(survey).mean("y", by="sex").estimates}
    for sex in ("f", "m"):
        got = estimate_mean(
            survey["y"], design_of(survey), domain=(survey["sex"] == sex).to_numpy()
        )
        assert numbers(got) == pytest.approx(svy_numbers(expected[sex]), rel=1e-9)


def test_a_domain_in_few_clusters_keeps_the_designs_degrees_of_freedom(survey) -> None:
    survey["few"] = survey["cluster"] < 10
    expected = next(e for e in sample_of(survey).mean("y", by="few").estimates if e.by_level[0])
    got = estimate_mean(survey["y"], design_of(survey), domain=survey["few"].to_numpy())
    assert (got.estimate, got.se) == pytest.approx((expected.est, expected.se), rel=1e-9)
    assert (got.df, got.n_clusters, got.n_strata) == (26, 10, 4)


def test_missing_answers_leave_the_domain_and_not_the_design(survey) -> None:
    answered = (survey["cluster"] % 5 != 0).to_numpy()
    got = estimate_mean(survey["y"].where(answered), design_of(survey))
    assert got == estimate_mean(survey["y"], design_of(survey), domain=answered)
    assert got.n == answered.sum()


def test_a_row_of_weight_zero_counts_for_nothing_but_its_cluster(survey) -> None:
    zero = (survey["cluster"] == 3).to_numpy()
    got = estimate_mean(
        survey["y"], design_of(survey.assign(weight=survey["weight"].mask(zero, 0)))
    )
    expected = estimate_mean(survey["y"], design_of(survey), domain=~zero)
    assert (got.estimate, got.se, got.n) == (expected.estimate, expected.se, expected.n)


@pytest.mark.parametrize("option", OUR_SINGLETONS)
def test_a_lone_cluster_is_treated_as_svy_does_and_named(survey, option) -> None:
    survey.loc[survey["cluster"] == 0, "stratum"] = "alone"
    expected = only(sample_of(survey, singleton=OUR_SINGLETONS[option]).mean("y"))
    got = estimate_mean(survey["y"], design_of(survey, singleton=option))
    assert got.se == pytest.approx(expected.se, rel=1e-9)
    assert got.method == methods.TAYLOR_SINGLETONS[option]


@pytest.mark.parametrize("option", ["average", "certainty"])
def test_totals_with_a_lone_cluster_equal_svy(survey, option) -> None:
    survey.loc[survey["cluster"] == 0, "stratum"] = "alone"
    expected = only(sample_of(survey, singleton=OUR_SINGLETONS[option]).total("x"))
    got = estimate_total(survey["x"], design_of(survey, singleton=option))
    assert got.se == pytest.approx(expected.se, rel=1e-9)


def test_a_centred_total_takes_the_lone_clusters_sum_itself_as_r_does() -> None:
    """R survey's onestrat leaves that sum uncentred: 2/1·((3-4)² + (5-4)²) = 4, and 10² = 100."""
    design = Design(np.ones(3), strata=["a", "a", "b"], singleton="centre")
    assert estimate_total([3, 5, 10], design).se == pytest.approx(math.sqrt(4 + 100))


@pytest.mark.parametrize("weighted", [False, True])
def test_a_difference_of_groups_that_share_clusters_equals_svys_t_test(survey, weighted) -> None:
    if not weighted:
        survey["weight"] = 1.0
    frame = pl.DataFrame({name: survey[name].to_numpy() for name in survey.columns})
    test = svy.Sample(frame, svy.Design(stratum="stratum", psu="cluster", wgt="weight"))
    expected = test.categorical.ttest("y", group="round")
    later = (survey["round"] == 1).to_numpy()
    got = estimate_difference(survey["y"], design_of(survey), later, ~later)
    assert got.estimate == pytest.approx(expected.diff[0].diff, rel=1e-9)
    assert got.estimate / got.se == pytest.approx(expected.stats.t, rel=1e-9)
    assert (got.df, got.n) == (26, 600)


def test_households_asked_twice_have_the_error_of_a_paired_comparison() -> None:
    """Balanced panel, no weights: the classical paired error, sd(change)/√n."""
    random = np.random.default_rng(5)
    before = random.normal(50, 20, 40)
    after = before + random.normal(3, 4, 40)
    later = np.repeat([False, True], 40)
    design = Design(np.ones(80), clusters=np.tile(np.arange(40), 2))
    got = estimate_difference(np.concatenate([before, after]), design, later, ~later)
    assert got.se == pytest.approx(np.std(after - before, ddof=1) / math.sqrt(40), rel=1e-9)


def test_nobody_of_twenty_may_still_be_17_percent() -> None:
    """Clopper-Pearson for 0 of 20: 0 to .1684 (Newcombe 1998, Statistics in Medicine 17, 857)."""
    got = estimate_proportion(np.zeros(20), Design.simple(20))
    assert (got.estimate, got.ci_low, round(got.ci_high, 4)) == (0, 0, 0.1684)
    assert (got.ci_method, got.n_effective) == (methods.EXACT, 20)


def test_an_exact_bound_in_clusters_equals_svys_korn_graubard(survey) -> None:
    survey["weight"] = 1.0
    survey["all"] = 1.0
    expected = only(sample_of(survey).prop("all", ci_method="korn-graubard"))
    got = estimate_proportion(survey["all"], design_of(survey))
    assert (got.ci_low, got.ci_high) == pytest.approx((expected.lci, expected.uci), rel=1e-9)


def test_unequal_weights_widen_an_exact_bound() -> None:
    equal = estimate_proportion(np.ones(20), Design.simple(20))
    unequal = estimate_proportion(np.ones(20), Design(np.tile([1.0, 9.0], 10)))
    assert unequal.ci_low < equal.ci_low
    assert unequal.n_effective == pytest.approx(100**2 / 820)  # Kish: (Σw)² / Σw²


def test_one_village_that_all_agree_counts_as_one_answer() -> None:
    design = Design(np.ones(40), clusters=np.repeat(np.arange(4), 10))
    got = estimate_proportion(np.ones(40), design, domain=np.arange(40) < 10)
    assert got.ci_low == pytest.approx(0.025)  # Clopper-Pearson for 1 of 1
    assert math.isnan(got.se)


def test_answers_of_one_cluster_have_no_error_rather_than_none() -> None:
    design = Design(np.ones(40), clusters=np.repeat(np.arange(4), 10))
    got = estimate_mean(np.arange(40.0), design, domain=np.arange(40) < 10)
    assert got.estimate == 4.5
    assert math.isnan(got.se)
    assert got.ci_method == methods.ONE_CLUSTER


def test_a_difference_needs_two_clusters_on_each_side() -> None:
    design = Design(np.ones(40), clusters=np.repeat(np.arange(4), 10))
    first = np.arange(40) < 10
    got = estimate_difference(np.arange(40.0), design, first, ~first)
    assert math.isnan(got.se)
    assert got.ci_method == methods.ONE_CLUSTER


@pytest.mark.parametrize(
    "estimate", [estimate_mean, estimate_proportion, estimate_total], ids=lambda f: f.__name__
)
def test_nobody_answering_is_no_number_and_n_zero(estimate) -> None:
    got = estimate(np.full(5, np.nan), Design.simple(5))
    assert math.isnan(got.estimate)
    assert (got.n, got.n_clusters, got.ci_method) == (0, 0, methods.NO_ANSWERS)


def test_a_denominator_of_zero_is_named() -> None:
    got = estimate_ratio([1, 2], [0, 0], Design.simple(2))
    assert math.isnan(got.estimate)
    assert got.ci_method == methods.ZERO_DENOMINATOR


def test_a_design_without_degrees_of_freedom_gives_no_interval() -> None:
    design = Design(np.ones(2), strata=["a", "b"], singleton="centre")
    got = estimate_mean([1, 2], design)
    assert got.se > 0
    assert math.isnan(got.ci_low)
    assert got.ci_method == methods.NO_DEGREES


def test_equal_answers_have_exactly_their_own_mean() -> None:
    got = estimate_mean(np.full(7, 0.1), Design(np.linspace(1, 2, 7)))
    assert (got.estimate, got.se) == (0.1, 0.0)
    assert math.isnan(got.deff)


def test_a_share_that_was_nobody_is_compared_by_its_exact_bound() -> None:
    """10 of 10 against 0 of 20: Newcombe's method 10 over Clopper-Pearson bounds .6915 and .1684.

    The bounds: Clopper-Pearson for 10 of 10 (lower .6915) and for 0 of 20 (upper .1684).
    """
    y = np.concatenate([np.ones(10), np.zeros(20)])
    first = np.arange(30) < 10
    got = estimate_difference(y, Design.simple(30), first, ~first, proportion=True)
    assert (got.estimate, got.ci_high) == (1, 1)
    assert got.ci_low == pytest.approx(1 - math.hypot(1 - 0.6915, 0.1684), abs=1e-4)
    assert got.ci_method == methods.COMBINED


def test_a_difference_of_shares_stays_within_one() -> None:
    y = np.concatenate([np.array([1, 1, 1, 0.0]), np.array([0, 0, 0, 1.0])])
    first = np.arange(8) < 4
    got = estimate_difference(y, Design.simple(8), first, ~first, proportion=True)
    assert (got.ci_high, got.ci_method) == (1.0, methods.T_DESIGN)


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        (lambda d: estimate_proportion([0, 1, 2], d), "0 and 1"),
        (lambda d: estimate_mean([0, 1], d), "design of 3 rows"),
        (lambda d: estimate_mean([0, 1, np.inf], d), "finite"),
        (lambda d: estimate_mean([0, 1, 2], d, domain=np.array([0, 1, 1])), "True or False"),
        (lambda d: estimate_mean([0, 1, 2], d, level=95), "level"),
    ],
)
def test_an_argument_that_cannot_be_is_refused(call, sentence) -> None:
    with pytest.raises(ValueError, match=sentence):
        call(Design.simple(3))
