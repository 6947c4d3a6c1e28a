"""Every sentence of the code is there in every language, and no other."""

import pytest

from meal_pipeline.locale import LANGUAGES
from meal_pipeline.locale.extract import (
    catalogue,
    catalogue_file,
    sentences,
    untranslated,
    up_to_date,
)

HOW = "run python -m meal_pipeline.locale.extract, then translate what it lists"


@pytest.mark.parametrize("language", [language for language in LANGUAGES if language != "en"])
def test_every_sentence_is_translated(language: str) -> None:
    text = up_to_date(catalogue_file(language).read_text("utf-8"))
    assert list(untranslated(text)) == [], HOW


@pytest.mark.parametrize("language", [language for language in LANGUAGES if language != "en"])
def test_no_translation_outlives_its_sentence(language: str) -> None:
    shown = {message.id for message in sentences()}
    kept = {message.id for message in catalogue(catalogue_file(language).read_text("utf-8"))}
    assert kept - shown == set(), HOW
