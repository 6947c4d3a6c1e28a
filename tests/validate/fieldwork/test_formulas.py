"""The formulas against scipy, published examples and a search of all pairs."""

import itertools

import numpy as np
import pytest
from scipy import stats

from meal_pipeline.validate.fieldwork.duplicates import near_pairs
from meal_pipeline.validate.fieldwork.enumerators import equal_digits, funnel_limits, welch
from meal_pipeline.validate.fieldwork.numbers import (
    quartile_scores,
    robust_scores,
    skewness,
    standard_scores,
)
from meal_pipeline.validate.fieldwork.points import distance_km

NUMBERS = np.array([2.1, 2.6, 2.4, 2.5, 2.3, 2.1, 2.3, 2.6, 8.2, 8.3])
"""The numbers that the NIST handbook's section on outliers takes from Iglewicz and Hoaglin."""


def test_distances_in_standard_deviations_are_scipy_s():
    assert standard_scores(NUMBERS) == pytest.approx(stats.zscore(NUMBERS, ddof=1), abs=1e-12)


def test_distances_by_the_median_are_scipy_s():
    # 0.6745 is the normal distribution's third quartile to four places.
    scale = stats.median_abs_deviation(NUMBERS) / 0.6745
    expected = (NUMBERS - np.median(NUMBERS)) / scale
    assert robust_scores(NUMBERS) == pytest.approx(expected, abs=1e-12)
    assert np.flatnonzero(np.abs(robust_scores(NUMBERS)) > 3.5).tolist() == [8, 9]


def test_where_most_numbers_are_equal_the_mean_deviation_takes_its_place():
    numbers = np.array([5.0, 5, 5, 5, 5, 5, 9])
    # MeanAD is 4/7, so the last is 4 / (1.253314 * 4/7) = 5.585 from the median.
    assert robust_scores(numbers)[-1] == pytest.approx(5.5852, abs=1e-4)


def test_distances_beyond_the_quartiles_are_those_of_tukey_s_fences():
    low, high = np.percentile(NUMBERS, [25, 75])
    spread = stats.iqr(NUMBERS)
    outside = (low - 1.5 * spread > NUMBERS) | (high + 1.5 * spread < NUMBERS)
    assert (np.abs(quartile_scores(NUMBERS)) > 1.5).tolist() == outside.tolist()
    assert quartile_scores(NUMBERS)[9] == pytest.approx((8.3 - high) / spread, abs=1e-12)


def test_equal_numbers_are_never_far_from_each_other():
    equal = np.full(40, 3.0)
    for scores in (standard_scores, robust_scores, quartile_scores):
        assert not scores(equal).any()
    assert skewness(equal) == 0


def test_skewness_is_scipy_s():
    assert skewness(NUMBERS) == pytest.approx(stats.skew(NUMBERS), abs=1e-12)


def test_the_test_of_equal_digits_is_scipy_s():
    counts = np.array([31, 8, 9, 7, 8, 22, 9, 6, 10, 10])
    chi_square, p = equal_digits(counts)
    expected = stats.chisquare(counts)
    assert chi_square == pytest.approx(expected.statistic, abs=1e-9)
    assert p == pytest.approx(expected.pvalue, rel=1e-9)


def test_drift_is_measured_by_scipy_s_welch_test():
    first, second = NUMBERS[:5], NUMBERS[5:]
    expected = stats.ttest_ind(second, first, equal_var=False).statistic
    assert welch(first, second) == pytest.approx(expected, abs=1e-12)


def test_funnel_limits_are_those_of_the_normal_distribution():
    # 99 % of means of 25 with mean 0.4 and deviation 0.5: 0.4 -+ 2.5758 * 0.1.
    assert funnel_limits(0.4, 0.5, 25, 99) == pytest.approx((0.14242, 0.65758), abs=1e-5)


def test_a_distance_on_the_earth():
    # Aleppo (36.2021 N, 37.1343 E) to Damascus (33.5138 N, 36.2765 E): by law of cosines.
    north, to = np.radians([36.2021, 33.5138])
    east = np.radians(37.1343 - 36.2765)
    cosine = np.sin(north) * np.sin(to) + np.cos(north) * np.cos(to) * np.cos(east)
    found = distance_km(np.array([36.2021]), np.array([37.1343]), 33.5138, 36.2765)
    assert found[0] == pytest.approx(6371.0088 * np.arccos(cosine), abs=1e-6)
    assert found[0] == pytest.approx(309, abs=1)


@pytest.mark.parametrize("seed", range(4))
def test_near_copies_are_those_that_a_search_of_all_pairs_finds(seed):
    chance = np.random.default_rng(seed)
    codes = chance.integers(0, 3, size=(60, 120)).astype(np.uint16)
    hands = chance.integers(0, 3, size=120).astype(np.intp)
    for one, other in ((3, 50), (7, 90), (8, 9)):
        codes[:, other] = codes[:, one]
        codes[chance.choice(60, 3, replace=False), other] = 9
        hands[other] = hands[one]
    codes[:, 70] = codes[:, 3]  # the same, of another hand
    hands[70] = (hands[3] + 1) % 3
    first, second = near_pairs(codes, hands, 7, 0.1)
    expected = [
        (one, other)
        for one, other in itertools.combinations(range(120), 2)
        if hands[one] == hands[other]
        and (differ := (codes[:, one] != codes[:, other]).sum()) <= 7
        and differ <= 0.1 * ((codes[:, one] > 0) | (codes[:, other] > 0)).sum()
    ]
    assert list(zip(first.tolist(), second.tolist(), strict=True)) == expected
    assert (3, 50) in expected
