"""Which language of a form is Arabic, and what is not labelled in it.

Here: languages of labels. Not here: remarks.
"""

import re
from collections import Counter

from meal_pipeline.forms.model import Labels
from meal_pipeline.lint.drawn import Drawn

_ARABIC = re.compile(r"[\u0600-\u06ff]")
_LATIN = re.compile(r"[A-Za-z]{2}")
_NAMED = re.compile(r"\$\{[^}]*\}|<[^>]*>")


def arabic_language(drawn: Drawn) -> str | None:
    """Give the code of the form's Arabic: by name, else the one most of whose labels are Arabic."""
    if "ar" in drawn.version.language_codes:
        return "ar"
    labels = [one.row.text("label") for one in drawn.rows]
    filled = Counter(code for one in labels for code in one)
    arabic = Counter(code for one in labels for code, text in one.items() if is_arabic(text))
    mostly = (code for code, count in arabic.items() if count * 2 > filled[code])
    return next(mostly, None)


def is_arabic(text: str) -> bool:
    """Tell whether a text has Arabic letters."""
    return _ARABIC.search(text) is not None


def fault_of(labels: Labels, language: str) -> str | None:
    """Give `missing`, `other` (words, but no Arabic letter), or None where the label is good."""
    text = labels.get(language)
    if text is None:
        return "missing" if any(_LATIN.search(one) for one in labels.values()) else None
    return "other" if not is_arabic(text) and _LATIN.search(_NAMED.sub("", text)) else None
