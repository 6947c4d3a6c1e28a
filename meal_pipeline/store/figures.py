"""The short names of figures, and figures' rows written so that nothing unchanged is touched.

Here: `F-7K2M9QXA` from a figure's natural key, and the replacement of a project's rows only where
they differ. Not here: the figures themselves (measure, compare) and what may be shown of them.
"""

import hashlib
from base64 import b32encode
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Table, and_, not_, select

from meal_pipeline.store.rows import Row, replace_rows
from meal_pipeline.store.tables.compare import effects
from meal_pipeline.store.tables.measure import changes, estimates

NATURAL_KEY = (
    "project",
    "kind",
    "indicator",
    "definition_hash",
    "round",
    "baseline_round",
    "place",
    "disaggregation",
    "category",
    "arm",
    "statistic",
    "design",
    "variant",
)
"""What names a figure; `kind` is the table that holds it, the others are its columns."""

KINDS = {"estimate": estimates, "change": changes, "effect": effects}

SHORT = 8
_BATCH = 500

_CROCKFORD = bytes.maketrans(
    b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", b"0123456789ABCDEFGHJKMNPQRSTVWXYZ"
)
"""Base 32 without I, L, O and U, which people misread (crockford.com/base32.html)."""


def figure_id(key: tuple[str, ...], length: int = SHORT) -> str:
    """Give the short name of the figure with this natural key: `F-` and `length` digits.

    The digits are the first of the SHA-256 of the key's parts joined by the unit separator; a
    longer name of the same figure begins with the shorter one.
    """
    digest = hashlib.sha256("\x1f".join(key).encode()).digest()
    return "F-" + b32encode(digest).translate(_CROCKFORD).decode()[:length]


def replace_figures(
    connection: Connection, kind: str, rows: Sequence[Row], project: str, variant: str
) -> bool:
    """Name the figures in `rows` and let them be the project's figures of this kind and variant.

    kind: one of `KINDS`. rows: the columns of its table without `figure_id`. Where two figures
    would share a short name, the later one is named by more digits. Gives whether anything
    differed; when nothing did, nothing is written.
    """
    table = KINDS[kind]
    keys = [_key(row, kind) for row in rows]
    names = [figure_id(key, SHORT) for key in keys]
    while clashing := _clashing(names, _held(connection, names, kind, project, variant)):
        for place in clashing:
            names[place] = figure_id(keys[place], len(names[place]) - 1)  # "F-" is two of them
    named = [{**row, "figure_id": name} for row, name in zip(rows, names, strict=True)]
    mine = {"project": project, "variant": variant}
    return replace_where_different(connection, table, named, mine)


def replace_where_different(
    connection: Connection, table: Table, rows: Sequence[Row], where: Mapping[str, Any]
) -> bool:
    """Let `rows` be the rows of `table` whose columns equal `where`; give whether they were not.

    Nothing is written when the table holds exactly these rows already. Each row has all columns.
    """
    names = [column.name for column in table.c]
    condition = and_(*(table.c[name] == value for name, value in where.items()))
    there = connection.execute(select(*(table.c[name] for name in names)).where(condition))
    if {tuple(row) for row in there} == {tuple(row[name] for name in names) for row in rows}:
        return False
    replace_rows(connection, table, rows, where)
    return True


def _key(row: Row, kind: str) -> tuple[str, ...]:
    return tuple(kind if name == "kind" else str(row[name]) for name in NATURAL_KEY)


def _clashing(names: Sequence[str], held: set[str]) -> list[int]:
    """Give the places of names that are held, or stand earlier in the list."""
    places = []
    for place, name in enumerate(names):
        if name in held:
            places.append(place)
        held.add(name)
    return places


def _held(
    connection: Connection, names: Sequence[str], kind: str, project: str, variant: str
) -> set[str]:
    """Give those of `names` that figures other than the ones being replaced bear."""
    held: set[str] = set()
    for start in range(0, len(names), _BATCH):
        for other, table in KINDS.items():
            batch = names[start : start + _BATCH]
            query = select(table.c.figure_id).where(table.c.figure_id.in_(batch))
            if other == kind:
                own = and_(table.c.project == project, table.c.variant == variant)
                query = query.where(not_(own))
            held.update(connection.execute(query).scalars())
    return held
