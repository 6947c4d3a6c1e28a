"""One kind of value taken for another, as each engine does it.

Here: to number, text and truth; any function of texts over a column. Not here: operators.
Source: the engines' own rules, measured; where they differ, the function says so.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from meal_pipeline.expressions.moments import DATE_LIKE, read_days, write_date, write_moment
from meal_pipeline.expressions.number_text import (
    read_number_collect,
    read_number_enketo,
    write_number_collect,
    write_number_enketo,
)
from meal_pipeline.expressions.values import Engine, Numbers, Texts, Truths, Value

_NEAR = 1e-12


def as_number(value: Value, engine: Engine, offset: Numbers) -> Numbers:  # noqa: PLR0911
    """Take a value for a number; NaN where it is none.

    Dates are days since 1970. KoboCollect counts whole days of the device's calendar, for moments
    too; Enketo counts from midnight UTC, and also takes a text that looks like a date for one.
    `offset` is the device's, for dates written in texts.
    """
    if value.kind == "number":
        return value.data
    if value.kind == "truth":
        return np.where(value.blank, np.nan, np.asarray(value.data, dtype="float64"))
    if value.kind == "date":
        return value.data if engine == "collect" else value.data - value.offset
    if value.kind == "moment":
        return np.floor(value.data + value.offset) if engine == "collect" else value.data
    if engine == "collect":
        return map_texts(read_number_collect, value.data, of=float)
    numbers = map_texts(read_number_enketo, value.data, of=float)
    if not np.any(date_like(value.data)):
        return numbers
    days = days_in_texts(value.data, offset)
    return np.where(date_like(value.data), days, numbers)


def days_in_texts(texts: Texts, offset: Numbers) -> Numbers:
    """Read dates and times from texts, as days since 1970 in UTC; NaN for what is neither."""
    days = map_texts(lambda one: read_days(one)[0], texts, of=float)
    is_moment = map_texts(lambda one: read_days(one)[1], texts, of=bool)
    return np.where(is_moment, days, days - offset)


def as_text(value: Value, engine: Engine) -> Texts:
    """Take a value for a text, without nulls.

    KoboCollect writes moments as their date, and large numbers as `1.2E10`.
    """
    if value.kind == "text":
        return value.data if isinstance(value.data, str) else pc.fill_null(value.data, "")
    if value.kind == "number":
        write = write_number_collect if engine == "collect" else write_number_enketo
        texts = map_numbers(write, value.data)
    elif value.kind == "truth":
        texts = if_else(value.data, "true", "false")
    elif value.kind == "date":
        texts = map_numbers(write_date, value.data)
    elif engine == "collect":
        texts = map_numbers(write_date, value.data + value.offset)
    else:
        texts = _moment_texts(value)
    return texts if value.blank is False else if_else(value.blank, "", texts)


def _moment_texts(value: Value) -> Texts:
    """Write moments as Enketo does: with their time, or as a date where midnight was computed."""
    pairs = np.broadcast_arrays(np.atleast_1d(value.data), np.atleast_1d(value.offset))
    texts = [write_moment(days, ahead) for days, ahead in zip(*pairs, strict=True)]
    if not value.is_answer:
        texts = [one.split("T00:00:00.000")[0] for one in texts]
    return pa.array(texts, pa.large_string()) if np.ndim(value.data) else texts[0]


def as_truth(value: Value, engine: Engine) -> Truths:
    """Take a value for a condition: a number that is not 0, a text that is not empty, a date.

    For Enketo an answer is true even when it is empty or 0, because the question is there.
    """
    if engine == "enketo" and value.is_answer and value.kind != "truth":
        return value.there
    if value.kind == "truth":
        return value.data
    if value.kind == "text":
        return np.logical_not(is_blank(value))
    if value.kind == "number":
        return np.abs(value.data) > (_NEAR if engine == "collect" else 0.0)
    return np.logical_not(np.isnan(value.data))


def is_blank(value: Value) -> Truths:
    """Tell where a value is the empty text."""
    if value.kind == "text":
        if isinstance(value.data, str):
            return value.data == ""
        return to_bools(pc.fill_null(pc.equal(value.data, ""), True))
    if value.kind in ("date", "moment"):
        return np.isnan(value.data)
    return value.blank


def date_like(texts: Texts) -> Truths:
    """Tell where a text looks like a date to Enketo."""
    if isinstance(texts, str):
        return bool(pc.match_substring_regex(pa.scalar(texts), DATE_LIKE).as_py())
    return to_bools(pc.fill_null(pc.match_substring_regex(texts, DATE_LIKE), False))


def to_bools(array: pa.Array) -> Truths:
    """Give an Arrow array of truths without nulls as a numpy array."""
    return array.to_numpy(zero_copy_only=False)


def map_texts(function: Callable[[str], object], texts: Texts, *, of: type) -> Any:
    """Apply a function to each different text once; a null is the empty text.

    `of` is what the function gives: `bool` and `float` give numpy arrays, `str` an Arrow array. One
    text gives one result.
    """
    if isinstance(texts, str):
        return function(texts)
    encoded = pc.fill_null(texts, "").dictionary_encode()
    results = [function(one) for one in encoded.dictionary.to_pylist()]
    if of is str:
        return pa.array(results, pa.large_string()).take(encoded.indices)
    return np.array(results, dtype=of)[encoded.indices.to_numpy(zero_copy_only=False)]


def map_numbers(function: Callable[[float], str], numbers: Numbers) -> Texts:
    """Write each different number once; gives an Arrow array, or a text for one number."""
    if np.ndim(numbers) == 0:
        return function(float(numbers))
    different, where = np.unique(numbers, return_inverse=True)
    return pa.array([function(one) for one in different.tolist()], pa.large_string()).take(
        pa.array(where)
    )


def if_else(condition: Truths, yes: Texts, no: Texts) -> Texts:
    """Give the text of `yes` where the condition holds, else that of `no`."""
    if np.ndim(condition) == 0:
        return yes if condition else no
    large = pa.large_string()
    either = [
        pa.scalar(one, large) if isinstance(one, str) else one.cast(large) for one in (yes, no)
    ]
    return pc.if_else(pa.array(condition), *either)
