"""The log of submissions."""

from typing import Any

import pytest
from sqlalchemy import func, select

from meal_pipeline.store import Store
from meal_pipeline.store.body_hash import body_hash
from meal_pipeline.store.sealing import BodyUnreadable
from meal_pipeline.store.submission_log import (
    FormVersion,
    append_submissions,
    append_versions,
    bodies,
    form_versions,
    head_index,
    version_uids,
)
from meal_pipeline.store.submission_publishing import Published, publish_submissions
from meal_pipeline.store.submission_state import held_states
from meal_pipeline.store.tables.collect import submissions

SERVER, FORM = "https://kobo.example", "aForm"
NOW = "2026-11-25T06:00:00Z"


class Key:
    def __init__(self, byte: bytes = b"k") -> None:
        self.byte = byte

    def subkey(self, purpose: str) -> bytes:
        return self.byte * 32


def row(number: int, **answers: Any) -> dict[str, Any]:
    return {"_id": number, "_uuid": f"u{number}", "__version__": "v1", **answers}


def log(store: Store, *rows: dict[str, Any]) -> int:
    with store.write() as connection:
        return append_submissions(
            connection,
            SERVER,
            FORM,
            rows,
            key=Key(),
            pull_id="p",
            received_at=NOW,
        )


def append(store: Store, *rows: dict[str, Any]) -> Published:
    log(store, *rows)
    with store.write() as connection:
        return publish_submissions(connection, SERVER, FORM, at=NOW)


def logged(store: Store) -> int:
    with store.read() as connection:
        return connection.execute(select(func.count()).select_from(submissions)).scalar_one()


def test_each_version_of_a_submission_is_kept_once(store: Store) -> None:
    assert append(store, row(1, age="30"), row(2)) == Published(new=2, edited=0)
    assert append(store, row(1, age="30"), row(2)) == Published(new=0, edited=0)
    assert append(store, row(1, age="31"), row(3)) == Published(new=1, edited=1)
    assert logged(store) == 4


def test_going_back_to_an_earlier_answer_is_a_third_version(store: Store) -> None:
    for age in ("30", "31", "30"):
        append(store, row(1, age=age))
    assert logged(store) == 3
    assert [one["age"] for one in bodies(store, SERVER, FORM, None, Key())] == ["30"]


def test_bodies_come_back_as_received_in_the_order_of_ids(store: Store) -> None:
    sent = [row(9, اسم="سلمى"), row(2, members=[{"members/age": "3"}]), row(5, x=None)]
    append(store, *sent)
    assert list(bodies(store, SERVER, FORM, None, Key())) == [sent[1], sent[2], sent[0]]


def test_bodies_of_a_range_or_of_some_ids(store: Store) -> None:
    append(store, *(row(number) for number in range(1, 8)))

    def ids(wanted: Any) -> list[int]:
        return [one["_id"] for one in bodies(store, SERVER, FORM, wanted, Key())]

    assert ids(range(2, 5)) == [2, 3, 4]
    assert ids([7, 1, 99]) == [1, 7]
    assert ids([]) == []


def test_the_index_tells_each_submissions_hash_and_uuid(store: Store) -> None:
    append(store, row(5), row(2))
    numbers, hashes = head_index(store, SERVER, FORM)
    assert numbers.tolist() == [2, 5]
    assert hashes.tolist() == [body_hash(row(2)), body_hash(row(5))]


def test_what_is_logged_holds_only_once_it_is_published(store: Store) -> None:
    append(store, row(1, age="30"))
    assert log(store, {**row(1, age="31"), "_uuid": "u1b"}, row(2)) == 2
    assert head_index(store, SERVER, FORM)[0].tolist() == [1]
    assert next(bodies(store, SERVER, FORM, [1], Key()))["age"] == "30"
    known = {number: one.state.uuid for number, one in held_states(store, SERVER, FORM).items()}
    assert known == {1: "u1b", 2: "u2"}
    with store.write() as connection:
        assert publish_submissions(connection, SERVER, FORM, at=NOW) == Published(new=1, edited=1)
    assert next(bodies(store, SERVER, FORM, [1], Key()))["age"] == "31"


def test_several_logged_versions_are_published_as_the_last(store: Store) -> None:
    for age in ("30", "31", "32"):
        log(store, row(1, age=age))
    with store.write() as connection:
        assert publish_submissions(connection, SERVER, FORM, at=NOW) == Published(new=1, edited=0)
    assert next(bodies(store, SERVER, FORM, None, Key()))["age"] == "32"


def test_another_key_opens_nothing(store: Store) -> None:
    append(store, row(1))
    with pytest.raises(BodyUnreadable, match="do not open with this workspace's key"):
        list(bodies(store, SERVER, FORM, None, Key(b"x")))


def test_a_body_moved_to_another_submission_does_not_open(store: Store) -> None:
    append(store, row(1), row(2))
    with store.write() as connection:
        body = connection.execute(
            select(submissions.c.body).where(submissions.c.submission_id == 1)
        ).scalar()
        connection.execute(
            submissions.update().where(submissions.c.submission_id == 2).values(body=body)
        )
    with pytest.raises(BodyUnreadable):
        list(bodies(store, SERVER, FORM, [2], Key()))


def attached(**values: Any) -> dict[str, Any]:
    return row(1, _attachments=[{"uid": "att1", "media_file_basename": "a.jpg", **values}])


def test_what_the_server_rewords_is_no_change() -> None:
    same = attached(question_xpath="", download_small_url="http://old/a", filename="x/a.jpg")
    assert body_hash(same) == body_hash(attached(download_url="https://new/a", question_xpath="p"))
    assert body_hash(same) != body_hash(attached(is_deleted=True))


def test_the_order_of_keys_is_no_change() -> None:
    assert body_hash({"a": "1", "b": "2"}) == body_hash({"b": "2", "a": "1"})


def test_versions_come_back_in_the_order_of_their_deployment(store: Store) -> None:
    def version(uid: str, day: int) -> FormVersion:
        return FormVersion(uid, "h", {"survey": [uid]}, f"2026-01-0{day}T00:00:00Z")

    with store.write() as connection:
        append_versions(connection, SERVER, FORM, [version("v2", 2), version("v1", 1)])
        append_versions(connection, SERVER, FORM, [version("v3", 3)])
    assert form_versions(store, SERVER, FORM) == [(v, {"survey": [v]}) for v in ("v1", "v2", "v3")]
    assert version_uids(store, SERVER, FORM) == {"v1", "v2", "v3"}
