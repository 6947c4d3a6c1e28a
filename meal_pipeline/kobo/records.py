"""What the API tells, as plain values.

Here: accounts, assets, versions, pages of rows, counts of traffic, and how each is read from the
server's JSON. Not here: asking for them (`client`).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from threading import Lock
from typing import Any, Self
from urllib.parse import urlsplit

from meal_pipeline.kobo.errors import UnexpectedAnswer

Row = dict[str, Any]
"""One submission as received: answers are strings, unanswered questions are absent."""


@dataclass(frozen=True)
class Account:
    """Who the token belongs to."""

    username: str


@dataclass(frozen=True)
class Asset:
    """A form (KoboToolbox: asset) as its detail or the list of assets describes it.

    `version_id` is the head of the draft, `deployed_version_id` the version in use;
    `submission_count` is None when the account may not see all submissions; times are as received
    (ISO 8601, UTC); `effective_permissions` holds codenames such as `view_submissions`, empty in a
    list of assets. `content` is None when it was not asked for, or in a list.
    """

    uid: str
    name: str
    asset_type: str
    owner: str | None
    version_id: str | None
    deployed_version_id: str | None
    has_deployment: bool
    deployment_status: str
    deployment_active: bool
    deployment_uuid: str | None
    submission_count: int | None
    last_submission_time: str | None
    encrypted: bool
    date_modified: str | None
    effective_permissions: frozenset[str] = frozenset()
    settings: Mapping[str, Any] = field(default_factory=dict)
    content: Mapping[str, Any] | None = None

    @classmethod
    def from_json(cls, answer: Mapping[str, Any]) -> Self:
        """Read one asset; raise `UnexpectedAnswer` where it lacks a uid."""
        return cls(
            uid=_text(answer, "uid"),
            name=answer.get("name") or "",
            asset_type=answer.get("asset_type") or "",
            owner=answer.get("owner__username"),
            version_id=answer.get("version_id"),
            deployed_version_id=answer.get("deployed_version_id"),
            has_deployment=bool(answer.get("has_deployment")),
            deployment_status=answer.get("deployment_status") or "-",
            deployment_active=bool(answer.get("deployment__active")),
            deployment_uuid=answer.get("deployment__uuid"),
            submission_count=answer.get("deployment__submission_count"),
            last_submission_time=answer.get("deployment__last_submission_time"),
            encrypted=bool(answer.get("deployment__encrypted")),
            date_modified=answer.get("date_modified"),
            effective_permissions=frozenset(
                permission["codename"] for permission in answer.get("effective_permissions") or ()
            ),
            settings=answer.get("settings") or {},
            content=answer.get("content"),
        )


@dataclass(frozen=True)
class Version:
    """One version of a form; `date_deployed` is None for a draft, `content` None in a list."""

    uid: str
    content_hash: str | None
    date_deployed: str | None
    date_modified: str | None
    version_number: str | None
    content: Mapping[str, Any] | None = None

    @classmethod
    def from_json(cls, answer: Mapping[str, Any]) -> Self:
        """Read one version; raise `UnexpectedAnswer` where it lacks a uid."""
        return cls(
            uid=_text(answer, "uid"),
            content_hash=answer.get("content_hash"),
            date_deployed=answer.get("date_deployed") or None,  # false for a draft
            date_modified=answer.get("date_modified"),
            version_number=answer.get("version_number"),
            content=answer.get("content"),
        )


@dataclass(frozen=True)
class AttachedFile:
    """A file attached to a form; `hash` as the server tells it, `path` where it can be had.

    `elsewhere` tells that it is only a link to another address.
    """

    uid: str
    name: str
    hash: str
    path: str
    elsewhere: bool

    @classmethod
    def from_json(cls, answer: Mapping[str, Any]) -> Self:
        """Read one entry of the list of files; raise `UnexpectedAnswer` where it lacks a uid."""
        told = answer.get("metadata") or {}
        content = urlsplit(str(answer.get("content") or ""))
        return cls(
            uid=_text(answer, "uid"),
            name=str(told.get("filename") or ""),
            hash=str(told.get("hash") or ""),
            path=content.path,
            elsewhere=bool(told.get("redirect_url")),
        )


@dataclass(frozen=True)
class Page:
    """Rows in ascending `_id`, and how many matched when they were read (these and later ones)."""

    rows: list[Row]
    count: int


@dataclass(frozen=True)
class PullProof:
    """How many rows were read, and how many the server counted before and after.

    `count_before` is the count of the first page; `count_after` is asked when all is read, for the
    ids up to `last_id`, so that rows which arrive meanwhile do not disturb it.
    """

    rows_read: int
    count_before: int
    count_after: int
    last_id: int | None

    @property
    def complete(self) -> bool:
        """Whether the rows read are all that the server has, up to `last_id`."""
        return self.rows_read == self.count_after


@dataclass
class Traffic:
    """What a client has sent and received so far; safe to use from several threads."""

    requests: int = 0
    retries: int = 0
    bytes_received: int = 0
    body_bytes: int = 0
    _lock: Lock = field(default_factory=Lock, repr=False, compare=False)

    def add(
        self,
        *,
        requests: int = 0,
        retries: int = 0,
        bytes_received: int = 0,
        body_bytes: int = 0,
    ) -> None:
        """Count what one exchange took: bytes on the wire, compressed, and those of its body."""
        with self._lock:
            self.requests += requests
            self.retries += retries
            self.bytes_received += bytes_received
            self.body_bytes += body_bytes


def _text(answer: Mapping[str, Any], key: str) -> str:
    value = answer.get(key)
    if not isinstance(value, str) or not value:
        raise UnexpectedAnswer(f"The server's answer lacks “{key}”.")
    return value
