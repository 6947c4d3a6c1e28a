"""Raw answers out of submissions, each row by its own form version.

Here: a row's answers by column, and those that are not where its version has them. Not here: which
version a row has (`row_versions.py`), where a version has its answers (`layout.py`), what a raw
answer means (`rows.typed`) and what is personal.

KoboToolbox's shapes (each seen on a real server): keys carry the group path of the version used;
unanswered questions are absent; a repeat is a list of rows whose keys hold the full path; a bulk
edit writes another version's path into a row; a row touched after its repeat was removed turns a
one-row repeat into flat keys; a doubled node is a list.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa

from meal_pipeline.read.layout import Layout
from meal_pipeline.rows.typed import TEXT, texts

Body = Mapping[str, Any]

_SERVERS_OWN = re.compile(r"_.*|meta/.*|formhub/.*")


@dataclass
class Rows:
    """The rows of one frame as they lie in the bodies; every list is as long as `bodies`.

    `positions` tell a repeat's rows apart (`2/1` is the first row within its parent's second);
    they are `''` in the main frame.
    """

    repeat: str | None
    bodies: list[Body] = field(default_factory=list)
    ids: list[int] = field(default_factory=list)
    versions: list[str] = field(default_factory=list)
    positions: list[str] = field(default_factory=list)
    parents: list[str] = field(default_factory=list)
    indexes: list[int] = field(default_factory=list)
    outer: list[int] = field(default_factory=list)


@dataclass
class Answers:
    """The raw answers of one frame, and its repeats' rows.

    `values` is column name → Arrow array of texts, null where absent (`typed.texts`); a column that
    no row's version has may be missing. The faults: `moved` and `twice` hold (row, column) whose
    answer was found under another version's key, the latter beside one under its own; `doubled`
    (row, key) of lists where there should be one answer; `unknown` counts the rows of keys that no
    version has.
    """

    values: dict[str, Any] = field(default_factory=dict)
    children: list[Rows] = field(default_factory=list)
    moved: list[tuple[int, str]] = field(default_factory=list)
    twice: list[tuple[int, str]] = field(default_factory=list)
    doubled: list[tuple[int, str]] = field(default_factory=list)
    unknown: dict[str, int] = field(default_factory=dict)


def gather(layout: Layout, rows: Rows) -> Answers:
    """Give the raw answers of a frame's rows, and the rows of the repeats within."""
    gathering = _Gathering(layout, rows)
    gathering.own_answers()
    gathering.strays()
    return gathering.found


class _Gathering:
    """Takes the answers of one frame's rows together in `found`."""

    def __init__(self, layout: Layout, rows: Rows) -> None:
        self.layout, self.rows, self.found = layout, rows, Answers()
        self.by_version: dict[str, list[int]] = {}
        for row, version in enumerate(rows.versions):
            self.by_version.setdefault(version, []).append(row)
        self.entries: dict[str, list[Any]] = {
            repeat.name: [None] * len(rows.bodies) for repeat in layout.children(rows.repeat)
        }
        self.flat: dict[tuple[int, str], list[dict[str, Any]]] = {}

    def own_answers(self) -> None:
        """Take what stands where each row's own version has it."""
        taken: list[dict[str, Any]] = []
        for version, where in self.by_version.items():
            places = self.layout.columns(self.rows.repeat, version)
            bodies = [self.rows.bodies[row] for row in where]
            columns = {}
            for (name, _key), (texts_, doubled) in zip(
                places, _columns(bodies, [key for _name, key in places]), strict=True
            ):
                columns[name] = texts_
                self.found.doubled.extend((where[at], name) for at in doubled)
            taken.append(columns)
            for name, key in self.layout.repeats(self.rows.repeat, version):
                for row, body in zip(where, bodies, strict=True):
                    self.entries[name][row] = body.get(key)
        self.found.values = _in_row_order(taken, list(self.by_version.values()))

    def strays(self) -> None:
        """Take what stands where each row's own version has nothing, then the repeats' rows."""
        added: dict[str, dict[str, dict[int, Any]]] = {}
        for version, where in self.by_version.items():
            keys = _all_keys(self.rows.bodies[row] for row in where)
            for key in sorted(keys - self.layout.own_keys(self.rows.repeat, version)):
                column = self.layout.column_at(self.rows.repeat, key)
                # What this version has in a repeat is a flattened row of it, whatever others have.
                if column and not self.layout.is_inside(self.rows.repeat, key, version):
                    by_key = added.setdefault(column.name, {})
                    by_key.setdefault(key, {}).update(self._held(key, where))
                else:
                    self._no_column(key, where)
        for name, by_key in added.items():
            newest_first = self.layout.keys_of(self.rows.repeat, name)
            self._add(name, [by_key[key] for key in newest_first if key in by_key])
        for repeat in self.layout.children(self.rows.repeat):
            self.found.children.append(self._child(repeat.name))

    def _add(self, name: str, found: Sequence[Mapping[int, Any]]) -> None:
        """Add answers to a column where it has none yet, those of newer versions first."""
        before = self.found.values.get(name)
        values = before.to_pylist() if before is not None else [None] * len(self.rows.bodies)
        for held in found:
            self._fill(name, values, held)
        self.found.values[name], doubled = texts(values)
        self.found.doubled.extend((row, name) for row in doubled)

    def _fill(self, name: str, values: list[Any], held: Mapping[int, Any]) -> None:
        for row, value in held.items():
            if value is None or value == "":
                continue
            if values[row] is None:
                values[row] = value
                self.found.moved.append((row, name))
            elif values[row] != value:
                self.found.twice.append((row, name))

    def _no_column(self, key: str, where: Sequence[int]) -> None:
        """Take a key that is no column of this frame in any version."""
        repeat = self.layout.repeat_at(self.rows.repeat, key)
        around = self.layout.repeat_around(self.rows.repeat, key)
        if repeat:
            self._fill(repeat.name, self.entries[repeat.name], self._held(key, where))
        elif around:
            self._take_flat(around.name, key, self._held(key, where))
        elif self.layout.is_group(key):
            self.found.doubled.extend((row, key) for row in self._held(key, where))
        elif not self._says_nothing(key):
            rows = len(self._held(key, where))
            self.found.unknown[key] = self.found.unknown.get(key, 0) + rows

    def _take_flat(self, repeat: str, key: str, held: Mapping[int, Any]) -> None:
        """Take an answer of a one-row repeat that the server turned flat."""
        for row, value in held.items():
            if self.entries[repeat][row] is None:
                self.entries[repeat][row] = self.flat.setdefault((row, repeat), [{}])
            if self.entries[repeat][row] is self.flat.get((row, repeat)):
                self.flat[row, repeat][0][key] = value
            else:
                self.found.twice.append((row, key))

    def _held(self, key: str, where: Sequence[int]) -> dict[int, Any]:
        """Give what these rows hold at a key, by row."""
        bodies = self.rows.bodies
        return {row: bodies[row][key] for row in where if key in bodies[row]}

    def _says_nothing(self, key: str) -> bool:
        servers_own = self.rows.repeat is None and _SERVERS_OWN.fullmatch(key)
        return bool(servers_own) or self.layout.has_no_answer(key)

    def _child(self, repeat: str) -> Rows:
        rows, child = self.rows, Rows(repeat)
        for row, listed in enumerate(self.entries[repeat]):
            if listed is None:
                continue
            if not (isinstance(listed, list) and all(isinstance(one, dict) for one in listed)):
                self.found.doubled.append((row, repeat))
                continue
            parent = rows.positions[row]
            for index, body in enumerate(listed, start=1):
                child.bodies.append(body)
                child.ids.append(rows.ids[row])
                child.versions.append(rows.versions[row])
                child.positions.append(f"{parent}/{index}" if parent else str(index))
                child.parents.append(parent)
                child.indexes.append(index)
                child.outer.append(row)
        return child


def _columns(bodies: Sequence[Body], keys: Sequence[str]) -> Iterator[tuple[Any, list[int]]]:
    """Give each key's answers as texts, and the bodies that hold no single value there."""
    # Row by row, as the keys of a body lie near each other in memory; then turned to columns.
    flat: list[Any] = []
    for body in bodies:
        flat.extend(map(body.get, keys))
    width = len(keys)
    table, doubled = texts(flat)
    first = np.arange(len(bodies), dtype=np.int64) * width
    for at in range(width):
        yield table.take(pa.array(first + at)), [d // width for d in doubled if d % width == at]


def _in_row_order(
    taken: Sequence[Mapping[str, Any]], where: Sequence[Sequence[int]]
) -> dict[str, Any]:
    """Give columns over all rows from those of the versions, whose rows are at `where`."""
    if len(taken) == 1:
        return dict(taken[0])
    names = dict.fromkeys(name for columns in taken for name in columns)
    order = pa.array(np.argsort(np.concatenate([*where, []]).astype(np.int64)))
    return {
        name: pa.concat_arrays(
            [
                columns[name] if name in columns else pa.nulls(len(rows), TEXT)
                for columns, rows in zip(taken, where, strict=True)
            ]
        ).take(order)
        for name in names
    }


def _all_keys(bodies: Iterable[Body]) -> set[str]:
    return set().union(*bodies)
