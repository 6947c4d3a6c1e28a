"""What each stage of each project did last: the table `stage_runs`.

Here: the record, written when a stage starts and when it ends. Not here: deciding what runs.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import select

from meal_pipeline.errors import MealError
from meal_pipeline.locale import gettext as _
from meal_pipeline.store.engine import Store
from meal_pipeline.store.rows import upsert
from meal_pipeline.store.tables.runs import stage_runs
from meal_pipeline.store.times import utc_text

Clock = Callable[[], datetime]
Outcome = Literal["running", "done", "unchanged", "blocked", "failed"]


@dataclass
class StageRecord:
    """A stage that is running; say here how it ends when that is not simply `done`."""

    outcome: Outcome = "running"
    message: str | None = field(default=None)
    next_step: str | None = field(default=None)

    def unchanged(self) -> None:
        """Say that there was nothing new to do."""
        self.outcome = "unchanged"

    def blocked(self, message: str, next_step: str | None = None) -> None:
        """Say that a gate stopped the stage, in one sentence without personal data."""
        self.outcome, self.message, self.next_step = "blocked", message, next_step


@contextmanager
def record_stage(
    store: Store, project: str, stage: str, run_id: str, clock: Clock
) -> Iterator[StageRecord]:
    """Write `running` now, and how the block ended when it ends.

    An error passes through; its sentence is kept when it is a MealError, else only its kind,
    since a foreign message may hold personal data.
    """
    started = utc_text(clock())
    record = StageRecord()
    with store.read() as connection:
        last_done = connection.execute(
            select(stage_runs.c.last_done_at).where(
                stage_runs.c.project == project, stage_runs.c.stage == stage
            )
        ).scalar()

    def write(outcome: Outcome, finished: str | None) -> None:
        row: dict[str, Any] = {
            "project": project,
            "stage": stage,
            "run_id": run_id,
            "started_at": started,
            "finished_at": finished,
            "outcome": outcome,
            "message": record.message,
            "next_step": record.next_step,
            "last_done_at": finished if outcome in ("done", "unchanged") else last_done,
        }
        with store.write() as connection:
            upsert(connection, stage_runs, [row], ["project", "stage"])

    write("running", None)
    try:
        yield record
    except BaseException as error:
        if isinstance(error, MealError):
            record.message, record.next_step = str(error), error.next_step
        else:
            record.message = _("It stopped with an unexpected error ({kind}).").format(
                kind=type(error).__name__
            )
            record.next_step = _("Run it again; if it stops again, report it with the log.")
        write("failed", utc_text(clock()))
        raise
    write("done" if record.outcome == "running" else record.outcome, utc_text(clock()))
