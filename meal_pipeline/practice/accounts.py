"""Who asks, and what of a form they may see.

Here: accounts, the rights on a form, and the reading of the Authorization header with the server's
own refusals. Not here: the answers themselves.
"""

import base64
import binascii
from collections.abc import Mapping
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
