"""What is read is whole, in order, and proven."""

from collections.abc import Iterable
from typing import Any

import pytest

from meal_pipeline.kobo import Incomplete, Page
from meal_pipeline.practice import PracticeServer

from .conftest import FORM, Connect


def ids(pages: Iterable[Page]) -> list[int]:
    return [row["_id"] for page in pages for row in page.rows]


def test_the_token_tells_whose_it_is(connect: Connect) -> None:
    assert connect().me().username == "officer"


def test_a_form_is_described_with_its_deployed_version_and_rights(connect: Connect) -> None:
    form = connect().asset(FORM)
    assert (form.deployed_version_id, form.submission_count, form.deployment_status) == (
        "v1",
        250,
        "deployed",
    )
    assert "view_submissions" in form.effective_permissions
    assert form.content is not None


def test_content_is_left_out_on_request(connect: Connect) -> None:
    assert connect().asset(FORM, exclude=("content", "summary")).content is None


def test_all_forms_are_listed_however_many_there_are(
    server: PracticeServer, connect: Connect
) -> None:
    from meal_pipeline.practice import PracticeForm

    for number in range(205):
        server.add(PracticeForm(f"a{number}", f"Form {number}"))
    assert len(connect().assets()) == 206


def test_all_versions_are_listed_newest_first_however_many_there_are(
    server: PracticeServer, connect: Connect
) -> None:
    for number in range(2, 150):
        server.deploy(FORM, {"survey": []}, f"v{number}")
    server.draft(FORM, {"survey": []}, "v150")
    listed = connect().versions(FORM)
    assert [version.uid for version in listed] == [f"v{n}" for n in range(149, 0, -1)]
    assert connect().versions(FORM, deployed=False)[0].date_deployed is None


def test_a_version_comes_with_its_content(connect: Connect) -> None:
    content = connect().version(FORM, "v1").content
    assert content is not None
    assert content["survey"][0]["name"] == "age"


@pytest.mark.parametrize("page_size", [1, 7, 100, 250, 1000])
def test_every_submission_is_read_once_whatever_the_page_size(
    connect: Connect, page_size: int
) -> None:
    pull = connect().submissions(FORM, page_size=page_size)
    assert ids(pull) == list(range(1, 251))
    proof = pull.prove()
    assert (proof.rows_read, proof.count_before, proof.count_after) == (250, 250, 250)


def test_a_server_that_cuts_pages_silently_is_read_to_the_end(
    server: PracticeServer, connect: Connect
) -> None:
    server.max_page = 30
    pull = connect().submissions(FORM)
    assert ids(pull) == list(range(1, 251))
    assert pull.prove().complete


def test_an_empty_form_is_complete_with_no_rows(server: PracticeServer, connect: Connect) -> None:
    for number in range(1, 251):
        server.delete(FORM, number)
    pull = connect().submissions(FORM)
    assert ids(pull) == []
    assert pull.prove().rows_read == 0


def test_reading_goes_on_after_an_id(connect: Connect) -> None:
    pull = connect().submissions(FORM, after_id=240)
    assert ids(pull) == list(range(241, 251))
    assert pull.prove().count_before == 10


def test_rows_added_and_edited_meanwhile_are_neither_lost_nor_doubled(
    server: PracticeServer, connect: Connect
) -> None:
    pull = connect().submissions(FORM, page_size=50)
    seen = []
    for page in pull:
        seen += [row["_id"] for row in page.rows]
        if len(seen) <= 200:
            server.submit(FORM, {"demo/age": 1})
            server.edit(FORM, 3, {"demo/age": len(seen)})
    assert seen == list(range(1, 255))
    assert pull.prove().rows_read == 254


def test_a_row_that_arrives_after_the_last_page_does_not_disturb_the_proof(
    server: PracticeServer, connect: Connect
) -> None:
    pull = connect().submissions(FORM)
    ids(pull)
    server.submit(FORM, {})
    assert pull.prove().rows_read == 250


def test_a_row_that_shows_late_behind_the_cursor_makes_the_pull_incomplete(
    server: PracticeServer, connect: Connect
) -> None:
    server.submit(FORM, {}, id=300)
    pull = connect().submissions(FORM)
    ids(pull)
    server.submit(FORM, {}, id=260)
    with pytest.raises(Incomplete, match=r"251 submissions were read, but .* counts 252"):
        pull.prove()


def test_a_row_deleted_while_reading_makes_the_pull_incomplete(
    server: PracticeServer, connect: Connect
) -> None:
    pull = connect().submissions(FORM, page_size=100)
    first = next(iter(pull))
    server.delete(FORM, first.rows[0]["_id"])
    ids(pull)
    with pytest.raises(Incomplete) as caught:
        pull.prove()
    assert (caught.value.rows_read, caught.value.count_after) == (250, 249)


def test_a_pull_left_before_its_end_is_incomplete(connect: Connect) -> None:
    pull = connect().submissions(FORM, page_size=100)
    next(iter(pull))
    with pytest.raises(Incomplete):
        pull.prove()


def test_rows_are_found_by_id_and_those_gone_are_absent(connect: Connect) -> None:
    wanted = [*range(1, 251), 9_999]
    assert ids(connect().submissions_by_id(FORM, wanted)) == list(range(1, 251))


def test_a_query_limits_the_rows_and_the_proof(connect: Connect) -> None:
    pull = connect().submissions(FORM, query={"demo/age": {"$in": ["3", "4", "900"]}}, page_size=1)
    assert ids(pull) == [4, 5]
    assert pull.prove().count_before == 2
    assert connect().count(FORM, query={"demo/age": "3"}) == 1


def test_a_status_that_was_not_asked_for_is_not_told(connect: Connect) -> None:
    def keys(fields: list[str]) -> set[str]:
        row: dict[str, Any] = next(iter(connect().submissions(FORM, fields=fields))).rows[0]
        return set(row)

    assert keys(["_uuid"]) == {"_id", "_uuid", "meta/rootUuid"}
    assert "_validation_status" in keys(["_uuid", "_validation_status"])


def test_traffic_is_counted(connect: Connect) -> None:
    client = connect()
    ids(client.submissions(FORM, page_size=100))
    assert client.traffic.requests == 3
    assert client.traffic.bytes_received > 250 * 100
