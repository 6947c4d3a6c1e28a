"""What may be said of an effect, a change and a value."""

import pytest

from meal_pipeline.share.numbers import Numbers
from meal_pipeline.share.wording import (
    change_sentence,
    direction,
    effect_sentence,
    level_sentence,
    status_words,
    turn_remarks,
)

from .conftest import EFFECT, ESTIMATE, PROJECT

EN = Numbers.of("en")
RANDOMISED = EFFECT | {"baseline_round": "", "label": "attributed_effect"}
MEAN = EFFECT | {
    "statistic": "mean",
    "indicator_en": "Income",
    "unit_en": "dollars",
    "effect": 24.2,
    "ci_low": 4.4,
    "ci_high": 44.9,
}


def test_an_effect_over_two_rounds_is_against_the_change_of_the_others() -> None:
    assert effect_sentence(EFFECT, PROJECT, EN).striptags() == (
        "Of every 100 participating households, about 11 more (between 4 and 18) had enough to eat"
        " than if they had changed as the comparison did."
    )


def test_an_effect_in_one_round_is_against_the_others_themselves() -> None:
    assert effect_sentence(RANDOMISED, PROJECT, EN).striptags() == (
        "Of every 100 participating households, about 11 more (between 4 and 18) had enough to eat"
        " than in the comparison."
    )


def test_names_that_say_more_than_ours_stand_in_brackets() -> None:
    named = PROJECT | {"participants_en": "Offered an incentive", "comparison_en": "Comparison"}
    said = effect_sentence(RANDOMISED, named, EN).striptags()
    assert "participating households (Offered an incentive), about" in said
    assert said.endswith("than in the comparison.")


def test_less_is_told_as_fewer_with_its_interval_from_small_to_large() -> None:
    row = RANDOMISED | {"effect": -0.11, "ci_low": -0.18, "ci_high": -0.04}
    assert "about 11 fewer (between 4 and 18)" in effect_sentence(row, PROJECT, EN).striptags()


def test_small_effects_are_told_of_every_thousand() -> None:
    row = RANDOMISED | {"effect": 0.004, "ci_low": 0.002, "ci_high": 0.006}
    said = effect_sentence(row, PROJECT, EN).striptags()
    assert said.startswith(
        "Of every 1,000 participating households, about 4 more (between 2 and 6)"
    )


@pytest.mark.parametrize("row", [EFFECT, RANDOMISED, MEAN])
def test_an_interval_that_holds_zero_is_too_small_to_tell_and_never_no_effect(
    row: dict[str, object],
) -> None:
    said = effect_sentence(row | {"ci_low": -0.03}, PROJECT, EN).striptags()
    assert said.startswith("The difference is too small to tell")
    assert "no effect" not in said
    assert "about" not in said


def test_what_cannot_be_told_gives_both_ends() -> None:
    row = EFFECT | {"effect": 0.05, "ci_low": -0.03, "ci_high": 0.12}
    assert "anywhere from 3 fewer to 12 more" in effect_sentence(row, PROJECT, EN).striptags()


def test_without_an_interval_nothing_is_told() -> None:
    row = EFFECT | {"ci_low": None, "ci_high": None}
    said = effect_sentence(row, PROJECT, EN).striptags()
    assert said == "Too small to tell: there is no interval for “Food against others”."


def test_a_mean_is_told_in_its_unit() -> None:
    said = effect_sentence(MEAN, PROJECT, EN).striptags().replace("\N{NO-BREAK SPACE}", " ")
    assert said == (
        "The average of “Income” among participants is about 24 dollars higher (between 4 and 45)"
        " than if it had changed as in the comparison."
    )


def test_a_mean_that_cannot_be_told_has_its_unit_at_both_ends() -> None:
    said = effect_sentence(MEAN | {"ci_low": -4.4}, PROJECT, EN).striptags()
    assert "from 4 dollars lower to 45 dollars higher" in said.replace("\N{NO-BREAK SPACE}", " ")


def test_a_change_is_told_between_its_rounds() -> None:
    assert change_sentence(ESTIMATE, "Baseline", PROJECT, EN).striptags() == (
        "Of every 100 households, about 21 more (between 14 and 28) had enough to eat in “Endline”"
        " than in “Baseline”."
    )


def test_a_level_is_told_with_its_interval() -> None:
    assert level_sentence(ESTIMATE, PROJECT, EN).striptags() == (
        "Of every 100 households, about 62 (between 56 and 68) had enough to eat."
    )


def test_an_indicator_without_words_for_people_is_told_by_its_name() -> None:
    bare = ESTIMATE | dict.fromkeys(("people_en", "people_ar", "gain_en", "gain_ar"))
    assert level_sentence(bare, PROJECT, EN).striptags() == (
        "Of every 100 respondents, about 62 (between 56 and 68) answer “Enough to eat”."
    )


@pytest.mark.parametrize(
    ("estimate", "low", "high", "where"),
    [
        (0.1, 0.01, 0.2, "more"),
        (-0.1, -0.2, -0.01, "fewer"),
        (0.1, -0.01, 0.2, "unclear"),
        (0.1, 0.0, 0.2, "unclear"),
        (0.1, None, None, "unclear"),
    ],
)
def test_the_interval_and_not_the_estimate_decides_the_direction(
    estimate: float, low: float | None, high: float | None, where: str
) -> None:
    assert direction(estimate, low, high) == where


def test_fewer_is_no_worse_where_lower_is_better() -> None:
    hunger = ESTIMATE | {"better": "lower"}
    assert turn_remarks(hunger, "fewer") == ["Here, lower is better."]
    assert turn_remarks(hunger, "more")[-1] == "This is a turn for the worse."
    assert turn_remarks(ESTIMATE, "fewer") == ["This is a turn for the worse."]
    assert turn_remarks(ESTIMATE, "unclear") == []


def test_too_few_answers_and_too_small_a_difference_are_told_apart() -> None:
    unsure = ESTIMATE | {"status": "too_small"}
    assert status_words(unsure | {"n": 29}) == "too few answers to tell"
    assert status_words(unsure | {"n": 30}) == "too small to tell"


def test_names_are_escaped_within_a_sentence() -> None:
    hostile = EFFECT | {"people_en": "<script>", "gain_en": "{who} & <b>"}
    said = effect_sentence(hostile, PROJECT, EN)
    assert "<script>" not in said
    assert "&lt;script&gt;" in said
    assert "{who} &amp; &lt;b&gt;" in said
