"""Means, ratios and shares against IMPACT's analysistools on its 100 fictive households.

Its tables print symmetric intervals for shares too, which `estimate_mean` of 0 and 1 gives.
"""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from meal_pipeline.statistics.survey_design import Design
from meal_pipeline.statistics.taylor import estimate_mean, estimate_ratio


def read(path: Path) -> pd.DataFrame:
    return pd.read_csv(path, dtype=str, keep_default_na=False)


@pytest.fixture
def folder(shared: Path) -> Path:
    return shared / "reference/statistics/analysistools"


def expected_rows(folder: Path, kind: str) -> pd.DataFrame:
    results = read(folder / "analysistools_results_with_ratio.csv")
    rows = results[results["analysis_type"] == kind]
    assert len(rows) > 0
    return rows


def in_group(households: pd.DataFrame, row: pd.Series) -> np.ndarray:
    if row["group_var"] in {"", "NA"}:
        return np.ones(len(households), dtype=bool)
    return (households[row["group_var"]] == row["group_var_value"]).to_numpy()


def numbers(column: pd.Series) -> np.ndarray:
    return pd.to_numeric(column, errors="coerce").to_numpy(dtype=float)


def assert_equal_to(got, row: pd.Series) -> None:
    assert got.estimate == pytest.approx(float(row["stat"]), rel=1e-9), row["analysis_key"]
    assert (got.ci_low, got.ci_high) == pytest.approx(
        (float(row["stat_low"]), float(row["stat_upp"])), rel=1e-6
    ), row["analysis_key"]
    assert got.n == int(row["n_total"])


def test_every_mean_by_area_equals_analysistools(folder: Path) -> None:
    households = read(folder / "analysistools_msna_data.csv")
    for _, row in expected_rows(folder, "mean").iterrows():
        y = numbers(households[row["analysis_var"]])
        got = estimate_mean(y, Design.simple(100), domain=in_group(households, row))
        assert_equal_to(got, row)


def test_every_share_of_a_select_one_equals_analysistools(folder: Path) -> None:
    households = read(folder / "analysistools_msna_data.csv")
    for _, row in expected_rows(folder, "prop_select_one").iterrows():
        y = households[row["analysis_var"]] == row["analysis_var_value"]
        got = estimate_mean(y, Design.simple(100), domain=in_group(households, row))
        assert_equal_to(got, row)


def test_every_ratio_by_area_equals_analysistools(folder: Path) -> None:
    households = read(folder / "analysistools_msna_data.csv")
    for _, row in expected_rows(folder, "ratio").iterrows():
        above, below = (numbers(households[name]) for name in row["analysis_var"].split(" %/% "))
        got = estimate_ratio(above, below, Design.simple(100), domain=in_group(households, row))
        assert_equal_to(got, row)
