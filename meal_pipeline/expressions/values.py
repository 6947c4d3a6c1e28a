"""A column of values while an expression is computed.

Here: what a value is, and from a frame's column and back to a series. Not here: how one kind is
taken for another (`casts`).
"""

from dataclasses import dataclass, replace
from typing import Any, Literal, TypeAlias

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

Engine = Literal["collect", "enketo"]
Kind = Literal["number", "text", "truth", "date", "moment"]
# Either one for each row or one for all rows; numpy's own operators take both alike.
Truths: TypeAlias = Any
"""A numpy array of bools, or one bool."""
Numbers: TypeAlias = Any
"""A numpy array of floats, or one float."""
Texts: TypeAlias = Any
"""An Arrow array of strings, or one `str`."""

MINUTES_A_DAY = 24 * 60
_MICROSECONDS_A_DAY = 24 * 60 * 60 * 1_000_000
_STR = pd.StringDtype("pyarrow", na_value=np.nan)


@dataclass(frozen=True)
class Value:
    """One value a row, or one value for all rows.

    `data` by `kind`: number a float array (NaN where there is none); text an Arrow array of strings
    or a `str` (empty text is a null or ""); truth a bool array; date whole days since 1970 on the
    device's calendar; moment days since 1970 in UTC, with the day's part. A date or moment that is
    not there is NaN. `offset` is what the device's clock was ahead of UTC, in days.
    `blank` marks rows of a number or truth where nothing was answered: they are the empty text to
    the engines, which is not the same as a number that is none. `is_answer` marks what comes
    straight from a question; Enketo tells it from a computed value. `there` is false where no node
    stands behind an answer, such as the third of two rows of a repeat.
    """

    kind: Kind
    data: Any
    blank: Truths = False
    is_answer: bool = False
    offset: Numbers = 0.0
    there: Truths = True


def number(data: Numbers, blank: Truths = False) -> Value:
    """Give a number value."""
    return Value("number", data, blank)


def text(data: Texts) -> Value:
    """Give a text value."""
    return Value("text", data)


def truth(data: Truths) -> Value:
    """Give a truth value."""
    return Value("truth", data)


def take(value: Value, at: NDArray[np.intp]) -> Value:
    """Give the value of the rows at these positions; one value for all rows stays one."""
    data = value.data
    if isinstance(data, pa.Array):
        data = data.take(pa.array(at))
    elif not isinstance(data, str):
        data = _taken(data, at)
    blank, there = _taken(value.blank, at), _taken(value.there, at)
    return replace(value, data=data, blank=blank, offset=_taken(value.offset, at), there=there)


def _taken(data: Any, at: NDArray[np.intp]) -> Any:
    return data[at] if np.ndim(data) else data


def spread_out(value: Value, rows: int) -> Value:
    """Give the value with data for each of `rows` rows, also where it is one for all."""
    data: Any
    if value.kind == "text":
        one = isinstance(value.data, str)
        data = pa.array([value.data] * rows, pa.large_string()) if one else value.data
    else:
        data = np.broadcast_to(value.data, rows)
    return replace(value, data=data)


def column_value(column: pd.Series, offset: Numbers) -> Value:
    """Give the answers of a typed frame's column; `offset` is the device's, in days.

    Raises `TypeError` for a column that holds neither numbers, texts, truths nor dates.
    """
    dtype = column.dtype
    if isinstance(dtype, pd.CategoricalDtype):
        column = column.astype(_STR)
        dtype = column.dtype
    if pd.api.types.is_bool_dtype(dtype):
        missing = column.isna().to_numpy()
        data = column.to_numpy(dtype="bool", na_value=False)
        return Value("truth", data, missing, is_answer=True)
    if pd.api.types.is_numeric_dtype(dtype):
        data = column.to_numpy(dtype="float64", na_value=np.nan)
        return Value("number", data, np.isnan(data), is_answer=True)
    if pd.api.types.is_datetime64_any_dtype(dtype):
        kind: Kind = "date" if getattr(dtype, "tz", None) is None else "moment"
        return Value(kind, _days(column, whole=kind == "date"), is_answer=True, offset=offset)
    if pd.api.types.is_string_dtype(dtype) or pd.api.types.is_object_dtype(dtype):
        try:
            return Value("text", one_array(pa.array(column, from_pandas=True)), is_answer=True)
        except (pa.ArrowInvalid, pa.ArrowTypeError) as error:
            raise TypeError(str(error)) from error
    raise TypeError(f"a column of {dtype}")


def one_array(array: pa.Array | pa.ChunkedArray) -> pa.Array:
    """Give an Arrow array of strings in one piece."""
    if isinstance(array, pa.ChunkedArray):
        array = array.combine_chunks()
        if isinstance(array, pa.ChunkedArray):
            array = pa.concat_arrays(array.chunks)
    if pa.types.is_null(array.type):
        return array.cast(pa.large_string())
    if not (pa.types.is_string(array.type) or pa.types.is_large_string(array.type)):
        raise pa.ArrowTypeError(f"a column of {array.type}")
    return array


def _days(column: pd.Series, *, whole: bool) -> NDArray[np.float64]:
    moments = column.dt.tz_convert("UTC").dt.tz_localize(None) if not whole else column
    microseconds = moments.to_numpy(dtype="datetime64[us]")
    missing = np.isnat(microseconds)
    if whole:
        days = microseconds.astype("datetime64[D]").astype("int64").astype("float64")
    else:
        days = microseconds.astype("int64") / _MICROSECONDS_A_DAY
    days[missing] = np.nan
    return days


def to_series(value: Value, index: pd.Index, name: str | None = None) -> pd.Series:
    """Give a value as a column: boolean, Float64, str, or datetime64 for dates and moments.

    A number that is none, and an empty text, are missing. A truth is never missing.
    """
    rows = len(index)
    if value.kind == "truth":
        data = np.broadcast_to(np.asarray(value.data, dtype="bool"), rows).copy()
        result = pd.Series(data, index=index, dtype="boolean")
    elif value.kind == "number":
        data = np.broadcast_to(np.asarray(value.data, dtype="float64"), rows).copy()
        missing = np.isnan(data)
        masked = pd.arrays.FloatingArray(np.where(missing, 1.0, data), missing)
        result = pd.Series(masked, index=index)
    elif value.kind == "text":
        given = (
            pa.array([value.data] * rows, pa.large_string())
            if isinstance(value.data, str)
            else value.data
        )
        filled = pc.if_else(pc.equal(given, ""), pa.scalar(None, given.type), given)
        result = pd.Series(pd.array(filled, dtype=_STR), index=index)
    else:
        result = _date_series(value, index)
    return result.rename(name)


def _date_series(value: Value, index: pd.Index) -> pd.Series:
    days = np.broadcast_to(np.asarray(value.data, dtype="float64"), len(index))
    missing = np.isnan(days)
    microseconds = np.round(np.where(missing, 0, days) * _MICROSECONDS_A_DAY).astype("int64")
    stamps = microseconds.astype("datetime64[us]")
    stamps[missing] = np.datetime64("NaT", "us")
    series = pd.Series(stamps, index=index)
    return series.dt.tz_localize("UTC") if value.kind == "moment" else series
