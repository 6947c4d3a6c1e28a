"""Dagster's record of events on SQLite, with one connection a file instead of one a statement.

Here: keeping the connections of one run. Not here: what is recorded.

Dagster makes an engine and a connection for each statement: half of the time that a run costs
beside its stages, measured by `python -m benchmarks runs`. What is written, and when, stays the
same.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import dagster as dg
from dagster._core.storage.event_log import SqliteEventLogStorage
from sqlalchemy import Connection, Engine, create_engine
from sqlalchemy.pool import StaticPool

BUSY_SECONDS = 60


@contextmanager
def kept_connections(instance: dg.DagsterInstance) -> Iterator[None]:
    """Keep the connections to the event log while the block runs, where it is on SQLite."""
    storage = instance.event_log_storage
    if not isinstance(storage, SqliteEventLogStorage):
        yield
        return
    log: Any = storage
    connect_anew = log._connect
    engines: dict[str, Engine] = {}

    @contextmanager
    def connect(shard: str) -> Iterator[Connection]:
        if shard not in engines:
            with connect_anew(shard):  # makes the file and its tables
                pass
        with log._db_lock:
            if shard not in engines:
                engines[shard] = create_engine(
                    log.conn_string_for_shard(shard),
                    poolclass=StaticPool,  # one user at a time: the lock is held
                    connect_args={"timeout": BUSY_SECONDS, "check_same_thread": False},
                )
            with engines[shard].begin() as connection:
                yield connection

    log._connect = connect
    try:
        yield
    finally:
        del log._connect
        for engine in engines.values():
            engine.dispose()
