"""Incentives to learn an HIV test result, rural Malawi: the data of a published study.

Here: `fill`, which turns the rows of `thornton_hiv` (Thornton 2008, American Economic Review 98(5):
1829-1863; package causaldata, MIT) into submissions of a form. Not here: any of the data.
"""

import importlib.util
import math
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from meal_pipeline.errors import MealError
from meal_pipeline.locale import gettext as _
from meal_pipeline.practice import PracticeForm, PracticeServer, PracticeVersion

from ..form_file import form_content

FORM = "aIncentivesExperiment1"
_VERSION = "vIncentives00000000001"
_YES_NO = {1.0: "yes", 0.0: "no"}


def fill(server: PracticeServer) -> None:
    """Add the form with its 4 820 submissions; raises `MealError` without causaldata."""
    if importlib.util.find_spec("causaldata") is None:
        raise MealError(
            _("The data of the incentives example are not installed (package causaldata)."),
            next_step='pip install "meal-pipeline[demo]"',
        )
    from causaldata import thornton_hiv

    content = form_content(Path(__file__).parent / "form.yaml")
    server.add(
        PracticeForm(
            FORM,
            "HIV test incentives, rural Malawi",
            [PracticeVersion(_VERSION, content, deployed_at="2025-01-10T09:00:00.000000Z")],
        )
    )
    first = datetime(2025, 1, 15, 8, tzinfo=UTC)
    for place, row in enumerate(thornton_hiv.load_pandas().data.itertuples(index=False)):
        server.submit(
            FORM, _answers(row._asdict()), submission_time=first + timedelta(seconds=20 * place)
        )


def _answers(row: dict[str, Any]) -> dict[str, Any]:
    """Give one row as answers; a missing value is an absent answer."""
    told = {name: value for name, value in row.items() if not math.isnan(value)}
    answers: dict[str, Any] = {}
    if "villnum" in told:
        answers["person/village"] = int(told["villnum"])
    if "age" in told:
        answers["person/age"] = int(told["age"])
    answers["person/distance_km"] = round(float(told["distvct"]), 4)
    if "any" in told:
        answers["offer/offered"] = _YES_NO[told["any"]]
        if told["any"]:
            answers["offer/incentive_usd"] = round(float(told["tinc"]), 4)
    if "got" in told:
        answers["result/learned"] = _YES_NO[told["got"]]
    return answers
