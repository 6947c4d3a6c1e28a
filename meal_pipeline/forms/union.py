"""All versions of a form together: the columns that its typed frames have.

Here: columns, child frames and what differs in them between versions; finding them by name; their
labels. Not here: deciding what is one column (`uniting`), the frames themselves (`read`).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

from meal_pipeline.forms.errors import UnknownQuestion, nearest_names
from meal_pipeline.forms.model import (
    Choice,
    FormVersion,
    Labels,
    Question,
    Repeat,
    only_one,
    pick_label,
)
from meal_pipeline.forms.question_types import ValueKind, value_kind


@dataclass(frozen=True)
class Column:
    """One column of a typed frame.

    `name` is the question's own name where only one column of its frame has it, else the newest
    path. `repeat` is the name of the `UnitedRepeat` whose frame holds it; none for the main frame.
    `questions` holds the question of each version that has it, by version uid, newest first.
    """

    name: str
    type: str
    repeat: str | None
    questions: Mapping[str, Question] = field(hash=False)

    @property
    def kind(self) -> ValueKind:
        """The kind of value, as `question_types.value_kind` gives it."""
        return value_kind(self.type)

    @property
    def newest(self) -> Question:
        """The question in the newest version that has it."""
        return next(iter(self.questions.values()))

    @property
    def paths(self) -> Mapping[str, str]:
        """The key in the data by version uid."""
        return {version: question.path for version, question in self.questions.items()}

    @cached_property
    def labels(self) -> Labels:
        """The labels by language; the newest version that has a language gives it."""
        return _newest_labels(question.labels for question in self.questions.values())


@dataclass(frozen=True)
class UnitedRepeat:
    """One child frame: its name, the frame it hangs on, and the repeat of each version."""

    name: str
    parent: str | None
    repeats: Mapping[str, Repeat] = field(hash=False)

    @property
    def newest(self) -> Repeat:
        """The repeat in the newest version that has it."""
        return next(iter(self.repeats.values()))

    @property
    def paths(self) -> Mapping[str, str]:
        """The key in the data by version uid."""
        return {version: repeat.path for version, repeat in self.repeats.items()}

    @cached_property
    def labels(self) -> Labels:
        """The labels by language; the newest version that has a language gives it."""
        return _newest_labels(repeat.labels for repeat in self.repeats.values())


ChangeKind = Literal["moved", "renamed", "retyped", "returned"]


@dataclass(frozen=True)
class Change:
    """What differs between versions in one column, or in one child frame (`of_repeat`).

    `moved`: it stands in another group. `renamed`: it has another name. `retyped`: its types are of
    different kinds. `returned`: versions in between lack it. `was` is its path (for `retyped` its
    type) by version uid, newest first. `repeat` is the frame that holds it. `declared` tells
    whether the project's file says that all this is one; the rest is united by rule.
    """

    kind: ChangeKind
    name: str
    repeat: str | None
    of_repeat: bool
    was: Mapping[str, str] = field(hash=False)
    declared: bool


@dataclass(frozen=True)
class Unused:
    """A declaration (below `key` of a form in the project's file) that joins nothing."""

    key: str
    old: str
    new: str


@dataclass(frozen=True)
class FormUnion:
    """All versions of one form: `versions` oldest first, `columns` in the newest form's order.

    Columns that the newest version lacks follow at the end. `changes` is what differs between the
    versions and is one column all the same; `unused` are declarations that join nothing.
    """

    versions: tuple[FormVersion, ...]
    columns: tuple[Column, ...]
    repeats: tuple[UnitedRepeat, ...]
    changes: tuple[Change, ...] = ()
    unused: tuple[Unused, ...] = ()

    @property
    def newest(self) -> FormVersion:
        """The version deployed last."""
        return self.versions[-1]

    @property
    def asset_uid(self) -> str:
        """The uid that all versions share."""
        return self.newest.asset_uid

    @property
    def default_language(self) -> str:
        """The newest version's own language."""
        return self.newest.default_language

    @cached_property
    def language_codes(self) -> tuple[str, ...]:
        """The languages of all versions, the newest version's first."""
        codes = (code for form in reversed(self.versions) for code in form.language_codes)
        return tuple(dict.fromkeys(codes))

    @cached_property
    def by_name(self) -> Mapping[str, Column]:
        """Every column by its name; a name used in two frames means the outermost column."""
        found: dict[str, Column] = {}
        for column in sorted(self.columns, key=lambda one: one.repeat is not None):
            found.setdefault(column.name, column)
        return found

    @cached_property
    def version(self) -> Mapping[str, FormVersion]:
        """Every version by its uid."""
        return {form.version_uid: form for form in self.versions}

    def columns_of(self, repeat: str | None = None) -> tuple[Column, ...]:
        """Give the columns of the main frame, or of a repeat's frame."""
        return tuple(column for column in self.columns if column.repeat == repeat)

    def column(self, name: str) -> Column:
        """Give the column of this name, of this path in any version, or of this question name.

        Raises `UnknownQuestion` with the nearest names, or `AmbiguousQuestion` where groups of the
        form use one name twice.
        """
        if name in self.by_name:
            return self.by_name[name]
        by_path = {path: one for one in self.columns for path in one.paths.values()}
        if name in by_path:
            return by_path[name]
        named = [one for one in self.columns if one.newest.name == name]
        if not named:
            raise UnknownQuestion(name, nearest_names(name, self.by_name))
        only_one(name, [one.newest for one in named])
        return named[0]

    def question(self, name: str) -> Question:
        """Give the newest question of a column. Raises as `column` does."""
        return self.column(name).newest

    def resolve(self, name: str) -> str:
        """Give the name under which the frames hold the question `name`. Raises as `column`."""
        return self.column(name).name

    def names_in(self, version_uid: str, repeat: str | None = None) -> dict[str, str]:
        """Give the column's name by the question's name in one version, for one frame.

        With it, a frame is renamed to what a version's own conditions call its questions.
        """
        return {
            column.questions[version_uid].name: column.name
            for column in self.columns_of(repeat)
            if version_uid in column.questions
        }

    def choices_of(self, column: Column) -> tuple[Choice, ...]:
        """Give a column's choices over all versions, the newest first, each code once.

        A choice's labels are those of the newest version that has it in that language.
        """
        found: dict[str, list[Choice]] = {}
        for version, question in column.questions.items():
            for choice in self.version[version].choices_of(question):
                found.setdefault(choice.name, []).append(choice)
        return tuple(
            Choice(code, _newest_labels(one.labels for one in same), same[0].attributes)
            for code, same in found.items()
        )

    def label(self, column: Column, language: str) -> str:
        """Give a column's label in `language`, else in the form's own, else its name."""
        return pick_label(column.labels, (language, self.default_language), column.name)

    def choice_label(
        self, column: Column, code: str, language: str, *, version_uid: str | None = None
    ) -> str:
        """Give the label of a code: as `version_uid` has it, else as the newest version does.

        A code that no version knows is its own label.
        """
        if version_uid is not None and version_uid in column.questions:
            form = self.version[version_uid]
            for choice in form.choices_of(column.questions[version_uid]):
                if choice.name == code and choice.labels:
                    return pick_label(choice.labels, (language, self.default_language), code)
        for choice in self.choices_of(column):
            if choice.name == code:
                return pick_label(choice.labels, (language, self.default_language), code)
        return code


def _newest_labels(newest_first: Iterable[Labels]) -> Labels:
    labels: dict[str, str] = {}
    for one in newest_first:
        for language, text in one.items():
            labels.setdefault(language, text)
    return labels
