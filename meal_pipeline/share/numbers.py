"""Numbers as a person reads them: digits, rounding, percent, ranges, so many of every hundred.

Here: formats. Not here: sentences (`wording.py`) and which numbers may be shown (the marts).

Rounding, everywhere in the room: half away from zero, on the number as it is written in decimals
(0.285 is 28.5 %, so 29 %). A value has as many decimals as its interval can bear: none where half
the interval is 1 or wider, one from 0.1, two below. A share that is not quite 0 % or 100 % is never
shown as such: decimals are added, two at most. Numbers "of every 100" become "of every 1,000" (or
10,000) where one of them would otherwise be rounded to zero.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Literal

Digits = Literal["western", "arabic"]

DIGITS: dict[str, Digits] = {"en": "western", "ar": "arabic"}
"""The digits of each language, where nobody asks for others."""

_ARABIC = str.maketrans("0123456789,.", "٠١٢٣٤٥٦٧٨٩٬٫")
_NO_BREAK = "\N{NO-BREAK SPACE}"
_BASES = (100, 1_000, 10_000)
_MOST_PLACES = 2


@dataclass(frozen=True)
class Numbers:
    """How numbers are written: in which language, with which digits."""

    language: str
    digits: Digits

    @classmethod
    def of(cls, language: str, digits: Digits | None = None) -> "Numbers":
        """Give the numbers of `language`: Arabic-Indic digits in Arabic, western in English."""
        return cls(language, digits or DIGITS[language])

    def written(self, text: str) -> str:
        """Give `text`, a number with western digits, in the digits in use."""
        return text.translate(_ARABIC) if self.digits == "arabic" else text

    def decimal(self, number: float, places: int) -> str:
        """Give a number with `places` decimals and grouped thousands: 1,551 or ١٬٥٥١."""
        return self.written(f"{rounded(number, places):,.{places}f}")

    def whole(self, number: float) -> str:
        """Give a whole number with grouped thousands."""
        return self.decimal(number, 0)

    def percent(self, share: float, places: int = 0) -> str:
        """Give a share of 0 to 1 in percent: 62 % or ٦٢٪."""
        return self.signed_percent(self.decimal(_hundredfold(share), places))

    def signed_percent(self, number: str) -> str:
        """Give a written number with the percent sign of its digits."""
        return f"{number}٪" if self.digits == "arabic" else f"{number}{_NO_BREAK}%"

    def value(
        self, estimate: float, low: float | None, high: float | None, *, share: bool, unit: str = ""
    ) -> str:
        """Give an estimate without its interval, as exact as the interval bears."""
        places = places_of(estimate, low, high, share=share)
        if share:
            return self.percent(estimate, places)
        return f"{self.decimal(estimate, places)}{_NO_BREAK}{unit}".rstrip()

    def interval(
        self, estimate: float, low: float | None, high: float | None, *, share: bool
    ) -> str:
        """Give the ends of an interval, "56–68"; empty where there is none."""
        if low is None or high is None:
            return ""
        places = places_of(estimate, low, high, share=share)
        ends = (_hundredfold(end) if share else end for end in (low, high))
        return "–".join(self.decimal(end, places) for end in ends)


def rounded(number: float, places: int = 0) -> Decimal:
    """Give the number rounded half away from zero, on its shortest decimal writing."""
    found = Decimal(repr(float(number))).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
    return abs(found) if found == 0 else found


def places_of(estimate: float, low: float | None, high: float | None, *, share: bool) -> int:
    """Give how many decimals an estimate and its interval are shown with (see the module)."""
    if low is None or high is None:
        places = 0 if share else 1
    else:
        half = (_hundredfold(high) - _hundredfold(low) if share else high - low) / 2
        places = 0 if half >= 1 else 1 if half >= 0.1 else _MOST_PLACES
    if not share:
        return places
    shares = [_hundredfold(one) for one in (estimate, low, high) if one is not None]
    while places < _MOST_PLACES and any(_falsely_whole(one, places) for one in shares):
        places += 1
    return places


def base_of(shares: Iterable[float]) -> int:
    """Give the smallest of 100, 1,000, 10,000 of which no share that is not zero rounds to zero."""
    numbers = [one for one in shares if one != 0]
    for base in _BASES:
        if all(rounded(one * base) != 0 for one in numbers):
            return base
    return _BASES[-1]


def _hundredfold(share: float) -> float:
    return float(Decimal(repr(float(share))) * 100)


def _falsely_whole(percent: float, places: int) -> bool:
    return percent not in (0, 100) and rounded(percent, places) in (0, 100)
