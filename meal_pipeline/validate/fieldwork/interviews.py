"""A form's interviews as checks of fieldwork see them.

Here: columns by the names that projects use, teams, rounds and local times. Not here: any check,
and what all answers are taken together (`answers`).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
import pandas as pd

from meal_pipeline.forms import Column
from meal_pipeline.forms.model import Labels
from meal_pipeline.rows.form_rows import QuestionNotKept, main_column
from meal_pipeline.validate.accounts import BoolArray
from meal_pipeline.validate.derived_columns import question_of_type
from meal_pipeline.validate.fieldwork.answers import AnswerFacts, answer_facts, as_numbers
from meal_pipeline.validate.form_frames import WholeForm
from meal_pipeline.validate.lazy_frame import LazyFrame
from meal_pipeline.validate.outcomes import NO_ROWS, Part, Positions
from meal_pipeline.validate.sentences import short_labels
from meal_pipeline.validate.version_rows import held_name
from meal_pipeline.workspace.fieldwork import FormFieldwork
from meal_pipeline.workspace.project import Project, Severity

Numbers = npt.NDArray[np.float64]


class NotRun(Exception):
    """A check lacks a declaration (`key`), or the form lacks what it looks at (`what`)."""

    def __init__(self, *, key: str = "", what: str = "") -> None:
        super().__init__(key or what)
        self.key, self.what = key, what


@dataclass(frozen=True)
class Found:
    """What a check found: of a question, of rows as a whole, or of parts of the form.

    `asked`, `answered`, `failed`, `values`, `parts`: as in `Outcome`. `words` fill the finding's
    sentence; `message`, `severity` and `rule` (what is added to the check's) hold instead of the
    check's own.
    """

    question: str = ""
    asked: int = 0
    answered: int = 0
    failed: Positions = field(default_factory=lambda: NO_ROWS)
    values: Sequence[str | None] | None = None
    parts: tuple[Part, ...] = ()
    on_whole_form: bool = False
    observed: object = None
    words: dict[str, object] = field(default_factory=dict)
    message: Labels | None = None
    severity: Severity | None = None
    rule: str = ""


@dataclass(frozen=True, eq=False)
class Groups:
    """Teams (or enumerators): each row's number among `labels`, -1 for rows of none."""

    codes: Positions
    labels: tuple[str, ...]
    names: tuple[Labels, ...]
    persons: bool

    def part(self, group: int, message: Labels, value: str | None, about: str = "") -> Part:
        """Give the part of the form that a group is; `about` tells parts of one group apart."""
        label = self.labels[group]
        key = f"{label}|{about}" if about else label
        if self.persons:
            return Part(key, message, value, enumerator=label)
        return Part(key, message, value, team=label)


@dataclass(frozen=True, eq=False)
class Interviews:
    """The rows of a form: `frame` with derived columns, `eligible` row by row.

    `other` gives another form of the project by its code, where it was read. `order` ranks rows
    that repeat each other: the lowest is kept.
    """

    form: WholeForm
    frame: LazyFrame
    project: Project
    settings: FormFieldwork
    eligible: BoolArray
    other: Callable[[str], WholeForm | None]
    order: Positions | None = None

    @classmethod
    def of(
        cls,
        form: WholeForm,
        project: Project,
        frame: LazyFrame,
        eligible: BoolArray,
        other: Callable[[str], WholeForm | None],
    ) -> "Interviews | None":
        """Give the interviews of a form that has checks of fieldwork; None for one without."""
        settings = project.validation.fieldwork.get(form.code)
        if settings is None:
            return None
        return cls(form, frame, project, settings, eligible, other)

    def __len__(self) -> int:
        return len(self.frame)

    def name(self, question: str) -> str:
        """Give the column of a question.

        Raises UnknownQuestion, QuestionInRepeat or QuestionNotKept.
        """
        if question in self.frame.columns and question.startswith("_"):
            return question
        name = held_name(main_column(self.form.union, question))
        if name not in self.frame.columns:
            raise QuestionNotKept(question)
        return name

    def column(self, question: str) -> pd.Series:
        """Give a question's answers. Raises as `name`."""
        return self.frame.column(self.name(question))

    def numbers(self, column: str) -> Numbers:
        """Give a number column as float64, NaN where there is no answer."""
        return as_numbers(self.frame.column(column))

    def rows(self, where: BoolArray) -> Positions:
        """Give the eligible rows among those."""
        return np.flatnonzero(where & self.eligible).astype(np.intp)

    def found(
        self,
        question: str,
        asked: BoolArray,
        wrong: BoolArray,
        /,
        *,
        values: Callable[[Positions], Sequence[str | None]] | None = None,
        **words: object,
    ) -> Found:
        """Give what a check of single rows found among the eligible rows that it asks."""
        rows, failed = self.rows(asked), self.rows(asked & wrong)
        shown = None if values is None else values(failed)
        return Found(question, len(rows), len(rows), failed, shown, words=dict(words))

    @cached_property
    def asked(self) -> tuple[Column, ...]:
        """The questions of the form's own rows that a person answers and whose answers are kept."""
        return tuple(
            one
            for one in self.form.union.columns_of(None)
            if one.newest.is_asked
            and one.name not in self.form.hidden
            and held_name(one.name) in self.frame.columns
        )

    @cached_property
    def answers(self) -> AnswerFacts:
        """What the answers to all asked questions are taken together."""
        return answer_facts(self.form, self.frame, self.asked, self.eligible, self.settings)

    def of_kind(self, *kinds: str) -> list[Column]:
        """Give the asked questions of some kinds."""
        return [one for one in self.asked if one.kind in kinds]

    def time(self, kind: str) -> str:
        """Give the column of the question of type `start` or `end`. Raises NotRun."""
        found = question_of_type(self.form.union, self.frame, kind)
        if found is None:
            raise NotRun(what=kind)
        return found

    def derived(self, column: str, what: str) -> Numbers:
        """Give a derived number column. Raises NotRun where it could not be worked out."""
        if column not in self.frame.columns:
            raise NotRun(what=what)
        return self.numbers(column)

    def local(self, column: str) -> "pd.Series[pd.Timestamp]":
        """Give a moment column in each interview's own time, without a zone."""
        moments = self.frame.column(column)
        zoned: pd.Series[pd.Timestamp] = moments.dt.tz_convert(
            ZoneInfo(self.settings.timezone)
        ).dt.tz_localize(None)
        offsets = f"{column}/offset_minutes"
        if offsets not in self.frame.columns:
            return zoned
        minutes = self.frame.column(offsets).astype("Float64").astype("float64")
        shifted = moments.dt.tz_localize(None) + pd.to_timedelta(minutes, unit="min")
        local: pd.Series[pd.Timestamp] = shifted.where(minutes.notna().to_numpy(), zoned)
        return local

    @cached_property
    def rounds(self) -> "pd.Series[str]":
        """The code of each row's round, '' without rounds, missing where it is of none."""
        if "_round" not in self.frame.columns:
            return pd.Series([""] * len(self), dtype="str")
        return self.frame.column("_round")

    @cached_property
    def subject(self) -> str:
        """The column of the question that tells the household. Raises NotRun."""
        declared = self.form.form.subject
        if declared is None:
            raise NotRun(key=f"forms.{self.form.code}.subject")
        return self.name(declared)

    @cached_property
    def groups(self) -> Groups:
        """The teams, or the enumerators where the project says so. Raises NotRun."""
        if self.settings.level == "enumerator":
            return self.enumerators
        team = self.form.form.team
        if team is None:
            raise NotRun(key=f"forms.{self.form.code}.team")
        codes, labels = pd.factorize(self.column(team), sort=True)
        choices = {
            one.name: one for one in self.form.union.choices_of(self.form.union.column(team))
        }
        names = tuple(
            short_labels(choices[one].labels, one) if one in choices else {"en": str(one)}
            for one in labels
        )
        return Groups(codes, tuple(map(str, labels)), names, persons=False)

    @cached_property
    def enumerators(self) -> Groups:
        """The enumerators by pseudonym, for comparing interviews of one hand."""
        if "_enumerator" not in self.frame.columns:
            empty = np.full(len(self), -1, dtype=np.intp)
            return Groups(empty, (), (), persons=True)
        codes, labels = pd.factorize(self.frame.column("_enumerator"), sort=True)
        names = tuple({"en": str(one)} for one in labels)
        return Groups(codes, tuple(map(str, labels)), names, persons=True)

    def label(self, column: str) -> dict[str, str]:
        """Give a question's label in each language, fit for a sentence."""
        known = self.form.union.by_name.get(column)
        return short_labels(known.labels, column) if known is not None else {"en": column}

    def ids(self, rows: Positions) -> list[str]:
        """Give the `_id` of rows as text."""
        return [str(one) for one in self.frame.column("_id").to_numpy()[rows]]
