"""Rules of the form that touch personal answers, evaluated while these are in memory.

Here: which rules those are, in each version, and in which rows they are broken. Not here: rules
that look at no personal answer (validate), the validity of phones (`block.py`).

A rule touches a personal answer when its question is personal or one of its expressions names a
personal question: afterwards nobody can evaluate it. Only which rows break it leaves this module.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from meal_pipeline.errors import MealError
from meal_pipeline.expressions import Expression, compile_expression
from meal_pipeline.forms import Column, FormUnion, FormVersion, Question
from meal_pipeline.forms.question_types import is_meta
from meal_pipeline.read import verdicts as v
from meal_pipeline.read.personal import Key, key_of, refers_to
from meal_pipeline.rows.typed import TEXT, to_pandas, type_column

CLOCKS = ("end", "start")
"""Questions that `today()` and `now()` of an expression take their time from."""

SUBMITTED: Key = (None, "_submission_time")
NO_TEXTS = pa.nulls(0, TEXT)

Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class PersonalRule:
    """One rule of one version on one column; broken by the rows that `broken_in` tells.

    `conditions` must all hold for the question to be asked. `own` is the form's own sentence.
    `looks_at` are the columns that must be at hand.
    """

    rule: str
    version: str
    column: Key
    question: str
    conditions: tuple[Expression, ...]
    test: Expression | None
    own: Mapping[str, str]
    looks_at: frozenset[Key]

    def broken_in(self, frame: pd.DataFrame, answered: Mask, readable: Mask) -> Mask:
        """Tell which rows break the rule.

        `frame` holds the version's rows, columns named as the version's expressions name them;
        `answered` tells where the question has any answer, `readable` where it has a value.
        """
        asked = np.ones(len(frame), dtype=np.bool_)
        for condition in self.conditions:
            asked &= _holds(condition, frame, None)
        if self.rule == v.PERSONAL_RELEVANT:
            return answered & ~asked
        if self.rule == v.PERSONAL_REQUIRED:
            required = _holds(self.test, frame, None) if self.test else True
            return asked & ~answered & required
        assert self.test is not None
        return asked & readable & ~_holds(self.test, frame, self.question)


@dataclass(frozen=True)
class PersonalRules:
    """The rules of a form, and those that cannot be evaluated as (column, expression)."""

    rules: tuple[PersonalRule, ...] = ()
    not_evaluated: tuple[tuple[Key, str], ...] = ()

    def of(self, repeat: str | None) -> tuple[PersonalRule, ...]:
        """Give the rules on the questions of one frame."""
        return tuple(rule for rule in self.rules if rule.column[0] == repeat)

    def looks_at(self, key: Key) -> bool:
        """Tell whether any rule needs this column at hand."""
        return any(key in rule.looks_at for rule in self.rules)


def personal_rules(union: FormUnion, personal: set[Key]) -> PersonalRules:
    """Give every version's rules that touch one of the `personal` columns."""
    rules: list[PersonalRule] = []
    not_evaluated: dict[tuple[Key, str], None] = {}
    for version in union.versions:
        at_hand = _Names(union, version, personal)
        for column in union.columns:
            question = column.questions.get(version.version_uid)
            if question is None or not _is_asked(question):
                continue
            for rule, text in _touching(question, key_of(column) in personal, at_hand):
                try:
                    rules.append(_compiled(rule, text, column, question, at_hand))
                except MealError:
                    not_evaluated[key_of(column), text or question.relevant or rule] = None
    return PersonalRules(tuple(rules), tuple(not_evaluated))


@dataclass(frozen=True)
class _Names:
    """What the expressions of a version may name."""

    union: FormUnion
    version: FormVersion
    personal: set[Key]

    @cached_property
    def personal_names(self) -> set[str]:
        return {
            column.questions[self.version.version_uid].name
            for column in self.union.columns
            if key_of(column) in self.personal and self.version.version_uid in column.questions
        }

    def columns(self, repeat: str | None) -> dict[str, Column]:
        """Give the columns of a frame and of those around it, by the version's names."""
        return {
            self.version.resolve(column.questions[self.version.version_uid].path): column
            for column in self.union.columns
            if self.version.version_uid in column.questions
            and column.repeat in _frames_around(self.union, repeat)
        }


def _frames_around(union: FormUnion, repeat: str | None) -> list[str | None]:
    """Give a frame and those around it, innermost first; None is the main frame."""
    parents = {one.name: one.parent for one in union.repeats}
    frames: list[str | None] = [repeat]
    while frames[-1] is not None:
        frames.append(parents[frames[-1]])
    return frames


def _is_asked(question: Question) -> bool:
    """Tell whether a person is asked; apps fill in the rest, and files and lines have no rules."""
    if is_meta(question.type) or question.type in ("calculate", "hidden", "note"):
        return False
    return question.kind not in ("media", "line", "none")


def _conditions(question: Question) -> tuple[str, ...]:
    return (*question.group_relevants, *([question.relevant] if question.relevant else []))


def _touching(
    question: Question, is_personal: bool, names: _Names
) -> Iterator[tuple[str, str | None]]:
    """Give the rules of a question that touch a personal answer, each with its expression."""
    conditions = _conditions(question)
    touched = is_personal or any(refers_to(one, names.personal_names) for one in conditions)
    required, constraint = question.required, question.constraint
    if required and (touched or refers_to(required, names.personal_names)):
        yield v.PERSONAL_REQUIRED, required if isinstance(required, str) else None
    if constraint and (touched or refers_to(constraint, names.personal_names)):
        yield v.PERSONAL_CONSTRAINT, constraint
    if conditions and touched:
        yield v.PERSONAL_RELEVANT, None


def _compiled(
    rule: str, text: str | None, column: Column, question: Question, names: _Names
) -> PersonalRule:
    """Make a rule ready. Raises the compiler's errors, and those of evaluating it without rows."""
    version = names.version
    conditions = tuple(compile_expression(one, version) for one in _conditions(question))
    test = compile_expression(text, version) if text else None
    own = {
        v.PERSONAL_REQUIRED: question.required_messages,
        v.PERSONAL_CONSTRAINT: question.constraint_messages,
    }.get(rule, {})
    at_hand = names.columns(column.repeat)
    named = {version.resolve(name) for one in (*conditions, test) if one for name in one.references}
    looked_at = {name: at_hand[name] for name in named if name in at_hand}
    looked_at |= {name: at_hand[name] for name in CLOCKS if name in at_hand}
    looked_at[version.resolve(question.path)] = column
    made = PersonalRule(
        rule,
        version.version_uid,
        key_of(column),
        version.resolve(question.path),
        conditions,
        test,
        {language: text.strip() for language, text in own.items() if text.strip()},
        frozenset(map(key_of, looked_at.values())),
    )
    none = np.zeros(0, dtype=np.bool_)
    nothing = {key_of(one): type_column(NO_TEXTS, one.kind).columns for one in looked_at.values()}
    nothing[SUBMITTED] = type_column(NO_TEXTS, "dateTime").columns
    made.broken_in(version_frame(names.union, made, nothing, none), none, none)
    return made


def _holds(expression: Expression, frame: pd.DataFrame, current: str | None) -> Mask:
    return expression.holds(frame, current=current).to_numpy(np.bool_)


def version_frame(
    union: FormUnion, rule: PersonalRule, at_hand: Mapping[Key, Mapping[str, Any]], where: Any
) -> pd.DataFrame:
    """Give the rows `where` of the columns at hand, named as the rule's version names them.

    `at_hand` holds Arrow arrays by column and suffix, as `typed.type_column` gives them, each a
    value a row of the rule's frame; the columns of frames around it too.
    """
    rows = pa.array(where, pa.int64())
    form = union.version[rule.version]
    frame = {"_submission_time": to_pandas(at_hand[SUBMITTED][""].take(rows))}
    for column in union.columns:
        if key_of(column) in rule.looks_at:
            name = form.resolve(column.questions[rule.version].path)
            for suffix in {"", "/offset_minutes"} & at_hand[key_of(column)].keys():
                values = at_hand[key_of(column)][suffix]
                frame[name + suffix] = to_pandas(values.take(rows))
    return pd.DataFrame(frame)
