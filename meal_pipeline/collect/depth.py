"""How deep a pull looks: what was decided when, and what is due.

Here: the depths and which one is due. Not here: pulling.

Each depth sees more and costs more. All of them bring new rows.

- `first`: nothing is held yet; every body is pulled.
- `recent`: the identities of the last rows only, and the server's count.
- `modified`: the rows that the server says were modified, and the server's count.
- `scan`: the identity, validation status and files of every row: edits and deletions.
- `verify`: every body again, in case anything changed without a trace.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import select

from meal_pipeline.store import Store
from meal_pipeline.store.tables.collect import forms
from meal_pipeline.store.times import utc_text
from meal_pipeline.workspace.project import Sync

Depth = Literal["first", "recent", "modified", "scan", "verify"]
COMPLETE: frozenset[Depth] = frozenset({"first", "scan", "verify"})
"""The depths that look at every row."""
_SCAN_HOURS_WITH_MODIFIED = 24.0


@dataclass(frozen=True)
class Known:
    """What earlier pulls of a form left: times as UTC text, None for never.

    `rights` is what the account might do at the last complete look; `modified_until` the latest
    `_date_modified` seen, None where rows carry none; `verified_until` the `_id` up to which a
    verification that is not finished came.
    """

    scanned_at: str | None = None
    verified_at: str | None = None
    modified_until: str | None = None
    rights: str | None = None
    verified_until: int | None = None


def known_of(store: Store, server: str, asset_uid: str) -> Known:
    """Give what earlier pulls of the form left."""
    asked = select(
        forms.c.scanned_at,
        forms.c.verified_at,
        forms.c.modified_until,
        forms.c.rights,
        forms.c.verified_until,
    ).where(forms.c.server == server, forms.c.asset_uid == asset_uid)
    with store.read() as connection:
        row = connection.execute(asked).one_or_none()
    return Known(*row) if row else Known()


def due(known: Known, sync: Sync, now: datetime) -> Depth:
    """Give the depth that a pull must have now."""
    if known.scanned_at is None:
        return "first"
    if not _within(known.verified_at, now, timedelta(days=sync.verify_days)):
        return "verify"
    hours = sync.scan_hours
    if hours is None:
        hours = _SCAN_HOURS_WITH_MODIFIED if known.modified_until else 0.0
    if not _within(known.scanned_at, now, timedelta(hours=hours)):
        return "scan"
    return "modified" if known.modified_until else "recent"


def _within(moment: str | None, now: datetime, span: timedelta) -> bool:
    """Tell whether `moment` lies less than `span` ago; a moment to come counts as long ago.

    A clock that was set back would otherwise put the next look off for ever.
    """
    return moment is not None and utc_text(now - span) < moment <= utc_text(now)
