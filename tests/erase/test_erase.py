"""A respondent withdraws: nothing of the submission is left, and it does not come back."""

from typing import Any

import pytest
from sqlalchemy import select

from meal_pipeline.erase import NothingToErase, find_submission
from meal_pipeline.store import PartRef, SnapshotUnknown, insert_rows
from meal_pipeline.store.submission_log import bodies, head_index
from meal_pipeline.store.tables import metadata
from meal_pipeline.store.tables.erase import erasures, snapshot_replacements
from meal_pipeline.store.tables.places import place_matches
from meal_pipeline.store.tables.validate import findings

WITH_IDS = ("submissions", "submission_heads", "submission_spans", "validation_statuses")


def rows(office: Any, table: Any) -> list[Any]:
    with office.store.read() as connection:
        return list(connection.execute(select(table)))


def held_in_files(office: Any) -> set[int]:
    """Give every submission that any file of any snapshot holds."""
    found: set[int] = set()
    for path in office.store.snapshots.folder.glob("??/*.parquet"):
        frame = office.store.snapshots.read_part(PartRef(path.stem, 0))
        for name in ("_id", "submission_id"):
            if name in frame.columns:
                found |= set(frame[name].dropna().tolist())
    return found


def test_every_version_goes_and_only_that_submission(office: Any) -> None:
    office.server.edit("aHousehold", 2, {"place": "Elsewhere"})
    office.run()
    done = office.erase(2)
    assert done.versions == 2
    where = (office.server.url, "aHousehold")
    assert head_index(office.store, *where)[0].tolist() == [1, 3, 4, 5, 6]
    assert [one["_id"] for one in bodies(office.store, *where, None, office.key)] == [1, 3, 4, 5, 6]
    for name in WITH_IDS:
        assert all(row.submission_id != 2 for row in rows(office, metadata.tables[name]))


def test_snapshots_are_written_anew_without_it(office: Any) -> None:
    old = {stage: office.store.snapshots.latest("food", stage) for stage in ("read", "validate")}
    done = office.erase(2)
    assert {one.old for one in done.snapshots} == {one.snapshot_id for one in old.values()}
    assert office.ids("read") == [1, 3, 4, 5, 6]
    assert office.ids("validate") == [1, 3, 5, 6]
    assert 2 not in held_in_files(office)
    with pytest.raises(SnapshotUnknown):
        office.store.snapshots.open("food", old["read"].snapshot_id)
    noted = rows(office, snapshot_replacements)
    assert {(row.old_snapshot_id, row.new_snapshot_id) for row in noted} == {
        (one.old, one.new) for one in done.snapshots
    }


def test_its_findings_go(office: Any) -> None:
    assert [row.submission_id for row in rows(office, findings)] == [4]
    assert office.erase(4).findings == 1
    assert rows(office, findings) == []


def test_what_was_answered_as_a_place_goes_and_choices_stay(office: Any) -> None:
    match = {"project": "food", "disaggregation": "village", "within": "", "pcode": None}
    match |= {"decided_by": None, "decided_at": None}
    kinds = {"a": "unresolved", "b": "name", "c": "chosen"}
    held = [match | {"spelling": spelling, "kind": kind} for spelling, kind in kinds.items()]
    with office.store.write() as connection:
        insert_rows(connection, place_matches, held)
    office.erase(2)
    assert [row.spelling for row in rows(office, place_matches)] == ["c"]


def test_it_does_not_come_back_with_the_next_pull(office: Any) -> None:
    office.erase(2)
    office.run()
    assert office.ids("read") == [1, 3, 4, 5, 6]
    assert 2 not in held_in_files(office)


def test_it_does_not_come_back_under_a_new_id(office: Any) -> None:
    uuid = office.server.form("aHousehold").get(2).row()["_uuid"]
    office.erase(2)
    office.server.delete("aHousehold", 2)
    office.server.submit("aHousehold", {"place": "Place 1"}, instance_uuid=uuid)
    office.server.submit("aHousehold", {"place": "New"})
    office.run()
    assert office.ids("read") == [1, 3, 4, 5, 6, 8]
    office.run()
    assert office.ids("read") == [1, 3, 4, 5, 6, 8]


def test_what_stays_names_nobody(office: Any) -> None:
    office.erase(2, reason="safety")
    (row,) = rows(office, erasures)
    assert (row.reason, row.versions) == ("safety", 1)
    assert len(row.id_hash) == len(row.root_hash) == 64


def test_erasing_again_finishes_what_broke_off(office: Any, monkeypatch: Any) -> None:
    def power_cut(*_arguments: Any, **_more: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(office.store.snapshots, "save", power_cut)
        with pytest.raises(KeyboardInterrupt):
            office.erase(2)
    assert 2 in held_in_files(office)
    assert find_submission(office.store, office.project, "2", office.key) == [("household", 2)]
    office.erase(2)
    assert 2 not in held_in_files(office)
    assert len(rows(office, erasures)) == 1
    assert office.erase(2).snapshots == ()


def test_a_submission_is_found_by_any_uuid_it_had(office: Any) -> None:
    first = office.server.form("aHousehold").get(2).row()["_uuid"]
    second = office.server.edit("aHousehold", 2, {"place": "Elsewhere"})
    office.run()
    for name in (first, f"uuid:{second}", "2"):
        found = find_submission(office.store, office.project, name, office.key)
        assert found == [("household", 2)]


def test_what_was_never_held_cannot_be_erased(office: Any) -> None:
    with pytest.raises(NothingToErase, match="holds no submission 99"):
        office.erase(99)
    assert rows(office, erasures) == []
