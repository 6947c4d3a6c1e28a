"""Rules that a form states itself, one form version at a time.

Here: from a question's type, choices, `required`, `constraint` and `relevant` to rules, with the
sentence a finding will say. Not here: evaluating them (`masks`), what the answers look like when
they cannot be read (`read` gives verdicts), and calculations, which are recomputed elsewhere.

A rule speaks of a question where the form asks it: where the question's own condition and those of
the groups and repeats around it hold. That is what the apps that fill forms check, too
(https://docs.getodk.org/form-logic/). Questions that the app fills in by itself and calculations
have no rules of this kind.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from math import isfinite
from typing import Any

from meal_pipeline.forms import Column, FormUnion, FormVersion, Question, unite
from meal_pipeline.forms.languages import UNNAMED
from meal_pipeline.forms.model import Labels
from meal_pipeline.forms.question_types import is_meta
from meal_pipeline.locale import LANGUAGES, mark
from meal_pipeline.validate.outcomes import Check, severity_of
from meal_pipeline.validate.sentences import sentences, short_labels
from meal_pipeline.workspace.project import Severity


@dataclass(frozen=True)
class Rule(Check):
    """A rule of one form version; `conditions` must all hold for the question to be asked.

    Conditions and constraints are XLSForm expressions as the form writes them.
    """

    version: str
    conditions: tuple[str, ...]


@dataclass(frozen=True)
class TimeRule(Rule):
    """The answer is a time of day; all other types are told when the answers are read."""


@dataclass(frozen=True)
class RangeRule(Rule):
    """A number of type `range` lies between its ends, on one of its steps."""

    lowest: float
    highest: float
    step: float


@dataclass(frozen=True)
class ChoiceRule(Rule):
    """The code, or each of the codes when `several`, is among the choices.

    `missing_file` is the attached file that holds them, where it is not here or cannot be read.
    """

    allowed: frozenset[str]
    several: bool
    missing_file: str = ""


@dataclass(frozen=True)
class RequiredRule(Rule):
    """There is an answer, always or where the expression `when` holds."""

    when: str | None


@dataclass(frozen=True)
class ConstraintRule(Rule):
    """The answer, `.` in the expression, fulfils the constraint."""

    constraint: str


@dataclass(frozen=True)
class RelevanceRule(Rule):
    """There is no answer where the form does not ask."""


def derive_rules(
    version: FormVersion,
    union: FormUnion | None = None,
    *,
    personal: Collection[str] = (),
    same_choices: Mapping[str, Mapping[str, str]] | None = None,
    severities: Mapping[str, Severity] | None = None,
) -> list[Rule]:
    """Give the rules that `version` states, in the form's order.

    `union` names the columns where the form has several versions. `personal` are columns that hold
    pseudonyms: their rules were evaluated when the answers were read. `same_choices` are the
    project's renamed choices by list (the frame holds the new codes). `severities` is the project's
    `validation.severity`; rules that it turns `off` are left out.
    """
    union = union or unite([version])
    rules: list[Rule] = []
    for column in union.columns:
        question = column.questions.get(version.version_uid)
        if question is None or column.name in personal or not _is_asked(question):
            continue
        asked = _Asked(version, column, question, severities or {})
        renamed = (same_choices or {}).get(question.list_name or "", {})
        rules += [rule for rule in _rules_of(asked, renamed) if rule.severity != "off"]
    return rules


def _is_asked(question: Question) -> bool:
    if is_meta(question.type) or question.type in ("calculate", "hidden", "note"):
        return False
    return question.kind not in ("media", "line", "none")


@dataclass(frozen=True)
class _Asked:
    """A question in its version, and how the project wants its rules weighed."""

    version: FormVersion
    column: Column
    question: Question
    severities: Mapping[str, Severity]

    def about(self, rule: str, message: str, own: Labels | None = None, **texts: object) -> Any:
        """Give what all rules have, by name; `own` is the form's own sentence where it has one."""
        question, name = self.question, self.column.name
        label = short_labels(question.labels, question.name)
        own_relevant = (question.relevant,) if question.relevant else ()
        return {
            "rule": rule,
            "repeat": self.column.repeat or "",
            "question": name,
            "severity": severity_of(rule, name, self.severities),
            "message": sentences(message, question=label, **texts) | _own_sentences(own or {}),
            "version": self.version.version_uid,
            "conditions": (*question.group_relevants, *own_relevant),
        }


def _rules_of(asked: _Asked, renamed: Mapping[str, str]) -> Iterator[Rule]:
    question = asked.question
    if question.kind == "time":
        message = mark("The answer to “{question}” is no time of day.")
        yield TimeRule(**asked.about("form.type", message))
    if question.type == "range":
        yield _range_rule(asked)
    codes = frozenset(renamed.get(one.name, one.name) for one in asked.version.choices_of(question))
    missing = question.list_file if question.path in asked.version.missing_files else None
    if codes or missing:
        message = mark("The answer to “{question}” is not among its choices.")
        several = question.kind == "select_multiple"
        basics = asked.about("form.choice", message)
        yield ChoiceRule(**basics, allowed=codes, several=several, missing_file=missing or "")
    if question.required:
        message = mark("“{question}” has no answer, and the form requires one here.")
        when = question.required if isinstance(question.required, str) else None
        yield RequiredRule(**asked.about("form.required", message), when=when)
    if question.constraint:
        message = mark("The answer to “{question}” breaks the form's rule: {constraint}")
        text = " ".join(question.constraint.split())
        basics = asked.about(
            "form.constraint", message, question.constraint_messages, constraint=text
        )
        yield ConstraintRule(**basics, constraint=question.constraint)
    if question.relevant or question.group_relevants:
        message = mark("“{question}” has an answer, but the form does not ask it here.")
        yield RelevanceRule(**asked.about("form.relevant", message))


def _own_sentences(texts: Labels) -> dict[str, str]:
    """Give the form's own sentences; one whose language the form does not name is for everyone."""
    own = {code: text.strip() for code, text in texts.items() if text.strip()}
    if UNNAMED in own:
        return dict.fromkeys(LANGUAGES, own[UNNAMED]) | own
    return own


def _range_rule(asked: _Asked) -> RangeRule:
    """Make the rule of a `range` question: from 0 to 10 by 1, where the form does not say.

    Source: https://xlsform.org/en/#range.
    """
    given = asked.question.parameters
    ends = sorted((_number(given.get("start"), 0.0), _number(given.get("end"), 10.0)))
    lowest, highest = ends
    message = mark("The answer to “{question}” is not on the scale from {lowest} to {highest}.")
    basics = asked.about("form.range", message, lowest=f"{lowest:g}", highest=f"{highest:g}")
    step = abs(_number(given.get("step"), 1.0))
    return RangeRule(**basics, lowest=lowest, highest=highest, step=step)


def _number(text: str | None, otherwise: float) -> float:
    try:
        value = float(text) if text is not None else otherwise
    except ValueError:
        return otherwise
    return value if isfinite(value) else otherwise
