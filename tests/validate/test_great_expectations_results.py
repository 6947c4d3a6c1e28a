"""Our counts as Great Expectations' own results."""

from meal_pipeline.forms import unite
from meal_pipeline.validate.form_rules import derive_rules
from meal_pipeline.validate.great_expectations_results import suite_result
from meal_pipeline.validate.masks import evaluate_rules

from .builders import START, choices, form, main_frame, row


def results(*survey, answers, lists=None):
    union = unite([form(*survey, lists=lists)])
    frame = main_frame(union, *answers)
    outcomes = evaluate_rules({"": frame}, union, derive_rules(union.newest, union))
    return suite_result("home", outcomes, frame, project="p", made_at=START)


def test_a_rule_becomes_a_result_with_its_numbers_and_the_ids_at_fault():
    answers = [{"age": 5}, {"age": 500}, {}, {}]
    made = results(row("integer", "age", constraint=". <= 120"), answers=answers)
    (one,) = made.results
    assert not one.success
    numbers = one.result
    assert (numbers["element_count"], numbers["missing_count"]) == (4, 2)
    assert (numbers["unexpected_count"], numbers["unexpected_percent"]) == (1, 25.0)
    assert numbers["partial_unexpected_index_list"] == [{"_id": 2}]
    assert numbers["partial_unexpected_list"] == []


def test_rules_appear_as_the_librarys_expectations_where_it_has_them():
    made = results(
        row("select_one sex", "sex", required="true"),
        row("range", "score", parameters="start=1 end=5"),
        row("text", "a", constraint=". != 'x'"),
        lists=choices("sex", "f", "m"),
        answers=[{"sex": "f"}],
    )
    assert [one.expectation_config.type for one in made.results] == [
        "expect_column_values_to_be_in_set",
        "expect_column_values_to_not_be_null",
        "expect_column_values_to_be_between",
        "expect_column_values_to_follow_the_form",
    ]
    assert made.results[0].expectation_config.kwargs["value_set"] == ["f", "m"]


def test_the_suite_counts_its_results_and_leaves_out_what_was_not_evaluated():
    made = results(
        row("integer", "age", required="true", constraint="no-such(.)"),
        row("integer", "size", required="true"),
        answers=[{"age": 5}],
    )
    assert made.statistics["evaluated_expectations"] == 2
    assert made.statistics["successful_expectations"] == 1
    assert made.get_max_severity_failure().value == "warning"
