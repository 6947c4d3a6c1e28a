"""The record of what each stage did last."""

from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import select

from meal_pipeline.errors import MealError
from meal_pipeline.store import Store, record_stage
from meal_pipeline.store.tables.runs import stage_runs


def noon(day: int) -> Any:
    return lambda: datetime(2026, 11, day, 12, tzinfo=UTC)


def last(store: Store) -> Any:
    with store.read() as connection:
        return connection.execute(select(stage_runs)).one()


def test_a_stage_is_seen_running_then_done(store: Store) -> None:
    with record_stage(store, "a", "read", "run1", noon(1)):
        assert (last(store).outcome, last(store).finished_at) == ("running", None)
    assert (last(store).outcome, last(store).last_done_at) == ("done", "2026-11-01T12:00:00Z")


def test_unchanged_counts_as_done(store: Store) -> None:
    with record_stage(store, "a", "read", "run1", noon(1)) as record:
        record.unchanged()
    assert (last(store).outcome, last(store).last_done_at) == ("unchanged", "2026-11-01T12:00:00Z")


def test_a_failure_keeps_its_sentence_and_the_last_good_time(store: Store) -> None:
    with record_stage(store, "a", "read", "run1", noon(1)):
        pass
    with pytest.raises(MealError), record_stage(store, "a", "read", "run2", noon(2)):
        raise MealError("The form is gone.", next_step="Ask its owner.")
    row = last(store)
    assert (row.outcome, row.message, row.next_step, row.last_done_at) == (
        "failed",
        "The form is gone.",
        "Ask its owner.",
        "2026-11-01T12:00:00Z",
    )


def test_a_foreign_error_leaves_its_kind_but_not_its_words(store: Store) -> None:
    with pytest.raises(ZeroDivisionError), record_stage(store, "a", "read", "run1", noon(1)):
        raise ZeroDivisionError("0999 123 456")
    assert "ZeroDivisionError" in last(store).message
    assert "0999" not in last(store).message


def test_a_gate_is_recorded_as_blocked(store: Store) -> None:
    with record_stage(store, "a", "validate", "run1", noon(1)) as record:
        record.blocked("Too many rows are quarantined.", "Look at the findings.")
    assert (last(store).outcome, last(store).last_done_at) == ("blocked", None)
