"""Which place each row means, with the place around it told by another answer."""

from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest

from meal_pipeline.places import Gazetteer, Place, PlaceName, ProjectPlaces, name_letters
from meal_pipeline.rows.assignments import categories_of
from meal_pipeline.rows.form_rows import DeclarationError, FormRows
from meal_pipeline.rows.place_answers import PlacesUnresolved, check_places, place_answers
from meal_pipeline.workspace.project import Project

SURVEY = [
    {"type": "select_one gov", "name": "gov"},
    {"type": "text", "name": "village"},
]
PLACES = (
    Place("SY02", 1, None, "Aleppo", "حلب"),
    Place("SY07", 1, None, "Idleb", "إدلب"),
    Place("C1", 4, "SY02", "Hamam", "الحمام"),
    Place("C2", 4, "SY07", "Hamam", "الحمام"),
)
NAMES = tuple(
    PlaceName(one.pcode, name, "name", name_letters(name), "list.csv", "2026-11-25T06:00:00Z")
    for one in PLACES
    for name in one.names.values()
)
KNOWN = ProjectPlaces(Gazetteer({one.pcode: one for one in PLACES}, NAMES))
SPLITS = {
    "gov": {"name": {"en": "G"}, "question": "gov", "place": True, "admin_level": 1},
    "village": {
        "name": {"en": "V"},
        "question": "village",
        "place": True,
        "admin_level": 4,
        "within": "gov",
    },
}


@pytest.fixture
def asked(
    rows: Callable[..., FormRows], project: Callable[..., Project]
) -> Callable[..., tuple[FormRows, Project]]:
    """Make rows of governorate and village, and a project that splits by them."""

    def make(places: ProjectPlaces = KNOWN, **splits: Any) -> tuple[FormRows, Project]:
        made = rows(
            survey=SURVEY,
            gov=pd.Series(["حلب", "Idleb", "sy07", None, "x"], dtype="str"),
            village=pd.Series(["الحمام", "حَمام", "الحمام", "الحمام", ""], dtype="str"),
        )
        both = SPLITS | {code: SPLITS[code] | changed for code, changed in splits.items()}
        with_places = FormRows(made.code, made.frame, made.form, made.others, places)
        return with_places, project(disaggregations=both)

    return make


def test_a_name_is_resolved_in_the_place_that_the_same_row_gives(asked: Any) -> None:
    some, project = asked()
    found = categories_of(some, project, "village")
    assert [found.labels[code] for code in found.codes] == [
        "C1",
        "(not stated)",
        "C2",
        "(not stated)",
        "(not stated)",
    ]
    assert categories_of(some, project, "gov").labels == ("SY02", "SY07", "(not stated)")


def test_rows_of_unknown_places_are_counted_and_one_is_named(asked: Any) -> None:
    some, project = asked()
    with pytest.raises(PlacesUnresolved, match=r"1 of 4 rows .* such as “x” \(1 different\)"):
        check_places(place_answers(some, project, "gov"), "p")
    with pytest.raises(PlacesUnresolved, match="2 of 4 rows") as unknown:
        check_places(place_answers(some, project, "village"), "p")
    assert "meal places resolve p" in str(unknown.value.next_step)


def test_one_p_code_may_be_around_all(asked: Any) -> None:
    some, project = asked(village={"within": "SY07"})
    assert categories_of(some, project, "village").labels == ("C2", "(not stated)")
    unknown = asked(village={"within": "SY99"})
    with pytest.raises(DeclarationError, match=r"disaggregations\.village.*no SY99"):
        categories_of(*unknown, "village")


def test_names_of_the_categories_come_from_the_list(asked: Any) -> None:
    found = place_answers(*asked(), "village")
    assert found.names == {
        "C1": {"ar": "الحمام", "en": "Hamam"},
        "C2": {"ar": "الحمام", "en": "Hamam"},
    }


def test_places_that_the_project_names_need_no_list(asked: Any) -> None:
    named = {"SY02": {"ar": "حلب"}, "SY07": {"en": "Idleb"}}
    found = place_answers(*asked(ProjectPlaces(), gov={"categories": named}), "gov")
    assert list(found.codes) == ["SY02", "SY07", None, None, None]


def test_without_a_list_and_without_names_codes_stand_for_themselves(asked: Any) -> None:
    assert place_answers(*asked(ProjectPlaces()), "gov") is None


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"within": "village"}, "village is no place around it"),
        ({"within": "nothing"}, "nothing is not declared"),
        ({"place": False}, "are for places"),
        ({"admin_level": 5}, "less than or equal to 4"),
    ],
)
def test_a_place_around_that_cannot_be_is_refused(
    asked: Any, changed: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(ValueError, match=sentence):
        asked(village=changed)
