"""What could not be computed, in every language, while the rest goes on."""

import pytest

from meal_pipeline.errors import MealError
from meal_pipeline.locale import current_language, in_language
from meal_pipeline.rows.failures import Blocked, attempt, blocked_elsewhere, record_blocked
from meal_pipeline.store import SnapshotDamaged, Store


def fail() -> int:
    raise MealError(f"Said in {current_language()}.", next_step=f"Do it in {current_language()}.")


def test_an_error_becomes_a_sentence_with_the_fix_in_each_language() -> None:
    found = attempt("indicator", "i", fail)
    assert isinstance(found, Blocked)
    assert found.sentence == "Said in en. Do it in en."
    with in_language("ar"):
        assert found.sentence == "Said in ar. Do it in ar."


def test_what_works_is_given_as_it_is() -> None:
    assert attempt("indicator", "i", lambda: 5) == 5


def test_a_damaged_snapshot_stops_everything() -> None:
    def damaged() -> int:
        raise SnapshotDamaged("gone")

    with pytest.raises(SnapshotDamaged):
        attempt("indicator", "i", damaged)


def test_each_stage_replaces_only_what_it_said_itself(store: Store) -> None:
    why = (("en", "No."), ("ar", "لا."))
    with store.write() as connection:
        record_blocked(connection, "p", "validate", [Blocked("indicator", "i", why)])
        record_blocked(connection, "p", "measure", [Blocked("indicator", "j", why)])
        assert record_blocked(connection, "p", "measure", [])
        assert not record_blocked(connection, "p", "measure", [])
        left = blocked_elsewhere(connection, "p", ["validate", "measure"], "indicator")
    assert left == {"i": Blocked("indicator", "i", why)}
