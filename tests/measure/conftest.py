"""A small survey in a store: a form, its valid rows as a snapshot, a project over them."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pandas as pd
import pytest

from meal_pipeline.store import Store
from meal_pipeline.store.submission_log import FormVersion, append_versions, form_versions
from meal_pipeline.workspace.project import Project

SERVER = "https://kobo.example.org"
CONTENT = {
    "survey": [
        {"type": "select_one wave", "name": "wave"},
        {"type": "select_one arm", "name": "arm"},
        {"type": "select_one sex", "name": "sex"},
        {"type": "text", "name": "place"},
        {"type": "decimal", "name": "score"},
        {"type": "decimal", "name": "weight"},
        {"type": "text", "name": "district"},
        {"type": "text", "name": "village"},
        {"type": "text", "name": "household"},
    ],
    "choices": [
        {"list_name": "wave", "name": "baseline", "label::English (en)": "Baseline"},
        {"list_name": "arm", "name": "t", "label::English (en)": "Took part"},
        {"list_name": "sex", "name": "f", "label::English (en)": "F", "label::Arabic (ar)": "أنثى"},
        {"list_name": "sex", "name": "m", "label::English (en)": "M", "label::Arabic (ar)": "ذكر"},
        {"list_name": "sex", "name": "x", "label::English (en)": "Other"},
    ],
}


def indicator(**changes: Any) -> dict[str, Any]:
    """Declare the share of scores above 5, by sex, or what is given."""
    return {
        "name": {"en": "High score", "ar": "درجة"},
        "level": "outcome",
        "form": "home",
        "statistic": "proportion",
        "expression": "${score} > 5",
        "disaggregate": ["sex", "place", ["sex", "place"]],
        **changes,
    }


def declared(**changes: Any) -> dict[str, Any]:
    return {
        "code": "p",
        "name": {"en": "P", "ar": "م"},
        "server": SERVER,
        "forms": {"home": {"uid": "aHome", "subject": "household"}},
        "rounds": {
            "expression": "${wave}",
            "values": {
                "baseline": {"name": {"en": "Baseline", "ar": "خط الأساس"}},
                "endline": {"name": {"en": "Endline"}},
                "later": {"name": {"en": "Later"}},
            },
        },
        "arms": {"expression": "${arm}", "participants": ["t"], "comparison": ["c"]},
        "disaggregations": {
            "sex": {"name": {"en": "Sex", "ar": "الجنس"}, "question": "sex"},
            "place": {
                "name": {"en": "Place"},
                "question": "place",
                "place": True,
                "categories": {"SY01": {"en": "One"}, "SY02": {"en": "Two"}},
            },
        },
        "indicators": {"high": indicator()},
        **changes,
    }


@pytest.fixture(scope="session")
def project() -> Callable[..., Project]:
    """Make a project of two rounds and two arms, changed as given."""
    return lambda **changes: Project.model_validate(declared(**changes))


def answers(n: int = 120, seed: int = 1) -> pd.DataFrame:
    """Give n valid rows: half of them each round, with gaps in sex, arm, score and village."""
    rng = np.random.default_rng(seed)

    def text(values: Any, gap: float = 0.0) -> pd.Series:
        return pd.Series(values, dtype="str").mask(rng.random(n) < gap)

    village = rng.integers(0, 12, n)
    return pd.DataFrame(
        {
            "_id": np.arange(n),
            "_submission_time": pd.date_range("2026-03-01T22:30Z", periods=n, freq="6h").as_unit(
                "us"
            ),
            "wave": text(np.where(np.arange(n) < n // 2, "baseline", "endline")),
            "arm": text(np.where(village % 2, "t", "c"), 0.05),
            "sex": text(rng.choice(["f", "m"], n), 0.1),
            "place": text(rng.choice(["SY01", "SY03"], n), 0.1),
            "score": pd.Series(rng.integers(0, 11, n), dtype="Float64").mask(rng.random(n) < 0.1),
            "weight": rng.integers(1, 4, n).astype(float),
            "district": text(np.where(village < 6, "d", "e")),
            "village": text(village.astype(str), 0.05),
            "household": text((np.arange(n) % (n // 2)).astype(str)),
        }
    )


@pytest.fixture(scope="session")
def survey() -> Callable[..., pd.DataFrame]:
    """Make valid rows of the form."""
    return answers


@pytest.fixture
def filled(store: Store) -> Callable[..., str]:
    """Put rows in the store as a validated snapshot of project `p`, and give its id."""

    def fill(frame: pd.DataFrame, project: str = "p", content: Any = CONTENT) -> str:
        if not form_versions(store, SERVER, "aHome"):
            with store.write() as connection:
                version = FormVersion("v1", "hash", content, None)
                append_versions(connection, SERVER, "aHome", [version])
        parts = {"home": [store.snapshots.write_part(frame)]}
        clock = lambda: datetime(2026, 11, 25, tzinfo=UTC)  # noqa: E731
        return store.snapshots.save(project, "validate", parts, {}, clock).snapshot_id

    return fill
