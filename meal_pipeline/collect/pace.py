"""How fast a pull goes, in words.

Here: rows a second and what is left. Not here: pulling, printing.
"""

import time
from collections.abc import Callable

from meal_pipeline.locale import gettext as _
from meal_pipeline.locale import ngettext

_SOON = 1.0  # seconds before a speed means anything


class Pace:
    """Words the progress of pulls as `collect_project` tells it: form, rows read and expected."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._form = ""
        self._begun = 0.0
        self._last = 0

    def __call__(self, form: str, read: int, expected: int) -> str:
        """Give one line, such as `household 3000/12000, 950 rows a second, 10 seconds left`."""
        if form != self._form or read < self._last:  # another form, or another walk over it
            self._form, self._begun = form, self._now()
        self._last = read
        seconds = self._now() - self._begun
        words = f"{form} {read}/{expected}"
        if seconds < _SOON or not read:
            return words
        speed = read / seconds
        left = max(0, expected - read) / speed
        told = _("{speed} rows a second").format(speed=round(speed))
        if left < 1:
            return f"{words}, {told}"
        return f"{words}, {told}, {_left(left)}"


def _left(seconds: float) -> str:
    if seconds < 100:
        n = round(seconds)
        return ngettext("{n} second left", "{n} seconds left", n).format(n=n)
    n = round(seconds / 60)
    return ngettext("{n} minute left", "{n} minutes left", n).format(n=n)
