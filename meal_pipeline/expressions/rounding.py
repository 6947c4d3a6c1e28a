"""Rounding as each engine does it.

Here: `round(x)` and `round(x, digits)`. Not here: cutting off decimals (`int`).
Source: measured on both engines.
"""

from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

import numpy as np

from meal_pipeline.expressions.values import Numbers


def round_collect(numbers: Numbers, digits: int) -> Numbers:
    """Round halves upwards, on the decimal digits as written: -2.5 gives -2, 1.005 gives 1.01."""
    scaled = numbers * 10.0**digits
    below = np.floor(scaled)
    up = scaled - below >= 0.5
    rounded = below + up
    result = rounded / 10.0**digits if digits > 0 else rounded * 10.0**-digits
    result = np.where(np.isfinite(scaled), result, numbers)
    return result if digits == 0 else _near_halves_by_decimal(numbers, scaled, result, digits)


def _near_halves_by_decimal(
    numbers: Numbers, scaled: Numbers, result: Numbers, digits: int
) -> Numbers:
    """Decide halves on the written digits, since 1.005 is a little less than that in binary."""
    near_half = np.abs(np.abs(scaled - np.trunc(scaled)) - 0.5) < 1e-6
    if not np.any(near_half):
        return result
    numbers, near_half = np.atleast_1d(numbers), np.atleast_1d(near_half)
    decided = np.atleast_1d(np.array(result, dtype="float64"))
    decided[near_half] = [_half_up(one, digits) for one in numbers[near_half].tolist()]
    return decided if np.ndim(result) else decided[0]


def _half_up(number: float, digits: int) -> float:
    unit = Decimal(1).scaleb(-digits)
    exact = Decimal(repr(number))
    below = exact.quantize(unit, ROUND_FLOOR)
    return float(exact.quantize(unit, ROUND_CEILING) if exact - below >= unit / 2 else below)


def round_enketo(numbers: Numbers, digits: int) -> Numbers:
    """Round halves away from zero, on the binary number: -2.5 gives -3, 1.005 gives 1."""
    power = 10.0 ** abs(digits)
    if digits > 0:
        return _away_from_zero(numbers * power) / power
    return power * _away_from_zero(numbers / power)


def _away_from_zero(numbers: Numbers) -> Numbers:
    size = np.abs(numbers)
    below = np.floor(size)
    rounded = np.where(np.isfinite(size), below + (size - below >= 0.5), size)
    return np.copysign(rounded, numbers)
