"""What everything that a person declares is made of.

Here: the base of declared models, and the kinds of value that many of them share. Not here: any
declaration (`project`, `fieldwork`, `settings`).
"""

from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from meal_pipeline.locale import gettext as _
from meal_pipeline.workspace.schedule_words import refusal

Language = str
Code = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]{0,62}$")]
"""A short name in latin letters that files, tables and partitions share."""

Severity = Literal["critical", "warning", "info", "off"]


def _some_language(names: dict[Language, str]) -> dict[Language, str]:
    if not any(text.strip() for text in names.values()):
        raise refusal(
            _("A text is needed in at least one language."),
            _("Write it by language: ar: … and en: …"),
        )
    return names


Names = Annotated[dict[Language, str], AfterValidator(_some_language)]
"""One name in several languages: `{ar: …, en: …}`."""


class Declared(BaseModel):
    """The base of everything a person declares: unknown keys are refused, values are frozen.

    What stands below a key says what it is for; `docs/project-file.md` is made of it.
    """

    model_config = ConfigDict(
        extra="forbid", frozen=True, str_strip_whitespace=True, use_attribute_docstrings=True
    )
