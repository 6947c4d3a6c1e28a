"""Effects from the rows of a form, against published numbers."""

import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from meal_pipeline.compare.effects import (
    ArmsUnknown,
    Effect,
    RoundUnknown,
    estimate_effect,
)
from meal_pipeline.errors import MealError
from meal_pipeline.rows.form_rows import FormRows
from meal_pipeline.workspace.project import Project

MakeProject = Callable[..., Project]

ROUNDS = {
    "expression": "${round}",
    "values": {
        "before": {"name": {"en": "Before"}, "value": "0"},
        "after": {"name": {"en": "After"}, "value": "1"},
    },
}
DID = {"design": "difference_in_differences", "round": "after", "baseline_round": "before"}


def estimated(project: Project, frame: pd.DataFrame) -> Effect:
    return estimate_effect(FormRows("home", frame.reset_index(drop=True)), project, "c")


@pytest.fixture
def thornton(project: MakeProject) -> tuple[Project, pd.DataFrame]:
    """The incentive study: any incentive, learned the result, villages (Thornton 2008)."""
    causaldata = pytest.importorskip("causaldata")
    frame = causaldata.thornton_hiv.load_pandas().data
    study = project(
        {},
        {"statistic": "proportion", "expression": "${got} = 1"},
        arms={"expression": "${any}", "participants": ["1"], "comparison": ["0"]},
        design={"clusters": "villnum"},
    )
    return study, frame[frame["any"].notna()]


def test_the_published_effect_of_any_incentive_comes_out(
    thornton: tuple[Project, pd.DataFrame],
) -> None:
    found = estimated(*thornton)
    assert found.estimate.estimate == pytest.approx(0.451982, abs=5e-7)
    assert found.estimate.se == pytest.approx(0.0226860, abs=5e-8)
    assert (found.estimate.n, found.estimate.n_clusters, found.estimate.df) == (2830, 119, 118)
    assert found.clustered_by == "villnum"


def test_both_numbers_of_rows_are_there_and_explained(
    thornton: tuple[Project, pd.DataFrame],
) -> None:
    found = estimated(*thornton)
    assert (found.n_dropped, found.n_missing) == (4, 67)
    assert found.n_participants + found.n_comparison == 2830
    assert [note["en"] for note in found.notes] == [
        "Answered rows with an arm: 2834. Without “villnum”, left out: 4. Compared: 2830."
    ]


@pytest.fixture
def hisp(shared: Path) -> pd.DataFrame:
    """The World Bank's teaching data, with this form's names."""
    frame = pd.read_csv(shared / "reference/statistics/impact/hisp_evaluation.csv")
    return frame.rename(columns={"health_expenditures": "y", "locality_identifier": "locality"})


def published(shared: Path, case: str) -> dict[str, Any]:
    with (shared / "reference/statistics/impact/hisp_expected.csv").open() as file:
        return next(row for row in csv.DictReader(file) if row["case"] == case)


@pytest.mark.parametrize(
    ("case", "comparison", "arm", "among", "only"),
    [
        ("3 RCT endline", {"round": "after"}, "treatment_locality", "${eligible} = 1", None),
        ("6 DiD", DID, "enrolled", None, "treatment_locality"),
    ],
)
def test_published_effects_by_locality_come_out(
    shared: Path,
    project: MakeProject,
    hisp: pd.DataFrame,
    case: str,
    comparison: dict[str, Any],
    arm: str,
    among: str | None,
    only: str | None,
) -> None:
    study = project(
        {"assignment_unit": "locality", **comparison},
        {"among": among},
        rounds=ROUNDS,
        arms={"expression": f"${{{arm}}}", "participants": ["1"], "comparison": ["0"]},
    )
    found = estimated(study, hisp if only is None else hisp[hisp[only] == 1])
    expected = published(shared, case)
    assert found.estimate.n == int(expected["n"])
    for name in ("estimate", "se", "ci_low", "ci_high", "df"):
        value = getattr(found.estimate, name)
        assert value == pytest.approx(float(expected[name]), rel=1e-6), name


def rows(n: int = 80, **columns: Any) -> pd.DataFrame:
    rng = np.random.default_rng(2)
    return pd.DataFrame(
        {
            "round": np.repeat([0, 1], n // 2),
            "arm": np.tile([0, 1], n // 2),
            "y": rng.normal(size=n),
            "weight": rng.integers(1, 4, n),
            **columns,
        }
    )


def test_weights_count_where_the_project_declares_them(project: MakeProject) -> None:
    frame = rows()
    weighted = estimated(project({}, design={"weights": "weight"}), frame).estimate
    arms = {arm: frame[frame["arm"] == arm] for arm in (0, 1)}
    means = {arm: np.average(one["y"], weights=one["weight"]) for arm, one in arms.items()}
    assert weighted.estimate == pytest.approx(means[1] - means[0])


def test_rows_without_an_arm_or_an_answer_are_counted_apart(project: MakeProject) -> None:
    frame = rows()
    frame.loc[:2, "arm"] = 7
    frame.loc[[4, 5], "y"] = np.nan
    found = estimated(project({}), frame)
    assert (found.estimate.n, found.n_missing, found.n_dropped) == (75, 2, 0)
    assert found.notes[0]["en"] == "Answered rows without an arm, left out: 3."


def test_the_difference_of_two_rounds_counts_the_rows_of_both(project: MakeProject) -> None:
    found = estimated(project(DID, rounds=ROUNDS), rows())
    assert (found.round, found.baseline_round) == ("after", "before")
    assert (found.n_participants, found.n_comparison) == (40, 40)


def test_one_round_is_compared_when_it_is_named(project: MakeProject) -> None:
    found = estimated(project({"round": "after"}, rounds=ROUNDS), rows())
    assert (found.round, found.baseline_round, found.estimate.n) == ("after", "", 40)


def test_a_comparison_that_names_no_round_of_several_is_told_which_there_are(
    project: MakeProject,
) -> None:
    with pytest.raises(RoundUnknown) as caught:
        estimated(project({}, rounds=ROUNDS), rows())
    assert caught.value.next_step == "Add round: before or after."


def test_the_same_household_in_two_rounds_is_one_unit_where_the_form_names_it(
    project: MakeProject,
) -> None:
    panel = project(DID, rounds=ROUNDS, forms={"home": {"uid": "a", "subject": "home"}})
    found = estimated(panel, rows(home=np.tile(np.arange(40), 2)))
    assert (found.clustered_by, found.estimate.n_clusters) == ("home", 40)


def test_two_rounds_of_unnamed_households_are_said_to_be_taken_as_independent(
    project: MakeProject,
) -> None:
    found = estimated(project(DID, rounds=ROUNDS), rows())
    assert found.clustered_by == ""
    assert "independent" in found.notes[0]["en"]


def test_few_clusters_are_said_to_be_few(project: MakeProject) -> None:
    frame = rows(village=np.repeat(np.arange(20), 4))
    found = estimated(project({}, design={"clusters": "village"}), frame)
    assert "fewer than 40" in found.notes[0]["en"]


def test_an_arm_in_one_cluster_only_is_refused_and_not_certain(project: MakeProject) -> None:
    frame = rows()
    with pytest.raises(MealError, match="cluster"):
        estimated(project({}, design={"clusters": "arm"}), frame)


def test_a_form_that_tells_no_arm_is_refused(project: MakeProject) -> None:
    study = project({})
    from meal_pipeline.forms import parse_content, unite

    def form(name: str) -> Any:
        survey = {"survey": [{"type": "integer", "name": name}]}
        return unite([parse_content(survey, asset_uid="a", version_uid="v")])

    some = FormRows("home", rows().drop(columns="arm"), form("y"), (form("arm"),))
    with pytest.raises(ArmsUnknown, match="home"):
        estimate_effect(some, study, "c")
