"""Events from their arrival to the run that is asked for because of them."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select

from meal_pipeline.listen import Event, Waiting, claim, forget, is_due, keep, take, waiting
from meal_pipeline.store import Store
from meal_pipeline.store.tables.events import events
from meal_pipeline.store.times import utc_text

NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)
WAIT = {"quiet": timedelta(seconds=30), "at_most": timedelta(minutes=5)}


def event(project: str = "wash", second: int = 0, row: int | None = 1) -> Event:
    return Event(project, "home", row, utc_text(NOON + timedelta(seconds=second)))


def since(first: float, last: float) -> Waiting:
    return Waiting("wash", None, 2, NOON - timedelta(seconds=first), NOON - timedelta(seconds=last))


@pytest.mark.parametrize(
    ("first", "last", "due"),
    [(29, 29, False), (30, 30, True), (200, 29, False), (300, 1, True), (40, 30, True)],
)
def test_a_run_is_due_after_thirty_quiet_seconds_or_five_minutes(
    first: int, last: int, due: bool
) -> None:
    assert is_due(since(first, last), NOON, **WAIT) is due


def test_a_clock_that_is_hours_ahead_does_not_hold_a_run_back() -> None:
    assert is_due(since(-7200, -7200), NOON, **WAIT)


def test_events_wait_by_project_whatever_their_order(store: Store) -> None:
    keep(store, [event(second=9), event(second=3), event("food", 5), event(second=3)])
    assert [
        (one.project, one.events, one.first.second, one.last.second) for one in waiting(store)
    ] == [
        ("wash", 3, 3, 9),
        ("food", 1, 5, 5),
    ]


def test_claimed_events_wait_until_their_run_is_there(store: Store) -> None:
    keep(store, [event(), event(second=1)])
    key = claim(store, "wash")
    assert key is not None
    assert [(one.run_key, one.events) for one in waiting(store)] == [(key, 2)]
    take(store, key, NOON)
    assert waiting(store) == []


def test_an_event_after_the_claim_is_for_another_run(store: Store) -> None:
    keep(store, [event()])
    first = claim(store, "wash")
    keep(store, [event()])
    second = claim(store, "wash")
    assert None not in (first, second)
    assert first != second
    take(store, str(first), NOON)
    assert [one.run_key for one in waiting(store)] == [second]


def test_nothing_is_claimed_where_nothing_waits(store: Store) -> None:
    keep(store, [event("food")])
    assert claim(store, "wash") is None


def test_only_what_was_taken_is_forgotten(store: Store) -> None:
    keep(store, [event()])
    take(store, str(claim(store, "wash")), NOON)
    keep(store, [event("food")])
    forget(store, NOON + timedelta(days=31))
    keep(store, [event("late")])
    assert {one.project for one in waiting(store)} == {"food", "late"}
    with store.read() as connection:
        assert connection.execute(select(func.count()).select_from(events)).scalar() == 2
