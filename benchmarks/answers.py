"""Answers to the measured form: two rounds of the same households, with faults in them.

Here: seeded answers by column, a thousand rows at a time, so that 100 000 take seconds. Not here:
the form (`survey.py`) and what the server makes of answers.

About one finding a row is planted: skipped required answers, answers where the form asks none,
choices that do not exist, numbers in words; about four rows of a hundred break a constraint.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.survey import CHOICES, DISTRICTS, FOODS, SECTIONS, questions

SEED = 20261125
CHUNK = 1_000
MINUTES_APART = 2

Texts = NDArray[np.object_]
Truths = NDArray[np.bool_]

_ARABIC = str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")
_NAMES = np.array(["أحمد العلي", "فاطمة الحسن", "محمّد يوسف", "خديجة إبراهيم"], dtype=object)


def interviews(rows: int, *, first: int = 0) -> Iterator[tuple[dict[str, Any], datetime, bool]]:
    """Give interviews `first` … `rows` - 1 of a survey: answers, time of sending, whether later.

    The first half of a survey is its baseline, the second its endline; what stands after is
    endline, too. `later` says that the second version of the form was used. A row is the same
    whatever else is asked for, if `first` is a multiple of `CHUNK`.
    """
    half = max(first or rows, 2) // 2
    for start in range(first, rows, CHUNK):
        numbers = np.arange(start, min(start + CHUNK, rows))
        endline = numbers >= half
        answers = _Chunk(numbers, half, endline).answers()
        for place, number in enumerate(numbers.tolist()):
            moment = _sent(number, later=bool(endline[place]))
            row = {path: values[place] for path, values in answers.items()}
            if endline[place]:
                row["food/water_source"] = row.pop("household/water_source")
            yield row, moment, bool(endline[place])


def _sent(number: int, *, later: bool) -> datetime:
    first = datetime(2026, 3, 1, tzinfo=UTC) + timedelta(days=200 if later else 0)
    return first + timedelta(minutes=MINUTES_APART * number)


class _Chunk:
    """Some rows, column by column; an answer is text or None."""

    def __init__(self, numbers: NDArray[np.int64], half: int, endline: Truths) -> None:
        self.numbers, self.endline = numbers, endline
        self.size = len(numbers)
        self.random = np.random.default_rng([SEED, int(numbers[0])])
        self.household = np.where(endline, numbers - half, numbers)
        communities = max(40, min(400, half // 100))
        self.community = self.household % communities
        self.takes_part = self.community % 2 == 0
        self.paths = {question.name: question.path for question in questions()}

    def answers(self) -> dict[str, list[Any]]:
        """Give the answers of each path."""
        agreed = self.chance(0.99)
        columns = self._visit(agreed)
        columns |= {name: _blank(texts, agreed) for name, texts in self._household().items()}
        for section in SECTIONS:
            columns |= self._section(section)
        found = {self.paths[name]: texts.tolist() for name, texts in columns.items()}
        found["member"] = [self._members(int(count)) for count in self.whole(1, 6)]
        return found

    def chance(self, share: float) -> Truths:
        """Tell for each row whether something of this probability happens."""
        return self.random.random(self.size) < share

    def whole(self, low: int, high: int) -> NDArray[np.int64]:
        """Draw whole numbers from `low` to below `high`."""
        return self.random.integers(low, high, self.size)

    def choice(self, name: str) -> Texts:
        """Draw one code of a list."""
        codes = np.array(CHOICES[name], dtype=object)
        return codes[self.whole(0, len(codes))]

    def several(self, name: str) -> Texts:
        """Draw some codes of a list; the last, `none`, stands alone but for a few faults."""
        codes = CHOICES[name]
        drawn = self.random.random((self.size, len(codes) - 1)) < 0.3
        wrong = self.random.random(self.size) < 0.0005
        texts = [
            " ".join(code for code, is_there in zip(codes, one, strict=False) if is_there)
            for one in drawn.tolist()
        ]
        return np.array(
            [
                f"{text} none" if bad and text else text or "none"
                for text, bad in zip(texts, wrong, strict=True)
            ],
            dtype=object,
        )

    def number(self, values: NDArray[Any]) -> Texts:
        """Write numbers as people do, one in ten with Arabic digits."""
        texts = values.astype(str).tolist()
        arabic = self.chance(0.1).tolist()
        return np.array(
            [
                text.translate(_ARABIC) if odd else text
                for text, odd in zip(texts, arabic, strict=True)
            ],
            dtype=object,
        )

    def _visit(self, agreed: Truths) -> dict[str, Texts]:
        begun = [
            _sent(int(one), later=bool(late))
            for one, late in zip(self.numbers, self.endline, strict=True)
        ]
        minutes = self.whole(15, 50).tolist()
        districts = np.array(DISTRICTS, dtype=object)
        return {
            "start": _texts(_device_time(one - timedelta(hours=2)) for one in begun),
            "end": _texts(
                _device_time(one - timedelta(hours=2) + timedelta(minutes=lasted))
                for one, lasted in zip(begun, minutes, strict=True)
            ),
            "today": _texts(f"{one:%Y-%m-%d}" for one in begun),
            "deviceid": _texts(f"collect:{one % 60}" for one in self.community.tolist()),
            "enumerator": _texts(f"E{one % 60:02d}" for one in self.community.tolist()),
            "round": np.where(self.endline, "endline", "baseline").astype(object),
            "district": districts[self.community // 4 % len(districts)],
            "arm": np.where(self.takes_part, "participant", "comparison").astype(object),
            "community": _texts(f"c{one:03d}" for one in self.community.tolist()),
            "hh_id": _texts(f"H{one:06d}" for one in self.household.tolist()),
            "weight": _texts(f"{0.5 + one % 37 / 20:.3f}" for one in self.household.tolist()),
            "consent": np.where(agreed, "yes", "no").astype(object),
        }

    def _household(self) -> dict[str, Texts]:
        residence, joined = self.choice("residence"), self.takes_part & self.endline
        sources = self.several("income")
        days = {
            food: np.clip(self.random.poisson(2.6 + 0.6 * joined, self.size), 0, 7)
            for food in FOODS
        }
        degrees = 36.5 + self.random.random((2, self.size))
        return {
            "respondent_name": _NAMES[self.whole(0, len(_NAMES))],
            "phone": _texts(
                f"09{33 + one % 7}{one % 10**6:06d}" for one in self.household.tolist()
            ),
            "water_point": _texts(f"{one:.6f} {other:.6f} 400 4.5" for one, other in degrees.T),
            "head_sex": self.choice("sex"),
            "head_age": self.number(np.where(self.chance(0.001), 7, self.whole(18, 90))),
            "hh_size": self.number(self.whole(1, 12)),
            "residence": residence,
            "schooling": self.choice("schooling"),
            "arrived": _blank(self._dates(), residence == "displaced"),
            "water_source": self._water(),
            **{food: self.number(values) for food, values in days.items()},
            "hungry_night": self.choice("often"),
            "income_sources": sources,
            "income_usd": _blank(self._amounts(200), sources != "none"),
            "received_kit": _blank(self.choice("yes_no"), joined),
            "trainings": _blank(self.number(self.whole(0, 7)), joined),
        }

    def _water(self) -> Texts:
        source = self.choice("water")
        return np.where(self.endline & (source == "tanker"), "water_trucking", source).astype(
            object
        )

    def _section(self, section: str) -> dict[str, Texts]:
        has = self.choice("yes_no")
        yes = (has == "yes") | self.chance(0.003)  # some answer what they were not asked
        kind = np.where(self.chance(0.003), "old_code", self.choice("kind")).astype(object)
        spent = np.where(self.chance(0.002), "حوالي خمسة", self._amounts(40)).astype(object)
        columns = {
            "has": _blank(has, ~self.chance(0.01)),
            "count": _blank(self.number(np.where(self.chance(0.002), 99, self.whole(0, 50))), yes),
            "value": _blank(self._amounts(90), yes),
            "kind": _blank(kind, yes),
            "other": _blank(self._remarks("نوع آخر"), yes & (kind == "other")),
            "needs": self.several("needs"),
            "since": self._dates(),
            "rating": _blank(self.choice("rating"), ~self.chance(0.06)),
            "days": self.number(np.where(self.chance(0.001), 45, self.whole(0, 32))),
            "satisfied": self.choice("opinion"),
            "spent": spent,
            "remark": _blank(self._remarks("ملاحظة"), self.chance(0.2)),
            "total": self._amounts(900),
        }
        return {f"{section}_{name}": texts for name, texts in columns.items()}

    def _amounts(self, mean: float) -> Texts:
        return self.number(np.round(self.random.gamma(2, mean / 2, self.size), 2))

    def _dates(self) -> Texts:
        first = np.datetime64("2024-01-01")
        return (first + self.whole(0, 700)).astype(str).astype(object)

    def _remarks(self, word: str) -> Texts:
        return _texts(f"{word} {one}" for one in self.whole(0, 10**6).tolist())

    def _members(self, count: int) -> list[dict[str, Any]]:
        ages = self.random.integers(0, 80, count).tolist()
        return [
            {
                "member/member_sex": "female" if age % 2 else "male",
                "member/member_age": str(age),
                "member/at_school": ("yes" if age % 3 else "no") if 6 <= age <= 17 else None,
            }
            for age in ages
        ]


def _texts(texts: Iterator[str]) -> Texts:
    return np.array(list(texts), dtype=object)


def _blank(texts: Texts, kept: Truths) -> Texts:
    left = texts.copy()
    left[~kept] = None
    return left


def _device_time(moment: datetime) -> str:
    return f"{moment + timedelta(hours=3):%Y-%m-%dT%H:%M:%S}.000+03:00"
