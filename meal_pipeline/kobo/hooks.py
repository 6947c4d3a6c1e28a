"""Hooks: addresses that KoboToolbox calls for each new submission (its REST services).

Here: listing, making, changing and deleting the hooks of a form, and the log of their deliveries.
Not here: what answers the calls. A hook fires on creation only, and is tried again only after 502,
503 and 504.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Self
from urllib.parse import quote

from meal_pipeline.kobo.client import KoboClient
from meal_pipeline.kobo.errors import UnexpectedAnswer

DeliveryStatus = Literal["failed", "pending", "success"]
_STATUS: tuple[DeliveryStatus, ...] = ("failed", "pending", "success")  # by KoboToolbox' number


@dataclass(frozen=True)
class HookWish:
    """What a hook is to be. `headers` are sent with each call; `fields` empty: the whole row.

    Whoever may change the form can read the headers.
    """

    name: str
    endpoint: str
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    fields: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Give it as the API takes it."""
        return {
            "name": self.name,
            "endpoint": self.endpoint,
            "active": True,
            "export_type": "json",
            "auth_level": "no_auth",
            "subset_fields": list(self.fields),
            "settings": {"custom_headers": dict(self.headers)},
        }


@dataclass(frozen=True)
class Hook:
    """A hook as the server describes it, with how many of its calls succeeded, failed, wait."""

    uid: str
    name: str
    endpoint: str
    active: bool
    succeeded: int
    failed: int
    pending: int

    @classmethod
    def from_json(cls, answer: Mapping[str, Any]) -> Self:
        """Read one hook; raise `UnexpectedAnswer` where it lacks a uid."""
        return cls(
            uid=_uid(answer),
            name=answer.get("name") or "",
            endpoint=answer.get("endpoint") or "",
            active=bool(answer.get("active")),
            succeeded=answer.get("success_count") or 0,
            failed=answer.get("failed_count") or 0,
            pending=answer.get("pending_count") or 0,
        )


@dataclass(frozen=True)
class Delivery:
    """One call of a hook: for which submission (`_id`), how it ended, and when (ISO 8601, UTC).

    `status_code` is None where nothing answered; `message` is what did, or why nothing could.
    """

    uid: str
    submission_id: int | None
    tries: int
    status: DeliveryStatus
    status_code: int | None
    message: str
    date_modified: str

    @classmethod
    def from_json(cls, answer: Mapping[str, Any]) -> Self:
        """Read one line of the log; raise `UnexpectedAnswer` where it lacks uid or status."""
        number = answer.get("status")
        if not isinstance(number, int) or not 0 <= number < len(_STATUS):
            raise UnexpectedAnswer("The server's log of deliveries has an unknown status.")
        return cls(
            uid=_uid(answer),
            submission_id=answer.get("submission_id"),
            tries=answer.get("tries") or 0,
            status=_STATUS[number],
            status_code=answer.get("status_code"),
            message=answer.get("message") or "",
            date_modified=answer.get("date_modified") or "",
        )


def list_hooks(client: KoboClient, asset: str) -> list[Hook]:
    """List the hooks of a form. Raises `NotFound` for an account that may not change the form."""
    return [Hook.from_json(entry) for entry in client._listed(_path(asset), {})]


def create_hook(client: KoboClient, asset: str, wish: HookWish) -> Hook:
    """Make a hook. It is asked for once; list the hooks to see what an `Unreachable` left."""
    return Hook.from_json(client._transport.send("POST", _path(asset), wish.as_json()))


def update_hook(client: KoboClient, asset: str, hook: str, wish: HookWish) -> Hook:
    """Make a hook what it is to be, active too."""
    return Hook.from_json(client._transport.send("PATCH", _path(asset, hook), wish.as_json()))


def delete_hook(client: KoboClient, asset: str, hook: str) -> None:
    """Delete a hook with its log."""
    client._transport.send("DELETE", _path(asset, hook))


def deliveries(
    client: KoboClient,
    asset: str,
    hook: str,
    *,
    status: DeliveryStatus | None = None,
    limit: int = 100,
) -> list[Delivery]:
    """Give the last calls of a hook, newest first, all or those of one status."""
    params: dict[str, str | int] = {"limit": limit}
    if status is not None:
        params["status"] = _STATUS.index(status)
    answer = client._transport.get(f"{_path(asset, hook)}logs/", params)
    entries = answer.get("results")
    if not isinstance(entries, list):
        raise UnexpectedAnswer(f"A log of {client.server} lacks its entries.")
    return [Delivery.from_json(entry) for entry in entries][:limit]


def retry_failed(client: KoboClient, asset: str, hook: str) -> int:
    """Have the server call again for all that failed; give how many that are.

    Raises `Refused` for a hook that is not active.
    """
    answer = client._transport.send("PATCH", f"{_path(asset, hook)}retry/")
    return len(answer.get("pending_uids") or ())


def _path(asset: str, hook: str | None = None) -> str:
    hooks = f"/api/v2/assets/{quote(asset, safe='')}/hooks/"
    return hooks if hook is None else f"{hooks}{quote(hook, safe='')}/"


def _uid(answer: Mapping[str, Any]) -> str:
    uid = answer.get("uid")
    if not isinstance(uid, str) or not uid:
        raise UnexpectedAnswer("The server's answer lacks “uid”.")
    return uid
