"""What the newest version of a form did to a question or a choice that older versions have.

Here: one question, one choice. Not here: who names them (`drift`), and all differences between
versions whoever names them (`forms.renames`).
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from meal_pipeline.forms import Column, FormUnion, Question, UnknownQuestion, nearest_names
from meal_pipeline.forms.errors import AmbiguousQuestion
from meal_pipeline.forms.renames import Proposal, compare_versions
from meal_pipeline.locale import gettext as _
from meal_pipeline.locale import mark
from meal_pipeline.workspace.project import Form

What = Literal["removed", "renamed", "moved", "retyped", "choice_removed", "choice_renamed"]

_NUMBERS = {"integer", "decimal"}
_SELECTS = {"select_one", "select_multiple"}
_PLAIN = re.compile(r"[^\W\d][\w/.-]*")
_WORDS_OF_YAML = {"yes", "no", "on", "off", "true", "false", "null", "y", "n"}


@dataclass(frozen=True)
class Fate:
    """What happened to `question` (as it is named) in the version `version` of the form `form`.

    `removed`: it is not there; `renamed`: not there, and `nearest` is probably the same
    (`forms.renames` says why). `moved`: it stands in the repeat `now`. `retyped`: it is of type
    `now` and was `was`.
    `choice_removed`: its list offers `choice` no longer. `choice_renamed`: the project declares
    `choice` as `nearest`, so that no answer is `choice`. `nearest` is None where nothing is near.
    `old` is the path or name to declare it by.
    """

    form: str
    version: str
    what: What
    question: str
    old: str
    nearest: str | None = None
    was: str = ""
    now: str = ""
    choice: str | None = None
    list_name: str | None = None

    def sentence(self, key: str) -> str:
        """Say what happened to what `key` of the project's file names, in the language in use."""
        return _(_SAID[self.what]).format(
            key=key,
            question=self.question,
            form=self.form,
            version=self.version,
            nearest=self.nearest,
            was=self.was,
            now=self.now,
            choice=self.choice,
        )

    @property
    def fix(self) -> str:
        """What to declare, or to change, in the language in use."""
        same, gone = self.declare_same, self.declare_gone
        if self.what == "choice_renamed":
            return _("Write {nearest} there.").format(nearest=self.nearest)
        if self.what == "moved":
            return _(
                "Use a question outside repeats, such as a calculation over them, or declare that"
                " it is no longer asked: {lines}"
            ).format(lines=gone)
        if self.what == "retyped":
            return _("If it is still the same question, declare: {lines}").format(lines=same)
        if same is None:
            return _("Use another, or declare that it is gone: {lines}").format(lines=gone)
        return _(
            "If {nearest} is the same, declare: {lines} If it is gone for good, declare: {gone}"
        ).format(nearest=self.nearest, lines=same, gone=gone)

    @property
    def declare_same(self) -> str | None:
        """The line of the project's file that says what is the same; None where nothing is near."""
        if self.what == "retyped":
            return self._line(f"same_questions: {{{_yaml(self.old)}: {_yaml(self.now_path)}}}")
        if self.nearest is None or self.what in ("moved", "choice_renamed"):
            return None
        pair = f"{{{_yaml(self.choice or self.old)}: {_yaml(self.nearest)}}}"
        if self.choice is not None:
            return self._line(f"same_choices: {{{_yaml(self.list_name or '')}: {pair}}}")
        return self._line(f"same_questions: {pair}")

    @property
    def declare_gone(self) -> str | None:
        """The line that says it is gone on purpose; None where that is no answer."""
        if self.what in ("retyped", "choice_renamed"):
            return None
        if self.choice is not None:
            listed = f"{{{_yaml(self.list_name or '')}: [{_yaml(self.choice)}]}}"
            return self._line(f"no_longer_offered: {listed}")
        return self._line(f"no_longer_asked: [{_yaml(self.old)}]")

    @property
    def now_path(self) -> str:
        """Where the newest version has a question that changed its type."""
        return self.nearest or self.old

    def _line(self, declared: str) -> str:
        return f"forms: {{{self.form}: {{{declared}}}}}"


_SAID: dict[What, str] = {
    "removed": mark(
        "{key} names the question “{question}”, which version {version} of the form {form} no"
        " longer has."
    ),
    "renamed": mark(
        "{key} names the question “{question}”, which version {version} of the form {form} no"
        " longer has; “{nearest}” is probably the same."
    ),
    "moved": mark(
        "{key} names the question “{question}”, which version {version} of the form {form} asks in"
        " the repeat {now}, once a member or item."
    ),
    "retyped": mark(
        "{key} names the question “{question}”, which is of type {now} in version {version} of the"
        " form {form} and was {was}."
    ),
    "choice_removed": mark(
        "{key} names the choice {choice} of “{question}”, which version {version} of the form"
        " {form} no longer offers."
    ),
    "choice_renamed": mark(
        "{key} names the choice {choice} of “{question}”, which the project's file reads as"
        " {nearest}."
    ),
}


def _yaml(name: str) -> str:
    """Give a name as YAML takes it for a text."""
    plain = _PLAIN.fullmatch(name) and name.lower() not in _WORDS_OF_YAML
    return name if plain else json.dumps(name, ensure_ascii=False)


class Fates:
    """The fates of a form's questions and choices; `settings` are the project's for this form."""

    def __init__(self, code: str, union: FormUnion, settings: Form) -> None:
        self._code, self._union, self._settings = code, union, settings
        self._newest = union.newest.version_uid

    def of_question(self, name: str, repeat: str | None = None) -> Fate | None:
        """Give what happened to the question that a declaration names; None where all is well.

        A name that no version has is a mistake of the declaration and no fate. `repeat` is the
        frame in which it is looked up.
        """
        column, others = self._found(name, repeat)
        if column is None or self._is_gone_on_purpose(column, name):
            return None
        if self._newest in column.paths:
            return self._retyped(name, column)
        here = next((one for one in others if self._newest in one.paths), None)
        if here is not None and here.repeat in (column.repeat, None):
            return self._fate_of_type(name, column.newest, here.questions[self._newest])
        if here is not None:
            return self._fate("moved", name, column.newest, now=here.repeat or "")
        return self._lost(name, column)

    def _lost(self, name: str, column: Column) -> Fate:
        question = column.newest
        if question.path in self._renamed:
            return self._fate("renamed", name, question, nearest=self._renamed[question.path])
        asked = [one.newest.name for one in self._current(column.repeat)]
        near = nearest_names(question.name, asked, count=1)
        return self._fate("removed", name, question, nearest=near[0] if near else None)

    def _fate_of_type(self, name: str, before: Question, now: Question) -> Fate:
        return self._fate("retyped", name, before, nearest=now.path, was=before.type, now=now.type)

    def of_column(self, column: str, repeat: str | None = None) -> Fate | None:
        """Give what happened to a column of a frame, or to what it is part of (`water/tap`)."""
        question = column.rpartition("/")[0]
        return self.of_question(column, repeat) or (
            self.of_question(question, repeat) if question else None
        )

    def of_choice(self, name: str, code: str) -> Fate | None:
        """Give what happened to a choice that an expression compares a question with."""
        column, _others = self._found(name, None)
        now = column.questions.get(self._newest) if column else None
        if column is None or now is None or now.list_file or column.kind not in _SELECTS:
            return None
        before = [
            question
            for uid, question in column.questions.items()
            if code in {one.name for one in self._union.version[uid].choices_of(question)}
        ]
        lists = {one.list_name or "" for one in (now, *before)}
        settings = self._settings
        for list_name in sorted(lists):
            if code in settings.same_choices.get(list_name, {}):
                new = settings.same_choices[list_name][code]
                return self._fate("choice_renamed", name, now, nearest=new, choice=code)
            if code in settings.no_longer_offered.get(list_name, ()):
                return None
        offered = [one.name for one in self._union.newest.choices_of(now)]
        if code in offered or not before:
            return None
        list_name = now.list_name or ""
        near = self._recoded.get((list_name, code)) or next(
            iter(nearest_names(code, offered, count=1)), None
        )
        return self._fate(
            "choice_removed", name, now, nearest=near, choice=code, list_name=list_name
        )

    def _fate(
        self,
        what: What,
        name: str,
        question: Question,
        *,
        nearest: str | None = None,
        was: str = "",
        now: str = "",
        choice: str | None = None,
        list_name: str | None = None,
    ) -> Fate:
        here = (self._code, self._newest, what, name, question.path)
        return Fate(*here, nearest, was, now, choice, list_name)

    def _found(self, name: str, repeat: str | None) -> tuple[Column | None, list[Column]]:
        """Give the column that a name means, and the other columns of its question's name."""
        inside = [one for one in self._union.columns_of(repeat) if repeat and one.name == name]
        try:
            column = inside[0] if inside else self._union.column(name)
        except UnknownQuestion:
            return None, []
        except AmbiguousQuestion:
            # Several in one version is a mistake; one that went and one that came is a fate.
            named = [one for one in self._union.columns if one.newest.name == name]
            here = [one for one in named if self._newest in one.paths]
            gone = [one for one in named if self._newest not in one.paths]
            return (gone[0], here) if len(here) == 1 and gone else (None, [])
        question = column.newest.name
        same = [one for one in self._union.columns if one.newest.name == question]
        return column, [one for one in same if one is not column]

    def _is_gone_on_purpose(self, column: Column, name: str) -> bool:
        names = {name, column.name, *column.paths.values()}
        names |= {one.name for one in column.questions.values()}
        return not names.isdisjoint(self._settings.no_longer_asked)

    def _retyped(self, name: str, column: Column) -> Fate | None:
        now = column.questions[self._newest]
        kinds = {one.kind for one in column.questions.values()}
        declared = any(
            one.kind == "retyped" and one.declared
            for one in self._union.changes
            if one.name == column.name and one.repeat == column.repeat and not one.of_repeat
        )
        if declared or len(kinds) == 1 or kinds <= _NUMBERS:
            return None
        was = next(one for one in column.questions.values() if one.kind != now.kind)
        return self._fate_of_type(name, was, now)

    def _current(self, repeat: str | None) -> list[Column]:
        return [one for one in self._union.columns_of(repeat) if self._newest in one.paths]

    @cached_property
    def _renamed(self) -> Mapping[str, str]:
        """What is probably renamed, the old path and the new one."""
        newest = self._union.newest.by_path
        return {
            one.old: one.new
            for one in self._proposals
            if one.key == "same_questions" and one.old != one.new and one.new in newest
        }

    @cached_property
    def _recoded(self) -> Mapping[tuple[str, str], str]:
        return {
            (one.list_name or "", one.old): one.new
            for one in self._proposals
            if one.key == "same_choices"
        }

    @cached_property
    def _proposals(self) -> tuple[Proposal, ...]:
        return compare_versions(self._union, self._settings.same_choices).proposals
