"""What an indicator's number depends on, as one hash.

Here: the definition hash that figures carry. Not here: computing the number (measure). Names,
targets and sentences are left out: they change what a reader sees, not the number.
"""

import hashlib
from collections.abc import Mapping
from typing import Any

import orjson

from meal_pipeline.workspace.project import Project

_SAID_NOT_COMPUTED = {"name", "level", "unit", "better", "target", "people", "gain"}
_OF_FORMS_SAID = {"name", "no_longer_asked", "no_longer_offered"}
_NAMES_OF_ARMS = {"participants_name", "comparison_name"}


def definition_hash(
    project: Project, indicator: str, places: Mapping[str, str] | None = None
) -> str:
    """Give the SHA-256 (64 hex digits) of everything that determines an indicator's number.

    That is the indicator, its form's settings, the rounds, the arms, the sampling design and the
    disaggregations it uses. `places`: for a disaggregation by place whose answers were matched with
    the list of places, a hash of what each answer was found to mean. Raises KeyError for an
    indicator that the project has not.
    """
    declared = project.indicators[indicator]
    used = {
        part for one in declared.disaggregate for part in ([one] if isinstance(one, str) else one)
    }
    definition: dict[str, Any] = {
        "indicator": declared.model_dump(exclude=_SAID_NOT_COMPUTED),
        "form": project.forms[declared.form].model_dump(exclude=_OF_FORMS_SAID),
        "rounds": None
        if project.rounds is None
        else {
            "expression": project.rounds.expression,
            "values": [[code, one.value] for code, one in project.rounds.values.items()],
        },
        "arms": project.arms and project.arms.model_dump(exclude=_NAMES_OF_ARMS),
        "design": project.design.model_dump(),
        "disaggregations": {
            code: {
                "question": one.question,
                "expression": one.expression,
                "categories": list(one.categories or ()),
                "place": one.place,
                # Left out where they are not declared: older figures keep their hash.
                **one.model_dump(include={"admin_level", "within"}, exclude_none=True),
                **({"matched": places[code]} if places and code in places else {}),
            }
            for code, one in project.disaggregations.items()
            if code in used
        },
    }
    canonical = orjson.dumps(definition, option=orjson.OPT_SORT_KEYS)
    return hashlib.sha256(canonical).hexdigest()
