"""Cases tried on both engines: a frame of one row from a case, and a result as they word it."""

import json
import math
from pathlib import Path

import pandas as pd

DTYPES = {
    "int": "Int64",
    "decimal": "Float64",
    "date": "datetime64[us]",
    "dateTime": "datetime64[us, UTC]",
}


def read_cases(file: Path) -> list[dict]:
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]


def frame_of(case: dict) -> pd.DataFrame:
    """Give the case's answers as one row of a typed frame, filled in at a known moment."""
    columns = {
        "end": pd.Series(["2026-01-31T09:00:00Z"], dtype="datetime64[us, UTC]"),
        "end/offset_minutes": pd.Series([case.get("offset_minutes", 0)], dtype="Int64"),
    }
    for name, value in case["values"].items():
        if isinstance(value, str):
            dtype = DTYPES.get(case["types"].get(name, "string"), "str")
            columns[name] = column(value, dtype)
    return pd.DataFrame(columns)


def frames_in(case: dict) -> dict[str, pd.DataFrame]:
    """Give the case's frames: that of `frame_of`, and one a repeat."""
    frames = {"": frame_of(case).assign(_id=1)}
    for name, rows in case["values"].items():
        if isinstance(rows, list):
            asked = {child for row in rows for child in row}
            frame = pd.DataFrame(
                {
                    "_id": 1,
                    "_position": pd.Series(map(str, range(1, len(rows) + 1)), dtype="str"),
                    "_parent_position": pd.Series([""] * len(rows), dtype="str"),
                }
            )
            for child in asked:
                dtype = DTYPES.get(case["types"].get(f"{name}/{child}", "string"), "str")
                parts = [column(row[child], dtype) for row in rows]
                frame[child] = pd.concat(parts, ignore_index=True)
            frames[name] = frame
    return frames


def column(value: str, dtype: str) -> pd.Series:
    if dtype == "Int64":
        return pd.Series([int(value) if value else None], dtype=dtype)
    if dtype == "Float64":
        return pd.Series([float(value) if value else None], dtype=dtype)
    if dtype.startswith("datetime64"):
        moment = pd.Timestamp(value) if value else pd.NaT
        if dtype.endswith("UTC]") and value:
            moment = moment.tz_convert("UTC")
        return pd.Series([moment], dtype=dtype)
    return pd.Series([value or None], dtype="str")


def in_words(series: pd.Series, offset_minutes: int = 0) -> str | float:
    """Give the only value as a number, or as a text: "true", "2021-10-06", "" for a missing one.

    A moment is written by a clock that is ahead of UTC: "2021-10-06 23:30".
    """
    (value,) = series
    if pd.isna(value):
        return ""
    if series.dtype == "boolean":
        return "true" if value else "false"
    if series.dtype == "Float64":
        return float(value)
    if isinstance(value, pd.Timestamp):
        if value.tzinfo is None:
            return value.strftime("%Y-%m-%d")
        return (value + pd.Timedelta(minutes=offset_minutes)).strftime("%Y-%m-%d %H:%M")
    return value


def same(ours: str | float, theirs: str, close: float = 1e-14) -> bool:
    """Tell whether a result is the engine's: True/true, NaN/"" and spelling aside."""
    if ours == theirs:
        return True
    theirs = {"True": "true", "False": "false", "NaN": "", "Invalid Date": ""}.get(theirs, theirs)
    if isinstance(ours, float):
        return theirs != "" and math.isclose(ours, float(theirs), rel_tol=close, abs_tol=1e-300)
    if theirs[2:3] == theirs[5:6] == "/":  # JavaRosa shows a date as 06/10/21 00:00
        theirs = pd.to_datetime(theirs, format="%d/%m/%y %H:%M").strftime("%Y-%m-%d %H:%M")
        theirs = theirs.removesuffix(" 00:00")
    elif theirs[10:11] == "T":
        theirs = f"{theirs[:10]} {theirs[11:16]}"
    return ours == theirs or f"{theirs} 00:00" == ours
