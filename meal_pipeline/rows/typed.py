"""One question's answers, from texts to typed columns.

Here: a whole column of raw texts at once, by kind of question; what could not be read. Not here:
where the texts come from (`read`) and what one number or date may look like (`numbers.py`,
`times.py`).

Each distinct odd text is read once; the plain majority goes through Arrow's own kernels.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from meal_pipeline.forms.choice_codes import AmbiguousCodes, ChoiceCodes
from meal_pipeline.forms.question_types import ValueKind
from meal_pipeline.locale import mark
from meal_pipeline.rows.lines import NOT_A_LINE, read_line
from meal_pipeline.rows.numbers import (
    AMBIGUOUS,
    NOT_A_NUMBER,
    NOT_WHOLE,
    TOO_LONG,
    Unreadable,
    read_decimal,
    read_integer,
)
from meal_pipeline.rows.times import (
    NOT_A_DATE,
    NOT_A_MOMENT,
    NOT_GREGORIAN,
    offset_of_time,
    read_date,
    read_moment,
)

AMBIGUOUS_CODES = mark(
    "The answer to {question} can be taken apart into choices in two ways, since a choice's code "
    "holds a blank."
)
NOT_A_POINT = mark("The answer to {question} cannot be read as a point on the map.")

SENTENCES_OF_TYPES = (
    NOT_A_NUMBER,
    NOT_WHOLE,
    AMBIGUOUS,
    TOO_LONG,
    NOT_A_DATE,
    NOT_A_MOMENT,
    NOT_GREGORIAN,
    NOT_A_POINT,
    NOT_A_LINE,
    AMBIGUOUS_CODES,
)
"""What may be said of an answer that cannot be read."""

TEXT = pa.large_string()
POINT_PARTS = ("latitude", "longitude", "altitude", "accuracy")

_PLAIN_INTEGER = r"^-?[0-9]{1,18}$"
_PLAIN_POINT = re.compile(r"-?[0-9]{1,3}[.]?[0-9]*( -?[0-9]{1,9}[.]?[0-9]*)+")
_PLAIN_DECIMAL = r"^-?[0-9]{1,15}([.][0-9]{1,15})?$"


@dataclass
class TypedColumn:
    """The columns of one question, and which rows of it could not be read.

    `columns` holds Arrow arrays by suffix: `""` for the question itself, `"/latitude"`,
    `"/<code>"`. `unreadable` is row → msgid of the sentence that says why.
    """

    columns: dict[str, Any]
    unreadable: dict[int, str] = field(default_factory=dict)


def texts(values: Sequence[Any]) -> tuple[Any, list[int]]:
    """Give raw values as an Arrow text array, and the rows that hold no single value.

    Absent and empty answers are null. KoboToolbox answers are texts; numbers, which other clients
    send, are taken as written. A list or a dict (a doubled node) is no single value.
    """
    doubled: list[int] = []
    try:
        array = pa.array(values, TEXT)
    except (pa.ArrowInvalid, pa.ArrowTypeError):
        doubled = [i for i, value in enumerate(values) if isinstance(value, list | dict)]
        array = pa.array(
            [
                None if value is None or isinstance(value, list | dict) else str(value)
                for value in values
            ],
            TEXT,
        )
    empty = pc.equal(array, "")
    if pc.any(empty).as_py():
        array = pc.if_else(empty, pa.scalar(None, TEXT), array)
    return array, doubled


def recode(raw: Any, new_codes: Mapping[str, str]) -> Any:
    """Give the array with each code replaced by its new one, where it has one."""
    if not new_codes:
        return raw
    encoded = raw.dictionary_encode()
    made = [new_codes.get(code, code) for code in encoded.dictionary.to_pylist()]
    return pa.array(made, TEXT).take(encoded.indices)


def type_column(
    raw: Any,
    kind: ValueKind,
    codes: Sequence[str] = (),
    choices: ChoiceCodes | None = None,
) -> TypedColumn:
    """Give the typed columns of raw texts (`texts`) of a question of this kind.

    integer: int64. decimal: double. date: timestamp. dateTime: UTC timestamp and
    `/offset_minutes`. time: the text and `/offset_minutes`. select_multiple: the codes as given,
    one blank between, and a truth for each of `codes`, null where unanswered; `choices` takes them
    apart. geopoint: `/latitude`, `/longitude`, `/altitude`, `/accuracy`. line: its canonical text
    and `/points`, how many. media: a truth, whether a file is named. All else: the text.
    """
    if kind == "select_multiple":
        return _choices(raw, codes, choices or ChoiceCodes(codes))
    return _BY_KIND.get(kind, _texts)(raw)


def to_pandas(array: Any) -> Any:
    """Give an Arrow array as the pandas array that snapshots hold."""
    if pa.types.is_timestamp(array.type):
        return array.to_pandas().array
    return _PANDAS[array.type].__from_arrow__(array)


_PANDAS: dict[Any, Any] = {
    pa.int64(): pd.Int64Dtype(),
    pa.float64(): pd.Float64Dtype(),
    pa.bool_(): pd.BooleanDtype(),
    TEXT: pd.StringDtype("pyarrow", na_value=np.nan),
}


def _numbers(
    raw: Any, plain: str, read: Callable[[str], int | float | None], arrow_type: Any
) -> TypedColumn:
    is_plain = pc.match_substring_regex(raw, plain)
    odd = pc.indices_nonzero(pc.invert(is_plain)).to_pylist()
    if not odd:
        return TypedColumn({"": raw.cast(arrow_type)})
    values = pc.if_else(is_plain, raw, pa.scalar(None, TEXT)).cast(arrow_type).to_pylist()
    unreadable = {}
    for row in odd:
        try:
            values[row] = read(raw[row].as_py())
        except Unreadable as why:
            unreadable[row] = str(why)
    return TypedColumn({"": pa.array(values, arrow_type)}, unreadable)


def _dates(raw: Any) -> TypedColumn:
    found, unreadable = _read_distinct(raw, read_date)
    return TypedColumn({"": pa.array(found, pa.date32()).cast(pa.timestamp("us"))}, unreadable)


def _moments(raw: Any) -> TypedColumn:
    found, unreadable = _read_distinct(raw, read_moment)
    moments = [None if one is None else one[0] for one in found]
    offsets = [None if one is None else one[1] for one in found]
    return TypedColumn(
        {
            "": pa.array(moments, pa.timestamp("us", tz="UTC")),
            "/offset_minutes": pa.array(offsets, pa.int64()),
        },
        unreadable,
    )


def _choices(raw: Any, codes: Sequence[str], choices: ChoiceCodes) -> TypedColumn:
    encoded = raw.dictionary_encode()
    chosen: list[list[str]] = []
    faults: dict[int, str] = {}
    for at, text in enumerate(encoded.dictionary.to_pylist()):
        try:
            chosen.append(choices.split(text))
        except AmbiguousCodes:
            chosen.append([])
            faults[at] = AMBIGUOUS_CODES
    joined = pa.array([" ".join(one) or None for one in chosen], TEXT)
    columns = {"": joined.take(encoded.indices)}
    for code in codes:
        ticked = pa.array([code in one if one else None for one in chosen], pa.bool_())
        columns[f"/{code}"] = ticked.take(encoded.indices)
    unreadable = (
        {row: faults[at] for row, at in enumerate(encoded.indices.to_pylist()) if at in faults}
        if faults
        else {}
    )
    return TypedColumn(columns, unreadable)


def _times(raw: Any) -> TypedColumn:
    offsets, _no_faults = _read_distinct(raw, offset_of_time)
    return TypedColumn({"": raw, "/offset_minutes": pa.array(offsets, pa.int64())})


def _lines(raw: Any) -> TypedColumn:
    found, unreadable = _read_distinct(raw, read_line)
    texts_ = [None if one is None else one[0] for one in found]
    points = [None if one is None else one[1] for one in found]
    return TypedColumn(
        {"": pa.array(texts_, TEXT), "/points": pa.array(points, pa.int64())}, unreadable
    )


def _read_point(text: str) -> list[float | None]:
    # `float` is ten times quicker, and reads what apps write as `read_decimal` does.
    read = float if _PLAIN_POINT.fullmatch(text) else read_decimal
    numbers = [read(part) for part in text.split()]
    if not 2 <= len(numbers) <= len(POINT_PARTS) or None in numbers[:2]:
        raise Unreadable(NOT_A_POINT)
    latitude, longitude = numbers[:2]
    if not (abs(latitude or 0) <= 90 and abs(longitude or 0) <= 180):
        raise Unreadable(NOT_A_POINT)
    return numbers + [None] * (len(POINT_PARTS) - len(numbers))


def _points(raw: Any) -> TypedColumn:
    found, unreadable = _read_distinct(raw, _read_point)
    rows = [[None] * len(POINT_PARTS) if point is None else point for point in found]
    return TypedColumn(
        {
            f"/{part}": pa.array([point[i] for point in rows], pa.float64())
            for i, part in enumerate(POINT_PARTS)
        },
        dict.fromkeys(unreadable, NOT_A_POINT),
    )


def _read_distinct(raw: Any, read: Callable[[str], Any]) -> tuple[list[Any], dict[int, str]]:
    """Give what `read` makes of each row, None where null or unreadable, and why unreadable."""
    made: dict[str | None, Any] = {None: None}
    faults: dict[str, str] = {}
    rows = raw.to_pylist()
    for text in set(rows) - {None}:
        try:
            made[text] = read(text)
        except Unreadable as why:
            made[text] = None
            faults[text] = str(why)
    unreadable = (
        {i: faults[text] for i, text in enumerate(rows) if text in faults} if faults else {}
    )
    return [made[text] for text in rows], unreadable


def _texts(raw: Any) -> TypedColumn:
    return TypedColumn({"": raw})


_BY_KIND: dict[ValueKind, Callable[[Any], TypedColumn]] = {
    "integer": lambda raw: _numbers(raw, _PLAIN_INTEGER, read_integer, pa.int64()),
    "decimal": lambda raw: _numbers(raw, _PLAIN_DECIMAL, read_decimal, pa.float64()),
    "date": _dates,
    "dateTime": _moments,
    "time": _times,
    "line": _lines,
    "geopoint": _points,
    "media": lambda raw: TypedColumn({"": pc.is_valid(raw)}),
}
