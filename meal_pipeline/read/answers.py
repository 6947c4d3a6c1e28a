"""Raw answers out of submissions, each row by its own form version.

Here: which version a row is read with, which key of a body is which column of which frame, and
keys that are not where the row's version has them. Not here: what a raw answer means (`typed.py`)
and what is personal.

KoboToolbox's shapes (each seen on a real server): keys carry the group path of the version used;
unanswered questions are absent; a repeat is a list of rows whose keys hold the full path; a bulk
edit writes another version's path into a row; a row touched after its repeat was removed turns a
one-row repeat into flat keys; a doubled node is a list.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from meal_pipeline.forms import Column, FormUnion, UnitedRepeat

Body = Mapping[str, Any]

_VERSION_KEY = re.compile(r"__?version__?([0-9]{3})?")
_SERVERS_OWN = re.compile(r"_.*|meta/.*|formhub/.*")


def row_versions(bodies: Sequence[Body], known: Sequence[str]) -> tuple[list[str], list[int]]:
    """Give the version each body is read with, and the rows for which that is a fallback.

    `known` are the uids of the form's versions, oldest first. A row may name several versions
    (`__version__`, `_version_`, `__version__001`); as in KoboToolbox the newest known one counts.
    Where none is known, the newest version of all is the fallback.
    """
    age = {uid: position for position, uid in enumerate(known)}
    keys = sorted(key for key in _all_keys(bodies) if _VERSION_KEY.fullmatch(key))
    versions, fallback = [], []
    for row, body in enumerate(bodies):
        named = [age[uid] for key in keys if (uid := body.get(key)) in age]
        if not named:
            fallback.append(row)
        versions.append(known[max(named)] if named else known[-1])
    return versions, fallback


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

    `values` is column name → one raw value a row, None where absent; a column that no row has is
    missing. The faults: `moved` and `twice` hold (row, column) whose answer was found under another
    version's key, the latter beside one under its own; `doubled` (row, key) of lists where there
    should be one answer; `unknown` counts the rows of keys that no version has.
    """

    values: dict[str, list[Any]] = field(default_factory=dict)
    children: list[Rows] = field(default_factory=list)
    moved: list[tuple[int, str]] = field(default_factory=list)
    twice: list[tuple[int, str]] = field(default_factory=list)
    doubled: list[tuple[int, str]] = field(default_factory=list)
    unknown: dict[str, int] = field(default_factory=dict)


class Layout:
    """Where the answers of each version of a form stand."""

    def __init__(self, union: FormUnion) -> None:
        self.union = union
        self.versions = [version.version_uid for version in union.versions]
        self._children: dict[str | None, list[UnitedRepeat]] = {}
        for repeat in union.repeats:
            self._children.setdefault(repeat.parent, []).append(repeat)
        self._column_at: dict[str | None, dict[str, Column]] = {}
        for column in union.columns:
            at = self._column_at.setdefault(column.repeat, {})
            for path in column.paths.values():
                at.setdefault(path, column)
        self._repeat_at: dict[str | None, dict[str, UnitedRepeat]] = {
            parent: {path: repeat for repeat in repeats for path in repeat.paths.values()}
            for parent, repeats in self._children.items()
        }
        self._groups = {
            path[:at]
            for version in union.versions
            for path in version.by_path
            for at, letter in enumerate(path)
            if letter == "/"
        }
        self._own_keys = {
            (version.version_uid, frame): self._keys(version.version_uid, frame)
            for version in union.versions
            for frame in [None, *(repeat.name for repeat in union.repeats)]
        }

    def columns(self, frame: str | None) -> tuple[Column, ...]:
        """Give the columns of a frame."""
        return self.union.columns_of(frame)

    def _keys(self, version: str, frame: str | None) -> frozenset[str]:
        paths = [one.paths.get(version) for one in self.columns(frame)]
        paths += [one.paths.get(version) for one in self._children.get(frame, [])]
        return frozenset(path for path in paths if path)

    def answers(self, rows: Rows) -> Answers:
        """Give the raw answers of a frame's rows, and the rows of the repeats within."""
        found = Answers()
        entries: dict[str, list[Any]] = {}
        for version, where in _by_version(rows.versions).items():
            self._own(found, entries, rows, version, where)
            keys = _all_keys(rows.bodies[row] for row in where)
            strays = keys - self._own_keys[version, rows.repeat]
            for key in sorted(strays):
                held = [row for row in where if key in rows.bodies[row]]
                self._stray(found, entries, rows, key, held)
        for repeat in self._children.get(rows.repeat, []):
            child = self._child(found, rows, repeat, entries.get(repeat.name, []))
            found.children.append(child)
        return found

    def _own(
        self,
        found: Answers,
        entries: dict[str, list[Any]],
        rows: Rows,
        version: str,
        where: Sequence[int],
    ) -> None:
        """Take what stands where the rows' own version has it."""
        places = [
            (target, thing.name, path)
            for target, things in (
                (found.values, self.columns(rows.repeat)),
                (entries, self._children.get(rows.repeat, [])),
            )
            for thing in things
            if (path := thing.paths.get(version)) is not None
        ]
        paths = [path for _target, _name, path in places]
        # Row by row, as a body's own keys lie near each other in memory; then turned to columns.
        taken = zip(*[tuple(map(rows.bodies[row].get, paths)) for row in where], strict=True)
        for (target, name, _path), values in zip(places, taken, strict=True):
            if len(where) == len(rows.bodies):
                target[name] = list(values)
            else:
                column = target.setdefault(name, [None] * len(rows.bodies))
                for row, value in zip(where, values, strict=True):
                    column[row] = value

    def _stray(
        self,
        found: Answers,
        entries: dict[str, list[Any]],
        rows: Rows,
        key: str,
        held: Sequence[int],
    ) -> None:
        """Take what stands where the rows' own version has nothing."""
        column = self._column_at.get(rows.repeat, {}).get(key)
        repeat = self._repeat_at.get(rows.repeat, {}).get(key)
        around = None if column or repeat else self._repeat_around(rows.repeat, key)
        if column or repeat:
            target, name = (found.values, column.name) if column else (entries, repeat.name)  # type: ignore[union-attr]
            values = target.setdefault(name, [None] * len(rows.bodies))
            for row in held:
                if values[row] is None:
                    values[row] = rows.bodies[row][key]
                    found.moved.append((row, name))
                elif values[row] != rows.bodies[row][key]:
                    found.twice.append((row, name))
        elif around:
            values = entries.setdefault(around.name, [None] * len(rows.bodies))
            for row in held:
                flat = values[row] = values[row] or [{}]
                flat[0].setdefault(key, rows.bodies[row][key])
        elif key in self._groups:
            found.doubled.extend((row, key) for row in held)
        elif not (rows.repeat is None and _SERVERS_OWN.fullmatch(key)) and not self._is_note(key):
            found.unknown[key] = found.unknown.get(key, 0) + len(held)

    def _repeat_around(self, frame: str | None, key: str) -> UnitedRepeat | None:
        """Give the repeat of this frame that holds the key in some version, at any depth."""
        for repeat in self._children.get(frame, []):
            known_inside = (self._column_at, self._repeat_at)
            if any(key in at.get(repeat.name, {}) for at in known_inside):
                return repeat
            if self._repeat_around(repeat.name, key):
                return repeat
        return None

    def _is_note(self, key: str) -> bool:
        return any(key in version.by_path for version in self.union.versions)

    def _child(
        self, found: Answers, rows: Rows, repeat: UnitedRepeat, entries: Sequence[Any]
    ) -> Rows:
        child = Rows(repeat.name)
        for row, listed in enumerate(entries):
            if listed is None:
                continue
            if not (isinstance(listed, list) and all(isinstance(one, dict) for one in listed)):
                found.doubled.append((row, repeat.name))
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


def _by_version(versions: Sequence[str]) -> dict[str, list[int]]:
    where: dict[str, list[int]] = {}
    for row, version in enumerate(versions):
        where.setdefault(version, []).append(row)
    return where


def _all_keys(bodies: Iterable[Body]) -> set[str]:
    return set().union(*bodies)
