"""The valid rows as a snapshot: the same frames, without the rows that do not count.

Here: which parts are kept as they are and which are written anew. Not here: which rows are valid.
"""

import hashlib
from collections.abc import Mapping

import numpy as np
import pandas as pd

from meal_pipeline.store import PartRef, Snapshot, Store
from meal_pipeline.validate.accounts import BoolArray
from meal_pipeline.validate.form_frames import WholeForm, with_parts
from meal_pipeline.validate.lazy_frame import LazyFrame

_HOW = b"valid rows 1\n"


def valid_parts(
    store: Store, read: Snapshot, form: WholeForm, valid_ids: "pd.Index[int]"
) -> Mapping[str, list[PartRef]]:
    """Store the rows of a form that have one of `valid_ids`, and those of its repeats.

    A part of the read snapshot that loses no row is used again; one that loses the same rows as
    before is neither read nor written again.
    """
    return {
        form.frame_name(repeat): _kept(store, read, form.frame_name(repeat), frame, valid_ids)
        for repeat, frame in form.frames.items()
    }


def _kept(
    store: Store, read: Snapshot, name: str, frame: LazyFrame, valid_ids: "pd.Index[int]"
) -> list[PartRef]:
    stays = frame.column("_id").isin(valid_ids).to_numpy(np.bool_)
    parts, start = [], 0
    for part in read.parts(name):
        here = stays[start : start + part.rows]
        parts.append(part if here.all() else _written(store, read, name, part, here))
        start += part.rows
    return parts


def _written(store: Store, read: Snapshot, name: str, part: PartRef, stays: BoolArray) -> PartRef:
    made_of = hashlib.sha256(_HOW + part.hash.encode() + np.packbits(stays).tobytes()).hexdigest()
    known = store.snapshots.known_part(made_of)
    if known is not None:
        return known["valid"]
    rows = with_parts(read, {name: [part]}).frame(name)
    written = store.snapshots.write_part(rows[stays].reset_index(drop=True))
    store.snapshots.remember_part(read.project, made_of, {"valid": written})
    return written
