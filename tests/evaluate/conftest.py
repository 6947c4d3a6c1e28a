"""Two projects as literal rows: `food` with arms and rounds, `wash` with neither."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from meal_pipeline.evaluate import EvaluateReport, Models, evaluate_project, load_models
from meal_pipeline.store import Store, insert_rows
from meal_pipeline.store.figures import figure_id
from meal_pipeline.store.tables import metadata

PACKAGED = Path(__file__).resolve().parents[2] / "dbt_like_sql"
SNAPSHOT = "5" * 64
KEY = {
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
}
VALUES = {
    "estimate": 0.5,
    "se": 0.03125,
    "ci_low": 0.4375,
    "ci_high": 0.5625,
    "confidence": 0.95,
    "df": 30.0,
    "deff": 1.5,
    "n": 200,
    "n_missing": 0,
    "n_clusters": 32,
    "n_strata": 2,
    "method": "Taylor linearisation",
    "ci_method": "logit",
    "note": None,
    "snapshot_id": SNAPSHOT,
    "status": "draft",
}
Rows = list[dict[str, Any]]


def figure(kind: str = "estimate", **changes: Any) -> dict[str, Any]:
    """Give one row of estimates, changes or effects, named by its key."""
    row = {**KEY, **VALUES, **changes}
    key = tuple(kind if name == "kind" else str(row[name]) for name in ("kind", *KEY))
    return {"figure_id": figure_id(key), **row}


def change(**changes: Any) -> dict[str, Any]:
    return figure(
        "change",
        **{
            "statistic": "difference",
            "design": "taylor_stacked",
            "baseline_round": "start",
            **changes,
        },
    )


def effect(**changes: Any) -> dict[str, Any]:
    return figure(
        "effect",
        **{
            "statistic": "effect",
            "design": "did_ols_cr1",
            "baseline_round": "start",
            "arm": "participants",
            "comparison": "fed_did",
            "name_en": "Fed, against others",
            "name_ar": "مقارنةً بغيرهم",
            "label": "comparison_suggests",
            "label_reason": '{"en": "No lottery.", "ar": "بلا قرعة."}',
            "clustered_by": "village",
            "assigned_by_lottery": False,
            "n_participants": 100,
            "n_comparison": 100,
            "n_dropped": 0,
            **changes,
        },
    )


def project(code: str, **changes: Any) -> dict[str, Any]:
    names = dict.fromkeys(metadata.tables["projects"].columns.keys())
    said = dict.fromkeys(("synthetic", "retired", "single_person"), False)
    return {**names, "project": code, **said, **changes}


def round_(code: str, position: int, project: str = "food") -> dict[str, Any]:
    names = {"name_en": code.title(), "name_ar": f"جولة {position}"}
    days = {"data_from": f"2026-0{position}-01", "data_to": f"2026-0{position}-28"}
    return {"project": project, "round": code, "position": position, **names, **days}


def indicator(code: str = "fed", **changes: Any) -> dict[str, Any]:
    row = {
        **dict.fromkeys(metadata.tables["indicators"].columns.keys()),
        "project": "food",
        "indicator": code,
        "definition_hash": "d" * 64,
        "name_en": "Enough to eat",
        "name_ar": "غذاء كافٍ",
        "level": "outcome",
        "statistic": "proportion",
        "better": "higher",
        "form": "household",
        "expression": "${fed}",
        "target": 65.0,
        "target_round": "end",
        "position": 1,
    }
    return {**row, **changes}


def category(code: str, position: int, **changes: Any) -> dict[str, Any]:
    row = {
        "project": "food",
        "disaggregation": "district",
        "disaggregation_en": "District",
        "disaggregation_ar": "المنطقة",
        "category": code,
        "name_en": code.title(),
        "name_ar": f"منطقة {position}",
        "place": code,
        "position": position,
    }
    return {**row, **changes}


def account(
    code: str = "food", *, quarantined: int = 0, snapshot: str = SNAPSHOT
) -> dict[str, Any]:
    return {
        "project": code,
        "form": "household",
        "snapshot_id": snapshot,
        "read_snapshot_id": "4" * 64,
        "pulled": 200 + quarantined,
        "valid": 200,
        "not_eligible": 0,
        "quarantined": quarantined,
    }


def head(code: str = "food") -> dict[str, Any]:
    return {"project": code, "stage": "validate", "snapshot_id": SNAPSHOT}


def food() -> dict[str, Rows]:
    """Give a project of two rounds and two arms, whose district B has four rows that answered."""
    cells = [("A", 150), ("B", 4), ("C", 40), ("(not stated)", 6)]
    return {
        "projects": [project("food", name_en="Food", name_ar="غذاء", synthetic=True)],
        "rounds": [round_("start", 1), round_("end", 2)],
        "indicators": [indicator()],
        "categories": [category(code, at) for at, code in enumerate("ABC", start=1)],
        "estimates": [
            figure(round="start", estimate=0.25, ci_low=0.1875, ci_high=0.3125),
            figure(),
            figure(arm="participants", round="start", n=100, estimate=0.25),
            figure(arm="participants", n=100, estimate=0.625, ci_low=0.5, ci_high=0.75),
            figure(arm="comparison", round="start", n=100, estimate=0.25),
            figure(arm="comparison", n=100, estimate=0.375, ci_low=0.25, ci_high=0.5),
            *(
                figure(disaggregation="district", category=code, n=n, place=code if n > 6 else "")
                for code, n in cells
            ),
        ],
        "changes": [
            change(estimate=0.25, ci_low=0.125, ci_high=0.375),
            change(arm="participants", n=200, estimate=0.375, ci_low=0.25, ci_high=0.5),
            change(disaggregation="district", category="B", n=8),
        ],
        "effects": [effect(estimate=0.25, ci_low=0.125, ci_high=0.375)],
        "row_accounts": [account(quarantined=50)],
        "snapshot_heads": [head()],
    }


def wash() -> dict[str, Rows]:
    """Give a project of one round and no arms, whose mean should fall."""
    own = {"project": "wash", "indicator": "minutes", "round": "", "statistic": "mean"}
    return {
        "projects": [project("wash", name_en="Wash", name_ar="ماء")],
        "rounds": [round_("", 1, "wash")],
        "indicators": [
            indicator(
                "minutes",
                project="wash",
                statistic="mean",
                better="lower",
                target=30.0,
                target_round=None,
            )
        ],
        "estimates": [figure(**own, estimate=24.0, ci_low=20.0, ci_high=28.0)],
        "row_accounts": [account("wash")],
        "snapshot_heads": [head("wash")],
    }


Fill = Callable[..., None]
Evaluate = Callable[..., EvaluateReport]


def clock() -> datetime:
    return datetime(2026, 11, 25, 6, 0, tzinfo=UTC)


@pytest.fixture(scope="session")
def packaged() -> Models:
    return load_models([PACKAGED])


@pytest.fixture
def fill(store: Store) -> Fill:
    """Put worlds, such as `food()`, into the tables."""

    def put(*worlds: dict[str, Rows]) -> None:
        with store.write() as connection:
            for world in worlds:
                for table, rows in world.items():
                    insert_rows(connection, metadata.tables[table], rows)

    return put


@pytest.fixture
def evaluate(store: Store) -> Evaluate:
    def run(code: str = "food", *overlays: Path) -> EvaluateReport:
        return evaluate_project(store, code, model_folders=[PACKAGED, *overlays], clock=clock)

    return run


@pytest.fixture
def rows(store: Store) -> Callable[..., Rows]:
    """Read rows of a model: the columns named, in order of the first ones."""

    def read(model: str, *columns: str, **where: Any) -> list[tuple[Any, ...]]:
        only = " and ".join(f"{name} = :{name}" for name in where) or "1 = 1"
        with store.read() as connection:
            found = connection.execute(
                text(f"select {', '.join(columns)} from {model} where {only}"), where
            ).all()
        return sorted((tuple(row) for row in found), key=str)

    return read


@pytest.fixture
def overlay(tmp_path: Path) -> Callable[..., Path]:
    """Write a folder of models: `overlay(stg_x=("staging", "select …", "columns"))`."""

    def write(**models: tuple[str, str, str]) -> Path:
        folder = tmp_path / "dbt_like_sql"
        schemas: dict[str, list[str]] = {}
        for name, (layer, sql, columns) in models.items():
            (folder / layer).mkdir(parents=True, exist_ok=True)
            (folder / layer / f"{name}.sql").write_text(sql, encoding="utf-8")
            listed = "".join(
                f"\n      - {{name: {one}, description: One}}" for one in columns.split()
            )
            schemas.setdefault(layer, []).append(
                f"  - name: {name}\n    description: {{en: Mine}}\n"
                f"    grain: [{columns.split()[0]}]\n    columns:{listed}\n"
            )
        for layer, entries in schemas.items():
            text_ = "models:\n" + "".join(entries)
            (folder / layer / "schema.yml").write_text(text_, encoding="utf-8")
        return folder

    return write
