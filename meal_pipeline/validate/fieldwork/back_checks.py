"""Back-checks: what a second visit found, beside the interview.

Here: HFC30. Not here: choosing whom to visit again. A second visit belongs to the household's last
interview that arrived before it.

Types of questions as in Innovations for Poverty Action's `bcstats`: 1 never changes, 2 is hard to
ask, 3 may change. The error rate is the share of answers of the second visit that differ.
"""

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd

from meal_pipeline.forms.model import Labels
from meal_pipeline.rows.conversions import as_text
from meal_pipeline.rows.form_rows import DeclarationError, declared_at, main_column
from meal_pipeline.validate.accounts import BoolArray
from meal_pipeline.validate.fieldwork.answers import as_numbers
from meal_pipeline.validate.fieldwork.interviews import Found, Groups, Interviews, NotRun
from meal_pipeline.validate.fieldwork.texts import filled, notices, words_of
from meal_pipeline.validate.form_frames import WholeForm
from meal_pipeline.validate.version_rows import held_name
from meal_pipeline.workspace.fieldwork import BackChecks
from meal_pipeline.workspace.project import Severity


def mismatches(interviews: Interviews) -> Iterator[Found]:
    """HFC30: interviews, teams (types 1 and 2) and questions (type 3) with many mismatches."""
    code = interviews.form.code
    declared = interviews.settings.HFC30
    if declared is None:
        raise NotRun(key=f"validation.fieldwork.{code}.HFC30")
    with declared_at(f"validation.fieldwork.{code}.HFC30"):
        pairs = _Pairs(interviews, declared)
        compared = {
            question: pairs.compared(question, declared.tolerance.get(question))
            for question in (*declared.type_1, *declared.type_2, *declared.type_3)
        }
    yield _rows(interviews, declared, pairs, list(compared.values()))
    for type_ in ("type_1", "type_2"):
        some = [compared[one] for one in getattr(declared, type_)]
        if some:
            yield _teams(interviews, declared, pairs, some, type_)
    for question in declared.type_3:
        asked, wrong = compared[question]
        n = int(asked.sum())
        rate = 100 * int(wrong.sum()) / n if n else 0
        words = words_of("back_checks")["HFC30.type_3"]
        name = interviews.name(question)
        yield Found(
            name,
            n,
            n,
            on_whole_form=n >= declared.answers and rate > declared.type_1_percent,
            observed=f"{rate:.0f} %",
            message=_sentence(words.found, question=interviews.label(name), share=f"{rate:.0f}"),
            severity="info",
            rule="type_3",
        )


Compared = tuple[BoolArray, BoolArray]
"""Pair by pair: compared, and of these different."""


class _Pairs:
    """Second visits and their interviews: `rows` of the form, `visits` of the other."""

    def __init__(self, interviews: Interviews, declared: BackChecks) -> None:
        self.interviews = interviews
        other = interviews.other(declared.form)
        if other is None:
            raise NotRun(what="visits")
        self.other = other
        key = declared.key or interviews.form.form.subject
        if key is None:
            raise NotRun(key=f"validation.fieldwork.{interviews.form.code}.HFC30.key")
        mine = self._keyed(interviews.column(key), interviews.frame.column("_submission_time"))
        mine = mine[interviews.eligible[mine["at"]]]
        sent = self.other.frames[""].column("_submission_time")
        theirs = self._keyed(_answers(self.other, key), sent)
        met = pd.merge_asof(theirs, mine, on="time", by="key", suffixes=("_visit", ""))
        met = met[met["at"].notna()]
        self.rows = met["at"].to_numpy(np.intp)
        self.visits = met["at_visit"].to_numpy(np.intp)

    def compared(self, question: str, tolerance: float | None) -> Compared:
        """Hold the answers to a question against each other."""
        first = self.interviews.column(question).take(self.rows)
        second = _answers(self.other, question).take(self.visits)
        asked = second.notna().to_numpy(np.bool_)
        if pd.api.types.is_numeric_dtype(first.dtype):
            distance = np.abs(as_numbers(first) - as_numbers(second))
            same = distance <= (tolerance or 0) + 1e-9
        else:
            same = _plain(first) == _plain(second)
        return asked, asked & ~same

    @staticmethod
    def _keyed(keys: pd.Series, times: pd.Series) -> pd.DataFrame:
        frame = pd.DataFrame(
            {"key": as_text(keys).to_numpy(object), "time": times, "at": np.arange(len(keys))}
        )
        return frame.dropna().sort_values("time", kind="stable")


def _answers(form: WholeForm, question: str) -> pd.Series:
    name = held_name(main_column(form.union, question))
    if name not in form.frames[""].columns:
        raise DeclarationError(f"{form.code}: {question}")
    return form.frames[""].column(name)


def _plain(answers: pd.Series) -> "np.ndarray":
    """Give answers as text; the choices of several in one order."""
    return np.array([" ".join(sorted(str(one).split())) for one in as_text(answers)], dtype=object)


def _rows(
    interviews: Interviews,
    declared: BackChecks,
    pairs: _Pairs,
    compared: Sequence[Compared],
) -> Found:
    asked, wrong = _sums(compared, len(pairs.rows))
    many = (asked > 0) & (100 * wrong >= declared.row_percent * asked) & (wrong > 0)
    counted = pd.DataFrame({"asked": asked[many], "wrong": wrong[many]})
    by_row = counted.groupby(pairs.rows[many]).max()
    return Found(
        asked=len(pairs.rows),
        answered=len(pairs.rows),
        failed=by_row.index.to_numpy(np.intp),
        values=[f"{one.wrong} / {one.asked}" for one in by_row.itertuples()],
        words={"limit": f"{declared.row_percent:g}"},
    )


def _teams(
    interviews: Interviews,
    declared: BackChecks,
    pairs: _Pairs,
    compared: Sequence[Compared],
    type_: str,
) -> Found:
    asked, wrong = _sums(compared, len(pairs.rows))
    groups = _groups(interviews)
    codes = groups.codes[pairs.rows]
    words, parts, judged = words_of("back_checks")[f"HFC30.{type_}"], [], 0
    for group in np.unique(codes[codes >= 0]).tolist():
        n, errors = int(asked[codes == group].sum()), int(wrong[codes == group].sum())
        if n < declared.answers:
            continue
        judged += 1
        if 100 * errors > declared.type_1_percent * n:
            share = f"{100 * errors / n:.0f}"
            name = groups.names[group]
            message = words.finding(group=name, share=share, errors=errors, answers=n)
            parts.append(groups.part(group, message, f"{errors} / {n}"))
    severity: Severity = "warning" if type_ == "type_1" else "info"
    return Found(asked=judged, answered=judged, parts=tuple(parts), rule=type_, severity=severity)


def _groups(interviews: Interviews) -> Groups:
    """Give the teams; all interviews as one where no team is declared."""
    try:
        return interviews.groups
    except NotRun:
        everyone = np.zeros(len(interviews), dtype=np.intp)
        return Groups(everyone, ("all",), (notices()["everyone"],), persons=False)


def _sums(compared: Sequence[Compared], pairs: int) -> tuple[np.ndarray, np.ndarray]:
    none = np.zeros(pairs, dtype=np.int64)
    asked, wrong = (sum((one[n] for one in compared), start=none) for n in (0, 1))
    return asked, wrong


def _sentence(found: Labels, **values: object) -> dict[str, str]:
    return filled(found, **values)
