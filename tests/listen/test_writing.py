"""The writer: what it cannot keep is never acknowledged."""

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import event as happenings
from starlette.applications import Starlette

from meal_pipeline.listen import Event, waiting, writing
from meal_pipeline.listen.door import HEADER
from meal_pipeline.listen.receiver import listen_app
from meal_pipeline.store import Store, open_store

MOMENT = "2026-11-25T12:00:00Z"


@pytest.fixture
def small(tmp_path: Path) -> Store:
    """A store of its own on SQLite."""
    store = open_store(tmp_path / "store.sqlite", snapshots=tmp_path)
    store.migrate()
    store.engine.dispose()
    return store


async def delivered(app: Starlette, rows: int) -> list[int]:
    """Deliver so many events one after the other; give the statuses."""
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://here") as client,
    ):
        return [
            (
                await client.post("/hook/wash/home", headers={HEADER: "s"}, json={"_id": row})
            ).status_code
            for row in range(rows)
        ]


def test_a_full_disk_is_told_by_503(small: Store, caplog: pytest.LogCaptureFixture) -> None:
    def full(connection: Any, _record: object) -> None:
        pages = connection.execute("PRAGMA page_count").fetchone()[0]
        connection.execute(f"PRAGMA max_page_count = {pages}")

    happenings.listen(small.engine, "connect", full)
    app = listen_app(small, lambda: {"wash": "s"})
    told = asyncio.run(delivered(app, 400))
    assert set(told) == {202, 503}
    assert sum(one.events for one in waiting(small)) == told.count(202)
    assert "full" in caplog.text.lower()


def test_a_store_locked_for_too_long_is_told_by_503(
    small: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writing, "LOCK_SECONDS", 1)
    app = listen_app(small, lambda: {"wash": "s"})
    with closing(sqlite3.connect(tmp_path / "store.sqlite", isolation_level=None)) as run:
        run.execute("BEGIN IMMEDIATE")
        assert asyncio.run(delivered(app, 1)) == [503]
        run.execute("COMMIT")
    assert waiting(small) == []


def test_what_arrives_together_is_committed_together(store: Store) -> None:
    async def all_at_once() -> None:
        await asyncio.gather(
            *(writer.keep(Event("wash", "home", row, MOMENT)) for row in range(1000))
        )

    writer = writing.InboxWriter(store)
    writer.start()
    asyncio.run(all_at_once())
    writer.stop()
    assert [one.events for one in waiting(store)] == [1000]


def test_what_waits_when_it_is_stopped_is_still_written(store: Store) -> None:
    async def stopped_at_once() -> None:
        promises = [asyncio.ensure_future(writer.keep(Event("wash", None, 1, MOMENT)))]
        await asyncio.sleep(0)
        await asyncio.to_thread(writer.stop)
        await asyncio.gather(*promises)

    writer = writing.InboxWriter(store)
    writer.start()
    asyncio.run(stopped_at_once())
    assert [one.events for one in waiting(store)] == [1]


def test_more_than_the_queue_holds_is_refused_at_once(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writing, "QUEUE", 0)
    writer = writing.InboxWriter(store)
    with pytest.raises(writing.NotKept):
        asyncio.run(writer.keep(Event("wash", None, 1, MOMENT)))
