"""A hash of what a frame says, not of how a file holds it.

Here: SHA-256 over column names, types, values and row order. It is the same on every machine and
with every version of pandas, pyarrow and Parquet. Not here: files (`snapshots.py`).
"""

import hashlib
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

_FIXED = {
    "int64": "int64",
    "Int64": "int64",
    "float64": "float64",
    "Float64": "float64",
    "bool": "uint8",
    "boolean": "uint8",
    "datetime64[us]": "int64",
    "datetime64[us, UTC]": "int64",
}
TYPES = (*_FIXED, "str")
"""The column types that a snapshot may hold."""


class UnfitFrame(TypeError):
    """A frame that snapshots cannot hold: a programming error, not a person's."""


def arrow_table(frame: pd.DataFrame) -> pa.Table:
    """Give `frame` as an Arrow table without its index.

    Raises UnfitFrame for repeated column names, names that are not text, and types beyond `TYPES`.
    """
    if not frame.columns.is_unique:
        raise UnfitFrame(f"repeated columns: {list(frame.columns[frame.columns.duplicated()])}")
    for name, dtype in zip(frame.columns, frame.dtypes, strict=True):
        if not isinstance(name, str) or str(dtype) not in TYPES:
            raise UnfitFrame(f"column {name!r} of type {dtype}; snapshots hold {', '.join(TYPES)}")
    return pa.Table.from_pandas(frame, preserve_index=False)


def columns_of(frame: pd.DataFrame) -> list[tuple[str, str]]:
    """Give each column's name and type, in order."""
    return [(str(name), str(dtype)) for name, dtype in frame.dtypes.items()]


def logical_hash(columns: list[tuple[str, str]], table: pa.Table) -> str:
    """Give the SHA-256 (64 hex digits) of a frame's content, from its columns and Arrow table."""
    digest = hashlib.sha256(f"meal frame 1\n{table.num_rows}\n".encode())
    for (name, dtype), column in zip(columns, table.columns, strict=True):
        digest.update(f"{len(name.encode())} {dtype}\n".encode() + name.encode())
        array = column.combine_chunks()
        if isinstance(array, pa.ChunkedArray):
            array = pa.concat_arrays(array.chunks) if array.num_chunks else pa.array([], array.type)
        if array.null_count:
            digest.update(b"N" + np.packbits(_numpy(pc.is_valid(array))).tobytes())
        for piece in _text(array) if dtype == "str" else _fixed(array, _FIXED[dtype]):
            digest.update(piece)
    return digest.hexdigest()


def _fixed(array: Any, kind: str) -> list[bytes]:
    if pa.types.is_timestamp(array.type):
        array = array.cast(pa.int64())
    if array.null_count:
        array = pc.fill_null(array, pa.scalar(0, pa.int64()).cast(array.type))
    values = np.ascontiguousarray(_numpy(array), dtype=np.dtype(kind).newbyteorder("<"))
    if kind == "float64":
        values = np.where(np.isnan(values), np.nan, values)  # NaN has many bit patterns
    return [values.tobytes()]


def _text(array: Any) -> list[bytes]:
    array = pc.fill_null(array.cast(pa.large_string()), "")
    lengths = np.ascontiguousarray(_numpy(pc.binary_length(array)), dtype="<i8")
    if not lengths.sum():
        return [lengths.tobytes()]
    offsets, values = array.buffers()[1:]
    first = int(np.frombuffer(offsets, dtype="<i8", count=1, offset=8 * array.offset)[0])
    return [lengths.tobytes(), values.slice(first, int(lengths.sum())).to_pybytes()]


def _numpy(array: Any) -> Any:
    return array.to_numpy(zero_copy_only=False)
