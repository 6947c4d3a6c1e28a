"""Snapshots without an erased row, under new ids.

Here: finding those that hold it, writing them anew, and the note old → new. Not here: the log.

A part is written anew only where it holds the row; all others are shared. What was remembered of
the parts that are gone is forgotten, so that no later run takes them up again.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import orjson
from sqlalchemy import delete, select

from meal_pipeline.store import Clock, PartRef, Snapshot, Store, upsert
from meal_pipeline.store.tables.erase import snapshot_replacements
from meal_pipeline.store.tables.read import snapshot_heads, snapshot_parts, snapshots
from meal_pipeline.store.times import utc_text

_KEYS = ("_id", "submission_id")
"""The columns by which a row of any frame may name its submission."""
_ORDER = {"read": 0, "correct": 1}
"""Stages whose snapshots others are made of, in their order."""


@dataclass(frozen=True)
class Replaced:
    """A snapshot that was written anew."""

    project: str
    stage: str
    old: str
    new: str


def projects_with(store: Store, server: str, asset_uid: str) -> set[tuple[str, str]]:
    """Give the projects that read the form, each with the form's code there."""
    return {
        (snapshot.project, code)
        for snapshot in _all(store)
        for code in _codes(snapshot, (server, asset_uid))
    }


def rewrite_snapshots(
    store: Store,
    form: tuple[str, str],
    submission_id: int,
    *,
    erasure_id: str,
    clock: Clock,
    say: Callable[[str], None] | None = None,
) -> tuple[Replaced, ...]:
    """Write anew every snapshot that holds the submission of `form` (server and uid).

    Those of validated rows follow those of rows as read. Gives what was replaced now.
    """
    projects = projects_with(store, *form)
    codes = {project: {code for one, code in projects if one == project} for project, _ in projects}
    replaced: list[Replaced] = []
    rewritten: dict[PartRef, PartRef] = {}
    new_ids = _replacements(store)
    everything = [one for one in _all(store) if one.project in codes]
    for snapshot in sorted(everything, key=lambda one: _ORDER.get(one.stage, len(_ORDER))):
        frames = {
            name: [
                _without(store, part, submission_id, rewritten)
                if _is_of(name, codes[snapshot.project])
                else part
                for part in snapshot.parts(name)
            ]
            for name in snapshot.frames
        }
        if all(frames[name] == snapshot.parts(name) for name in snapshot.frames):
            continue
        if say:
            say(f"{snapshot.project} {snapshot.stage} {snapshot.snapshot_id[:12]}")
        parents = {**snapshot.parents, "erased": [*snapshot.parents.get("erased", []), erasure_id]}
        for made_of in _ORDER:
            if parents.get(made_of) in new_ids:
                parents[made_of] = new_ids[parents[made_of]]
        holds = _is_head(store, snapshot)
        new = store.snapshots.save(
            snapshot.project, snapshot.stage, frames, parents, clock, holds=holds
        )
        new_ids[snapshot.snapshot_id] = new.snapshot_id
        _note(store, snapshot, new.snapshot_id, erasure_id, utc_text(clock()))
        replaced.append(
            Replaced(snapshot.project, snapshot.stage, snapshot.snapshot_id, new.snapshot_id)
        )
    _forget_parts(store, codes, submission_id)
    return tuple(replaced)


def _all(store: Store) -> list[Snapshot]:
    with store.read() as connection:
        rows = connection.execute(
            select(snapshots.c.project, snapshots.c.snapshot_id).order_by(snapshots.c.made_at)
        ).all()
    return [store.snapshots.open(project, snapshot_id) for project, snapshot_id in rows]


def _codes(snapshot: Snapshot, form: tuple[str, str]) -> Iterable[str]:
    if snapshot.stage != "read":
        return
    for code, made_of in snapshot.parents.items():
        if isinstance(made_of, dict) and (made_of.get("server"), made_of.get("asset_uid")) == form:
            yield code


def _is_of(frame: str, codes: Iterable[str]) -> bool:
    """Tell whether a frame (`form`, `form/repeat`, `form:verdicts`) is of one of these forms."""
    return frame.replace(":", "/").partition("/")[0] in codes


def _without(
    store: Store, part: PartRef, submission_id: int, rewritten: dict[PartRef, PartRef]
) -> PartRef:
    """Give the part without the rows of the submission; itself where it has none."""
    if part not in rewritten:
        rewritten[part] = part
        if _holds(store, part, submission_id):
            frame = store.snapshots.read_part(part)
            key = next(name for name in _KEYS if name in frame.columns)
            kept = frame[frame[key].ne(submission_id).fillna(True)].reset_index(drop=True)
            rewritten[part] = store.snapshots.write_part(kept)
    return rewritten[part]


def _holds(store: Store, part: PartRef, submission_id: int) -> bool:
    if not store.snapshots.has(part):
        return False
    for key in _KEYS:
        try:
            ids = store.snapshots.read_part(part, [key])[key]
        except KeyError:
            continue
        return bool(ids.eq(submission_id).fillna(False).any())
    return False


def _is_head(store: Store, snapshot: Snapshot) -> bool:
    latest = store.snapshots.latest(snapshot.project, snapshot.stage)
    return latest is not None and latest.snapshot_id == snapshot.snapshot_id


def _replacements(store: Store) -> dict[str, str]:
    with store.read() as connection:
        rows: Any = connection.execute(
            select(snapshot_replacements.c.old_snapshot_id, snapshot_replacements.c.new_snapshot_id)
        ).all()
    return dict(rows)


def _note(store: Store, old: Snapshot, new: str, erasure_id: str, at: str) -> None:
    """Take the old snapshot away and write down what stands in its place."""
    row = {
        "project": old.project,
        "old_snapshot_id": old.snapshot_id,
        "new_snapshot_id": new,
        "erasure_id": erasure_id,
        "replaced_at": at,
    }
    with store.write() as connection:
        upsert(connection, snapshot_replacements, [row], ["project", "old_snapshot_id"])
        connection.execute(
            delete(snapshots).where(
                snapshots.c.project == old.project, snapshots.c.snapshot_id == old.snapshot_id
            )
        )
        connection.execute(
            delete(snapshot_heads).where(
                snapshot_heads.c.project == old.project,
                snapshot_heads.c.snapshot_id == old.snapshot_id,
            )
        )


def _forget_parts(store: Store, projects: Iterable[str], submission_id: int) -> None:
    """Forget remembered parts that hold the submission, and delete every file that still does.

    No snapshot names these files any more; a rerun after a power cut finds them, too.
    """
    with store.read() as connection:
        remembered = connection.execute(
            select(snapshot_parts.c.input_hash, snapshot_parts.c.manifest).where(
                snapshot_parts.c.project.in_(list(projects))
            )
        ).all()
    forgotten = [
        input_hash
        for input_hash, manifest in remembered
        if any(
            _holds(store, PartRef(*part), submission_id) for part in orjson.loads(manifest).values()
        )
    ]
    with store.write() as connection:
        for input_hash in forgotten:
            connection.execute(
                delete(snapshot_parts).where(snapshot_parts.c.input_hash == input_hash)
            )
    for part in store.snapshots.unnamed_parts():
        if _holds(store, part, submission_id):
            store.snapshots.remove(part)
