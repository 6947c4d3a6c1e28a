"""The functions of dates and times.

Here: `today`, `date`, `format-date`, `decimal-time` and their like over columns. Not here: reading
and writing one date (`moments`).
Source: both engines measured. Days are counted from 1970.
"""

import math
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np

from meal_pipeline.expressions.casts import days_in_texts, map_numbers, map_texts
from meal_pipeline.expressions.errors import UnsupportedExpression
from meal_pipeline.expressions.moments import read_days, read_time
from meal_pipeline.expressions.predicates import Context
from meal_pipeline.expressions.values import Numbers, Value, number, text
from meal_pipeline.locale import gettext as _

_MILLISECONDS_A_DAY = 86_400_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_RAW_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?", re.ASCII)
# A midnight that was computed as a fraction of days may lie a hair before it.
_TICK = 1e-9


def today(rows: Context) -> Value:
    """Give the day on which each row was filled in, on the device's calendar."""
    now = rows.now()
    return replace(now, kind="date", data=np.floor(now.data + now.offset))


def date(rows: Context, value: Value) -> Value:
    """Take a value for a date. KoboCollect cuts off the time of day, Enketo keeps it."""
    moment = date_time(rows, value)
    if rows.engine == "enketo" or moment.kind == "date":
        return moment
    if value.kind == "number":
        return Value("date", np.trunc(value.data), offset=rows.offset)
    return replace(moment, kind="date", data=np.floor(moment.data + moment.offset + _TICK))


def date_time(rows: Context, value: Value) -> Value:
    """Take a value for a moment, or for a date where it has no time of day."""
    if value.kind == "truth":
        return Value("date", np.full(np.shape(value.data), np.nan))
    if value.kind in ("date", "moment"):
        return replace(value, is_answer=False)
    if value.kind == "number":
        return Value("moment", value.data, offset=rows.offset)
    moment = Value("moment", _days_to_date(rows, value), offset=rows.offset)
    if np.any(map_texts(lambda one: read_days(one)[1], value.data, of=bool)):
        return moment
    return replace(moment, kind="date", data=np.floor(moment.data + moment.offset + _TICK))


def _days_to_date(rows: Context, value: Value) -> Numbers:
    """Read dates from texts; Enketo also takes a number for days since 1970."""
    days = days_in_texts(value.data, rows.offset)
    if rows.engine == "collect":
        return days
    whole = map_texts(
        lambda one: math.trunc(float(one)) if _RAW_NUMBER.fullmatch(one) else np.nan,
        value.data,
        of=float,
    )
    return np.where(np.isnan(days), whole, days)


def decimal_date_time(rows: Context, value: Value) -> Value:
    """Give the days since 1970 in UTC, with the part of the day."""
    if value.kind == "date":
        return number(value.data - value.offset)
    if value.kind == "text":
        return number(days_in_texts(value.data, rows.offset))
    if value.kind == "truth":
        return number(np.full(np.shape(value.data), np.nan))
    return number(value.data)


def decimal_time(rows: Context, value: Value) -> Value:
    """Give the time of day on the device's clock, as part of a day.

    KoboCollect takes questions of times and moments, and of a number what is behind the point;
    Enketo takes only a time with its zone. Where the device's clock is not known it is that of the
    time itself.
    """
    offset: Numbers = rows.offset if np.ndim(rows.offset) else np.nan
    if value.kind == "text" and (value.is_answer or rows.engine == "enketo"):
        clock = map_texts(lambda one: read_time(one)[0], value.data, of=float)
        zone = map_texts(lambda one: read_time(one)[1], value.data, of=float)
        shifted = clock - zone + np.where(np.isnan(offset), zone, offset)
        clock = np.round(shifted * _MILLISECONDS_A_DAY) % _MILLISECONDS_A_DAY / _MILLISECONDS_A_DAY
        if rows.engine == "enketo":
            seconds = np.floor(clock * 86_400 + _TICK)
            hours, rest = np.floor(seconds / 3600), seconds % 3600
            clock = (rest % 60 / 3600 + np.floor(rest / 60) / 60 + hours) / 24
            return number(clock)
        local = _local(rows, value)
        return number(np.where(np.isnan(clock), local - np.floor(local), clock))
    if rows.engine == "enketo" or value.kind == "truth":
        return number(np.full(np.shape(value.data), np.nan))
    if value.kind == "number":
        return number(value.data - np.floor(value.data))
    local = np.round(_local(rows, value) * _MILLISECONDS_A_DAY)
    return number(local % _MILLISECONDS_A_DAY / _MILLISECONDS_A_DAY)


def _local(rows: Context, value: Value) -> Numbers:
    """Give the days since 1970 on the device's own calendar, with the part of the day."""
    if value.kind == "date":
        return value.data
    if value.kind == "moment":
        return value.data + value.offset
    if value.kind == "number":
        return value.data + rows.offset
    if value.kind == "text":
        return _days_to_date(rows, value) + rows.offset
    return np.full(np.shape(value.data), np.nan)


def format_date(rows: Context, value: Value, pattern: Value) -> Value:
    """Write a date or a time by a pattern such as `%Y-%m-%d %H:%M`; "" for what is none.

    Raises `UnsupportedExpression` for names of days and months and for weeks, which depend on what
    is set on the device, and for what the app itself refuses.
    """
    written = rows.text(pattern)
    if not isinstance(written, str):
        raise UnsupportedExpression(
            "format-date", _("format-date() is evaluated only with a pattern written in it.")
        )
    parts = _parts(written)
    milliseconds = np.floor(_local(rows, value) * _MILLISECONDS_A_DAY + 0.01)

    def write(one: float) -> str:
        if math.isnan(one) or math.isinf(one):
            return ""
        try:
            moment = _EPOCH + timedelta(milliseconds=one)
        except OverflowError:
            return ""
        return "".join(part if isinstance(part, str) else part(moment) for part in parts)

    return text(map_numbers(write, milliseconds))


_ESCAPES: dict[str, Callable[[datetime], str]] = {
    "%": lambda _one: "%",
    "Y": lambda one: f"{one.year:04}",
    "y": lambda one: f"{one.year:04}"[2:],
    "m": lambda one: f"{one.month:02}",
    "n": lambda one: str(one.month),
    "d": lambda one: f"{one.day:02}",
    "e": lambda one: str(one.day),
    "H": lambda one: f"{one.hour:02}",
    "h": lambda one: str(one.hour),
    "M": lambda one: f"{one.minute:02}",
    "S": lambda one: f"{one.second:02}",
    "3": lambda one: f"{one.microsecond // 1000:03}",
}


def _parts(pattern: str) -> list[str | Callable[[datetime], str]]:
    parts: list[str | Callable[[datetime], str]] = []
    for plain, escape in re.findall(r"([^%]+)|%(.|$)", pattern, re.DOTALL):
        if plain:
            parts.append(plain)
        elif escape in _ESCAPES:
            parts.append(_ESCAPES[escape])
        elif escape in ("a", "b", "W"):
            raise UnsupportedExpression(
                "format-date",
                _("%{escape} depends on the language of the device, which no row tells.").format(
                    escape=escape
                ),
                next_step=_("Write days and months as numbers: %d, %m."),
            )
        else:
            raise UnsupportedExpression(
                "format-date", _("The app knows no %{escape} in a date.").format(escape=escape)
            )
    return parts
