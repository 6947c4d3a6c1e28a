"""The functions of texts and of choices.

Here: `selected` and its like, `contains`, `regex` … over columns. Not here: parts of texts
(`text_parts`) and the table of all functions (`functions`).
Source: measured on both engines; where they differ, the function says so.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from meal_pipeline.expressions.casts import map_texts, to_bools
from meal_pipeline.expressions.errors import UnsupportedExpression
from meal_pipeline.expressions.patterns import matcher
from meal_pipeline.expressions.predicates import Context
from meal_pipeline.expressions.values import Numbers, Texts, Value, number, text, truth
from meal_pipeline.locale import gettext as _


def selected(rows: Context, answers: Value, code: Value) -> Value:
    """Tell where a code is among those chosen; upper and lower case differ."""
    listed, wanted = _codes(rows, "selected", answers), _codes(rows, "selected", code)
    test = _selected_collect if rows.engine == "collect" else _selected_enketo
    return truth(_of_two(test, listed, wanted, of=bool))


def _selected_collect(listed: str, wanted: str) -> bool:
    return f" {wanted.strip()} " in f" {listed.strip()} "


def _selected_enketo(listed: str, wanted: str) -> bool:
    return wanted.strip() in listed.split(" ")


def count_selected(rows: Context, answers: Value) -> Value:
    """Count the codes chosen."""
    listed = _codes(rows, "count-selected", answers)
    return number(map_texts(lambda one: len(one.split()), listed, of=float))


def selected_at(rows: Context, answers: Value, index: Value) -> Value:
    """Give the code chosen at a place, counted from 0; nothing where there is none.

    KoboCollect takes several blanks for one, Enketo each for itself.
    """
    places = np.nan_to_num(
        np.trunc(rows.number(index)), nan=0.0 if rows.engine == "collect" else -1
    )
    blank = None if rows.engine == "collect" else " "

    def at(listed: str, place: float) -> str:
        codes = listed.split(blank)
        return codes[int(place)] if 0 <= place < len(codes) else ""

    listed = rows.text(answers)
    if np.ndim(places) == 0:
        return text(map_texts(lambda one: at(one, float(places)), listed, of=str))
    return text(each_row(at, listed, places, of=str))


def _codes(rows: Context, function: str, value: Value) -> Texts:
    if rows.engine == "collect" and value.kind != "text":
        raise UnsupportedExpression(
            function,
            _("KoboCollect refuses {function}() of anything but codes.").format(function=function),
            next_step=_("Write the code in quotes, and ask only questions with choices."),
        )
    return rows.text(value)


def concat_texts(texts: Sequence[Texts]) -> Texts:
    """Put texts together, row by row."""
    if all(isinstance(one, str) for one in texts):
        return "".join(texts)
    large = pa.large_string()
    arrays = [pa.scalar(one, large) if isinstance(one, str) else one.cast(large) for one in texts]
    return pc.binary_join_element_wise(*arrays, pa.scalar("", large))


def string_length(rows: Context, value: Value) -> Value:
    """Count the characters as both engines do: one beyond the Basic Plane, an emoji, counts two."""
    texts = rows.text(value)
    if isinstance(texts, str):
        return number(float(len(texts.encode("utf-16-le")) // 2))
    lengths = pc.utf8_length(texts)
    if (pc.max(pc.subtract(pc.binary_length(texts), lengths)).as_py() or 0) >= 3:
        beyond = pc.count_substring_regex(texts, "[\\x{10000}-\\x{10FFFF}]")
        lengths = pc.add(lengths, beyond.cast(lengths.type))
    return number(lengths.to_numpy(zero_copy_only=False).astype("float64"))


def starts_with(rows: Context, whole: Value, part: Value) -> Value:
    """Tell where a text starts with another; every text starts with the empty one."""
    return truth(_of_two(str.startswith, rows.text(whole), rows.text(part), of=bool))


def ends_with(rows: Context, whole: Value, part: Value) -> Value:
    """Tell where a text ends with another."""
    return truth(_of_two(str.endswith, rows.text(whole), rows.text(part), of=bool))


def contains(rows: Context, whole: Value, part: Value) -> Value:
    """Tell where a text holds another."""
    return truth(_of_two(str.__contains__, rows.text(whole), rows.text(part), of=bool))


def regex(rows: Context, value: Value, pattern: Value) -> Value:
    """Tell where a text fits a pattern: the whole of it for KoboCollect, a part for Enketo."""
    patterns = rows.text(pattern)
    if not isinstance(patterns, str):
        raise UnsupportedExpression(
            "regex", _("regex() is evaluated only with a pattern written in the expression.")
        )
    fits = matcher(patterns, rows.engine)
    texts = rows.text(value)
    if isinstance(texts, str):
        return truth(fits(texts))
    whole = rf"\A(?:{patterns})\z" if rows.engine == "collect" else patterns
    try:
        return truth(to_bools(pc.match_substring_regex(texts, whole)))
    except pa.ArrowInvalid:  # what RE2 lacks: looking ahead, back references, large counts
        return truth(map_texts(fits, texts, of=bool))


def _of_two(test: Callable[[str, str], object], left: Texts, right: Texts, *, of: type) -> Any:
    if isinstance(right, str):
        return map_texts(lambda one: test(one, right), left, of=of)
    if isinstance(left, str):
        return map_texts(lambda one: test(left, one), right, of=of)
    return each_row(test, left, right.to_pylist(), of=of)


def each_row(
    function: Callable[..., object], texts: Texts, others: Numbers | list[str], *, of: type
) -> Any:
    """Apply a function row by row; gives what `map_texts` does."""
    size = len(others)
    listed = [texts] * size if isinstance(texts, str) else texts.to_pylist()
    results = [function(one, other) for one, other in zip(listed, others, strict=True)]
    return pa.array(results, pa.large_string()) if of is str else np.array(results, dtype=of)
