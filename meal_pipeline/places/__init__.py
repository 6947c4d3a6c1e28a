"""Places and names: which spelling is which place.

Here: the rule by which names are equal, the list of places with their P-codes (OCHA's COD-AB), what
the answers of a project mean in it, and what a person chose. Not here: the answers themselves
(`rows`), or figures by place (`measure`).
"""

from meal_pipeline.places.gazetteer import Gazetteer, Place, PlaceName, known_rows, load_gazetteer
from meal_pipeline.places.import_places import ImportedPlaces, PlacesRefused, import_places
from meal_pipeline.places.letters import likeness, name_letters
from meal_pipeline.places.matches import (
    Choice,
    ChoiceRefused,
    ProjectPlaces,
    choices_in,
    choose,
    matches_of,
    project_places,
    record_matches,
)
from meal_pipeline.places.matching import Asked, Candidate, Match, Matcher, match_all

__all__ = [
    "Asked",
    "Candidate",
    "Choice",
    "ChoiceRefused",
    "Gazetteer",
    "ImportedPlaces",
    "Match",
    "Matcher",
    "Place",
    "PlaceName",
    "PlacesRefused",
    "ProjectPlaces",
    "choices_in",
    "choose",
    "import_places",
    "known_rows",
    "likeness",
    "load_gazetteer",
    "match_all",
    "matches_of",
    "name_letters",
    "project_places",
    "record_matches",
]
