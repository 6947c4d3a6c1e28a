"""What an answer means among the known places: by code, name, alias or a person's choice.

Here: the rule of matching, and the near matches that a person is shown. Not here: the answers
(`rows`), what is stored of them (`matches`). Nothing is ever matched by likeness.

In this order, the first that fits decides:

1. a person chose it, for this spelling in this place around it;
2. it is the code or name of a place that the project's file names itself;
3. it is a P-code, or one that the place had;
4. by the rule of equal letters it is the name, or an alias, of exactly one place of the level
   declared within the place around it. Without a known place around it a name counts only at levels
   0 and 1, where the country is known: 212 names of Syrian settlements lie in more than one
   governorate.

A place outside the one around it never fits. Where nothing fits, or two do, it is unresolved.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from meal_pipeline.places.gazetteer import Gazetteer, PlaceName
from meal_pipeline.places.letters import likeness, name_letters

MatchKind = Literal["code", "name", "alias", "chosen", "unresolved"]

NAMED_ALONE = 1
"""The deepest level at which a name counts without a known place around it."""
PROJECT_FILE = "project.yaml"
"""What decided where the project names the place itself."""
NEAR = 0.5
"""How alike a name must be to be shown as a candidate."""


@dataclass(frozen=True)
class Asked:
    """An answer to be matched.

    `labels`: what the form calls the answer, where it is a code of the form's own. `level`: that of
    the places asked for, None where it is not declared. `within`: the P-code of the place around
    it, '' where it is not known.
    """

    spelling: str
    labels: tuple[str, ...] = ()
    level: int | None = None
    within: str = ""

    @property
    def names(self) -> tuple[str, ...]:
        """What may be its name: the answer, and its labels."""
        return (self.spelling, *self.labels)


@dataclass(frozen=True)
class Match:
    """Which place an answer means, and by what; by whom or which list, and since when."""

    pcode: str | None
    kind: MatchKind
    decided_by: str | None = None
    decided_at: str | None = None


UNRESOLVED = Match(None, "unresolved")


@dataclass(frozen=True)
class Candidate:
    """A place that a person may have meant, with how alike the names are, 0 to 1."""

    pcode: str
    spelling: str
    likeness: float


@dataclass(frozen=True)
class Matcher:
    """The known places, what a person chose ((within, spelling) → match), and the project's own.

    `own`: the P-codes that the project's file names itself, each with its names by language.
    """

    known: Gazetteer
    chosen: Mapping[tuple[str, str], Match] = field(default_factory=dict)
    own: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def match(self, asked: Asked) -> Match:
        """Give the place that an answer means."""
        by_person = self.chosen.get((asked.within, asked.spelling))
        if by_person is not None:
            return by_person
        of_project = self._own(asked)
        if of_project is not None:
            return of_project
        code = self.known.by_code(asked.spelling)
        if code is not None:
            return _made_of(code) if self._fits(code.pcode, asked) else UNRESOLVED
        if not self._names_count(asked):
            return UNRESOLVED
        found = [
            one
            for name in asked.names
            for one in self.known.by_name(name)
            if self._fits(one.pcode, asked)
        ]
        if len({one.pcode for one in found}) != 1:
            return UNRESOLVED
        return _made_of(max(found, key=lambda one: one.kind == "name"))

    def candidates(self, asked: Asked, most: int = 5) -> list[Candidate]:
        """Give the places whose names are like the answer, the likest first, each once.

        Namesakes elsewhere are among them where the place around is not known.
        """
        best: dict[str, Candidate] = {}
        wanted = [letters for name in asked.names if (letters := name_letters(name))]
        for one in self.known.names:
            if one.kind == "code" or not self._fits(one.pcode, asked):
                continue
            alike = max((likeness(letters, one.letters) for letters in wanted), default=0.0)
            if alike >= NEAR and (one.pcode not in best or best[one.pcode].likeness < alike):
                best[one.pcode] = Candidate(one.pcode, one.spelling, round(alike, 2))
        return sorted(best.values(), key=lambda one: (-one.likeness, one.pcode))[:most]

    def _own(self, asked: Asked) -> Match | None:
        if asked.spelling in self.own:
            return Match(asked.spelling, "code", PROJECT_FILE)
        wanted = {name_letters(name) for name in asked.names} - {""}
        named = [
            code
            for code, names in self.own.items()
            if wanted & {name_letters(name) for name in names.values()}
        ]
        return Match(named[0], "name", PROJECT_FILE) if len(named) == 1 else None

    def _names_count(self, asked: Asked) -> bool:
        return bool(asked.within) or (asked.level is not None and asked.level <= NAMED_ALONE)

    def _fits(self, pcode: str, asked: Asked) -> bool:
        at_level = asked.level is None or self.known.places[pcode].level == asked.level
        return at_level and (not asked.within or asked.within in self.known.around(pcode))


def match_all(matcher: Matcher, asked: Iterable[Asked]) -> dict[Asked, Match]:
    """Give the match of each answer, each once."""
    return {one: matcher.match(one) for one in dict.fromkeys(asked)}


def _made_of(one: PlaceName) -> Match:
    return Match(one.pcode, one.kind, one.source or None, one.imported_at or None)
