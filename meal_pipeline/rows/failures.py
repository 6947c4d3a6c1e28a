"""What could not be computed, by name, in every language, with the fix.

Here: turning an error into a row of the table `blocks`, and reading that table. Not here: what
raises the errors.
"""

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from sqlalchemy import Connection, select

from meal_pipeline.errors import MealError
from meal_pipeline.locale import LANGUAGES, current_language, in_language
from meal_pipeline.store import SnapshotDamaged
from meal_pipeline.store.figures import replace_where_different
from meal_pipeline.store.tables.validate import blocks

T = TypeVar("T")


@dataclass(frozen=True)
class Blocked:
    """Something that could not be computed: its kind, its code, and a sentence a language."""

    kind: str
    subject: str
    sentences: tuple[tuple[str, str], ...]

    @property
    def sentence(self) -> str:
        """The sentence in the language in use."""
        return dict(self.sentences)[current_language()]

    def about(self, kind: str, subject: str) -> "Blocked":
        """Give the same sentences about something that depends on this."""
        return Blocked(kind, subject, self.sentences)


def attempt(kind: str, subject: str, action: Callable[[], T]) -> T | Blocked:
    """Give what `action` gives, or where it raises a MealError what is blocked and why.

    `action` is called again in each language to have its error worded, so it must only compute.
    A damaged snapshot is no fault of what is attempted: it passes.
    """
    try:
        return action()
    except SnapshotDamaged:
        raise
    except MealError:
        return Blocked(
            kind, subject, tuple((tongue, _worded(tongue, action)) for tongue in LANGUAGES)
        )


def _worded(language: str, action: Callable[[], object]) -> str:
    with in_language(language):
        try:
            action()
        except MealError as error:
            sentence = str(error)
            if error.next_step and error.next_step not in sentence:
                sentence = f"{sentence} {error.next_step}"
            return sentence
    raise RuntimeError("an action failed once and then succeeded: it does more than compute")


def blocked_elsewhere(
    connection: Connection, project: str, stages: Sequence[str], kind: str
) -> dict[str, Blocked]:
    """Give what of this kind these stages could not compute, by its code."""
    rows = connection.execute(
        select(blocks.c.subject, blocks.c.message)
        .where(blocks.c.project == project, blocks.c.stage.in_(stages), blocks.c.kind == kind)
        .order_by(blocks.c.stage, blocks.c.subject)
    )
    return {
        subject: Blocked(kind, subject, tuple(json.loads(message).items()))
        for subject, message in rows
    }


def record_blocked(
    connection: Connection, project: str, stage: str, blocked: Iterable[Blocked]
) -> bool:
    """Let `blocked` be what the stage could not compute; give whether that was different."""
    rows = [
        {
            "project": project,
            "stage": stage,
            "kind": one.kind,
            "subject": one.subject,
            "message": json.dumps(dict(one.sentences), ensure_ascii=False),
        }
        for one in blocked
    ]
    return replace_where_different(connection, blocks, rows, {"project": project, "stage": stage})
