"""Least squares against statsmodels, which applies the same small-sample correction."""

import numpy as np
import pytest
import statsmodels.api as sm

from meal_pipeline.statistics import methods
from meal_pipeline.statistics.cluster_regression import (
    CollinearError,
    TooFewClustersError,
    TooFewRowsError,
    least_squares,
)
from meal_pipeline.statistics.survey_design import WeightError

NAMES = ("intercept", "x", "z")


@pytest.fixture
def rows():
    """Outcome, three columns, 17 unequal villages by name, weights."""
    random = np.random.default_rng(8)
    village = random.integers(0, 17, 400)
    x = np.column_stack([np.ones(400), random.normal(size=400), village % 2])
    y = x @ [2, 0.5, -1] + random.normal(size=17)[village] + random.normal(size=400)
    return y, x, np.array([f"قرية {v}" for v in village]), random.uniform(0.5, 3, 400)


def assert_equal_to(got, expected) -> None:
    assert got.coefficients == pytest.approx(expected.params, rel=1e-9)
    assert got.covariance == pytest.approx(expected.cov_params(), rel=1e-9)
    for position, name in enumerate(NAMES):
        assert got.interval(name)[:2] == pytest.approx(expected.conf_int()[position], rel=1e-9)
        assert got.p_value(name) == pytest.approx(expected.pvalues[position], rel=1e-9)


def clustered(model, village):
    codes = np.unique(village, return_inverse=True)[1]
    return model.fit(cov_type="cluster", cov_kwds={"groups": codes}, use_t=True)


def test_clustered_least_squares_equals_statsmodels(rows) -> None:
    y, x, village, _weights = rows
    got = least_squares(y, x, names=NAMES, clusters=village)
    assert_equal_to(got, clustered(sm.OLS(y, x), village))
    assert (got.df, got.n, got.n_clusters, got.method) == (16, 400, 17, methods.CR1)


def test_weighted_clustered_least_squares_equals_statsmodels(rows) -> None:
    y, x, village, weights = rows
    got = least_squares(y, x, names=NAMES, clusters=village, weights=weights)
    assert_equal_to(got, clustered(sm.WLS(y, x, weights), village))


@pytest.mark.parametrize("weighted", [False, True])
def test_without_clusters_errors_are_hc1_as_in_statsmodels(rows, weighted) -> None:
    y, x, _village, weights = rows
    weights = weights if weighted else None
    model = sm.WLS(y, x, weights) if weighted else sm.OLS(y, x)
    got = least_squares(y, x, names=NAMES, weights=weights)
    assert_equal_to(got, model.fit(cov_type="HC1", use_t=True))
    assert (got.df, got.method) == (397, methods.HC1)


def test_columns_of_very_different_size_lose_no_digits(rows) -> None:
    y, x, village, _weights = rows
    plain = least_squares(y, x, names=NAMES, clusters=village)
    scaled = least_squares(y, x * [1, 1e9, 1e-9], names=NAMES, clusters=village)
    assert scaled.coefficients * [1, 1e9, 1e-9] == pytest.approx(plain.coefficients, rel=1e-9)


def test_incomplete_rows_are_left_out_and_counted_by_reason(rows) -> None:
    y, x, village, weights = rows
    village = village.astype(object)
    y[:3], x[2:5, 1], village[5], weights[6:8] = np.nan, np.nan, None, 0
    got = least_squares(y, x, names=NAMES, clusters=village, weights=weights)
    expected = least_squares(y[8:], x[8:], names=NAMES, clusters=village[8:], weights=weights[8:])
    assert got.n_dropped == {"y": 3, "x": 2, "cluster": 1, "weight": 2}
    assert got.covariance == pytest.approx(expected.covariance)


def test_a_term_that_repeats_another_is_refused_by_name(rows) -> None:
    y, x, village, _weights = rows
    x[:, 2] = 3 * x[:, 1] - 2
    with pytest.raises(CollinearError, match=r"^z is a combination") as error:
        least_squares(y, x, names=NAMES, clusters=village)
    assert error.value.term == "z"


def test_a_column_of_zeros_is_refused_by_name(rows) -> None:
    y, x, _village, _weights = rows
    with pytest.raises(CollinearError, match=r"^x is"):
        least_squares(y, x * [1, 0, 1], names=NAMES)


def test_one_cluster_is_refused(rows) -> None:
    y, x, _village, _weights = rows
    with pytest.raises(TooFewClustersError):
        least_squares(y, x, names=NAMES, clusters=np.zeros(400))


def test_no_more_rows_than_terms_are_refused() -> None:
    with pytest.raises(TooFewRowsError, match="2 complete rows"):
        least_squares([1, 2], np.eye(2), names=("a", "b"))


def test_a_missing_weight_is_refused_as_in_a_design(rows) -> None:
    y, x, _village, weights = rows
    weights[0] = np.nan
    with pytest.raises(WeightError, match="1 of 400 rows have no weight"):
        least_squares(y, x, names=NAMES, weights=weights)
