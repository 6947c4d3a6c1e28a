"""No room left: one sentence, and what was kept before is whole."""

import pytest
from sqlalchemy import select

from meal_pipeline.store import Store, insert_rows
from meal_pipeline.store.engine import StoreFull
from meal_pipeline.store.tables.collect import form_files

FILE = {"server": "s", "asset_uid": "a", "content_hash": "h", "seen_from": "2026"}


@pytest.mark.parametrize("store", ["sqlite"], indirect=True)
def test_a_write_without_room_is_one_sentence_and_undone(store: Store) -> None:
    with store.write() as connection:
        insert_rows(connection, form_files, [FILE | {"name": "small", "content": b"x"}])
    with store.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA max_page_count = 1")  # no more than there are now
    with pytest.raises(StoreFull, match="is full"), store.write() as connection:
        insert_rows(connection, form_files, [FILE | {"name": "large", "content": b"x" * 10**6}])
    with store.read() as connection:
        assert connection.execute(select(form_files.c.name)).scalars().all() == ["small"]
