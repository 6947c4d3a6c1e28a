"""One version of a form, as data.

Here: what a version is made of and how to find a question in it. Not here: reading it from
KoboToolbox's content (`content`), joining versions (`union`), or what its types mean
(`question_types`).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from meal_pipeline.forms.errors import AmbiguousQuestion, UnknownQuestion, nearest_names
from meal_pipeline.forms.question_types import ValueKind, choice_file, is_meta, value_kind

Labels = Mapping[str, str]
"""Texts by language code, such as `{"en": "Age", "ar": "العمر"}`; a language may be absent."""


@dataclass(frozen=True)
class Language:
    """A language of a form: its code ("ar"), and its name as the form writes it ("Arabic (ar)")."""

    code: str
    name: str | None


@dataclass(frozen=True)
class Choice:
    """One choice of a list: the code in the data, its labels, and its other columns."""

    name: str
    labels: Labels = field(default_factory=dict, hash=False)
    attributes: Mapping[str, str] = field(default_factory=dict, hash=False)


@dataclass(frozen=True)
class Question:
    """One question, or another row of a form that may carry a value.

    `name` is the name that `${name}` means; `path` is the key in the data (`demo/age`). `required`
    is a truth or the text of a condition. `repeat` is the path of the innermost repeat, and
    `group_relevants` are the conditions of the groups and repeats around it, outermost first: the
    question is asked where all of them and `relevant` hold. `kuid` is the mark that KoboToolbox's
    form builder gives a row; it stays when the row is renamed, and is new after an upload.
    """

    name: str
    path: str
    type: str
    list_name: str | None = None
    labels: Labels = field(default_factory=dict, hash=False)
    hints: Labels = field(default_factory=dict, hash=False)
    required: bool | str = False
    required_messages: Labels = field(default_factory=dict, hash=False)
    relevant: str | None = None
    constraint: str | None = None
    constraint_messages: Labels = field(default_factory=dict, hash=False)
    calculation: str | None = None
    choice_filter: str | None = None
    default: str | None = None
    appearance: str | None = None
    parameters: Mapping[str, str] = field(default_factory=dict, hash=False)
    repeat: str | None = None
    group_relevants: tuple[str, ...] = ()
    or_other: bool = False
    kuid: str | None = None

    @property
    def kind(self) -> ValueKind:
        """The kind of value, as `question_types.value_kind` gives it."""
        return value_kind(self.type)

    @property
    def has_answer(self) -> bool:
        """Whether the data may hold a value: all but notes that nothing fills."""
        filled = self.calculation is not None or self.default is not None
        return self.kind != "none" or (self.type == "note" and filled)

    @property
    def is_asked(self) -> bool:
        """Whether a person answers it: apps fill in the rest by themselves."""
        by_app = is_meta(self.type) or self.type in ("calculate", "hidden", "note")
        return not by_app and self.kind != "none"

    @property
    def list_file(self) -> str | None:
        """The attached file that holds the choices; None where they are in the form."""
        return choice_file(self.type, self.list_name, self.appearance)

    @property
    def place(self) -> str:
        """The path within the innermost repeat, or within the form."""
        return self.path.removeprefix(f"{self.repeat}/") if self.repeat else self.path


@dataclass(frozen=True)
class Repeat:
    """A group asked once a member, item or event: one child table of the data.

    `parent` is the path of the repeat around it, `count` the expression that drives it.
    """

    name: str
    path: str
    parent: str | None = None
    labels: Labels = field(default_factory=dict, hash=False)
    count: str | None = None
    group_relevants: tuple[str, ...] = ()

    @property
    def count_path(self) -> str:
        """The key under which the app may have stored the count; it is no question."""
        return f"{self.path}_count"


@dataclass(frozen=True)
class FormVersion:
    """A form as it was deployed once.

    `choices` holds the lists by name, in the form's order. A choice list kept in an attached file
    is not part of the content: `file_choices` holds it by the question's path once the file is at
    hand (`attached_files`), and `missing_files` says why it is not, in the language in use.
    `file_rows` holds the rows of every attached file at hand, by its name, as it was last.
    """

    asset_uid: str
    version_uid: str
    content_hash: str | None = None
    languages: tuple[Language, ...] = ()
    default_language: str = "und"
    questions: tuple[Question, ...] = ()
    repeats: tuple[Repeat, ...] = ()
    choices: Mapping[str, tuple[Choice, ...]] = field(default_factory=dict, hash=False)
    settings: Mapping[str, str] = field(default_factory=dict, hash=False)
    file_choices: Mapping[str, tuple[Choice, ...]] = field(default_factory=dict, hash=False)
    missing_files: Mapping[str, str] = field(default_factory=dict, hash=False)
    file_rows: Mapping[str, Sequence[Mapping[str, str]]] = field(default_factory=dict, hash=False)

    @cached_property
    def by_path(self) -> Mapping[str, Question]:
        """Every question by its key in the data."""
        return {question.path: question for question in self.questions}

    @cached_property
    def by_name(self) -> Mapping[str, tuple[Question, ...]]:
        """The questions that carry a name, in the form's order."""
        found: dict[str, tuple[Question, ...]] = {}
        for question in self.questions:
            found[question.name] = (*found.get(question.name, ()), question)
        return found

    @property
    def language_codes(self) -> tuple[str, ...]:
        """The codes of the form's languages, in its order."""
        return tuple(language.code for language in self.languages)

    def question(self, name: str) -> Question:
        """Give the question of this whole path or name.

        Raises `UnknownQuestion` with the nearest names, or `AmbiguousQuestion` where groups of the
        form use one name twice.
        """
        if name in self.by_path:
            return self.by_path[name]
        if name in self.by_name:
            return only_one(name, self.by_name[name])
        raise UnknownQuestion(name, nearest_names(name, self.by_name))

    def resolve(self, name: str) -> str:
        """Give the name under which a frame of this version holds the question `name`."""
        question = self.question(name)
        return question.name if len(self.by_name[question.name]) == 1 else question.path

    def choices_of(self, question: Question) -> tuple[Choice, ...]:
        """Give the choices of a select question; empty for others and where a file is missing."""
        if question.list_file:
            return self.file_choices.get(question.path, ())
        return self.choices.get(question.list_name, ()) if question.list_name else ()

    def repeat(self, path: str) -> Repeat:
        """Give the repeat with this path. Raises `UnknownQuestion`."""
        for repeat in self.repeats:
            if repeat.path == path:
                return repeat
        raise UnknownQuestion(path, nearest_names(path, (r.path for r in self.repeats)))

    def label(self, thing: Question | Choice | Repeat, language: str) -> str:
        """Give the label in `language`, else in the form's own languages, else the name."""
        return pick_label(thing.labels, (language, self.default_language), thing.name)


def only_one(name: str, questions: Sequence[Question]) -> Question:
    """Give the only question, or raise `AmbiguousQuestion` with the paths of all."""
    if len(questions) > 1:
        raise AmbiguousQuestion(name, tuple(question.path for question in questions))
    return questions[0]


def pick_label(labels: Labels, languages: Iterable[str], otherwise: str) -> str:
    """Give the label in the first of `languages` that has one, else any label, else `otherwise`."""
    for language in (*languages, *labels):
        if labels.get(language):
            return labels[language]
    return otherwise
