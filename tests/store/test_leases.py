"""Leases: one run of a project at a time."""

import os
import subprocess
import sys
import time

import pytest
from sqlalchemy import select, update

from meal_pipeline.store import LeaseHeld, LeaseLost, Store, lease
from meal_pipeline.store.leases import _machine
from meal_pipeline.store.tables.runs import leases


def test_a_second_run_is_told_who_holds_the_project_and_since_when(store: Store) -> None:
    with (
        lease(store, "project:a", holder="the office computer"),
        pytest.raises(LeaseHeld) as refusal,
        lease(store, "project:a"),
    ):
        pass
    assert refusal.value.holder == "the office computer"
    assert refusal.value.since in str(refusal.value)


def test_projects_do_not_hold_each_other(store: Store) -> None:
    with lease(store, "project:a"), lease(store, "project:b"):
        pass


def test_a_lease_is_given_back_after_an_error(store: Store) -> None:
    with pytest.raises(RuntimeError), lease(store, "project:a"):
        raise RuntimeError
    with lease(store, "project:a"):
        pass


def test_a_long_run_keeps_its_lease(store: Store) -> None:
    with lease(store, "project:a", holder="me", seconds=2):
        time.sleep(4)
        with pytest.raises(LeaseHeld), lease(store, "project:a"):
            pass


def test_an_expired_lease_is_taken_over_and_its_holder_hears_of_it(store: Store) -> None:
    with lease(store, "project:a", holder="elsewhere", seconds=1) as first:
        with store.write() as connection:
            connection.execute(update(leases).values(expires_at="2020-01-01T00:00:00Z"))
        with lease(store, "project:a", holder="me"):
            time.sleep(0.6)
            with pytest.raises(LeaseLost, match="took over"):
                first.check()
    with store.read() as connection:
        assert connection.execute(select(leases)).all() == []


@pytest.mark.skipif(os.name != "posix", reason="Windows cannot ask whether a process lives")
def test_after_a_kill_the_next_run_need_not_wait(store: Store) -> None:
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    taken = lease(store, "project:a", holder=f"{_machine()}/{dead.pid}/0a0a", seconds=3600)
    taken.__enter__()
    with lease(store, "project:a", holder="me") as mine:
        assert mine.holder == "me"
    taken.__exit__(None, None, None)


def test_waiting_ends_when_the_other_run_ends(store: Store) -> None:
    first = lease(store, "project:a", holder="other", seconds=30)
    first.__enter__()
    with pytest.raises(LeaseHeld), lease(store, "project:a", wait=0.2):
        pass
    first.__exit__(None, None, None)
    with lease(store, "project:a", wait=0.2):
        pass
