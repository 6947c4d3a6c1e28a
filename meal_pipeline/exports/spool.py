"""Submissions put aside on disk while files are compared: packed, and encrypted with a passing key.

Here: writing and reading them. Not here: which are put aside (`several.py`).
"""

import os
from tempfile import TemporaryFile
from types import TracebackType
from typing import Any, Self

import orjson

Place = tuple[int, int]
"""Where a submission lies: its offset and length."""


class Spool:
    """A file without a name; its key is in memory only and goes with the process.

    Rows are personal data, and a temporary folder is anybody's. AES-256-GCM; the nonce counts, as
    one key never writes twice at one offset (NIST SP 800-38D, 8.2.1).
    """

    def __init__(self) -> None:
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM
        from zstandard import ZstdCompressor, ZstdDecompressor

        self._file = TemporaryFile()  # noqa: SIM115 - closed on exit
        self._cipher = AESGCM(os.urandom(32))
        self._compress = ZstdCompressor(level=1).compress
        self._decompress = ZstdDecompressor().decompress
        self._end = 0

    def put(self, row: dict[str, Any]) -> Place:
        """Put a submission aside."""
        packed = self._compress(orjson.dumps(row))
        sealed = self._cipher.encrypt(self._end.to_bytes(12, "big"), packed, None)
        self._file.seek(self._end)
        self._file.write(sealed)
        place = (self._end, len(sealed))
        self._end += len(sealed)
        return place

    def get(self, place: Place) -> dict[str, Any]:
        """Give a submission back."""
        offset, length = place
        self._file.seek(offset)
        sealed = self._file.read(length)
        packed = self._cipher.decrypt(offset.to_bytes(12, "big"), sealed, None)
        row: dict[str, Any] = orjson.loads(self._decompress(packed))
        return row

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._file.close()
