"""What an export cannot tell that the server could.

Here: the kinds of such lacks, their sentences, and the form in which they are stored. Not here:
finding them (`bodies.py`).
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson
from sqlalchemy import select

from meal_pipeline.locale import LANGUAGES, in_language, mark
from meal_pipeline.locale import gettext as _
from meal_pipeline.store import Store
from meal_pipeline.store.tables.collect import forms

SENTENCES = {
    "repeats": mark("The rows of the repeat {question} are not in the export: it has no sheet."),
    "missing": mark("The question {question} has no column in the export."),
    "newest_only": mark(
        "The export holds the newest version's questions only; what older versions asked elsewhere "
        "is not in it."
    ),
    "clash": mark(
        "The heading “{question}” fits more than one question, or stands there twice; its answers "
        "were not read."
    ),
    "unknown": mark("The column “{question}” is no question of the form; it was not read."),
    "beyond": mark("Some rows have cells beyond the last heading; they were not read."),
    "codes": mark(
        "Answers to {question} are labels that fit no choice, or several; they were not read."
    ),
    "offsets": mark("The times of {question} lost their offset from UTC in Excel."),
    "numbers": mark("Texts of {question} were made numbers by Excel: zeros in front are gone."),
    "cut": mark("Answers to {question} were cut at the length of an Excel cell."),
    "damaged": mark("Answers to {question} are damaged by a wrong encoding."),
    "order": mark("In which order the choices of {question} were made is not in the export."),
    "orphans": mark("Rows of the repeat {question} belong to no submission of the export."),
    "versions": mark("The form version {question} is not in the folder; the newest was taken."),
    "no_version": mark("Submissions do not say their form version; they are read with the newest."),
    "no_id": mark("Submissions have no _id; numbers were made from their uuids."),
    "edits": mark("Whether a submission was edited is not in the export: it lacks meta/rootUuid."),
    "validation": mark("A validation status is worded in a way that is not known."),
    "times": mark("When submissions were received is not in the export."),
    "senders": mark("Who sent the submissions is not in the export."),
    "attachments": mark("Of the files of {question} only the names are in the export."),
    "audit": mark("The audit of interviews is not in the export."),
    "file": mark("The file {question} could not be read."),
    "contradiction": mark("Files differ in submissions of one uuid; those of the newer one hold."),
}
"""A sentence for each kind of lack; `{question}` is its question, heading, repeat or version."""

LOSSES = frozenset(
    {"clash", "unknown", "beyond", "codes", "offsets", "numbers", "cut", "damaged", "orphans",
     "file", "contradiction", "validation"}
)  # fmt: skip
"""The kinds by which answers were lost that people gave; the others are as exports are."""


@dataclass
class Lacks:
    """The lacks of one or several exports: how many submissions each concerns; 0: all."""

    counted: Counter[tuple[str, str]] = field(default_factory=Counter)

    def add(self, kind: str, about: str = "", rows: int = 0) -> None:
        """Count a lack of this kind (a key of `SENTENCES`)."""
        self.counted[kind, about] += rows

    def update(self, others: "Lacks") -> None:
        """Take the lacks of another export."""
        for key, rows in others.counted.items():
            self.counted[key] += rows

    def as_json(self) -> str | None:
        """Give them as stored: `[{"kind": …, "about": …, "rows": …}]`; None for none."""
        listed = [
            {"kind": kind, "about": about, "rows": rows}
            for (kind, about), rows in sorted(self.counted.items())
        ]
        return orjson.dumps(listed).decode() if listed else None

    def sentences(self) -> list[str]:
        """Give them in words."""
        return [
            sentence_of({"kind": kind, "about": about, "rows": rows})
            for (kind, about), rows in sorted(self.counted.items())
        ]


def sentence_of(lack: Mapping[str, Any]) -> str:
    """Give a stored lack in words, with its number of submissions where only some have it."""
    text = _(SENTENCES[lack["kind"]]).format(question=lack["about"])
    return f"{text} ({lack['rows']})" if lack["rows"] else text


def in_every_language(lack: Mapping[str, Any]) -> str:
    """Give a stored lack as a stored message: JSON, language → sentence."""
    said = {}
    for language in LANGUAGES:
        with in_language(language):
            said[language] = sentence_of(lack)
    return orjson.dumps(said).decode()


def cannot_carry(store: Store, server: str, asset_uid: str) -> list[dict[str, Any]]:
    """Give what the source of a form could not tell; nothing for a form from a server."""
    statement = select(forms.c.cannot_carry).where(
        forms.c.server == server, forms.c.asset_uid == asset_uid
    )
    with store.read() as connection:
        text = connection.execute(statement).scalar_one_or_none()
    return list(orjson.loads(text)) if text else []
