"""A form of the practice server: its versions, its submissions, who may see them.

Here: the state, and rows put in, taken out, found. Not here: what happens to it (`world`), how it
is told over HTTP (`data`, `describing`), who asks (`asking`).

A submission is kept as the JSON it is served as, beside a small head of what scans ask for: a
hundred thousand rows of two hundred columns then fit, and pages are joined instead of encoded.
"""

import hashlib
from bisect import bisect_left, bisect_right, insort
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

import orjson

from meal_pipeline.practice.accounts import ANONYMOUS, OWNER_RIGHTS, Rights
from meal_pipeline.practice.content import repeats_of
from meal_pipeline.practice.export_files import Export
from meal_pipeline.practice.hooks import Hook

HEAD = frozenset(
    {
        "_id",
        "_uuid",
        "meta/rootUuid",
        "meta/instanceID",
        "meta/deprecatedID",
        "__version__",
        "_submission_time",
        "_date_modified",
        "_submitted_by",
        "_validation_status",
        "_attachments",
    }
)
"""The keys that are known of a row without decoding it."""


@dataclass(frozen=True)
class PracticeVersion:
    """One version of a form; `deployed_at` is None while it is a draft. Times are ISO 8601, UTC."""

    uid: str
    content: Mapping[str, Any]
    deployed_at: str | None = None
    modified_at: str | None = None
    number: str | None = None
    content_hash: str | None = None

    @property
    def hash(self) -> str:
        """The hash of the content, as given or worked out."""
        if self.content_hash:
            return self.content_hash
        canonical = orjson.dumps(self.content, option=orjson.OPT_SORT_KEYS)
        return hashlib.sha1(canonical, usedforsecurity=False).hexdigest()


def root_uuid(row: Mapping[str, Any]) -> str:
    """Give the uuid of a row's first version, without prefix; old servers know only the current."""
    return str(row.get("meta/rootUuid") or row["_uuid"]).removeprefix("uuid:")


@dataclass(frozen=True)
class Stored:
    """One submission: `head` as in `HEAD`, and the whole row as JSON."""

    head: Mapping[str, Any]
    body: bytes

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> "Stored":
        """Keep a complete row."""
        head = {key: row[key] for key in row.keys() & HEAD}
        return cls(head, orjson.dumps(row))

    def row(self) -> dict[str, Any]:
        """Give the whole row."""
        row: dict[str, Any] = orjson.loads(self.body)
        return row


class Happened(NamedTuple):
    """One entry of a form's history; `subject` is what the action is about (a root uuid)."""

    action: str
    by: str
    moment: datetime
    subject: str = ""
    submitted_by: str | None = None
    status: str | None = None
    extra: Mapping[str, Any] | None = None


@dataclass
class PracticeForm:
    """A form (asset) with its versions, oldest first, and its complete submissions.

    `submissions` are rows as the API serves them, with every meta field; rows made of answers only
    come in through `PracticeServer.submit`. `rights` is by user name (the owner has all). `media`
    are the files attached to the form; `contents` the bytes of these and of attachments, by uid;
    `documents` the digest of each document that was sent, by its uuid.
    """

    uid: str
    name: str
    versions: list[PracticeVersion] = field(default_factory=list)
    submissions: list[Mapping[str, Any]] = field(default_factory=list)
    owner: str = "officer"
    rights: dict[str, Rights] = field(default_factory=dict)
    asset_type: str = "survey"
    settings: Mapping[str, Any] = field(default_factory=dict)
    formhub_uuid: str | None = None
    active: bool = True
    encrypted: bool = False
    created_at: str = "2026-01-01T00:00:00.000000Z"
    last_submission_time: str | None = None
    trashed: bool = False
    history: list[Happened] = field(default_factory=list, repr=False)
    media: dict[str, dict[str, str]] = field(default_factory=dict)
    contents: dict[str, bytes] = field(default_factory=dict, repr=False)
    documents: dict[str, str] = field(default_factory=dict, repr=False)
    hooks: dict[str, Hook] = field(default_factory=dict, repr=False)
    exports: list[Export] = field(default_factory=list, repr=False)
    export_settings: dict[str, dict[str, Any]] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        if self.formhub_uuid is None:
            self.formhub_uuid = hashlib.sha256(self.uid.encode()).hexdigest()[:32]
        self._ids: list[int] = []
        self._stored: dict[int, Stored] = {}
        self._by_uuid: dict[str, int] = {}
        self._held: dict[int, Mapping[str, Any]] = {}
        self._removed_repeats: tuple[int, str, frozenset[str]] | None = None
        self.received = Counter[str]()
        given, self.submissions = self.submissions, []
        for row in given:
            self.put(row)

    @property
    def deployed(self) -> PracticeVersion | None:
        """The version in use, the latest that was deployed."""
        return next((each for each in reversed(self.versions) if each.deployed_at), None)

    @property
    def head(self) -> PracticeVersion | None:
        """The newest version, draft or not."""
        return self.versions[-1] if self.versions else None

    @property
    def status(self) -> str:
        """`draft`, `deployed` or `archived`; `-` for what is no survey."""
        if self.asset_type != "survey":
            return "-"
        if self.deployed is None:
            return "draft"
        return "deployed" if self.active else "archived"

    @property
    def modified_at(self) -> str:
        """When the form (not its data) last changed."""
        head = self.head
        return (head and (head.modified_at or head.deployed_at)) or self.created_at

    def rights_of(self, username: str, *, superuser: bool = False) -> Rights:
        """Tell what an account may do here; rights that were set hold for the owner too."""
        if superuser:
            return Rights(OWNER_RIGHTS)
        if username in self.rights:
            return self.rights[username]
        if username == self.owner:
            return Rights(OWNER_RIGHTS)
        return self.rights.get(ANONYMOUS) or Rights()

    @property
    def removed_repeats(self) -> frozenset[str]:
        """The repeats that earlier versions had and the one deployed has not."""
        deployed = self.deployed
        if deployed is None or len(self.versions) < 2:
            return frozenset()
        known = self._removed_repeats
        if known is None or known[:2] != (len(self.versions), deployed.uid):
            ever = {path for version in self.versions for path in repeats_of(version.content)}
            gone = frozenset(ever - repeats_of(deployed.content))
            self._removed_repeats = known = (len(self.versions), deployed.uid, gone)
        return known[2]

    def __len__(self) -> int:
        return len(self._ids)

    @property
    def last_id(self) -> int:
        """The highest id in use, 0 when there is none."""
        return self._ids[-1] if self._ids else 0

    def put(self, row: Mapping[str, Any]) -> None:
        """Keep a complete row, new or in place of the one with its `_id`."""
        identity: int = row["_id"]
        if identity in self._stored:
            self._by_uuid.pop(self._stored[identity].head["_uuid"], None)
        else:
            insort(self._ids, identity)
            self.received[row["_submission_time"][:10]] += 1
        self._stored[identity] = Stored.of(row)
        self._by_uuid[row["_uuid"]] = self._by_uuid[root_uuid(row)] = identity

    def remove(self, identity: int) -> None:
        """Take a row away, as a deletion does: nothing of it remains."""
        gone = self._stored.pop(identity)
        del self._ids[bisect_left(self._ids, identity)]
        for uuid in (gone.head["_uuid"], root_uuid(gone.head)):
            self._by_uuid.pop(uuid, None)

    def hold(self, row: Mapping[str, Any]) -> None:
        """Keep a complete row that nobody sees yet."""
        self._held[row["_id"]] = row

    @property
    def held(self) -> list[int]:
        """The ids of the rows that nobody sees yet, the longest held first."""
        return list(self._held)

    def reveal(self, identity: int) -> None:
        """Let a row be seen that was held."""
        self.put(self._held.pop(identity))

    def get(self, identity: int) -> Stored | None:
        """Give the row of an id, or None."""
        return self._stored.get(identity)

    def find(self, text: str) -> Stored | None:
        """Give the row of an id or of a root or current uuid, with or without prefix, or None."""
        if text.isdecimal():
            return self._stored.get(int(text))
        identity = self._by_uuid.get(text.removeprefix("uuid:"))
        return None if identity is None else self._stored[identity]

    def with_attachment(self, uid: str) -> Stored:
        """Give the row that holds an attachment; raise `KeyError` when none does."""
        for row in self.stored():
            if any(file.get("uid") == uid for file in row.head.get("_attachments") or ()):
                return row
        raise KeyError(uid)

    def ids(self, low: float, high: float) -> list[int]:
        """Give the ids from `low` to `high`, both included, in order."""
        return self._ids[bisect_left(self._ids, low) : bisect_right(self._ids, high)]

    def stored(self) -> Iterator[Stored]:
        """Give every row in order of id."""
        return (self._stored[identity] for identity in self._ids)
