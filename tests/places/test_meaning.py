"""A figure's definition follows what decides which answers mean which place."""

from meal_pipeline.places.gazetteer import Gazetteer, Place, PlaceName
from meal_pipeline.places.letters import name_letters
from meal_pipeline.places.matches import ProjectPlaces
from meal_pipeline.places.matching import Match
from meal_pipeline.workspace.definitions import definition_hash
from meal_pipeline.workspace.project import Project

IDLEB = Place("SY07", 1, "SY", "Idleb", "إدلب")


def known(*spellings: str) -> Gazetteer:
    names = tuple(PlaceName("SY07", one, "official", name_letters(one)) for one in spellings)
    return Gazetteer({"SY07": IDLEB}, names)


def test_it_is_the_same_for_the_same_list_and_choices_whoever_chose() -> None:
    def chosen(person: str) -> ProjectPlaces:
        choice = {("", "ادلب"): Match("SY07", "chosen", person, "2026-11-25T06:00:00Z")}
        return ProjectPlaces(known("Idleb", "إدلب"), {"district": choice})

    assert chosen("Lina").meaning("district") == chosen("Omar").meaning("district")


def test_another_list_or_choice_is_another_meaning() -> None:
    plain = ProjectPlaces(known("Idleb")).meaning("district")
    assert ProjectPlaces(known("Idleb", "Idlib")).meaning("district") != plain
    choice = {("", "x"): Match("SY07", "chosen", "Lina", "2026-11-25T06:00:00Z")}
    with_choice = ProjectPlaces(known("Idleb"), {"district": choice})
    assert with_choice.meaning("district") != plain
    assert with_choice.meaning("other") == plain


def test_it_is_part_of_the_definition_of_figures_split_by_it() -> None:
    project = Project.model_validate(
        {
            "code": "food",
            "name": {"en": "Food"},
            "server": "https://kobo.example.org",
            "forms": {"hh": {"uid": "a1"}},
            "disaggregations": {
                "district": {"name": {"en": "District"}, "question": "d", "place": True}
            },
            "indicators": {
                code: {
                    "name": {"en": code},
                    "level": "outcome",
                    "form": "hh",
                    "statistic": "proportion",
                    "expression": "${a} = 1",
                    "disaggregate": splits,
                }
                for code, splits in (("split", ["district"]), ("whole", []))
            },
        }
    )
    one, other = {"district": "1"}, {"district": "2"}
    assert definition_hash(project, "split", one) != definition_hash(project, "split", other)
    assert definition_hash(project, "whole", one) == definition_hash(project, "whole")
