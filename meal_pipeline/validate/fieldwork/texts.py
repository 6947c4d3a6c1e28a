"""The words of each check, in English and Arabic: `<family>.yaml` beside the family's module.

Here: reading them, and filling a sentence in each language. Not here: the checks.

An entry has `name` (as field teams call it), `rule` (what is looked at), `found` (what a finding
says, with places in braces that the check fills), `why` it matters and what to do `next`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from meal_pipeline.forms.model import Labels, pick_label
from meal_pipeline.locale import LANGUAGES


@dataclass(frozen=True)
class Words:
    """What is said of a check, by language."""

    name: Labels
    rule: Labels
    found: Labels
    why: Labels
    next: Labels

    def finding(self, **values: object) -> dict[str, str]:
        """Give the text of a finding in each language: what was found, and what to do next."""
        found, then = filled(self.found, **values), filled(self.next)
        return {language: f"{found[language]} {then[language]}" for language in LANGUAGES}


@cache
def words_of(family: str) -> Mapping[str, Words]:
    """Give the words of each check of a family, by its code.

    A part of a check (`HFC27.drift`) has the check's own words where it gives no others.
    """
    entries = _yaml(family)
    return {
        code: Words(**(entries[code.partition(".")[0]] | entry)) for code, entry in entries.items()
    }


@cache
def notices() -> Mapping[str, Labels]:
    """Give the sentences on checks that are not run."""
    return _yaml("notices")


def filled(sentence: Labels, **values: object) -> dict[str, str]:
    """Fill a sentence in each language; a value that has languages is filled in as it has them."""
    return {
        language: sentence[language].format(
            **{
                name: pick_label(value, (language,), "") if isinstance(value, Mapping) else value
                for name, value in values.items()
            }
        )
        for language in LANGUAGES
    }


def _yaml(name: str) -> dict[str, Any]:
    from ruamel.yaml import YAML

    text = (files(__package__) / f"{name}.yaml").read_text("utf-8")
    content: dict[str, Any] = YAML(typ="safe", pure=True).load(text)
    return content
