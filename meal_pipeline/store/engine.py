"""The store's databases: SQLite in one file, or PostgreSQL where organisations share a server.

Here: how a connection is opened and a transaction begins. Not here: tables (`tables/`), how they
came to be (`migration.py`), what is written (the rooms).

SQLite runs in WAL mode, and a writer takes the write lock when it begins (BEGIN IMMEDIATE): a
transaction that reads first and writes later would fail at once when another writer came between
(https://www.sqlite.org/lang_transaction.html, section 2.2).
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, OperationalError

from meal_pipeline.errors import MealError
from meal_pipeline.locale import gettext as _
from meal_pipeline.store.snapshots import SnapshotStore

Dialect = Literal["sqlite", "postgresql"]

_WRITER = "meal_writer"
_NO_ROOM = {
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_IOERR_WRITE,
    sqlite3.SQLITE_IOERR_FSYNC,
    sqlite3.SQLITE_IOERR_TRUNCATE,
    sqlite3.SQLITE_IOERR_SHMSIZE,
}


class StoreUnreachable(MealError):
    """The database cannot be opened."""


class StoreFull(MealError):
    """There is no room left for the database; what was kept before is whole."""


class Store:
    """One database and the folder of snapshots beside it.

    `engine` is SQLAlchemy's; `dialect` is `sqlite` or `postgresql`; `snapshots` keeps row-level
    frames. Use `read()` and `write()`: they begin transactions the right way on both databases.
    """

    def __init__(self, engine: Engine, snapshots: Path) -> None:
        self.engine = engine
        self.dialect: Dialect = "sqlite" if engine.dialect.name == "sqlite" else "postgresql"
        self.snapshots = SnapshotStore(self, snapshots)

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """Give a connection that sees one unchanging state of the store and cannot write."""
        with self._connection() as connection:
            if self.dialect == "postgresql":
                yield connection.execution_options(
                    isolation_level="REPEATABLE READ", postgresql_readonly=True
                )
                return
            connection.exec_driver_sql("PRAGMA query_only = ON")
            try:
                yield connection
            finally:
                connection.exec_driver_sql("PRAGMA query_only = OFF")

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """Give a connection in one transaction: all of it is kept, or on an error none of it."""
        with self._connection() as connection:
            writer = connection.execution_options(**{_WRITER: True})
            with writer.begin():
                yield writer

    @contextmanager
    def _connection(self) -> Iterator[Connection]:
        try:
            connection = self.engine.connect()
        except OperationalError as error:
            if _is_full(error):
                raise self._full() from error
            raise StoreUnreachable(
                _("The database {database} cannot be opened.").format(database=self._named()),
                next_step=_("Check that it is there and running, then try again."),
            ) from error
        with connection:
            try:
                yield connection
            except DBAPIError as error:
                if _is_full(error):
                    raise self._full() from error
                raise

    def _full(self) -> StoreFull:
        return StoreFull(
            _("The disk on which the database {database} lies is full.").format(
                database=self._named()
            ),
            next_step=_("Make room on it, then run again; what was stored before is whole."),
        )

    def _named(self) -> str:
        return self.engine.url.render_as_string(hide_password=True)

    def migrate(self) -> None:
        """Bring the tables to the form that this version of the code knows; keeps all rows.

        Raises StoreIsNewer when a later version of the code has already changed them.
        """
        from meal_pipeline.store.migration import migrate

        migrate(self)

    def close(self) -> None:
        """Close every connection."""
        self.engine.dispose()


def open_store(url_or_path: str | Path, *, snapshots: Path) -> Store:
    """Open the store at a file (SQLite) or a URL (`sqlite:///…`, `postgresql://…`).

    A bare `postgresql://` is served by psycopg 3. The tables are not made here: call
    `Store.migrate`. Raises StoreUnreachable for a URL of another kind, and when the database
    cannot be reached.
    """
    text = str(url_or_path)
    try:
        url = make_url(text if "://" in text else f"sqlite:///{text}")
        if url.drivername == "postgresql":
            url = url.set(drivername="postgresql+psycopg")
        if url.get_backend_name() not in ("sqlite", "postgresql"):
            raise _bad_address()
        engine = create_engine(url)
    except (ArgumentError, NoSuchModuleError) as error:
        raise _bad_address() from error
    except ModuleNotFoundError as error:
        raise StoreUnreachable(
            _("PostgreSQL needs a part of this program that is not installed."),
            next_step='pip install "meal-pipeline[server]"',
        ) from error
    if engine.dialect.name == "sqlite":
        _prepare_sqlite(engine)
    return Store(engine, snapshots)


def _is_full(error: DBAPIError) -> bool:
    """Tell whether a database says that it has no room to write.

    SQLite's codes: https://www.sqlite.org/rescode.html; PostgreSQL's class 53:
    https://www.postgresql.org/docs/current/errcodes-appendix.html.
    """
    code = getattr(error.orig, "sqlite_errorcode", None)
    return code in _NO_ROOM or getattr(error.orig, "sqlstate", None) == "53100"


def _bad_address() -> StoreUnreachable:
    return StoreUnreachable(
        _("The store's address is neither a file nor a PostgreSQL address."),
        next_step=_("Write it as postgresql://user@host/database, or leave it out."),
    )


def _prepare_sqlite(engine: Engine) -> None:
    database = engine.url.database
    if database and database != ":memory:":
        path = Path(database)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)  # SQLite gives its WAL files the same mode

    @event.listens_for(engine, "connect")
    def _settings(connection: sqlite3.Connection, _record: object) -> None:
        connection.isolation_level = None  # the driver must not begin transactions of its own
        for setting in (
            "busy_timeout = 30000",
            "journal_mode = WAL",
            "synchronous = NORMAL",
            "foreign_keys = ON",
        ):
            connection.execute(f"PRAGMA {setting}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        options: Any = connection.get_execution_options()
        connection.exec_driver_sql("BEGIN IMMEDIATE" if options.get(_WRITER) else "BEGIN")
