"""The practice server is a small KoboToolbox: what happens to it shows in its answers."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from meal_pipeline.errors import MealError
from meal_pipeline.practice import PRACTICE_TOKEN, PracticeForm, PracticeServer, PracticeVersion

FORM = "aHOUSEHOLDS"
CONTENT = {
    "survey": [
        {"type": "begin_group", "name": "demo", "$xpath": "demo"},
        {"type": "integer", "name": "age", "$xpath": "demo/age"},
        {"type": "end_group"},
        {"type": "geopoint", "name": "place", "$xpath": "place"},
    ]
}


def made(*, seed: int = 0) -> PracticeServer:
    version = PracticeVersion("v1", CONTENT, deployed_at="2026-01-01T00:00:00.000000Z")
    return PracticeServer([PracticeForm(FORM, "Households", [version])], seed=seed)


def get(server: PracticeServer, path: str, token: str | None = PRACTICE_TOKEN) -> httpx.Response:
    headers = {"authorization": f"Token {token}"} if token else {}
    return httpx.get(f"{server.url}{path}", headers=headers)


def rows(server: PracticeServer, **params: Any) -> list[dict[str, Any]]:
    query = str(
        httpx.QueryParams({k: v if k == "limit" else json.dumps(v) for k, v in params.items()})
    )
    answer = get(server, f"/api/v2/assets/{FORM}/data/?{query}")
    found: list[dict[str, Any]] = answer.json()["results"]
    return found


def test_answers_are_text_and_the_unanswered_have_no_key() -> None:
    with made() as server:
        answers = {"demo/age": 30, "ok": True, "demo/name": "", "x": None, "place": "36.1 37.2 0 0"}
        server.submit(FORM, answers, submitted_by="omar")
        (row,) = rows(server)
    assert (row["demo/age"], row["ok"]) == ("30", "true")
    assert not row.keys() & {"demo/name", "x"}
    assert (row["_geolocation"], row["_submitted_by"]) == ([36.1, 37.2], "omar")


def test_wholly_empty_rows_of_repeats_vanish_at_every_depth() -> None:
    inner = [{"members/ill/name": ""}, {"members/ill/name": "asthma"}]
    members = [{}, {"members/name": "Rana", "members/ill": inner}, {"members/ill": [{}]}]
    with made() as server:
        server.submit(FORM, {"members": members, "plots": [{}]})
        (row,) = rows(server)
    kept = [{"members/name": "Rana", "members/ill": [{"members/ill/name": "asthma"}]}]
    assert row["members"] == kept
    assert "plots" not in row


def test_an_edit_keeps_the_identity_and_renews_the_uuid() -> None:
    with made() as server:
        server.submit(FORM, {"demo/age": 30, "demo/sex": "f"})
        (before,) = rows(server)
        server.deploy(FORM, CONTENT, "v2")
        uuid = server.edit(FORM, 1, {"demo/age": 31, "demo/sex": None})
        (after,) = rows(server)
    for stays in ("_id", "_submission_time", "meta/rootUuid", "_submitted_by"):
        assert after[stays] == before[stays]
    assert after["_uuid"] == uuid != before["_uuid"]
    assert after["meta/instanceID"] == f"uuid:{uuid}"
    assert after["meta/deprecatedID"] == f"uuid:{before['_uuid']}"
    assert (after["__version__"], after["demo/age"]) == ("v2", "31")
    assert "demo/sex" not in after


def test_a_row_keeps_the_version_it_was_sent_with() -> None:
    with made() as server:
        server.deploy(FORM, CONTENT, "v2")
        server.submit(FORM, {"demo/age": 1}, version="v1")
        server.submit(FORM, {"demo/age": 2})
        assert [row["__version__"] for row in rows(server)] == ["v1", "v2"]


def test_a_draft_is_the_head_but_not_what_is_deployed() -> None:
    with made() as server:
        server.draft(FORM, CONTENT, "v2")
        told = get(server, f"/api/v2/assets/{FORM}/").json()
    assert (told["version_id"], told["deployed_version_id"]) == ("v2", "v1")


def test_a_page_holds_100_rows_unless_asked_and_1000_at_most() -> None:
    with made() as server:
        for number in range(1005):
            server.submit(FORM, {"demo/age": number})
        assert len(rows(server)) == 100
        assert len(rows(server, limit=5000)) == 1000


def test_the_same_events_make_the_same_server() -> None:
    def state(seed: int) -> bytes:
        with made(seed=seed) as server:
            for number in range(5):
                server.submit(FORM, {"demo/age": number})
            server.edit(FORM, 2, {"demo/age": 9})
            return get(server, f"/api/v2/assets/{FORM}/data/").content

    assert state(1) == state(1) != state(2)


def test_a_deleted_row_leaves_nothing_but_the_days_count() -> None:
    with made() as server:
        server.submit(FORM, {})
        server.submit(FORM, {})
        server.delete(FORM, 1)
        assert [row["_id"] for row in rows(server)] == [2]
        counted = get(server, f"/api/v2/assets/{FORM}/counts/").json()
    assert counted == {"daily_submission_counts": {"2026-01-01": 2}, "total_submission_count": 1}


def test_time_and_ids_can_be_given() -> None:
    with made() as server:
        moment = datetime(2025, 3, 1, 10, tzinfo=UTC)
        server.submit(FORM, {}, id=700, submission_time=moment, instance_uuid="a-b")
        server.submit(FORM, {})
        first, second = rows(server)
    assert (first["_id"], first["_submission_time"], first["_uuid"]) == (
        700,
        "2025-03-01T10:00:00",
        "a-b",
    )
    assert second["_id"] == 701


def test_what_is_not_built_says_so() -> None:
    with made() as server:
        answer = get(server, f"/api/v2/assets/{FORM}/reports/")
        written = httpx.post(
            f"{server.url}/api/v2/imports/",
            headers={"authorization": f"Token {PRACTICE_TOKEN}"},
        )
    assert (answer.status_code, written.status_code) == (501, 501)
    assert answer.json() == {"detail": "The practice server does not answer this."}


def test_a_folder_of_forms_is_served(tmp_path: Path) -> None:
    form = {
        "uid": "aTRAINING",
        "name": "Training",
        "versions": [
            {"uid": "v1", "deployed_at": "2026-01-01T00:00:00.000000Z", "content": CONTENT}
        ],
        "submissions": [
            {"answers": {"demo/age": "30"}, "submission_time": "2026-01-02T10:00:00", "id": 5},
            {"answers": {"demo/age": "31"}},
        ],
    }
    (tmp_path / "training.json").write_text(json.dumps(form))
    (tmp_path / "users.json").write_text(json.dumps({"t" * 40: "officer"}))
    server = PracticeServer()
    server.load(tmp_path)
    with server:
        answer = get(server, "/api/v2/assets/aTRAINING/data/", token="t" * 40).json()
    assert [(row["_id"], row["demo/age"]) for row in answer["results"]] == [(5, "30"), (6, "31")]


@pytest.mark.parametrize("text", ["{", "[]", '{"uid": "a"}'])
def test_a_file_that_is_no_form_is_named(tmp_path: Path, text: str) -> None:
    (tmp_path / "broken.json").write_text(text)
    with pytest.raises(MealError, match=r"broken\.json is not a form"):
        PracticeServer().load(tmp_path)


def test_an_empty_folder_is_said_to_be_empty(tmp_path: Path) -> None:
    with pytest.raises(MealError, match="no forms"):
        PracticeServer().load(tmp_path)


def test_a_port_in_use_is_one_clear_sentence() -> None:
    with made() as server, pytest.raises(MealError, match="is in use or not allowed"):
        PracticeServer().start(port=int(server.url.rpartition(":")[2]))


@pytest.mark.parametrize("act", ["submit", "edit", "delete"])
def test_what_is_not_there_cannot_be_changed(act: str) -> None:
    server = made()
    with pytest.raises(MealError, match="The practice server has no"):
        {
            "submit": lambda: server.submit("aNONE", {}),
            "edit": lambda: server.edit(FORM, 9, {}),
            "delete": lambda: server.delete(FORM, 9),
        }[act]()
