"""Rows into tables, in bulk, on both databases.

Here: insert, replace and upsert of many rows inside the caller's transaction. Not here: what the
rows say (the rooms).
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from math import isnan
from typing import Any

import numpy as np
import pandas as pd
from sqlalchemy import JSON, Connection, Table, and_, delete
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError

CHUNK = 10_000
_ALIKE = frozenset({int, bytes, bool})

Row = Mapping[str, Any]


def insert_rows(connection: Connection, table: Table, rows: Sequence[Row]) -> None:
    """Insert `rows`, each with the same keys; missing values (None, NaN, NA) become NULL.

    PostgreSQL takes them by COPY, SQLite by its driver's executemany. Raises KeyError where a row
    lacks a key of the first one, and ValueError where a key is no column of `table`.
    """
    if not rows:
        return
    names = _names(table, rows)
    if connection.dialect.name == "postgresql":
        _copy(connection, table, names, rows)
        return
    if any(isinstance(table.c[name].type, JSON) for name in names):
        for chunk in _chunks(rows, names):
            connection.execute(table.insert(), chunk)
        return
    # In the driver's own words: SQLAlchemy's way with each row takes as long again.
    quote = connection.dialect.identifier_preparer.quote
    places = ", ".join("?" * len(names))
    statement = (
        f"INSERT INTO {quote(table.name)} ({', '.join(map(quote, names))}) VALUES ({places})"  # noqa: S608
    )
    waiting = iter(rows)
    while plain := [tuple(_plain(row[name]) for name in names) for row in islice(waiting, CHUNK)]:
        connection.exec_driver_sql(statement, plain)


def replace_rows(
    connection: Connection, table: Table, rows: Sequence[Row], where: Mapping[str, Any]
) -> None:
    """Delete the rows whose columns equal `where`, then insert `rows`.

    Inside one transaction a reader sees the old rows or the new ones, never a mixture. Raises
    ValueError for an empty `where`, which would empty the table.
    """
    if not where:
        raise ValueError("replace_rows needs to know which rows it replaces")
    connection.execute(
        delete(table).where(and_(*(table.c[name] == value for name, value in where.items())))
    )
    insert_rows(connection, table, rows)


def upsert(connection: Connection, table: Table, rows: Sequence[Row], keys: Sequence[str]) -> None:
    """Insert `rows`, or overwrite the row that has the same `keys` (a key of the table)."""
    if not rows:
        return
    names = _names(table, rows)
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    statement = dialect.insert(table)
    values = {name: statement.excluded[name] for name in names if name not in keys}
    finished = (
        statement.on_conflict_do_update(index_elements=keys, set_=values)
        if values
        else statement.on_conflict_do_nothing(index_elements=keys)
    )
    for chunk in _chunks(rows, names):
        connection.execute(finished, chunk)


def _names(table: Table, rows: Sequence[Row]) -> list[str]:
    names = list(rows[0])
    unknown = [name for name in names if name not in table.c]
    if unknown:
        raise ValueError(f"{table.name} has no column {', '.join(unknown)}")
    return names


def _chunks(rows: Sequence[Row], names: list[str]) -> Iterator[list[dict[str, Any]]]:
    waiting = iter(rows)
    while chunk := list(islice(waiting, CHUNK)):
        yield [{name: _plain(row[name]) for name in names} for row in chunk]


def _copy(connection: Connection, table: Table, names: list[str], rows: Sequence[Row]) -> None:
    from psycopg import Connection as Psycopg
    from psycopg import Error as PsycopgError
    from psycopg import sql

    driver = connection.connection.driver_connection
    if not isinstance(driver, Psycopg):
        raise TypeError("the store's PostgreSQL connection must be psycopg 3")
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(
        sql.Identifier(table.name), sql.SQL(", ").join(map(sql.Identifier, names))
    )
    try:
        with driver.cursor() as cursor, cursor.copy(statement) as copy:
            for row in rows:
                copy.write_row([_plain(row[name]) for name in names])
    except PsycopgError as error:  # as SQLAlchemy would raise it, and without the row's values
        raise DBAPIError.instance(f"COPY {table.name}", None, error, PsycopgError) from error


def _plain(value: Any) -> Any:
    """Give a value both drivers store alike; PostgreSQL's text cannot hold the NUL character."""
    if value is None or type(value) in _ALIKE:
        return value
    if isinstance(value, str):
        return value.replace("\x00", "\ufffd") if "\x00" in value else value
    if isinstance(value, np.generic):
        value = value.item()
    if value is pd.NA or value is pd.NaT or (isinstance(value, float) and isnan(value)):
        return None
    return value
