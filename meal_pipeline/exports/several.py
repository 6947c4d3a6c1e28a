"""Several files with the same submissions: which version of each holds.

Here: edits, copies and contradictions over files. Not here: reading a file (`bodies.py`).

Of two versions with different uuids one is an edit: the edited one holds, of two edited ones that
of the newer file. With one uuid they should say the same; where they differ, the newer file holds
and the difference is told; where they do not, the file that carries more.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from math import isnan
from typing import Any

from meal_pipeline.exports.bodies import Export, bodies_of
from meal_pipeline.exports.carrying import Lacks
from meal_pipeline.exports.spool import Place, Spool

_MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}.*")
_SERVERS = ("_", "meta/", "formhub/")


@dataclass(frozen=True)
class _Held:
    place: Place
    uuid: str
    edited: bool
    source: Export


class Submissions:
    """The submissions of all files of one form, each once; use it in a `with` block.

    `lacks` are those of the files from which a submission is held, `latest` the time of the last
    submission and the form version that it names, `versions` how many submissions name each.
    """

    def __init__(
        self, exports: Sequence[Export], rows_read: Callable[[int], None] = lambda _n: None
    ) -> None:
        self.lacks = Lacks()
        self.latest = ("", "")
        self.versions: dict[str, int] = {}
        self._stack = ExitStack()
        self._spool = self._stack.enter_context(Spool())
        self._held: dict[int, _Held] = {}
        try:
            read = 0
            for export in sorted(exports, key=lambda one: (one.made, one.file.name)):
                for body in bodies_of(export):
                    self._take(body, export)
                    read += 1
                    if read % 1_000 == 0:
                        rows_read(read)
            rows_read(read)
        except BaseException:
            self._stack.close()
            raise
        used = {id(one.source) for one in self._held.values()}
        for export in exports:
            if id(export) in used:
                self.lacks.update(export.lacks)

    def __enter__(self) -> "Submissions":
        return self

    def __exit__(self, *_ended: object) -> None:
        self._stack.close()

    def __len__(self) -> int:
        return len(self._held)

    @property
    def ids(self) -> set[int]:
        """The numbers of all submissions."""
        return set(self._held)

    def chunks(self, rows: int = 1_000) -> Iterator[list[dict[str, Any]]]:
        """Give the submissions that hold, so many at once, in the order of their numbers."""
        ordered = sorted(self._held)
        for start in range(0, len(ordered), rows):
            places = (self._held[one].place for one in ordered[start : start + rows])
            yield [self._spool.get(place) for place in places]

    def _take(self, body: dict[str, Any], export: Export) -> None:
        version = str(body.get("__version__") or "")
        self.latest = max(self.latest, (str(body.get("_submission_time") or ""), version))
        identity, uuid = body["_id"], str(body.get("_uuid") or "")
        held = self._held.get(identity)
        if held is None or self._replaces(held, body, uuid, export.rank):
            if held is None:
                self.versions[version] = self.versions.get(version, 0) + 1
            place = self._spool.put(body)
            self._held[identity] = _Held(place, uuid, _edited(body), export)

    def _replaces(self, held: _Held, body: dict[str, Any], uuid: str, rank: int) -> bool:
        """Tell whether the version of a newer file holds instead of that of an older one."""
        if uuid != held.uuid:
            return _edited(body) or not held.edited
        if _agree(self._spool.get(held.place), body):
            return rank > held.source.rank
        self.lacks.add("contradiction", rows=1)
        return True


def _edited(body: dict[str, Any]) -> bool:
    root = str(body.get("meta/rootUuid") or "").removeprefix("uuid:")
    return "meta/deprecatedID" in body or (bool(root) and root != body.get("_uuid"))


def _agree(one: dict[str, Any], other: dict[str, Any]) -> bool:
    """Tell whether two versions of a row say the same in all that both carry."""
    both = [key for key in one if key in other and not key.startswith(_SERVERS)]
    return all(_same(one[key], other[key]) for key in both)


def _same(one: Any, other: Any) -> bool:
    if isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        pairs = list(zip(one, other, strict=True))
        if all(isinstance(part, dict) for pair in pairs for part in pair):
            return all(_agree(*pair) for pair in pairs)
    if not (isinstance(one, str) and isinstance(other, str)):
        return bool(one == other)
    return _evened(one) == _evened(other)


def _evened(text: str) -> object:
    """Give an answer without what exports may lose: offsets, the order of choices, zeros."""
    if _MOMENT.fullmatch(text):
        return text.replace(" ", "T", 1)[:19]
    try:
        number = float(text)
    except ValueError:
        return sorted(text.split())
    return text if isnan(number) else number
