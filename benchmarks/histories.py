"""Random histories of a form, pulled in between: what is held must equal what the server has.

Here: what may happen to a form, pulls at every depth among it, and the comparison. Not here: how
histories are drawn (the test, and `proofs.py`).

What counts as equal is written down here once more, on purpose not taken from the store.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
from hypothesis import strategies as st
from sqlalchemy import select

from meal_pipeline.collect import PullFailed, collect_project
from meal_pipeline.collect.depth import Depth
from meal_pipeline.kobo import KoboClient
from meal_pipeline.practice import PRACTICE_TOKEN, PracticeForm, PracticeServer, PracticeVersion
from meal_pipeline.practice.data import shown
from meal_pipeline.store import Store
from meal_pipeline.store.submission_log import bodies
from meal_pipeline.store.submission_state import validation_index
from meal_pipeline.store.tables.collect import submission_heads
from meal_pipeline.workspace import WorkspaceKey
from meal_pipeline.workspace.project import Project

KEY = WorkspaceKey(b"k" * 32)
_TEXT = {"type": "text", "name": "name", "$xpath": "name"}
_PHOTO = {"type": "image", "name": "photo", "$xpath": "photo"}
_REPEAT = (
    {"type": "begin_repeat", "name": "members", "$xpath": "members"},
    {"type": "text", "name": "who", "$xpath": "members/who"},
    {"type": "end_repeat"},
)
_CONTENTS = ([_TEXT, *_REPEAT, _PHOTO], [_TEXT, _PHOTO], [_TEXT, *_REPEAT, _PHOTO])
_STATUSES = ("approved", "not_approved", "on_hold", None)
_DEPTHS: tuple[Depth | None, ...] = (None, "scan", "recent", "modified", "verify")
_RIGHTS = ((), ("view_asset",), ("view_asset", "partial_submissions"), None)
_FAULTS: tuple[dict[str, Any], ...] = (
    {"drop": True},
    {"status": 500},
    {"status": 502, "headers": {"content-type": "text/html"}, "body": b"<h1>Bad gateway</h1>"},
    {"truncate": 0.6},
    {"rewrite": lambda body: body[: len(body) // 2]},
    {"repeat": True},
    {"status": 200, "headers": {"content-type": "text/html"}, "body": b"<h1>Sign in</h1>"},
    {"status": 401},
    {"status": 404, "headers": {"content-type": "text/html"}, "body": b"Resource not found (404)"},
    {"rewrite": lambda body: b'{"count":0,"next":null,"previous":null,"results":[]}'},
)

Step = tuple[str, int, int]
"""What happens, and two numbers that say to which row, how, or how many."""


class Difference(AssertionError):
    """What is held is not what the server has."""


@dataclass
class History:
    """One form on a practice server, and an office that pulls it into a store."""

    server: PracticeServer
    store: Store
    uid: str
    now: datetime = datetime(2026, 11, 25, 6, tzinfo=UTC)
    sees_all: bool = True
    gone: dict[int, str] = field(default_factory=dict)
    held_then: dict[datetime, dict[int, Any]] = field(default_factory=dict)
    during: list[Step] = field(default_factory=list)
    pulls: int = 0

    def __post_init__(self) -> None:
        deployed = PracticeVersion(
            "v1", {"survey": _CONTENTS[0]}, deployed_at="2026-01-01T00:00:00Z"
        )
        self.form = self.server.add(PracticeForm(self.uid, "Household", versions=[deployed]))
        for number in range(4):
            self.submit(number, number)

    @property
    def project(self) -> Project:
        """The project that has this form."""
        return Project.model_validate(
            {
                "code": "food",
                "name": {"en": "Food"},
                "server": self.server.url,
                "forms": {"household": {"uid": self.uid}},
                "sync": {"deleted_percent": 40, "scan_hours": 5},
            }
        )

    # -- what may happen -----------------------------------------------------------------------

    def submit(self, one: int, two: int) -> None:
        """Submit a row; some are seen only later, and some have a repeat."""
        answers: dict[str, Any] = {"name": f"Household {one} {two}"}
        if one % 3 == 0:
            answers["members"] = [{"members/who": f"m{n}"} for n in range(two % 3)]
        self.server.submit(self.uid, answers, held=one % 7 == 5)

    def reveal(self, _one: int, _two: int) -> None:
        """Make rows visible that have lower ids."""
        self.server.reveal(self.uid)

    def resend(self, one: int, _two: int) -> None:
        """Send a row again that was deleted, as a device may."""
        if self.gone:
            uuid = list(self.gone.values())[one % len(self.gone)]
            if self.form.find(uuid) is None:
                self.server.submit(self.uid, {"name": "Sent again"}, instance_uuid=uuid)

    def edit(self, one: int, two: int) -> None:
        """Edit a row, sometimes back to earlier answers."""
        for row in self._rows(one, 1):
            self.server.edit(self.uid, row, {"name": f"Edited {two % 3}"})

    def bulk_edit(self, one: int, two: int) -> None:
        """Give some rows a new answer at once."""
        self.server.bulk_edit(self.uid, self._rows(one, two % 4 + 1), {"name": f"Bulk {two}"})

    def delete(self, one: int, two: int) -> None:
        """Delete one row or some."""
        rows = self._rows(one, two % 3 + 1)
        for row in rows:
            stored = self.form.get(row)
            if stored is not None:
                self.gone[row] = str(stored.head["_uuid"])
        self.server.delete(self.uid, *rows)

    def redeploy(self, one: int, _two: int) -> None:
        """Deploy a new version, with the repeat or without."""
        count = len(self.form.versions)
        self.server.deploy(self.uid, {"survey": _CONTENTS[one % 3]}, f"v{count + 1}")

    def validate(self, one: int, two: int) -> None:
        """Give some rows a validation status, or none."""
        self.server.validate(
            self.uid, *self._rows(one, two % 3 + 1), status=_STATUSES[(one + two) % 4]
        )

    def duplicate(self, one: int, _two: int) -> None:
        """Copy a row."""
        for row in self._rows(one, 1):
            self.server.duplicate(self.uid, row)

    def attach(self, one: int, two: int) -> None:
        """Add a file after its row came."""
        for row in self._rows(one, 1):
            self.server.attach(self.uid, row, "photo", filename=f"{two}.jpg", content=b"jpg")

    def detach(self, one: int, _two: int) -> None:
        """Delete a file."""
        files = [
            file["uid"]
            for row in self.form.stored()
            for file in row.head["_attachments"]
            if not file["is_deleted"]
        ]
        if files:
            self.server.detach(self.uid, files[one % len(files)])

    def rights(self, one: int, two: int) -> None:
        """Let the account see everything, some rows, or nothing."""
        given = _RIGHTS[one % 4]
        self.sees_all = given is None
        if given is None:
            self.server.remove_rights(self.uid, "officer")
        else:
            rows = {"_id": {"$gt": self._rows(two, 1)[0]}} if self._rows(two, 1) else None
            self.server.set_rights(self.uid, "officer", *given, rows=rows)

    def trash(self, _one: int, _two: int) -> None:
        """Put the form into the bin, or take it back from there."""
        (self.server.untrash if self.form.trashed else self.server.trash)(self.uid)

    def manners(self, one: int, _two: int) -> None:
        """Change the server for an older or a newer one, with or without `_date_modified`."""
        self.server.old = one % 3 == 0
        self.server.date_modified = one % 2 == 0

    def skew(self, one: int, two: int) -> None:
        """Set the server's clock wrong by hours, or right again."""
        self.server.skew_clock(timedelta(hours=one - two))

    def fault(self, one: int, two: int) -> None:
        """Let answers go wrong for a while; a client waits two of them out."""
        trouble = _FAULTS[one % len(_FAULTS)]
        times = 1 if "repeat" in trouble else two % 4 + 1
        path = f"/api/v2/assets/{self.uid}/" + ("data/" if two % 2 or "repeat" in trouble else "")
        self.server.fault(path, times=times, skip=two % 5, **trouble)

    def healthy(self, _one: int, _two: int) -> None:
        """End all trouble."""
        self.server.faults.clear()

    def _rows(self, first: int, count: int) -> list[int]:
        ids = self.form.ids(0, float("inf"))
        start = first % len(ids) if ids else 0
        return ids[start : start + count]

    # -- pulls and what they must leave --------------------------------------------------------

    def run(self, steps: Sequence[Step]) -> None:
        """Let everything happen, then pull all; raises Difference."""
        waiting = list(steps)
        while waiting:
            name, one, two = waiting.pop(0)
            if name == "pull":
                self.during = []
                while waiting and two % 4 and len(self.during) < two % 4 and waiting[0][0] != name:
                    self.during.append(waiting.pop(0))
                self.look(_DEPTHS[one % len(_DEPTHS)])
            else:
                CHANGES[name](self, one, two)
        self.settle()

    def settle(self) -> None:
        """Let the server be healthy and all rows be seen, pull, and compare everything."""
        self.server.clear_faults()
        self.server.remove_rights(self.uid, "officer")
        self.server.reveal(self.uid)
        self.form.trashed, self.sees_all, self.during = False, True, []
        if not len(self.form):
            self.submit(1, 1)
        depths: tuple[Depth, ...] = ("scan", "verify")
        for depth in depths:
            self.pull(depth, accept_deletions=["household"])
            self._compare(self.held(), self.truth())
        if any(self.pull(depth).changed for depth in depths):
            raise Difference("another look finds a change where nothing happened")
        self._check_statuses()
        for moment, rows in self.held_then.items():
            self._compare(self.held(moment), rows)

    def look(self, depth: Depth | None) -> None:
        """Pull as an office does, whatever comes of it, and check what may be checked."""
        disturbed = bool(self.during)
        try:
            report = self.pull(depth)
        except PullFailed:
            complete = False
        else:
            complete = report.depth in ("first", "scan", "verify") and self.sees_all
        finally:
            for name, one, two in self.during:
                CHANGES[name](self, one, two)
            self.during = []
        self.held_then[self.now] = self.held()
        self._nothing_wrongly_deleted()
        if complete and not disturbed:
            self._compare(self.held(), self.truth())
            self._check_statuses()

    def pull(self, depth: Depth | None = None, **options: Any) -> Any:
        """Pull an hour later than the last time; what happens meanwhile happens between pages."""
        self.now += timedelta(hours=1)
        self.pulls += 1
        return collect_project(
            self.store,
            self.project,
            key=KEY,
            connect=lambda url: KoboClient(
                url, PRACTICE_TOKEN, retries=2, sleep=lambda _seconds: None
            ),
            clock=lambda: self.now,
            depth=depth,
            progress=self._meanwhile,
            **options,
        ).forms[0]

    def _meanwhile(self, _form: str, _read: int, _expected: int) -> None:
        if self.during:
            name, one, two = self.during.pop(0)
            CHANGES[name](self, one, two)

    def held(self, as_of: datetime | None = None) -> dict[int, dict[str, Any]]:
        """Give what the store holds, as it counts here."""
        moment = None if as_of is None else as_of.strftime("%Y-%m-%dT%H:%M:%SZ")
        found = bodies(self.store, self.server.url, self.uid, None, KEY, as_of=moment)
        return {row["_id"]: said(row) for row in found}

    def truth(self) -> dict[int, dict[str, Any]]:
        """Give what the server has, as it counts here and would show to its owner."""
        with self.server.lock:
            rows = [
                orjson.loads(shown(one, None, self.form, self.server.url, old=self.server.old))
                for one in self.form.stored()
            ]
        return {row["_id"]: said(row) for row in rows}

    def _check_statuses(self) -> None:
        held = {
            one: status
            for one, (status, _edited) in validation_index(
                self.store, self.server.url, self.uid
            ).items()
        }
        rows = ((row.head["_id"], row.head["_validation_status"]) for row in self.form.stored())
        there = {
            one: status["uid"].removeprefix("validation_status_") for one, status in rows if status
        }
        if {one: status for one, status in held.items() if self.form.get(one)} != there:
            raise Difference(f"statuses {held} are held, and there are {there}")

    def _nothing_wrongly_deleted(self) -> None:
        heads = submission_heads.c
        with self.store.read() as connection:
            marked = set(
                connection.execute(
                    select(heads.submission_id).where(
                        heads.asset_uid == self.uid, heads.deleted_at.is_not(None)
                    )
                ).scalars()
            )
        if wrong := marked - set(self.gone):
            raise Difference(f"the rows {sorted(wrong)} are marked deleted and are on the server")

    @staticmethod
    def _compare(held: Mapping[int, Any], there: Mapping[int, Any]) -> None:
        for one in sorted(held.keys() | there.keys()):
            if held.get(one) != there.get(one):
                raise Difference(f"row {one}: held {held.get(one)}, there {there.get(one)}")


CHANGES: dict[str, Callable[[History, int, int], None]] = {
    made.__name__: made
    for made in (
        History.submit,
        History.reveal,
        History.resend,
        History.edit,
        History.bulk_edit,
        History.delete,
        History.redeploy,
        History.validate,
        History.duplicate,
        History.attach,
        History.detach,
        History.rights,
        History.trash,
        History.manners,
        History.skew,
        History.fault,
        History.healthy,
    )
}

STEPS = st.lists(
    st.tuples(
        st.sampled_from([*CHANGES, "edit", "delete", "fault", "healthy", *["pull"] * 8]),
        st.integers(0, 29),
        st.integers(0, 11),
    ),
    min_size=3,
    max_size=24,
)
"""Histories: about a third of what happens are pulls."""


def said(row: Mapping[str, Any]) -> dict[str, Any]:
    """Give what counts of a row: not what moves without anybody changing an answer or a file."""
    kept = {
        name: value
        for name, value in _flat(row)
        if name not in ("_validation_status", "_date_modified", "_attachments")
    }
    files = {
        str(file.get("uid") or file.get("id")): file.get("is_deleted", False)
        for file in row["_attachments"]
    }
    if all(files.values()):  # an old server does not tell of a file that came and went
        kept.pop("photo", None)
    return kept | {"_attachments": files}


def _flat(row: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Give the pairs of a row, a repeat with one row as the server words it once it left the form.

    No repeat of these histories lies in another.
    """
    for name, value in row.items():
        if name == "members" and len(value) == 1:
            yield from value[0].items()
        else:
            yield name, value


def practice_server() -> PracticeServer:
    """Give a server with small pages, for one history after another."""
    return PracticeServer(max_page=3)


def run_history(server: PracticeServer, store: Store, uid: str, steps: Sequence[Step]) -> int:
    """Run one history on a form of its own; give the number of pulls. Raises Difference."""
    server.clear_faults()
    server.old = server.date_modified = False
    history = History(server, store, uid)
    try:
        history.run(steps)
    finally:
        del server.forms[uid]
    return history.pulls
