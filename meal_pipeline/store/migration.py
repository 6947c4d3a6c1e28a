"""The tables as they were, are and will be, by Alembic.

Here: bringing a store up to date, and drafting the next migration. Not here: the migrations
themselves (`migrations/versions`), which are packaged with the code.
"""

import sys
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, inspect, text

from meal_pipeline.errors import MealError
from meal_pipeline.locale import gettext as _
from meal_pipeline.store.engine import Store

if TYPE_CHECKING:
    from alembic.config import Config

FOLDER = Path(__file__).parent / "migrations"
_LOCK = 0x4D45414C  # any number will do; PostgreSQL lets one process at a time pass it


class StoreIsNewer(MealError):
    """The store was migrated by a later version of the code."""


@cache
def _revisions() -> tuple[str, ...]:
    """Give every revision this code knows, newest first."""
    from alembic.script import ScriptDirectory

    return tuple(script.revision for script in ScriptDirectory(str(FOLDER)).walk_revisions())


def newest() -> str:
    """Give the newest revision this code knows."""
    return _revisions()[0]


def _config(connection: Connection) -> "Config":
    from alembic.config import Config

    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    return config


def migrate(store: Store) -> None:
    """Bring `store` to the newest tables in one transaction; safe from several processes at once.

    Raises StoreIsNewer when the store knows a revision that this code does not.
    """
    with store.read() as connection:
        present = _revision(connection)
    if present == newest():
        return
    with store.write() as connection:
        if store.dialect == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
        present = _revision(connection)
        if present is not None and present not in _revisions():
            raise StoreIsNewer(
                _("This store was last used by a newer version of the program."),
                next_step="pip install --upgrade meal-pipeline",
            )
        from alembic import command

        command.upgrade(_config(connection), "head")


def _revision(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    revision: str | None = connection.execute(
        text("SELECT version_num FROM alembic_version")
    ).scalar()
    return revision


def draft(message: str) -> None:
    """Write the migration from the newest revision to the tables as the code declares them now."""
    from tempfile import TemporaryDirectory

    from alembic import command

    from meal_pipeline.store.engine import open_store

    with TemporaryDirectory() as folder:
        store = open_store(Path(folder) / "draft.sqlite", snapshots=Path(folder))
        if _revisions():
            migrate(store)
        with store.write() as connection:
            number = f"{len(_revisions()) + 1:04d}"
            command.revision(_config(connection), message, autogenerate=True, rev_id=number)
        store.close()


if __name__ == "__main__":
    draft(" ".join(sys.argv[1:]))
