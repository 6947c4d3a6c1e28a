"""After any history of changes on the server, what is held equals what the server has."""

import json
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from benchmarks.histories import STEPS, Step, practice_server, run_history
from meal_pipeline.collect import form_pull
from meal_pipeline.practice import PracticeForm, PracticeServer, PracticeVersion
from meal_pipeline.store import Store

from .conftest import without_status

NUMBERS = count()
SLOW = [HealthCheck.too_slow, HealthCheck.function_scoped_fixture]


@pytest.fixture(scope="module")
def server() -> Iterator[PracticeServer]:
    with practice_server() as running, pytest.MonkeyPatch.context() as patch:
        patch.setattr(form_pull, "_RECENT_ROWS", 3)  # so that small forms are looked at in part
        yield running


@pytest.mark.parametrize("store", ["sqlite"], indirect=True)
@settings(max_examples=200, deadline=None, suppress_health_check=SLOW)
@given(steps=STEPS)
def test_random_histories_on_sqlite(
    store: Store, server: PracticeServer, steps: list[Step]
) -> None:
    run_history(server, store, f"a{next(NUMBERS)}", steps)


@pytest.mark.parametrize("store", ["postgresql"], indirect=True)
@settings(max_examples=20, deadline=None, suppress_health_check=SLOW)
@given(steps=STEPS)
def test_random_histories_on_postgresql(
    store: Store, server: PracticeServer, steps: list[Step]
) -> None:
    run_history(server, store, f"a{next(NUMBERS)}", steps)


def recorded(shared: Path) -> list[Path]:
    folder = shared / "reference" / "kobo" / "recorded" / "histories"
    return sorted(one for one in folder.iterdir() if one.is_dir())


def lines(path: Path) -> list[Any]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


@pytest.mark.parametrize("number", range(3))
@pytest.mark.parametrize("store", ["sqlite"], indirect=True)
def test_a_recorded_history_is_followed_step_by_step(
    office: Any, shared: Path, number: int
) -> None:
    folder = recorded(shared)[number]
    details = json.loads((folder / "versions.json").read_bytes())["details"]
    versions = [
        PracticeVersion(each["uid"], each["content"], deployed_at=each["date_deployed"])
        for each in sorted(details, key=lambda each: each["date_deployed"])
    ]
    form = office.server.add(PracticeForm("aHousehold", "Household", versions=versions))
    office.sync = {"deleted_percent": 100}
    then = {}
    for state in lines(folder / "states.jsonl"):
        rows = {row["_id"]: row for row in state["rows"]}
        for gone in set(form.ids(0, float("inf"))) - rows.keys():
            form.remove(gone)
        for row in rows.values():
            form.put(row)
        office.pull()
        then[office.now] = {one: without_status(row) for one, row in rows.items()}
        assert office.held() == then[office.now]
        statuses = office.statuses().items()
        assert {one: status for one, (status, _edited) in statuses if one in rows} == {
            one: row["_validation_status"]["uid"].removeprefix("validation_status_")
            for one, row in rows.items()
            if row["_validation_status"]
        }
    for moment, held in then.items():
        assert office.held(as_of=moment) == held
