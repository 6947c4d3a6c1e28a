"""What is wrong with a file that a person wrote.

Here: one fault, with place and fix, and the error that carries several. Not here: finding them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

from meal_pipeline.errors import MealError
from meal_pipeline.locale import gettext as _
from meal_pipeline.locale import ngettext


@dataclass(frozen=True)
class ProjectFault:
    """One fault: in which file and line, under which key, which value, why, and what to do."""

    file: Path
    key: str
    """The dotted way to it, such as `indicators.food.expression`; '' for the file as a whole."""
    line: int | None
    value: str
    message: str
    fix: str

    def __str__(self) -> str:
        place = str(self.file) if self.line is None else f"{self.file}:{self.line}"
        return ": ".join(part for part in (place, self.key, self.message) if part)


class BadFile(MealError):
    """A file that cannot be used; `faults` says all that is wrong with it."""

    def __init__(self, faults: Sequence[ProjectFault]) -> None:
        first, more = faults[0], len(faults) - 1
        sentence = str(first)
        if more:
            sentence += " " + ngettext("({n} more fault)", "({n} more faults)", more).format(n=more)
        super().__init__(sentence, next_step=first.fix)
        self.faults = list(faults)


def nearest(word: str, known: Sequence[str]) -> str | None:
    """Give the known name that is written most like `word`, or None."""
    return next(iter(get_close_matches(word, known, n=1, cutoff=0.5)), None)


def did_you_mean(word: str, known: Sequence[str]) -> str:
    """Give the fix for a name that is not known: the nearest one, or the list of all."""
    near = nearest(word, known)
    if near:
        return _("Did you mean {name}?").format(name=near)
    if not known:
        return _("Remove it.")
    return _("Known are: {names}.").format(names=", ".join(known))
