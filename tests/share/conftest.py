"""Shared tables with rows as a test wants them, and the browser where there is one."""

import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from meal_pipeline.share import brief_html
from meal_pipeline.store import Store, open_store
from meal_pipeline.workspace.project import Project

ROOT = Path(__file__).resolve().parents[2]
SCHEMA = ROOT / "dbt_like_sql" / "marts" / "schema.yml"

PROJECT: dict[str, Any] = {
    "project": "food",
    "name_en": "Food project",
    "name_ar": "مشروع الغذاء",
    "is_synthetic": 0,
    "is_retired": 0,
    "is_single_person": 0,
    "n_rounds": 2,
    "data_to": "2026-11-12",
}
ESTIMATE: dict[str, Any] = {
    "project": "food",
    "variant": "official",
    "indicator": "fed",
    "name_en": "Enough to eat",
    "name_ar": "غذاء كافٍ",
    "indicator_en": "Enough to eat",
    "indicator_ar": "غذاء كافٍ",
    "level": "outcome",
    "statistic": "proportion",
    "better": "higher",
    "round": "end",
    "round_en": "Endline",
    "round_ar": "بعد المشروع",
    "arm": "all",
    "baseline_round": "start",
    "baseline_shown": "shown",
    "baseline": 0.41,
    "baseline_ci_low": 0.35,
    "baseline_ci_high": 0.47,
    "shown": "shown",
    "estimate": 0.62,
    "ci_low": 0.56,
    "ci_high": 0.68,
    "confidence": 0.95,
    "n": 612,
    "n_missing": 28,
    "n_clusters": 32,
    "target": 0.65,
    "change_shown": "shown",
    "change": 0.21,
    "change_ci_low": 0.14,
    "change_ci_high": 0.28,
    "status": "on_the_way",
    "quality": "B",
    "is_latest": 1,
    "is_main_arm": 1,
    "indicator_position": 1,
    "round_position": 2,
    "data_to": "2026-11-12",
    "people_en": "households",
    "people_ar": "أسرة",
    "gain_en": "had enough to eat",
    "gain_ar": "توفّر لديها غذاء كافٍ",
    "design": "taylor",
    "method": "Taylor linearisation",
    "ci_method": "t, degrees of freedom of the whole design",
    "figure_id": "F-AAAAAAAA",
    "definition_hash": "d" * 64,
    "snapshot_id": "5" * 64,
    "figure_status": "draft",
}
BASELINE = ESTIMATE | {
    "round": "start",
    "round_en": "Baseline",
    "round_ar": "قبل المشروع",
    "estimate": 0.41,
    "ci_low": 0.35,
    "ci_high": 0.47,
    "n": 640,
    "n_missing": 0,
    "status": "baseline",
    "is_latest": 0,
    "round_position": 1,
    "data_to": "2026-03-20",
    **dict.fromkeys(
        ("baseline", "baseline_shown", "baseline_ci_low", "baseline_ci_high", "change")
    ),
    "change_shown": None,
    "figure_id": "F-BBBBBBBB",
}
EFFECT = {key: value for key, value in ESTIMATE.items() if key != "arm"} | {
    "comparison": "fed_did",
    "name_en": "Food against others",
    "name_ar": "الغذاء مقارنةً بغيرهم",
    "label": "comparison_suggests",
    "label_reason": '{"en": "No lottery.", "ar": "بلا قرعة."}',
    "effect": 0.11,
    "ci_low": 0.04,
    "ci_high": 0.18,
    "df": 31.0,
    "n": 1200,
    "n_participants": 600,
    "n_comparison": 600,
    "clustered_by": "community",
    "design": "did_ols_cr1",
    "figure_id": "F-CCCCCCCC",
}
CELL = ESTIMATE | {
    "disaggregation": "district",
    "disaggregation_en": "District",
    "disaggregation_ar": "المنطقة",
    "category": "SY0203",
    "category_en": "Afrin",
    "category_ar": "عفرين",
    "place": "SY0203",
    "category_position": 1,
    "figure_id": "F-DDDDDDDD",
}

Tables = Callable[..., Store]
Rows = list[dict[str, Any]]


def project(code: str = "food") -> Project:
    """Give the smallest project that names the rows."""
    return Project.model_validate(
        {
            "code": code,
            "name": {"en": "Food project"},
            "server": "http://127.0.0.1:8899",
            "forms": {"household": {"uid": "aFood"}},
        }
    )


def clock() -> datetime:
    """Give one moment, always the same."""
    return datetime(2026, 11, 25, 6, 0, tzinfo=UTC)


def page(store: Store, language: str = "en") -> str:
    """Give the brief of the project in `language`."""
    return brief_html(store, project(), language=language, clock=clock)


@pytest.fixture
def tables(tmp_path: Path) -> Iterator[Tables]:
    """Make a store whose marts have the columns that they are documented with, and these rows."""
    store = open_store(tmp_path / "store.sqlite", snapshots=tmp_path / "snapshots")

    def fill(
        *,
        project: dict[str, Any] | None = None,
        progress: Rows | None = None,
        effects: Rows | None = None,
        cells: Rows | None = None,
        quality: Rows | None = None,
    ) -> Store:
        wanted = {
            "mart_projects": [PROJECT | (project or {})],
            "mart_progress": [BASELINE, ESTIMATE] if progress is None else progress,
            "mart_effects": effects or [],
            "mart_disaggregation": cells or [],
            "mart_data_quality": quality or [],
        }
        with SCHEMA.open(encoding="utf-8") as file:
            models = {model["name"]: model for model in YAML(typ="safe").load(file)["models"]}
        with store.write() as connection:
            for mart, rows in wanted.items():
                columns = [column["name"] for column in models[mart]["columns"]]
                connection.exec_driver_sql(f"create table {mart} ({', '.join(columns)})")
                marks = ", ".join("?" for _column in columns)
                for row in rows:
                    connection.exec_driver_sql(
                        f"insert into {mart} values ({marks})",
                        tuple(row.get(column) for column in columns),
                    )
        return store

    yield fill
    store.close()


@pytest.fixture(scope="session")
def browser() -> str:
    """The path of a Chromium, or the test is skipped."""
    for name in ("chromium", "chromium-browser", "google-chrome", "chrome", "msedge"):
        if found := shutil.which(name):
            return found
    pytest.skip("no Chromium on this machine to lay the page out")
