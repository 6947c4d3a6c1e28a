"""The inbox: table `events`, from a delivery to the run that was asked for because of it.

Here: keeping events, which of them wait, when they are due, and their two marks. Not here: who
delivers them (`receiver`), asking for runs (the roof).

An event first gets the key of the run that will be asked for (`claim`), and counts as taken only
once that run was found to exist (`take`). A crash anywhere between leaves events that wait with
their key, so the same run is asked for again: Dagster makes no second one of the same key.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from uuid import uuid4

from sqlalchemy import delete, func, select, update

from meal_pipeline.store import Store, insert_rows
from meal_pipeline.store.tables.events import events
from meal_pipeline.store.times import from_utc_text, utc_text

KEPT_DAYS = 30
"""How long events that were taken are kept, for who wants to know what arrived."""


@dataclass(frozen=True)
class Event:
    """One delivery: look at `project`. `received_at` is UTC text as the store writes it."""

    project: str
    form: str | None
    submission_id: int | None
    received_at: str
    event_id: str = field(default_factory=lambda: uuid4().hex)


@dataclass(frozen=True)
class Waiting:
    """The events of a project that wait, all claimed for one run or (`run_key` None) for none."""

    project: str
    run_key: str | None
    events: int
    first: datetime
    last: datetime


def keep(store: Store, arrived: Sequence[Event]) -> None:
    """Keep events, all or none of them."""
    with store.write() as connection:
        insert_rows(connection, events, [asdict(event) for event in arrived])


def waiting(store: Store) -> list[Waiting]:
    """Give what waits, by project and key of the run, the project that waited longest first."""
    first, last = func.min(events.c.received_at), func.max(events.c.received_at)
    statement = (
        select(events.c.project, events.c.run_key, func.count(), first, last)
        .where(events.c.taken_at.is_(None))
        .group_by(events.c.project, events.c.run_key)
        .order_by(first, events.c.project)
    )
    with store.read() as connection:
        return [
            Waiting(project, key, count, from_utc_text(begun), from_utc_text(ended))
            for project, key, count, begun, ended in connection.execute(statement)
        ]


def is_due(found: Waiting, now: datetime, *, quiet: timedelta, at_most: timedelta) -> bool:
    """Say whether a run is due: `quiet` since the last event, or `at_most` since the first.

    An event from the future was stamped by a clock that is ahead; it does not hold the run back.
    """
    return found.last > now or now - found.last >= quiet or now - found.first >= at_most


def claim(store: Store, project: str) -> str | None:
    """Give the events of `project` that have no run yet one key, and give it; None without any."""
    mine = (events.c.project == project, events.c.run_key.is_(None), events.c.taken_at.is_(None))
    oldest = select(events.c.event_id).where(*mine).order_by(events.c.received_at).limit(1)
    with store.write() as connection:
        event_id = connection.execute(oldest).scalar()
        if event_id is None:
            return None
        key = f"{project}!{event_id}"
        connection.execute(update(events).where(*mine).values(run_key=key))
        return key


def take(store: Store, run_key: str, moment: datetime) -> None:
    """Mark the events claimed for a run as done, since it exists."""
    with store.write() as connection:
        connection.execute(
            update(events)
            .where(events.c.run_key == run_key, events.c.taken_at.is_(None))
            .values(taken_at=utc_text(moment))
        )


def forget(store: Store, now: datetime) -> None:
    """Delete events that were taken more than `KEPT_DAYS` ago; those that wait stay."""
    before = utc_text(now - timedelta(days=KEPT_DAYS))
    with store.write() as connection:
        connection.execute(delete(events).where(events.c.taken_at < before))
