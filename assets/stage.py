"""What all stage assets share: the record of a stage, and errors told in one sentence.

Here: running a stage under its record and wording its end for Dagster. Not here: any stage.
"""

import traceback
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import dagster as dg

from meal_pipeline.errors import MealError
from meal_pipeline.locale import gettext as _
from meal_pipeline.locale import in_language
from meal_pipeline.store import StageRecord, record_stage
from meal_pipeline.workspace.project import Project

from .resources import OpenRooms, Rooms

STAGES = ("collect", "read", "validate", "measure", "compare", "evaluate", "share")
"""The stages in the order of the data's way."""


class StageSettings(dg.Config):
    """What an evaluator may choose for a run."""

    snapshot_id: str | None = None
    """The snapshot to start from, instead of the one that holds now."""
    variant: str = "official"
    """The name under which figures are kept; a rerun with other choices has one of its own."""


@dataclass
class Stage:
    """One stage of one run, inside its `with` block."""

    name: str
    project: Project
    rooms: Rooms
    record: StageRecord

    def say(self, text: str) -> None:
        """Tell how far it is."""
        self.rooms.progress(self.name, text)

    def done(self, report: Any, *, changed: bool) -> None:
        """Hand in the stage's report."""
        self.rooms.reports[self.name] = report
        if not changed:
            self.record.unchanged()


@contextmanager
def stage(context: dg.AssetExecutionContext, name: str) -> Iterator[Stage]:
    """Run the block as the stage `name` of the run's project, in the language of the run.

    What goes wrong in a way a person can act on fails the step with that one sentence. Of any other
    error the kind and the place are told and not its words, which may hold an answer.
    """
    code = context.partition_key
    try:
        open_rooms: OpenRooms = context.resources.rooms
        rooms = open_rooms()
        with (
            in_language(rooms.language),
            record_stage(rooms.store, code, name, context.run.run_id, rooms.clock) as record,
        ):
            yield Stage(name, rooms.project(code), rooms, record)
    except MealError as error:
        raise dg.Failure(
            description=str(error),
            metadata={"next_step": error.next_step} if error.next_step else None,
            allow_retries=False,
        ) from None
    except Exception as error:
        raise dg.Failure(
            description=_("It stopped with an unexpected error ({kind}).").format(
                kind=type(error).__name__
            ),
            metadata={
                "place": "\n".join(
                    f"{frame.filename}:{frame.lineno} {frame.name}"
                    for frame in traceback.extract_tb(error.__traceback__)
                )
            },
        ) from None


def table(heading: Sequence[str], rows: Iterable[Sequence[object]]) -> dg.MarkdownMetadataValue:
    """Give a small table for Dagster's pages; `heading` holds message ids."""
    lines = [[_(word) for word in heading], ["---"] * len(heading), *rows]
    return dg.MetadataValue.md(
        "\n".join("| " + " | ".join(_cell(value) for value in line) + " |" for line in lines)
    )


def _cell(value: object) -> str:
    return "" if value is None else str(value).replace("|", "\\|").replace("\n", " ")
