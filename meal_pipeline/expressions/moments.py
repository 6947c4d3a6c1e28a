"""Dates and times: read from text, written as text, and the row's own clock.

Here: days since 1970 and their texts. Not here: arithmetic and comparison.
"""

import math
import re
from datetime import UTC, date, datetime, timedelta, timezone

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DATE = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})", re.ASCII)
_MOMENT = re.compile(
    r"(\d{4})-(\d{1,2})-(\d{1,2})T(\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,6})\d*)?)?"
    r"(Z|[+-]\d\d:?(?:\d\d)?)?",
    re.ASCII,
)
_TIME = re.compile(r"(\d\d):(\d\d):(\d\d)(\.\d{1,3})?([+-]\d\d:\d\d)", re.ASCII)
DATE_LIKE = r"^\d{4}-\d{1,2}-\d{1,2}"
"""What Enketo takes for a date, wherever it stands (a regular expression)."""


def read_days(text: str) -> tuple[float, bool]:
    """Read a date or a time from text: the days since 1970, and whether there is a time of day.

    A date gives whole days of the calendar; a time gives days in UTC, and is taken as UTC where it
    names no zone. NaN for what is neither.
    """
    trimmed = text.strip()
    found = _DATE.fullmatch(trimmed)
    try:
        if found:
            day = date(*map(int, found.groups()))
            return float(day.toordinal() - _EPOCH.toordinal()), False
        found = _MOMENT.fullmatch(trimmed)
        if found:
            return (_moment(found) - _EPOCH) / timedelta(days=1), True
    except ValueError:
        pass
    return math.nan, False


def _moment(found: re.Match[str]) -> datetime:
    year, month, day, hour, minute, second, fraction, zone = found.groups()
    microsecond = int((fraction or "0").ljust(6, "0"))
    return datetime(
        int(year), int(month), int(day), int(hour), int(minute), int(second or 0), microsecond,
        tzinfo=_zone(zone),
    )  # fmt: skip


def _zone(text: str | None) -> timezone:
    if text is None or text == "Z":
        return UTC
    digits = text[1:].replace(":", "").ljust(4, "0")
    ahead = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    return timezone(-ahead if text[0] == "-" else ahead)


def read_time(text: str) -> tuple[float, float]:
    """Read a time of day with its zone, `12:30:00.000+03:00`: the part of a day, and the zone's.

    NaN for what is none.
    """
    found = _TIME.fullmatch(text)
    if found is None:
        return math.nan, math.nan
    hour, minute, second, fraction, zone = found.groups()
    seconds = int(hour) * 3600 + int(minute) * 60 + int(second) + float(fraction or 0)
    if int(hour) > 23 or int(minute) > 59 or int(second) > 59:
        return math.nan, math.nan
    ahead = _zone(zone).utcoffset(None)
    return seconds / 86_400, ahead / timedelta(days=1)


def write_date(days: float) -> str:
    """Write whole days since 1970 as `2026-01-31`; nothing for NaN."""
    if math.isnan(days):
        return ""
    return (_EPOCH + timedelta(days=math.floor(days))).strftime("%Y-%m-%d")


def write_moment(days: float, offset: float) -> str:
    """Write days since 1970 in UTC as `2026-01-31T12:00:00.000+03:00` on a clock that is ahead.

    `offset` is in days; UTC itself is written `-00:00`, as Enketo does. Nothing for NaN.
    """
    if math.isnan(days):
        return ""
    zone = timezone(timedelta(minutes=round(offset * 24 * 60)))
    moment = _EPOCH + timedelta(milliseconds=round(days * 86_400_000))
    text = moment.astimezone(zone).isoformat(timespec="milliseconds")
    return text.replace("+00:00", "-00:00")
