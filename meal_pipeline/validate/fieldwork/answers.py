"""All answers of a form's rows gone through once, a few columns at a time.

Here: which questions were asked, answered and left open, by row and by question, and a short code
of every answer. Not here: the checks that use them.

A question counts as asked where its own condition and those of its groups hold in the form version
of the row; a condition that cannot be evaluated counts as one that holds where there is an answer.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from meal_pipeline.errors import MealError
from meal_pipeline.expressions import compile_expression
from meal_pipeline.forms import Column, FormUnion, Question
from meal_pipeline.validate.accounts import BoolArray
from meal_pipeline.validate.conditions import Conditions
from meal_pipeline.validate.fieldwork.identifiers import with_identifiers
from meal_pipeline.validate.form_frames import WholeForm
from meal_pipeline.validate.lazy_frame import LazyFrame
from meal_pipeline.validate.outcomes import Positions
from meal_pipeline.validate.version_rows import VersionRows, columns_of, held_name
from meal_pipeline.workspace.fieldwork import FormFieldwork

Codes = npt.NDArray[np.uint16]
Counts = npt.NDArray[np.int32]

_COMPARED = ("select_one", "select_multiple", "integer", "decimal", "text")
_TOGETHER = 50
"""So many columns are loaded at a time."""


@dataclass(frozen=True)
class QuestionFacts:
    """Of the eligible rows: how many were asked, answered, and did not know or refused.

    `same` tells that all answers are equal.
    """

    name: str
    kind: str
    asked: int
    given: int
    unsure: int
    same: bool


@dataclass(frozen=True, eq=False)
class AnswerFacts:
    """What the answers are taken together.

    By row: questions `asked` and of these left `empty`; select_one questions answered (`chosen`)
    and of these `unsure` or `other`; questions with a condition of their own that were `followed`
    up. `followable` is how many such questions the form has. `codes`: a row a question of those
    `compared`, a column an interview; 0 is no answer, and equal answers have equal codes.
    `texts`: of each question of text how many eligible rows answer it, and those that give a person
    away.
    """

    questions: tuple[QuestionFacts, ...]
    asked: Counts
    empty: Counts
    chosen: Counts
    unsure: Counts
    other: Counts
    followed: Counts
    followable: int
    compared: tuple[str, ...]
    codes: Codes
    texts: Mapping[str, tuple[int, Positions]]


def answer_facts(
    form: WholeForm,
    frame: LazyFrame,
    columns: Sequence[Column],
    eligible: BoolArray,
    settings: FormFieldwork,
) -> AnswerFacts:
    """Go through the answers to `columns`, questions of the form's own rows (`frame`)."""
    return _Pass(form, frame, columns, eligible, settings).facts()


def loaded(frame: LazyFrame, columns: Sequence[Column]) -> Iterator[tuple[Column, pd.Series]]:
    """Give each column with its answers; they are loaded some at a time, and not kept."""
    for first in range(0, len(columns), _TOGETHER):
        some = columns[first : first + _TOGETHER]
        passing = frame.passing(held_name(one.name) for one in some)
        for one in some:
            yield one, passing[held_name(one.name)]


def as_numbers(column: pd.Series) -> npt.NDArray[np.float64]:
    """Give a column as float64, NaN where it holds no number."""
    numbers: npt.NDArray[np.float64] = pd.to_numeric(column, errors="coerce").to_numpy(
        np.float64, na_value=np.nan
    )
    return numbers


class _Pass:
    def __init__(
        self,
        form: WholeForm,
        frame: LazyFrame,
        columns: Sequence[Column],
        eligible: BoolArray,
        settings: FormFieldwork,
    ) -> None:
        self.frame, self.columns, self.eligible = frame, columns, eligible
        self.settings, count = settings, len(frame)
        names = ("asked", "empty", "chosen", "unsure", "other", "followed")
        self.rows = {name: np.zeros(count, dtype=np.int32) for name in names}
        self.compared = [one for one in self.columns if one.kind in _COMPARED]
        self.codes = np.zeros((len(self.compared), count), dtype=np.uint16)
        self.texts: dict[str, tuple[int, Positions]] = {}
        self.relevance = _Relevance(form, frame, columns)

    def facts(self) -> AnswerFacts:
        place = {one.name: number for number, one in enumerate(self.compared)}
        questions = []
        for column, answers in loaded(self.frame, self.columns):
            given = answers.notna().to_numpy(np.bool_)
            questions.append(self._question(column, answers, given, place.get(column.name)))
        followable = sum(one.newest.relevant is not None for one in self.columns)
        names = tuple(one.name for one in self.compared)
        return AnswerFacts(
            questions=tuple(questions),
            followable=followable,
            compared=names,
            codes=self.codes,
            texts=self.texts,
            **self.rows,
        )

    def _question(
        self, column: Column, answers: pd.Series, given: BoolArray, place: int | None
    ) -> QuestionFacts:
        asked = self.relevance.asked(column, given)
        self.rows["asked"] += asked
        self.rows["empty"] += asked & ~given
        if column.newest.relevant is not None:
            self.rows["followed"] += asked
        eligible, unsure, same = self.eligible, np.zeros_like(given), False
        if column.kind in ("select_one", "select_multiple", "text"):
            codes, values = pd.factorize(answers)
            same = _all_same(codes[given & eligible])
            if place is not None:
                self.codes[place] = _short(codes)
            if column.type == "text":
                self.texts[column.name] = self._identified(codes, values)
            if column.kind == "select_one":
                unsure = self._choices(codes, values, given)
        elif place is not None:
            numbers = as_numbers(answers)
            same = _all_same(numbers[given & eligible])
            self.codes[place] = _short_numbers(numbers, given)
        return QuestionFacts(
            column.name,
            column.kind,
            asked=int((asked & eligible).sum()),
            given=int((asked & given & eligible).sum()),
            unsure=int((unsure & asked & eligible).sum()),
            same=same,
        )

    def _identified(self, codes: npt.NDArray[np.intp], values: pd.Index) -> tuple[int, Positions]:
        wrong = np.append(with_identifiers(values), False)[codes]  # -1, no answer, takes the last
        rows = np.flatnonzero(wrong & self.eligible).astype(np.intp)
        return int(((codes >= 0) & self.eligible).sum()), rows

    def _choices(
        self, codes: npt.NDArray[np.intp], values: pd.Index, given: BoolArray
    ) -> BoolArray:
        """Count a select_one question's unsure and other answers; give the unsure ones."""
        self.rows["chosen"] += given
        unsure = _among(codes, values, self.settings.unsure)
        self.rows["unsure"] += unsure
        self.rows["other"] += _among(codes, values, self.settings.HFC21.codes)
        return unsure


def _among(codes: npt.NDArray[np.intp], values: pd.Index, wanted: Sequence[str]) -> BoolArray:
    """Tell row by row whether the answer is one of those."""
    is_one = np.append(np.isin(values.to_numpy(dtype=object), wanted), False)
    found: BoolArray = is_one[codes]  # -1, no answer, takes the last
    return found


def _all_same(there: npt.NDArray[Any]) -> bool:
    return bool(len(there) and there.min() == there.max())


def _short(codes: npt.NDArray[np.intp]) -> Codes:
    """Give codes from 1, 0 for none; above 65 534 distinct answers two may share a code."""
    if len(codes) and codes.max() >= 65_535:
        codes = np.where(codes < 0, -1, codes % 65_535)
    short: Codes = (codes + 1).astype(np.uint16)
    return short


def _short_numbers(numbers: npt.NDArray[np.float64], given: BoolArray) -> Codes:
    """Give numbers as codes by a multiplicative hash (Knuth, TAOCP 3, section 6.4)."""
    bits = (numbers + 0.0).view(np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    short: Codes = np.where(given, 1 + (bits >> np.uint64(48)) % 65_535, 0).astype(np.uint16)
    return short


class _Relevance:
    """Where each question is asked."""

    def __init__(self, form: WholeForm, frame: LazyFrame, columns: Iterable[Column]) -> None:
        union = form.union
        needed = {"_version", "_submission_time", *_times(union)}
        for version in union.versions:
            for one in columns:
                question = one.questions.get(version.version_uid)
                for text in () if question is None else _conditions(question):
                    needed |= _referenced(union, text, frame)
        held = frame.frame(one for one in frame.columns if one in needed)
        self.count = len(frame)
        self.versions = []
        for version in union.versions:
            rows = VersionRows({"": held}, union, version, "", form.hidden)
            if len(rows):
                self.versions.append((version.version_uid, rows, Conditions(rows)))

    def asked(self, column: Column, given: BoolArray) -> BoolArray:
        """Tell row by row whether the form asked the question."""
        asked = np.zeros(self.count, dtype=np.bool_)
        for uid, rows, conditions in self.versions:
            question = column.questions.get(uid)
            if question is None:
                continue
            texts = _conditions(question)
            if not texts:
                asked[rows.positions] = True
                continue
            try:
                asked[rows.positions] = conditions.all_hold(texts)
            except MealError:
                asked[rows.positions] = given[rows.positions]
        return asked


def _conditions(question: Question) -> tuple[str, ...]:
    own = (question.relevant,) if question.relevant else ()
    return (*question.group_relevants, *own)


def _times(union: FormUnion) -> set[str]:
    return {one.name for one in union.columns_of(None) if one.type in ("start", "end")}


def _referenced(union: FormUnion, text: str, frame: LazyFrame) -> set[str]:
    """Give the columns that a condition looks at; none where it cannot be compiled."""
    try:
        names = compile_expression(text, union).references
        columns = [union.column(name) for name in names]
    except MealError:
        return set()
    return {name for one in columns if one.repeat is None for name in columns_of(frame, one)}
