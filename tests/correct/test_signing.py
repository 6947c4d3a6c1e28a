"""Corrections in the store: two signatures, applied over rows, taken back."""

from typing import Any

import pytest

from meal_pipeline.correct import (
    CorrectionsRefused,
    Entry,
    list_corrections,
    reject_corrections,
)
from meal_pipeline.correct.signing import NothingToDo
from meal_pipeline.store.tables.correct import corrections
from meal_pipeline.store.tables.measure import projects

from .conftest import UID, Office


def line(row: str, question: str = "", new: str | None = None, **more: Any) -> Entry:
    return Entry("log", row, question, new_value=new, **{"reason": "called back", **more})


def statuses(office: Office) -> list[Any]:
    return [status for (status,) in office.rows(corrections, "status")]


def test_a_corrected_answer_counts_and_the_read_rows_stay(office: Office) -> None:
    read = office.store.snapshots.latest("food", "read")
    assert office.mean_age() == pytest.approx(100 / 3)
    office.correct(line("4", "age", "٥٠"))
    assert office.valid("_id", "age") == [[1, 30], [2, 30], [3, 40], [4, 50], [6, None]]
    assert office.mean_age() == pytest.approx(37.5)
    assert statuses(office) == ["applied"]
    assert office.store.snapshots.latest("food", "read") == read


def test_an_answer_that_could_not_be_read_is_no_finding_once_corrected(office: Office) -> None:
    assert (6, "open") in office.found("submission_id", "status")
    office.correct(line("6", "age", "10", old_value="ten"))
    assert (6, "corrected") in office.found("submission_id", "status")
    assert [6, 10] in office.valid("_id", "age")


def test_answers_of_repeats_dates_and_choices_are_typed_as_reading_does(office: Office) -> None:
    office.correct(
        line("5", "years", "31", position="2"),
        line("1", "visit", "2026-03-09"),
        line("1", "needs", "tanker"),
        line("2", "water", "tanker"),
    )
    assert [5, "2", 31] in office.valid("_id", "_position", "years", frame="household/members")
    first = office.valid("visit", "needs", "needs/network", "needs/tanker")[0]
    assert [str(first[0])[:10], *first[1:]] == ["2026-03-09", "tanker", False, True]
    assert office.valid("water")[1] == ["tanker"]


def test_an_answer_that_is_blanked_is_missing(office: Office) -> None:
    office.correct(line("3", "age", kind="blank_response"))
    assert [3, None] in office.valid("_id", "age")


def test_a_removed_survey_is_left_out_and_accounted_for(office: Office) -> None:
    office.correct(line("4", kind="remove_survey"), line("1", kind="remove_survey"))
    assert office.account() == (6, 3, 0, 1, 2)
    assert [one for (one,) in office.valid("_id")] == [2, 3, 6]
    assert {one for (one,) in office.valid("_id", frame="household/members")} == {2, 3, 6}
    assert not office.validate().changed


def test_all_surveys_of_a_form_may_be_removed(office: Office) -> None:
    office.correct(*(line(str(one), kind="remove_survey") for one in range(1, 7)))
    assert office.account() == (6, 0, 0, 0, 6)


def test_a_correction_taken_back_leaves_everything_as_before(office: Office) -> None:
    before = office.valid("_id", "age"), office.account(), office.mean_age()
    snapshot = office.validate().snapshot_id
    identity = office.propose(line("4", "age", "50"))
    office.approve(*identity)
    assert office.validate().snapshot_id != snapshot
    reject_corrections(office.store, office.project, identity, by="Rana", clock=office.clock)
    assert office.validate().snapshot_id == snapshot
    assert (office.valid("_id", "age"), office.account(), office.mean_age()) == before
    assert (4, "open") in office.found("submission_id", "status")
    assert statuses(office) == ["rejected"]


def test_what_is_only_proposed_changes_nothing(office: Office) -> None:
    office.propose(line("4", "age", "50"))
    assert not office.validate().changed


@pytest.mark.parametrize("name", ["Rana", " rana ", "ＲＡＮＡ"])
def test_nobody_approves_her_own_correction(office: Office, name: str) -> None:
    (identity,) = office.propose(line("4", "age", "50"), by="Rana")
    with pytest.raises(CorrectionsRefused, match="cannot approve it"):
        office.approve(identity, by=name)
    assert statuses(office) == ["proposed"]


def test_an_office_of_one_declares_it_and_every_figure_says_so(office: Office) -> None:
    assert office.rows(projects, "single_person") == [(False,)]
    office.settings = {"corrections": {"single_person": True}}
    (identity,) = office.propose(line("4", "age", "50"))
    office.approve(identity, by="Rana")
    office.validate()
    assert office.rows(projects, "single_person") == [(True,)]
    assert [4, 50] in office.valid("_id", "age")
    office.settings = {}
    office.validate()
    assert [4, 50] not in office.valid("_id", "age")


def test_one_correction_that_cannot_be_approved_approves_none(office: Office) -> None:
    mine = office.propose(line("4", "age", "50"), by="Samer")
    hers = office.propose(line("1", "age", "31"), by="Rana")
    with pytest.raises(CorrectionsRefused):
        office.approve(*hers, *mine, by="Samer")
    assert statuses(office) == ["proposed", "proposed"]


def test_a_correction_whose_row_changed_is_reopened_and_not_applied(office: Office) -> None:
    office.correct(line("4", "age", "50"))
    office.edit(4, age="60")
    office.validate()
    assert [4, 60] in office.valid("_id", "age")
    assert statuses(office) == ["reopened"]


def test_a_correction_is_not_approved_once_its_row_changed(office: Office) -> None:
    ids = office.propose(line("4", "age", "50"))
    office.edit(4, age="60")
    with pytest.raises(CorrectionsRefused, match="changed on the server"):
        office.approve(*ids)


def test_a_correction_that_can_no_longer_be_applied_is_named_and_the_rest_runs(
    office: Office,
) -> None:
    office.correct(line("4", "age", "50"), line("1", "remark", "moved"))
    personal = {"remark": {"kind": "text", "treatment": "pseudonym"}}
    office.settings = {"forms": {"household": {"uid": UID, "personal_data": personal}}}
    report = office.validate()
    assert [4, 50] in office.valid("_id", "age")
    assert statuses(office) == ["applied", "approved"]
    (named,) = [one for one in report.blocks if one.kind == "correction"]
    assert "“remark” are not corrected here" in named.sentence


def test_other_rows_that_change_leave_corrections_applied(office: Office) -> None:
    office.correct(line("4", "age", "50"))
    office.edit(1, age="31")
    office.server.submit(UID, {"age": "20"}, id=9)
    office.pull()
    office.validate()
    assert office.valid("_id", "age") == [
        [1, 31], [2, 30], [3, 40], [4, 50], [6, None], [9, 20]
    ]  # fmt: skip


def test_no_action_accepts_the_findings_until_it_is_taken_back(office: Office) -> None:
    ids = office.propose(line("4", "age", kind="no_action"))
    office.approve(*ids)
    office.validate()
    assert office.account() == (6, 5, 0, 1, 0)
    reject_corrections(office.store, office.project, ids, by="Rana", clock=office.clock)
    office.validate()
    assert office.account() == (6, 4, 0, 2, 0)


def test_the_same_line_again_is_there_already(office: Office) -> None:
    office.propose(line("4", "age", "50"))
    with pytest.raises(NothingToDo, match="nothing was done"):
        office.propose(line("4", "age", "50"))


def test_what_was_rejected_may_be_proposed_again(office: Office) -> None:
    ids = office.propose(line("4", "age", "50"))
    reject_corrections(office.store, office.project, ids, by="Samer", clock=office.clock)
    office.propose(line("4", "age", "50"))
    assert sorted(statuses(office)) == ["proposed", "rejected"]
    assert len(list_corrections(office.store, "food", ["proposed"])) == 1


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (line("77", "age", "50"), "There is no row 77"),
        (line("no-such-uuid", "age", "50"), "There is no row no-such-uuid"),
        (line("4", "agee", "50"), "column question: .*agee.*"),
        (line("4", "age", "fifty"), "cannot be read as a number"),
        (line("4", "age", "150"), "does nothing"),
        (line("4", "age"), "asks for nothing"),
        (line("4", "age", kind="change_response"), "There is no new answer"),
        (line("4", "age", "50", kind="swap"), "“swap” is no action"),
        (line("4", "age", "50", reason=""), "There is no reason"),
        (line("4", "age", "50", old_value="149"), "The row has another answer: “150”"),
        (line("4", "age", "50", kind="blank_response"), "a new one is given"),
        (line("6", "water", "Water tanker"), "is the label of a choice .* Write the code: tanker"),
        (line("6", "water", "river"), "is no choice of “water”. .*network"),
        (line("4", "head_name", "Ali"), "are not corrected here: they are personal"),
        (line("4", "spot", "1 2 0 0"), "are not corrected here"),
        (line("5", "years", "3"), "has no answer at place —"),
        (line("5", "years", "3", position="3"), "has no answer at place 3"),
        (line("5", "age", "3", position="1"), "Leave the place empty"),
        (line("4", "visit", "1447-01-01"), "date of another calendar"),
    ],
)
def test_a_wrong_line_is_named_with_its_fix_and_nothing_is_done(
    office: Office, wrong: Entry, said: str
) -> None:
    with pytest.raises(CorrectionsRefused, match=said):
        office.propose(line("1", "age", "31"), wrong)
    assert statuses(office) == []


def test_lines_that_contradict_each_other_are_named(office: Office) -> None:
    with pytest.raises(CorrectionsRefused, match="contradicts log"):
        office.propose(line("4", "age", "50"), line("4", "age", "51"))
    with pytest.raises(CorrectionsRefused, match="contradicts log"):
        office.propose(line("4", "age", "50"), line("4", kind="remove_survey"))
    (identity,) = office.propose(line("4", "age", "50"))
    with pytest.raises(CorrectionsRefused, match=f"contradicts {identity}"):
        office.propose(line("4", "age", "51"))
