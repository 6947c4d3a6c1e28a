"""A small survey: a form, a project over it, its rows."""

from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest

from meal_pipeline.forms import FormUnion, parse_content, unite
from meal_pipeline.rows.form_rows import FormRows
from meal_pipeline.workspace.project import Project

SURVEY = [
    {"type": "text", "name": "wave"},
    {"type": "select_one arm", "name": "arm"},
    {"type": "select_one sex", "name": "sex"},
    {"type": "select_multiple needs", "name": "needs"},
    {"type": "integer", "name": "income"},
    {"type": "decimal", "name": "weight"},
    {"type": "text", "name": "district"},
    {"type": "text", "name": "village"},
    {"type": "text", "name": "household"},
    {"type": "text", "name": "phone"},
    {"type": "begin_repeat", "name": "member"},
    {"type": "integer", "name": "age"},
    {"type": "end_repeat"},
]
CHOICES = [
    {"list_name": "arm", "name": "t", "label::English (en)": "Took part"},
    {"list_name": "arm", "name": "c", "label::English (en)": "Did not"},
    {
        "list_name": "sex",
        "name": "f",
        "label::English (en)": "Female",
        "label::Arabic (ar)": "أنثى",
    },
    {"list_name": "sex", "name": "m", "label::English (en)": "Male", "label::Arabic (ar)": "ذكر"},
    {"list_name": "needs", "name": "food", "label::English (en)": "Food"},
]


def union(survey: list[dict[str, str]]) -> FormUnion:
    content = {"survey": survey, "choices": CHOICES}
    return unite([parse_content(content, asset_uid="a", version_uid="v1")])


def declared(**changes: Any) -> Project:
    return Project.model_validate(
        {
            "code": "p",
            "name": {"en": "P"},
            "server": "https://kobo.example.org",
            "forms": {"home": {"uid": "aHome"}, "feedback": {"uid": "aFeedback"}},
            **changes,
        }
    )


@pytest.fixture
def project() -> Callable[..., Project]:
    """Make a project with two forms, `home` and `feedback`, and what is given."""
    return declared


@pytest.fixture
def rows() -> Callable[..., FormRows]:
    """Make rows of the form `home` from columns of answers; other columns are not kept."""

    def make(
        *, code: str = "home", survey: list[dict[str, str]] = SURVEY, **columns: Any
    ) -> FormRows:
        frame = pd.DataFrame(columns)
        other = union([{"type": "text", "name": "complaint"}] if code == "home" else SURVEY)
        return FormRows(code, frame, union(survey), (other,))

    return make


@pytest.fixture
def feedback(rows: Callable[..., FormRows]) -> FormRows:
    """Rows of the form `feedback`, which knows no round, arm or sampling design."""
    survey = [{"type": "text", "name": "complaint"}]
    return rows(code="feedback", survey=survey, complaint=["none", "late", None])
