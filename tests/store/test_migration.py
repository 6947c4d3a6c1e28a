"""The tables as migrations make them."""

import threading
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect, text

from meal_pipeline.store import Store, StoreIsNewer, open_store
from meal_pipeline.store.tables import metadata


def test_migrations_make_exactly_the_declared_tables(store: Store) -> None:
    with store.read() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []


def test_migrating_twice_keeps_rows(store: Store) -> None:
    with store.write() as connection:
        connection.execute(text("INSERT INTO facts VALUES ('a', 'b')"))
    store.migrate()
    with store.read() as connection:
        assert connection.execute(text("SELECT value FROM facts")).scalar() == "b"


def test_two_programs_may_migrate_a_new_store_at_once(tmp_path: Path) -> None:
    stores = [open_store(tmp_path / "s.sqlite", snapshots=tmp_path) for _ in range(4)]
    threads = [threading.Thread(target=one.migrate) for one in stores]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert "facts" in inspect(stores[0].engine).get_table_names()
    for one in stores:
        one.close()


def test_a_store_of_a_later_version_is_refused_with_the_way_out(store: Store) -> None:
    with store.write() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = 'from the future'"))
    with pytest.raises(StoreIsNewer) as refusal:
        store.migrate()
    assert "upgrade" in str(refusal.value.next_step)
