"""A project with one comparison, over rows of one form."""

from collections.abc import Callable
from typing import Any

import pytest

from meal_pipeline.workspace.project import Project


def declared(
    comparison: dict[str, Any], indicator: dict[str, Any] | None = None, **changes: Any
) -> Project:
    return Project.model_validate(
        {
            "code": "p",
            "name": {"en": "P"},
            "server": "https://kobo.example.org",
            "forms": {"home": {"uid": "aHome"}},
            "arms": {"expression": "${arm}", "participants": ["1"], "comparison": ["0"]},
            "indicators": {
                "y": {
                    "name": {"en": "Y"},
                    "level": "outcome",
                    "form": "home",
                    "statistic": "mean",
                    "expression": "${y}",
                    **(indicator or {}),
                }
            },
            "comparisons": {
                "c": {
                    "name": {"en": "C", "ar": "م"},
                    "indicator": "y",
                    "design": "randomised",
                    "assigned_by_lottery": comparison.get("design", "randomised") == "randomised",
                    **comparison,
                }
            },
            **changes,
        }
    )


@pytest.fixture
def project() -> Callable[..., Project]:
    """Make a project with comparison `c` of indicator `y`, the mean of the question y."""
    return declared
