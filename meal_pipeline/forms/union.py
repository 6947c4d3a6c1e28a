"""All versions of a form together: the columns that its typed frames have.

Here: which questions of several versions are one column, under which name, with which type; what
moved and what changed its type. Not here: the frames themselves (`read`), and what a change breaks.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from meal_pipeline.forms.errors import FormError, UnknownQuestion, nearest_names
from meal_pipeline.forms.model import (
    Choice,
    FormVersion,
    Labels,
    Question,
    Repeat,
    only_one,
    pick_label,
)
from meal_pipeline.forms.question_types import ValueKind, united_type, value_kind
from meal_pipeline.locale import gettext as _


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


@dataclass(frozen=True)
class MovedQuestion:
    """A column whose questions stand at different places; `paths` by version uid, newest first."""

    column: str
    paths: Mapping[str, str] = field(hash=False)


@dataclass(frozen=True)
class TypeConflict:
    """A column whose questions have types of different kinds, and the `type` that holds them all.

    `widened` tells that no value loses its meaning (integer in decimal, one choice in several);
    else the column is text and keeps each value as it was given.
    """

    column: str
    types: Mapping[str, str] = field(hash=False)
    type: str
    widened: bool


@dataclass(frozen=True)
class FormUnion:
    """All versions of one form: `versions` oldest first, `columns` in the newest form's order.

    Columns that the newest version lacks follow at the end.
    """

    versions: tuple[FormVersion, ...]
    columns: tuple[Column, ...]
    repeats: tuple[UnitedRepeat, ...]
    moved: tuple[MovedQuestion, ...]
    conflicts: tuple[TypeConflict, ...]

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


def unite(versions: Sequence[FormVersion]) -> FormUnion:
    """Join the versions of one form, given oldest first.

    Questions are one column where they have the same name in the same (united) repeat and every
    version has that name once; a question that was moved to another group is so one column, and is
    listed in `moved`, unless its type changed to one that does not go with the former. Where a
    version has a name twice, the paths decide. Types of different kinds at one path are united by
    `question_types.united_type` and listed in `conflicts`. Rows that hold no answer
    (plain notes) give no column.

    Raises `FormError` where there is no version.
    """
    if not versions:
        raise FormError(
            _("The form was never deployed."),
            next_step=_("Deploy it in KoboToolbox, then pull again."),
        )
    newest_first = list(reversed(versions))
    repeats = _unite_repeats(newest_first)
    groups = _same_questions(_placed(newest_first, repeats))
    count = Counter((group[0].repeat, group[0].question.name) for group in groups)
    columns = []
    conflicts = []
    for group in groups:
        first = group[0]
        alone = count[first.repeat, first.question.name] == 1
        name = first.question.name if alone else first.question.path
        questions = {one.version_uid: one.question for one in group}
        types = {uid: question.type for uid, question in questions.items()}
        type_ = united_type(list(types.values()))
        columns.append(Column(name, type_, first.repeat, questions))
        if len({question.kind for question in questions.values()}) > 1:
            conflicts.append(TypeConflict(name, types, type_, widened=type_ != "text"))
    moved = [
        MovedQuestion(column.name, column.paths)
        for column in columns
        if len(set(column.paths.values())) > 1
    ]
    return FormUnion(
        tuple(versions), tuple(columns), tuple(repeats), tuple(moved), tuple(conflicts)
    )


@dataclass(frozen=True)
class _Placed:
    """A question, the version it is of, and the united repeat whose frame it goes to."""

    order: int
    version_uid: str
    question: Question
    repeat: str | None


def _placed(newest_first: Iterable[FormVersion], repeats: Iterable[UnitedRepeat]) -> list[_Placed]:
    frame = {(uid, path): one.name for one in repeats for uid, path in one.paths.items()}
    answered = (
        (form.version_uid, question)
        for form in newest_first
        for question in form.questions
        if question.has_answer
    )
    return [
        _Placed(order, uid, question, frame.get((uid, question.repeat or "")))
        for order, (uid, question) in enumerate(answered)
    ]


def _same_questions(placed: Iterable[_Placed]) -> list[list[_Placed]]:
    """Give the questions that are one column together, each group newest first."""
    named: dict[tuple[str | None, str], list[_Placed]] = {}
    for one in placed:
        named.setdefault((one.repeat, one.question.name), []).append(one)
    groups: list[list[_Placed]] = []
    for same in named.values():
        once = len({one.version_uid for one in same}) == len(same)
        found: list[list[_Placed]] = []
        for one in same:
            fitting = (group for group in found if _belongs(one, group, may_move=once))
            group = next(fitting, None)
            if group is None:
                found.append([one])
            else:
                group.append(one)
        groups += found
    return sorted(groups, key=lambda group: group[0].order)


def _belongs(one: _Placed, group: Sequence[_Placed], *, may_move: bool) -> bool:
    if any(one.question.path == other.question.path for other in group):
        return True
    types = [one.question.type, *(other.question.type for other in group)]
    one_kind = len({value_kind(type_) for type_ in types}) == 1
    return may_move and (one_kind or united_type(types) != "text")


def _unite_repeats(newest_first: Sequence[FormVersion]) -> list[UnitedRepeat]:
    """Join the repeats of all versions, each after its parent, named so that none clash."""
    found = list(_repeats_under(None, newest_first))
    names = Counter(one.newest.name for one in found)
    final = {
        one.name: one.newest.name if names[one.newest.name] == 1 else one.name for one in found
    }
    return [
        UnitedRepeat(final[one.name], final[one.parent] if one.parent else None, one.repeats)
        for one in found
    ]


def _repeats_under(
    parent: UnitedRepeat | None, newest_first: Sequence[FormVersion]
) -> Iterator[UnitedRepeat]:
    """Join the repeats directly inside `parent`; they are named by their newest path for now."""
    children = [
        (form.version_uid, repeat)
        for form in newest_first
        for repeat in form.repeats
        if repeat.parent == (parent.paths.get(form.version_uid) if parent else None)
        and (parent is None or form.version_uid in parent.paths)
    ]
    versions_with = Counter((uid, repeat.name) for uid, repeat in children)
    twice = {name for (_uid, name), count in versions_with.items() if count > 1}
    same: dict[str, dict[str, Repeat]] = {}
    for uid, repeat in children:
        key = repeat.path if repeat.name in twice else repeat.name
        same.setdefault(key, {})[uid] = repeat
    for repeats in same.values():
        newest = next(iter(repeats.values()))
        united = UnitedRepeat(newest.path, parent.name if parent else None, repeats)
        yield united
        yield from _repeats_under(united, newest_first)


def _newest_labels(newest_first: Iterable[Labels]) -> Labels:
    labels: dict[str, str] = {}
    for one in newest_first:
        for language, text in one.items():
            labels.setdefault(language, text)
    return labels
