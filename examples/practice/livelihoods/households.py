"""The households of the example: the same ones before and after, in two arms.

Here: a seeded model of 800 households in 32 communities, with an effect planted in it: acceptable
food consumption rises by ten points more among participants than among the households that they
are compared with. Not here: faults of data collection (`planted`).
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

SEED = 20261
HOUSEHOLDS_A_COMMUNITY = 25
LOST = 0.044
"""The share of households that were not found again."""

DISTRICTS = {"SY0203": (12, 1.35), "SY0204": (12, 0.9), "SY0208": (8, 0.6)}
"""District → communities in the sample, and the weight of its households."""

_PLACES = {"SY0203": (36.51, 36.87), "SY0204": (36.58, 37.04), "SY0208": (36.79, 37.95)}
ACCEPTABLE = {
    ("participant", "baseline"): 0.41,
    ("participant", "endline"): 0.63,
    ("comparison", "baseline"): 0.42,
    ("comparison", "endline"): 0.54,
}
WEIGHTS = {
    "FCSStap": 2.0,
    "FCSPulse": 3.0,
    "FCSDairy": 4.0,
    "FCSPr": 4.0,
    "FCSVeg": 1.0,
    "FCSFruit": 1.0,
    "FCSFat": 0.5,
    "FCSSugar": 0.5,
}
"""Days → points of the food consumption score (WFP 2008, 7-day recall)."""

PREFIXES = ("33", "44", "55", "66", "88", "99")
"""Beginnings of Syrian mobile numbers after 09."""

_NAMES = ("أحمد العلي", "فاطمة الحسن", "محمّد يوسف", "خديجة إبراهيم", "علي مصطفى", "مريم خليل")
_SOURCES = ("crops", "livestock", "day_labour", "trade", "remittances", "aid")


@dataclass
class Interview:
    """One interview: what was asked at the door, and the answers by question name."""

    household: str
    round: str
    arm: str
    enumerator: str
    begun: datetime
    minutes: float
    sent: datetime
    first_version: bool
    visit: dict[str, Any] = field(default_factory=dict)
    household_answers: dict[str, Any] = field(default_factory=dict)
    services: dict[str, Any] = field(default_factory=dict)
    members: list[dict[str, Any]] = field(default_factory=list)
    food: dict[str, Any] = field(default_factory=dict)
    livelihood: dict[str, Any] = field(default_factory=dict)

    def answers(self) -> dict[str, Any]:
        """Give the answers by full group path, as the form's version has them."""
        water = "household" if self.first_version else "services"
        done = self.begun + timedelta(minutes=self.minutes)
        return {
            "start": _device_time(self.begun),
            "end": _device_time(done),
            "today": f"{self.begun + timedelta(hours=3):%Y-%m-%d}",
            "deviceid": f"collect:{self.enumerator}",
            **{f"visit/{name}": value for name, value in self.visit.items()},
            **{f"household/{name}": value for name, value in self.household_answers.items()},
            **{f"{water}/{name}": value for name, value in self.services.items()},
            "member": [
                {f"member/{name}": value for name, value in member.items()}
                for member in self.members
            ],
            **{f"food/{name}": value for name, value in self.food.items()},
            **{f"livelihood/{name}": value for name, value in self.livelihood.items()},
        }


def interviews() -> Iterator[Interview]:
    """Give every interview without a fault, baseline first, in the order of sending."""
    random = Random(SEED)
    homes = list(_homes(random))
    for round_code, first_day, days in (
        ("baseline", datetime(2026, 3, 2, 5, tzinfo=UTC), 24),
        ("endline", datetime(2026, 10, 25, 5, tzinfo=UTC), 18),
    ):
        found = [home for home in homes if round_code == "baseline" or random.random() >= LOST]
        for place, home in enumerate(found):
            day = int(place / len(found) * days)
            begun = first_day + timedelta(days=day, minutes=random.uniform(0, 480))
            yield _interview(random, home, round_code, begun)


def _homes(random: Random) -> Iterator[dict[str, Any]]:
    number = community = 0
    for district, (communities, weight) in DISTRICTS.items():
        for place in range(communities):
            community += 1
            arm = "participant" if place % 2 == 0 else "comparison"
            better_off = random.gauss(0, 0.05)
            size = random.uniform(0.8, 1.25)
            for _ in range(HOUSEHOLDS_A_COMMUNITY):
                number += 1
                yield {
                    "hh_id": f"H{number:04d}",
                    "district": district,
                    "community": f"c{community:02d}",
                    "arm": arm,
                    "enumerator": f"E{1 + community % 12:02d}",
                    "weight": round(weight * size, 3),
                    "better_off": better_off + random.gauss(0, 0.12),
                    "head_sex": "female" if random.random() < 0.24 else "male",
                    "head_age": int(random.triangular(19, 84, 41)),
                    "hh_size": max(1, int(random.gauss(6.1, 2.0))),
                    "residence": random.choices(
                        ("resident", "displaced", "returnee"), (0.55, 0.37, 0.08)
                    )[0],
                    "name": random.choice(_NAMES),
                    "phone": f"09{random.choice(PREFIXES)}{random.randrange(10**6):06d}",
                    "place": tuple(
                        round(at + random.gauss(0, 0.02), 6) for at in _PLACES[district]
                    ),
                }


def _interview(random: Random, home: dict[str, Any], round_code: str, begun: datetime) -> Interview:
    arm, endline = home["arm"], round_code == "endline"
    joined = arm == "participant" and endline
    chance = min(0.97, max(0.03, ACCEPTABLE[arm, round_code] + home["better_off"]))
    well_fed = random.random() < chance
    interview = Interview(
        household=home["hh_id"],
        round=round_code,
        arm=arm,
        enumerator=home["enumerator"],
        begun=begun,
        minutes=round(random.triangular(17, 58, 31), 2),
        sent=begun + timedelta(hours=random.uniform(1, 9)),
        first_version=not endline or begun.day == 25,
    )
    interview.visit = {
        "enumerator": home["enumerator"],
        "round": round_code,
        "district": home["district"],
        "community": home["community"],
        "arm": arm,
        "hh_id": home["hh_id"],
        "weight": home["weight"],
        "consent": "no" if random.random() < 0.006 else "yes",
    }
    if interview.visit["consent"] == "no":
        return interview
    latitude, longitude = home["place"]
    interview.household_answers = {
        "respondent_name": home["name"],
        "phone": _as_typed(random, home["phone"]),
        "location": f"{latitude} {longitude} {random.randrange(300, 700)} 4.5",
        "head_sex": home["head_sex"],
        "head_age": home["head_age"] + (1 if endline else 0),
        "hh_size": home["hh_size"],
        "residence": home["residence"],
    }
    trucking = "tanker" if interview.first_version else "water_trucking"
    interview.services = {
        "water_source": random.choices(
            ("network", "protected_well", trucking, "open_well"),
            (0.36 if endline else 0.3, 0.2, 0.34, 0.1),
        )[0]
    }
    interview.members = [_member(random) for _ in range(min(home["hh_size"], 4))]
    interview.food = _week_of_food(random, well_fed) | {
        "hungry_night": random.choices(
            ("never", "rarely", "sometimes", "often"),
            (0.84, 0.1, 0.05, 0.01) if well_fed else (0.58, 0.24, 0.14, 0.04),
        )[0]
    }
    interview.livelihood = _livelihood(random, well_fed, joined)
    return interview


def _member(random: Random) -> dict[str, Any]:
    age = int(random.triangular(0, 75, 12))
    member: dict[str, Any] = {
        "member_sex": random.choice(("female", "male")),
        "member_age": age,
    }
    if 6 <= age <= 17:
        member["attends_school"] = "yes" if random.random() < 0.7 else "no"
    return member


def _week_of_food(random: Random, well_fed: bool) -> dict[str, Any]:
    """Draw days until the score falls on the side of 42 where it belongs."""
    while True:
        richer = 1.6 if well_fed else 0.6
        days = {
            "FCSStap": random.choice((6, 7, 7)),
            "FCSPulse": _days(random, 1.6 * richer),
            "FCSDairy": _days(random, 1.5 * richer),
            "FCSPr": _days(random, 1.2 * richer),
            "FCSVeg": _days(random, 3.5),
            "FCSFruit": _days(random, 1.4),
            "FCSFat": random.choice((5, 6, 7, 7)),
            "FCSSugar": random.choice((4, 6, 7)),
        }
        if (sum(WEIGHTS[item] * count for item, count in days.items()) > 42) == well_fed:
            return days


def _days(random: Random, mean: float) -> int:
    return min(7, max(0, round(random.gauss(mean, 1.3))))


def _livelihood(random: Random, well_fed: bool, joined: bool) -> dict[str, Any]:
    chosen = [source for source in _SOURCES if random.random() < 0.3]
    if joined and "crops" not in chosen and random.random() < 0.4:
        chosen.insert(0, "crops")
    answers: dict[str, Any] = {"income_sources": " ".join(chosen) or "none"}
    if chosen:
        base = 118 + 34 * len(chosen) + (26 if joined else 0) + (30 if well_fed else 0)
        answers["income_usd"] = round(max(10.0, random.gauss(base, 55)), 2)
    if joined:
        answers["received_kit"] = "yes" if random.random() < 0.93 else "no"
        answers["training_sessions"] = min(6, max(0, round(random.gauss(4.2, 1.4))))
    return answers


def _as_typed(random: Random, phone: str) -> str:
    """Write a phone number as people do: plain, with the country, or in Arabic digits."""
    form = random.randrange(4)
    if form == 0:
        return f"+963 {phone[1:4]} {phone[4:]}"
    if form == 1:
        return phone.translate(str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩"))
    return phone if form == 2 else f"00963{phone[1:]}"


def _device_time(moment: datetime) -> str:
    local = moment + timedelta(hours=3)
    return f"{local:%Y-%m-%dT%H:%M:%S}.{local.microsecond // 1000:03d}+03:00"
