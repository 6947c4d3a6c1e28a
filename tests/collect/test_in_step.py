"""Edits, deletions and statuses on the server, found and held, on both databases."""

from datetime import timedelta
from typing import Any

import pytest

from meal_pipeline.collect import PullFailed
from meal_pipeline.kobo import Incomplete
from meal_pipeline.store.submission_log import bodies


def test_deleted_rows_are_held_no_longer_and_stay_in_the_log(office: Any) -> None:
    office.pull()
    before = office.now
    office.server.delete("aHousehold", 3, 7)
    report = office.pull()
    assert (report.rows_deleted, report.rows_held, report.changed) == (2, 10, True)
    assert office.held() == office.truth()
    assert {3, 7} <= set(office.held(as_of=before))
    assert not office.pull().changed


def test_a_deleted_row_that_is_sent_again_is_a_new_one(office: Any) -> None:
    office.pull()
    uuid = office.held()[3]["_uuid"]
    office.server.delete("aHousehold", 3)
    office.pull()
    again = office.server.submit("aHousehold", {"name": "Household 2"}, instance_uuid=uuid)
    report = office.pull()
    assert (report.rows_new, report.rows_returned) == (1, 0)
    assert again in office.held()
    assert 3 not in office.held()


def test_a_form_that_comes_back_from_the_bin_brings_its_rows_back(office: Any) -> None:
    office.pull()
    held = office.held()
    office.server.trash("aHousehold")
    with pytest.raises(PullFailed, match="has no form aHousehold"):
        office.pull()
    assert office.held() == held
    office.server.untrash("aHousehold")
    assert not office.pull().changed


def test_more_deletions_than_the_limit_wait_for_a_person(office: Any) -> None:
    office.sync = {"deleted_percent": 5}
    office.pull()
    office.server.delete("aHousehold", 1)
    office.server.submit("aHousehold", {"name": "New"})
    for _time in range(2):
        with pytest.raises(PullFailed, match=r"1 of the 13 submissions .* no longer on the server"):
            office.pull()
    assert 1 in office.held()
    assert 13 in office.held()
    report = office.pull(accept_deletions=["household"])
    assert report.rows_deleted == 1
    assert office.held() == office.truth()
    assert not office.pull().changed


def test_all_rows_gone_is_never_taken_for_deletions(office: Any) -> None:
    office.pull()
    office.server.delete("aHousehold", *office.ids())
    with pytest.raises(PullFailed, match="12 of the 12"):
        office.pull()
    assert len(office.held()) == 12


def test_rows_hidden_by_a_change_of_rights_are_not_deleted(office: Any) -> None:
    office.pull()
    office.server.set_rights(
        "aHousehold",
        "officer",
        "view_asset",
        "partial_submissions",
        rows={"name": {"$ne": "Household 4"}},
    )
    with pytest.raises(PullFailed, match="rights have changed"):
        office.pull()
    assert len(office.held()) == 12
    office.server.set_rights("aHousehold", "officer", "view_asset", "view_submissions")
    assert not office.pull().changed


@pytest.mark.parametrize("rights", [("view_asset",), ()])
def test_without_the_right_to_see_rows_nothing_changes(office: Any, rights: Any) -> None:
    office.pull()
    office.server.set_rights("aHousehold", "officer", *rights)
    with pytest.raises(PullFailed):
        office.pull()
    assert len(office.held()) == 12


def test_a_revoked_token_is_a_failed_pull_and_nothing_else(office: Any) -> None:
    office.pull()
    office.server.revoke(office.token)
    with pytest.raises(PullFailed, match="token"):
        office.pull()
    assert len(office.held()) == 12


def test_a_validation_status_is_no_new_version_of_the_row(office: Any) -> None:
    office.pull()
    office.server.validate("aHousehold", 4, status="approved")
    report = office.pull()
    assert (report.rows_revalidated, report.rows_edited) == (1, 0)
    assert office.statuses() == {4: ("approved", False)}
    office.server.validate("aHousehold", 4, status=None)
    assert office.pull().rows_revalidated == 1
    assert office.statuses() == {}


def test_an_edit_after_the_approval_is_told(office: Any) -> None:
    office.pull()
    office.server.validate("aHousehold", 4, 5, status="approved")
    office.pull()
    office.server.edit("aHousehold", 4, {"name": "Other"})
    office.pull()
    assert office.statuses() == {4: ("approved", True), 5: ("approved", False)}
    office.server.validate("aHousehold", 4, status="approved")
    office.pull()
    assert office.statuses()[4] == ("approved", False)


def test_every_past_moment_can_be_asked_for(office: Any) -> None:
    office.pull()
    moments = {office.now: office.truth()}
    office.server.edit("aHousehold", 2, {"name": "Edited"})
    office.server.delete("aHousehold", 5)
    office.pull()
    moments[office.now] = office.truth()
    office.server.edit("aHousehold", 2, {"name": "Edited again"})
    office.server.submit("aHousehold", {"name": "New"})
    office.pull()
    moments[office.now] = office.truth()
    for moment, rows in moments.items():
        assert office.held(as_of=moment) == rows
        assert office.held(as_of=moment + timedelta(minutes=30)) == rows
    assert office.held(as_of=min(moments) - timedelta(seconds=1)) == {}


def test_a_repeat_that_turned_flat_is_no_new_version(office: Any) -> None:
    office.server.submit("aHousehold", {"name": "A", "members": [{"members/who": "x"}]})
    office.pull()
    office.server.deploy("aHousehold", {"survey": [{"type": "text", "name": "name"}]}, "v2")
    office.server.validate("aHousehold", 13, status="on_hold")
    assert "members" not in office.truth()[13]
    assert office.pull(depth="verify").rows_edited == 0
    assert office.held()[13]["members"] == [{"members/who": "x"}]


def test_files_added_later_are_found_where_the_form_asks_for_files(office: Any) -> None:
    survey = [{"type": "text", "name": "name"}, {"type": "image", "name": "photo"}]
    office.server.deploy("aHousehold", {"survey": survey}, "v2")
    office.pull()
    uid = office.server.attach("aHousehold", 4, "photo", filename="one.jpg", content=b"jpg")
    assert office.pull().rows_edited == 1
    assert office.held() == office.truth()
    assert not office.pull().changed
    office.server.detach("aHousehold", uid)
    assert office.pull().rows_edited == 1
    assert office.held()[4]["_attachments"][0]["is_deleted"]


def test_a_row_edited_between_the_look_and_its_body_is_held_as_it_is_then(office: Any) -> None:
    office.pull()
    office.server.edit("aHousehold", 1, {"name": "First edit"})
    told: list[int] = []

    def edit(_form: str, read: int, _expected: int) -> None:
        if not told:
            office.server.edit("aHousehold", 1, {"name": "Second edit"})
        told.append(read)

    office.pull(progress=edit)
    office.pull()
    assert office.held() == office.truth()


def test_a_row_deleted_between_the_look_and_its_body_is_gone(office: Any) -> None:
    office.pull()
    for number in (1, 2):
        office.server.edit("aHousehold", number, {"name": "Edited"})
    looked: list[int] = []

    def delete(_form: str, read: int, _expected: int) -> None:
        looked.append(read)
        if looked == [5, 10, 12]:
            office.server.delete("aHousehold", 2)

    report = office.pull(progress=delete)
    assert report.rows_deleted == 1
    assert office.held() == office.truth()


def test_rows_that_are_counted_but_never_given_stop_the_pull(office: Any) -> None:
    office.pull()
    held = office.held()
    office.server.submit("aHousehold", {"name": "New"})
    office.server.fault(
        "/api/v2/assets/aHousehold/data/",
        times=99,
        rewrite=lambda body: body.replace(b'"count":13', b'"count":14'),
    )
    with pytest.raises(PullFailed) as refusal:
        office.pull()
    assert isinstance(refusal.value.__cause__, Incomplete)
    assert office.held() == held


def test_a_pull_that_looks_at_the_last_rows_only_finds_deletions_by_the_count(office: Any) -> None:
    office.sync = {"deleted_percent": 50, "scan_hours": 24}
    for number in range(600):
        office.server.submit("aHousehold", {"name": f"More {number}"})
    office.pull()
    assert office.pull().depth == "recent"
    office.server.submit("aHousehold", {"name": "New"})
    report = office.pull()
    assert (report.depth, report.rows_new) == ("recent", 1)
    office.server.delete("aHousehold", 3)
    report = office.pull()
    assert (report.depth, report.rows_deleted) == ("scan", 1)
    office.now += timedelta(hours=24)
    assert office.pull().depth == "scan"


def test_where_the_server_tells_when_rows_were_modified_edits_come_without_a_look_at_all(
    office: Any,
) -> None:
    office.server.date_modified = True
    for number in range(600):
        office.server.submit("aHousehold", {"name": f"More {number}"})
    office.pull()
    office.server.edit("aHousehold", 20, {"name": "Edited"})
    office.server.delete("aHousehold", 30)
    report = office.pull()
    assert (report.depth, report.rows_edited, report.rows_deleted) == ("modified", 1, 0)
    assert (report.rows_on_server, report.rows_held) == (611, 612)
    office.now += timedelta(hours=24)
    assert office.pull().rows_deleted == 1
    assert office.held() == office.truth()


def test_every_answer_is_compared_again_when_that_is_due(office: Any) -> None:
    office.pull()
    form = office.server.form("aHousehold")
    changed = office.truth()[6] | {"name": "Changed behind our back", "_validation_status": {}}
    form.put(changed)
    assert not office.pull().changed
    office.now += timedelta(days=31)
    report = office.pull()
    assert (report.depth, report.rows_edited) == ("verify", 1)
    assert office.held() == office.truth()


def test_a_broken_off_verification_goes_on_where_it_stopped(office: Any) -> None:
    office.pull()
    office.now += timedelta(days=31)

    class Broken(Exception):
        pass

    def break_off(_form: str, read: int, _expected: int) -> None:
        if read == 10:
            raise Broken

    with pytest.raises(Broken):
        office.pull(progress=break_off)
    read: list[int] = []
    office.pull(progress=lambda _form, rows, _expected: read.append(rows))
    assert read[0] == 2
    assert office.held() == office.truth()


def test_rows_that_come_with_a_date_of_long_ago_are_found(office: Any) -> None:
    office.pull()
    old = office.now - timedelta(days=900)
    office.server.submit("aHousehold", {"name": "Old"}, submission_time=old)
    assert office.pull().rows_new == 1


def test_what_was_received_is_never_changed(office: Any) -> None:
    office.pull()
    first = list(bodies(office.store, *office.where, None, office.key))
    moment = office.now
    office.server.edit("aHousehold", 1, {"name": "Edited"})
    office.server.validate("aHousehold", 2, status="approved")
    office.server.delete("aHousehold", 3)
    office.pull()
    text = moment.strftime("%Y-%m-%dT%H:%M:%SZ")
    assert list(bodies(office.store, *office.where, None, office.key, as_of=text)) == first
