"""The places that are known, with all their names, looked up by code and by letters.

Here: the list as one thing in memory, out of the store. Not here: filling it (`import_places`), and
what an answer means in it (`matching`).
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal

from sqlalchemy import Connection, select

from meal_pipeline.places.letters import name_letters
from meal_pipeline.store.tables.places import place_names, places

BETWEEN = "|"
"""What stands between several aliases or codes in one cell."""

SpellingKind = Literal["name", "alias", "code"]


@dataclass(frozen=True)
class Place:
    """A place: its P-code, level (0 country … 4 settlement), what it lies in, its two names."""

    pcode: str
    level: int
    parent: str | None
    name_en: str | None = None
    name_ar: str | None = None
    valid_to: str | None = None
    source: str = ""
    imported_at: str = ""

    @property
    def names(self) -> dict[str, str]:
        """Its names by language."""
        both = {"ar": self.name_ar, "en": self.name_en}
        return {language: name for language, name in both.items() if name}


@dataclass(frozen=True)
class PlaceName:
    """One spelling of a place: an official name, an alias, or a P-code that it had."""

    pcode: str
    spelling: str
    kind: SpellingKind
    letters: str
    source: str = ""
    imported_at: str = ""


@dataclass(frozen=True)
class Gazetteer:
    """Places by P-code and their names. Names of places that have ended are not looked up."""

    places: Mapping[str, Place] = field(default_factory=dict)
    names: tuple[PlaceName, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.places)

    def by_code(self, text: str) -> PlaceName | None:
        """Give the place whose P-code, or former P-code, `text` is; capitals do not matter."""
        return self._codes.get(text.strip().casefold())

    def by_name(self, text: str) -> tuple[PlaceName, ...]:
        """Give the names and aliases that are `text` by the rule of equal letters."""
        return tuple(self._letters.get(name_letters(text), ()))

    def around(self, pcode: str) -> Iterator[str]:
        """Give the P-codes of the places that a place lies in, the nearest first."""
        place = self.places.get(pcode)
        while place is not None and place.parent is not None:
            yield place.parent
            place = self.places.get(place.parent)

    @cached_property
    def _codes(self) -> dict[str, PlaceName]:
        former = {one.spelling.casefold(): one for one in self.names if one.kind == "code"}
        own = {
            code.casefold(): PlaceName(code, code, "code", "", one.source, one.imported_at)
            for code, one in self.places.items()
        }
        return former | own

    @cached_property
    def _letters(self) -> dict[str, list[PlaceName]]:
        found = defaultdict(list)
        for one in self.names:
            if one.kind != "code" and self.places[one.pcode].valid_to is None:
                found[one.letters].append(one)
        return found


def load_gazetteer(connection: Connection) -> Gazetteer:
    """Give all places of the store."""
    columns = places.c
    chosen = select(
        columns.pcode,
        columns.level,
        columns.parent_pcode,
        columns.name_en,
        columns.name_ar,
        columns.valid_to,
        columns.source,
        columns.imported_at,
    ).order_by(columns.level, columns.pcode)
    names = select(
        place_names.c.pcode,
        place_names.c.spelling,
        place_names.c.kind,
        place_names.c.letters,
        place_names.c.source,
        place_names.c.imported_at,
    ).order_by(place_names.c.pcode, place_names.c.kind, place_names.c.spelling)
    return gazetteer_of(
        (Place(*row) for row in connection.execute(chosen)),
        (PlaceName(*row) for row in connection.execute(names)),
    )


def gazetteer_of(known: Iterable[Place], names: Iterable[PlaceName]) -> Gazetteer:
    """Give the list of these places and names."""
    return Gazetteer({one.pcode: one for one in known}, tuple(names))


def known_rows(connection: Connection) -> list[dict[str, Any]]:
    """Give all places as a table that `import_places` reads again.

    Columns: those of `places`, with `aliases` and `previous_pcode`, each split by `|`.
    """
    others: dict[tuple[str, str], list[str]] = defaultdict(list)
    names = select(place_names.c.pcode, place_names.c.kind, place_names.c.spelling)
    for code, kind, spelling in connection.execute(names.order_by(place_names.c.spelling)):
        others[code, kind].append(spelling)
    listed = connection.execute(select(places).order_by(places.c.level, places.c.pcode))
    return [
        dict(row)
        | {
            "aliases": BETWEEN.join(others[row["pcode"], "alias"]),
            "previous_pcode": BETWEEN.join(others[row["pcode"], "code"]),
        }
        for row in listed.mappings()
    ]
