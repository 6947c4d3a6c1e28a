"""The functions that take texts apart or write them anew.

Here: `substr`, `substring-before`, `translate`, `normalize-space`, `digest` … over columns. Not
here: questions about texts (`text_functions`).
Source: both engines measured; https://docs.getodk.org/form-operators-functions/
"""

import base64
import hashlib
import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pyarrow as pa

from meal_pipeline.expressions.casts import map_texts
from meal_pipeline.expressions.errors import UnsupportedExpression
from meal_pipeline.expressions.predicates import Context
from meal_pipeline.expressions.values import Numbers, Texts, Value, text, truth
from meal_pipeline.locale import gettext as _

_FAR = 2**31
_JAVA_SPACES = re.compile(r"[ \t\n\x0b\f\r]+")
_JAVASCRIPT_SPACES = re.compile(r"[^\S\f\v]+")
_JAVA_TRIMMED = "".join(map(chr, range(33)))
_ALGORITHMS = {
    "MD5": hashlib.md5,
    "SHA-1": hashlib.sha1,
    "SHA-256": hashlib.sha256,
    "SHA-384": hashlib.sha384,
    "SHA-512": hashlib.sha512,
}


def substr(rows: Context, value: Value, start: Value, end: Value | None = None) -> Value:
    """Give the characters from `start` on, from 0, up to `end`; below 0 from the end."""
    ends: Numbers = _FAR if end is None else rows.number(end)
    return text(_row_by_row(_part, rows.text(value), rows.number(start), ends))


def _part(whole: str, start: float, end: float) -> str:
    first, last = (int(np.clip(np.nan_to_num(one), -_FAR, _FAR)) for one in (start, end))
    if whole.isascii() or max(whole) <= "\uffff":
        return whole[first:last]
    # Both engines count an emoji as two characters.
    units = whole.encode("utf-16-le")
    pairs = [units[at : at + 2] for at in range(0, len(units), 2)]
    return b"".join(pairs[first:last]).decode("utf-16-le", "replace")


def substring_before(rows: Context, value: Value, mark: Value) -> Value:
    """Give what stands before the first `mark`; "" where there is none."""
    return text(
        _row_by_row(
            lambda whole, sign: whole.partition(sign)[0] if sign and sign in whole else "",
            rows.text(value),
            rows.text(mark),
        )
    )


def substring_after(rows: Context, value: Value, mark: Value) -> Value:
    """Give what stands after the first `mark`; "" where there is none, all where it is empty."""
    return text(
        _row_by_row(
            lambda whole, sign: whole.partition(sign)[2] if sign else whole,
            rows.text(value),
            rows.text(mark),
        )
    )


def translate(rows: Context, value: Value, old: Value, new: Value) -> Value:
    """Put the character of `new` for that of `old` at the same place, or nothing."""
    return text(_row_by_row(_translated, rows.text(value), rows.text(old), rows.text(new)))


def _translated(whole: str, old: str, new: str) -> str:
    table: dict[int, str | None] = {}
    for place, one in enumerate(old):
        table.setdefault(ord(one), new[place] if place < len(new) else None)
    return whole.translate(table)


def normalize_space(rows: Context, value: Value) -> Value:
    """Make one blank of several, and none at the ends."""
    collect = rows.engine == "collect"
    spaces = _JAVA_SPACES if collect else _JAVASCRIPT_SPACES
    ends = _JAVA_TRIMMED if collect else " "
    if collect:
        return text(
            map_texts(lambda one: spaces.sub(" ", one.strip(ends)), rows.text(value), of=str)
        )
    return text(map_texts(lambda one: spaces.sub(" ", one).strip(ends), rows.text(value), of=str))


def boolean_from_string(rows: Context, value: Value) -> Value:
    """Tell where a text is `1` or `true`; for KoboCollect `TRUE`, for Enketo a number above 0."""
    texts = rows.text(value)
    if rows.engine == "collect":
        return truth(map_texts(lambda one: one == "1" or one.lower() == "true", texts, of=bool))
    held = map_texts(lambda one: one in ("1", "true"), texts, of=bool)
    if value.kind == "number" and not value.is_answer:
        return truth(np.logical_or(held, np.greater(value.data, 0)))
    return truth(held)


def digest(rows: Context, value: Value, algorithm: Value, encoding: Value | None = None) -> Value:
    """Give the digest of a text: MD5, SHA-1, SHA-256, SHA-384 or SHA-512, in base64 or hex."""
    name = rows.text(algorithm)
    written = "base64" if encoding is None else rows.text(encoding)
    made = _ALGORITHMS.get(name.upper()) if isinstance(name, str) else None
    if made is None or not isinstance(written, str) or written.lower() not in ("hex", "base64"):
        raise UnsupportedExpression(
            "digest",
            _("digest() is evaluated with one of {names}, in base64 or hex.").format(
                names=", ".join(_ALGORITHMS)
            ),
        )

    texts = rows.text(value)
    distinct = pa.array([texts] if isinstance(texts, str) else texts).unique().to_pylist()
    if rows.engine == "enketo" and (value.is_answer or not all(map(str.isascii, distinct))):
        raise UnsupportedExpression(
            "digest",
            _("Enketo's digest() of an answer, or of other than English letters, is none."),
        )

    def digested(one: str) -> str:
        found = made(one.encode(), usedforsecurity=False)
        if written.lower() == "hex":
            return found.hexdigest()
        return base64.b64encode(found.digest()).decode("ascii")

    return text(map_texts(digested, texts, of=str))


def _row_by_row(function: Callable[..., str], texts: Texts, *others: Any) -> Texts:
    """Apply a function row by row; once for each different text where the others are the same."""
    if all(isinstance(one, str) or np.ndim(one) == 0 for one in others):
        return map_texts(lambda one: function(one, *others), texts, of=str)
    size = next(len(one) for one in others if not isinstance(one, str) and np.ndim(one))
    columns = [_listed(one, size) for one in (texts, *others)]
    return pa.array([function(*row) for row in zip(*columns, strict=True)], pa.large_string())


def _listed(one: Any, size: int) -> list[Any]:
    if isinstance(one, str) or np.ndim(one) == 0:
        return [one] * size
    return list(one.to_pylist() if isinstance(one, pa.Array) else one.tolist())
