"""Which columns hold personal data, and what may stay of them.

Here: the treatment of each column of a form, from what the project declares, what the form gives
away, and what is calculated from either. Not here: making pseudonyms (`pseudonyms.py`) and
evaluating rules on personal answers (`personal_rules.py`).

A column is personal when the project's `personal_data` declares it; when it is the enumerator's;
when the form gives it away (`forms.guess_personal`), then it is withheld until declared; or when
its calculation, default or choice list takes up a personal answer, likewise withheld. Files lose
their names (a truth remains) and points stay, as the snapshot is private, unless declared
otherwise. Of a birth date, calculations such as the age stay.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from meal_pipeline.forms import Column, FormUnion, Question, guess_personal
from meal_pipeline.workspace.project import Form, PersonalKind, PersonalTreatment

_STAY_UNLESS_DECLARED = ("location", "media")
_REFERENCE = re.compile(r"\$\{\s*([^}]+?)\s*\}")

Key = tuple[str | None, str]
"""A column of a form: the repeat whose frame holds it (None: the main frame), and its name."""


@dataclass(frozen=True)
class Treatment:
    """What is done with a personal column; `declared` tells whether the project said so."""

    kind: PersonalKind
    treatment: PersonalTreatment
    declared: bool


def key_of(column: Column) -> Key:
    """Give the key of a column."""
    return column.repeat, column.name


def names_of(column: Column) -> set[str]:
    """Give every name by which a declaration may mean the column: a name or path of any version."""
    questions = column.questions.values()
    return {column.name} | {q.name for q in questions} | {q.path for q in questions}


def treatments(union: FormUnion, form: Form) -> dict[Key, Treatment]:
    """Give the treatment of every personal column; columns that are kept are not among them."""
    guessed = _guessed(union)
    found: dict[Key, Treatment] = {}
    kept: set[Key] = set()
    birth_dates: set[Key] = set()
    for column in union.columns:
        key = key_of(column)
        declared = _declared(column, form)
        if declared and declared.treatment == "keep":
            kept.add(key)
        elif declared:
            found[key] = declared
        elif guessed.get(key, "location") not in _STAY_UNLESS_DECLARED:
            found[key] = Treatment("text", "drop", declared=False)
            if guessed[key] == "birth_date":
                birth_dates.add(key)
    return found | _derived(union, found.keys() - birth_dates, found.keys() | kept)


def _guessed(union: FormUnion) -> dict[Key, str]:
    """Give the guessed kind of each column that any version gives away, the newest one's first."""
    guessed: dict[Key, str] = {}
    for version in reversed(union.versions):
        kinds = {guess.question: guess.kind for guess in guess_personal(version)}
        for column in union.columns:
            question = column.questions.get(version.version_uid)
            kind = question and kinds.get(version.resolve(question.path))
            if kind:
                guessed.setdefault(key_of(column), kind)
    return guessed


def _declared(column: Column, form: Form) -> Treatment | None:
    """Give what the project says of a column, by its name or by a name or path of any version."""
    names = names_of(column)
    for name in sorted(names & form.personal_data.keys()):
        said = form.personal_data[name]
        return Treatment(said.kind, said.treatment, declared=True)
    if form.enumerator in names:
        return Treatment("name", "pseudonym", declared=True)
    return None


def _derived(union: FormUnion, personal: set[Key], decided: set[Key]) -> dict[Key, Treatment]:
    """Give the columns that take up a personal answer, directly or through one another."""
    names = _names(union, personal)
    derived: dict[Key, Treatment] = {}
    found = True
    while found:
        found = False
        for column in union.columns:
            key = key_of(column)
            if key in decided or key in derived:
                continue
            if any(takes_up(q, names[version]) for version, q in column.questions.items()):
                derived[key] = Treatment("text", "drop", declared=False)
                names = _names(union, personal | derived.keys())
                found = True
    return derived


def _names(union: FormUnion, keys: set[Key]) -> Mapping[str, set[str]]:
    """Give the names that each version has for these columns."""
    return {
        version.version_uid: {
            column.questions[version.version_uid].name
            for column in union.columns
            if version.version_uid in column.questions and key_of(column) in keys
        }
        for version in union.versions
    }


def takes_up(question: Question, names: set[str]) -> bool:
    """Tell whether the question's own value is made from one of these questions' answers."""
    sources = (question.calculation, question.default, question.list_name)
    return any(refers_to(source, names) for source in sources)


def refers_to(expression: str | bool | None, names: set[str]) -> bool:
    """Tell whether an expression names one of these questions as `${name}`."""
    return isinstance(expression, str) and any(
        name.rpartition("/")[2] in names for name in _REFERENCE.findall(expression)
    )
