"""Digits, rounding and plural forms, held against cases worked out by hand."""

import pytest

from meal_pipeline.locale import in_language
from meal_pipeline.share.numbers import Numbers, base_of, rounded
from meal_pipeline.share.wording import answers

EN, AR = Numbers.of("en"), Numbers.of("ar")


def test_arabic_has_its_own_digits_and_separators_and_english_western_ones() -> None:
    assert (EN.whole(1551), AR.whole(1551)) == ("1,551", "١٬٥٥١")
    assert (EN.decimal(3.75, 1), AR.decimal(3.75, 1)) == ("3.8", "٣٫٨")
    assert (EN.percent(0.62), AR.percent(0.62)) == ("62\N{NO-BREAK SPACE}%", "٦٢٪")


def test_digits_are_a_matter_of_preference() -> None:
    assert Numbers.of("ar", "western").percent(0.62) == "62\N{NO-BREAK SPACE}%"
    assert Numbers.of("en", "arabic").whole(12) == "١٢"


@pytest.mark.parametrize(
    ("number", "whole"), [(0.5, 1), (-0.5, -1), (1.5, 2), (2.5, 3), (2.4999, 2), (-0.4, 0)]
)
def test_halves_are_rounded_away_from_zero(number: float, whole: int) -> None:
    assert rounded(number) == whole


def test_a_half_in_decimals_is_a_half_although_binary_falls_short_of_it() -> None:
    assert EN.percent(0.285) == "29\N{NO-BREAK SPACE}%"  # 0.285 * 100 is 28.499999999999996


@pytest.mark.parametrize(
    ("share", "low", "high", "shown"),
    [
        (0.62, 0.56, 0.68, "62 56–68"),
        (0.932, 0.914, 0.946, "93 91–95"),
        (0.5004, 0.498, 0.503, "50.0 49.8–50.3"),  # half the interval is a quarter of a point
        (0.004, 0.0004, 0.03, "0.40 0.04–3.00"),  # 0 % would not be true of its lower end
        (0.996, 0.97, 0.999, "99.6 97.0–99.9"),  # nor 100 % of its upper end
        (0.0, 0.0, 0.03, "0 0–3"),
    ],
)
def test_a_share_has_the_decimals_that_its_interval_bears_and_no_false_zero(
    share: float, low: float, high: float, shown: str
) -> None:
    value = EN.value(share, low, high, share=True).replace("\N{NO-BREAK SPACE}%", "")
    assert f"{value} {EN.interval(share, low, high, share=True)}" == shown


def test_a_mean_stands_with_its_unit_and_the_decimals_that_its_interval_bears() -> None:
    value = EN.value(227.575, 220.381, 234.769, share=False, unit="US dollars")
    assert value == "228\N{NO-BREAK SPACE}US dollars"
    assert EN.interval(4.178, 4.045, 4.311, share=False) == "4.0–4.3"


@pytest.mark.parametrize(
    ("shares", "base"),
    [
        ([0.11, 0.04, 0.18], 100),
        ([0.004, 0.002, 0.006], 1000),
        ([0.0004, 0.0002], 10_000),
        ([0.0, 0.05], 100),
        ([0.005], 100),
    ],
)
def test_numbers_of_every_hundred_become_of_every_thousand_rather_than_zero(
    shares: list[float], base: int
) -> None:
    assert base_of(shares) == base


@pytest.mark.parametrize(
    ("n", "said"),
    [
        (0, "لا إجابات"),
        (1, "إجابة واحدة"),
        (2, "إجابتان"),
        (3, "٣ إجابات"),
        (11, "١١ إجابة"),
        (100, "١٠٠ إجابة"),
    ],
)
def test_arabic_counts_take_the_form_of_their_number(n: int, said: str) -> None:
    with in_language("ar"):
        assert answers(n, AR) == said


@pytest.mark.parametrize(("n", "said"), [(0, "0 answers"), (1, "1 answer"), (2, "2 answers")])
def test_english_counts_take_the_form_of_their_number(n: int, said: str) -> None:
    assert answers(n, EN) == said
