"""The valid rows of a form out of a snapshot."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pandas as pd
import pytest

from meal_pipeline.rows.loading import FormNotInSnapshot, forms_at, forms_of, load_rows
from meal_pipeline.store import Snapshot, Store
from meal_pipeline.store.submission_log import FormVersion, append_versions
from meal_pipeline.workspace.project import Project

MakeProject = Callable[..., Project]


def now() -> datetime:
    return datetime(2026, 11, 25, tzinfo=UTC)


def version(uid: str, *choices: str) -> FormVersion:
    content = {
        "survey": [
            {"type": "select_one sex", "name": "sex"},
            {"type": "integer", "name": "income"},
            {"type": "geopoint", "name": "where"},
        ],
        "choices": [{"list_name": "sex", "name": name, "label": name} for name in choices],
    }
    return FormVersion(uid, uid, content, None)


def snapshot(store: Store, stage: str, parents: dict[str, Any]) -> Snapshot:
    frame = pd.DataFrame(
        {
            "_submission_time": pd.to_datetime(["2026-03-01"], utc=True).as_unit("us"),
            "sex": pd.Series(["f"], dtype="str"),
            "income": pd.array([5], dtype="Int64"),
            "where/latitude": [33.5],
        }
    )
    parts = {"home": [store.snapshots.write_part(frame)]}
    return store.snapshots.save("p", stage, parents=parents, frames=parts, clock=now)


@pytest.fixture
def study(store: Store, project: MakeProject) -> Project:
    """A project whose form was deployed a second time, with another choice."""
    with store.write() as connection:
        versions = [version("v1", "f", "m"), version("v2", "f", "m", "x")]
        append_versions(connection, "https://kobo.example.org", "aHome", versions)
    return project(
        indicators={
            "i": {
                "name": {"en": "I"},
                "level": "outcome",
                "form": "home",
                "statistic": "mean",
                "expression": "${income}",
                "disaggregate": ["sex"],
            }
        },
        disaggregations={"sex": {"name": {"en": "S"}, "question": "sex"}},
    )


def test_only_the_columns_that_are_used_are_read(store: Store, study: Project) -> None:
    found = load_rows(snapshot(store, "validate", {}), study, "home", forms_of(store, study))
    assert list(found.frame) == ["_submission_time", "sex", "income"]


def test_an_older_snapshot_keeps_the_form_as_it_was_read_with(store: Store, study: Project) -> None:
    read = snapshot(store, "read", {"home": {"versions": ["v1"]}})
    valid = snapshot(store, "validate", {"read": read.snapshot_id})

    def choices(forms: dict[str, Any]) -> list[str]:
        return [one.name for one in forms["home"].choices_of(forms["home"].column("sex"))]

    assert choices(forms_at(store, study, valid)) == ["f", "m"]
    assert choices(forms_of(store, study)) == ["f", "m", "x"]


def test_a_form_that_was_never_pulled_is_named(store: Store, study: Project) -> None:
    with pytest.raises(FormNotInSnapshot, match="feedback"):
        load_rows(snapshot(store, "validate", {}), study, "feedback", forms_of(store, study))
