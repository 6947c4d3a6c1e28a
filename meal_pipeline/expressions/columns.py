"""A question's answers in a typed frame, as values.

Here: one column, or the parts of a place, with the clock it was answered by. Not here: which frame
and which column (`rows`, `repeats`).
"""

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from meal_pipeline.expressions.errors import ExpressionError
from meal_pipeline.expressions.number_text import write_number_enketo
from meal_pipeline.expressions.values import MINUTES_A_DAY, Numbers, Value, column_value
from meal_pipeline.locale import gettext as _

CLOCKS = ("end", "start", "_submission_time")
"""The columns that tell when a row was filled in, the best first."""
_PLACE = ("latitude", "longitude", "altitude", "accuracy")


def held(frame: pd.DataFrame, *names: str) -> str | None:
    """Give the first of `names` that the frame holds answers to; none where it holds none."""
    for name in names:
        if name in frame.columns or f"{name}/latitude" in frame.columns:
            return name
    return None


def answers_in(frame: pd.DataFrame, name: str, device: Numbers) -> Value:
    """Give the answers to a question that the frame holds.

    `device` is what the device's clock was ahead of UTC; a moment's own
    (`<name>/offset_minutes`) goes before it. A place is a text of latitude, longitude, altitude and
    accuracy.

    Raises `ExpressionError` for a column that holds neither numbers, texts, truths nor dates.
    """
    if name not in frame.columns:
        return _places(frame, name)
    own = f"{name}/offset_minutes"
    offset = offset_in(frame[own]) if own in frame.columns else device
    try:
        return column_value(frame[name], offset)
    except TypeError as error:
        raise ExpressionError(
            _("The column “{name}” cannot be used in an expression: {why}.").format(
                name=name, why=error
            )
        ) from error


def _places(frame: pd.DataFrame, name: str) -> Value:
    """Write places as apps do: `36.2 37.1 0 0`."""
    parts = []
    for part in _PLACE:
        column = frame.get(f"{name}/{part}")
        if column is not None:
            numbers = column.to_numpy(dtype="float64", na_value=np.nan)
            filled = np.nan_to_num(numbers) if part in _PLACE[2:] else numbers
            written = [None if np.isnan(one) else write_number_enketo(one) for one in filled]
            parts.append(pa.array(written, pa.large_string()))
    return Value("text", pc.binary_join_element_wise(*parts, " "), is_answer=True)


def device_offset(frame: pd.DataFrame) -> Numbers:
    """Give how far the device's clock was ahead of UTC in each row, in days; 0 where not known."""
    for name in CLOCKS:
        column = f"{name}/offset_minutes"
        if column in frame.columns:
            return offset_in(frame[column])
    return 0.0


def offset_in(minutes: pd.Series) -> Numbers:
    """Give minutes as days, 0 where not known."""
    return minutes.to_numpy(dtype="float64", na_value=0.0) / MINUTES_A_DAY
