"""Which names are equal, and which never."""

import csv
from hashlib import sha256
from pathlib import Path

import pytest

from meal_pipeline.places.letters import EQUAL, NEVER, Rule, likeness, name_letters

LEVELS = "reference/standards_and_places/syria_cod_ab/syr_admin4_settlements.csv"


@pytest.mark.parametrize("rule", EQUAL, ids=lambda rule: rule.written)
def test_what_the_rule_calls_equal_is_equal(rule: Rule) -> None:
    assert rule.one != rule.other
    assert name_letters(rule.one) == name_letters(rule.other)


@pytest.mark.parametrize("rule", NEVER, ids=lambda rule: rule.written)
def test_what_the_rule_keeps_apart_stays_apart(rule: Rule) -> None:
    assert name_letters(rule.one) != name_letters(rule.other)


@pytest.mark.parametrize(
    ("text", "letters"),
    [
        ("عَبْد اللّٰه", "عبدالله"),
        ("أحمد إبراهيم آل ٱلصباح", "احمدابراهيمالالصباح"),
        ("رؤى ئارام ھۆشەنگ", "روييارامهۆشهنگ"),
        ("هـدى ٣", "هدي3"),
        ("ﻻمية - 5", "لاميه5"),
        ("Élodie O'Neil-Şahin", "elodieoneilsahin"),
        ("سماء", "سما"),
        ("؟ - ", ""),
    ],
)
def test_what_pseudonyms_are_made_of_does_not_change(text: str, letters: str) -> None:
    assert name_letters(text) == letters


def test_the_rule_gives_for_every_syrian_settlement_what_it_gave_when_it_was_published(
    shared: Path,
) -> None:
    with (shared / LEVELS).open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    reduced = "\n".join(name_letters(row[key]) for row in rows for key in ("name_ar", "name_en"))
    assert (
        sha256(reduced.encode()).hexdigest()
        == "9acfee19e9be4c8a2201252d9e6b8af669e383660ba5ca0e84d9251959b833ee"
    )


def test_no_two_settlements_of_a_sub_district_become_one(shared: Path) -> None:
    with (shared / LEVELS).open(encoding="utf-8", newline="") as file:
        found = [
            (row["admin3_pcode"], name_letters(row["name_ar"])) for row in csv.DictReader(file)
        ]
    assert len(found) == len(set(found)) == 5251


def test_likeness_orders_candidates_and_is_whole_only_for_the_same_letters() -> None:
    assert likeness("جرابلس", "جرابلس") == 1
    assert likeness("جرابلس", "جرابس") > 0.6 > likeness("جرابلس", "عفرين")
    assert likeness("", "حلب") == 0
