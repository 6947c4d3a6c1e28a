"""What an effect may be called, and why.

Here: the label and its reasons, in every language. Not here: the estimate itself.
"""

import json
from typing import Literal

from meal_pipeline.locale import LANGUAGES, in_every_language, mark
from meal_pipeline.workspace.project import Comparison

Label = Literal["attributed_effect", "comparison_suggests"]

BY_LOTTERY = mark(
    "A lottery decided who took part, so those compared differ only by chance and by taking part."
)
NOT_BY_LOTTERY = mark(
    "No lottery decided who took part: the figure holds only if both would have changed alike"
    " without the project."
)
LOTTERY_OVER_ROUNDS = mark(
    "The changes of both are compared, which holds if both would have changed alike without the"
    " project."
)


def reasons_text(reasons: dict[str, str]) -> str:
    """Give reasons by language as the store keeps them: JSON text."""
    return json.dumps(reasons, ensure_ascii=False)


def label_of(comparison: Comparison) -> tuple[Label, dict[str, str]]:
    """Give the label of a comparison's effect, and the reasons by language.

    `attributed_effect` where a lottery assigned the arms and one round is compared as the lottery
    left it; `comparison_suggests` otherwise. The project's own reasons follow ours.
    """
    if comparison.design == "randomised" and comparison.assigned_by_lottery:
        label: Label = "attributed_effect"
        reason = BY_LOTTERY
    else:
        label = "comparison_suggests"
        reason = LOTTERY_OVER_ROUNDS if comparison.assigned_by_lottery else NOT_BY_LOTTERY
    reasons = in_every_language(reason)
    own = comparison.reasons or {}
    for language in LANGUAGES:
        if own.get(language):
            reasons[language] = f"{reasons[language]} {own[language]}"
    return label, reasons
