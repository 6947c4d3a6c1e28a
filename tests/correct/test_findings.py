"""Findings live: a person accepts them, rows change, corrections apply."""

import pytest

from meal_pipeline.correct import (
    Entry,
    FindingsRefused,
    accept_findings,
    reopen_findings,
)
from meal_pipeline.store.tables.correct import corrections
from meal_pipeline.store.tables.validate import findings

from .conftest import UID, Office


def finding(office: Office, row: int) -> str:
    return next(
        str(identity)
        for number, identity in office.found("submission_id", "finding_id")
        if number == row
    )


def accept(office: Office, *ids: str, by: str = "Rana", reason: str = "called back") -> None:
    accept_findings(office.store, office.project, ids, by=by, reason=reason, clock=office.clock)


def test_a_finding_names_the_place_of_the_interview(office: Office) -> None:
    assert {place for (place,) in office.found("place")} == {"network"}


def test_a_critical_finding_that_is_accepted_no_longer_quarantines(office: Office) -> None:
    assert office.account() == (6, 4, 0, 2, 0)
    accept(office, finding(office, 4))
    report = office.validate()
    assert office.account() == (6, 5, 0, 1, 0)
    assert report.findings["critical"] == 1
    assert (4, "accepted", "Rana", "called back") in office.found(
        "submission_id", "status", "decided_by", "reason"
    )


def test_an_accepted_finding_stays_so_over_reruns_and_new_rows(office: Office) -> None:
    accept(office, finding(office, 4)[:10])
    office.validate()
    assert not office.validate().changed
    office.server.submit(UID, {"age": "33"}, id=9)
    office.pull()
    office.validate()
    assert office.account() == (7, 6, 0, 1, 0)
    assert (4, "accepted") in office.found("submission_id", "status")


def test_an_accepted_finding_is_open_again_when_its_row_changes(office: Office) -> None:
    accept(office, finding(office, 4))
    office.validate()
    office.edit(4, age="160")
    office.validate()
    assert (4, "open", None, "160") in office.found("submission_id", "status", "reason", "value")
    assert office.account() == (6, 4, 0, 2, 0)


def test_a_finding_that_is_reopened_quarantines_again(office: Office) -> None:
    identity = finding(office, 4)
    accept(office, identity)
    office.validate()
    reopen_findings(office.store, office.project, [identity])
    office.validate()
    assert office.account() == (6, 4, 0, 2, 0)


def test_of_a_row_with_two_critical_findings_one_accepted_leaves_it_out(office: Office) -> None:
    office.edit(5, age="130")
    office.validate()
    accept(office, finding(office, 5))
    office.validate()
    assert office.account() == (6, 4, 0, 2, 0)


@pytest.mark.parametrize(("by", "reason"), [("", "why"), ("Rana", " ")])
def test_accepting_needs_a_person_and_a_reason(office: Office, by: str, reason: str) -> None:
    with pytest.raises(FindingsRefused, match="by a person, for a reason"):
        accept(office, finding(office, 4), by=by, reason=reason)


def test_one_wrong_id_accepts_nothing(office: Office) -> None:
    with pytest.raises(FindingsRefused, match="nothing was changed"):
        accept(office, finding(office, 4), "0000000000")
    assert {status for (status,) in office.found("status")} == {"open"}


def test_findings_that_are_gone_say_why(office: Office) -> None:
    office.correct(Entry("log", "5", "years", position="2", new_value="30", reason="called back"))
    office.edit(4, age="50")
    office.server.delete(UID, 6)
    office.settings = {"sync": {"deleted_percent": 100}}
    office.pull()
    office.validate()
    assert office.found("submission_id", "status") == [
        (4, "resolved"),
        (5, "corrected"),
        (6, "withdrawn"),
    ]


def test_erasing_a_submission_takes_its_corrections_and_corrected_rows(office: Office) -> None:
    office.correct(Entry("log", "4", "remark", new_value="moved house", reason="called back"))
    office.correct(Entry("log", "1", "age", new_value="31", reason="called back"))
    office.erase(4)
    assert office.rows(corrections, "submission_id") == [(1,)]
    assert 4 not in [row for (row,) in office.rows(findings, "submission_id")]
    for stage in ("read", "correct", "validate"):
        snapshot = office.store.snapshots.latest("food", stage)
        assert snapshot is not None
        assert 4 not in snapshot.frame("household")["_id"].tolist()
    assert not any(b"moved house" in path.read_bytes() for path in office.folder.rglob("*.parquet"))
