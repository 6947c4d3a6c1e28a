"""The definition hash: it moves with the number and with nothing else."""

from typing import Any

import pytest

from meal_pipeline.workspace import definition_hash
from meal_pipeline.workspace.project import Project


def project(**changes: Any) -> Project:
    declared: dict[str, Any] = {
        "code": "food",
        "name": {"en": "Food"},
        "server": "https://kf.example.org",
        "forms": {"household": {"uid": "aForm"}, "feedback": {"uid": "bForm"}},
        "rounds": {"expression": "${round}", "values": {"base": {"name": {"en": "B"}}}},
        "design": {"weights": "w"},
        "disaggregations": {
            "sex": {"name": {"en": "Sex"}, "question": "sex"},
            "age": {"name": {"en": "Age"}, "question": "age"},
        },
        "indicators": {
            "fcs": {
                "name": {"en": "F"},
                "level": "outcome",
                "form": "household",
                "statistic": "proportion",
                "expression": "${fcs} > 42",
                "disaggregate": ["sex"],
            }
        },
    }
    for key, value in changes.items():
        node = declared
        *way, last = key.split("__")
        for step in way:
            node = node[step]
        node[last] = value
    return Project.model_validate(declared)


@pytest.mark.parametrize(
    "change",
    [
        {"indicators__fcs__name": {"en": "Other"}},
        {"indicators__fcs__target": {"value": 60}},
        {"indicators__fcs__people": {"en": "households"}},
        {"name": {"en": "Other"}},
        {"forms__feedback__uid": "cForm"},
        {"forms__household__name": {"en": "H"}},
        {"disaggregations__age__question": "age_group"},
        {"disaggregations__sex__name": {"en": "Gender"}},
        {"schedule": {"cron": "0 7 * * *"}},
    ],
)
def test_names_targets_and_what_is_not_used_leave_it_alone(change: dict[str, Any]) -> None:
    assert definition_hash(project(**change), "fcs") == definition_hash(project(), "fcs")


@pytest.mark.parametrize(
    "change",
    [
        {"indicators__fcs__expression": "${fcs} > 35"},
        {"indicators__fcs__among": "${eats}"},
        {"indicators__fcs__missing": "never"},
        {"indicators__fcs__disaggregate": ["sex", "age"]},
        {"forms__household__eligible": "${consent}"},
        {"rounds__expression": "${wave}"},
        {"design__clusters": "village"},
        {"disaggregations__sex__question": "gender"},
    ],
)
def test_whatever_the_number_depends_on_moves_it(change: dict[str, Any]) -> None:
    assert definition_hash(project(**change), "fcs") != definition_hash(project(), "fcs")
