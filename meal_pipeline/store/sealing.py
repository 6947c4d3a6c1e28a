"""Bodies of submissions, compressed and encrypted.

Here: the form in which a body lies in the database. Not here: where it lies (`submission_log.py`)
or where the key comes from (the workspace).

AES-256-GCM as in NIST SP 800-38D, with a random 96-bit nonce before the ciphertext; server, form
and submission are authenticated with it, so that a body moved to another row does not open.
"""

import os
from collections.abc import Mapping
from typing import Any, Protocol

import orjson

from meal_pipeline.errors import MealError
from meal_pipeline.locale import gettext as _

_NONCE = 12


class SubkeySource(Protocol):
    """What gives keys: 32 bytes for each purpose, such as `submissions`."""

    def subkey(self, purpose: str) -> bytes:
        """Give the key of one purpose."""
        ...


class BodyUnreadable(MealError):
    """A stored body does not open with this key."""


class Seal:
    """Closes and opens the bodies of one form."""

    def __init__(self, key: SubkeySource, server: str, asset_uid: str) -> None:
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM
        from zstandard import ZstdCompressor, ZstdDecompressor

        self._cipher = AESGCM(key.subkey("submissions"))
        self._where = f"{server}|{asset_uid}"
        self._compress = ZstdCompressor(level=3).compress
        self._decompress = ZstdDecompressor().decompress

    def close(self, submission_id: int, body: Mapping[str, Any]) -> bytes:
        """Give the body as it is stored."""
        nonce = os.urandom(_NONCE)
        packed = self._compress(orjson.dumps(body))
        return nonce + self._cipher.encrypt(nonce, packed, self._aad(submission_id))

    def open(self, submission_id: int, sealed: bytes) -> dict[str, Any]:
        """Give the body as it was received. Raises BodyUnreadable with another key."""
        from cryptography.exceptions import InvalidTag

        nonce, ciphertext = sealed[:_NONCE], sealed[_NONCE:]
        try:
            packed = self._cipher.decrypt(nonce, ciphertext, self._aad(submission_id))
        except InvalidTag:
            raise BodyUnreadable(
                _("The stored submissions do not open with this workspace's key."),
                next_step="meal key restore",
            ) from None
        body: dict[str, Any] = orjson.loads(self._decompress(packed))
        return body

    def _aad(self, submission_id: int) -> bytes:
        return f"{self._where}|{submission_id}".encode()
