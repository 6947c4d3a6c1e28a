"""A block of submissions, read into typed frames and verdicts.

Here: from bodies to the frames of one form, personal answers replaced or left out on the way. Not
here: where bodies come from and where frames go (`read_project.py`).
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from meal_pipeline.errors import MealError
from meal_pipeline.locale import LANGUAGES
from meal_pipeline.locale import gettext as _
from meal_pipeline.read import verdicts as v
from meal_pipeline.read.answers import Answers, Body, Rows, gather
from meal_pipeline.read.attachments import FILE_PARTS, Attachments
from meal_pipeline.read.personal import Key, Treatment, key_of
from meal_pipeline.read.personal_rules import SUBMITTED, version_frame
from meal_pipeline.read.plan import ColumnPlan, FormPlan
from meal_pipeline.read.pseudonyms import (
    PhoneNumber,
    keyed,
    phone_number,
    pseudonyms,
    reduce_answer,
)
from meal_pipeline.read.row_versions import row_versions
from meal_pipeline.read.validation_status import Standing, standing_in_bodies
from meal_pipeline.read.verdicts import Verdict
from meal_pipeline.rows.typed import TEXT, TypedColumn, recode, texts, to_pandas, type_column


class EncryptedForm(MealError):
    """Submissions of a form are encrypted, so that nobody can read them here."""


@dataclass
class Block:
    """What a block of submissions became: frames by repeat, verdicts, and rows by unknown key.

    Rows of repeats that were filled by calculation alone are among the others, `_answered` false.
    """

    frames: dict[str | None, pd.DataFrame]
    verdicts: list[Verdict]
    unknown: dict[str, int]


def read_block(
    plan: FormPlan,
    bodies: Sequence[Body],
    key: bytes,
    phones: dict[str, PhoneNumber] | None = None,
    standing: Standing | None = None,
) -> Block:
    """Read submissions of one form, given in `_id` order, into its frames.

    `key` is the workspace's subkey for pseudonyms. Every frame of the form is there, with all its
    columns, also without rows. Columns: see `plan.plan_form` and `typed.type_column`. `phones` are
    the numbers that earlier blocks held; it grows, so that no number is worked out twice.
    `standing` tells how each submission was validated; without it, its body does.

    Raises EncryptedForm.
    """
    if any("encryptedXmlFile" in body and "base64EncryptedKey" in body for body in bodies):
        raise EncryptedForm(
            _("The submissions of form {form} are encrypted; they cannot be read here.").format(
                form=plan.code
            ),
            next_step=_("Deploy the form without a public key, or take it out of the project."),
        )
    found = row_versions(bodies, plan.layout.versions)
    ids = [int(body["_id"]) for body in bodies]
    blank = [""] * len(ids)
    main = Rows(None, list(bodies), ids, found.versions, blank, blank, [1] * len(ids))
    standing = standing_in_bodies(bodies) if standing is None else standing
    block = Block({}, [], {})
    block.verdicts += _on_submissions(plan, bodies, found.fallback, standing)
    reading = _Reading(
        key,
        {ids[row] for row in found.fallback},
        {} if phones is None else phones,
        standing,
        Attachments.of(bodies) if plan.has_files else Attachments(),
    )
    _read_rows(plan, main, block, reading, {})
    return block


def _on_submissions(
    plan: FormPlan,
    bodies: Sequence[Body],
    fallback: Mapping[int, str | None],
    standing: Standing,
) -> Iterator[Verdict]:
    """Give the verdicts on submissions as a whole."""
    for row, named in fallback.items():
        msgid = v.NO_VERSION if named is None else v.SENTENCES[v.UNKNOWN_VERSION]
        number, message = int(bodies[row]["_id"]), v.sentence(msgid)
        yield Verdict(number, plan.code, "", "", v.UNKNOWN_VERSION, message, named)
    edited = {number for number, (_status, since) in standing.items() if since}
    edited &= {int(body["_id"]) for body in bodies} if edited else set()
    roots = ((body.get("meta/rootUuid"), body) for body in bodies)
    marked = [body["_id"] for root, body in roots if isinstance(root, str) and "CONFLICT" in root]
    for rule, numbers in ((v.EDITED_AFTER_APPROVAL, sorted(edited)), (v.CONFLICT, marked)):
        for number in numbers:
            message = v.sentence(v.SENTENCES[rule])
            yield Verdict(int(number), plan.code, "", "", rule, message)


@dataclass(frozen=True)
class _Reading:
    """What holds for a whole block: the key of pseudonyms, and the guessed submissions.

    These were read with a version that they do not name: where their answers stand says nothing,
    and no verdict is given on it. `phones` are the phone numbers worked out so far, as typed.
    """

    key: bytes
    guessed: Collection[int]
    phones: dict[str, PhoneNumber]
    standing: Standing
    attachments: Attachments


Truths = npt.NDArray[np.bool_]

AtHand = dict[Key, dict[str, Any]]
"""Typed columns that rules on personal answers look at, also those of the frames around."""


def _read_rows(
    plan: FormPlan, rows: Rows, block: Block, reading: _Reading, around: AtHand
) -> Truths:
    """Read the rows of a frame and of those within; give which a person answered anything in."""
    answers = gather(plan.layout, rows)
    reader = _FrameReader(plan, rows, answers, reading, dict(around))
    frame = block.frames[rows.repeat] = reader.frame()
    for name, count in answers.unknown.items():
        block.unknown[name] = block.unknown.get(name, 0) + count
    answered = reader.person_answered()
    for child in answers.children:
        outer = pa.array(child.outer, pa.int64())
        seen = {
            key: {suffix: values.take(outer) for suffix, values in columns.items()}
            for key, columns in reader.at_hand.items()
        }
        within = _read_rows(plan, child, block, reading, seen)
        answered[np.array(child.outer, dtype=np.int64)[within]] = True
    if rows.repeat is not None:
        frame["_answered"] = answered
        reader.forgive(answered)
    block.verdicts += reader.verdicts
    return answered


class _FrameReader:
    """Reads the rows of one frame; `verdicts` and `at_hand` grow as it goes."""

    def __init__(
        self, plan: FormPlan, rows: Rows, answers: Answers, reading: _Reading, at_hand: AtHand
    ) -> None:
        self.plan, self.rows, self.answers, self.reading = plan, rows, answers, reading
        self.name = plan.frame_name(rows.repeat)
        self.verdicts: list[Verdict] = []
        self.at_hand = at_hand
        self.answered: dict[str, tuple[Any, Any]] = {}

    def frame(self) -> pd.DataFrame:
        columns = self._main_columns() if self.rows.repeat is None else self._child_columns()
        for one in self.plan.frames[self.rows.repeat]:
            raw = self._raw(one)
            typed = type_column(raw, one.column.kind, one.codes, one.choices)
            self._unreadable(one, raw, typed)
            self._keep_at_hand(one, raw, typed)
            if one.treatment is None:
                beside = self._beside(one, raw)
                for suffix, name in one.names.items():
                    columns[name] = to_pandas(beside.get(suffix, typed.columns.get(suffix)))
                continue
            reduced = self._reduced(one, one.treatment, raw)
            if one.names:
                made = keyed(reduced, one.treatment.kind, self.reading.key)
                columns[one.names[""]] = to_pandas(_replaced(raw, made))
        self._misplaced()
        self._personal_rules()
        return pd.DataFrame(columns)

    def person_answered(self) -> Truths:
        """Tell which rows hold an answer that a person gave: no app or calculation filled it."""
        answered = np.zeros(len(self.rows.ids), dtype=np.bool_)
        for one in self.plan.frames[self.rows.repeat] if self.rows.repeat is not None else ():
            raw = self.answers.values.get(one.column.name)
            if raw is not None and any(q.is_asked for q in one.column.questions.values()):
                answered |= _truths(raw)
        return answered

    def forgive(self, answered: Truths) -> None:
        """Drop broken rules of rows in which a person answered nothing: nobody broke them."""
        rows = self.rows
        empty = {(rows.ids[at], rows.positions[at]) for at in np.flatnonzero(~answered)}
        self.verdicts = [
            one
            for one in self.verdicts
            if not (one.rule.startswith("personal.") and (one.submission_id, one.position) in empty)
        ]

    def _raw(self, one: ColumnPlan) -> Any:
        raw = self._texts(one.column.name)
        if any(question.calculation is not None for question in one.column.questions.values()):
            raw = pc.if_else(pc.equal(raw, "NaN"), pa.scalar(None, TEXT), raw)
        return raw if one.column.kind == "select_multiple" else recode(raw, one.new_codes)

    def _beside(self, one: ColumnPlan, raw: Any) -> dict[str, Any]:
        """Give what stands beside the answers and does not come from them, by suffix."""
        beside: dict[str, Any] = {}
        for suffix in one.by_version.keys() & one.names.keys():
            of_row = [one.by_version[suffix].get(uid) for uid in self.rows.versions]
            beside[suffix] = pc.if_else(pc.is_valid(raw), pa.array(of_row, TEXT), None)
        if FILE_PARTS[0] in one.names:
            beside |= self.reading.attachments.columns(raw, self.rows.ids)
        return beside

    def _texts(self, name: str) -> Any:
        raw = self.answers.values.get(name)
        return pa.nulls(len(self.rows.ids), TEXT) if raw is None else raw

    def _main_columns(self) -> dict[str, Any]:
        bodies = self.rows.bodies
        received = type_column(_sent(bodies, "_submission_time"), "dateTime")
        if self.plan.rules.rules:
            self.at_hand[SUBMITTED] = received.columns
        return {
            "_id": np.array(self.rows.ids, dtype=np.int64),
            "_uuid": to_pandas(_sent(bodies, "_uuid")),
            "_version": to_pandas(pa.array(self.rows.versions, TEXT)),
            "_submission_time": to_pandas(received.columns[""]),
            "_enumerator": to_pandas(self._enumerators()),
            "_edited": np.array(["meta/deprecatedID" in body for body in bodies], dtype=bool),
            "_validation": self._validation(),
        }

    def _child_columns(self) -> dict[str, Any]:
        return {
            "_id": np.array(self.rows.ids, dtype=np.int64),
            "_position": to_pandas(pa.array(self.rows.positions, TEXT)),
            "_index": np.array(self.rows.indexes, dtype=np.int64),
            "_parent_position": to_pandas(pa.array(self.rows.parents, TEXT)),
            "_validation": self._validation(),
            "_answered": np.zeros(len(self.rows.ids), dtype=np.bool_),
        }

    def _validation(self) -> Any:
        standing, ids = self.reading.standing, self.rows.ids
        none = ("", False)
        statuses = [standing.get(one, none)[0] for one in ids] if standing else [""] * len(ids)
        return to_pandas(pa.array(statuses, TEXT))

    def _enumerators(self) -> Any:
        name = self.plan.enumerator
        if name is None:
            raw = _sent(self.rows.bodies, "_submitted_by")
        else:
            raw = self._texts(name)
        made = pseudonyms(_distinct(raw), "name", key=self.reading.key, country=self.plan.country)
        return _replaced(raw, made)

    def _reduced(self, one: ColumnPlan, treatment: Treatment, raw: Any) -> dict[str, str]:
        """Give what each distinct answer is reduced to, and say which phones cannot exist."""
        country = self.plan.country
        if treatment.kind != "phone":
            return {text: reduce_answer(text, treatment.kind, country) for text in _distinct(raw)}
        numbers, known = {}, self.reading.phones
        for text in _distinct(raw):
            numbers[text] = known[text] = known.get(text) or phone_number(text, country)
        wrong = {text for text, (_number, exists) in numbers.items() if not exists}
        if wrong:
            rows = [row for row, text in enumerate(raw.to_pylist()) if text in wrong]
            self._say(v.PERSONAL_PHONE, one, rows)
        return {text: number or "" for text, (number, _exists) in numbers.items()}

    def _unreadable(self, one: ColumnPlan, raw: Any, typed: TypedColumn) -> None:
        for row, msgid in typed.unreadable.items():
            hidden = one.treatment or one.column.kind in ("geopoint", "line")
            value = None if hidden else raw[row].as_py()
            self._say(v.UNREADABLE, one, [row], msgid=msgid, value=value)

    def _keep_at_hand(self, one: ColumnPlan, raw: Any, typed: TypedColumn) -> None:
        """Keep what rules on personal answers look at; of files they see the name."""
        if self.plan.rules.looks_at(key_of(one.column)):
            seen = {"": raw} if one.column.kind == "media" else typed.columns
            self.at_hand[key_of(one.column)] = seen
            value = seen.get("", raw)
            self.answered[one.column.name] = (_truths(raw), _truths(value))

    def _personal_rules(self) -> None:
        versions = np.array(self.rows.versions, dtype=object)
        for rule in self.plan.rules.of(self.rows.repeat):
            where = np.flatnonzero(versions == rule.version)
            about = self.plan.plan_of(self.rows.repeat, rule.column[1])
            if len(where) and about:
                answered, readable = (one[where] for one in self.answered[about.column.name])
                frame = version_frame(self.plan.union, rule, self.at_hand, where)
                broken = where[rule.broken_in(frame, answered, readable)]
                self._say(rule.rule, about, broken.tolist(), own=rule.own)

    def _misplaced(self) -> None:
        for rule, faults in (
            (v.OTHER_VERSION, self.answers.moved),
            (v.TWO_ANSWERS, self.answers.twice),
            (v.DOUBLED, self.answers.doubled),
        ):
            for row, name in faults:
                if rule == v.OTHER_VERSION and self.rows.ids[row] in self.reading.guessed:
                    continue
                self._say(rule, self.plan.plan_of(self.rows.repeat, name) or name, [row])

    def _say(
        self,
        rule: str,
        about: ColumnPlan | str,
        rows: Sequence[int],
        *,
        msgid: str | None = None,
        own: Mapping[str, str] | None = None,
        value: str | None = None,
    ) -> None:
        """Add a verdict on a question, or on a key that is none, for each of these rows."""
        if not rows:
            return
        question = about if isinstance(about, str) else about.column.name
        labels = dict.fromkeys(LANGUAGES, about) if isinstance(about, str) else about.labels
        message = v.sentence(msgid or v.SENTENCES[rule], labels, own)
        self.verdicts += [
            Verdict(
                self.rows.ids[row],
                self.name,
                self.rows.positions[row],
                question,
                rule,
                message,
                value,
            )
            for row in rows
        ]


def _sent(bodies: Sequence[Body], key: str) -> Any:
    """Give what the server itself wrote under a key."""
    return texts([body.get(key) for body in bodies])[0]


def _truths(array: Any) -> Truths:
    truths: Truths = pc.is_valid(array).to_numpy(zero_copy_only=False)
    return truths


def _distinct(raw: Any) -> list[str]:
    return raw.unique().drop_null().to_pylist()  # type: ignore[no-any-return]


def _replaced(raw: Any, made: Mapping[str, str | None]) -> Any:
    return pa.array([made.get(text) for text in raw.to_pylist()], TEXT)
