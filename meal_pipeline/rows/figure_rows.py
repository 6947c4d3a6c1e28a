"""A figure as the row of its table: natural key, values, note.

Here: the columns that estimates, changes and effects share, and the sentences of their notes. Not
here: the numbers themselves.
"""

import json
import math
from collections.abc import Sequence
from typing import Any

from meal_pipeline.locale import LANGUAGES, in_every_language
from meal_pipeline.statistics.effects import EffectEstimate
from meal_pipeline.statistics.linearised import Estimate

DRAFT = "draft"

Note = dict[str, str]
"""A sentence by language."""


def values_row(numbers: Estimate | EffectEstimate, **others: Any) -> dict[str, Any]:
    """Give the columns of a figure's values, and `others`; NaN becomes None."""
    row: dict[str, Any] = {
        "estimate": numbers.estimate,
        "se": numbers.se,
        "ci_low": numbers.ci_low,
        "ci_high": numbers.ci_high,
        "confidence": numbers.level,
        "df": float(numbers.df),
        "n": numbers.n,
        "n_clusters": numbers.n_clusters,
        "method": numbers.method,
        "status": DRAFT,
        **others,
    }
    return {name: None if _is_nan(value) else value for name, value in row.items()}


def note_text(notes: Sequence[Note]) -> str | None:
    """Give the notes as JSON text, language by language; None without any."""
    if not notes:
        return None
    texts = {language: " ".join(note[language] for note in notes) for language in LANGUAGES}
    return json.dumps(texts, ensure_ascii=False)


def note(message: str, **values: object) -> Note:
    """Give one sentence in every language; a value that is a dict is taken by language."""
    return {
        language: in_every_language(
            message,
            **{
                name: value[language] if isinstance(value, dict) else value
                for name, value in values.items()
            },
        )[language]
        for language in LANGUAGES
    }


def _is_nan(value: Any) -> bool:
    return isinstance(value, float) and math.isnan(value)
