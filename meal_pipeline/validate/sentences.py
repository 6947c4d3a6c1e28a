"""Sentences that are stored once and read in any language.

Here: filling a message in every language with texts that have languages of their own (a question's
label). Not here: the messages, which stand with the checks that say them.
"""

from collections.abc import Mapping

from meal_pipeline.forms.model import Labels, pick_label
from meal_pipeline.locale import LANGUAGES, gettext, in_language

LONGEST_LABEL = 120


def sentences(message: str, **values: object) -> dict[str, str]:
    """Give `message` (a msgid, see `locale.mark`) in each language, filled with `values`.

    A value that is a mapping of language to text is filled in as that language has it.
    """
    found = {}
    for language in LANGUAGES:
        with in_language(language):
            filled = {
                name: pick_label(value, (language,), "") if isinstance(value, Mapping) else value
                for name, value in values.items()
            }
            found[language] = gettext(message).format(**filled)
    return found


def short_labels(labels: Labels, name: str) -> dict[str, str]:
    """Give labels fit for a sentence, in one line each; `name` where there is none."""
    lines = {code: " ".join(text.split()) for code, text in labels.items() if text.strip()}
    cut = {
        code: line if len(line) <= LONGEST_LABEL else line[: LONGEST_LABEL - 1].rstrip() + "…"
        for code, line in lines.items()
    }
    return cut or {"en": name}
