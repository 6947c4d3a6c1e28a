"""Numbers as people type them."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meal_pipeline.rows.numbers import (
    AMBIGUOUS,
    NOT_A_NUMBER,
    NOT_WHOLE,
    TOO_LONG,
    Unreadable,
    read_decimal,
    read_integer,
)

DIGITS = {"latin": "0123456789", "arabic": "٠١٢٣٤٥٦٧٨٩", "persian": "۰۱۲۳۴۵۶۷۸۹"}
MARKS = "\u200e\u200f\u061c\u202a\u202b\u202c\u2066\u2069\ufeff"

scripts = st.sampled_from(sorted(DIGITS))
int64 = st.integers(-(2**63), 2**63 - 1)


def typed(text: str, script: str) -> str:
    return text.translate(str.maketrans(DIGITS["latin"], DIGITS[script]))


@given(int64, scripts, st.sampled_from(MARKS), st.sampled_from(MARKS))
def test_a_whole_number_is_read_in_every_script_within_direction_marks(
    number, script, open_, close
):
    assert read_integer(f"{open_}{typed(str(number), script)}{close}") == number


@given(int64, scripts)
def test_thousands_marks_of_arabic_do_not_change_a_whole_number(number, script):
    assert read_integer(typed(f"{number:,}".replace(",", "٬"), script)) == number


@given(st.decimals(-(10**9), 10**9, places=3), scripts)
def test_arabic_marks_give_the_same_decimal_as_plain_ones(number, script):
    arabic = typed(f"{number:,.3f}".translate(str.maketrans(",.", "٬٫")), script)

    assert read_decimal(arabic) == float(number)


@given(st.floats(-(2.0**52), 2.0**52))
def test_what_xforms_writes_is_read_exactly(number):
    assert read_decimal(repr(number)) == number


@given(st.text(max_size=12))
def test_any_text_is_a_number_no_answer_or_unreadable(text):
    for read in (read_integer, read_decimal):
        try:
            value = read(text)
        except Unreadable as why:
            assert str(why) in (NOT_A_NUMBER, NOT_WHOLE, AMBIGUOUS, TOO_LONG)
        else:
            assert value is None or Decimal(value).is_finite()


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("1,234.5", 1234.5),
        ("1.234,5", 1234.5),
        ("1 234,5", 1234.5),
        ("1\u00a0234\u202f567", 1234567.0),
        ("1,5", 1.5),
        ("0,125", 0.125),
        ("1.234", 1.234),
        ("1.234.567", 1234567.0),
        ("١٬٢٣٤٫٥", 1234.5),
        ("۱۲۳٫۴", 123.4),
        ("−٥٫٢٥", -5.25),
        ("1٢", 12.0),
        (".5", 0.5),
        ("5.", 5.0),
        ("1.0E7", 1e7),
    ],
)
def test_a_decimal_with_one_possible_reading_is_read(text, number):
    assert read_decimal(text) == number


@pytest.mark.parametrize("text", ["1,234", "12,345", "١،٢٣٤"])
def test_a_decimal_with_two_readings_is_refused_and_a_whole_number_is_not(text):
    with pytest.raises(Unreadable, match="two different numbers"):
        read_decimal(text)
    assert read_integer(text) in (1234, 12345)


@pytest.mark.parametrize("text", ["abc", "5%", "12 34", "5-", "1,23,456", "--5", "1e", "²", "inf"])
def test_what_is_no_number_is_refused(text):
    for read in (read_integer, read_decimal):
        with pytest.raises(Unreadable):
            read(text)


@pytest.mark.parametrize("text", ["", " ", "\u200f", "NaN"])
def test_blank_and_nan_are_no_answer(text):
    assert read_integer(text) is None
    assert read_decimal(text) is None


@pytest.mark.parametrize("text", ["2.5", "1,5", "1e-999"])
def test_decimals_in_a_whole_number_question_are_refused(text):
    with pytest.raises(Unreadable, match="whole number"):
        read_integer(text)


@pytest.mark.parametrize("text", ["9223372036854775808", "1e999", "12345678901234567890123"])
def test_a_whole_number_beyond_64_bits_is_refused_rather_than_rounded(text):
    with pytest.raises(Unreadable, match="more digits"):
        read_integer(text)


def test_an_identity_number_is_never_rounded_to_a_float():
    assert read_integer("9007199254740993") == 9007199254740993
    with pytest.raises(Unreadable, match="more digits"):
        read_decimal("9007199254740993")
