"""One form, brought in step with its server completely or not at all.

Here: the order of questions to the server, and making the answers hold. Not here: the walks and
their proof (`walk`), how deep to look (`depth`), what differs (`differences`), and whether rows may
be marked deleted (`vanished`).

Bodies are logged as they arrive, so that an interrupted pull goes on where it stopped; they hold
once every row that the server counts is accounted for.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import update

from meal_pipeline.collect.attached_files import fetch_files, write_files
from meal_pipeline.collect.depth import COMPLETE, Depth, Known, due, known_of
from meal_pipeline.collect.differences import differences, identity_fields, state_of
from meal_pipeline.collect.new_versions import form_has_files, new_versions
from meal_pipeline.collect.pull_failed import encrypted
from meal_pipeline.collect.vanished import Vanished, judged, rights_of
from meal_pipeline.collect.walk import FormRows, RowsRead
from meal_pipeline.kobo import Asset, Incomplete, KoboClient, NotDeployed, Page
from meal_pipeline.kobo.fields import DATE_MODIFIED, ID
from meal_pipeline.kobo.fields import VERSION as VERSION_KEY
from meal_pipeline.store import Clock, Store, insert_rows, upsert
from meal_pipeline.store.erasing import Erased
from meal_pipeline.store.sealing import SubkeySource
from meal_pipeline.store.submission_log import (
    FormVersion,
    append_submissions,
    append_versions,
    version_uids,
)
from meal_pipeline.store.submission_publishing import Published, publish_submissions
from meal_pipeline.store.submission_state import Held, State, count_held, held_states
from meal_pipeline.store.tables.collect import forms, pulls
from meal_pipeline.store.times import utc_text
from meal_pipeline.workspace.project import Sync

_MODIFIED_OVERLAP = timedelta(minutes=2)
_RECENT_ROWS = 500
"""How many of the last rows a pull looks at again: ids may become visible out of order."""


@dataclass(frozen=True)
class Pulled:
    """What a pull brought: rows the server counts, rows held, and what became of rows."""

    rows_on_server: int
    rows_held: int
    published: Published
    versions_new: int
    files_new: int
    depth: Depth
    vanished: Vanished


@dataclass(frozen=True)
class Opening:
    """Which form is pulled for which project, since when (UTC text), and how deep at least."""

    pull_id: str
    project: str
    form: str
    server: str
    asset_uid: str
    started_at: str


@dataclass
class _Found:
    """What the questions of one pull brought together.

    `on_server` is the proven count, `erased` how many of these rows are not to be held here; `seen`
    are states as the server gave them; `gone` rows held that a complete look did not see.
    """

    depth: Depth
    on_server: int = 0
    erased: int = 0
    seen: dict[int, State] = field(default_factory=dict)
    gone: list[int] = field(default_factory=list)


class FormPull:
    """The pull of one form; `run` it once."""

    def __init__(
        self,
        store: Store,
        client: KoboClient,
        opening: Opening,
        sync: Sync,
        *,
        key: SubkeySource,
        clock: Clock,
        rows_read: RowsRead,
        depth: Depth | None = None,
        accept_deletions: bool = False,
    ) -> None:
        self._store = store
        self._client = client
        self._opening = opening
        self._sync = sync
        self._form = (opening.server, opening.asset_uid)
        self._key = key
        self._clock = clock
        self._rows = FormRows(client, opening.asset_uid, rows_read)
        self._depth = depth
        self._accept = accept_deletions
        self._erased = Erased(store, *self._form, key)
        self._held: dict[int, Held] = {}
        self._refused: set[int] = set()
        self._rows_logged = 0
        self._versions_seen: set[str] = set()
        self._modified: str | None = None
        self._rights = ""
        self._rights_moved = False
        self._before = replace(client.traffic)

    def run(self) -> Pulled:
        """Pull what differs and make it hold.

        Raises KoboError, or PullFailed for an encrypted form; then what held still holds.
        """
        uid = self._opening.asset_uid
        asset = self._client.asset(uid, exclude=("content",))
        if not asset.has_deployment or asset.deployed_version_id is None:
            raise NotDeployed("The form has not been deployed yet.")
        if asset.encrypted:
            raise encrypted(self._opening.form)
        known = known_of(self._store, *self._form)
        depth = self._depth or due(known, self._sync, self._clock())
        if known.scanned_at is None:
            depth = "first"
        self._modified = known.modified_until
        self._rights = rights_of(asset)
        held_versions = version_uids(self._store, *self._form)
        # A version that is not held yet may ask for files.
        files = self._sync.attachments and (
            asset.deployed_version_id not in held_versions
            or form_has_files(self._store, *self._form)
        )
        found = self._look(depth, known, files=files)
        if found.depth in COMPLETE and not found.on_server and asset.submission_count:
            raise _does_not_add_up(0, asset.submission_count)
        versions: list[FormVersion] = []
        if {asset.deployed_version_id, *self._versions_seen} - held_versions:
            versions = new_versions(self._client, uid, held_versions)
        return self._publish(asset, known, versions, found)

    def _look(self, depth: Depth, known: Known, *, files: bool) -> _Found:
        """Ask for what this depth asks for; give what was found."""
        self._held = held_states(self._store, *self._form)
        last_id = max(self._held, default=0)
        states: dict[int, State] = {}
        if depth == "first" and not last_id:
            first = self._everything()
            if first is not None:
                return first
            self._held = held_states(self._store, *self._form)
        elif depth == "verify":
            self._verify(known.verified_until or 0)
        else:
            states = self._log(self._rows.bodies(last_id))
        if depth == "modified":
            states |= self._log(self._rows.bodies(query=self._modified_since(known)))
        if depth in ("recent", "modified"):
            found = self._recent(depth, states, files=files)
            if found is not None:
                return found
            depth = "scan"
        return self._compare(depth, files=files)

    def _everything(self) -> _Found | None:
        """Pull a form of which nothing is held; None where rows came or went meanwhile."""
        found = _Found("first")

        def take(rows: Sequence[Mapping[str, Any]]) -> None:
            # Of a large form only what is out of the ordinary is kept in memory.
            for number, state in self._log_rows(rows).items():
                if state != State(state.uuid):
                    found.seen[number] = state

        try:
            found.on_server = self._rows.all_bodies(take)
        except Incomplete:
            return None
        return found

    def _verify(self, after_id: int) -> None:
        """Pull every body after an id again, remembering how far it came."""
        for page in self._rows.bodies(after_id):
            self._log([page])
            with self._store.write() as connection:
                connection.execute(
                    update(forms)
                    .where(
                        forms.c.server == self._form[0],
                        forms.c.asset_uid == self._form[1],
                    )
                    .values(verified_until=page.rows[-1][ID])
                )

    def _recent(self, depth: Depth, states: dict[int, State], *, files: bool) -> _Found | None:
        """Look at the last rows and the count only; None where a look at all rows is better."""
        there = sorted(number for number, one in self._held.items() if not one.deleted)
        if len(there) <= _RECENT_ROWS:
            return None
        found = self._compare(depth, after_id=there[-_RECENT_ROWS] - 1, files=files)
        found.seen = states | found.seen
        found.on_server = self._rows.count()
        here = sum(not one.deleted or one_id in found.seen for one_id, one in self._held.items())
        if here < found.on_server or (depth == "recent" and here > found.on_server):
            return None
        return found

    def _compare(self, depth: Depth, *, after_id: int | None = None, files: bool) -> _Found:
        """Look at every row's identity after an id, and pull the bodies of those that differ."""
        rows = self._rows.scan(identity_fields(files=files), after_id)
        seen = {number: state_of(row) for number, row in rows.items()}
        if not files:
            seen = {
                number: _with_known_files(one, self._held.get(number))
                for number, one in seen.items()
            }
        erased = self._erased.among([number for number in seen if number not in self._held])
        differing = differences(self._held, seen, files=files, erased=erased)
        came = self._log(self._rows.bodies_by_id(differing.wanted))
        seen |= came
        missing = [number for number in differing.wanted if number not in came]
        gone = differing.gone if after_id is None else []
        if missing or gone:
            self._look_at_rights()
        # Rows may have been deleted since they were seen, but not have come back unseen. This is
        # asked last: had rights been lost and given back meanwhile, the rows would be there.
        if self._rows.still_there([*missing, *gone]):
            raise Incomplete(
                "Submissions are counted that were not given.",
                path="",
                rows_read=len(seen),
                count_before=len(rows),
                count_after=len(rows),
            )
        for number in missing:
            del seen[number]
        gone += [number for number in missing if self._holds(number)]
        not_held = seen.keys() & (erased | self._refused)
        return _Found(depth, len(seen), len(not_held), seen, gone)

    def _look_at_rights(self) -> None:
        """Note whether the account may see something else than when the pull began."""
        asset = self._client.asset(self._opening.asset_uid, exclude=("content",))
        rights = rights_of(asset)
        self._rights_moved |= rights != self._rights
        self._rights = rights

    def _holds(self, number: int) -> bool:
        return number in self._held and not self._held[number].deleted

    def _log(self, pages: Iterable[Page]) -> dict[int, State]:
        """Log the bodies of `pages`; give their states."""
        states: dict[int, State] = {}
        for page in pages:
            states.update(self._log_rows(page.rows))
        return states

    def _log_rows(self, rows: Sequence[Mapping[str, Any]]) -> dict[int, State]:
        kept = self._erased.without(rows)
        self._refused |= {row[ID] for row in rows} - {row[ID] for row in kept}
        self._versions_seen.update(row[VERSION_KEY] for row in kept if row.get(VERSION_KEY))
        modified = [one for row in rows if isinstance(one := row.get(DATE_MODIFIED), str)]
        self._modified = max([*modified, self._modified or ""]) or None
        with self._store.write() as connection:
            self._rows_logged += append_submissions(
                connection,
                *self._form,
                kept,
                key=self._key,
                pull_id=self._opening.pull_id,
                received_at=utc_text(self._clock()),
            )
        states = {row[ID]: state_of(row) for row in rows}
        if self._held:
            for row in kept:
                self._held[row[ID]] = _logged(states[row[ID]], self._held.get(row[ID]))
        return states

    def _modified_since(self, known: Known) -> dict[str, Any]:
        until = known.modified_until or ""
        try:
            since = datetime.fromisoformat(until) - _MODIFIED_OVERLAP
            text = since.isoformat(timespec="seconds").replace("+00:00", "Z")
        except ValueError:
            text = until
        return {DATE_MODIFIED: {"$gte": text}}

    def _publish(
        self, asset: Asset, known: Known, versions: list[FormVersion], found: _Found
    ) -> Pulled:
        server, uid = self._form
        vanished = judged(
            len(found.gone),
            sum(not one.deleted for one in self._held.values()),
            before="" if self._rights_moved else known.rights,
            now=self._rights,
            percent=self._sync.deleted_percent,
        )
        accepted = self._accept or vanished.doubt is None
        if accepted:
            vanished = replace(vanished, doubt=None)
        now = utc_text(self._clock())
        complete = found.depth in COMPLETE
        described = {
            "server": server,
            "asset_uid": uid,
            "name": asset.name,
            "deployed_version_uid": asset.deployed_version_id,
            "last_submission_time": asset.last_submission_time,
            "submission_count": asset.submission_count,
            "looked_at": now,
            "modified_until": self._modified,
            "rights": self._rights if complete and accepted else known.rights,
            "scanned_at": now if complete else known.scanned_at,
            "verified_at": now if found.depth in ("first", "verify") else known.verified_at,
            "verified_until": None if found.depth == "verify" else known.verified_until,
        }
        files = fetch_files(self._store, self._client, server, uid, versions)
        with self._store.write() as connection:
            upsert(connection, forms, [described], ["server", "asset_uid"])
            append_versions(connection, server, uid, versions)
            files_new = write_files(connection, server, uid, files, now)
            published = publish_submissions(
                connection,
                server,
                uid,
                at=now,
                seen=found.seen,
                gone=found.gone if accepted else (),
            )
            here = count_held(connection, server, uid)
            if complete and accepted and here != found.on_server - found.erased:
                raise _does_not_add_up(here, found.on_server)
            pulled = Pulled(
                found.on_server, here, published, len(versions), files_new, found.depth, vanished
            )
            insert_rows(connection, pulls, [self._record(pulled, None)])
        return pulled

    def record_failure(self, sentence: str) -> None:
        """Record that the pull broke off after it had logged rows; before, nothing was begun."""
        if self._rows_logged:
            with self._store.write() as connection:
                insert_rows(connection, pulls, [self._record(None, sentence)])

    def _record(self, pulled: Pulled | None, error: str | None) -> dict[str, Any]:
        traffic = self._client.traffic
        published = pulled.published if pulled else Published()
        return {
            **asdict(self._opening),
            "finished_at": utc_text(self._clock()),
            "rows_on_server": pulled.rows_on_server if pulled else None,
            "rows_held": pulled.rows_held if pulled else None,
            **{f"rows_{name}": count for name, count in vars(published).items()},
            "rows_vanished": pulled.vanished.gone if pulled and pulled.vanished.doubt else None,
            "depth": pulled.depth if pulled else None,
            "requests": traffic.requests - self._before.requests,
            "received_bytes": traffic.bytes_received - self._before.bytes_received,
            "complete": pulled is not None,
            "error": error,
        }


def _does_not_add_up(held: int, on_server: int) -> Incomplete:
    return Incomplete(
        f"{held} submissions would be held where the server counts {on_server}.",
        path="",
        rows_read=held,
        count_before=on_server,
        count_after=on_server,
    )


def _logged(state: State, before: Held | None) -> Held:
    """Give what is held once a body is logged; its status holds when it is published."""
    known = before.state if before else State("")
    return Held(
        State(state.uuid, known.validation, known.validated_at, known.attachments),
        deleted=before.deleted if before else False,
    )


def _with_known_files(seen: State, held: Held | None) -> State:
    return replace(seen, attachments=held.state.attachments if held else None)
