"""Comparing a project into the store, on both databases."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sqlalchemy import select

from meal_pipeline.compare.compare_project import compare_project
from meal_pipeline.store import Store, replace_rows
from meal_pipeline.store.submission_log import FormVersion, append_versions
from meal_pipeline.store.tables.compare import effects
from meal_pipeline.store.tables.validate import blocks
from meal_pipeline.workspace.project import Project

MakeProject = Callable[..., Project]
SURVEY = [{"type": "integer", "name": name} for name in ("arm", "y", "village")]


def held(store: Store, **where: Any) -> list[dict[str, Any]]:
    with store.read() as connection:
        query = select(effects).where(*(effects.c[name] == value for name, value in where.items()))
        return [dict(row) for row in connection.execute(query).mappings()]


def two_comparisons(project: Project, **changes: Any) -> Project:
    again = project.comparisons["c"].model_copy(update=changes)
    return project.model_copy(update={"comparisons": {"c": project.comparisons["c"], "d": again}})


@pytest.fixture(autouse=True)
def snapshot(store: Store) -> str:
    """Two hundred valid rows in fifty villages, in which taking part adds 2."""
    rng = np.random.default_rng(1)
    arm = np.tile([0, 1], 100)
    frame = pd.DataFrame(
        {
            "_submission_time": pd.date_range("2026-03-01", periods=200, tz="UTC").as_unit("us"),
            "arm": pd.array(arm, dtype="Int64"),
            "y": pd.array(rng.integers(0, 10, 200) + 2 * arm, dtype="Int64"),
            "village": pd.array(np.repeat(np.arange(50), 4), dtype="Int64"),
        }
    )
    version = FormVersion("v1", "hash", {"survey": SURVEY, "choices": []}, None)
    with store.write() as connection:
        append_versions(connection, "https://kobo.example.org", "aHome", [version])
    parts = {"home": [store.snapshots.write_part(frame)]}
    now = datetime(2026, 11, 25, tzinfo=UTC)
    return store.snapshots.save("p", "validate", parts, {}, lambda: now).snapshot_id


def test_an_effect_is_written_with_its_label_method_and_counts(
    store: Store, project: MakeProject, snapshot: str
) -> None:
    report = compare_project(store, project({}, design={"clusters": "village"}))
    assert (report.effects, report.blocked, report.snapshot_id) == (1, (), snapshot)
    (row,) = held(store)
    assert 1 < row["ci_low"] < row["estimate"] < row["ci_high"] < 3.2
    assert (row["n"], row["n_clusters"], row["df"]) == (200, 50, 49)
    assert (row["n_participants"], row["n_comparison"], row["n_dropped"]) == (100, 100, 0)
    assert (row["label"], row["statistic"], row["design"], row["arm"]) == (
        "attributed_effect",
        "effect",
        "randomised_ols_cr1",
        "participants",
    )
    assert "CR1" in row["method"]
    assert row["ci_method"]
    assert set(json.loads(row["label_reason"])) == {"en", "ar"}
    assert (row["name_en"], row["name_ar"], row["status"]) == ("C", "م", "draft")


def test_rows_assigned_one_by_one_are_said_to_have_no_clusters(
    store: Store, project: MakeProject
) -> None:
    compare_project(store, project({}))
    (row,) = held(store)
    assert (row["clustered_by"], row["design"]) == ("", "randomised_ols_hc1")
    assert "HC1" in row["method"]


def test_the_same_snapshot_and_definitions_write_nothing(
    store: Store, project: MakeProject
) -> None:
    assert compare_project(store, project({})).changed
    before = held(store)
    assert not compare_project(store, project({})).changed
    assert held(store) == before


def test_a_comparison_that_cannot_be_computed_is_named_and_the_others_stand(
    store: Store, project: MakeProject
) -> None:
    study = two_comparisons(project({}), assignment_unit="school")
    report = compare_project(store, study)
    assert [(one.kind, one.subject) for one in report.blocked] == [("comparison", "d")]
    assert "school" in report.blocked[0].sentence
    assert [row["comparison"] for row in held(store)] == ["c"]
    with store.read() as connection:
        (row,) = connection.execute(select(blocks.c.stage, blocks.c.subject)).all()
    assert tuple(row) == ("compare", "d")


def test_two_comparisons_that_are_one_figure_are_told(store: Store, project: MakeProject) -> None:
    report = compare_project(store, two_comparisons(project({})))
    assert (report.effects, [one.subject for one in report.blocked]) == (1, ["d"])
    assert "same figure as c" in report.blocked[0].sentence


def test_a_comparison_of_a_blocked_indicator_is_blocked_with_its_reason(
    store: Store, project: MakeProject
) -> None:
    why = {"en": "No such question.", "ar": "لا سؤال."}
    row = {"project": "p", "kind": "indicator", "subject": "y", "message": json.dumps(why)}
    with store.write() as connection:
        replace_rows(connection, blocks, [row], {"project": "p"})
    report = compare_project(store, project({}))
    assert [(one.subject, one.sentence) for one in report.blocked] == [("c", "No such question.")]
    assert held(store) == []


def test_a_rerun_under_another_name_leaves_the_official_effect(
    store: Store, project: MakeProject
) -> None:
    compare_project(store, project({}))
    official = held(store, variant="official")
    compare_project(store, project({}, design={"clusters": "village"}), variant="by_village")
    assert held(store, variant="official") == official
    assert len(held(store)) == 2
