"""Leases: who may run a project now.

Here: taking, renewing and giving back a name in the table `leases`. Not here: what is done under
it. A lease ends by itself when its holder dies, so that nobody has to clean up after a kill.
"""

import os
import secrets
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path

from sqlalchemy import delete, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError

from meal_pipeline.errors import MealError
from meal_pipeline.locale import gettext as _
from meal_pipeline.store.engine import Store
from meal_pipeline.store.tables.runs import leases
from meal_pipeline.store.times import utc_now, utc_text


class LeaseHeld(MealError):
    """Another run holds the name; `holder` and `since` say who and from when."""

    def __init__(self, name: str, holder: str, since: str) -> None:
        super().__init__(
            _("{name} is being run by {holder} since {since}.").format(
                name=name, holder=holder, since=since
            ),
            next_step=_("Wait until it has finished, then try again."),
        )
        self.holder = holder
        self.since = since


class LeaseLost(MealError):
    """The lease ran out while its holder worked, and another run took it."""


class Lease:
    """A name that is held; renewed in the background until the block ends."""

    def __init__(self, store: Store, name: str, holder: str, seconds: float) -> None:
        self.name = name
        self.holder = holder
        self._store = store
        self._seconds = seconds
        self._ended = threading.Event()
        self._lost = False
        self._thread = threading.Thread(target=self._renew, name=f"lease {name}", daemon=True)

    def check(self) -> None:
        """Raise LeaseLost when another run has taken the name meanwhile."""
        if self._lost:
            raise LeaseLost(
                _("Another run took over {name} while this one worked.").format(name=self.name),
                next_step=_("Start this run again once the other has finished."),
            )

    def _renew(self) -> None:
        while not self._ended.wait(self._seconds / 3):
            # A busy or unreachable database is asked again at the next turn.
            with suppress(DBAPIError, MealError), self._store.write() as connection:
                renewed = connection.execute(
                    update(leases)
                    .where(leases.c.name == self.name, leases.c.holder == self.holder)
                    .values(expires_at=_ahead(self._seconds))
                )
                self._lost = renewed.rowcount == 0
            if self._lost:
                return

    def _start(self) -> None:
        self._thread.start()

    def _end(self) -> None:
        self._ended.set()
        self._thread.join()
        with self._store.write() as connection:
            connection.execute(
                delete(leases).where(leases.c.name == self.name, leases.c.holder == self.holder)
            )


@contextmanager
def lease(
    store: Store,
    name: str,
    *,
    holder: str | None = None,
    seconds: float = 120,
    wait: float = 0,
) -> Iterator[Lease]:
    """Hold `name` (such as `project:incentives`) for the length of the block.

    The lease is good for `seconds` and renewed every third of that. One that has expired, or whose
    holder was a process on this machine that is gone, is taken over. Raises LeaseHeld when the
    name is still held after `wait` seconds.
    """
    holder = holder or f"{_machine()}/{os.getpid()}/{secrets.token_hex(4)}"
    deadline = time.monotonic() + wait
    while (other := _take(store, name, holder, seconds)) is not None:
        if time.monotonic() >= deadline:
            raise LeaseHeld(name, *other)
        time.sleep(min(0.5, wait))
    held = Lease(store, name, holder, seconds)
    held._start()
    try:
        yield held
    finally:
        held._end()


def _take(store: Store, name: str, holder: str, seconds: float) -> tuple[str, str] | None:
    """Take `name`; give nothing when it is ours, else its holder and since when."""
    dialect = postgresql if store.dialect == "postgresql" else sqlite
    row = {
        "name": name,
        "holder": holder,
        "taken_at": _ahead(0),
        "expires_at": _ahead(seconds),
    }
    statement = dialect.insert(leases).values(row)
    with store.write() as connection:
        present = connection.execute(select(leases).where(leases.c.name == name)).one_or_none()
        gone = present.holder if present and _is_gone(present.holder) else ""
        connection.execute(
            statement.on_conflict_do_update(
                index_elements=["name"],
                set_=row,
                where=(leases.c.expires_at < row["taken_at"]) | (leases.c.holder == gone),
            )
        )
        now = connection.execute(select(leases).where(leases.c.name == name)).one()
    return None if now.holder == holder else (now.holder, now.taken_at)


def _ahead(seconds: float) -> str:
    return utc_text(utc_now() + timedelta(seconds=seconds))


def _machine() -> str:
    """Name the machine, and in Linux the process space: containers may share a host name."""
    with suppress(OSError):
        return f"{socket.gethostname()}:{Path('/proc/self/ns/pid').readlink().name[5:-1]}"
    return socket.gethostname()


def _is_gone(holder: str) -> bool:
    """Say whether `holder` was a process of this machine that no longer runs (never on Windows)."""
    machine, separator, rest = holder.rpartition("/")[0].rpartition("/")
    if not separator or machine != _machine() or os.name != "posix" or not rest.isdigit():
        return False
    try:
        os.kill(int(rest), 0)
    except ProcessLookupError:
        return True
    except OSError:
        return False
    return False
