"""A form as data: one version, all versions together, and what in it is personal.

Here: reading KoboToolbox's content of a form (`content`), the form (`model`), what its question
types mean (`question_types`), the columns over all versions (`union`, made by `uniting`), probable
personal data (`personal`). Not here: the answers (`read`) and the language of conditions
(`expressions`).
"""

from meal_pipeline.forms.content import parse_content
from meal_pipeline.forms.errors import (
    AmbiguousQuestion,
    FormError,
    UnknownQuestion,
    nearest_names,
)
from meal_pipeline.forms.model import (
    Choice,
    FormVersion,
    Language,
    Question,
    Repeat,
    pick_label,
)
from meal_pipeline.forms.personal import PersonalGuess, guess_personal
from meal_pipeline.forms.union import Change, Column, FormUnion, UnitedRepeat, Unused
from meal_pipeline.forms.uniting import unite

__all__ = [
    "AmbiguousQuestion",
    "Change",
    "Choice",
    "Column",
    "FormError",
    "FormUnion",
    "FormVersion",
    "Language",
    "PersonalGuess",
    "Question",
    "Repeat",
    "UnitedRepeat",
    "UnknownQuestion",
    "Unused",
    "guess_personal",
    "nearest_names",
    "parse_content",
    "pick_label",
    "unite",
]
