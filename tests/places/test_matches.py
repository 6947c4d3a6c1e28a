"""What is kept of matches, and a person's choices."""

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from meal_pipeline.places import (
    Asked,
    Choice,
    ChoiceRefused,
    Match,
    PlacesRefused,
    choices_in,
    choose,
    matches_of,
    project_places,
    record_matches,
)
from meal_pipeline.store import Store

from .few_places import clock

Write = Callable[..., Path]
UNKNOWN = Match(None, "unresolved")


@pytest.fixture
def answered(syria: Store) -> Store:
    """The places, and a project with answers that mean none of them yet."""
    asked = {
        "village": {
            Asked("القرية", level=4, within="SY0208"): UNKNOWN,
            Asked("القرية", level=4, within="SY0700"): UNKNOWN,
            Asked("=v1", level=4): UNKNOWN,
            Asked("الحمام", level=4): UNKNOWN,
            Asked("C1", level=4): Match("C1", "code", "adm4.csv", "2026-11-25T06:00:00Z"),
        }
    }
    with syria.write() as connection:
        record_matches(connection, "p", asked)
    return syria


def kept(store: Store, project: str = "p") -> dict[tuple[str, str], tuple[str | None, str, str]]:
    with store.read() as connection:
        return {
            (row["within"], row["spelling"]): (row["pcode"], row["kind"], row["decided_by"])
            for row in matches_of(connection, project)
        }


def chosen(store: Store, *choices: Choice, by: str = "Amal") -> int:
    return choose(store, "p", choices, by=by, clock=clock)


def test_a_choice_holds_where_the_place_lies_and_says_who_and_when(answered: Store) -> None:
    assert chosen(answered, Choice("القرية", "c3")) == 1
    assert kept(answered)["SY0208", "القرية"] == ("C3", "chosen", "Amal")
    assert kept(answered)["SY0700", "القرية"][0] is None
    with answered.read() as connection:
        match = project_places(connection, "p").chosen["village"]["SY0208", "القرية"]
    assert match == Match("C3", "chosen", "Amal", "2026-11-25T06:00:00Z")


def test_choosing_the_same_again_keeps_who_chose_first(answered: Store) -> None:
    chosen(answered, Choice("القرية", "C3"))
    assert chosen(answered, Choice("القرية", "C3"), by="Samir") == 0
    assert kept(answered)["SY0208", "القرية"] == ("C3", "chosen", "Amal")


@pytest.mark.parametrize(
    ("choice", "sentence", "step"),
    [
        (Choice("القرية", "C33"), "There is no place C33", "Did you mean C3"),
        (Choice("القريه", "C3"), "No answer of project p is “القريه”", "القرية"),
        (Choice("القرية", "C1"), "C1 does not lie in SY0208", "meal places find"),
        (Choice("الحمام", "C1"), "is the name of 2 places: C1, C2", "within"),
    ],
)
def test_a_choice_that_cannot_be_is_refused_with_the_reason(
    answered: Store, choice: Choice, sentence: str, step: str
) -> None:
    before = kept(answered)
    with pytest.raises(ChoiceRefused, match=sentence) as refused:
        chosen(answered, Choice("القرية", "C2"), choice)
    assert step in str(refused.value.next_step)
    assert kept(answered) == before


def test_a_table_of_choices_is_taken_whole_or_not_at_all(answered: Store, written: Write) -> None:
    head = "disaggregation,within,spelling,kind,pcode\n"
    good = f"{head}village,SY0208,القرية,unresolved,C3\nvillage,,'=v1,unresolved,C2\n"
    rest = "village,SY0700,القرية,unresolved,\nvillage,,C1,code,C1\n"
    before = kept(answered)
    bad = choices_in(written(f"{good}village,SY0700,القرية,unresolved,C1\n", "choices.csv"))
    with pytest.raises(PlacesRefused, match=r"choices\.csv, row 4: C1 does not lie in SY0700"):
        chosen(answered, *bad)
    assert kept(answered) == before
    assert chosen(answered, *choices_in(written(good + rest, encoding="cp1256"))) == 2
    assert kept(answered)["", "=v1"] == ("C2", "chosen", "Amal")
    with pytest.raises(PlacesRefused, match="There is no column pcode"):
        choices_in(written("spelling\nالقرية\n"))


def test_matching_anew_forgets_answers_that_are_gone_and_no_choice(answered: Store) -> None:
    chosen(answered, Choice("القرية", "C3"))
    left: Sequence[tuple[str, str]] = [("SY0208", "القرية"), ("", "C1")]
    matches = {"village": {Asked("C1", level=4): Match("C1", "code", "adm4.csv", None)}}
    with answered.write() as connection:
        assert record_matches(connection, "p", matches, replace=True)
        assert not record_matches(connection, "p", matches, replace=True)
    assert sorted(kept(answered)) == sorted(left)
    assert kept(answered, "other") == {}
