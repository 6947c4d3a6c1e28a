"""People stay recognisable to the data and unknown to its readers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meal_pipeline.read.names import name_letters
from meal_pipeline.read.pseudonyms import phone_number, pseudonyms

KEY = b"k" * 32
OTHER_KEY = b"o" * 32


def made(text, kind, key=KEY):
    return pseudonyms([text], kind, key=key, country="SY")[text]


@pytest.mark.parametrize(
    "ways",
    [
        ("عبد الله", "عبدالله", "عَبْدُ اللّٰه", "عبـــد الله", " عبد  الله "),
        ("أحمد", "احمد", "إحمد", "ٱحمد"),
        ("آمنة", "امنه", "أمنة"),
        ("هدى", "هدي", "هدی"),
        ("مؤمن", "مومن"),
        ("رائد", "رايد"),
        ("وفاء", "وفا"),
        ("کریم", "كريم"),
        ("ﻻنا", "لانا"),
        ("José-Maria", "jose maria"),
        ("أسرة ٢", "اسره 2", "اسره ۲"),
    ],
)
def test_a_name_written_differently_is_one_person(ways):
    assert len({made(one, "name") for one in ways}) == 1


@pytest.mark.parametrize(
    ("one", "other"), [("سمير", "سمر"), ("علي محمد", "محمد علي"), ("نور", "نورا")]
)
def test_different_names_are_different_people(one, other):
    assert made(one, "name") != made(other, "name")


@given(st.text())
def test_reducing_a_name_twice_changes_nothing(text):
    assert name_letters(name_letters(text)) == name_letters(text)


@pytest.mark.parametrize(
    "way",
    [
        "0933 123 456",
        "٠٩٣٣١٢٣٤٥٦",
        "00963933123456",
        "+963 933 123-456",
        "\u202a+963933123456\u202c",
    ],
)
def test_a_phone_typed_differently_is_one_phone(way):
    assert phone_number(way, "SY") == ("+963933123456", True)
    assert made(way, "phone") == made("0933123456", "phone")


def test_the_projects_country_decides_what_a_local_number_is():
    assert phone_number("0532 111 22 33", "TR") == ("+905321112233", True)
    assert phone_number("0532 111 22 33", "SY")[1] is False


@pytest.mark.parametrize(
    ("text", "kind"), [("none", "phone"), ("--", "name"), ("000", "national_id")]
)
def test_an_answer_that_identifies_nobody_has_no_pseudonym(text, kind):
    assert made(text, kind) is None


def test_identity_numbers_are_compared_without_leading_zeros_and_signs():
    assert made("٠١٠-١٠٠١", "national_id") == made("101001", "national_id")


def test_another_key_gives_other_pseudonyms():
    assert made("سمير", "name") != made("سمير", "name", OTHER_KEY)


def test_the_same_text_of_another_kind_is_another_pseudonym():
    assert made("amal", "name")[2:] != made("amal", "text")[2:]


def test_a_pseudonym_says_its_kind_and_nothing_of_the_answer():
    assert made("0933123456", "phone").startswith("P-")
    assert len(made("0933123456", "phone")) == 22
