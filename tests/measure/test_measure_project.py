"""Measuring a project into the store, on both databases."""

import hashlib
import json
from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest
from sqlalchemy import Table, select

from meal_pipeline.measure.measure_project import MeasureReport, measure_project
from meal_pipeline.rows.loading import NothingValidated
from meal_pipeline.store import Store, replace_rows
from meal_pipeline.store.submission_log import FormVersion, append_versions
from meal_pipeline.store.tables import measure as tables
from meal_pipeline.store.tables.validate import blocks
from meal_pipeline.workspace.project import Project

from .conftest import CONTENT, SERVER

MakeProject = Callable[..., Project]
MakeRows = Callable[..., pd.DataFrame]
Fill = Callable[..., str]


def held(store: Store, table: Table, **where: Any) -> list[dict[str, Any]]:
    with store.read() as connection:
        query = select(table).where(*(table.c[name] == value for name, value in where.items()))
        return [dict(row) for row in connection.execute(query).mappings()]


def fingerprint(store: Store, **where: Any) -> str:
    every = [
        sorted(held(store, table, **where), key=repr)
        for table in (tables.estimates, tables.changes, tables.categories, tables.rounds)
    ]
    return hashlib.sha256(repr(every).encode()).hexdigest()


@pytest.fixture
def measured(store: Store, project: MakeProject, survey: MakeRows, filled: Fill) -> MeasureReport:
    """The survey, measured."""
    filled(survey())
    return measure_project(store, project())


def test_every_figure_names_its_n_its_methods_its_snapshot_and_itself(
    store: Store, measured: MeasureReport
) -> None:
    rows = held(store, tables.estimates)
    assert len(rows) == measured.estimates > 100
    assert all(row["method"] and row["ci_method"] for row in rows)
    assert {row["snapshot_id"] for row in rows} == {measured.snapshot_id}
    assert {row["status"] for row in rows} == {"draft"}
    assert len({row["figure_id"] for row in rows}) == len(rows)
    assert all(row["n"] > 0 for row in rows if row["ci_low"] is not None)
    assert {(row["estimate"], row["se"]) for row in rows if row["n"] == 0} == {(None, None)}


def test_a_place_is_named_by_its_p_code(
    store: Store, survey: MakeRows, measured: MeasureReport
) -> None:
    by_place = held(store, tables.estimates, disaggregation="place", arm="all", round="endline")
    assert {(row["category"], row["place"]) for row in by_place} == {
        ("SY01", "SY01"),
        ("SY02", "SY02"),
        ("(not stated)", ""),
    }
    (unknown,) = [one for one in measured.blocked if one.kind == "place"]
    answered = survey().place.dropna()
    assert f"{answered.eq('SY03').sum()} of {len(answered)} rows" in unknown.sentence
    assert "“SY03”" in unknown.sentence
    assert "meal places resolve p" in unknown.sentence
    both = held(store, tables.estimates, disaggregation="sex|place", arm="all", round="endline")
    assert {row["place"] for row in both} == {""}
    assert "f|SY01" in {row["category"] for row in both}


def test_the_same_snapshot_and_definitions_write_nothing(
    store: Store, project: MakeProject, measured: MeasureReport
) -> None:
    before = fingerprint(store)
    again = measure_project(store, project())
    assert measured.changed
    assert not again.changed
    assert fingerprint(store) == before


def test_changed_rows_replace_the_figures_of_before(
    store: Store, project: MakeProject, survey: MakeRows, filled: Fill, measured: MeasureReport
) -> None:
    filled(survey(seed=2))
    again = measure_project(store, project())
    assert again.changed
    rows = held(store, tables.estimates)
    assert {row["snapshot_id"] for row in rows} == {again.snapshot_id} != {measured.snapshot_id}


def test_an_older_snapshot_gives_its_own_numbers_again(
    store: Store, project: MakeProject, survey: MakeRows, filled: Fill, measured: MeasureReport
) -> None:
    before = fingerprint(store)
    filled(survey(seed=2))
    measure_project(store, project())
    measure_project(store, project(), snapshot_id=measured.snapshot_id)
    assert fingerprint(store) == before


def test_other_projects_keep_their_rows(
    store: Store, project: MakeProject, survey: MakeRows, filled: Fill, measured: MeasureReport
) -> None:
    before = fingerprint(store, project="p")
    filled(survey(seed=3), project="q")
    measure_project(store, project(code="q"))
    assert fingerprint(store, project="p") == before
    assert held(store, tables.estimates, project="q")


def test_a_rerun_under_another_name_stands_beside_the_official_figures(
    store: Store, project: MakeProject, measured: MeasureReport
) -> None:
    official = held(store, tables.estimates, variant="official")
    rerun = measure_project(store, project(indicators={}), variant="mine")
    assert rerun.estimates == 0
    measure_project(store, project(), variant="mine")
    assert held(store, tables.estimates, variant="official") == official
    mine = held(store, tables.estimates, variant="mine")
    assert len(mine) == len(official)
    assert not {row["figure_id"] for row in mine} & {row["figure_id"] for row in official}


def test_what_validating_blocked_is_left_out_and_told(
    store: Store, project: MakeProject, survey: MakeRows, filled: Fill
) -> None:
    filled(survey())
    why = {"en": "No such question.", "ar": "لا سؤال."}
    row = {"project": "p", "kind": "indicator", "subject": "high", "message": json.dumps(why)}
    with store.write() as connection:
        replace_rows(connection, blocks, [row], {"project": "p"})
    report = measure_project(store, project())
    assert (report.estimates, report.changes) == (0, 0)
    assert [(one.subject, one.sentence) for one in report.blocked] == [
        ("high", "No such question.")
    ]
    assert [row["stage"] for row in held(store, blocks)] == ["validate"]


def test_a_split_that_a_new_version_breaks_is_left_out_alone(
    store: Store, project: MakeProject, survey: MakeRows, filled: Fill
) -> None:
    filled(survey().assign(place="SY01"))
    without = [one for one in CONTENT["survey"] if one["name"] != "sex"]
    with store.write() as connection:
        later = FormVersion("v2", "h2", {**CONTENT, "survey": without}, "2027")
        append_versions(connection, SERVER, "aHome", [later])
    report = measure_project(store, project())
    assert {one.subject for one in report.blocked} == {"sex", "sex|place"}
    assert "which version v2 of the form home no longer has" in report.blocked[0].sentence
    splits = {row["disaggregation"] for row in held(store, tables.estimates)}
    assert "place" in splits and "sex" not in splits


def test_what_cannot_be_measured_is_named_in_both_languages_until_it_can(
    store: Store, project: MakeProject, survey: MakeRows, filled: Fill
) -> None:
    filled(survey().assign(place="SY01"))
    good = project().indicators["high"].model_dump()
    wrong = good | {"expression": "${scoree} > 5"}
    report = measure_project(store, project(indicators={"wrong": wrong, "good": good}))
    assert [one.subject for one in report.blocked] == ["wrong"]
    (row,) = held(store, blocks)
    assert (row["stage"], row["kind"], row["subject"]) == ("measure", "indicator", "wrong")
    assert set(json.loads(row["message"])) == {"en", "ar"}
    assert {row["indicator"] for row in held(store, tables.estimates)} == {"good"}
    measure_project(store, project(indicators={"good": good}))
    assert held(store, blocks) == []


def test_declarations_stand_as_rows_with_names_in_both_languages(
    store: Store, measured: MeasureReport
) -> None:
    (project,) = held(store, tables.projects)
    assert (project["name_en"], project["name_ar"], project["retired"]) == ("P", "م", False)
    (indicator,) = held(store, tables.indicators)
    assert (indicator["indicator"], indicator["form"], indicator["position"]) == ("high", "home", 1)
    categories = held(store, tables.categories, disaggregation="sex")
    assert [(row["category"], row["name_ar"]) for row in categories] == [
        ("f", "أنثى"),
        ("m", "ذكر"),
        ("x", None),
    ]
    assert {row["disaggregation_ar"] for row in categories} == {"الجنس"}
    places = held(store, tables.categories, disaggregation="place")
    assert [(row["category"], row["place"]) for row in places] == [
        ("SY01", "SY01"),
        ("SY02", "SY02"),
    ]
    pair = held(store, tables.categories, disaggregation="sex|place", category="f|SY02")
    assert (pair[0]["name_en"], pair[0]["disaggregation_en"]) == ("F × Two", "Sex × Place")


def test_a_round_has_the_days_of_its_rows_where_the_project_is(
    store: Store, measured: MeasureReport
) -> None:
    rows = held(store, tables.rounds)
    assert [(row["round"], row["position"]) for row in rows] == [
        ("baseline", 1),
        ("endline", 2),
        ("later", 3),
    ]
    # The first row came at 22:30 UTC on 1 March, which is the 2nd in Damascus.
    assert rows[0]["data_from"] == "2026-03-02"
    assert (rows[2]["data_from"], rows[2]["data_to"]) == (None, None)


def test_a_project_without_rounds_has_one_round_without_a_code(
    store: Store, project: MakeProject, survey: MakeRows, filled: Fill
) -> None:
    filled(survey())
    report = measure_project(store, project(rounds=None))
    assert report.changes == 0
    assert [row["round"] for row in held(store, tables.rounds)] == [""]
    assert {row["round"] for row in held(store, tables.estimates)} == {""}


def test_notes_tell_of_rows_without_a_cluster_and_of_both_rounds_answers(
    store: Store, project: MakeProject, survey: MakeRows, filled: Fill
) -> None:
    frame = survey()
    filled(frame)
    measure_project(store, project(design={"clusters": "village"}))
    row = held(store, tables.estimates, round="baseline", arm="all", disaggregation="")[0]
    lacking = frame["village"][frame["wave"] == "baseline"].isna().sum()
    assert json.loads(row["note"])["en"].endswith(f"of its own: {lacking}.")
    change = held(store, tables.changes, arm="all", disaggregation="")[0]
    scored = frame["score"].notna()
    answers = [(scored & (frame["wave"] == one)).sum() for one in ("baseline", "endline")]
    assert json.loads(change["note"])["en"].startswith(
        f"Answers: {answers[0]} in Baseline, {answers[1]} in Endline."
    )
    assert (change["statistic"], change["design"]) == ("difference", "taylor_stacked")


def test_a_project_that_was_never_validated_is_told_what_to_run(
    store: Store, project: MakeProject
) -> None:
    with pytest.raises(NothingValidated) as caught:
        measure_project(store, project())
    assert caught.value.next_step == "meal run p"
