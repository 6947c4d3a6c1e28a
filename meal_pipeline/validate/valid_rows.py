"""The valid rows as a snapshot: the same frames, without the rows that do not count.

Here: which parts are kept as they are and which are written anew. Not here: which rows are valid.
"""

import hashlib
from collections.abc import Mapping

import numpy as np
import pandas as pd

from meal_pipeline.store import PartRef, Snapshot, Store
from meal_pipeline.validate.accounts import BoolArray
from meal_pipeline.validate.form_frames import FormFrames

_HOW = b"valid rows 1\n"


def valid_parts(
    store: Store, read: Snapshot, form: FormFrames, valid: BoolArray
) -> Mapping[str, list[PartRef]]:
    """Store the valid rows of a form, and of its repeats those that stand in a valid row.

    A part of the read snapshot that loses no row is used again; one that loses the same rows as
    before is not written again.
    """
    valid_ids = pd.Index(form.rows["_id"][valid])
    return {
        form.frame_name(repeat): _kept(store, read, form.frame_name(repeat), frame, valid_ids)
        for repeat, frame in form.frames.items()
    }


def _kept(
    store: Store, read: Snapshot, name: str, frame: pd.DataFrame, valid_ids: "pd.Index[int]"
) -> list[PartRef]:
    stays = frame["_id"].isin(valid_ids).to_numpy(np.bool_)
    parts, start = [], 0
    for part in read.parts(name):
        stop = start + part.rows
        here = stays[start:stop]
        parts.append(part if here.all() else _written(store, read, part, frame[start:stop], here))
        start = stop
    return parts


def _written(
    store: Store, read: Snapshot, part: PartRef, rows: pd.DataFrame, stays: BoolArray
) -> PartRef:
    made_of = hashlib.sha256(_HOW + part.hash.encode() + np.packbits(stays).tobytes()).hexdigest()
    known = store.snapshots.known_part(made_of)
    if known is not None:
        return known["valid"]
    written = store.snapshots.write_part(rows[stays].reset_index(drop=True))
    store.snapshots.remember_part(read.project, made_of, {"valid": written})
    return written
