"""What a project declares about the versions of a form: which questions and repeats are the same.

Here: the declarations, and what they mean for the questions of each version. Not here: what is
united without them (`uniting`), and renamed choices, which are one column anyway (`read`).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from meal_pipeline.forms.model import Question, Repeat
from meal_pipeline.forms.union import Unused

Place = tuple[str, str]
"""A question or repeat of one version: the version's uid and the path there."""


class Declared(Protocol):
    """The part of a project's form that `unite` looks at; names may be names or whole paths.

    `same_questions` and `same_repeats` are old → new; an entry that is the same on both sides says
    that all questions of this name are one. `different_questions` are not one with questions of the
    same name that stand elsewhere.
    """

    @property
    def same_questions(self) -> Mapping[str, str]: ...  # noqa: D102

    @property
    def same_repeats(self) -> Mapping[str, str]: ...  # noqa: D102

    @property
    def different_questions(self) -> Sequence[str]: ...  # noqa: D102


@dataclass(frozen=True)
class Declarations:
    """Declarations without a project's file; by default none."""

    same_questions: Mapping[str, str] = field(default_factory=dict, hash=False)
    same_repeats: Mapping[str, str] = field(default_factory=dict, hash=False)
    different_questions: Sequence[str] = ()


class Links:
    """Which questions (or repeats) stand for which other by declaration.

    An old one stands for the new one in the versions that have not the new one, too: where a
    version has both, they are two.
    """

    def __init__(
        self,
        key: str,
        pairs: Mapping[str, str],
        newest_first: Sequence[tuple[str, Question | Repeat]],
    ) -> None:
        self._key = key
        self._target: dict[Place, Place] = {}
        self._joined: dict[tuple[str, str], list[tuple[Place, Place]]] = {}
        taken: set[tuple[Place, str]] = set()
        for old, new in pairs.items():
            joined = self._joined[old, new] = []
            news = named(new, newest_first)
            if not news:
                continue
            target, with_new = news[0], {version for version, _path in news}
            for place in named(old, newest_first):
                version = place[0]
                if (old != new and version in with_new) or (target, version) in taken:
                    continue
                taken.add((target, version))
                joined.append((place, target))
                if place != target:
                    self._target[place] = target

    def root(self, place: Place) -> Place:
        """Give what this one stands for by declaration; itself where there is none."""
        seen = {place}
        while (target := self._target.get(place)) and target not in seen:
            seen.add(target)
            place = target
        return place

    @property
    def declared(self) -> set[Place]:
        """Every question that a declaration names as an old one."""
        return {place for joined in self._joined.values() for place, _target in joined}

    def unused(self, group_of: Mapping[Place, int]) -> list[Unused]:
        """Give the declarations that joined nothing; `group_of` tells what became one."""
        return [
            Unused(self._key, old, new)
            for (old, new), joined in self._joined.items()
            if not any(group_of[place] == group_of[target] for place, target in joined)
        ]


def named(name: str, things: Iterable[tuple[str, Question | Repeat]]) -> list[Place]:
    """Give the questions with this path; where there is none, those with this name."""
    listed = list(things)
    at_path = [(version, one.path) for version, one in listed if one.path == name]
    return at_path or [(version, one.path) for version, one in listed if one.name == name]
