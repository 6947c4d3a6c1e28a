"""Whether a submission still says what it said: the hash of its body as it holds now.

Here: looking hashes up, and the uuids by which sheets and logs name a submission. Not here: what a
hash is made of (`body_hash`).
"""

from collections.abc import Collection, Iterator

from sqlalchemy import Connection, select

from meal_pipeline.store.submission_state import of_form
from meal_pipeline.store.tables.collect import submission_heads, submissions

_AT_ONCE = 500


def row_hashes(
    connection: Connection, server: str, asset_uid: str, ids: Collection[int]
) -> dict[int, str]:
    """Give the hash of each of these submissions that is held and not gone from its server."""
    heads = submission_heads.c
    found: dict[int, str] = {}
    for some in _portions(sorted(set(ids))):
        asked = select(heads.submission_id, heads.body_hash).where(
            *of_form(submission_heads, server, asset_uid),
            heads.submission_id.in_(some),
            heads.deleted_at.is_(None),
        )
        found.update((row[0], row[1]) for row in connection.execute(asked))
    return found


def ids_of_uuids(
    connection: Connection, server: str, asset_uid: str, uuids: Collection[str]
) -> dict[str, set[int]]:
    """Give the `_id` of the submissions that ever had these uuids; old data may use one twice."""
    log = submissions.c
    found: dict[str, set[int]] = {}
    for some in _portions(sorted(set(uuids))):
        asked = select(log.uuid, log.submission_id).where(
            *of_form(submissions, server, asset_uid), log.uuid.in_(some)
        )
        for uuid, submission_id in connection.execute(asked):
            found.setdefault(uuid, set()).add(submission_id)
    return found


def uuids_of_ids(
    connection: Connection, server: str, asset_uid: str, ids: Collection[int]
) -> dict[int, str]:
    """Give the uuid that each of these submissions has now."""
    heads = submission_heads.c
    found: dict[int, str] = {}
    for some in _portions(sorted(set(ids))):
        asked = select(heads.submission_id, heads.uuid).where(
            *of_form(submission_heads, server, asset_uid), heads.submission_id.in_(some)
        )
        found.update((row[0], row[1]) for row in connection.execute(asked))
    return found


def _portions(values: list[int] | list[str]) -> "Iterator[list[int] | list[str]]":
    for first in range(0, len(values), _AT_ONCE):
        yield values[first : first + _AT_ONCE]
