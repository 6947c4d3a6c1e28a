"""Submissions that must not be held: erased at a respondent's wish, or for safety.

Here: which they are, as keyed hashes, and taking every version of one out of the log. Not here:
rewriting snapshots and findings (`meal_pipeline.erase`).

Of an erased submission nothing stays but two HMAC-SHA-256 values, of its `_id` and of its first
instance's id, so that neither a pull nor the same form sent again brings it back. Without the
workspace's key they cannot be guessed from the few ids there are.
"""

import hashlib
import hmac
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, delete, select

from meal_pipeline.store.engine import Store
from meal_pipeline.store.rows import insert_rows
from meal_pipeline.store.sealing import SubkeySource
from meal_pipeline.store.submission_state import of_form
from meal_pipeline.store.tables.collect import (
    submission_heads,
    submission_spans,
    submissions,
    validation_statuses,
)
from meal_pipeline.store.tables.erase import erasures

_ROOT_KEYS = ("meta/rootUuid", "meta/instanceID", "_uuid")


class Erased:
    """The submissions of one form that were erased."""

    def __init__(self, store: Store, server: str, asset_uid: str, key: SubkeySource) -> None:
        self._secret = key.subkey("erasures")
        self._where = f"{server}|{asset_uid}"
        asked = select(erasures.c.id_hash, erasures.c.root_hash).where(
            *of_form(erasures, server, asset_uid)
        )
        with store.read() as connection:
            rows = connection.execute(asked).all()
        self._ids = {row[0] for row in rows}
        self._roots = {row[1] for row in rows if row[1]}

    def among(self, ids: Iterable[int]) -> set[int]:
        """Give those of `ids` that were erased."""
        return {one for one in ids if self.id_hash(one) in self._ids} if self._ids else set()

    def without(self, bodies: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
        """Give the bodies that may be held: neither erased nor sent again."""
        if not self._ids:
            return list(bodies)
        return [one for one in bodies if not self._is_erased(one)]

    def _is_erased(self, body: Mapping[str, Any]) -> bool:
        return self.id_hash(body["_id"]) in self._ids or self.root_hash(body) in self._roots

    def id_hash(self, submission_id: int) -> str:
        """Give the keyed hash (64 hex digits) of a submission's `_id`."""
        return self._keyed(f"id|{submission_id}")

    def root_hash(self, body: Mapping[str, Any]) -> str | None:
        """Give the keyed hash of what stays the same over a submission's edits; None without."""
        named = next((body[name] for name in _ROOT_KEYS if body.get(name)), None)
        if named is None:
            return None
        return self._keyed("root|" + str(named).removeprefix("uuid:"))

    def _keyed(self, text: str) -> str:
        message = f"{self._where}|{text}".encode()
        return hmac.new(self._secret, message, hashlib.sha256).hexdigest()


def erase_versions(connection: Connection, server: str, asset_uid: str, submission_id: int) -> int:
    """Take every version of a submission out of the log, and give how many there were."""
    found = 0
    for table in (submissions, submission_heads, submission_spans, validation_statuses):
        gone = connection.execute(
            delete(table)
            .where(*of_form(table, server, asset_uid), table.c.submission_id == submission_id)
            .returning(table.c.submission_id)
        ).all()
        if table is submissions:
            found = len(gone)
    return found


def note_erasure(connection: Connection, row: Mapping[str, Any]) -> None:
    """Write one row of the table `erasures`."""
    insert_rows(connection, erasures, [row])
