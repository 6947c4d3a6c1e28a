"""Effects and shares against published studies, recomputed in R (lm with CR1, survey's svyglm)."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from meal_pipeline.statistics.effects import difference_between_arms, difference_in_differences
from meal_pipeline.statistics.survey_design import Design
from meal_pipeline.statistics.taylor import estimate_difference, estimate_proportion


@pytest.fixture
def hisp(shared: Path) -> pd.DataFrame:
    return pd.read_csv(shared / "reference/statistics/impact/hisp_evaluation.csv")


@pytest.fixture
def hisp_expected(shared: Path) -> pd.DataFrame:
    return pd.read_csv(
        shared / "reference/statistics/impact/hisp_expected.csv", index_col=["case", "term"]
    )


@pytest.fixture
def thornton(shared: Path) -> pd.DataFrame:
    data = pd.read_csv(shared / "reference/statistics/impact/causaldata_thornton_hiv.csv")
    return data[data["got"].notna() & data["any"].notna()]


def assert_equal_to(got, expected: pd.Series) -> None:
    assert got.estimate == pytest.approx(expected["estimate"], rel=1e-9)
    assert got.se == pytest.approx(expected["se"], rel=1e-9)
    assert (got.ci_low, got.ci_high) == pytest.approx(
        (expected["ci_low"], expected["ci_high"]), rel=1e-9
    )
    assert (got.n, got.df) == (expected["n"], expected["df"])


def test_randomised_hisp_localities_spend_10_14_less(hisp, hisp_expected) -> None:
    data = hisp[(hisp["eligible"] == 1) & (hisp["round"] == 1)]
    got = difference_between_arms(
        data["health_expenditures"], data["treatment_locality"], data["locality_identifier"]
    )
    assert_equal_to(got, hisp_expected.loc[("3 RCT endline", "treatment_locality")])
    assert round(got.estimate, 2) == -10.14


def test_hisp_difference_in_differences_is_minus_8_16(hisp, hisp_expected) -> None:
    data = hisp[hisp["treatment_locality"] == 1]
    got = difference_in_differences(
        data["health_expenditures"], data["enrolled"], data["round"], data["locality_identifier"]
    )
    assert_equal_to(got, hisp_expected.loc[("6 DiD", "er")])
    assert round(got.estimate, 2) == -8.16
    assert sum(got.n_per_cell.values()) == got.n == 9919


def test_the_before_after_error_of_hisp_is_clustered_by_locality(hisp, hisp_expected) -> None:
    data = hisp[(hisp["treatment_locality"] == 1) & (hisp["enrolled"] == 1)]
    got = difference_between_arms(
        data["health_expenditures"], data["round"], data["locality_identifier"]
    )
    assert_equal_to(got, hisp_expected.loc[("1 before-after OLS", "round")])


def test_an_incentive_brings_45_points_more_people_to_their_hiv_result(thornton) -> None:
    got = difference_between_arms(thornton["got"], thornton["any"], thornton["villnum"])

    assert got.estimate == pytest.approx(0.45198227440633, rel=1e-9)
    assert got.se == pytest.approx(0.0226860143588557, rel=1e-9)
    assert (got.n, got.n_clusters, got.df) == (2830, 119, 118)
    assert got.n_dropped == {"y": 0, "x": 0, "cluster": 4, "weight": 0}
    assert got.cells["participants"].mean == pytest.approx(0.790666, abs=5e-7)


def test_without_clusters_the_hiv_error_is_hc1(thornton) -> None:
    data = thornton[thornton["villnum"].notna()]
    got = difference_between_arms(data["got"], data["any"])
    assert got.se == pytest.approx(0.0208522356964334, rel=1e-9)


def test_the_same_hiv_difference_by_taylor_has_its_own_error(thornton) -> None:
    data = thornton[thornton["villnum"].notna()]
    offered = (data["any"] == 1).to_numpy()
    got = estimate_difference(
        data["got"],
        Design(np.ones(len(data)), clusters=data["villnum"]),
        offered,
        ~offered,
        proportion=True,
    )
    assert got.estimate == pytest.approx(0.451982, abs=5e-7)
    assert got.se == pytest.approx(0.0226820, abs=5e-8)


@pytest.mark.parametrize(("offer", "share", "n"), [(0, 0.338684, 623), (1, 0.789236, 2211)])
def test_raw_shares_of_the_hiv_experiment(thornton, offer: int, share: float, n: int) -> None:
    got = estimate_proportion(
        thornton["got"],
        Design.simple(len(thornton)),
        domain=(thornton["any"] == offer).to_numpy(),
    )
    assert (round(got.estimate, 6), got.n) == (share, n)


def test_the_nsw_training_effect_has_its_published_error(shared: Path) -> None:
    data = pd.read_csv(shared / "reference/statistics/impact/causaldata_nsw_mixtape.csv")
    got = difference_between_arms(data["re78"], data["treat"])
    assert got.estimate == pytest.approx(1794.342383002, rel=1e-9)
    assert got.se == pytest.approx(670.824490598913, rel=1e-9)
