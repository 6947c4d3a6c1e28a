"""The tests that schema files declare, and which rows they count."""

from sqlalchemy import text

from tests.evaluate.conftest import category, food, wash


def failures(report):
    return {(test.model, test.name): test.failures for test in report.failed}


def test_all_tests_pass_on_sound_rows(fill, evaluate):
    fill(food(), wash())
    assert failures(evaluate("food")) == {}
    assert failures(evaluate("wash")) == {}


def test_each_kind_of_test_counts_the_rows_that_fail_it(fill, evaluate, overlay):
    world = food()
    world["categories"] = [category("A", 1), category("B", 2, place=None), category("C", 3)]
    fill(world)
    folder = overlay(
        mart_mine=(
            "marts",
            "select project, disaggregation as d, place, category from stg_categories",
            "project d place category",
        )
    )
    (folder / "marts" / "schema.yml").write_text(
        "models:\n  - name: mart_mine\n    description: {en: Mine}\n    grain: [project, d]\n"
        "    columns:\n      - {name: project, description: One}\n"
        "      - {name: d, description: One, tests: [unique]}\n"
        "      - {name: place, description: One, tests: [not_null]}\n"
        "      - name: category\n        description: One\n        tests:\n"
        "          - accepted_values: {values: [A, B]}\n"
        "          - relationships: {to: stg_rounds, field: round}\n"
    )
    assert failures(evaluate("food", folder)) == {
        ("mart_mine", "unique__project__d"): 2,
        ("mart_mine", "unique__d"): 2,
        ("mart_mine", "not_null__place"): 1,
        ("mart_mine", "accepted_values__category"): 1,
        ("mart_mine", "relationships__category"): 3,
    }


def test_faults_in_another_project_fail_nothing_here(store, fill, evaluate):
    fill(food(), wash())
    with store.write() as connection:
        connection.execute(text("update indicators set level = 'x' where project = 'wash'"))
    assert failures(evaluate("food")) == {}
    assert ("stg_indicators", "accepted_values__level") in failures(evaluate("wash"))
