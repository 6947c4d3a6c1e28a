"""Dates and moments as Kobo writes them."""

from datetime import UTC, date, datetime

import pytest

from meal_pipeline.rows.numbers import Unreadable
from meal_pipeline.rows.times import read_date, read_moment


def test_a_moment_keeps_its_instant_and_its_offset():
    moment = read_moment("2022-01-06T15:16:21.052+07:00")

    assert moment == (datetime(2022, 1, 6, 8, 16, 21, 52000, tzinfo=UTC), 420)


def test_a_moment_without_a_zone_is_utc_with_unknown_offset():
    assert read_moment("2026-03-17T03:37:43") == (
        datetime(2026, 3, 17, 3, 37, 43, tzinfo=UTC),
        None,
    )


def test_a_date_keeps_the_day_of_the_devices_calendar():
    assert read_date("2022-01-07T00:30:00.000+03:00") == date(2022, 1, 7)


def test_dates_are_read_in_arabic_digits():
    assert read_date("\u200f٢٠٢٦-٠٣-٠١") == date(2026, 3, 1)


@pytest.mark.parametrize("text", ["2022-13-01", "07/01/2022", "2022-01", "20220107", "soon"])
def test_what_is_no_date_is_refused(text):
    with pytest.raises(Unreadable):
        read_date(text)


@pytest.mark.parametrize("text", ["2022-01-07", "2022-01-07T25:00:00", "0001-01-01T00:00:00+03:00"])
def test_what_is_no_moment_is_refused(text):
    with pytest.raises(Unreadable):
        read_moment(text)


def test_blank_is_no_answer():
    assert read_date("") is None
    assert read_moment(" ") is None
