"""The languages of a form, from the names its author gave them to codes.

Here: "English (en)", "العربية", `null` to `Language`. Not here: the languages of our own messages.
"""

import re
from collections.abc import Iterable
from functools import cache

from babel import Locale

from meal_pipeline.forms.model import Language

UNNAMED = "und"
"""The code of a language that the form does not name (BCP 47's "undetermined")."""

_CODE_AT_END = re.compile(r"\(\s*([A-Za-z]{2,3}(?:[-_][A-Za-z0-9]+)*)\s*\)\s*$")
_OWN_NAMES_OF = ("ar", "en", "ku", "ckb", "fr", "tr", "es", "fa", "uk", "sw")


@cache
def _code_by_name() -> dict[str, str]:
    codes = {name.casefold(): code for code, name in Locale("en").languages.items()}
    for code in _OWN_NAMES_OF:
        own = Locale(code).languages.get(code)
        if own:
            codes[own.casefold()] = code
    return codes | {"عربي": "ar", "كردي": "ku", "انجليزي": "en", "الإنجليزية": "en"}


def language_code(name: str | None) -> str:
    """Give the code of a language as a form names it.

    "English (en)" gives "en", "Arabic" and "العربية" give "ar", nothing gives `UNNAMED`; a name
    that is none of these is its own code.
    """
    if name is None or not name.strip():
        return UNNAMED
    in_brackets = _CODE_AT_END.search(name)
    if in_brackets:
        return in_brackets.group(1)
    return _code_by_name().get(name.strip().casefold(), name.strip())


def languages_of(names: Iterable[str | None]) -> tuple[Language, ...]:
    """Give the languages of a form in its order, each with a code of its own."""
    found: dict[str, Language] = {}
    for name in names:
        code = language_code(name)
        if code in found and name:
            code = name
        found.setdefault(code, Language(code, name))
    return tuple(found.values())
