"""What reading says of a row: which answer could not be read, stood elsewhere, broke a rule.

Here: the frame of verdicts and its sentences. Not here: who decides them, and findings, which
validate makes of them. No verdict holds a personal answer.

Columns of the frame: `_id` Int64 (null for a verdict on the whole form); all others text: `frame`
(`<form>` or `<form>/<repeat>`), `position` (`2/1`; `''` in the main frame), `question`, `rule`,
`severity`, `message` (JSON: language → sentence), `value` (the answer as sent; null if personal or
a place on the map).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from hashlib import sha256

import numpy as np
import orjson
import pandas as pd

from meal_pipeline.locale import LANGUAGES, gettext, in_language, mark

UNREADABLE = "read.unreadable"
DOUBLED = "read.doubled_answer"
UNKNOWN_VERSION = "read.unknown_version"
OTHER_VERSION = "read.other_version_answer"
TWO_ANSWERS = "read.two_answers"
EDITED_AFTER_APPROVAL = "read.edited_after_approval"
CONFLICT = "read.conflict"
MOVED_QUESTION = "read.moved_question"
CHANGED_TYPE = "read.changed_type"
FORM_CHANGED = "read.form_changed"
RETURNED_QUESTION = "read.returned_question"
DECLARED_SAME = "read.declared_same"
DECLARATION_UNUSED = "read.declaration_unused"
CHOICES_MISSING = "read.choices_missing"
UNKNOWN_QUESTION = "read.unknown_question"
NOT_IN_FILE = "read.not_in_file"
LOST_IN_FILE = "read.lost_in_file"
WITHHELD = "personal.withheld"
PERSONAL_REQUIRED = "personal.required"
PERSONAL_CONSTRAINT = "personal.constraint"
PERSONAL_RELEVANT = "personal.relevant"
PERSONAL_PHONE = "personal.phone"
NOT_EVALUATED = "personal.not_evaluated"

SEVERITIES = {
    UNREADABLE: "warning",
    DOUBLED: "warning",
    UNKNOWN_VERSION: "info",
    OTHER_VERSION: "info",
    TWO_ANSWERS: "warning",
    EDITED_AFTER_APPROVAL: "warning",
    CONFLICT: "warning",
    MOVED_QUESTION: "warning",
    CHANGED_TYPE: "warning",
    FORM_CHANGED: "info",
    RETURNED_QUESTION: "info",
    DECLARED_SAME: "info",
    DECLARATION_UNUSED: "warning",
    CHOICES_MISSING: "warning",
    UNKNOWN_QUESTION: "warning",
    NOT_IN_FILE: "info",
    LOST_IN_FILE: "warning",
    WITHHELD: "info",
    PERSONAL_REQUIRED: "warning",
    PERSONAL_CONSTRAINT: "critical",
    PERSONAL_RELEVANT: "warning",
    PERSONAL_PHONE: "warning",
    NOT_EVALUATED: "info",
}
"""Each rule's severity; a project's `validation.severity` may differ, which validate sees to."""

SENTENCES = {
    DOUBLED: mark("There is more than one answer to {question} in the submission; none was read."),
    UNKNOWN_VERSION: mark(
        "The form version that this submission names is not known; it was read with the newest."
    ),
    OTHER_VERSION: mark(
        "The answer to {question} stands where another version of the form has it; it was read."
    ),
    TWO_ANSWERS: mark(
        "{question} has an answer in its own place and another where another version of the form "
        "has it; the one in its own place was read."
    ),
    EDITED_AFTER_APPROVAL: mark("The submission was approved, then edited."),
    CONFLICT: mark(
        "The server marked the submission as a conflict: another one came with the same identity. "
        "Look whether one of the two should be deleted."
    ),
    MOVED_QUESTION: mark(
        "{question} stands in another group in some versions of the form; its answers are read "
        "into one column. Say in the project's file whether that is right: meal forms diff."
    ),
    CHANGED_TYPE: mark(
        "{question} has another type in some versions of the form; its answers are read as {type}. "
        "Say in the project's file whether that is right: meal forms diff."
    ),
    FORM_CHANGED: mark(
        "The form has a new version, {version}. Questions that came: {came}; that went: {went}. "
        "What of the project that breaks: meal forms drift."
    ),
    RETURNED_QUESTION: mark(
        "{question} was removed from the form and came back; its answers are read into one column."
    ),
    DECLARED_SAME: mark(
        "Answers to {question} are read together as the project's file declares below {key}: "
        "{pairs}."
    ),
    DECLARATION_UNUSED: mark(
        "The project's file declares {pairs} below {key}, which joins nothing in the form."
    ),
    CHOICES_MISSING: mark(
        "The choices of {question} lie in the file {file}, which is not here or cannot be read: "
        "its answers are kept as codes, without labels, and not held against the list."
    ),
    UNKNOWN_QUESTION: mark(
        "No version of the form has the question {question}, which submissions answer ({rows}); "
        "these answers were not read."
    ),
    WITHHELD: mark(
        "{question} may hold personal data and is withheld. Declare it under personal_data in the "
        "project's file: pseudonym, drop or keep."
    ),
    PERSONAL_REQUIRED: mark("{question} is required and has no answer."),
    PERSONAL_CONSTRAINT: mark("The answer to {question} breaks the form's own condition."),
    PERSONAL_RELEVANT: mark("{question} has an answer although the form does not ask it here."),
    PERSONAL_PHONE: mark("The answer to {question} is no phone number that can exist."),
    NOT_EVALUATED: mark(
        "A rule of the form on {question} looks at personal answers and cannot be evaluated."
    ),
}

NO_VERSION = mark("The submission names no form version; it was read with the newest.")

COLUMNS = ("frame", "position", "question", "rule", "severity", "message", "value")


@dataclass(frozen=True)
class Verdict:
    """One fault of one answer; `submission_id` None: of the whole form."""

    submission_id: int | None
    frame: str
    position: str
    question: str
    rule: str
    message: str
    value: str | None = None


@cache
def _translated(msgid: str) -> dict[str, str]:
    sentences = {}
    for language in LANGUAGES:
        with in_language(language):
            sentences[language] = gettext(msgid)
    return sentences


def sentence(
    msgid: str,
    labels: Mapping[str, str] | None = None,
    own: Mapping[str, str] | None = None,
    /,
    **said: object,
) -> str:
    """Give a stored message: JSON of the sentence in each language.

    `labels` are the question's, by language, for a sentence with `{question}`; `said` is what else
    the sentence names, such as `{rows}`. `own` sentences, by language, go before ours.
    """
    message = {}
    for language, text in _translated(msgid).items():
        question = f"“{labels[language]}”" if labels else ""
        message[language] = (own or {}).get(language) or text.format(question=question, **said)
    return orjson.dumps(message).decode()


def wording_hash(msgids: Iterable[str]) -> str:
    """Give a hash of these sentences in every language, for what is made of them."""
    wording = [_translated(msgid) for msgid in sorted(msgids)]
    return sha256(orjson.dumps(wording, option=orjson.OPT_SORT_KEYS)).hexdigest()


def verdict_frame(verdicts: Iterable[Verdict]) -> pd.DataFrame:
    """Give verdicts as a frame, ordered by row and question."""
    ordered = sorted(
        verdicts,
        key=lambda one: (
            -1 if one.submission_id is None else one.submission_id,
            one.frame,
            _order(one.position),
            one.question,
            one.rule,
            one.message,
        ),
    )
    columns: dict[str, pd.Series] = {
        "_id": pd.Series([one.submission_id for one in ordered], dtype="Int64")
    }
    text = pd.StringDtype("pyarrow", na_value=np.nan)
    for name in COLUMNS:
        values = [
            SEVERITIES[one.rule] if name == "severity" else getattr(one, name) for one in ordered
        ]
        columns[name] = pd.Series(values, dtype=text)
    return pd.DataFrame(columns)


def _order(position: str) -> tuple[int, ...]:
    return tuple(int(part) for part in position.split("/") if part)
