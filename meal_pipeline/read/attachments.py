"""What a submission says of the files that its answers name; never the files themselves.

Here: finding the attachment of an answer, in the shapes that servers have had. Not here: fetching
files.

Since 2025 an attachment has `uid`, `media_file_basename`, `question_xpath` and `is_deleted`;
before, only `id`, `filename` and `mimetype`. The server writes blanks of a name as `_` in
`filename`, and may put a suffix before its ending (`photo_MtYT6pg.jpg`).
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa

FILE_PARTS = ("/file", "/mimetype")
HERE, DELETED, MISSING = "here", "deleted", "missing"
_SUFFIX = re.compile(r"_[A-Za-z0-9]{7}(?=\.[^.]*$|$)")
_TEXT = pa.large_string()


@dataclass
class Attachments:
    """The attachments of a block of submissions, looked up by `_id` and file name."""

    _by_row: dict[int, dict[str, tuple[str, str | None]]] = field(default_factory=dict)

    @classmethod
    def of(cls, bodies: Sequence[Mapping[str, Any]]) -> "Attachments":
        """Take them out of submissions as received."""
        found = cls()
        for body in bodies:
            listed = body.get("_attachments")
            if isinstance(listed, list) and listed:
                named: dict[str, tuple[str, str | None]] = {}
                for one in listed:
                    if isinstance(one, dict):
                        _add(named, one)
                found._by_row[int(body["_id"])] = named
        return found

    def columns(self, raw: Any, ids: Sequence[int]) -> dict[str, Any]:
        """Give for each answer whether its file is `here`, `deleted` or `missing`, and its type."""
        states: list[str | None] = []
        types: list[str | None] = []
        for name, row in zip(raw.to_pylist(), ids, strict=True):
            if name is None:
                state, type_ = None, None
            else:
                state, type_ = self._by_row.get(row, {}).get(_plain(name), (MISSING, None))
            states.append(state)
            types.append(type_)
        return {"/file": pa.array(states, _TEXT), "/mimetype": pa.array(types, _TEXT)}


def _add(named: dict[str, tuple[str, str | None]], one: Mapping[str, Any]) -> None:
    state = DELETED if one.get("is_deleted") is True else HERE
    mimetype = one.get("mimetype")
    about = (state, mimetype if isinstance(mimetype, str) else None)
    filename = str(one.get("filename") or "").rpartition("/")[2]
    written = one.get("media_file_basename") or filename
    for name in (str(written), filename, _SUFFIX.sub("", filename)):
        # A replaced file may still be listed as deleted under the same name: what is here counts.
        if name and named.get(_plain(name), (DELETED, None))[0] == DELETED:
            named[_plain(name)] = about


def _plain(name: str) -> str:
    return name.rpartition("/")[2].replace(" ", "_")
