"""The files attached to a form that its questions take choices or values from.

Here: which are wanted, and fetching those that are not held. Not here: what they say (`forms`).

A file that cannot be had blocks the questions that need it and nothing else: the reason is kept in
its place, and the next pull asks again.
"""

import hashlib
import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from meal_pipeline.errors import MealError
from meal_pipeline.forms import parse_content
from meal_pipeline.forms.attached_files import files_needed
from meal_pipeline.kobo import KoboClient, KoboError, TryLater, Unreachable
from meal_pipeline.kobo.records import AttachedFile
from meal_pipeline.locale import gettext as _
from meal_pipeline.store import Store, upsert
from meal_pipeline.store.form_files import form_files
from meal_pipeline.store.submission_log import FormVersion, form_versions
from meal_pipeline.store.tables.collect import form_files as table

_KEYS = ("server", "asset_uid", "name", "content_hash")
_NOT_HAD = "none"


@dataclass(frozen=True)
class Fetched:
    """A file as it came: its bytes, or why there are none."""

    name: str
    content: bytes | None
    problem: str | None = None


def fetch_files(
    store: Store, client: KoboClient, server: str, asset_uid: str, new: Iterable[FormVersion]
) -> list[Fetched]:
    """Fetch the files that the held and the `new` versions need and that are not held as they are.

    Raises KoboError where the server cannot be asked at all.
    """
    contents = [content for _uid, content in form_versions(store, server, asset_uid)]
    needed = _needed([*contents, *(one.content for one in new)], asset_uid)
    if not needed:
        return []
    held: dict[str, set[str]] = {}
    for one in form_files(store, server, asset_uid):
        held.setdefault(one.name, set()).update(
            _digests(one.content) if one.content is not None else ()
        )
    listed = {one.name: one for one in client.attached_files(asset_uid)}
    fetched = []
    for name in sorted(needed):
        file = listed.get(name)
        if file is not None and file.hash.removeprefix("md5:") in held.get(name, ()):
            continue
        fetched.append(_fetch(client, name, file))
    return [one for one in fetched if one.content is not None or one.name not in held]


def write_files(
    connection: Connection, server: str, asset_uid: str, files: Iterable[Fetched], at: str
) -> int:
    """Keep the files, known since `at` (UTC text); give how many came."""
    from zstandard import ZstdCompressor

    compress = ZstdCompressor(level=9).compress
    rows: list[dict[str, Any]] = [
        {
            "server": server,
            "asset_uid": asset_uid,
            "name": one.name,
            "content_hash": _NOT_HAD
            if one.content is None
            else hashlib.sha256(one.content).hexdigest(),
            "content": None if one.content is None else compress(one.content),
            "problem": one.problem,
            "seen_from": at,
        }
        for one in files
    ]
    upsert(connection, table, rows, _KEYS)
    return sum(row["content"] is not None for row in rows)


def _needed(contents: Iterable[Mapping[str, Any]], asset_uid: str) -> set[str]:
    found: set[str] = set()
    for content in contents:
        try:
            found.update(files_needed(parse_content(content, asset_uid=asset_uid, version_uid="")))
        except MealError:
            continue  # what cannot be read is told when it is read
    return found


def _digests(content: bytes) -> tuple[str, ...]:
    return (hashlib.md5(content, usedforsecurity=False).hexdigest(),)


def _fetch(client: KoboClient, name: str, file: AttachedFile | None) -> Fetched:
    if file is None:
        return Fetched(name, None, _("It is not attached to the form on the server."))
    if file.elsewhere:
        return Fetched(name, None, _("It is a link to another address, which is not followed."))
    sink = io.BytesIO()
    try:
        client.download(file.path, sink)
    except (Unreachable, TryLater):
        raise  # the whole pull has to wait, and is tried again
    except KoboError as error:
        return Fetched(name, None, str(error))
    return Fetched(name, sink.getvalue())
