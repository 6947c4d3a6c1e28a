"""Rounds that are told by files: one export a round.

Here: whether files are rounds, and the expression that tells a row's round by its day. Not here:
the project file (`workspace.proposal`).
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import PurePath

from meal_pipeline.exports.bodies import Export

_USUAL = ("baseline", "midline", "endline", "followup")


@dataclass(frozen=True)
class FileRound:
    """A round: its code, its name (the file's), its first and last day."""

    code: str
    name: str
    first: str
    last: str


def rounds_by_file(exports: Sequence[Export]) -> tuple[str, list[FileRound]] | None:
    """Give the expression and the rounds in time order; None where files are no rounds.

    Files are rounds where there are several with submissions, all with days, and no day of one lies
    within another. The exports must have been read.
    """
    filled = sorted((one for one in exports if one.rows), key=lambda one: one.days)
    questions = {one.form.day for one in filled}
    question = questions.pop() if len(questions) == 1 else None
    if len(filled) < 2 or question is None or not all(one.days[0] for one in filled):
        return None
    pairs = pairwise(filled)
    if any(earlier.days[1] >= later.days[0] for earlier, later in pairs):
        return None
    codes = _codes([PurePath(one.file.name).stem for one in filled])
    rounds = [
        FileRound(code, PurePath(one.file.name).stem, *one.days)
        for code, one in zip(codes, filled, strict=True)
    ]
    *earlier_rounds, newest = rounds
    expression = f"'{newest.code}'"
    for one, following in reversed(list(zip(earlier_rounds, rounds[1:], strict=True))):
        expression = f"if(${{{question}}} < date('{following.first}'), '{one.code}', {expression})"
    return expression, rounds


def _codes(stems: Sequence[str]) -> list[str]:
    """Give `baseline`, `endline` … where each name says so, else `round1` and so on."""
    letters = [re.sub(r"[^a-z]", "", stem.lower()) for stem in stems]
    named = [next((word for word in _USUAL if word in one), "") for one in letters]
    if all(named) and len(set(named)) == len(named):
        return named
    return [f"round{number}" for number in range(1, len(stems) + 1)]
