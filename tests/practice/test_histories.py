"""Three histories of a real server, step by step, come out alike on the practice server."""

import importlib.util
import json
from contextlib import closing
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from meal_pipeline.practice import PracticeServer, PracticeUser

from .correspondence import Correspondence, unlike

TOKEN, PASSWORD = "officertoken", "right"
MADE_UP = frozenset(
    {"_id", "formhub/uuid", "__version__", "_xform_id_string", "_uuid"}
    | {"meta/instanceID", "meta/rootUuid", "meta/deprecatedID"}
)
MOMENTS = frozenset({"_submission_time", "timestamp", "start", "end"})


def driver(histories: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location("driver", histories / "history_driver.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def lines(path: Path) -> list[Any]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def ids_as(step: dict[str, Any], pairs: Correspondence) -> dict[str, Any]:
    """A recorded step with our ids."""
    told = dict(step)
    del told["n"]
    if "id" in told:
        told["id"] = pairs.given[told["id"]]
    if "ids" in told:
        told["ids"] = [pairs.given[each] for each in told["ids"]]
    return told


@pytest.mark.parametrize("seed", [101, 102, 103])
def test_every_state_of_a_recorded_history_is_reached(seed: int, shared: Path) -> None:
    histories = shared / "reference" / "kobo" / "recorded" / "histories"
    folder = histories / f"seed{seed}"
    users = {TOKEN: PracticeUser("officer", TOKEN, PASSWORD)}
    pairs = Correspondence()
    with PracticeServer(users=users, seed=seed) as server:
        driven = driver(histories).Driver(server.url, "officer", PASSWORD, seed)
        with closing(driven.c):
            driven.make()
            steps = zip(
                lines(folder / "history.jsonl"), lines(folder / "states.jsonl"), strict=True
            )
            for step, state in steps:
                assert driven.step() == ids_as(step, pairs), step
                wrong = list(unlike(driven.rows(), state["rows"], pairs, MADE_UP, MOMENTS))
                assert wrong == [], step
            told = driven.c.get(f"{driven.a}versions/", params={"deployed": "True"}).json()
            details = [
                driven.c.get(f"{driven.a}versions/{each['uid']}/").json()
                for each in told["results"]
            ]
    recorded = json.loads((folder / "versions.json").read_bytes())["details"]
    made_up = frozenset({"uid", "url", "content_hash", "$kuid"})
    moments = frozenset({"date_deployed", "date_modified"})
    assert list(unlike(details, recorded, pairs, made_up, moments)) == []
