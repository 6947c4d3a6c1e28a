"""The change of an indicator between rounds."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from meal_pipeline.measure.changes import Change
from meal_pipeline.measure.measure_form import FormMeasures, measure_form
from meal_pipeline.rows.form_rows import FormRows
from meal_pipeline.workspace.project import Project

MakeProject = Callable[..., Project]
MakeRows = Callable[..., pd.DataFrame]


def mean(project: MakeProject, **changes: Any) -> Project:
    indicator = {
        "name": {"en": "I"},
        "level": "outcome",
        "form": "home",
        "statistic": "mean",
        "expression": "${score}",
        **changes.pop("indicator", {}),
    }
    return project(**{"arms": None, "indicators": {"i": indicator}, **changes})


def measured(project: Project, frame: pd.DataFrame) -> FormMeasures:
    return measure_form(FormRows("home", frame), project)


def overall(found: FormMeasures) -> Change:
    return next(one for one in found.changes["i"] if one.place == ("all", "", ""))


@pytest.fixture
def panel() -> pd.DataFrame:
    """Forty households, each asked in both rounds."""
    rng = np.random.default_rng(4)
    before = rng.normal(50, 10, 40)
    return pd.DataFrame(
        {
            "wave": ["baseline"] * 40 + ["endline"] * 40,
            "household": [str(i) for i in range(40)] * 2,
            "score": np.concatenate([before, before + rng.normal(3, 4, 40)]),
        }
    )


def test_the_change_of_the_same_households_is_that_of_a_paired_t_test(
    project: MakeProject, panel: pd.DataFrame
) -> None:
    found = overall(measured(mean(project), panel)).estimate
    before, after = (panel["score"][panel["wave"] == one] for one in ("baseline", "endline"))
    paired = stats.ttest_rel(after.to_numpy(), before.to_numpy())
    low, high = paired.confidence_interval(0.95)
    assert found.estimate / found.se == pytest.approx(paired.statistic, rel=1e-9)
    assert (found.ci_low, found.ci_high) == (pytest.approx(low), pytest.approx(high))


def test_households_that_the_form_does_not_name_count_as_different_ones(
    project: MakeProject, panel: pd.DataFrame
) -> None:
    alike = overall(measured(mean(project), panel)).estimate
    others = overall(measured(mean(project, forms={"home": {"uid": "a"}}), panel)).estimate
    assert others.estimate == pytest.approx(alike.estimate)
    assert others.se > 2 * alike.se


def test_a_change_counts_the_answers_of_each_round_and_those_lacking(
    project: MakeProject, panel: pd.DataFrame
) -> None:
    panel.loc[[0, 41, 42], "score"] = np.nan
    found = overall(measured(mean(project), panel))
    assert (found.n_baseline, found.n_later, found.n_missing, found.estimate.n) == (39, 38, 3, 77)


def test_there_is_a_change_from_the_baseline_to_each_later_round_with_rows(
    project: MakeProject, panel: pd.DataFrame
) -> None:
    third = panel[panel["wave"] == "endline"].assign(wave="later")
    three = pd.concat([panel, third], ignore_index=True)
    found = measured(mean(project), three).changes["i"]
    assert [(one.baseline_round, one.round) for one in found] == [
        ("baseline", "endline"),
        ("baseline", "later"),
    ]
    from_endline = mean(project, indicator={"baseline_round": "endline"})
    (found,) = measured(from_endline, three).changes["i"]
    assert (found.baseline_round, found.round) == ("endline", "later")


def test_changes_stand_beside_estimates_in_every_arm_and_category(
    project: MakeProject, survey: MakeRows
) -> None:
    by = {"sex": {"name": {"en": "S"}, "question": "sex", "categories": {"f": {"en": "F"}}}}
    both = project(
        disaggregations=by,
        indicators={
            "i": {
                "name": {"en": "I"},
                "level": "outcome",
                "form": "home",
                "statistic": "proportion",
                "expression": "${score} > 5",
                "disaggregate": ["sex"],
            }
        },
    )
    found = measured(both, survey())
    places = {one.place for one in found.changes["i"]}
    assert places == {one.place for one in found.cells["i"] if one.round == "endline"}
    assert ("participants", "sex", "(not stated)") in places
    assert all(one.estimate.ci_low >= -1 for one in found.changes["i"] if one.estimate.n > 20)


def test_one_round_with_rows_gives_no_change_and_says_so(
    project: MakeProject, panel: pd.DataFrame
) -> None:
    found = measured(mean(project), panel[:40])
    assert found.changes == {}
    assert [(one.kind, one.subject) for one in found.blocked] == [("change", "i")]
    assert "no round after baseline" in found.blocked[0].sentence
    assert "i" in found.cells


def test_a_baseline_without_rows_gives_no_change_and_says_so(
    project: MakeProject, panel: pd.DataFrame
) -> None:
    found = measured(mean(project), panel[40:].reset_index(drop=True))
    assert "baseline, has no rows" in found.blocked[0].sentence


def test_a_project_without_rounds_has_no_changes_and_nothing_is_blocked(
    project: MakeProject, panel: pd.DataFrame
) -> None:
    found = measured(mean(project, rounds=None), panel)
    assert (found.changes, found.blocked) == ({}, [])


def test_a_village_that_changes_its_stratum_blocks_the_change_and_not_the_estimates(
    project: MakeProject, survey: MakeRows
) -> None:
    frame = survey()
    frame["district"] = frame["district"].mask(
        (frame["wave"] == "endline") & (frame["village"] == "0"), "e"
    )
    frame = frame[frame["village"].notna()].reset_index(drop=True)
    strata = mean(project, design={"strata": "district", "clusters": "village"})
    found = measured(strata, frame)
    assert [(one.kind, one.subject) for one in found.blocked] == [("change", "i")]
    assert "two strata" in found.blocked[0].sentence
    assert "i" in found.cells
