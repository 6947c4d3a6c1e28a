"""The faults planted in the example, so that there is something to find.

Here: duplicates, impossible ages, skipped required answers, broken skip logic, phones cut short, an
enumerator who takes two minutes, answers in Arabic digits, and rows edited on the server. Not here:
sound answers (`households`).
"""

import copy
from collections.abc import Iterable, Iterator
from datetime import timedelta
from typing import Any

from .households import Interview

HASTY_ENUMERATOR = "E07"
DUPLICATED = (120, 347, 512, 1001, 1240)
"""Places of interviews that were sent twice; the second time with other answers for some."""

IMPOSSIBLE_AGES = {33: 240, 610: 4, 980: 199, 1333: 0}
ARABIC_DIGITS = (71, 402, 905)
UNREADABLE_SIZES = {209: "ستة", 1102: "6-7"}
WITHOUT_HEAD_SEX = (15, 288, 455, 733, 1050, 1199, 1410)
WITHOUT_FOOD = (97, 640, 1180)
KITS_FOR_OTHERS = (830, 861, 893, 1077, 1111, 1377)
"""Places near which a household of the comparison is asked about a kit it could not get."""

SHORT_PHONES = (52, 418, 777, 1290)
RETURNED_REFUGEES = (64, 377, 845)


def with_problems(interviews: Iterable[Interview]) -> Iterator[Interview]:
    """Give the interviews with the planted faults among them, in the order of sending."""
    waiting = set(KITS_FOR_OTHERS)
    for place, interview in enumerate(interviews):
        if interview.visit["consent"] == "yes":
            _spoil(interview, place)
            due = [kit for kit in waiting if kit <= place]
            if due and interview.round == "endline" and interview.arm == "comparison":
                waiting.discard(due[0])
                interview.livelihood["received_kit"] = "yes"
        if interview.enumerator == HASTY_ENUMERATOR and interview.round == "endline":
            interview.minutes = round(1.6 + (place % 7) / 10, 2)
        yield interview
        if place in DUPLICATED:
            again = copy.deepcopy(interview)
            again.sent += timedelta(hours=5)
            if place % 2 and again.food:
                again.food["FCSVeg"] = (again.food["FCSVeg"] + 1) % 8
            yield again


def _spoil(interview: Interview, place: int) -> None:
    answers = interview.household_answers
    if place in IMPOSSIBLE_AGES:
        answers["head_age"] = IMPOSSIBLE_AGES[place]
    if place in UNREADABLE_SIZES:
        answers["hh_size"] = UNREADABLE_SIZES[place]
    if place in ARABIC_DIGITS:
        answers["hh_size"] = str(answers["hh_size"]).translate(
            str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")
        )
    if place in WITHOUT_HEAD_SEX:
        del answers["head_sex"]
    if place in WITHOUT_FOOD:
        del interview.food["FCSPr"]
    if place in SHORT_PHONES:
        answers["phone"] = "0933 12"
    if place in RETURNED_REFUGEES:
        answers["residence"] = "refugee"


def edits() -> Iterator[tuple[int, dict[str, Any]]]:
    """Give what the office changed on the server: `_id` and the changed answers."""
    for submission_id in range(21, 260, 20):
        yield submission_id, {"household/residence": "displaced"}
