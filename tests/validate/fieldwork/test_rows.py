"""Each check of single interviews: it finds the planted fault, and nothing in clean rows."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from meal_pipeline.validate.fieldwork.identifiers import holds_identifier

from .survey import BOTH, COUNT, FOODS, START, check, everything, interviews

Answers = list[dict[str, Any]]

DECLARED: dict[str, Any] = {
    "HFC07": {"first_days": {"base": "2026-03-01", "end": "2027-03-01"}},
    "HFC11": {"question": "consent"},
    "HFC16": {"usual": {"size": ". <= 12"}},
    "HFC18": {
        "men": {
            "expression": "${men} > ${size}",
            "message": {"en": "More men than members.", "ar": "الرجال أكثر من الأفراد."},
            "severity": "critical",
        }
    },
    "HFC23": {
        "question": "team",
        "areas": {
            "a": {"south": 35.9, "north": 36.2, "west": 36.9, "east": 37.2},
            "b": {"latitude": 36.05, "longitude": 37.05, "km": 12},
        },
    },
    "HFC31": {"sex": "sex", "age": "age"},
    "HFC34": {"size": "size", "parts": ["men", "women"]},
}


def sent_twice(rows: Answers) -> None:
    rows.append({**rows[9], "_id": COUNT + 1})


def same_household(rows: Answers) -> None:
    rows[20]["hh"] = rows[9]["hh"]
    rows[20].update(sex=rows[9]["sex"], age=rows[9]["age"])
    rows[20]["_submission_time"] = rows[9]["_submission_time"] + timedelta(minutes=1)
    rows[COUNT // 2 + 20].update(hh="new", sex="male")


def same_phone(rows: Answers) -> None:
    rows[20]["phone"] = rows[9]["phone"]


def copied(rows: Answers) -> None:
    kept = {name: rows[20][name] for name in ("hh", "start", "end", "_submission_time", "phone")}
    rows[20].update(rows[9] | kept | {"income": 77.5, "remark": "منسوخة"})


def hasty(rows: Answers) -> None:
    rows[20]["end"] = rows[20]["start"] + timedelta(minutes=5)


def left_open(rows: Answers) -> None:
    rows[20]["end"] = rows[20]["start"] + timedelta(minutes=200)


def over_midnight(rows: Answers) -> None:
    rows[20]["start"] = START.replace(hour=20, minute=40)  # 23:40 in Damascus
    rows[20]["end"] = START.replace(hour=21, minute=20)


def too_early(rows: Answers) -> None:
    rows[20]["start"] = START - timedelta(days=2)


def in_the_future(rows: Answers) -> None:
    rows[20]["start"] = rows[20]["_submission_time"] + timedelta(days=30)


def at_night(rows: Answers) -> None:
    rows[20]["start"] = START.replace(hour=2)  # 05:00 in Damascus


def kept_back(rows: Answers) -> None:
    rows[20]["_submission_time"] = rows[20]["end"] + timedelta(days=4)


def without_consent(rows: Answers) -> None:
    rows[20]["consent"] = "no"


def broken_off(rows: Answers) -> None:
    rows[20].update({f"q{n}": None for n in range(4, 24)})


def huge(rows: Answers) -> None:
    rows[20]["income"] = 90_000


def a_code(rows: Answers) -> None:
    rows[20]["men"] = 99


def a_crowd(rows: Answers) -> None:
    rows[20].update(size=14, men=10, women=4)


def more_men(rows: Answers) -> None:
    rows[20]["men"] = 9


def none_and_water(rows: Answers) -> None:
    rows[20]["needs"] = "none water"


def other(rows: Answers) -> None:
    rows[20].update(q1="other", q1_words="صهريج")


def nowhere(rows: Answers) -> None:
    rows[20]["gps"] = None


def far_away(rows: Answers) -> None:
    rows[18]["gps"] = (33.5, 36.3)  # of team a, found in Damascus
    rows[19]["gps"] = (36.2, 37.05)  # of team b, 16.7 km from its place


def one_place(rows: Answers) -> None:
    for row, north in ((20, 0), (30, 0.00001), (40, 0.00002)):
        rows[row]["gps"] = (36.05 + north, 37.05)


def another_person(rows: Answers) -> None:
    rows[COUNT // 2 + 20]["age"] += 7


def phone_in_words(rows: Answers) -> None:
    rows[20]["remark"] = "اتصلوا بأبي أحمد ٠٩٤٤ ١٢٣ ٤٥٦"


def ticked_off(rows: Answers) -> None:
    rows[20].update(dict.fromkeys(FOODS, 7))


def miscounted(rows: Answers) -> None:
    rows[20]["size"] += 1


FAULTS: list[tuple[str, Callable[[Answers], None], list[int], str]] = [
    ("HFC01", sent_twice, [COUNT + 1], "warning"),
    ("HFC02", same_household, [21], "critical"),
    ("HFC03", same_phone, [10, 21], "warning"),
    ("HFC04", copied, [21], "critical"),
    ("HFC05", hasty, [21], "critical"),
    ("HFC06", left_open, [21], "warning"),
    ("HFC06", over_midnight, [21], "warning"),
    ("HFC07", too_early, [21], "critical"),
    ("HFC07", in_the_future, [21], "critical"),
    ("HFC08", at_night, [21], "warning"),
    ("HFC09", kept_back, [21], "info"),
    ("HFC11", without_consent, [21], "critical"),
    ("HFC12", broken_off, [21], "warning"),
    ("HFC15", huge, [21], "warning"),
    ("HFC16", a_crowd, [21], "warning"),
    ("HFC17", a_code, [21], "warning"),
    ("HFC18", more_men, [21], "critical"),
    ("HFC20", none_and_water, [21], "warning"),
    ("HFC21", other, [21], "info"),
    ("HFC22", nowhere, [21], "warning"),
    ("HFC23", far_away, [19, 20], "critical"),
    ("HFC24", one_place, [21, 31, 41], "warning"),
    ("HFC31", another_person, [COUNT // 2 + 21], "critical"),
    ("HFC32", phone_in_words, [21], "critical"),
    ("HFC33", ticked_off, [21], "warning"),
    ("HFC34", miscounted, [21], "warning"),
]


@pytest.mark.parametrize(("code", "fault", "rows", "severity"), FAULTS)
def test_a_planted_fault_is_found(code, fault, rows, severity):
    answers = interviews()
    fault(answers)
    found = check(code, answers, **DECLARED)
    assert sorted({one["submission_id"] for one in found}) == rows
    assert {one["severity"] for one in found} == {severity}
    assert all("{" not in text for one in found for text in labels_of(one).values())


def labels_of(finding: dict[str, Any]) -> dict[str, str]:
    labels: dict[str, str] = json.loads(finding["message"])
    assert set(labels) == {"en", "ar"}
    return labels


def test_clean_interviews_have_no_finding():
    seeds = (5, 6)
    found = [one for seed in seeds for one in everything(interviews(seed=seed), **DECLARED)]
    said = {(one["rule"], one["submission_id"], one["value"]) for one in found}
    assert said == {("fieldwork.HFC29", None, None), ("fieldwork.HFC30", None, None)}


def test_a_finding_speaks_of_the_question_by_its_label_in_each_language():
    answers = interviews()
    huge(answers)
    (one,) = check("HFC15", answers)
    labels = labels_of(one)
    assert labels["en"].startswith("The answer to “Income” lies far from all others. Ask the team")
    assert labels["ar"].startswith("الجواب عن «الدخل» بعيد جداً عن سائر الإجابات. اسألوا الفريق")
    assert one["value"] == "90000"


def test_neither_a_phone_in_words_nor_a_point_is_ever_shown():
    answers = interviews()
    for fault in (phone_in_words, far_away, one_place, same_phone):
        fault(answers)
    found = [one for one in everything(answers, **DECLARED) if one["submission_id"]]
    assert {one["rule"][-2:] for one in found} >= {"32", "23", "24", "03"}
    shown = {one["value"] for one in found if one["rule"][-2:] in ("32", "23", "24", "03")}
    assert shown == {None}


def test_an_old_version_is_right_until_some_days_after_the_newest_came_into_use():
    answers = interviews()
    for number, row in enumerate(answers):
        row["_version"] = "v1" if number < 30 or number == 200 else "v2"
    found = check("HFC10", answers, union=BOTH)
    assert [one["submission_id"] for one in found] == [201]


def test_the_copy_that_counts_is_the_one_without_another_fault():
    answers = interviews()
    same_household(answers)
    answers[9]["end"] = answers[9]["start"] + timedelta(minutes=2)
    assert [one["submission_id"] for one in check("HFC02", answers)] == [10]


def test_rows_that_are_not_eligible_are_not_looked_at():
    answers = interviews()
    without_consent(answers)
    found = check("HFC11", answers, eligible="${consent} = 'yes'", **DECLARED)
    assert found == []


def test_household_members_may_be_those_listed_in_a_repeat():
    answers = interviews(4)
    members = [
        {"_id": number, "_position": str(place), "member_age": 5}
        for number, row in enumerate(answers, 1)
        for place in range(1, row["size"] + (number == 3) + 1)
    ]
    found = check("HFC34", answers, members=members, HFC34={"size": "size", "repeat": "member"})
    size = answers[2]["size"]
    assert [(one["submission_id"], one["value"]) for one in found] == [(3, f"{size + 1} ≠ {size}")]


@pytest.mark.parametrize(
    ("text", "identifies"),
    [
        ("0944123456", True),
        ("+963 944 123 456", True),
        ("رقمي ٠٩٤٤١٢٣٤٥٦", True),
        ("02010012345", True),  # eleven digits, as national numbers have
        ("a.b@example.org", True),
        ("2026-03-01", False),
        ("بين 01/03/2026 و 05/03/2026", False),
        ("دفعنا 1500000 ليرة", False),
        ("12 - 5", False),
    ],
)
def test_what_identifies_a_person_in_words(text, identifies):
    assert holds_identifier(text) is identifies
