"""From figures through the shared tables to the page, on SQLite and on PostgreSQL."""

from typing import Any

from meal_pipeline.evaluate import evaluate_project
from meal_pipeline.share import brief_html, review_table
from meal_pipeline.store import Store
from meal_pipeline.store.tables.measure import categories, estimates, indicators, projects, rounds

from .conftest import ROOT, clock, project

FIGURE: dict[str, Any] = {
    "project": "food",
    "indicator": "fed",
    "definition_hash": "d" * 64,
    "round": "end",
    "baseline_round": "",
    "place": "",
    "disaggregation": "",
    "category": "",
    "arm": "all",
    "statistic": "proportion",
    "design": "taylor",
    "variant": "official",
    "figure_id": "F-1",
    "estimate": 0.62,
    "ci_low": 0.56,
    "ci_high": 0.68,
    "confidence": 0.95,
    "n": 50,
    "n_missing": 2,
    "n_clusters": 8,
    "n_strata": 1,
    "method": "Taylor linearisation",
    "ci_method": "t, degrees of freedom of the whole design",
    "snapshot_id": "5" * 64,
    "status": "draft",
}
INDICATOR = {
    "project": "food",
    "indicator": "fed",
    "definition_hash": "d" * 64,
    "name_en": "Enough to eat",
    "level": "outcome",
    "statistic": "proportion",
    "better": "higher",
    "form": "household",
    "people_en": "households",
    "gain_en": "had enough to eat",
    "expression": "${fed} = 'yes'",
    "target": 65.0,
    "position": 1,
}


def cell(code: str, n: int) -> dict[str, Any]:
    place = {"disaggregation": "district", "category": code, "place": code}
    return FIGURE | place | {"figure_id": f"F-{code}", "n": n, "n_missing": 0}


def fill(store: Store) -> None:
    names = {"disaggregation_en": "District", "disaggregation": "district"}
    with store.write() as connection:
        for table, rows in (
            (
                projects,
                [{"project": "food", "name_en": "Food", "synthetic": True, "retired": False}],
            ),
            (rounds, [{"project": "food", "round": "end", "name_en": "Endline", "position": 1}]),
            (indicators, [INDICATOR]),
            (
                categories,
                [
                    {"project": "food", "category": code, "name_en": code, "position": 1} | names
                    for code in ("A", "B", "C")
                ],
            ),
            (estimates, [FIGURE | {"n_missing": 0}, cell("A", 3), cell("B", 7), cell("C", 40)]),
        ):
            connection.execute(table.insert(), rows)
    evaluate_project(store, "food", model_folders=[ROOT / "dbt_like_sql"], clock=clock)


def test_figures_reach_the_page_and_small_cells_do_not(store: Store) -> None:
    fill(store)
    table = {row["category"]: (row["estimate"], row["n"]) for row in review_table(store, project())}
    assert table == {
        "everyone": ("62\N{NO-BREAK SPACE}%", 50),
        "District: A": ("withheld to protect people", "withheld"),
        "District: B": ("withheld to protect people", "withheld"),
        "District: C": ("62\N{NO-BREAK SPACE}%", 40),
    }
    text = brief_html(store, project(), language="en", clock=clock)
    assert "Synthetic data, for training." in text
    assert "too small to tell" in text  # 65 lies between 56 and 68
    assert text.count("withheld to protect people") == 2
