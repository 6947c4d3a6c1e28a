"""Bad networks and servers: a pull ends with what the server has, or fails and heals the next time.

What one request does with a bad answer is tested with the client.
"""

import socket
from collections.abc import Callable
from datetime import timedelta
from threading import Thread
from typing import Any

import orjson
import pytest

from meal_pipeline.collect import PullFailed, collect_project
from meal_pipeline.kobo import KoboClient
from meal_pipeline.practice import PRACTICE_TOKEN

UID = "aHousehold"
FORM = f"/api/v2/assets/{UID}/"
DATA = f"{FORM}data/"
PAGE = {"headers": {"content-type": "text/html"}, "body": b"<h1>Bad gateway</h1>"}
EMPTY = b'{"count":0,"next":null,"previous":null,"results":[]}'

pytestmark = pytest.mark.parametrize("store", ["sqlite"], indirect=True)

STORMS = {
    "cut inside a page": {"truncate": 0.5},
    "429": {"status": 429, "headers": {"retry-after": "7"}},
    "500": {"status": 500},
    "502": {"status": 502, **PAGE},
    "503": {"status": 503, **PAGE},
    "504": {"status": 504, **PAGE},
    "dropped": {"drop": True},
    "a page again": {"repeat": True},
    "a web page": {"status": 200, **PAGE},
    "nothing at all": {"rewrite": lambda _body: b""},
    "a count of null": {"rewrite": lambda body: orjson.dumps(orjson.loads(body) | {"count": None})},
}


def changed_since(office: Any) -> dict[int, dict[str, Any]]:
    """Pull, let some things happen, and give what was held before."""
    office.pull()
    before: dict[int, dict[str, Any]] = office.held()
    for number in range(7):
        office.server.submit(UID, {"name": f"New {number}"})
    office.server.edit(UID, 3, {"name": "Edited"})
    office.server.delete(UID, 5)
    return before


def names(rows: dict[int, dict[str, Any]]) -> dict[int, str]:
    return {number: row["name"] for number, row in rows.items()}


@pytest.mark.parametrize("skip", [0, 1, 4])
@pytest.mark.parametrize("trouble", STORMS.values(), ids=STORMS)
def test_a_storm_without_end_changes_nothing_and_the_next_pull_heals(
    office: Any, trouble: dict[str, Any], skip: int
) -> None:
    before = changed_since(office)
    office.server.fault(DATA, times=None, skip=skip, **trouble)
    with pytest.raises(PullFailed) as failure:
        office.pull()
    assert failure.value.next_step
    assert office.held() == before
    office.server.clear_faults()
    office.pull()
    assert office.held() == office.truth()


@pytest.mark.parametrize("skip", range(6))
def test_an_empty_answer_is_never_taken_for_deletions(office: Any, skip: int) -> None:
    before = changed_since(office)
    office.server.fault(DATA, times=None, skip=skip, rewrite=lambda _body: EMPTY)
    with pytest.raises(PullFailed):
        office.pull()
    assert before.keys() <= office.held().keys()
    office.server.clear_faults()
    office.pull()
    assert office.held() == office.truth()


@pytest.mark.parametrize("skip", range(4))
@pytest.mark.parametrize(
    "trouble", ["cut inside a page", "429", "500", "502", "503", "504", "dropped"]
)
def test_a_short_storm_is_not_even_noticed(office: Any, trouble: str, skip: int) -> None:
    changed_since(office)
    office.server.fault(DATA, times=2, skip=skip, **STORMS[trouble])
    assert office.pull().rows_deleted == 1
    assert office.held() == office.truth()


def test_the_wait_that_a_server_asks_for_is_kept_in_a_pull(office: Any) -> None:
    waits: list[float] = []
    office.server.fault(DATA, times=2, skip=1, **STORMS["429"])
    collect_project(
        office.store,
        office.project,
        key=office.key,
        connect=lambda url: KoboClient(url, PRACTICE_TOKEN, sleep=waits.append),
        clock=lambda: office.now,
    )
    assert waits == [7, 7]


@pytest.mark.parametrize("skip", range(8))
def test_one_answer_of_another_request_is_never_taken_for_rows(office: Any, skip: int) -> None:
    changed_since(office)
    office.server.fault(DATA, repeat=True, skip=skip)
    try:
        office.pull()
    except PullFailed:
        office.pull()
    assert office.held() == office.truth()


@pytest.mark.parametrize("first", [True, False])
def test_rows_deleted_and_edited_between_pages_are_held_as_they_are_at_last(
    office: Any, first: bool
) -> None:
    if not first:
        changed_since(office)
    changes = [
        lambda: office.server.delete(UID, 2),
        lambda: office.server.edit(UID, 1, {"name": "Meanwhile"}),
        lambda: office.server.submit(UID, {"name": "Meanwhile"}),
        lambda: office.server.validate(UID, 4, status="approved"),
    ]
    office.pull(progress=lambda *_step: changes.pop(0)() if changes else None)
    office.pull()
    assert changes == []
    assert office.held() == office.truth()
    assert office.statuses() == {4: ("approved", False)}


def test_ids_that_become_visible_out_of_order_are_found_while_rows_are_pulled(office: Any) -> None:
    office.server.trouble("late-rows", 2)
    for number in range(9):
        office.server.submit(UID, {"name": f"New {number}"})
    office.pull(progress=lambda *_step: office.server.reveal(UID))
    office.pull()
    assert len(office.held()) == 21
    assert office.held() == office.truth()


@pytest.mark.parametrize("modified", [False, True])
@pytest.mark.parametrize("ours", [-7, 0, 7])
@pytest.mark.parametrize("theirs", [-7, 0, 7])
def test_clocks_that_are_wrong_by_hours_lose_nothing(
    office: Any, ours: int, theirs: int, modified: bool
) -> None:
    office.server.date_modified = modified
    office.pull()
    office.server.skew_clock(timedelta(hours=theirs))
    office.now += timedelta(hours=ours)
    office.server.submit(UID, {"name": "New"})
    office.server.edit(UID, 3, {"name": "Edited"})
    office.server.delete(UID, 5)
    office.server.validate(UID, 1, status="approved")
    office.pull()
    office.server.skew_clock(timedelta())
    office.now += timedelta(hours=30)
    office.pull()
    assert names(office.held()) == names(office.truth()) == names(office.held(office.now))
    assert office.statuses() == {1: ("approved", False)}


@pytest.mark.parametrize("skip", range(6))
def test_a_token_revoked_half_way_changes_nothing(office: Any, skip: int) -> None:
    before = changed_since(office)
    read: list[int] = []

    def revoke(_form: str, rows: int, _expected: int) -> None:
        read.append(rows)
        if len(read) == skip + 1:
            office.server.revoke(office.token)

    try:
        office.pull(progress=revoke)
    except PullFailed as failure:
        assert "token" in str(failure)
        assert office.held() == before
    if len(read) > skip:
        office.server.reinstate(office.token)
    office.pull()
    assert office.held() == office.truth()


@pytest.mark.parametrize("upgraded_at", [1, 2, 4])
def test_a_server_that_is_upgraded_half_way_is_read_to_its_end(
    office: Any, upgraded_at: int
) -> None:
    office.server.old, office.server.max_page = True, 8
    for number in range(30):
        office.server.submit(UID, {"name": f"Old {number}"})
    pages: list[int] = []

    def upgrade(_form: str, rows: int, _expected: int) -> None:
        pages.append(rows)
        if len(pages) == upgraded_at:
            office.server.old, office.server.max_page = False, 3

    office.pull(progress=upgrade)
    assert office.held() == office.truth()
    assert not office.pull().changed


def test_a_body_of_twenty_megabytes_is_a_row_like_others(office: Any) -> None:
    text = "".join(f"{number:x}" for number in range(3_900_000))[:20_000_000]
    office.server.submit(UID, {"name": text})
    office.pull()
    assert office.held()[13]["name"] == text
    assert not office.pull().changed


def dripping() -> tuple[str, Callable[[], None]]:
    """Give the address of a server that sends one byte after another, and how to end it."""
    listening = socket.create_server(("127.0.0.1", 0))
    ended: list[bool] = []

    def serve() -> None:
        while not ended:
            try:
                connection, _from = listening.accept()
            except OSError:
                return
            with connection:
                connection.recv(65_536)
                head = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\r\n"
                try:
                    connection.sendall(head)
                    while not ended:
                        connection.sendall(b" ")
                except OSError:
                    continue

    Thread(target=serve, daemon=True).start()

    def end() -> None:
        ended.append(True)
        listening.close()

    return f"http://127.0.0.1:{listening.getsockname()[1]}", end


def test_a_server_that_sends_one_answer_for_ever_is_given_up(office: Any) -> None:
    address, end = dripping()
    project = office.project.model_copy(update={"server": address})
    try:
        with pytest.raises(PullFailed, match="cannot be reached"):
            collect_project(
                office.store,
                project,
                key=office.key,
                connect=lambda url: KoboClient(url, None, patience=0.2, retries=0),
                clock=lambda: office.now,
            )
    finally:
        end()
