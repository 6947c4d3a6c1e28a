"""Who may ring: each project's secret, compared so that nothing can be learned from the time.

Here: holding what a request shows against the secrets. Not here: where secrets lie
(`meal_pipeline.workspace.hook_secrets`), what a request that may enter does (`receiver`).
"""

import base64
import binascii
import hashlib
import hmac
import secrets
import threading
import time
from collections.abc import Callable, Mapping

HEADER = "x-meal-secret"
"""The header that carries the secret; HTTP basic (user: the project) is the other way."""


class Door:
    """The secrets of all projects, held as digests.

    `read` gives them by project; `patience` is the fewest seconds between two readings, since
    strangers can cause them.
    """

    def __init__(
        self,
        read: Callable[[], Mapping[str, str]],
        *,
        patience: float = 5.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._read = read
        self._patience = patience
        self._clock = clock
        self._digests: dict[str, bytes] = {}
        self._nobody = _digest(secrets.token_hex())
        self._lock = threading.Lock()
        self._read_at = -patience

    def read_again(self) -> None:
        """Read the secrets, unless that was done within `patience` seconds."""
        with self._lock:
            if self._clock() - self._read_at >= self._patience:
                self._read_at = self._clock()
                self._digests = {code: _digest(secret) for code, secret in self._read().items()}

    def opens(self, project: str, shown: str | None) -> bool:
        """Say whether `shown` is the project's secret; an unknown project takes as long."""
        digest = self._digests.get(project, self._nobody)
        return hmac.compare_digest(_digest(shown or ""), digest)


def shown_secret(project: str, headers: Mapping[str, str]) -> str | None:
    """Give the secret that a request shows for `project`, None where it shows none."""
    if HEADER in headers:
        return headers[HEADER]
    kind, _blank, value = headers.get("authorization", "").partition(" ")
    if kind.lower() != "basic":
        return None
    try:
        user, colon, password = base64.b64decode(value, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return None
    return password if colon and user == project else None


def _digest(text: str) -> bytes:
    """Hash, so that texts of any length take the same time to compare."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()
