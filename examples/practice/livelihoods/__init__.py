"""Livelihoods and food security, northern Syria: made-up households, districts as they are.

Here: `fill`, which puts the household and feedback forms on a practice server. Not here: how the
answers are made (`households`, `feedback`, `planted`).

Districts carry the names and P-codes of OCHA's common operational datasets (COD-AB, credit: OCHA);
communities, households and answers are made up.
"""

import copy
from pathlib import Path
from typing import Any

from meal_pipeline.practice import PracticeForm, PracticeServer, PracticeVersion

from ..form_file import form_content
from .feedback import feedback_answers
from .households import interviews
from .planted import edits, with_problems

HOUSEHOLD = "aLivelihoodsHousehold1"
FEEDBACK = "aLivelihoodsFeedback01"
FIRST_VERSION, SECOND_VERSION = "vHouseholdBaseline0001", "vHouseholdEndline00002"
_HERE = Path(__file__).parent


def fill(server: PracticeServer) -> None:
    """Add both forms with every submission and edit, always the same."""
    first = form_content(_HERE / "household_v1.yaml")
    server.add(
        PracticeForm(
            HOUSEHOLD,
            "استبيان الأسر / Household survey",
            [
                PracticeVersion(FIRST_VERSION, first, deployed_at="2026-02-25T09:00:00.000000Z"),
                PracticeVersion(
                    SECOND_VERSION, second_version(first), deployed_at="2026-10-20T09:00:00.000000Z"
                ),
            ],
        )
    )
    for interview in with_problems(interviews()):
        server.submit(
            HOUSEHOLD,
            interview.answers(),
            version=FIRST_VERSION if interview.first_version else SECOND_VERSION,
            submission_time=interview.sent,
            submitted_by=f"tablet_{interview.enumerator[-2:]}",
        )
    for submission_id, changes in edits():
        server.edit(HOUSEHOLD, submission_id, changes, version=FIRST_VERSION)
    content = form_content(_HERE / "feedback.yaml")
    server.add(
        PracticeForm(
            FEEDBACK,
            "ملاحظات المجتمع / Community feedback",
            [
                PracticeVersion(
                    "vFeedback0000000000001", content, deployed_at="2026-02-25T09:30:00.000000Z"
                )
            ],
        )
    )
    for answers, sent in feedback_answers():
        server.submit(FEEDBACK, answers, submission_time=sent, submitted_by="desk")


def second_version(content: dict[str, Any]) -> dict[str, Any]:
    """Give the form as redeployed before the endline.

    The water question moved from `household` into a group of its own, `services`, and the choice
    `tanker` is now `water_trucking`.
    """
    later = copy.deepcopy(content)
    rows = later["survey"]
    water = next(row for row in rows if row.get("name") == "water_source")
    rows.remove(water)
    water["$xpath"] = "services/water_source"
    after = next(place for place, row in enumerate(rows) if row.get("name") == "member")
    group = {
        "type": "begin_group",
        "name": "services",
        "$autoname": "services",
        "$xpath": "services",
        "$kuid": "q900",
        "relevant": "${consent} = 'yes'",
        "label": ["الخدمات", "Services"],
    }
    rows[after:after] = [group, water, {"type": "end_group", "$kuid": "q901"}]
    for choice in later["choices"]:
        if choice["list_name"] == "water" and choice["name"] == "tanker":
            choice["name"] = choice["$autovalue"] = "water_trucking"
            choice["label"] = ["نقل المياه بالصهاريج", "Water trucking"]
    return later
