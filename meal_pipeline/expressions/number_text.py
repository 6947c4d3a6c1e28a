"""Numbers written as text and read from it, as each engine does it.

Here: one value at a time. Not here: columns (`casts`).
Source: measured on JavaRosa (inside ODK Validate) and on openrosa-xpath-evaluator 3.
"""

import math
import re
from decimal import Decimal

# JavaRosa takes a comma for a point and no exponent; JavaScript takes exponents and 0x.
_JAVAROSA = re.compile(r"-?(\d+[.,]?\d*|[.,]\d+)", re.ASCII)
_JAVASCRIPT = re.compile(r"[+-]?(\d+\.?\d*(e[+-]?\d+)?|\.\d+(e[+-]?\d+)?|Infinity)", re.A | re.I)
_JAVASCRIPT_BASE = re.compile(r"0(x[0-9a-f]+|o[0-7]+|b[01]+)", re.ASCII | re.IGNORECASE)
_NEAR = 1e-12
_INT_MIN, _INT_MAX = -(2**31), 2**31 - 1


def read_number_collect(text: str) -> float:
    """Read a number as JavaRosa does: NaN for what is none."""
    trimmed = text.strip(" \t\r\n")
    if not _JAVAROSA.fullmatch(trimmed):
        return math.nan
    return float(trimmed.replace(",", "."))


def read_number_enketo(text: str) -> float:
    """Read a number as JavaScript's `+text` does: NaN for what is none."""
    trimmed = text.strip()
    if _JAVASCRIPT.fullmatch(trimmed) and trimmed.lower().lstrip("+-") != "infinity":
        return float(trimmed)
    if trimmed.lstrip("+-") == "Infinity":
        return float(trimmed)
    if _JAVASCRIPT_BASE.fullmatch(trimmed):
        return float(int(trimmed, 0))
    return math.nan


def write_number_collect(value: float) -> str:
    """Write a number as JavaRosa does: `5`, `0.25`, `1.2345678901E10`, `NaN`."""
    if not math.isfinite(value):
        return _not_finite(value)
    as_int = min(max(math.trunc(value), _INT_MIN), _INT_MAX)
    if abs(value - as_int) < _NEAR:
        return str(as_int)
    sign, digits, exponent = _digits(value)
    if 1e-3 <= abs(value) < 1e7:
        return sign + _plain(digits, exponent)
    return f"{sign}{digits[0]}.{digits[1:] or '0'}E{exponent}"


def write_number_enketo(value: float) -> str:
    """Write a number as JavaScript's `String(value)` does: `5`, `12345678901`, `1e+21`, `NaN`."""
    if not math.isfinite(value):
        return _not_finite(value)
    if value == 0:
        return "0"
    sign, digits, exponent = _digits(value)
    if -7 < exponent < 21:
        return sign + _plain(digits, exponent)
    fraction = f".{digits[1:]}" if len(digits) > 1 else ""
    return f"{sign}{digits[0]}{fraction}e{exponent:+d}"


def _not_finite(value: float) -> str:
    if math.isnan(value):
        return "NaN"
    return "Infinity" if value > 0 else "-Infinity"


def _digits(value: float) -> tuple[str, str, int]:
    """Give the sign, the shortest digits that mean this number, and the exponent of the first."""
    sign, digits, exponent = Decimal(repr(value)).as_tuple()
    text = "".join(map(str, digits))
    first = len(text) - 1 + int(exponent)
    return "-" if sign else "", text.rstrip("0") or "0", first


def _plain(digits: str, exponent: int) -> str:
    if exponent < 0:
        return "0." + "0" * (-exponent - 1) + digits
    if len(digits) <= exponent + 1:
        return digits + "0" * (exponent + 1 - len(digits))
    return f"{digits[: exponent + 1]}.{digits[exponent + 1 :]}"
