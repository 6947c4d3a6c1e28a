"""A survey of households without a fault, and what its checks of fieldwork say when one is made."""

import random
from datetime import timedelta
from typing import Any

from meal_pipeline.forms import unite
from meal_pipeline.validate.findings import records
from meal_pipeline.validate.validate_form import validate_form

from ..builders import START, child_frame, choices, form, loaded, main_frame, project, row

FOODS = ("FCSStap", "FCSPulse", "FCSDairy", "FCSPr", "FCSVeg", "FCSFruit", "FCSFat", "FCSSugar")
TEAMS = tuple("abcdef")
COUNT = 360


def asked(type_: str, name: str, arabic: str, **cells: Any) -> dict[str, Any]:
    return row(type_, name, label=[name.title(), arabic], **cells)


def survey(uid: str = "v1") -> Any:
    return form(
        row("start", "start"),
        row("end", "end"),
        asked("select_one", "team", "الفريق", select_from_list_name="team"),
        asked("text", "hh", "رقم الأسرة"),
        asked("select_one", "wave", "الجولة", select_from_list_name="wave"),
        asked("text", "phone", "الهاتف"),
        asked("select_one", "consent", "الموافقة", select_from_list_name="answer"),
        asked("select_one", "sex", "الجنس", select_from_list_name="sex"),
        asked("integer", "age", "العمر"),
        asked("integer", "size", "حجم الأسرة"),
        asked("integer", "men", "الرجال"),
        asked("integer", "women", "النساء"),
        asked("decimal", "income", "الدخل"),
        *(
            asked("select_one", f"q{n}", f"السؤال {n}", select_from_list_name="answer")
            for n in range(24)
        ),
        asked("select_multiple", "needs", "الحاجات", select_from_list_name="needs"),
        asked("text", "q1_words", "ما هي؟", relevant="${q1} = 'other'"),
        asked("text", "remark", "ملاحظات"),
        *(asked("integer", name, "أيام") for name in FOODS),
        asked("geopoint", "gps", "الموقع"),
        row("begin_repeat", "member"),
        asked("integer", "member_age", "العمر"),
        row("end_repeat"),
        lists=[
            *choices("answer", "yes", "no", "other", "dont_know"),
            *choices("team", *TEAMS),
            *choices("wave", "1", "2"),
            *choices("sex", "female", "male"),
            *choices("needs", "water", "food", "none"),
        ],
        uid=uid,
    )


UNION = unite([survey()])
BOTH = unite([survey("v1"), survey("v2")])


def interviews(count: int = COUNT, seed: int = 5) -> list[dict[str, Any]]:
    """Give interviews without a fault: two rounds, six teams of like people, all in work hours."""
    chance = random.Random(seed)
    half = count // 2
    people = [(chance.choice(["female", "male"]), chance.randint(20, 90)) for _ in range(half)]
    found = []
    for number in range(count):
        round_, home = divmod(number, half)
        begun = START + timedelta(days=365 * round_ + home // 36, minutes=chance.randint(0, 400))
        ended = begun + timedelta(minutes=max(20, chance.gauss(30, 3)))
        sex, age = people[home]
        men, women = chance.randint(1, 4), chance.randint(1, 4)
        found.append(
            {
                "start": begun,
                "end": ended,
                "_submission_time": ended + timedelta(hours=2),
                "team": TEAMS[home % len(TEAMS)],
                "hh": f"h{home}",
                "wave": str(round_ + 1),
                "phone": f"P-{home}",
                "consent": "yes",
                "sex": sex,
                "age": age + round_,
                "size": men + women,
                "men": men,
                "women": women,
                "income": round(chance.uniform(60, 300), 2),
                **{f"q{n}": chance.choices(["yes", "no"], [6, 4])[0] for n in range(24)},
                "needs": chance.choice(["water", "food", "water food", "none"]),
                "remark": chance.choice(["شكراً", "كل شيء جيد", "2026-03-01"]),
                **{name: chance.randint(0, 5) for name in FOODS},
                "FCSStap": chance.randint(6, 7),
                "gps": (36 + chance.random() / 10, 37 + chance.random() / 10),
            }
        )
    return found


def check(
    code: str, answers: list[dict[str, Any]], *, union: Any = UNION, **declared: Any
) -> list[dict[str, Any]]:
    """Give the findings of one check; `declared` is that of the form's checks of fieldwork."""
    return [one for one in everything(answers, union=union, **declared) if _is_of(one, code)]


def everything(
    answers: list[dict[str, Any]],
    *,
    union: Any = UNION,
    members: list[dict[str, Any]] | None = None,
    severity: dict[str, str] | None = None,
    home: dict[str, Any] | None = None,
    eligible: str | None = None,
    beside: dict[str, Any] | None = None,
    **declared: Any,
) -> list[dict[str, Any]]:
    """Give all findings of the checks of fieldwork."""
    found = validated(
        answers, union=union, members=members, severity=severity, home=home, eligible=eligible,
        beside=beside, **declared,
    )  # fmt: skip
    return [one for one in records(found.findings) if one["rule"].startswith("fieldwork.")]


def validated(
    answers: list[dict[str, Any]],
    *,
    union: Any = UNION,
    members: list[dict[str, Any]] | None = None,
    severity: dict[str, str] | None = None,
    home: dict[str, Any] | None = None,
    eligible: str | None = None,
    beside: dict[str, Any] | None = None,
    **declared: Any,
) -> Any:
    """Give the validation of the form `home`, with its checks of fieldwork."""
    settings = {
        "uid": "aHome",
        "subject": "hh",
        "team": "team",
        "eligible": eligible,
        "personal_data": {"phone": {"kind": "phone", "treatment": "pseudonym"}},
        **(home or {}),
    }
    settings = {key: value for key, value in settings.items() if value is not None}
    rounds = {
        code: {"name": {"en": code, "ar": f"جولة {code}"}, "value": value}
        for code, value in (("base", "1"), ("end", "2"))
    }
    project_ = project(
        forms={"home": settings, **{code: {"uid": "aVisit"} for code in beside or {}}},
        rounds={"expression": "${wave}", "values": rounds},
        validation={"fieldwork": {"home": declared}, "severity": severity or {}},
    )
    form_ = loaded(
        union,
        main_frame(union, *answers),
        project_,
        member=child_frame(union, "member", *(members or [])),
    )
    return validate_form(form_, project_, [], beside=beside)


def _is_of(finding: dict[str, Any], code: str) -> bool:
    return bool(finding["rule"].split(".")[1] == code)
