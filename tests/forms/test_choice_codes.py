"""Answers of several choices are taken apart in the one way there is, or not at all."""

from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meal_pipeline.forms.choice_codes import AmbiguousCodes, ChoiceCodes


def test_plain_codes_are_parted_by_any_blanks_and_listed_or_not():
    assert ChoiceCodes(["a", "b"]).split(" b  a\tx ") == ["b", "a", "x"]


def test_a_renamed_code_and_its_new_name_count_once():
    assert ChoiceCodes(["new"], {"old": "new"}).split("old new") == ["new"]


def test_two_codes_that_share_words_are_told_apart_by_what_is_listed():
    codes = ChoiceCodes(["no", "no water", "water point"])

    assert codes.split("no water") == ["no water"]
    assert codes.split("no water point") == ["no", "water point"]


def test_two_ways_of_equal_right_are_refused():
    with pytest.raises(AmbiguousCodes):
        ChoiceCodes(["a b", "b c", "a", "c"]).split("a b c")


@given(st.lists(st.sampled_from(["a", "b", "c d", "e f g", "h"]), unique=True, min_size=1))
def test_any_answer_made_of_codes_without_shared_words_is_taken_apart_again(codes):
    assert ChoiceCodes(["a", "b", "c d", "e f g", "h"]).split(" ".join(codes)) == codes


def test_a_long_answer_is_taken_apart_at_once():
    listed = [f"word{n} more{n}" for n in range(60)]
    listed += [f"word{n}" for n in range(60)]
    codes = [f"word{n} more{n}" for n in range(60)]

    assert ChoiceCodes(listed).split(" ".join(codes)) == codes


def test_the_order_of_the_list_does_not_matter():
    for listed in permutations(["x", "x y", "z"]):
        assert ChoiceCodes(listed).split("z x y") == ["z", "x y"]
