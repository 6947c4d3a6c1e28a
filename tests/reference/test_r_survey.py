"""Estimates against R's survey package 4.1-1 on the California schools (api data).

Every row of api_expected_R_survey.csv is named in CASES; a row that is not fails the last test.
"""

from pathlib import Path

import pandas as pd
import pytest

from meal_pipeline.statistics.survey_design import Design
from meal_pipeline.statistics.taylor import (
    Estimate,
    estimate_mean,
    estimate_proportion,
    estimate_ratio,
    estimate_total,
)


def stratified(folder: Path) -> tuple[pd.DataFrame, Design]:
    data = pd.read_csv(folder / "apistrat.csv")
    return data, Design(data["pw"], strata=data["stype"], population_sizes=data["fpc"])


def clustered(folder: Path) -> tuple[pd.DataFrame, Design]:
    data = pd.read_csv(folder / "apiclus1.csv")
    return data, Design(data["pw"], clusters=data["dnum"], population_sizes=data["fpc"])


def clustered_without_population(folder: Path) -> tuple[pd.DataFrame, Design]:
    data = pd.read_csv(folder / "apiclus1.csv")
    return data, Design(data["pw"], clusters=data["dnum"])


def mean(name):
    return lambda data, design: estimate_mean(data[name], design)


def share_as_mean(data, design):  # svymean of a factor: the interval is symmetric
    return estimate_mean(data["sch.wide"] == "Yes", design)


def share(data, design):
    return estimate_proportion(data["sch.wide"] == "Yes", design)


def ratio(data, design):
    return estimate_ratio(data["api.stu"], data["enroll"], design)


def mean_of_type(letter):
    return lambda data, design: estimate_mean(
        data["api00"], design, domain=(data["stype"] == letter).to_numpy()
    )


CASES = {
    "dstrat_fpc mean api00": (stratified, mean("api00")),
    "dstrat_fpc mean enroll": (stratified, mean("enroll")),
    "dstrat_fpc total enroll": (stratified, lambda d, g: estimate_total(d["enroll"], g)),
    "dstrat_fpc prop sch.wideYes": (stratified, share_as_mean),
    "dstrat_fpc svyciprop logit sch.wide=Yes": (stratified, share),
    "dstrat_fpc ratio api.stu/enroll": (stratified, ratio),
    "dstrat_fpc domain mean api00 stype= E": (stratified, mean_of_type("E")),
    "dstrat_fpc domain mean api00 stype= H": (stratified, mean_of_type("H")),
    "dclus1_fpc mean api00": (clustered, mean("api00")),
    "dclus1_fpc prop sch.wideYes": (clustered, share_as_mean),
    "dclus1_fpc ratio api.stu/enroll": (clustered, ratio),
    "dclus1_fpc domain mean api00 stype= E": (clustered, mean_of_type("E")),
    "dclus1_nofpc mean api00": (clustered_without_population, mean("api00")),
    "dclus1_nofpc domain mean api00 stype= M": (clustered_without_population, mean_of_type("M")),
}


def expected_rows(shared: Path) -> pd.DataFrame:
    path = shared / "reference/statistics/survey/api_expected_R_survey.csv"
    return pd.read_csv(path, index_col="case")


@pytest.mark.parametrize("case", CASES)
def test_an_estimate_equals_r_survey(case: str, shared: Path) -> None:
    expected = expected_rows(shared).loc[case]
    load, estimate = CASES[case]
    got: Estimate = estimate(*load(shared / "reference/statistics/survey"))

    for column in ("estimate", "se", "ci_low", "ci_high", "df"):
        assert getattr(got, column) == pytest.approx(expected[column], rel=1e-6), column
    if not pd.isna(expected["deff"]):
        assert got.deff == pytest.approx(expected["deff"], rel=1e-6)


def test_every_row_of_the_reference_is_compared(shared: Path) -> None:
    assert set(expected_rows(shared).index) == set(CASES)
