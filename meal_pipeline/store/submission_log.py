"""The log of submissions: each version of each submission once.

Here: appending received bodies and forms, and reading them back in bulk. Not here: which version
holds (`submission_state`), asking the server (collect) or typing the answers (read).

Bodies are logged as they arrive, so that an interrupted pull goes on where it stopped; they hold
only once the pull is proven complete and published, all at once.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import orjson
from sqlalchemy import Connection, Select, and_, func, select

from meal_pipeline.store.body_hash import body_hash
from meal_pipeline.store.engine import Store
from meal_pipeline.store.rows import insert_rows
from meal_pipeline.store.sealing import Seal, SubkeySource
from meal_pipeline.store.submission_state import holding
from meal_pipeline.store.tables.collect import form_versions as versions_table
from meal_pipeline.store.tables.collect import submission_heads, submissions

_IDS_A_QUERY = 1_000
_STREAM = {"yield_per": 1_000}


@dataclass(frozen=True)
class FormVersion:
    """A deployed version of a form as received; `deployed_at` as the server wrote it."""

    uid: str
    content_hash: str
    content: Mapping[str, Any]
    deployed_at: str | None


def append_versions(
    connection: Connection, server: str, asset_uid: str, versions: Sequence[FormVersion]
) -> None:
    """Add versions that are not there yet, in the order of their deployment."""
    from zstandard import ZstdCompressor

    if not versions:
        return
    here = and_(versions_table.c.server == server, versions_table.c.asset_uid == asset_uid)
    last = connection.execute(select(func.max(versions_table.c.position)).where(here)).scalar() or 0
    # Another pull may have added some since it was asked which are missing.
    held = set(connection.execute(select(versions_table.c.version_uid).where(here)).scalars())
    versions = [version for version in versions if version.uid not in held]
    compress = ZstdCompressor(level=9).compress
    rows = [
        {
            "server": server,
            "asset_uid": asset_uid,
            "version_uid": version.uid,
            "content_hash": version.content_hash,
            "content": compress(orjson.dumps(version.content)),
            "deployed_at": version.deployed_at,
            "position": last + 1 + index,
        }
        for index, version in enumerate(sorted(versions, key=lambda one: one.deployed_at or ""))
    ]
    insert_rows(connection, versions_table, rows)


def version_uids(store: Store, server: str, asset_uid: str) -> set[str]:
    """Give the uids of the versions that are held."""
    with store.read() as connection:
        return set(
            connection.execute(
                select(versions_table.c.version_uid).where(
                    versions_table.c.server == server, versions_table.c.asset_uid == asset_uid
                )
            ).scalars()
        )


def form_versions(store: Store, server: str, asset_uid: str) -> list[tuple[str, dict[str, Any]]]:
    """Give every held version of a form, oldest first: its uid and its content as received."""
    from zstandard import ZstdDecompressor

    decompress = ZstdDecompressor().decompress
    with store.read() as connection:
        rows = connection.execute(
            select(versions_table.c.version_uid, versions_table.c.content)
            .where(versions_table.c.server == server, versions_table.c.asset_uid == asset_uid)
            .order_by(versions_table.c.position)
        ).all()
    return [(uid, orjson.loads(decompress(content))) for uid, content in rows]


def append_submissions(
    connection: Connection,
    server: str,
    asset_uid: str,
    bodies: Sequence[Mapping[str, Any]],
    *,
    key: SubkeySource,
    pull_id: str,
    received_at: str,
) -> int:
    """Add each body that differs from the last one logged, and give how many were added.

    `bodies` are submissions as received, each `_id` at most once. They hold only once
    `submission_state.publish_submissions` says so: until then readers see what held before.
    """
    seal = Seal(key, server, asset_uid)
    logged = _last_logged(connection, server, asset_uid, [body["_id"] for body in bodies])
    rows: list[dict[str, Any]] = []
    for body in bodies:
        submission_id, hashed = body["_id"], body_hash(body)
        sequence, last_hash = logged.get(submission_id, (0, ""))
        if hashed == last_hash:
            continue
        rows.append(
            {
                "server": server,
                "asset_uid": asset_uid,
                "submission_id": submission_id,
                "sequence": sequence + 1,
                "body_hash": hashed,
                "uuid": body.get("_uuid") or "",
                "version_uid": body.get("__version__"),
                "submitted_at": body.get("_submission_time"),
                "received_at": received_at,
                "pull_id": pull_id,
                "body": seal.close(submission_id, body),
            }
        )
    insert_rows(connection, submissions, rows)
    return len(rows)


def head_index(
    store: Store, server: str, asset_uid: str, *, as_of: str | None = None
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.object_]]:
    """Give the ids of all submissions in ascending order, and the hash of each one's body.

    as_of: a moment (UTC text) as of which to tell; None for now.
    """
    log, held = submissions.c, holding(as_of)
    query = (
        select(log.submission_id, log.body_hash)
        .join(held.table, held.same_version)
        .where(log.server == server, log.asset_uid == asset_uid, held.holds)
        .order_by(log.submission_id)
    )
    if as_of is None:  # the heads hold the hashes themselves
        heads = submission_heads.c
        query = (
            select(heads.submission_id, heads.body_hash)
            .where(heads.server == server, heads.asset_uid == asset_uid, held.holds)
            .order_by(heads.submission_id)
        )
    with store.read() as connection:
        rows = connection.execute(query).all()
    return (
        np.array([row[0] for row in rows], dtype=np.int64),
        np.array([row[1] for row in rows], dtype=np.object_),
    )


def bodies(
    store: Store,
    server: str,
    asset_uid: str,
    ids: range | Iterable[int] | None,
    key: SubkeySource,
    *,
    as_of: str | None = None,
) -> Iterator[dict[str, Any]]:
    """Give the body that holds of each submission, now or `as_of` a moment, in ascending `_id`.

    `ids` is a range (its start included, its stop not), any ids, or None for all; ids that are
    not held are left out. A body's validation status is the one it was received with: what holds
    is in `submission_state`. Raises BodyUnreadable with another key than the one it was written
    with.
    """
    seal = Seal(key, server, asset_uid)
    log, held = submissions.c, holding(as_of)
    query = (
        select(log.submission_id, log.body)
        .join(held.table, held.same_version)
        .where(log.server == server, log.asset_uid == asset_uid, held.holds)
        .order_by(log.submission_id)
    )
    with store.read() as connection:
        for part in _narrowed(query, ids):
            with closing(connection.execute(part, execution_options=_STREAM)) as result:
                for submission_id, body in result:
                    yield seal.open(submission_id, body)


def _narrowed(query: Select[Any], ids: range | Iterable[int] | None) -> Iterator[Select[Any]]:
    column = submissions.c.submission_id
    if ids is None:
        yield query
    elif isinstance(ids, range) and ids.step == 1:
        yield query.where(column >= ids.start, column < ids.stop)
    else:
        wanted = sorted({int(one) for one in ids})
        for start in range(0, len(wanted), _IDS_A_QUERY):
            yield query.where(column.in_(wanted[start : start + _IDS_A_QUERY]))


def _last_logged(
    connection: Connection, server: str, asset_uid: str, ids: Sequence[int]
) -> dict[int, tuple[int, str]]:
    log = submissions.c
    found: dict[int, tuple[int, str]] = {}
    for start in range(0, len(ids), _IDS_A_QUERY):
        rows = connection.execute(
            select(log.submission_id, log.sequence, log.body_hash)
            .where(
                log.server == server,
                log.asset_uid == asset_uid,
                log.submission_id.in_(ids[start : start + _IDS_A_QUERY]),
            )
            .order_by(log.submission_id, log.sequence)
        )
        found.update((row.submission_id, (row.sequence, row.body_hash)) for row in rows)
    return found
