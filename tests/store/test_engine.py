"""Opening the store and its transactions."""

import os
import threading
from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import DBAPIError

from meal_pipeline.store import Store, StoreUnreachable, insert_rows, open_store
from meal_pipeline.store.tables.runs import facts


def test_a_transaction_that_fails_leaves_nothing(store: Store) -> None:
    with pytest.raises(RuntimeError), store.write() as connection:
        insert_rows(connection, facts, [{"name": "a", "value": "1"}])
        raise RuntimeError
    with store.read() as connection:
        assert connection.execute(select(func.count()).select_from(facts)).scalar() == 0


def test_nothing_is_written_through_a_reading_connection(store: Store) -> None:
    with store.read() as connection, pytest.raises(DBAPIError):
        insert_rows(connection, facts, [{"name": "a", "value": "1"}])
    with store.write() as connection:
        insert_rows(connection, facts, [{"name": "a", "value": "1"}])


def test_a_reader_sees_one_state_while_a_writer_commits(store: Store) -> None:
    count = select(func.count()).select_from(facts)
    with store.read() as reader:
        assert reader.execute(count).scalar() == 0
        with store.write() as writer:
            insert_rows(writer, facts, [{"name": "a", "value": "1"}])
        assert reader.execute(count).scalar() == 0
    with store.read() as reader:
        assert reader.execute(count).scalar() == 1


def test_writers_that_read_first_wait_for_each_other(tmp_path: Path) -> None:
    store = open_store(tmp_path / "s.sqlite", snapshots=tmp_path)
    store.migrate()

    def add() -> None:
        for _ in range(20):
            with store.write() as connection:
                n = connection.execute(select(func.count()).select_from(facts)).scalar_one()
                insert_rows(connection, facts, [{"name": str(n), "value": ""}])

    threads = [threading.Thread(target=add) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with store.read() as connection:
        assert connection.execute(select(func.count()).select_from(facts)).scalar() == 80
    store.close()


@pytest.mark.skipif(os.name == "nt", reason="file modes are a matter of POSIX")
def test_only_its_owner_may_read_the_database_file(tmp_path: Path) -> None:
    store = open_store(tmp_path / "s.sqlite", snapshots=tmp_path)
    store.migrate()
    modes = {path.name: path.stat().st_mode & 0o777 for path in tmp_path.glob("s.sqlite*")}
    store.close()
    assert set(modes.values()) == {0o600}


@pytest.mark.parametrize("address", ["mysql://here/store", "ftp://here/store"])
def test_an_address_of_another_kind_is_refused_in_a_sentence(address: str, tmp_path: Path) -> None:
    with pytest.raises(StoreUnreachable, match="neither a file nor a PostgreSQL"):
        open_store(address, snapshots=tmp_path)


def test_an_unreachable_database_is_named_without_its_password(tmp_path: Path) -> None:
    store = open_store("postgresql://me:secret@127.0.0.1:1/store", snapshots=tmp_path)
    with pytest.raises(StoreUnreachable) as refusal, store.read():
        pass
    assert "127.0.0.1" in str(refusal.value)
    assert "secret" not in str(refusal.value)
