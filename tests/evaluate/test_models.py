"""What is said of model files that cannot be used: file, place, fix."""

import pytest

from meal_pipeline.errors import MealError
from meal_pipeline.evaluate import BadModel, load_models
from tests.evaluate.conftest import PACKAGED

ONE = ("staging", "select project from projects", "project")


def test_each_model_comes_after_all_that_it_reads(packaged):
    seen = set()
    for name, model in packaged.items():
        assert seen.issuperset(model.depends_on)
        seen.add(name)


def test_only_staging_reads_the_stores_tables(packaged):
    assert {model.layer for model in packaged.values() if model.tables} == {"staging"}


def test_no_mart_reads_a_row_level_table_without_counting(packaged):
    readers = {name for name, model in packaged.items() if "findings" in model.tables}
    assert readers == {"stg_findings"}
    assert "submission_id" not in packaged["stg_findings"].columns


def test_every_packaged_model_is_described_in_both_languages(packaged):
    for model in packaged.values():
        assert set(model.schema.description) == {"en", "ar"}, model.name


def test_a_file_of_the_same_name_in_a_later_folder_stands_over_the_packaged_one(overlay):
    mine = overlay(stg_blocks=("staging", "select project, subject from blocks", "project subject"))
    models = load_models([PACKAGED, mine])
    assert models["stg_blocks"].path.is_relative_to(mine)
    assert models["stg_rounds"].path.is_relative_to(PACKAGED)


def test_a_model_changes_its_hash_with_what_it_reads(overlay):
    before = load_models([PACKAGED])
    mine = overlay(
        stg_disclosures=(
            "staging",
            "select figure_id, project, withheld from disclosures where 1 = 1",
            "figure_id project withheld",
        )
    )
    after = load_models([PACKAGED, mine])
    moved = {name for name in before if before[name].sql_hash != after[name].sql_hash}
    assert "mart_progress" in moved
    assert "mart_projects" not in moved


def test_models_that_read_each_other_are_named(overlay):
    folder = overlay(
        stg_a=ONE,
        int_a=("intermediate", "select project from int_b", "project"),
        int_b=("intermediate", "select project from int_a", "project"),
    )
    with pytest.raises(BadModel, match=r"int_a\.sql") as caught:
        load_models([folder])
    assert "int_b.sql" in str(caught.value)


def test_an_unknown_table_is_named_with_the_nearest_one(overlay):
    folder = overlay(stg_a=("staging", "select project from estimate", "project"))
    with pytest.raises(BadModel, match=r"staging/stg_a\.sql.*estimate") as caught:
        load_models([folder])
    assert "estimates" in (caught.value.next_step or "")


def test_a_step_of_the_query_is_no_table(overlay):
    sql = "with mine as (select project from projects) select project from mine"
    assert load_models([overlay(stg_a=("staging", sql, "project"))])["stg_a"].tables == (
        "projects",
    )


def test_a_mart_that_reads_a_table_of_the_store_is_refused(overlay):
    folder = overlay(mart_a=("marts", "select project from findings", "project"))
    with pytest.raises(BadModel, match=r"marts/mart_a\.sql.*findings"):
        load_models([folder])


def test_a_mart_that_reads_figures_before_small_ones_were_withheld_is_refused(overlay):
    mine = overlay(mart_a=("marts", "select project, n from stg_figures", "project n"))
    with pytest.raises(BadModel, match=r"marts/mart_a\.sql.*stg_figures") as caught:
        load_models([PACKAGED, mine])
    assert "int_shown_figures" in (caught.value.next_step or "")


def test_a_model_that_reads_a_later_layer_is_refused(overlay):
    folder = overlay(
        stg_a=ONE,
        int_a=("intermediate", "select project from mart_a", "project"),
        mart_a=("marts", "select project from stg_a", "project"),
    )
    with pytest.raises(BadModel, match=r"intermediate/int_a\.sql.*mart_a"):
        load_models([folder])


def test_a_mart_without_a_project_is_refused(overlay):
    folder = overlay(stg_a=ONE, mart_a=("marts", "select 1 as one from stg_a", "one"))
    with pytest.raises(BadModel, match=r"marts/mart_a\.sql.*project"):
        load_models([folder])


def test_a_model_that_takes_the_name_of_a_table_is_refused(overlay):
    folder = overlay(estimates=("staging", "select project from projects", "project"))
    with pytest.raises(BadModel, match=r"staging/estimates\.sql"):
        load_models([folder])


@pytest.mark.parametrize(
    ("written", "named"),
    [
        ("tests: [unqiue]", "unqiue"),
        ("tests: [accepted_values: {valeus: [a]}]", "valeus"),
        ("tests: [relationships: {to: stg_nobody, field: project}]", "stg_nobody"),
        ("tests: [relationships: {to: stg_a, field: nothing}]", "nothing"),
        ("colour: red", "colour"),
    ],
)
def test_a_fault_of_a_schema_file_names_file_and_value(written, named, overlay):
    folder = overlay(stg_a=ONE)
    schema = folder / "staging" / "schema.yml"
    schema.write_text(
        "models:\n  - name: stg_a\n    description: {en: Mine}\n    grain: [project]\n"
        f"    columns:\n      - {{name: project, description: One, {written}}}\n"
    )
    with pytest.raises(MealError) as caught:
        load_models([folder])
    assert "schema.yml" in str(caught.value)
    assert named in str(caught.value)


def test_a_schema_entry_without_a_file_is_refused_by_name(overlay):
    folder = overlay(stg_a=ONE)
    schema = folder / "staging" / "schema.yml"
    schema.write_text(
        schema.read_text() + schema.read_text().replace("models:\n", "").replace("stg_a", "stg_b")
    )
    with pytest.raises(BadModel, match="stg_b"):
        load_models([folder])
