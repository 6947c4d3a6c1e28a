"""One writer between many deliveries and the store: what arrives together is committed together.

Here: the thread that writes, and its promise that an event is durable before it is acknowledged.
Not here: the table (`inbox`), HTTP (`receiver`).
"""

import asyncio
import logging
import queue
import threading
from concurrent.futures import Future
from typing import Any

from sqlalchemy import event as happenings

from meal_pipeline.listen.inbox import Event, keep
from meal_pipeline.store import Store

BATCH = 500
QUEUE = 5_000
"""How many events may wait for the writer; more than that are refused at once."""
LOCK_SECONDS = 10
"""How long the writer waits while a run writes (SQLite)."""
ANSWER_SECONDS = 20.0
"""How long a delivery waits; KoboToolbox gives up after 30."""

log = logging.getLogger(__name__)


class NotKept(Exception):
    """The store could not take an event; the sender is to try again."""


class InboxWriter:
    """Writes events to `store`, which it makes commit to the disk itself. Start it, then stop it.

    Connections opened before it was made keep their settings, so give it a store of its own.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._queue: queue.Queue[tuple[Event, Future[None]] | None] = queue.Queue()
        self._thread = threading.Thread(target=self._work, name="inbox", daemon=True)
        if store.dialect == "sqlite":
            happenings.listen(store.engine, "connect", _durable)

    def start(self) -> None:
        """Begin to write."""
        self._thread.start()

    def stop(self) -> None:
        """Write what waits, then end."""
        self._queue.put(None)
        self._thread.join()

    async def keep(self, event: Event) -> None:
        """Return once the event is committed. Raises NotKept when it cannot be, or not in time.

        An event that came too late may still be kept: it then says “look” twice.
        """
        if self._queue.qsize() >= QUEUE:
            raise NotKept("too many wait")
        promise: Future[None] = Future()
        self._queue.put((event, promise))
        try:
            await asyncio.wait_for(asyncio.wrap_future(promise), ANSWER_SECONDS)
        except TimeoutError:
            raise NotKept("it took too long") from None

    def _work(self) -> None:
        going = True
        while going:
            first = self._queue.get()
            batch = [first]
            while len(batch) < BATCH and not self._queue.empty():
                batch.append(self._queue.get_nowait())
            going = None not in batch
            wanted = [one for one in batch if one and one[1].set_running_or_notify_cancel()]
            if wanted:
                self._write(wanted)

    def _write(self, batch: list[tuple[Event, Future[None]]]) -> None:
        error: Exception | None = None
        try:
            keep(self._store, [event for event, _promise in batch])
        except Exception as found:
            # Whatever it is, the writer lives on and those who wait are told to come again.
            log.warning("%s events could not be kept (%s)", len(batch), _kind(found))
            error = NotKept(_kind(found))
        for _event, promise in batch:
            if error:
                promise.set_exception(error)
            else:
                promise.set_result(None)


def _kind(error: Exception) -> str:
    """Give what a database said, which holds no value, or the kind of error."""
    return str(getattr(error, "orig", None) or type(error).__name__)


def _durable(connection: Any, _record: object) -> None:
    """Let a commit wait for the disk, so that not even a power cut loses what was acknowledged."""
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute(f"PRAGMA busy_timeout = {LOCK_SECONDS * 1000}")
