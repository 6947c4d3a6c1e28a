"""The form that is measured: about 200 questions of every type, and the project over it.

Here: the content as KoboToolbox keeps it, in two versions, and `project.yaml`. Not here: answers
(`answers.py`).

The form has a head (visit, household, food, income), a repeat of members, and twelve sections of
thirteen questions that are alike: of each type, with constraints, conditions and required answers.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

UID = "aBenchmarkSurvey000001"
FIRST_VERSION = "vBenchmark00000000001"
SECOND_VERSION = "vBenchmark00000000002"
PROJECT = "measured"
FORM = "household"

SECTIONS = tuple(f"s{number:02d}" for number in range(1, 13))
FOODS = {
    "FCSStap": 2.0,
    "FCSPulse": 3.0,
    "FCSDairy": 4.0,
    "FCSPr": 4.0,
    "FCSVeg": 1.0,
    "FCSFruit": 1.0,
    "FCSFat": 0.5,
    "FCSSugar": 0.5,
}
"""Days of the food consumption score and their points."""

DISTRICTS = tuple(f"SY{number:04d}" for number in range(201, 211))
CHOICES: dict[str, tuple[str, ...]] = {
    "yes_no": ("yes", "no"),
    "round": ("baseline", "endline"),
    "arm": ("participant", "comparison"),
    "sex": ("female", "male"),
    "district": DISTRICTS,
    "residence": ("resident", "displaced", "returnee", "refugee"),
    "schooling": ("none", "primary", "secondary", "university"),
    "water": ("network", "protected_well", "tanker", "open_well"),
    "often": ("never", "rarely", "sometimes", "often"),
    "income": ("crops", "livestock", "day_labour", "trade", "remittances", "aid", "none"),
    "kind": ("seeds", "tools", "animals", "cash", "training", "repairs", "credit", "other"),
    "needs": ("water", "food", "shelter", "health", "school", "work", "safety", "none"),
    "rating": ("1", "2", "3", "4", "5"),
    "opinion": ("yes", "no", "dont_know"),
}


@dataclass(frozen=True)
class Question:
    """A row of the form; `path` is where its answer stands in a submission."""

    type: str
    name: str
    group: str = ""
    choices: str = ""
    required: bool = False
    constraint: str = ""
    relevant: str = ""
    calculation: str = ""

    @property
    def path(self) -> str:
        """The key of its answer."""
        return f"{self.group}/{self.name}" if self.group else self.name

    def row(self) -> dict[str, Any]:
        """Give the row as KoboToolbox keeps it."""
        row: dict[str, Any] = {
            "type": self.type,
            "name": self.name,
            "$autoname": self.name,
            "$xpath": self.path,
            "label": [f"السؤال {self.name}", f"Question {self.name}"],
        }
        if self.choices:
            row["select_from_list_name"] = self.choices
        if self.required:
            row["required"] = True
        for key in ("constraint", "relevant", "calculation"):
            if text := getattr(self, key):
                row[key] = text
        if self.constraint:
            row["constraint_message"] = ["هذه القيمة غير ممكنة", "This value is not possible"]
        return row


_AGREED = "${consent} = 'yes'"
_JOINED = "${arm} = 'participant' and ${round} = 'endline'"
GROUPS = {
    "visit": "",
    "household": _AGREED,
    "member": _AGREED,
    "food": _AGREED,
    "income": _AGREED,
    **dict.fromkeys(SECTIONS, ""),
    **dict.fromkeys(SECTIONS[:3], _AGREED),
}
"""Group → the condition that it stands under."""


def questions() -> list[Question]:
    """Give all questions of the first version in the form's order."""
    return [
        *(Question(name, name) for name in ("start", "end", "today", "deviceid")),
        *_visit(),
        *_household(),
        Question("select_one", "member_sex", "member", "sex"),
        Question("integer", "member_age", "member", constraint=". >= 0 and . <= 110"),
        Question(
            "select_one",
            "at_school",
            "member",
            "yes_no",
            relevant="${member_age} >= 6 and ${member_age} <= 17",
        ),
        *(
            Question("integer", name, "food", required=True, constraint=". >= 0 and . <= 7")
            for name in FOODS
        ),
        Question("select_one", "hungry_night", "food", "often", required=True),
        *_income(),
        *(question for section in SECTIONS for question in _section(section)),
    ]


def _visit() -> Iterator[Question]:
    yield Question("text", "enumerator", "visit", required=True)
    for name, choices in (("round", "round"), ("district", "district"), ("arm", "arm")):
        yield Question("select_one", name, "visit", choices, required=True)
    yield Question("text", "community", "visit", required=True)
    yield Question("text", "hh_id", "visit", required=True)
    yield Question("decimal", "weight", "visit")
    yield Question("select_one", "consent", "visit", "yes_no", required=True)


def _household() -> Iterator[Question]:
    yield Question("text", "respondent_name", "household")
    yield Question("text", "phone", "household")
    yield Question("geopoint", "water_point", "household")
    yield Question("select_one", "head_sex", "household", "sex", required=True)
    yield Question(
        "integer", "head_age", "household", required=True, constraint=". >= 15 and . <= 110"
    )
    yield Question("integer", "hh_size", "household", constraint=". >= 1 and . <= 30")
    yield Question("select_one", "residence", "household", "residence", required=True)
    yield Question("select_one", "schooling", "household", "schooling")
    yield Question("date", "arrived", "household", relevant="${residence} = 'displaced'")
    yield Question("select_one", "water_source", "household", "water", required=True)


def _income() -> Iterator[Question]:
    yield Question("select_multiple", "income_sources", "income", "income", required=True)
    yield Question(
        "decimal",
        "income_usd",
        "income",
        relevant="not(selected(${income_sources}, 'none'))",
        constraint=". >= 0 and . <= 5000",
    )
    yield Question("select_one", "received_kit", "income", "yes_no", relevant=_JOINED)
    yield Question("integer", "trainings", "income", relevant=_JOINED, constraint=". <= 6")


def _section(section: str) -> Iterator[Question]:
    has = f"${{{section}_has}} = 'yes'"

    def asked(type: str, name: str, choices: str = "", **what: Any) -> Question:
        return Question(type, f"{section}_{name}", section, choices, **what)

    yield asked("select_one", "has", "yes_no", required=True)
    yield asked("integer", "count", relevant=has, constraint=". >= 0 and . <= 50")
    yield asked("decimal", "value", relevant=has)
    yield asked("select_one", "kind", "kind", relevant=has)
    yield asked("text", "other", relevant=f"${{{section}_kind}} = 'other'")
    yield asked(
        "select_multiple",
        "needs",
        "needs",
        constraint="not(selected(., 'none') and count-selected(.) > 1)",
    )
    yield asked("date", "since")
    yield asked("select_one", "rating", "rating", required=True)
    yield asked("integer", "days", constraint=". >= 0 and . <= 31")
    yield asked("select_one", "satisfied", "opinion")
    yield asked("decimal", "spent")
    yield asked("text", "remark")
    yield asked("calculate", "total", calculation=f"${{{section}_count}} * ${{{section}_value}}")


def content(*, later: bool = False) -> dict[str, Any]:
    """Give the form's content; `later` as redeployed before the endline.

    The water question then stands in the group `food`, and its choice `tanker` is `water_trucking`.
    """
    asked = questions()
    if later:
        water = next(one for one in asked if one.name == "water_source")
        asked.remove(water)
        place = next(at for at, one in enumerate(asked) if one.group == "food")
        asked.insert(place, Question("select_one", "water_source", "food", "water", required=True))
    rows: list[dict[str, Any]] = []
    group = ""
    for one in asked:
        if one.group != group:
            rows += [_end(group)] if group else []
            rows += [_begin(one.group)] if one.group else []
            group = one.group
        rows.append(one.row())
    rows.append(_end(group))
    for number, row in enumerate(rows):
        row["$kuid"] = f"q{number:03d}"
    renamed = {"tanker": "water_trucking"} if later else {}
    choices = [
        {"list_name": name, "name": code, "$autovalue": code, "label": [f"خيار {code}", code]}
        for name, codes in CHOICES.items()
        for code in (renamed.get(one, one) for one in codes)
    ]
    return {
        "schema": "1",
        "survey": rows,
        "choices": choices,
        "settings": {},
        "translations": ["العربية (ar)", "English (en)"],
        "translated": ["label", "constraint_message"],
    }


def _begin(group: str) -> dict[str, Any]:
    kind = "begin_repeat" if group == "member" else "begin_group"
    row: dict[str, Any] = {"type": kind, "name": group, "$autoname": group, "$xpath": group}
    row["label"] = [f"المجموعة {group}", f"Group {group}"]
    if GROUPS[group]:
        row["relevant"] = GROUPS[group]
    return row


def _end(group: str) -> dict[str, Any]:
    return {"type": "end_repeat" if group == "member" else "end_group"}


def project_file(server: str) -> str:
    """Give `project.yaml`: ten indicators with disaggregations and one effect."""
    score = " + ".join(f"${{{name}}} * {points}" for name, points in FOODS.items())
    shares = {
        "food": f"{score} > 42",
        "no_hunger": "${hungry_night} = 'never'",
        "water": "${water_source} = 'network' or ${water_source} = 'protected_well'",
        "crops": "selected(${income_sources}, 'crops')",
        "tools": "${s01_kind} = 'tools'",
        "satisfied": "${s04_satisfied} = 'yes'",
        "well_rated": "${s05_rating} >= 4",
    }
    means = {
        "income": "${income_usd}",
        "days": "${s02_days}",
        "spent": "coalesce(${s03_spent}, 0) + coalesce(${s06_spent}, 0)",
    }
    indicators = "".join(
        f"""
  {code}:
    name: {{ar: المؤشر {code}, en: Indicator {code}}}
    level: outcome
    form: {FORM}
    statistic: {statistic}
    expression: "{expression}"
    unit: {{ar: وحدة, en: unit}}
    baseline_round: baseline
    disaggregate: [district, head_sex, residence, [district, head_sex]]"""
        for statistic, some in (("proportion", shares), ("mean", means))
        for code, expression in some.items()
    )
    return _PROJECT.format(server=server, indicators=indicators)


_PROJECT = f"""\
code: {PROJECT}
name: {{{{ar: قياس, en: Measured}}}}
synthetic: true
server: {{server}}
forms:
  {FORM}:
    uid: {UID}
    subject: hh_id
    eligible: "${{{{consent}}}} = 'yes'"
    enumerator: enumerator
    personal_data:
      respondent_name: {{{{kind: name, treatment: pseudonym}}}}
      phone: {{{{kind: phone, treatment: pseudonym}}}}
      water_point: {{{{kind: location, treatment: keep}}}}
    same_choices:
      water: {{{{tanker: water_trucking}}}}
rounds:
  expression: "${{{{round}}}}"
  values:
    baseline: {{{{name: {{{{en: Baseline}}}}}}}}
    endline: {{{{name: {{{{en: Endline}}}}}}}}
arms: {{{{expression: "${{{{arm}}}}", participants: [participant], comparison: [comparison]}}}}
design: {{{{weights: weight, strata: district, clusters: community, singleton: centre}}}}
disaggregations:
  district: {{{{name: {{{{en: District}}}}, question: district, place: true}}}}
  head_sex: {{{{name: {{{{en: Sex of head}}}}, question: head_sex}}}}
  residence: {{{{name: {{{{en: Residence}}}}, question: residence}}}}
indicators:{{indicators}}
comparisons:
  food_effect:
    name: {{{{en: Food consumption against comparison communities}}}}
    indicator: food
    design: difference_in_differences
    baseline_round: baseline
    round: endline
    assignment_unit: community
validation:
  suites: {{{{{FORM}: [household_survey, fieldwork_basics]}}}}
"""
