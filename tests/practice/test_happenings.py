"""What happens on the practice server leaves the traces that a real server leaves."""

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from meal_pipeline.errors import MealError
from meal_pipeline.practice import PRACTICE_TOKEN, PracticeForm, PracticeServer, PracticeVersion

from .test_server import CONTENT, FORM, get, made, rows

DATA = f"/api/v2/assets/{FORM}/data/"


def survey(*paths: str) -> dict[str, Any]:
    """Content with these repeats, each with one question."""
    questions: list[dict[str, str]] = []
    for path in paths:
        questions += [
            {"type": "begin_repeat", "name": path, "$xpath": path},
            {"type": "text", "name": "o", "$xpath": f"{path}/o"},
            {"type": "end_repeat"},
        ]
    return {"survey": questions}


def with_repeats(*paths: str) -> PracticeServer:
    first = PracticeVersion("v1", survey(*paths), deployed_at="2026-01-01T00:00:00.000000Z")
    return PracticeServer([PracticeForm(FORM, "Households", [first])])


def test_a_status_can_be_set_and_cleared_and_leaves_the_uuid() -> None:
    with made() as server:
        server.submit(FORM, {"demo/age": 30})
        (before,) = rows(server)
        server.validate(FORM, 1, status="approved", by="halima")
        (approved,) = rows(server)
        server.edit(FORM, 1, {"demo/age": 31})
        (edited,) = rows(server)
        server.validate(FORM, 1, status=None)
        (cleared,) = rows(server)
    status = approved["_validation_status"]
    assert (status["uid"], status["label"], status["by_whom"]) == (
        "validation_status_approved",
        "Approved",
        "halima",
    )
    assert approved["_uuid"] == before["_uuid"]
    assert edited["_validation_status"] == status
    assert cleared["_validation_status"] == {}


def test_a_bulk_edit_keeps_the_version_and_renews_each_uuid() -> None:
    with made() as server:
        server.submit(FORM, {"demo/age": 1})
        server.submit(FORM, {"demo/age": 2})
        server.deploy(FORM, CONTENT, "v2")
        uuids = server.bulk_edit(FORM, [1, 2], {"no_such/question": "x", "_id": 9})
        edited = rows(server)
    assert [row["_uuid"] for row in edited] == uuids
    assert {row["__version__"] for row in edited} == {"v1"}
    assert [(row["_id"], row["no_such/question"]) for row in edited] == [(1, "x"), (2, "x")]


def test_a_deleted_row_that_is_sent_again_has_its_uuid_and_a_new_id() -> None:
    with made() as server:
        server.submit(FORM, {}, instance_uuid="a-b")
        server.delete(FORM, 1)
        server.submit(FORM, {}, instance_uuid="a-b")
        (again,) = rows(server)
    assert (again["_id"], again["_uuid"], again["meta/rootUuid"]) == (2, "a-b", "uuid:a-b")


def test_a_copy_is_a_new_submission_without_status() -> None:
    with made() as server:
        server.submit(FORM, {"demo/age": 30, "start": "2026-01-01T08:00:00.000+03:00"})
        server.validate(FORM, 1, status="approved")
        copy = server.duplicate(FORM, 1)
        first, second = rows(server)
    assert copy == second["_id"] == 2
    assert second["_uuid"] != first["_uuid"]
    assert second["meta/rootUuid"] == f"uuid:{second['_uuid']}"
    assert (second["demo/age"], second["_validation_status"]) == ("30", {})
    assert second["start"] == "2026-01-01T00:00:03.000+00:00"


@pytest.mark.parametrize("touch", ["validate", "edit", "bulk_edit"])
def test_a_touched_row_loses_the_list_of_a_removed_repeat_with_one_row(touch: str) -> None:
    with with_repeats("one", "two") as server:
        answers = {"one": [{"one/o": "a"}], "two": [{"two/o": "a"}, {"two/o": "b"}]}
        server.submit(FORM, answers)
        server.submit(FORM, answers)
        server.redeploy(FORM, survey(), "v2")
        untouched = rows(server)[0]
        {
            "validate": lambda: server.validate(FORM, 1, status="approved"),
            "edit": lambda: server.edit(FORM, 1, {"q": "x"}),
            "bulk_edit": lambda: server.bulk_edit(FORM, [1], {"q": "x"}),
        }[touch]()
        first, second = rows(server)
    assert untouched["one"] == second["one"] == [{"one/o": "a"}]
    assert "one" not in first
    assert (first["one/o"], len(first["two"])) == ("a", 2)


def test_rows_carry_the_moment_of_change_only_when_the_server_has_it() -> None:
    with made() as server:
        server.submit(FORM, {})
        server.date_modified = True
        server.submit(FORM, {})
        moment = rows(server)[1]["_date_modified"]
        server.validate(FORM, 2, status="approved")
        old, new = rows(server)
        since = rows(server, query={"_date_modified": {"$gt": moment}})
    assert "_date_modified" not in old
    assert new["_date_modified"] > moment
    assert [row["_id"] for row in since] == [2]


def test_an_old_server_has_large_pages_no_root_uuid_and_two_version_keys() -> None:
    version = PracticeVersion("v1", CONTENT, deployed_at="2026-01-01T00:00:00.000000Z")
    with PracticeServer([PracticeForm(FORM, "Households", [version])], old=True) as server:
        server.deploy(FORM, CONTENT, "v2")
        for number in range(150):
            server.submit(FORM, {"demo/age": number})
        server.edit(FORM, 1, {"demo/age": 9})
        found = rows(server)
        server.upgrade()
        assert len(rows(server)) == 100
    assert len(found) == 150
    assert not any("meta/rootUuid" in row for row in found)
    assert (found[1]["_version_"], found[1]["__version__"]) == ("v1", "v2")


def test_lost_rights_and_the_trash_look_different() -> None:
    with made() as server:
        server.submit(FORM, {})
        server.set_rights(FORM, "officer")
        lost = get(server, DATA)
        server.set_rights(FORM, "officer", "view_asset", "view_submissions")
        assert get(server, DATA).json()["count"] == 1
        server.trash(FORM)
        gone = get(server, DATA)
        server.untrash(FORM)
        assert get(server, DATA).json()["count"] == 1
    assert (lost.status_code, lost.json()) == (404, {"detail": "Not found."})
    assert (gone.status_code, gone.text) == (404, "Resource not found (404)")
    assert gone.headers["content-type"].startswith("text/html")


def test_row_level_rights_show_some_rows_and_no_counts() -> None:
    with made() as server:
        for age in (1, 2, 2):
            server.submit(FORM, {"demo/age": age})
        server.set_rights(
            FORM, "officer", "view_asset", "partial_submissions", rows={"demo/age": "2"}
        )
        assert [row["_id"] for row in rows(server)] == [2, 3]
        told = get(server, f"/api/v2/assets/{FORM}/").json()
        counted = get(server, f"/api/v2/assets/{FORM}/counts/").json()
    assert told["deployment__submission_count"] is None
    assert counted["total_submission_count"] is None


def test_a_revoked_token_is_refused_until_it_is_good_again() -> None:
    with made() as server:
        server.revoke(PRACTICE_TOKEN)
        refused = get(server, DATA)
        server.reinstate(PRACTICE_TOKEN)
        assert get(server, DATA).status_code == 200
    assert (refused.status_code, refused.json()) == (401, {"detail": "Invalid token."})


def test_a_held_row_has_its_id_and_is_seen_later() -> None:
    with made() as server:
        server.submit(FORM, {}, held=True)
        server.submit(FORM, {})
        assert [row["_id"] for row in rows(server)] == [2]
        server.reveal(FORM)
        assert [row["_id"] for row in rows(server)] == [1, 2]


def test_late_rows_are_seen_after_later_ones() -> None:
    with made() as server:
        server.trouble("late-rows", 2)
        seen = []
        for _ in range(6):
            server.submit(FORM, {})
            seen.append([row["_id"] for row in rows(server)])
    assert seen[2] == [1, 2]
    assert seen[4] == [1, 2, 3, 4, 5]


def test_an_archived_form_still_shows_its_rows() -> None:
    with made() as server:
        server.submit(FORM, {})
        server.archive(FORM)
        told = get(server, f"/api/v2/assets/{FORM}/").json()
        assert get(server, DATA).json()["count"] == 1
        server.unarchive(FORM)
        back = get(server, f"/api/v2/assets/{FORM}/").json()
    assert (told["deployment_status"], back["deployment_status"]) == ("archived", "deployed")


def test_a_deleted_attachment_stays_last_in_the_list() -> None:
    with made() as server:
        server.submit(FORM, {})
        first = server.attach(FORM, 1, "photo", filename="صورة 1.png", content=b"1")
        second = server.attach(FORM, 1, "plan", filename="b.png", content=b"2")
        (before,) = rows(server)
        server.detach(FORM, first)
        (after,) = rows(server)
    assert before["photo"] == before["_attachments"][0]["media_file_basename"] == "صورة 1.png"
    assert before["_attachments"][0]["filename"].endswith("/صورة_1.png")
    assert after["_uuid"] == before["_uuid"]
    assert [(file["uid"], file["is_deleted"]) for file in after["_attachments"]] == [
        (second, False),
        (first, True),
    ]


@pytest.mark.parametrize(
    ("kind", "status"), [("429", 429), ("500", 500), ("502", 502), ("503", 503), ("504", 504)]
)
def test_a_storm_lasts_as_long_as_it_was_asked_to(kind: str, status: int) -> None:
    with made() as server:
        server.trouble(kind, 7, times=2)
        answers = [get(server, DATA) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [status, status, 200]
    assert answers[0].headers.get("retry-after") == ("7" if kind == "429" else None)


def test_a_page_can_come_twice() -> None:
    with made() as server:
        for _ in range(4):
            server.submit(FORM, {})
        server.trouble("repeated", times=1)
        pages = [
            [row["_id"] for row in get(server, f"{DATA}?limit=2&start={start}").json()["results"]]
            for start in (0, 2, 2)
        ]
    assert pages == [[1, 2], [1, 2], [3, 4]]


def test_answers_can_be_cut_dropped_late_or_a_web_page() -> None:
    with made() as server:
        server.trouble("truncated", times=1)
        with pytest.raises(httpx.RemoteProtocolError):
            get(server, DATA)
        server.trouble("dropped", times=1)
        with pytest.raises(httpx.HTTPError):
            get(server, DATA)
        server.trouble("html", times=1)
        assert get(server, DATA).headers["content-type"] == "text/html"
        server.trouble("latency", 0.3, times=1)
        started = datetime.now(UTC)
        assert get(server, DATA).status_code == 200
        assert datetime.now(UTC) - started >= timedelta(seconds=0.3)


def test_a_token_can_be_revoked_half_way() -> None:
    with made() as server:
        server.trouble("revoked-token", skip=1)
        assert [get(server, DATA).status_code for _ in range(3)] == [200, 401, 401]
        server.clear_faults()
        assert get(server, DATA).status_code == 200


def test_a_clock_that_is_wrong_shows_in_the_rows() -> None:
    with made() as server:
        server.trouble("clock-skew", -7200)
        server.submit(FORM, {})
        assert rows(server)[0]["_submission_time"] == "2025-12-31T22:00:01"


def test_an_unknown_trouble_is_refused_with_the_names() -> None:
    with pytest.raises(MealError, match="no trouble named flood"):
        made().trouble("flood")
