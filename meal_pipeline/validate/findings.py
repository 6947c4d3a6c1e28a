"""Findings: what a check says of a row, as rows of the table `findings`.

Here: their ids, texts and values, and their life from run to run. Not here: the checks, and which
findings quarantine a row (`accounts`).

A finding's id hashes project, form, frame, row, question and rule, so that the same fault has the
same id for ever. It is `open` while it is seen, `resolved` once it is not, and open again, with its
first day kept, when it comes back. `last_seen` and `snapshot_id` move when a new snapshot is
validated; the same snapshot validated again writes nothing.

`value` is the answer as text, never of a personal question and never a place on the map.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import cached_property
from typing import Any

import numpy as np
import orjson
import pandas as pd
from sqlalchemy import Connection, bindparam, select, update

from meal_pipeline.store import insert_rows, upsert
from meal_pipeline.store.tables.validate import findings as table
from meal_pipeline.store.times import utc_text
from meal_pipeline.validate.form_frames import FormFrames
from meal_pipeline.validate.outcomes import Outcome, severity_of
from meal_pipeline.validate.version_rows import held_name
from meal_pipeline.workspace.project import Severity

Row = dict[str, Any]

LONGEST_VALUE = 200
_PLACES = ("/latitude", "/longitude", "/altitude", "/accuracy")
_SAID = ("severity", "message", "value", "enumerator")


def finding_id(*key: str) -> str:
    """Give the id (32 hex digits) of the finding with this natural key."""
    return hashlib.blake2b("\x1f".join(key).encode(), digest_size=16).hexdigest()


class FormFindings:
    """Makes the findings of one form.

    `not_eligible` are the `_id` of rows whose findings are information only. `derived` are columns
    beside the form's own that checks may have looked at.
    """

    def __init__(
        self,
        project: str,
        form: FormFrames,
        not_eligible: "pd.Index[int]",
        derived: Mapping[str, pd.Series],
    ) -> None:
        self.project, self.form = project, form
        self.not_eligible, self.derived = not_eligible, derived
        self._seen: dict[str, int] = {}

    def of_outcomes(self, outcomes: Iterable[Outcome]) -> Iterator[Row]:
        """Give one finding a row at fault, or one on the whole form where rows are not named."""
        for outcome in outcomes:
            check = outcome.check
            message = orjson.dumps(dict(check.message)).decode()
            about = (self.form.frame_name(check.repeat), check.question, check.rule)
            if outcome.on_whole_form:
                shown = None if outcome.observed is None else _number(outcome.observed)
                yield self._row(
                    about,
                    None,
                    "",
                    severity=check.severity,
                    message=message,
                    value=shown,
                    enumerator=None,
                )
            if not outcome.rows_failed:
                continue
            frame = self.form.frames[check.repeat]
            ids = frame["_id"].to_numpy()[outcome.failed]
            positions = [""] * len(ids)
            if check.repeat:
                positions = frame["_position"].take(outcome.failed).to_list()
            severities = np.where(np.isin(ids, self.not_eligible), "info", check.severity)
            for submission, position, severity, value, enumerator in zip(
                ids.tolist(),
                positions,
                severities.tolist(),
                self._values(outcome),
                self._enumerators(ids),
                strict=True,
            ):
                yield self._row(
                    about,
                    submission,
                    position,
                    severity=severity,
                    message=message,
                    value=value,
                    enumerator=enumerator,
                )

    def of_verdicts(self, severities: Mapping[str, Severity]) -> Iterator[Row]:
        """Give the findings that reading made, with the severities that the project declares."""
        frame = self.form.verdicts
        enumerators = self._enumerators(frame["_id"].astype("Int64"))
        not_eligible = frozenset(self.not_eligible)
        for verdict, enumerator in zip(
            frame.astype(object).where(frame.notna(), None).to_dict("records"),
            enumerators,
            strict=True,
        ):
            severity = severity_of(
                verdict["rule"], verdict["question"], severities, verdict["severity"]
            )
            if severity == "off":
                continue
            submission = None if verdict["_id"] is None else int(verdict["_id"])
            if submission in not_eligible:
                severity = "info"
            about = (verdict["frame"], verdict["question"], verdict["rule"])
            yield self._row(
                about,
                submission,
                verdict["position"],
                severity=severity,
                message=verdict["message"],
                value=_short(verdict["value"]),
                enumerator=enumerator,
            )

    def _row(
        self,
        about: tuple[str, str, str],
        submission: int | None,
        position: str,
        *,
        severity: str,
        message: str,
        value: str | None,
        enumerator: str | None,
    ) -> Row:
        frame, question, rule = about
        key = (self.project, self.form.code, frame, str(submission), position, question, rule)
        identity = finding_id(*key)
        again = self._seen.get(identity, 0)
        self._seen[identity] = again + 1
        return {
            "finding_id": finding_id(*key, str(again)) if again else identity,
            "project": self.project,
            "form": self.form.code,
            "frame": frame,
            "submission_id": submission,
            "position": position,
            "question": question,
            "rule": rule,
            "severity": severity,
            "message": message,
            "value": value,
            "enumerator": enumerator,
        }

    def _values(self, outcome: Outcome) -> Sequence[str | None]:
        """Give the answers at fault as text; none of what is personal or a place."""
        check, frame = outcome.check, self.form.frames[outcome.check.repeat]
        name = held_name(check.question)
        column = frame[name] if name in frame.columns else None
        if column is None and not check.repeat:
            column = self.derived.get(check.question)
        hidden = check.question in self.form.hidden or check.question.endswith(_PLACES)
        if column is None or hidden:
            return [None] * outcome.rows_failed
        found = column.take(outcome.failed)
        return [_shown(one) for one in found.astype(object).where(found.notna(), None)]

    def _enumerators(self, ids: Any) -> Sequence[str | None]:
        """Give who interviewed in each of these submissions."""
        submissions, told = self._interviewed
        at = submissions.get_indexer(pd.Index(ids))
        return [told[place] if place >= 0 else None for place in at.tolist()]

    @cached_property
    def _interviewed(self) -> "tuple[pd.Index[int], list[str | None]]":
        """The `_id` of every submission, and who interviewed in it."""
        rows = self.form.rows
        if "_enumerator" not in rows.columns:
            return pd.Index(rows["_id"]), [None] * len(rows)
        told = rows["_enumerator"]
        return pd.Index(rows["_id"]), told.astype(object).where(told.notna(), None).to_list()


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


def store_findings(
    connection: Connection, project: str, found: Iterable[Row], snapshot_id: str, now: datetime
) -> None:
    """Let `found` be the open findings of the project, seen in the read snapshot `snapshot_id`.

    New ones are added, those that came back or changed are overwritten, those not found any more
    are resolved. `last_seen` moves for those last seen in another snapshot.
    """
    moment = utc_text(now)
    asked = select(
        table.c.finding_id,
        table.c.status,
        table.c.first_seen,
        *(table.c[one] for one in _SAID),
    ).where(table.c.project == project)
    there = {
        identity: (status, first_seen, said)
        for identity, status, first_seen, *said in connection.execute(asked)
    }
    new: list[Row] = []
    changed: list[Row] = []
    seen: set[str] = set()
    for one in found:
        identity = one["finding_id"]
        seen.add(identity)
        status, first_seen, said = there.get(identity, ("", moment, None))
        if status != "resolved" and said == [one[name] for name in _SAID]:
            continue
        row = {
            **one,
            "snapshot_id": snapshot_id,
            "first_seen": first_seen,
            "last_seen": moment,
            "status": "open",
        }
        (changed if status else new).append(row)
    gone = [
        {"gone": identity}
        for identity, (status, _first_seen, _said) in there.items()
        if status != "resolved" and identity not in seen
    ]
    insert_rows(connection, table, new)
    upsert(connection, table, changed, ["finding_id"])
    if gone:
        connection.execute(
            update(table).where(table.c.finding_id == bindparam("gone")).values(status="resolved"),
            gone,
        )
    connection.execute(
        update(table)
        .where(
            table.c.project == project,
            table.c.status != "resolved",
            table.c.snapshot_id != snapshot_id,
        )
        .values(snapshot_id=snapshot_id, last_seen=moment)
    )
