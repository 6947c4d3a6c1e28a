"""The rule of equal letters in words, for `docs/places.md`.

Here: the rule as Markdown; it takes the place of what stands below a mark in the page. Run it with
`python -m meal_pipeline.places.describe docs/places.md`. Not here: the page's own words.
"""

import sys
from pathlib import Path

from meal_pipeline.locale import gettext as _
from meal_pipeline.locale import in_language
from meal_pipeline.places.letters import EQUAL, NEVER, Rule

MARK = "<!-- What follows is made by: python -m meal_pipeline.places.describe FILE -->"
"""The line of the page below which the rule stands."""


_HEADINGS = {
    "en": ("What counts as one", "What never counts as one", "written", "counts as", "names"),
    "ar": ("ما يُعدّ واحداً", "ما لا يُعدّ واحداً أبداً", "المكتوب", "يُعدّ", "أسماء"),
}


def rule_in_words() -> str:
    """Give the rule in every language, each as two tables in Markdown."""
    return f'{_tables("en")}\n<div dir="rtl">\n\n{_tables("ar")}\n</div>\n'


def _tables(language: str) -> str:
    equal, never, written, counts, names = _HEADINGS[language]
    with in_language(language):
        return "\n".join(
            [
                f"### {equal}\n",
                f"| {written} | {counts} | {names} |\n|---|---|---|",
                *(f"| {_(one.written)} | {_counts(one)} | {_pair(one)} |" for one in EQUAL),
                f"\n### {never}\n",
                f"| {written} | {names} |\n|---|---|",
                *(f"| {_(one.written)} | {_pair(one)} |" for one in NEVER),
                "",
            ]
        )


def _counts(rule: Rule) -> str:
    return _(rule.counts_as) if rule.counts_as else "–"


def described(page: str) -> str:
    """Give the page with the rule as it is now below its mark. Raises ValueError without it."""
    words, line, _old = page.partition(MARK)
    if not line:
        raise ValueError(f"the page has no line {MARK}")
    return f"{words}{MARK}\n\n{rule_in_words()}"


def _pair(rule: Rule) -> str:
    return f"`{rule.one}` `{rule.other}`"


if __name__ == "__main__":
    file = Path(sys.argv[1])
    file.write_text(described(file.read_text(encoding="utf-8")), encoding="utf-8")
