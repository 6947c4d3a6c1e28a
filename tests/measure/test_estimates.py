"""An indicator by round, arm and category, from a frame."""

import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from meal_pipeline.measure.estimates import Cell, CellsDoNotAddUp, check_adds_up
from meal_pipeline.measure.measure_form import FormMeasures, measure_form
from meal_pipeline.rows.form_rows import FormRows
from meal_pipeline.workspace.project import Project

MakeProject = Callable[..., Project]
MakeRows = Callable[..., pd.DataFrame]
Key = tuple[str, str, str, str]


def indicator(**changes: Any) -> dict[str, Any]:
    return {
        "name": {"en": "I"},
        "level": "outcome",
        "form": "home",
        "statistic": "proportion",
        "expression": "${score} > 5",
        "disaggregate": ["sex", "place", ["sex", "place"]],
        **changes,
    }


def declared(project: MakeProject, **changes: Any) -> Project:
    """Declare the categories of sex, since these tests have no form."""
    by = {
        "sex": {
            "name": {"en": "Sex"},
            "question": "sex",
            "categories": {code: {"en": code} for code in "fmx"},
        },
        "place": {
            "name": {"en": "Place"},
            "question": "place",
            "categories": {"SY01": {"en": "One"}, "SY02": {"en": "Two"}},
        },
    }
    return project(**{"disaggregations": by, "indicators": {"i": indicator()}} | changes)


def simple(project: MakeProject, *, disaggregations: Any = None, **changes: Any) -> Project:
    """A project without rounds and arms, and one indicator."""
    by = disaggregations or {}
    given_indicator = changes.pop("indicator")
    return project(
        rounds=None,
        arms=changes.pop("arms", None),
        forms={"home": {"uid": "a"}},
        disaggregations=by,
        indicators={"i": indicator(disaggregate=list(by)) | given_indicator},
        **changes,
    )


def measured(project: Project, frame: pd.DataFrame) -> FormMeasures:
    return measure_form(FormRows("home", frame), project)


def cells(project: Project, frame: pd.DataFrame) -> dict[Key, Cell]:
    return {
        (one.round, *one.place): one
        for found in measured(project, frame).cells.values()
        for one in found
    }


def r_survey(shared: Path, case: str) -> dict[str, float]:
    with (shared / "reference/statistics/survey/api_expected_R_survey.csv").open() as file:
        row = next(row for row in csv.DictReader(file) if row["case"] == case)
    return {name: float(row[name]) for name in ("estimate", "se", "ci_low", "ci_high", "df")}


def schools(shared: Path, name: str) -> pd.DataFrame:
    path = shared / "reference/statistics/survey" / name
    return pd.read_csv(path).rename(columns={"sch.wide": "wide"})


STYPE = {
    "stype": {
        "name": {"en": "Type"},
        "question": "stype",
        "categories": {code: {"en": code} for code in "EHM"},
    }
}
API00 = {"statistic": "mean", "expression": "${api00}"}
EVERYONE = ("", "all", "", "")


@pytest.mark.parametrize(
    ("case", "key"),
    [
        ("dclus1_nofpc mean api00", EVERYONE),
        ("dclus1_nofpc domain mean api00 stype= M", ("", "all", "stype", "M")),
    ],
)
def test_a_mean_in_clusters_and_in_a_category_equals_r_survey(
    shared: Path, project: MakeProject, case: str, key: Key
) -> None:
    design = {"weights": "pw", "clusters": "dnum"}
    clustered = simple(project, design=design, disaggregations=STYPE, indicator=API00)
    found = cells(clustered, schools(shared, "apiclus1.csv"))[key].estimate
    for name, value in r_survey(shared, case).items():
        assert getattr(found, name) == pytest.approx(value, rel=1e-6), name


@pytest.mark.parametrize(
    ("case", "key"),
    [
        ("dstrat_fpc mean api00", EVERYONE),
        ("dstrat_fpc domain mean api00 stype= E", ("", "all", "stype", "E")),
        ("dstrat_fpc domain mean api00 stype= H", ("", "all", "stype", "H")),
    ],
)
def test_a_mean_in_strata_and_in_a_category_equals_r_survey(
    shared: Path, project: MakeProject, case: str, key: Key
) -> None:
    # R's standard errors are for a known population size, which a project does not declare.
    design = {"weights": "pw", "strata": "stype"}
    stratified = simple(project, design=design, disaggregations=STYPE, indicator=API00)
    found = cells(stratified, schools(shared, "apistrat.csv"))[key].estimate
    expected = r_survey(shared, case)
    assert found.estimate == pytest.approx(expected["estimate"], rel=1e-6)
    assert found.df == expected["df"]


def test_the_published_shares_of_the_incentive_study_come_out(
    shared: Path, project: MakeProject
) -> None:
    path = shared / "reference/statistics/impact/causaldata_thornton_hiv.csv"
    study = simple(
        project,
        arms={"expression": "${any}", "participants": ["1"], "comparison": ["0"]},
        design={"clusters": "villnum"},
        indicator={"expression": "${got} = 1"},
    )
    frame = pd.read_csv(path)
    found = cells(study, frame[frame["any"].notna()].reset_index(drop=True))
    without, offered = (found["", arm, "", ""].estimate for arm in ("comparison", "participants"))
    assert (without.n, offered.n, found[EVERYONE].n_missing) == (623, 2211, 67)
    assert without.estimate == pytest.approx(0.338684, abs=5e-7)
    assert offered.estimate == pytest.approx(0.789236, abs=5e-7)


@given(seed=st.integers(0, 1_000), n=st.integers(6, 60), mean=st.booleans())
@settings(max_examples=40, deadline=None)
def test_categories_and_not_stated_add_up_to_everyone_and_arms_to_all(
    project: MakeProject, survey: MakeRows, seed: int, n: int, mean: bool
) -> None:
    statistic = {"statistic": "mean", "expression": "${score}"} if mean else {}
    found = cells(declared(project, indicators={"i": indicator(**statistic)}), survey(n, seed))
    for (round_, arm, by, _category), total in found.items():
        if by:
            continue
        parts = ["sex", "place", "sex|place"]
        groups = [[one for k, one in found.items() if k[:3] == (round_, arm, p)] for p in parts]
        if arm == "all":
            arms = [k for k in found if k[0] == round_ and k[1] != "all" and not k[2]]
            groups.append([found[key] for key in arms])
        for group in groups:
            assert sum(one.estimate.n for one in group) == total.estimate.n
            assert sum(one.n_missing for one in group) == total.n_missing


def test_cells_that_do_not_add_up_are_never_given(project: MakeProject, survey: MakeRows) -> None:
    found = list(cells(declared(project), survey()).values())
    lost = next(one for one in found if one.place.category == "f" and one.estimate.n)
    with pytest.raises(CellsDoNotAddUp, match="sex"):
        check_adds_up([one for one in found if one is not lost])


def test_declared_categories_without_rows_are_there_with_n_0(
    project: MakeProject, survey: MakeRows
) -> None:
    found = cells(declared(project), survey())
    for key in (
        ("baseline", "all", "sex", "x"),
        ("endline", "comparison", "place", "SY02"),
        ("endline", "all", "sex|place", "x|SY02"),
    ):
        assert found[key].estimate.n == 0
        assert np.isnan(found[key].estimate.estimate)


def test_answers_outside_the_categories_are_not_stated(
    project: MakeProject, survey: MakeRows
) -> None:
    frame = survey()
    found = cells(declared(project), frame)
    outside = ~frame["place"].isin(["SY01", "SY02"]) & (frame["wave"] == "endline")
    here = found["endline", "all", "place", "(not stated)"]
    assert here.estimate.n + here.n_missing == outside.sum()
    assert ("endline", "all", "sex|place", "f|(not stated)") in found


def test_not_stated_is_not_shown_where_everyone_states(
    project: MakeProject, survey: MakeRows
) -> None:
    frame = survey().assign(sex="f", arm="t", place="SY01")
    assert not [key for key in cells(declared(project), frame) if "(not stated)" in str(key)]


def test_an_indicator_among_some_rows_counts_only_them(
    project: MakeProject, survey: MakeRows
) -> None:
    women = indicator(among="${sex} = 'f'")
    frame = survey()
    found = cells(declared(project, indicators={"i": women}), frame)
    total = found["baseline", "all", "", ""]
    in_scope = (frame["sex"] == "f") & (frame["wave"] == "baseline")
    assert total.estimate.n + total.n_missing == in_scope.sum()
    assert found["baseline", "all", "sex", "m"].estimate.n == 0
    assert ("baseline", "all", "sex", "(not stated)") not in found


def test_a_round_without_rows_has_no_cells(project: MakeProject, survey: MakeRows) -> None:
    assert {key[0] for key in cells(declared(project), survey())} == {"baseline", "endline"}


def test_a_cell_in_one_cluster_has_an_estimate_without_a_standard_error(
    project: MakeProject, survey: MakeRows
) -> None:
    frame = survey().assign(village="v")
    one = cells(declared(project, design={"clusters": "village"}), frame)
    found = one["endline", "all", "", ""].estimate
    assert found.n_clusters == 1
    assert 0 < found.estimate < 1
    assert np.isnan(found.se)


def test_a_stratum_of_one_cluster_blocks_by_name_with_the_fix_unless_declared(
    project: MakeProject, survey: MakeRows
) -> None:
    frame = survey().assign(strata=lambda f: f["district"].mask(f["village"] == "3", "lonely"))
    design = {"strata": "strata", "clusters": "village"}
    frame = frame[frame["village"].notna()].reset_index(drop=True)
    blocked = measured(declared(project, design=design), frame)
    assert blocked.cells == {}
    (why,) = blocked.blocked
    assert (why.kind, why.subject) == ("indicator", "i")
    assert "lonely" in why.sentence
    assert "centre" in why.sentence
    declared_so = cells(declared(project, design={**design, "singleton": "centre"}), frame)
    assert "centred" in declared_so["endline", "all", "", ""].estimate.method


def test_a_wrong_indicator_is_blocked_by_name_and_the_others_are_measured(
    project: MakeProject, survey: MakeRows
) -> None:
    two = {"wrong": indicator(expression="${scoree} > 5"), "right": indicator()}
    found = measured(declared(project, indicators=two), survey())
    assert list(found.cells) == ["right"]
    assert [(one.kind, one.subject) for one in found.blocked] == [("indicator", "wrong")]
    assert "score" in found.blocked[0].sentence


def test_rows_of_no_declared_round_are_told(project: MakeProject, survey: MakeRows) -> None:
    frame = survey()
    frame.loc[:4, "wave"] = "midline"
    found = measured(declared(project), frame)
    assert [(one.kind, one.subject) for one in found.blocked] == [("round", "(not stated)")]
    assert "5 of 120" in found.blocked[0].sentence
