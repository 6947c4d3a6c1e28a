"""The form of a sentence that goes with a number, as the language has it."""

import pytest
from babel import Locale

from meal_pipeline.locale import _translations, in_language, ngettext
from meal_pipeline.locale.extract import catalogue, catalogue_file

FORMS = ("zero", "one", "two", "few", "many", "other")
"""The order of a catalogue's plural forms, in CLDR's words."""


@pytest.mark.parametrize(
    ("number", "sentence"),
    [
        (0, "لا صفوف"),
        (1, "صف واحد"),
        (2, "صفان"),
        (3, "3 صفوف"),
        (11, "11 صفاً"),
        (100, "100 صف"),
    ],
)
def test_an_arabic_sentence_agrees_with_its_number(number: int, sentence: str) -> None:
    with in_language("ar"):
        assert ngettext("{n} row", "{n} rows", number).format(n=number) == sentence


def test_arabic_forms_are_those_of_cldr_for_every_number() -> None:
    cldr = Locale("ar").plural_form
    ours = _translations("ar").plural  # type: ignore[attr-defined]
    assert {n: FORMS[ours(n)] for n in range(1200)} == {n: cldr(n) for n in range(1200)}


def test_every_arabic_plural_has_all_six_forms() -> None:
    for message in catalogue(catalogue_file("ar").read_text("utf-8")):
        if message.pluralizable:
            assert len(message.string) == len(FORMS), message.id
