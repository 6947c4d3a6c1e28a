"""One form against everything that is declared of it."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from meal_pipeline.forms import unite
from meal_pipeline.validate.accounts import Account
from meal_pipeline.validate.findings import records
from meal_pipeline.validate.suite_files import read_suite
from meal_pipeline.validate.validate_form import validate_form

from .builders import (
    START,
    child_frame,
    choices,
    form,
    loaded,
    main_frame,
    project,
    row,
    verdict_frame,
)

PACKAGED = Path(__file__).resolve().parents[2] / "expectations"
AGES = unite([form(row("integer", "age", constraint=". <= 120"), row("text", "round"))])


def findings(validation, rule=None):
    return [
        (one["submission_id"], one["severity"])
        for one in records(validation.findings)
        if rule in (None, one["rule"])
    ]


def test_a_row_with_a_critical_finding_is_quarantined_and_the_others_are_valid():
    main = main_frame(AGES, {"age": 30}, {"age": 500}, {})
    found = validate_form(loaded(AGES, main), project(), [])
    assert found.account == Account(pulled=3, valid=2, not_eligible=0, quarantined=1)
    assert found.valid.tolist() == [True, False, True]


def test_a_row_is_not_eligible_where_the_projects_rule_is_false_or_empty():
    declared = project(forms={"home": {"uid": "aHome", "eligible": "${age} >= 18"}})
    main = main_frame(AGES, {"age": 30}, {"age": 8}, {})
    found = validate_form(loaded(AGES, main, declared), declared, [])
    assert found.account == Account(pulled=3, valid=1, not_eligible=2, quarantined=0)


def test_eligibility_is_listed_with_its_numbers():
    declared = project(forms={"home": {"uid": "aHome", "eligible": "${age} >= 18"}})
    main = main_frame(AGES, {"age": 30}, {"age": 8}, {})
    found = validate_form(loaded(AGES, main, declared), declared, [])
    (said,) = [one for one in found.results if one.rule == "project.eligible"]
    assert said.rate() == "1 of 3 rows are eligible"


def test_the_value_of_a_finding_is_the_answer_as_a_person_wrote_it():
    survey = [
        row("start", "start"),
        row("date", "born", constraint="false()"),
        row("decimal", "wage", constraint="false()"),
        row("select_multiple a", "needs", constraint="false()"),
    ]
    union = unite([form(*survey, lists=choices("a", "x", "y"))])
    answers = {"born": datetime(2000, 1, 31), "wage": 12.5, "needs": "x y"}
    found = validate_form(loaded(union, main_frame(union, answers)), project(), [])
    assert [one["value"] for one in records(found.findings)] == ["2000-01-31", "12.5", "x y"]


def test_a_row_that_is_not_eligible_keeps_its_findings_as_information():
    declared = project(forms={"home": {"uid": "aHome", "eligible": "${round} = 'base'"}})
    main = main_frame(AGES, {"age": 500}, {"age": 500, "round": "base"})
    found = validate_form(loaded(AGES, main, declared), declared, [])
    assert findings(found) == [(1, "info"), (2, "critical")]
    assert found.account == Account(pulled=2, valid=0, not_eligible=1, quarantined=1)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(st.none() | st.integers(-5, 200), st.sampled_from(["base", None]))))
def test_all_rows_are_accounted_for_whatever_they_hold(rows):
    declared = project(forms={"home": {"uid": "aHome", "eligible": "${round} = 'base'"}})
    main = main_frame(AGES, *({"age": age, "round": wave} for age, wave in rows))
    found = validate_form(loaded(AGES, main, declared), declared, [])
    eligible = [(age or 0) <= 120 for age, wave in rows if wave]
    assert found.account == Account(
        pulled=len(rows),
        valid=sum(eligible),
        not_eligible=len(rows) - len(eligible),
        quarantined=len(eligible) - sum(eligible),
    )


def test_an_eligibility_that_names_a_missing_question_blocks_what_rests_on_the_form():
    declared = project(
        forms={"home": {"uid": "aHome", "eligible": "${consent} = 'yes'"}},
        indicators={
            "adults": {
                "name": {"en": "Adults"},
                "level": "output",
                "form": "home",
                "statistic": "proportion",
                "expression": "${age} >= 18",
            }
        },
    )
    found = validate_form(loaded(AGES, main_frame(AGES, {"age": 3}), declared), declared, [])
    assert [(one.kind, one.subject) for one in found.blocked] == [
        ("rule", "home:project.eligible"),
        ("indicator", "adults"),
    ]
    assert "consent" in found.blocked[1].sentence


def test_a_critical_finding_on_a_member_quarantines_the_household():
    version = form(
        row("begin_repeat", "member"),
        row("integer", "age", constraint=". < 121"),
        row("end_repeat"),
    )
    union = unite([version])
    rows = [{"_id": 1, "_position": "1", "age": 3}, {"_id": 2, "_position": "1", "age": 300}]
    member = child_frame(union, "member", *rows)
    found = validate_form(loaded(union, main_frame(union, {}, {}), member=member), project(), [])
    assert found.valid.tolist() == [True, False]
    (one,) = records(found.findings)
    assert (one["frame"], one["position"], one["value"]) == ("home/member", "1", "300")


def test_what_reading_said_is_a_finding_with_its_denominators():
    verdicts = verdict_frame(
        {"_id": 2, "frame": "home", "question": "age", "rule": "read.unreadable", "value": "old"}
    )
    main = main_frame(AGES, {"age": 30}, {}, {})
    found = validate_form(loaded(AGES, main, verdicts=verdicts), project(), [])
    (one,) = records(found.findings)
    assert (one["submission_id"], one["rule"], one["value"]) == (2, "read.unreadable", "old")
    (said,) = [one for one in found.results if one.rule == "read.unreadable"]
    assert said.rate() == "1 of 2 answered are valid; 1 of 3 missing"


def test_a_verdict_weighs_as_the_project_declares():
    verdicts = verdict_frame(
        {"_id": 1, "frame": "home", "question": "age", "rule": "read.unreadable"},
        {"_id": 2, "frame": "home", "question": "phone", "rule": "personal.required"},
        {"_id": None, "frame": "home", "question": "n", "rule": "personal.withheld"},
    )
    severity = {"read.unreadable": "critical", "personal.required": "off"}
    declared = project(validation={"severity": severity})
    main = main_frame(AGES, {}, {})
    found = validate_form(loaded(AGES, main, verdicts=verdicts), declared, [])
    assert findings(found) == [(1, "critical"), (None, "warning")]
    assert found.account.quarantined == 1


SURVEY = unite(
    [
        form(
            row("text", "wave"),
            row("decimal", "weight"),
            row("text", "stratum"),
            row("text", "village"),
        )
    ]
)
INDICATOR = {
    "name": {"en": "X"},
    "level": "output",
    "form": "home",
    "statistic": "proportion",
    "expression": "${wave} = '1'",
}
SURVEYED = {
    "rounds": {"expression": "${wave}", "values": {"base": {"name": {"en": "B"}, "value": "1"}}},
    "design": {"weights": "weight", "strata": "stratum", "clusters": "village"},
}
FULL = {"wave": "1", "weight": 1.5, "stratum": "s", "village": "v"}


@pytest.mark.parametrize(
    ("answers", "rule", "question", "severity"),
    [
        ({**FULL, "wave": None}, "design.missing", "wave", "critical"),
        ({**FULL, "wave": "2"}, "design.missing", "wave", "critical"),
        ({**FULL, "weight": None}, "design.missing", "weight", "critical"),
        ({**FULL, "weight": 0.0}, "design.missing", "weight", "critical"),
        ({**FULL, "stratum": None}, "design.missing", "stratum", "critical"),
        ({**FULL, "village": None}, "design.cluster_missing", "village", "info"),
    ],
)
def test_a_row_that_cannot_be_placed_in_the_sample_is_found(answers, rule, question, severity):
    declared = project(**SURVEYED, indicators={"x": INDICATOR})
    main = main_frame(SURVEY, FULL, answers)
    found = validate_form(loaded(SURVEY, main, declared), declared, [])
    (one,) = records(found.findings)
    assert (one["submission_id"], one["rule"], one["question"]) == (2, rule, question)
    assert one["severity"] == severity


def test_a_form_without_indicators_is_not_asked_for_the_sampling_design():
    declared = project(**SURVEYED)
    found = validate_form(loaded(SURVEY, main_frame(SURVEY, {}), declared), declared, [])
    assert records(found.findings) == []


def test_a_missing_design_question_blocks_its_rule_and_the_rest_runs():
    declared = project(design={"weights": "wieght"}, indicators={"x": INDICATOR})
    found = validate_form(loaded(SURVEY, main_frame(SURVEY, FULL), declared), declared, [])
    (one,) = found.blocked
    assert (one.kind, one.subject) == ("rule", "home:design.missing:wieght")
    assert "weight" in one.sentence
    assert found.account.valid == 1


HOUSEHOLDS = unite(
    [
        form(
            row("start", "start"),
            row("end", "end"),
            row("text", "hh"),
            row("text", "wave"),
            row("integer", "age", constraint=". <= 120"),
        )
    ]
)
TWO_ROUNDS = {
    "forms": {"home": {"uid": "aHome", "subject": "hh"}},
    "rounds": {
        "expression": "${wave}",
        "values": {
            "base": {"name": {"en": "B"}, "value": "1"},
            "end": {"name": {"en": "E"}, "value": "2"},
        },
    },
}


def household(*answers, **declarations):
    declared = project(**{**TWO_ROUNDS, **declarations})
    suite = read_suite(PACKAGED / "household_survey.yaml")
    main = main_frame(HOUSEHOLDS, *answers)
    return validate_form(loaded(HOUSEHOLDS, main, declared), declared, [suite])


def test_of_two_interviews_of_a_household_in_a_round_the_first_submitted_counts():
    later = START + timedelta(days=9)
    found = household(
        {"hh": "a", "wave": "1", "_submission_time": later},
        {"hh": "a", "wave": "1"},
        {"hh": "a", "wave": "2"},
        {"hh": "b", "wave": "1"},
    )
    assert findings(found) == [(1, "critical")]


def test_a_copy_counts_when_the_first_interview_is_quarantined_for_another_reason():
    found = household({"hh": "a", "wave": "1", "age": 500}, {"hh": "a", "wave": "1", "age": 50})
    assert found.valid.tolist() == [False, True]
    assert findings(found, "suite.household_survey.duplicate_interview") == [(1, "critical")]


def test_households_without_a_number_are_no_copies_of_each_other():
    found = household({"wave": "1"}, {"wave": "1"})
    assert findings(found, "suite.household_survey.duplicate_interview") == []
    assert findings(found, "suite.household_survey.subject_given") == [
        (1, "warning"),
        (2, "warning"),
    ]


def test_without_rounds_each_household_counts_once():
    found = household({"hh": "a"}, {"hh": "a"}, rounds=None)
    assert findings(found) == [(2, "critical")]


def test_the_packaged_checks_of_fieldwork_find_odd_interviews():
    def interview(minutes, delay=timedelta(hours=1)):
        end = START + timedelta(minutes=minutes)
        return {"start": START, "end": end, "_submission_time": end + delay}

    answers = [
        interview(25),
        interview(2),
        interview(400),
        interview(-5),
        interview(25, delay=timedelta(hours=-3)),
        {"start": START},
    ]
    suite = read_suite(PACKAGED / "fieldwork_basics.yaml")
    main = main_frame(HOUSEHOLDS, *answers)
    found = validate_form(loaded(HOUSEHOLDS, main), project(), [suite])
    said = [
        (one["submission_id"], one["rule"].rpartition(".")[2]) for one in records(found.findings)
    ]
    assert said == [
        (2, "too_short"),
        (3, "too_long"),
        (4, "ends_before_it_starts"),
        (5, "clock_ahead"),
    ]
    assert records(found.findings)[0]["value"] == "2"
    assert [one for one in found.results if one.reason] == []


def test_a_place_on_the_map_is_never_the_value_of_a_finding(tmp_path):
    union = unite([form(row("geopoint", "gps"))])
    path = tmp_path / "places.yaml"
    path.write_text(
        "expectations:\n- rule: north\n  message: {en: Too far north.}\n"
        "  expect_column_values_to_be_between: {column: gps/latitude, max_value: 37}\n"
    )
    main = main_frame(union, {"gps": (35.1, 36.7)}, {"gps": (52.5, 13.4)})
    found = validate_form(loaded(union, main), project(), [read_suite(path)])
    (one,) = records(found.findings)
    assert (one["submission_id"], one["value"]) == (2, None)


def test_a_line_on_the_map_is_never_the_value_of_a_finding(tmp_path):
    union = unite([form(row("geotrace", "way"))])
    path = tmp_path / "ways.yaml"
    path.write_text(
        "expectations:\n- rule: once\n  message: {en: Twice.}\n"
        "  expect_column_values_to_be_unique: {column: way}\n"
    )
    line = "36.1 37.1;36.2 37.2"
    main = main_frame(union, {"way": line}, {"way": line}).assign(**{"way/points": 2})
    found = validate_form(loaded(union, main), project(), [read_suite(path)])
    assert {one["value"] for one in records(found.findings)} == {None}


def test_a_pseudonym_is_never_the_value_of_a_finding(tmp_path):
    union = unite([form(row("text", "head"))])
    personal = {"head": {"kind": "name", "treatment": "pseudonym"}}
    declared = project(forms={"home": {"uid": "aHome", "personal_data": personal}})
    path = tmp_path / "heads.yaml"
    path.write_text(
        "expectations:\n- rule: once\n  message: {en: Twice.}\n"
        "  expect_column_values_to_be_unique: {column: head}\n"
    )
    main = main_frame(union, {"head": "N-1"}, {"head": "N-1"})
    found = validate_form(loaded(union, main, declared), declared, [read_suite(path)])
    (one,) = records(found.findings)
    assert (one["submission_id"], one["value"]) == (2, None)
