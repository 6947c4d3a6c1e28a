"""Findings: what a check says of a row, as rows of the table `findings`.

Here: their ids, texts and values. Not here: the checks, which findings quarantine a row
(`accounts`), and their life from run to run (`finding_store`).

A finding's id hashes project, form, frame, row, question and rule, so that the same fault has the
same id for ever. `value` is the answer as text, never of a personal question and never a place on
the map.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import cached_property
from typing import Any

import numpy as np
import orjson
import pandas as pd

from meal_pipeline.errors import MealError
from meal_pipeline.forms import FormUnion
from meal_pipeline.validate.lazy_frame import LazyFrame
from meal_pipeline.validate.outcomes import Outcome, severity_of
from meal_pipeline.validate.version_rows import held_name
from meal_pipeline.workspace.project import Form, Severity

Row = dict[str, Any]

LONGEST_VALUE = 200
_PLACES = ("/latitude", "/longitude", "/altitude", "/accuracy")

TABLE = (
    *("finding_id", "frame", "submission_id", "position", "question", "rule"),
    *("severity", "message", "value", "enumerator", "team", "place"),
)
"""The columns of a frame of findings that the table has, too."""

AT = "at"
"""One more column: the finding's row in its frame, from 0; -1 where it names none."""

COLUMNS = (*TABLE, AT)
_TYPES = {"submission_id": "Int64", AT: "int64"}


def finding_id(*key: str) -> str:
    """Give the id (32 hex digits) of the finding with this natural key."""
    return hashlib.blake2b("\x1f".join(key).encode(), digest_size=16).hexdigest()


def records(findings: pd.DataFrame) -> list[Row]:
    """Give findings as plain values, one mapping of the table's columns a finding."""
    table = findings[list(TABLE)].astype(object)
    found: list[Row] = table.where(table.notna(), None).to_dict("records")  # type: ignore[assignment]
    return found


def finding_frame(columns: Mapping[str, Sequence[Any]]) -> pd.DataFrame:
    """Give findings as a frame of `COLUMNS`, with types that snapshots can hold."""
    return pd.DataFrame(
        {name: pd.Series(columns[name], dtype=_TYPES.get(name, "str")) for name in COLUMNS}
    )


def told_by(union: FormUnion, form: Form) -> dict[str, str | None]:
    """Give the columns of the form's rows that tell team and place; None where none does."""

    def column(name: str | None) -> str | None:
        try:
            return None if name is None else union.resolve(name)
        except MealError:
            return name  # such as a column of `read`; one that is not there tells nothing

    return {"team": column(form.team), "place": column(form.place)}


class FormFindings:
    """Makes the findings of one form, or of some of its rows.

    `frames` are the form's rows ("") and its repeats, with the columns that checks may have looked
    at; `hidden` the columns that hold pseudonyms. `not_eligible` are the `_id` of rows whose
    findings are information only. `team` and `place` are the columns of the form's rows that tell
    the enumerator's team and the place of the interview, where the project names them.
    """

    def __init__(
        self,
        project: str,
        form: str,
        frames: Mapping[str, LazyFrame],
        *,
        hidden: frozenset[str],
        not_eligible: "pd.Index[int]",
        team: str | None = None,
        place: str | None = None,
    ) -> None:
        self.project, self.form, self.frames = project, form, frames
        self._about = {"enumerator": "_enumerator", "team": team, "place": place}
        self.hidden, self.not_eligible = hidden, not_eligible
        self._seen: dict[str, int] = {}

    def of_outcomes(self, outcomes: Iterable[Outcome]) -> pd.DataFrame:
        """Give one finding a row at fault, or one on the whole form where rows are not named."""
        found: dict[str, list[Any]] = {name: [] for name in COLUMNS}
        for outcome in outcomes:
            if outcome.on_whole_form:
                self._add(found, outcome, _on_whole_form(outcome))
            if outcome.parts:
                self._add_parts(found, outcome)
            if len(outcome.failed):
                self._add(found, outcome, self._at_fault(outcome))
        return finding_frame(found)

    def of_verdicts(
        self, verdicts: pd.DataFrame, severities: Mapping[str, Severity]
    ) -> pd.DataFrame:
        """Give the findings that reading made, with the severities that the project declares."""
        found: dict[str, list[Any]] = {name: [] for name in COLUMNS}
        not_eligible = frozenset(self.not_eligible)
        told = self._told(verdicts["_id"].astype("Int64"))
        for number, verdict in enumerate(
            verdicts.astype(object).where(verdicts.notna(), None).to_dict("records")
        ):
            severity = severity_of(
                verdict["rule"], verdict["question"], severities, verdict["severity"]
            )
            if severity == "off":
                continue
            submission = None if verdict["_id"] is None else int(verdict["_id"])
            about = {name: verdict[name] for name in ("frame", "position", "question", "rule")}
            row = {
                **about,
                "finding_id": self._identity(
                    verdict["frame"],
                    submission,
                    verdict["position"],
                    verdict["question"],
                    verdict["rule"],
                ),
                "submission_id": submission,
                "severity": "info" if submission in not_eligible else severity,
                "message": verdict["message"],
                "value": _short(verdict["value"]),
                **{name: values[number] for name, values in told.items()},
                AT: -1,
            }
            for name in COLUMNS:
                found[name].append(row[name])
        return finding_frame(found)

    def _at_fault(self, outcome: Outcome) -> Mapping[str, Sequence[Any]]:
        """Give what tells the findings of one outcome apart, by column."""
        check, frame = outcome.check, self.frames[outcome.check.repeat]
        ids = frame.column("_id").to_numpy()[outcome.failed]
        positions = [""] * len(ids)
        if check.repeat:
            positions = frame.column("_position").take(outcome.failed).to_list()
        return {
            "submission_id": ids.tolist(),
            "position": positions,
            "severity": np.where(np.isin(ids, self.not_eligible), "info", check.severity).tolist(),
            "value": self._values(outcome),
            **self._told(ids),
            AT: outcome.failed.tolist(),
        }

    def _add(
        self,
        found: dict[str, list[Any]],
        outcome: Outcome,
        rows: Mapping[str, Sequence[Any]],
    ) -> None:
        check = outcome.check
        frame = f"{self.form}/{check.repeat}" if check.repeat else self.form
        message = orjson.dumps(dict(check.message)).decode()
        found["finding_id"].extend(
            self._identity(frame, one, position, check.question, check.rule)
            for one, position in zip(rows["submission_id"], rows["position"], strict=True)
        )
        for name, values in rows.items():
            found[name].extend(values)
        same = {"frame": frame, "question": check.question, "rule": check.rule, "message": message}
        for name, text in same.items():
            found[name].extend([text] * len(rows[AT]))

    def _add_parts(self, found: dict[str, list[Any]], outcome: Outcome) -> None:
        """Add a finding on the whole form for each part of it that is at fault."""
        check = outcome.check
        for part in outcome.parts:
            row = {
                "finding_id": self._identity(self.form, None, part.key, check.question, check.rule),
                "frame": self.form,
                "submission_id": None,
                "position": "",
                "question": check.question,
                "rule": check.rule,
                "severity": check.severity,
                "message": orjson.dumps(dict(part.message)).decode(),
                "value": _short(part.value),
                "enumerator": part.enumerator,
                "team": part.team,
                "place": None,
                AT: -1,
            }
            for name in COLUMNS:
                found[name].append(row[name])

    def _identity(
        self, frame: str, submission: int | None, position: str, question: str, rule: str
    ) -> str:
        key = (self.project, self.form, frame, str(submission), position, question, rule)
        identity = finding_id(*key)
        again = self._seen.get(identity, 0)
        self._seen[identity] = again + 1
        return finding_id(*key, str(again)) if again else identity

    def _values(self, outcome: Outcome) -> Sequence[str | None]:
        """Give the answers at fault as text; none of what is personal or a place."""
        if outcome.values is not None:
            return [_short(one) for one in outcome.values]
        check, frame = outcome.check, self.frames[outcome.check.repeat]
        name = held_name(check.question)
        if name not in frame.columns:
            name = check.question
        is_line = f"{check.question}/points" in frame.columns
        hidden = check.question in self.hidden or check.question.endswith(_PLACES) or is_line
        if hidden or name not in frame.columns:
            return [None] * len(outcome.failed)
        answers = frame.column(name).take(outcome.failed)
        return [_shown(one) for one in answers.astype(object).where(answers.notna(), None)]

    def _told(self, ids: Any) -> dict[str, Sequence[str | None]]:
        """Give who interviewed in each of these submissions, in which team, and where."""
        if pd.isna(ids).all():
            return {name: [None] * len(ids) for name in self._about}
        submissions, said = self._interviews
        at = submissions.get_indexer(pd.Index(ids)).tolist()
        return {
            name: [values[row] if row >= 0 else None for row in at] for name, values in said.items()
        }

    @cached_property
    def _interviews(self) -> "tuple[pd.Index[int], dict[str, list[str | None]]]":
        """The `_id` of every submission, and what is told of each interview."""
        rows = self.frames[""]
        said: dict[str, list[str | None]] = {}
        for name, column in self._about.items():
            said[name] = [None] * len(rows)
            if column in rows.columns:
                told = rows.column(column)
                said[name] = [_shown(one) for one in told.astype(object).where(told.notna(), None)]
        return pd.Index(rows.column("_id")), said


def _on_whole_form(outcome: Outcome) -> Mapping[str, Sequence[Any]]:
    shown = None if outcome.observed is None else _number(outcome.observed)
    return {
        "submission_id": [None],
        "position": [""],
        "severity": [outcome.check.severity],
        "value": [shown],
        "enumerator": [None],
        "team": [None],
        "place": [None],
        AT: [-1],
    }


def _shown(value: Any) -> str | None:
    if value is None:
        return None
    if isinstance(value, float):
        return _number(value)
    if isinstance(value, datetime):  # a time without a zone is a date
        return (value if value.tzinfo else value.date()).isoformat()
    return _short(str(value))


def _number(value: Any) -> str:
    return f"{value:.15g}" if isinstance(value, float) else str(value)


def _short(value: str | None) -> str | None:
    if value is None or len(value) <= LONGEST_VALUE:
        return value
    return value[: LONGEST_VALUE - 1] + "…"
