"""Checks of many interviews: questions, teams, strata, second visits."""

import json
from datetime import timedelta
from typing import Any

import pytest

from meal_pipeline.forms import unite
from meal_pipeline.validate.findings import records
from meal_pipeline.validate.validate_form import validate_form

from ..builders import START, choices, form, loaded, main_frame, project, row, verdict_frame
from .survey import COUNT, TEAMS, UNION, check, everything, interviews, validated


def said(found: list[dict[str, Any]]) -> list[tuple[str, str, str | None]]:
    return [(one["rule"], one["question"], one["value"]) for one in found]


def test_a_question_that_many_leave_open_is_found_with_its_numbers():
    answers = interviews()
    for row_ in answers[:50]:
        row_["q5"] = None
    for row_ in answers[50:70]:
        row_["q5"] = "dont_know"
    (one,) = check("HFC13", answers)
    assert said([one]) == [("fieldwork.HFC13", "q5", "19 %")]  # 70 of 360
    assert json.loads(one["message"])["en"].startswith(
        "Of 360 asked “Q5”, 50 gave no answer and 20 did not know or refused."
    )
    assert "السؤال 5" in json.loads(one["message"])["ar"]


def test_a_question_asked_on_a_condition_is_missing_only_where_it_was_asked():
    answers = interviews()
    for row_ in answers[:40]:
        row_.update(q1="other", q1_words="بئر")
    assert check("HFC13", answers) == []
    for row_ in answers[:10]:
        row_["q1_words"] = None
    assert said(check("HFC13", answers)) == [("fieldwork.HFC13", "q1_words", "25 %")]


def test_a_question_to_which_all_answer_the_same_is_found():
    answers = interviews()
    for row_ in answers:
        row_["q5"] = "no"
    assert said(check("HFC14", answers, HFC11={"question": "consent"})) == [
        ("fieldwork.HFC14", "q5", None)
    ]


def test_a_team_with_far_more_interviews_a_day_is_found():
    answers = interviews()
    for row_ in answers[:150]:
        row_["team"] = "f"
    (one,) = check("HFC26", answers)
    assert json.loads(one["message"])["en"].startswith("f: ")
    assert one["enumerator"] is None


@pytest.mark.parametrize(
    ("measure", "answer"), [("unsure", {"q3": "dont_know"}), ("other", {"q3": "other"})]
)
def test_a_team_that_gets_other_answers_than_the_others_is_found(measure, answer):
    answers = interviews()
    for row_ in answers[:COUNT]:
        if row_["team"] == "c":
            row_.update(answer)
    (one,) = check("HFC27", answers)
    assert one["rule"] == f"fieldwork.HFC27.{measure}"
    assert json.loads(one["message"])["ar"].startswith("c: ")


def test_a_team_that_avoids_follow_up_questions_is_found():
    answers = interviews()
    for number, row_ in enumerate(answers):
        if row_["team"] != "c" and number % 10:
            row_.update(q1="other", q1_words="بئر")
    rules = {one["rule"] for one in check("HFC27", answers, HFC21={"codes": ["autre"]})}
    assert rules == {"fieldwork.HFC27.follow_ups"}


def test_a_team_whose_answers_drift_is_found():
    answers = interviews()
    mine = [one for one in answers if one["team"] == "c"]
    for number, row_ in enumerate(mine):
        if number >= len(mine) // 2:
            row_["q3"] = row_["q4"] = "dont_know"
    drift = [one for one in check("HFC27", answers) if one["rule"].endswith("drift")]
    assert [one["value"] for one in drift] == ["0 % → 7 %"]


def test_a_team_that_rounds_ages_is_found():
    answers = interviews()
    for row_ in answers:
        if row_["team"] == "c":
            row_["age"] = 10 * (row_["age"] // 10)
    (one,) = check("HFC28", answers)
    assert said([one]) == [("fieldwork.HFC28", "age", "0: 100 %")]


def test_persons_are_named_only_where_the_project_says_so():
    answers = interviews()
    for row_ in answers:
        row_["age"] = 10 * (row_["age"] // 10)
    tested = {"questions": ["age"]}  # by default those with many different answers
    by_team = check("HFC28", answers, HFC28=tested)
    by_person = check("HFC28", answers, HFC28=tested, level="enumerator")
    assert len(by_team) == len(TEAMS)
    assert {one["enumerator"] for one in by_team} == {None}
    assert [one["enumerator"] for one in by_person] == ["P-1"]


def test_a_team_s_finding_keeps_its_id_when_another_team_comes_before_it():
    answers = interviews()
    for row_ in answers:
        if row_["team"] == "c":
            row_["age"] = 10 * (row_["age"] // 10)
    (before,) = check("HFC28", answers)
    for row_ in answers:
        if row_["team"] == "a":
            row_["age"] = 10 * (row_["age"] // 10)
    after = {one["finding_id"] for one in check("HFC28", answers)}
    assert len(after) == 2
    assert before["finding_id"] in after


def test_a_stratum_short_of_its_target_is_a_warning_once_the_round_is_closed():
    targets = {"question": "team", "targets": {"a": 30, "b": 31}, "closed": ["base"]}
    found = check("HFC29", interviews(), HFC29=targets)
    assert [(one["severity"], one["value"]) for one in found] == [
        ("warning", "30 / 31"),
        ("info", "30 / 31"),
    ]
    assert json.loads(found[0]["message"])["ar"].startswith(
        "b (جولة base): 30 مقابلة من أصل 31 مخططة."
    )


VISIT = unite(
    [
        form(
            row("text", "hh"),
            row("integer", "age"),
            row("select_one", "sex", select_from_list_name="sex"),
            row("select_multiple", "needs", select_from_list_name="needs"),
            row("integer", "size"),
            lists=[*choices("sex", "female", "male"), *choices("needs", "water", "food", "none")],
        )
    ]
)
TYPES = {"form": "visits", "type_1": ["age", "sex"], "type_2": ["needs"], "type_3": ["size"]}


def visits(answers: list[dict[str, Any]], **changes: Any) -> dict[str, Any]:
    """Give second visits to the first 40 households, that say the same but for `changes`."""
    names = ("hh", "age", "sex", "needs", "size")
    second = [
        {name: row_[name] for name in names} | {"_submission_time": START + timedelta(days=60)}
        for row_ in answers[:40]
    ]
    for row_ in second:
        row_["needs"] = " ".join(reversed(row_["needs"].split()))
        row_.update({name: change(row_[name]) for name, change in changes.items()})
    frame = main_frame(VISIT, *second)
    return {"visits": loaded(VISIT, frame, verdicts=verdict_frame())}


def test_second_visits_that_say_the_same_are_no_finding():
    answers = interviews()
    assert check("HFC30", answers, HFC30=TYPES, beside=visits(answers)) == []


def test_a_team_whose_second_visits_find_other_people_is_found():
    answers = interviews()
    beside = visits(answers, age=lambda age: age + 5)
    found = check("HFC30", answers, HFC30=TYPES, beside=beside)
    by_team = [one for one in found if one["rule"].endswith("type_1")]
    # Of a team's 6 or 7 households each has one of two answers wrong.
    assert [one["value"] for one in by_team] == ["7 / 14"] * 4 + ["6 / 12"] * 2
    assert {one["severity"] for one in by_team} == {"warning"}


def test_an_interview_with_a_third_of_its_answers_wrong_is_listed():
    answers = interviews()
    beside = visits(answers, age=lambda age: age + 5, sex=lambda _sex: None)
    found = check("HFC30", answers, HFC30=TYPES, beside=beside)
    rows = [one for one in found if one["submission_id"] is not None]
    assert {one["value"] for one in rows} == {"1 / 3"}
    assert [one["submission_id"] for one in rows] == list(range(1, 41))


def test_a_number_within_its_tolerance_is_the_same():
    answers = interviews()
    beside = visits(answers, age=lambda age: age + 1)
    assert check("HFC30", answers, HFC30={**TYPES, "tolerance": {"age": 1}}, beside=beside) == []


def test_a_question_whose_answers_move_is_named():
    answers = interviews()
    beside = visits(answers, size=lambda size: size + 1)
    found = check("HFC30", answers, HFC30=TYPES, beside=beside)
    assert ("fieldwork.HFC30.type_3", "size", "100 %") in said(found)


def test_a_check_without_its_declaration_says_once_what_would_switch_it_on():
    found = everything(interviews(), home={"team": None})
    told = {one["rule"]: one for one in found}
    assert "forms.home.team" in told["fieldwork.HFC26"]["message"]
    assert "validation.fieldwork.home.HFC11" in told["fieldwork.HFC11"]["message"]
    assert {one["severity"] for one in found} == {"info"}
    assert len(found) == len(told)


def test_a_declaration_that_cannot_be_applied_blocks_its_check_alone():
    result = validated(interviews(), HFC11={"question": "consnet"})
    (blocked,) = result.blocked
    assert blocked.subject == "home:fieldwork.HFC11"
    assert "consent" in blocked.sentence


def test_a_check_that_is_off_says_nothing_and_one_may_weigh_otherwise():
    answers = interviews()
    for row_ in answers:
        row_["q5"] = "no"
    assert check("HFC14", answers, severity={"fieldwork.HFC14": "off"}) == []
    found = check("HFC14", answers, severity={"fieldwork.HFC14:q5": "warning"})
    assert [(one["question"], one["severity"]) for one in found] == [
        ("consent", "info"),
        ("q5", "warning"),
    ]


def test_a_form_without_checks_of_fieldwork_has_none_of_their_findings():
    answers = interviews()
    answers[3]["remark"] = "0944123456"
    plain = loaded(UNION, main_frame(UNION, *answers))
    found = validate_form(plain, project(), [])
    assert not [one for one in records(found.findings) if "fieldwork" in one["rule"]]
