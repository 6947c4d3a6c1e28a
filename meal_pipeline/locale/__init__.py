"""The words a person reads, in her language.

Here: gettext over the catalogues in this folder (`<language>.po`), read when first needed; English
is the language of the message ids. Not here: names that are data (indicators, places, choices
carry their own languages) and number formats.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from gettext import GNUTranslations, NullTranslations
from importlib.resources import files
from io import BytesIO

LANGUAGES = ("en", "ar")

_language: ContextVar[str] = ContextVar("language", default="en")


@cache
def _translations(language: str) -> NullTranslations:
    if language == "en":
        return NullTranslations()
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    with (files(__name__) / f"{language}.po").open("rb") as source:
        catalogue = read_po(source, locale=language)
    compiled = BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return GNUTranslations(compiled)


def current_language() -> str:
    """Give the code of the language in use, one of `LANGUAGES`."""
    return _language.get()


def set_language(language: str) -> None:
    """Use `language` from here on in this context; one of `LANGUAGES`."""
    if language not in LANGUAGES:
        raise ValueError(f"no catalogue for {language!r}; there are {', '.join(LANGUAGES)}")
    _language.set(language)


@contextmanager
def in_language(language: str) -> Iterator[None]:
    """Use `language` inside the block only."""
    before = _language.get()
    set_language(language)
    try:
        yield
    finally:
        _language.set(before)


def gettext(message: str) -> str:
    """Give `message` in the language in use, or itself where the catalogue lacks it."""
    return _translations(_language.get()).gettext(message)


def ngettext(singular: str, plural: str, n: int) -> str:
    """Give the form of the message that fits the number `n` in the language in use."""
    return _translations(_language.get()).ngettext(singular, plural, n)


def in_every_language(message: str, **values: object) -> dict[str, str]:
    """Give `message` filled with `values` in each language: `{"en": "…", "ar": "…"}`.

    For sentences that are stored and read later by people of different languages, such as findings.
    `message` must be the plain msgid; mark it for extraction with `mark`.
    """
    return {
        language: _translations(language).gettext(message).format(**values)
        for language in LANGUAGES
    }


def mark(message: str) -> str:
    """Mark `message` for the catalogue without translating it yet."""
    return message
