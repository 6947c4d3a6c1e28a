"""What building leaves in the database, on SQLite and on PostgreSQL."""

import hashlib
import re
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import inspect, select, text, update

from meal_pipeline.evaluate import (
    BadModel,
    build_models,
    evaluate_project,
    explain_models,
    load_models,
)
from meal_pipeline.evaluate.building import ViewInUse
from meal_pipeline.store import Store, insert_rows, open_store
from meal_pipeline.store.tables import metadata
from meal_pipeline.store.tables.evaluate import models as built
from meal_pipeline.store.tables.measure import estimates
from tests.evaluate.conftest import PACKAGED, clock, food, wash

MARTS = ("mart_projects", "mart_progress", "mart_disaggregation", "mart_effects")
MARTS = (*MARTS, "mart_data_quality")


def fingerprint(store: Store, project: str) -> dict[str, str]:
    with store.read() as connection:
        return {
            mart: hashlib.sha256(
                repr(
                    sorted(
                        connection.execute(
                            text(f"select * from {mart} where project = :code"), {"code": project}
                        ).all(),
                        key=str,
                    )
                ).encode()
            ).hexdigest()
            for mart in MARTS
        }


def test_every_packaged_model_can_be_planned_on_both_databases(store, packaged):
    build_models(store, packaged, clock=clock)
    assert explain_models(store, packaged) == {}


@pytest.mark.parametrize("store", ["postgresql"], indirect=True)
def test_both_databases_hold_the_same_rows(store, tmp_path, packaged):
    world = food()
    thirds = {
        "estimate": 1 / 3,
        "se": 0.1 / 3,
        "ci_low": 0.1 + 0.2,
        "ci_high": 2 / 3,
        "df": 1e9 / 7,
    }
    for row in (*world["estimates"], *world["changes"], *world["effects"]):
        row.update(thirds)
    found = []
    for one in (store, open_store(tmp_path / "other.sqlite", snapshots=tmp_path)):
        one.migrate()
        with one.write() as connection:
            for table, rows in world.items():
                insert_rows(connection, metadata.tables[table], rows)
        evaluate_project(one, "food", model_folders=[PACKAGED], clock=clock)
        found.append({mart: rows_in_order(one, packaged[mart]) for mart in MARTS})
    one.close()
    for mart in MARTS:
        assert len(found[0][mart]) == len(found[1][mart]) > 0
        for here, there in zip(found[0][mart], found[1][mart], strict=True):
            for name, value in here.items():
                expected = there[name]
                if isinstance(expected, float):
                    expected = pytest.approx(expected, rel=1e-9, abs=0)
                assert value == expected, (mart, name)


def rows_in_order(store, model):
    """Give rows as dictionaries in order of the model's grain; truth values as 0 and 1."""
    with store.read() as connection:
        rows = connection.execute(text(f"select * from {model.name}")).mappings().all()
    plain = [
        {name: int(value) if isinstance(value, bool) else value for name, value in row.items()}
        for row in rows
    ]
    return sorted(plain, key=lambda row: [str(row[name]) for name in model.schema.grain])


def test_two_projects_evaluated_at_once_both_arrive(store, fill, evaluate):
    fill(food(), wash())
    with ThreadPoolExecutor() as pool:
        reports = list(pool.map(evaluate, ["food", "wash"] * 2))
    assert [report.failed for report in reports] == [[]] * 4
    at_once = fingerprint(store, "food"), fingerprint(store, "wash")
    assert not evaluate("food").changed
    assert not evaluate("wash").changed
    assert (fingerprint(store, "food"), fingerprint(store, "wash")) == at_once


def test_every_column_of_a_packaged_model_is_described_in_order(store, packaged):
    build_models(store, packaged, clock=clock)
    with store.read() as connection:
        for name, model in packaged.items():
            found = connection.execute(text(f"select * from {name} where 1 = 0")).keys()
            assert tuple(found) == model.columns, name


def test_another_project_keeps_its_rows_byte_for_byte(store, fill, evaluate):
    fill(food(), wash())
    evaluate("food")
    evaluate("wash")
    before = fingerprint(store, "wash"), fingerprint(store, "food")
    with store.write() as connection:
        connection.execute(update(estimates).values(estimate=0.125))  # of both projects
    evaluate("food")
    assert fingerprint(store, "wash") == before[0]
    assert fingerprint(store, "food")["mart_progress"] != before[1]["mart_progress"]


def test_a_second_run_changes_nothing_and_says_so(store, fill, evaluate):
    fill(food())
    first = evaluate()
    with store.read() as connection:
        told = connection.execute(select(built)).all()
    second = evaluate()
    with store.read() as connection:
        assert connection.execute(select(built)).all() == told
    assert (first.changed, second.changed) == (True, False)


def test_a_mart_with_a_new_column_is_made_anew_for_every_project(
    store, fill, evaluate, rows, overlay
):
    fill(food(), wash())
    evaluate("food")
    evaluate("wash")
    mine = overlay(
        mart_projects=("marts", "select project, 'new' as word from stg_projects", "project word")
    )
    evaluate("food", mine)
    assert rows("mart_projects", "project", "word") == [("food", "new"), ("wash", "new")]


def test_a_model_taken_away_again_leaves_nothing_behind(store, fill, evaluate, rows, overlay):
    fill(food())
    mine = overlay(
        int_mine=("intermediate", "select project from stg_projects", "project"),
        mart_mine=("marts", "select project from int_mine", "project"),
    )
    evaluate("food", mine)
    assert rows("mart_mine", "project") == [("food",)]
    evaluate("food")
    with store.read() as connection:
        inspector = inspect(connection)
        names = {*inspector.get_view_names(), *inspector.get_table_names()}
    assert not names & {"int_mine", "mart_mine"}


def test_a_view_of_ours_that_another_one_reads_is_named(store, fill, evaluate, overlay):
    if store.dialect == "sqlite":
        pytest.skip("SQLite drops a view whoever reads it")
    fill(food())
    evaluate()
    with store.write() as connection:
        connection.exec_driver_sql("create view board as select project from stg_blocks")
    mine = overlay(stg_blocks=("staging", "select project, kind from blocks", "project kind"))
    with pytest.raises(ViewInUse, match="stg_blocks"):
        evaluate("food", mine)
    assert evaluate().changed is False


def test_a_percent_sign_and_a_colon_pass_through_unharmed(fill, evaluate, rows, overlay):
    sql = "select project, '5 % : of :all' as said from stg_projects"
    mine = overlay(
        int_said=("intermediate", sql, "project said"),
        mart_said=(
            "marts",
            "select project, said, '%:x' as more from int_said",
            "project said more",
        ),
    )
    fill(food())
    evaluate("food", mine)
    assert rows("mart_said", "said", "more") == [("5 % : of :all", "%:x")]


def test_sql_that_the_database_refuses_leaves_the_tables_as_they_were(
    store, fill, evaluate, overlay
):
    fill(food())
    evaluate()
    before = fingerprint(store, "food")
    mine = overlay(
        mart_projects=("marts", "select project, no_such from stg_projects", "project no_such")
    )
    report = evaluate("food", mine)
    assert list(report.faults) == ["mart_projects"]
    assert "marts/mart_projects.sql" in str(report.faults["mart_projects"])
    assert fingerprint(store, "food") == before
    with pytest.raises(BadModel, match=r"marts/mart_projects\.sql.*no_such"):
        build_models(store, load_models([PACKAGED, mine]), clock=clock)


@pytest.mark.parametrize("listed", ["project", "project word other"])
def test_a_schema_file_that_lists_other_columns_is_refused(listed, fill, evaluate, overlay):
    fill(food())
    sql = "select project, 'x' as word from stg_projects"
    report = evaluate("food", overlay(mart_mine=("marts", sql, listed)))
    assert "marts/mart_mine.sql" in str(report.faults["mart_mine"])
    assert "mart_mine" not in {one.name for one in report.models}


def test_a_model_that_is_not_sql_is_left_out_with_its_readers_and_the_others_are_built(
    store, fill, evaluate, overlay, rows
):
    fill(food())
    evaluate()
    before = rows("mart_effects", "project")
    mine = overlay(
        stg_mine=("staging", "selekt 1", "project"),
        mart_mine=("marts", "select project from stg_mine", "project"),
        mart_other=("marts", "select project from stg_projects", "project"),
    )
    report = evaluate("food", mine)
    assert sorted(report.faults) == ["mart_mine", "stg_mine"]
    assert "stg_mine" in str(report.faults["mart_mine"])
    assert rows("mart_other", "project") == [("food",)]
    assert rows("mart_effects", "project") == before


def test_a_packaged_mart_whose_copy_is_bad_keeps_its_rows_until_it_is_mended(
    fill, evaluate, overlay, rows
):
    fill(food())
    evaluate()
    before = rows("mart_projects", "project")
    evaluate("food", overlay(mart_projects=("marts", "selekt 1", "project")))
    assert rows("mart_projects", "project") == before
    assert evaluate().faults == {}
    assert rows("mart_projects", "project") == before


def test_a_migration_of_the_tables_can_follow_a_build(store, fill, evaluate):
    fill(food())
    evaluate()
    store.migrate()
    assert evaluate().changed is False


def test_models_of_an_empty_store_are_built_without_rows(store, packaged):
    made = build_models(store, packaged, clock=clock)
    assert {one.rows for one in made if one.layer == "marts"} == {0}
    assert [one.name for one in made] == list(load_models([PACKAGED]))


def test_the_model_that_the_page_adds_is_built(fill, evaluate, rows, tmp_path):
    page = (PACKAGED.parent / "docs" / "sql-models.md").read_text(encoding="utf-8")
    folder = tmp_path / "dbt_like_sql" / "marts"
    folder.mkdir(parents=True)
    for language, name in (("sql", "mart_places.sql"), ("yaml", "schema.yml")):
        (written,) = re.findall(rf"```{language}\n(.*?)```", page, re.DOTALL)
        (folder / name).write_text(written, encoding="utf-8")
    fill(food())
    assert evaluate("food", folder.parent).failed == []
    assert rows("mart_places", "project", "place", "n_figures") == [
        ("food", "A", 1),
        ("food", "C", 1),
    ]
