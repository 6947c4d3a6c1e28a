"""One form, pulled completely or not at all.

Here: the order of questions to the server, and the proof. Not here: the project around it
(`collect_project.py`).

New rows come by `_id`; a scan over the `_id` and `_uuid` of all rows then finds the edited (an
edit gives a new `_uuid`) and those that became visible late (`_id` is given before a submission is
stored, so a later one may be seen first). Pages are logged as they arrive; they hold once every
row that the server counts is here.
"""

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, replace
from typing import Any

import orjson
from sqlalchemy import func, select

from meal_pipeline.collect.pull_failed import encrypted
from meal_pipeline.kobo import Asset, Incomplete, KoboClient, NotDeployed, Page
from meal_pipeline.kobo.fields import ID, UUID
from meal_pipeline.kobo.fields import VERSION as VERSION_KEY
from meal_pipeline.store import Clock, Store, insert_rows, upsert
from meal_pipeline.store.sealing import SubkeySource
from meal_pipeline.store.submission_log import (
    FormVersion,
    append_submissions,
    append_versions,
    logged_uuids,
    publish_submissions,
    version_uids,
)
from meal_pipeline.store.tables.collect import forms, pulls, submission_heads
from meal_pipeline.store.times import utc_text

RowsRead = Callable[[int, int], None]
"""Called after each page with the rows read so far and those expected."""


@dataclass(frozen=True)
class Pulled:
    """What a pull brought: rows the server counts, and rows held, new and edited here."""

    rows_on_server: int
    rows_held: int
    rows_new: int
    rows_edited: int
    versions_new: int


@dataclass(frozen=True)
class Opening:
    """Which form is pulled for which project, and since when (UTC text)."""

    pull_id: str
    project: str
    form: str
    server: str
    asset_uid: str
    started_at: str


class FormPull:
    """The pull of one form; `run` it once."""

    def __init__(
        self,
        store: Store,
        client: KoboClient,
        opening: Opening,
        *,
        key: SubkeySource,
        clock: Clock,
        rows_read: RowsRead,
    ) -> None:
        self._store = store
        self._client = client
        self._opening = opening
        self._form = (opening.server, opening.asset_uid)
        self._uid = opening.asset_uid
        self._key = key
        self._clock = clock
        self._rows_read = rows_read
        self._rows_logged = 0
        self._versions_seen: set[str] = set()
        self._before = replace(client.traffic)

    def run(self) -> Pulled:
        """Pull what is not held and make it hold.

        Raises KoboError, or PullFailed for an encrypted form; then what held still holds.
        """
        asset = self._client.asset(self._uid, exclude=("content",))
        if not asset.has_deployment or asset.deployed_version_id is None:
            raise NotDeployed("The form has not been deployed yet.")
        if asset.encrypted:
            raise encrypted(self._opening.form)
        known = logged_uuids(self._store, *self._form)
        held_versions = version_uids(self._store, *self._form)
        rows_on_server = self._later_rows(max(known)) if known else self._all_rows()
        versions: list[FormVersion] = []
        if {asset.deployed_version_id, *self._versions_seen} - held_versions:
            versions = self._new_versions(held_versions)
        return self._publish(asset, versions, rows_on_server)

    def _later_rows(self, last_id: int) -> int:
        """Pull what came after `last_id`, then what else differs; give the proven count."""
        self._log(self._client.submissions(self._uid, after_id=last_id))
        return self._scan()

    def _all_rows(self) -> int:
        """Pull a form of which nothing is held; give the proven count."""
        pull = self._client.submissions(self._uid)
        self._log(pull)
        try:
            return pull.prove().rows_read
        except Incomplete:  # rows came or went meanwhile: the scan tells
            return self._scan()

    def _scan(self) -> int:
        """Look at every row's `_uuid`, pull the bodies of those that differ; give the count."""
        scan = self._client.submissions(self._uid, fields=(ID, UUID))
        on_server = {row[ID]: row.get(UUID) or "" for page in scan for row in page.rows}
        count = scan.prove().rows_read
        known = logged_uuids(self._store, *self._form)
        differing = [number for number, uuid in on_server.items() if known.get(number) != uuid]
        self._log(self._client.submissions_by_id(self._uid, differing))
        if differing:
            known = logged_uuids(self._store, *self._form)
            missing = sum(number not in known for number in differing)
            if missing:
                raise Incomplete(
                    f"{missing} submissions were counted but not given.",
                    path="",
                    rows_read=count - missing,
                    count_before=count,
                    count_after=count,
                )
        return count

    def _log(self, pages: Iterable[Page]) -> None:
        read = 0
        for page in pages:
            read += len(page.rows)
            self._versions_seen.update(
                row[VERSION_KEY] for row in page.rows if row.get(VERSION_KEY)
            )
            with self._store.write() as connection:
                self._rows_logged += append_submissions(
                    connection,
                    *self._form,
                    page.rows,
                    key=self._key,
                    pull_id=self._opening.pull_id,
                    received_at=utc_text(self._clock()),
                )
            self._rows_read(read, max(read, page.count + read - len(page.rows)))

    def _new_versions(self, held: set[str]) -> list[FormVersion]:
        listed = self._client.versions(self._uid, deployed=True)
        found = []
        for listing in listed:
            if listing.uid not in held:
                content = self._client.version(self._uid, listing.uid).content or {}
                canonical = orjson.dumps(content, option=orjson.OPT_SORT_KEYS)
                hashed = hashlib.sha256(canonical).hexdigest()
                found.append(FormVersion(listing.uid, hashed, content, listing.date_deployed))
        return found

    def _publish(self, asset: Asset, versions: list[FormVersion], rows_on_server: int) -> Pulled:
        server, uid = self._form
        described = {
            "server": server,
            "asset_uid": uid,
            "name": asset.name,
            "deployed_version_uid": asset.deployed_version_id,
            "last_submission_time": asset.last_submission_time,
            "submission_count": asset.submission_count,
            "looked_at": utc_text(self._clock()),
        }
        count = (
            select(func.count())
            .select_from(submission_heads)
            .where(submission_heads.c.server == server, submission_heads.c.asset_uid == uid)
        )
        with self._store.write() as connection:
            upsert(connection, forms, [described], ["server", "asset_uid"])
            append_versions(connection, server, uid, versions)
            published = publish_submissions(connection, server, uid)
            held = connection.execute(count).scalar_one()
            pulled = Pulled(rows_on_server, held, published.new, published.edited, len(versions))
            insert_rows(connection, pulls, [self._record(pulled, None)])
        return pulled

    def record_failure(self, sentence: str) -> None:
        """Record that the pull broke off after it had logged rows; before, nothing was begun."""
        if self._rows_logged:
            with self._store.write() as connection:
                insert_rows(connection, pulls, [self._record(None, sentence)])

    def _record(self, pulled: Pulled | None, error: str | None) -> dict[str, Any]:
        traffic = self._client.traffic
        return {
            **asdict(self._opening),
            "finished_at": utc_text(self._clock()),
            "rows_on_server": pulled.rows_on_server if pulled else None,
            "rows_held": pulled.rows_held if pulled else None,
            "rows_new": pulled.rows_new if pulled else 0,
            "rows_edited": pulled.rows_edited if pulled else 0,
            "requests": traffic.requests - self._before.requests,
            "received_bytes": traffic.bytes_received - self._before.bytes_received,
            "complete": pulled is not None,
            "error": error,
        }
