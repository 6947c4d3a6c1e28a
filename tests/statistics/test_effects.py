"""Effects against statsmodels, and the refusals that keep them honest."""

import numpy as np
import pytest
import statsmodels.api as sm

from meal_pipeline.statistics import methods
from meal_pipeline.statistics.cluster_regression import TooFewClustersError
from meal_pipeline.statistics.effects import (
    NoVariationError,
    difference_between_arms,
    difference_in_differences,
)


@pytest.fixture
def panel():
    """Two rounds of 300 households in 24 villages, half of them with the programme (+2)."""
    random = np.random.default_rng(3)
    village = np.tile(random.integers(0, 24, 300), 2)
    arm, later = village % 2, np.repeat([0, 1], 300)
    y = 5 + arm + later + 2 * arm * later + random.normal(size=24)[village]
    return y + random.normal(size=600), arm, later, village, random.uniform(1, 2, 600)


@pytest.mark.parametrize("weighted", [False, True])
def test_a_difference_between_arms_equals_statsmodels(panel, weighted) -> None:
    y, arm, _later, village, weights = (values[300:] for values in panel)
    weights = weights if weighted else np.ones(300)
    expected = sm.WLS(y, sm.add_constant(arm), weights).fit(
        cov_type="cluster", cov_kwds={"groups": village}, use_t=True
    )
    got = difference_between_arms(y, arm, village, weights)
    assert (got.estimate, got.se) == pytest.approx((expected.params[1], expected.bse[1]))
    assert (got.ci_low, got.ci_high) == pytest.approx(expected.conf_int()[1])
    assert got.p_value == pytest.approx(expected.pvalues[1])
    assert (got.df, got.n_clusters) == (23, 24)
    assert got.cells["participants"].mean - got.cells["comparison"].mean == pytest.approx(
        got.estimate
    )


def test_difference_in_differences_equals_statsmodels(panel) -> None:
    y, arm, later, village, _weights = panel
    x = np.column_stack([np.ones(600), arm, later, arm * later])
    expected = sm.OLS(y, x).fit(cov_type="cluster", cov_kwds={"groups": village}, use_t=True)
    got = difference_in_differences(y, arm, later, village)
    assert (got.estimate, got.se) == pytest.approx((expected.params[3], expected.bse[3]))
    assert got.ci_low < 2 < got.ci_high


def test_without_clusters_the_error_is_welchs_nearly(panel) -> None:
    """HC1 of two arms is Σ(y-ȳ)²/n² an arm, times n/(n-2): by hand."""
    y, arm = panel[0][:300], panel[1][:300]
    parts = [((g - g.mean()) ** 2).sum() / len(g) ** 2 for g in (y[arm == 0], y[arm == 1])]
    got = difference_between_arms(y, arm)
    assert got.se == pytest.approx(np.sqrt(sum(parts) * 300 / 298))
    assert (got.method, got.df) == (methods.HC1, 298)


def test_rows_without_arm_answer_or_cluster_are_counted(panel) -> None:
    y, arm, village = panel[0], panel[1].astype(float), panel[3].astype(object)
    y[0], arm[1:3], village[3] = np.nan, np.nan, None
    got = difference_between_arms(y, arm, village)
    assert got.n_dropped == {"y": 1, "x": 2, "cluster": 1, "weight": 0}
    assert got.n == sum(got.n_per_cell.values()) == 596


def test_one_village_with_the_programme_is_no_evidence(panel) -> None:
    y, _arm, _later, village, _weights = panel
    with pytest.raises(TooFewClustersError, match=r"Participants: \d+ answers from 1 clusters"):
        difference_between_arms(y, village == 0, village)


def test_a_round_that_lacks_an_arm_is_named(panel) -> None:
    y, arm, later, village, _weights = panel
    y[(arm == 0) & (later == 0)] = np.nan
    with pytest.raises(TooFewClustersError, match="Comparison, earlier round: 0 answers"):
        difference_in_differences(y, arm, later, village)


def test_answers_that_never_vary_have_no_error(panel) -> None:
    _y, arm, _later, village, _weights = panel
    with pytest.raises(NoVariationError):
        difference_between_arms(arm * 0.3, arm, village)


def test_an_arm_is_zero_or_one(panel) -> None:
    with pytest.raises(ValueError, match="0 or 1"):
        difference_between_arms(panel[0], panel[1] + 1)
