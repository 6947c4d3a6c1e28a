"""The files attached to forms, as they were collected.

Here: reading them back. Not here: fetching them (collect) and what they say (`forms`).
"""

from dataclasses import dataclass

from sqlalchemy import select

from meal_pipeline.store.engine import Store
from meal_pipeline.store.tables.collect import form_files as table


@dataclass(frozen=True)
class FormFile:
    """One version of a file; `content` is None where it could not be had, `problem` says why."""

    name: str
    content_hash: str
    content: bytes | None
    problem: str | None


def form_files(store: Store, server: str, asset_uid: str) -> list[FormFile]:
    """Give every version of every file attached to a form, by name, oldest first."""
    from zstandard import ZstdDecompressor

    columns = table.c
    with store.read() as connection:
        rows = connection.execute(
            select(columns.name, columns.content_hash, columns.content, columns.problem)
            .where(columns.server == server, columns.asset_uid == asset_uid)
            .order_by(columns.name, columns.seen_from, columns.content_hash)
        ).all()
    decompress = ZstdDecompressor().decompress
    return [
        FormFile(
            row.name,
            row.content_hash,
            None if row.content is None else decompress(row.content),
            row.problem,
        )
        for row in rows
    ]
