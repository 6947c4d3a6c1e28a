"""Corrections laid over the rows as read: a snapshot in which corrected answers stand.

Here: the parts that change, and the rows that are taken out. Not here: which corrections hold
(`decisions`) and what the text of an answer becomes (`rows.corrected_answer`).

The read snapshot stays as it is. Only blocks with a correction are written anew, so that what was
found in all others is still known. What reading said of an answer (it could not be read, it stood
twice) is gone once the answer is corrected.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import orjson
import pandas as pd

from meal_pipeline.forms import FormUnion
from meal_pipeline.rows.corrected_answer import correctable, typed_cells
from meal_pipeline.rows.failures import Blocked, attempt
from meal_pipeline.store import Clock, PartRef, Snapshot, Store
from meal_pipeline.validate.decisions import Correction, Decisions
from meal_pipeline.validate.form_frames import VERDICTS, frame_name, repeats_of
from meal_pipeline.workspace.project import Project

STAGE = "correct"
REMOVE = "remove_survey"

_HOW = "corrected rows 1"
_ON_THE_ANSWER = ("read.unreadable", "read.doubled_answer", "read.two_answers")


@dataclass(frozen=True)
class Overlaid:
    """The rows that are validated: `snapshot` is the read one itself where nothing is corrected.

    `removed` counts the submissions taken out, by form; `blocked` are corrections that could not be
    applied, of the kind `correction`.
    """

    snapshot: Snapshot
    removed: Mapping[str, int] = field(default_factory=dict)
    blocked: tuple[Blocked, ...] = ()

    @property
    def left_out(self) -> list[str]:
        """The ids of corrections that could not be applied."""
        return [one.subject for one in self.blocked]


def overlay(
    store: Store,
    project: Project,
    read: Snapshot,
    forms: Mapping[str, FormUnion],
    decisions: Decisions,
    *,
    clock: Clock,
) -> Overlaid:
    """Give the rows of a read snapshot as signed corrections have them.

    They are kept as a snapshot of the stage `correct`. Raises SnapshotDamaged.
    """
    if not decisions.corrections:
        return Overlaid(read)
    frames = {name: read.parts(name) for name in read.frames}
    removed: dict[str, int] = {}
    blocked: list[Blocked] = []
    for code, union in forms.items():
        mine = [one for one in decisions.corrections if one.form == code]
        if mine:
            form = _FormOverlay(store, project, read, code, union)
            frames |= form.apply(mine)
            removed[code] = form.removed
            blocked += form.blocked
    made_of = {"read": read.snapshot_id, "corrections": decisions.corrections_hash}
    saved = store.snapshots.save(project.code, STAGE, frames, made_of, clock)
    return Overlaid(replace(saved, parents=read.parents), removed, tuple(blocked))


class _FormOverlay:
    """Lays corrections over one form; `removed` and `blocked` grow as it goes."""

    def __init__(
        self, store: Store, project: Project, read: Snapshot, code: str, union: FormUnion
    ) -> None:
        self.store, self.project, self.read, self.code, self.union = (
            store, project, read, code, union,
        )  # fmt: skip
        self.form = project.forms[code]
        self.columns = {
            repeat: read.columns(frame_name(code, repeat)) for repeat in repeats_of(read, code)
        }
        self.removed = 0
        self.blocked: list[Blocked] = []

    def apply(self, corrections: Sequence[Correction]) -> dict[str, list[PartRef]]:
        """Give the parts of the form's frames; a block that lost all its rows is left out."""
        names = [
            name
            for name in self.read.frames
            if name.replace(":", "/").partition("/")[0] == self.code
        ]
        parts = {name: list(self.read.parts(name)) for name in names}
        blocks = parts[self.code]
        for number, part in enumerate(blocks):
            ids = set(self.store.snapshots.read_part(part, ["_id"])["_id"].tolist())
            mine = [one for one in corrections if one.submission_id in ids]
            if mine:
                block = {name: parts[name][number] for name in names}
                for name, new in self._block(block, mine).items():
                    parts[name][number] = new
        full = [number for number, part in enumerate(parts[self.code]) if part.rows] or [0]
        beyond = len(blocks)
        return {
            name: [some[number] for number in full] + some[beyond:] for name, some in parts.items()
        }

    def _block(
        self, block: Mapping[str, PartRef], corrections: Sequence[Correction]
    ) -> dict[str, PartRef]:
        gone = sorted({one.submission_id for one in corrections if one.kind == REMOVE})
        self.removed += len(gone)
        changes = [one for one in corrections if one.submission_id not in gone]
        done: list[Correction] = []
        for one in changes:
            found = attempt("correction", one.correction_id, lambda one=one: self._place(one))  # type: ignore[misc]
            if isinstance(found, Blocked):
                self.blocked.append(found)
                continue
            done.append(one)
        made_of = orjson.dumps(
            [_HOW, gone, [list(vars(one).values()) for one in done], self._basis(), self.code]
        )
        key = hashlib.sha256(
            made_of + b"".join(part.hash.encode() for part in block.values())
        ).hexdigest()
        known = self.store.snapshots.known_part(key)
        if known is not None and known.keys() == block.keys():
            return known
        read_part = self.store.snapshots.read_part
        frames = {name: read_part(part) for name, part in block.items()}
        for one in done:
            self._change(frames, one)
        written = {}
        for name, frame in frames.items():
            kept = frame[~frame["_id"].isin(gone).fillna(False)] if gone else frame
            written[name] = self.store.snapshots.write_part(kept.reset_index(drop=True))
        self.store.snapshots.remember_part(self.project.code, key, written)
        return written

    def _basis(self) -> list[Any]:
        """Give what the cells of a new answer depend on beside its text."""
        return [[one.version_uid for one in self.union.versions], self.form.same_choices]

    def _place(self, one: Correction) -> None:
        """Raise a MealError where the answer cannot be what the correction says."""
        column = correctable(self.union, self.form, one.question, self.columns)
        typed_cells(self.union, self.form, column, one.new_value, self.columns[column.repeat or ""])

    def _change(self, frames: dict[str, pd.DataFrame], one: Correction) -> None:
        column = correctable(self.union, self.form, one.question, self.columns)
        name = frame_name(self.code, column.repeat or "")
        frame, main = frames[name], frames[self.code]
        at = frame["_id"] == one.submission_id
        if column.repeat is not None:
            at &= frame["_position"] == one.position
        versions = main.loc[main["_id"] == one.submission_id, "_version"]
        cells = typed_cells(
            self.union,
            self.form,
            column,
            one.new_value,
            self.columns[column.repeat or ""],
            version=None if versions.empty else str(versions.iloc[0]),
        )
        rows = at.to_numpy(bool).nonzero()[0]
        for cell, value in cells.items():
            changed = frame[cell].copy()
            changed.iloc[rows] = value
            frame[cell] = changed
        said = frames[self.code + VERDICTS]
        about = (
            (said["_id"] == one.submission_id).fillna(False)
            & (said["frame"] == name)
            & (said["position"] == one.position)
            & (said["question"] == column.name)
            & said["rule"].isin(_ON_THE_ANSWER)
        )
        frames[self.code + VERDICTS] = said[~about.to_numpy(bool)].reset_index(drop=True)
