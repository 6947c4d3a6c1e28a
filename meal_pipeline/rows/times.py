"""Dates and moments as Kobo writes them, read into values.

Here: one text into one date or one moment with its offset. Not here: whole columns (`typed.py`).
Device clocks are taken at their word; whether they lie is for the checks to say.
"""

import re
from datetime import UTC, date, datetime, timedelta

from meal_pipeline.locale import mark
from meal_pipeline.rows.numbers import Unreadable, plain_digits

NOT_A_DATE = mark("The answer to {question} cannot be read as a date.")
NOT_GREGORIAN = mark(
    "The answer to {question} is a date of another calendar, such as the Hijri one; forms send "
    "Gregorian dates, whatever calendar they show."
)
NOT_A_MOMENT = mark("The answer to {question} cannot be read as a date with time.")

_CLOCK = r"[0-9]{2}:[0-9]{2}(:[0-9]{2}([.][0-9]+)?)?(Z|[+-][0-9]{2}:?[0-9]{2})?"
_DATE = re.compile(rf"([0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}})(T{_CLOCK})?")
_HIJRI_YEARS = range(1300, 1500)  # 1882 to 2076 of the Gregorian calendar
_OFFSET = re.compile(r"[0-9:.]+(?:(Z)|([+-])([0-9]{2}):?([0-9]{2})?)")
_MOMENT = re.compile(rf"[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}[T ]{_CLOCK}")


def read_date(text: str) -> date | None:
    """Give the calendar date in `text` (`2026-03-01`), None when it is blank.

    Digits of any script count. Of a text with a time only the date is kept, as it stood on the
    device's calendar. Raises `Unreadable` for anything else, and for years that only another
    calendar can mean.
    """
    plain = plain_digits(text)
    if not plain:
        return None
    written = _DATE.fullmatch(plain)
    try:
        found = date.fromisoformat(written[1] if written else "")
    except ValueError:
        raise Unreadable(NOT_A_DATE) from None
    if found.year in _HIJRI_YEARS:
        raise Unreadable(NOT_GREGORIAN)
    return found


def offset_of_time(text: str) -> int | None:
    """Give the offset from UTC in minutes of a time of day (`13:05:00+03:00`), if it has one."""
    found = _OFFSET.fullmatch(plain_digits(text))
    if found is None:
        return None
    if found[1]:
        return 0
    minutes = int(found[3]) * 60 + int(found[4] or 0)
    return -minutes if found[2] == "-" else minutes


def read_moment(text: str) -> tuple[datetime, int | None] | None:
    """Give the moment in `text`, in UTC, and its offset from UTC in minutes; None when blank.

    A moment without an offset (old servers' `_submission_time`) is taken as UTC, and its offset is
    None. Raises `Unreadable` for anything that is no ISO 8601 date with time.
    """
    plain = plain_digits(text)
    if not plain:
        return None
    try:
        moment = datetime.fromisoformat(plain if _MOMENT.fullmatch(plain) else "")
        offset = moment.utcoffset()
        if offset is None:
            return moment.replace(tzinfo=UTC), None
        return moment.astimezone(UTC), offset // timedelta(minutes=1)
    except (ValueError, OverflowError):
        raise Unreadable(NOT_A_MOMENT) from None
