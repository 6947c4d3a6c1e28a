"""Suites as people write them, run by Great Expectations itself."""

from datetime import timedelta
from textwrap import dedent

import numpy as np
import pytest

from meal_pipeline.forms import unite
from meal_pipeline.validate.lazy_frame import LazyFrame
from meal_pipeline.validate.suite_files import read_suite
from meal_pipeline.validate.suites import SuiteRun, run_suites
from meal_pipeline.workspace.faults import BadFile

from .builders import START, form, main_frame, row

FORM = unite(
    [
        form(
            row("start", "start"),
            row("end", "end"),
            row("text", "hh"),
            row("integer", "age"),
            row("decimal", "wage"),
            row("text", "عمر.المنزل"),
        )
    ]
)
AGES = [{"age": 30}, {"age": 130}, {}, {"age": 8}]


@pytest.fixture
def suite(tmp_path):
    """Read a suite from the text of its expectations."""

    def write(expectations, head=""):
        folder = tmp_path / "expectations"
        folder.mkdir(exist_ok=True)
        path = folder / "checks.yaml"
        path.write_text(head + "expectations:\n" + dedent(expectations), "utf-8")
        return read_suite(path)

    return write


def entry(expectation, rule="one", more=""):
    return f"- rule: {rule}\n  {expectation}\n  message: {{en: Wrong., ar: خطأ.}}\n{more}"


def run(*suites, answers=AGES, placeholders=None, severities=None, **more):
    frame = LazyFrame.of(main_frame(FORM, *answers))
    return run_suites(
        suites, SuiteRun("home", "", frame, placeholders or {}, severities or {}, **more)
    )


def test_the_rows_at_fault_are_named_and_counted(suite):
    (found,) = run(suite(entry("expect_column_values_to_be_between: {column: age, max_value: 99}")))
    assert (found.asked, found.answered, found.failed.tolist()) == (4, 3, [1])
    assert (found.check.rule, found.check.question) == ("suite.checks.one", "age")
    assert found.check.message == {"en": "Wrong.", "ar": "خطأ."}


def test_columns_with_odd_names_and_gaps_are_checked(suite):
    text = entry('expect_column_values_to_not_be_null: {column: "عمر.المنزل"}')
    (found,) = run(suite(text), answers=[{"عمر.المنزل": "x"}, {}])
    assert (found.asked, found.answered, found.failed.tolist()) == (2, 1, [1])


def test_of_rows_that_repeat_each_other_the_first_in_rank_is_kept(suite):
    text = entry("expect_column_values_to_be_unique: {column: hh}")
    answers = [{"hh": "a"}, {"hh": "b"}, {"hh": "a"}, {"hh": "a"}, {}, {}]
    (found,) = run(suite(text), answers=answers, order=np.array([2, 0, 1, 3, 4, 5]))
    assert found.failed.tolist() == [0, 3]


def test_with_keep_none_all_rows_that_repeat_each_other_are_at_fault(suite):
    text = entry("expect_column_values_to_be_unique: {column: hh}", more="  keep: none\n")
    (found,) = run(suite(text), answers=[{"hh": "a"}, {"hh": "b"}, {"hh": "a"}])
    assert found.failed.tolist() == [0, 2]


def test_rows_are_no_fault_while_mostly_is_met(suite):
    between = "expect_column_values_to_be_between: {column: age, max_value: 99, mostly: %s}"
    found = run(suite(entry(between % 0.6) + entry(between % 0.7, rule="two")))
    assert [one.failed.tolist() for one in found] == [[], [1]]


def test_an_expectation_on_a_whole_column_fails_without_naming_rows(suite):
    text = entry("expect_column_mean_to_be_between: {column: age, max_value: 50}")
    (found,) = run(suite(text))
    assert found.on_whole_form and found.rows_failed == 0
    assert found.observed == 56


def test_nullable_numbers_and_times_with_zones_can_be_compared(suite):
    text = entry(
        "expect_column_pair_values_a_to_be_greater_than_b: "
        "{column_A: end, column_B: start, ignore_row_if: either_value_is_missing}"
    ) + entry("expect_column_pair_values_to_be_equal: {column_A: age, column_B: wage}", rule="two")
    later = START + timedelta(minutes=30)
    answers = [
        {"start": START, "end": later, "age": 1, "wage": 1.0},
        {"start": later, "end": START, "age": 1, "wage": 2.5},
        {"end": START, "age": None, "wage": None},
    ]
    times, numbers = run(suite(text), answers=answers)
    assert times.failed.tolist() == [1]
    assert numbers.failed.tolist() == [1]


def test_placeholders_stand_for_what_the_project_declares(suite):
    text = entry('expect_column_values_to_be_unique: {column: "{subject}"}')
    (found,) = run(suite(text), answers=[{"hh": "a"}] * 2, placeholders={"subject": "hh"})
    assert found.failed.tolist() == [1]


@pytest.mark.parametrize(
    ("expectation", "key", "fix"),
    [
        (
            "expect_column_values_to_be_betwen: {column: age}",
            "expectations.0.expect_column_values_to_be_betwen",
            "expect_column_values_to_be_between",
        ),
        (
            "expect_column_values_to_be_between: {column: agee, max_value: 9}",
            "expectations.0.expect_column_values_to_be_between.column",
            "age",
        ),
        (
            "expect_column_values_to_be_between: {column: age, maximum: 9}",
            "expectations.0.expect_column_values_to_be_between.maximum",
            "max_value",
        ),
        (
            "expect_column_values_to_be_between: {column: age, max_value: nine}",
            "expectations.0.expect_column_values_to_be_between.max_value",
            "max_value",
        ),
        (
            'expect_column_values_to_be_unique: {column: "{subjct}"}',
            "expectations.0.expect_column_values_to_be_unique.column",
            "subject",
        ),
        (
            'expect_column_values_to_be_unique: {column: "{subject}"}',
            "expectations.0.expect_column_values_to_be_unique.column",
            "forms.home.subject",
        ),
        (
            "expect_column_values_to_not_be_null: {column: _duration_minutes}",
            "expectations.0.expect_column_values_to_not_be_null.column",
            "start and end",
        ),
    ],
)
def test_a_wrong_expectation_alone_is_blocked_with_file_key_and_fix(suite, expectation, key, fix):
    right = entry("expect_column_values_to_not_be_null: {column: age}", rule="right")
    wrong, good = run(suite(entry(expectation) + right))
    assert good.failed.tolist() == [2]
    said = wrong.blocked["en"]
    assert said.startswith("expectations/checks.yaml:3: " + key)
    assert fix in said


def test_an_expectation_that_does_not_fit_its_column_is_blocked(suite):
    text = entry("expect_column_mean_to_be_between: {column: hh, max_value: 5}")
    right = entry("expect_column_values_to_not_be_null: {column: age}", rule="right")
    wrong, good = run(suite(text + right), answers=[{"hh": "a"}, {"hh": "b"}])
    assert "expect_column_mean_to_be_between" in wrong.blocked["en"]
    assert good.blocked is None


def test_a_suite_for_a_repeat_that_the_form_has_not_is_blocked(suite):
    text = entry("expect_column_values_to_not_be_null: {column: age}")
    one = suite(text, head="frame: membrs\n")
    (found,) = run_suites([one], SuiteRun("home", "membrs", None, {}, {}, repeats=("", "members")))
    assert "members" in found.blocked["en"]
    assert found.blocked["en"].startswith("expectations/checks.yaml:1: frame")


def test_the_project_decides_the_severity_and_off_leaves_an_expectation_out(suite):
    null = "expect_column_values_to_not_be_null: {column: age}"
    text = entry(null) + entry(null, rule="two")
    severities = {"suite.checks.one": "critical", "suite.checks.two:age": "off"}
    (found,) = run(suite(text), severities=severities)
    assert found.check.severity == "critical"


@pytest.mark.parametrize(
    ("expectations", "key", "said"),
    [
        ("- rule: one\n  message: {en: x}\n", "expectations.0", "exactly one expectation"),
        (
            "- rule: one\n  expect_x: {}\n  message: {en: x}\n  severity: high\n",
            "expectations.0.severity",
            "high",
        ),
        ("- rule: one\n  expect_x: {}\n", "expectations.0.message", "missing"),
        (
            "- rule: a\n  expect_x: {}\n  message: {en: x}\n"
            "- rule: a\n  expect_y: {}\n  message: {en: x}\n",
            "expectations",
            "rule a",
        ),
    ],
)
def test_a_suite_file_that_is_wrong_says_where_and_what_to_do(suite, expectations, key, said):
    with pytest.raises(BadFile) as error:
        suite(expectations)
    (fault,) = error.value.faults
    assert str(fault.file) == "expectations/checks.yaml"
    assert fault.key == key
    assert said in fault.message
    assert fault.fix
