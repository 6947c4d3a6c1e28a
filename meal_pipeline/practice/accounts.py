"""Who asks, and what of a form they may see.

Here: accounts, the rights on a form, and the reading of the Authorization header with the server's
own refusals. Not here: the answers themselves.
"""

import base64
import binascii
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

ANONYMOUS = "AnonymousUser"
"""The name under which a form's rights list everyone without an account."""

OWNER_RIGHTS = frozenset(
    {
        "add_submissions",
        "change_asset",
        "change_submissions",
        "delete_asset",
        "delete_submissions",
        "manage_asset",
        "validate_submissions",
        "view_asset",
        "view_submissions",
    }
)


PERMISSIONS = {
    "add_submissions": "Can submit data to asset",
    "change_asset": "Can change asset",
    "change_submissions": "Can modify submitted data for asset",
    "delete_submissions": "Can delete submitted data for asset",
    "discover_asset": "Can discover asset in public lists",
    "manage_asset": "Can manage all aspects of asset",
    "partial_submissions": (
        "Can make partial actions on submitted data for asset for specific users"
    ),
    "validate_submissions": "Can validate submitted data asset",
    "view_asset": "Can view asset",
    "view_submissions": "Can view submitted data for asset",
}
"""The permissions that can be given, with KoboToolbox's own names."""

_VIEW = frozenset({"view_asset"})
_ROWS = _VIEW | {"view_submissions"}
IMPLIED: Mapping[str, frozenset[str]] = {
    "add_submissions": frozenset(),
    "change_asset": _VIEW,
    "change_submissions": _ROWS | {"add_submissions"},
    "delete_submissions": _ROWS,
    "discover_asset": _VIEW,
    "manage_asset": frozenset(PERMISSIONS) - {"manage_asset", "partial_submissions"},
    "partial_submissions": _VIEW,
    "validate_submissions": _ROWS,
    "view_asset": frozenset(),
    "view_submissions": _VIEW,
}
"""What a permission brings with it."""


def with_implied(permissions: Iterable[str]) -> frozenset[str]:
    """Give permissions with all that they imply."""
    given = frozenset(permissions)
    return given.union(*(IMPLIED[name] for name in given))


class Unauthorized(Exception):
    """401, with the sentence the server gives."""


@dataclass(frozen=True)
class PracticeUser:
    """An account: signs in by `token`, and by `password` when it has one."""

    username: str
    token: str
    password: str | None = None
    superuser: bool = False


@dataclass(frozen=True)
class Rights:
    """What an account may do with a form; `rows` limits the submissions it may see (a query)."""

    permissions: frozenset[str] = field(default_factory=frozenset)
    rows: Mapping[str, Any] | None = None

    @property
    def sees_form(self) -> bool:
        """Whether the form shows at all."""
        return "view_asset" in self.permissions

    @property
    def sees_rows(self) -> bool:
        """Whether all or some submissions show."""
        return self.sees_all_rows or "partial_submissions" in self.permissions

    @property
    def sees_all_rows(self) -> bool:
        """Whether every submission shows."""
        return "view_submissions" in self.permissions


def sign_in(authorization: str | None, users: Mapping[str, PracticeUser]) -> PracticeUser | None:
    """Give the account of an Authorization header, None without one; `users` is by token.

    Raises `Unauthorized` for a wrong token or password. A scheme the server does not know counts
    as no header, which is what the real server does.
    """
    scheme, _, rest = (authorization or "").strip().partition(" ")
    credentials = rest.strip()
    if scheme.lower() == "token":
        if not credentials:
            raise Unauthorized("Invalid token header. No credentials provided.")
        if " " in credentials:
            raise Unauthorized("Invalid token header. Token string should not contain spaces.")
        if credentials not in users:
            raise Unauthorized("Invalid token.")
        return users[credentials]
    if scheme.lower() == "basic":
        try:
            name, _, password = base64.b64decode(credentials).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            name = password = ""
        for user in users.values():
            if user.username == name and user.password is not None and user.password == password:
                return user
        raise Unauthorized("Invalid username/password.")
    return None
