"""A project held against its deployed form, and one proposed from it."""

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from meal_pipeline.expressions import compile_expression
from meal_pipeline.forms import FormUnion, parse_content, unite
from meal_pipeline.workspace import ProjectFault, read_project
from meal_pipeline.workspace.project import Project
from meal_pipeline.workspace.project_check import check_project
from meal_pipeline.workspace.proposal import propose_project

SURVEY: list[tuple[str, str, str]] = [
    ("text", "hh_id", "Household number"),
    ("select_one yes_no", "consent", "Do you agree?"),
    ("select_one rounds", "round", "Round"),
    ("select_one sex", "head_sex", "Sex of the head"),
    ("select_one yes_no", "has_income", "Did anyone earn?"),
    ("select_multiple sources", "water", "Water"),
    ("text", "respondent_name", "Your name"),
    ("text", "phone", "Phone number"),
    ("decimal", "weight", "Weight"),
    ("integer", "age", "Age"),
    ("begin_repeat", "members", "Members"),
    ("integer", "member_age", "Age of the member"),
    ("end_repeat", "", ""),
]
LISTS: dict[str, dict[str, str]] = {
    "yes_no": {"yes": "Yes", "no": "No"},
    "rounds": {"baseline": "Baseline", "Round 2": "Second <b>round</b>"},
    "sex": {"f": "Female", "m": "Male"},
    "sources": {"tanker": "Tanker", "well": "Well"},
}


def union(survey: list[tuple[str, str, str]] = SURVEY) -> FormUnion:
    rows = []
    for kind, name, label in survey:
        type_, _blank, choices = kind.partition(" ")
        row: dict[str, Any] = {"type": type_, "name": name, "label": [label]}
        rows.append(row | ({"select_from_list_name": choices} if choices else {}))
    choices = [
        {"list_name": list_, "name": code, "label": [label]}
        for list_, codes in LISTS.items()
        for code, label in codes.items()
    ]
    content = {
        "survey": rows,
        "choices": choices,
        "translations": ["English (en)"],
        "translated": ["label"],
    }
    return unite([parse_content(content, asset_uid="aForm", version_uid="v1")])


PROJECT = """\
code: food
name: {en: Food}
server: https://kf.example.org
forms:
  household:
    uid: aForm
    subject: hh_id
    eligible: ${consent} = 'yes'
    personal_data:
      respondent_name: {kind: name, treatment: drop}
rounds:
  expression: ${round}
  values:
    baseline: {name: {en: B}}
design:
  weights: weight
disaggregations:
  sex: {name: {en: Sex}, question: head_sex}
indicators:
  income:
    name: {en: Income}
    level: outcome
    form: household
    statistic: proportion
    expression: ${has_income} = 'yes'
    disaggregate: [sex]
"""


def faults(folder: Path, old: str = "", new: str = "") -> list[ProjectFault]:
    file = folder / "project.yaml"
    file.write_text(PROJECT.replace(old, new, 1) if old else PROJECT, encoding="utf-8")
    return check_project(read_project(file), {"household": union()}, file=file)


def test_a_project_that_fits_its_form_has_no_faults(tmp_path: Path) -> None:
    assert faults(tmp_path) == []


@pytest.mark.parametrize(
    ("old", "new", "line", "key", "value", "fix"),
    [
        ("weights: weight", "weights: wieght", 16, "design.weights", "wieght", "mean weight?"),
        ("subject: hh_id", "subject: hhid", 7, "forms.household.subject", "hhid", "mean hh_id?"),
        (
            "${has_income} =",
            "${has_incom} =",
            25,
            "indicators.income.expression",
            "has_incom",
            "mean has_income?",
        ),
        (
            "question: head_sex",
            "question: headsex",
            18,
            "disaggregations.sex.question",
            "headsex",
            "mean head_sex?",
        ),
        (
            "expression: ${round}",
            "expression: ${rnd}",
            12,
            "rounds.expression",
            "rnd",
            "mean round?",
        ),
        (
            "respondent_name: {",
            "respondant_name: {",
            10,
            "forms.household.personal_data.respondant_name",
            "respondant_name",
            "mean respondent_name?",
        ),
        (
            "    subject: hh_id",
            "    subject: hh_id\n    same_choices: {source: {tank: tanker}}",
            8,
            "forms.household.same_choices.source",
            "source",
            "mean sources?",
        ),
        (
            "    subject: hh_id",
            "    subject: hh_id\n    same_questions: {hh_id: hh_idd}",
            8,
            "forms.household.same_questions.hh_id",
            "hh_idd",
            "mean hh_id?",
        ),
        (
            "${consent} = 'yes'",
            "${consent} = (",
            8,
            "forms.household.eligible",
            "${consent} = (",
            "Correct the expression",
        ),
        (
            "${has_income} = 'yes'",
            "${member_age} > 5",
            25,
            "indicators.income.expression",
            "member_age",
            "outside repeats",
        ),
        (
            "${has_income} = 'yes'",
            "${phone} != ''",
            25,
            "indicators.income.expression",
            "phone",
            "forms.household.personal_data.phone",
        ),
        (
            "question: head_sex",
            "question: water",
            18,
            "disaggregations.sex.question",
            "water",
            "selected(${water}",
        ),
    ],
)
def test_what_the_form_does_not_have_is_named_with_its_place_and_the_nearest(
    tmp_path: Path, old: str, new: str, line: int, key: str, value: str, fix: str
) -> None:
    (fault,) = faults(tmp_path, old, new)
    assert (fault.line, fault.key, fault.value) == (line, key, value)
    assert fix in fault.fix


def test_a_personal_answer_that_is_kept_may_be_computed_with(tmp_path: Path) -> None:
    text = PROJECT.replace("{kind: name, treatment: drop}", "{kind: name, treatment: keep}")
    file = tmp_path / "project.yaml"
    file.write_text(text.replace("${has_income} = 'yes'", "${respondent_name} != ''"))
    assert check_project(read_project(file), {"household": union()}) == []


def proposed(tmp_path: Path, form: FormUnion) -> Project:
    proposal = propose_project(
        "food", form, server="https://kf.example.org", uid="aForm", name='A "survey": one'
    )
    file = tmp_path / "project.yaml"
    file.write_text(proposal.text, encoding="utf-8")
    project = read_project(file)
    assert check_project(project, {"main": form}, file=file) == []
    return project


def test_a_proposal_finds_what_the_form_holds(tmp_path: Path) -> None:
    project = proposed(tmp_path, union())
    form = project.forms["main"]
    assert project.name == {"en": 'A "survey": one'}
    assert (form.subject, form.eligible) == ("hh_id", "${consent} = 'yes'")
    assert {name: one.treatment for name, one in form.personal_data.items()} == {
        "respondent_name": "drop",
        "phone": "pseudonym",
    }
    assert project.rounds is not None
    assert [(code, one.value, one.name) for code, one in project.rounds.values.items()] == [
        ("baseline", "baseline", {"en": "Baseline"}),
        ("round_2", "Round 2", {"en": "Second round"}),
    ]
    assert project.design.weights == "weight"
    assert {one.question for one in project.disaggregations.values()} == {"head_sex"}
    assert {one.expression for one in project.indicators.values()} == {"${has_income} = 'yes'"}


def test_the_food_consumption_score_is_known_with_its_weights(tmp_path: Path) -> None:
    groups = ("Stap", "Pulse", "Dairy", "Pr", "Veg", "Fruit", "Fat", "Sugar")
    form = union([("integer", f"FCS{group}", group) for group in groups])
    (indicator,) = proposed(tmp_path, form).indicators.values()

    def acceptable(days: dict[str, int]) -> bool:
        row = {f"FCS{group}": pd.array([days.get(group, 0)], dtype="Int64") for group in groups}
        return bool(compile_expression(indicator.expression).holds(pd.DataFrame(row)).iloc[0])

    # 2 * (2 + 3 + 4 + 4 + 1) + 7 * 1 + 7 * 0.5 + 7 * 0.5 = 42, the threshold itself
    days = {"Stap": 2, "Pulse": 2, "Dairy": 2, "Pr": 2, "Veg": 2, "Fruit": 7, "Fat": 7, "Sugar": 7}
    assert not acceptable(days)
    assert acceptable({**days, "Veg": 3})


def test_a_form_with_odd_names_gives_a_project_that_can_be_read(tmp_path: Path) -> None:
    odd: list[tuple[str, str, str]] = [
        ("select_one yes_no", "هل.لديك-دخل", "Income: yes, # or 'no'?\nsecond line"),
        ("text", "None", "Name of the child's father"),
    ]
    project = proposed(tmp_path, union(odd))
    (indicator,) = project.indicators.values()
    assert indicator.name == {"en": "Income: yes, # or 'no'?"}
    assert list(project.forms["main"].personal_data) == ["None"]


def test_an_empty_form_still_gives_a_project(tmp_path: Path) -> None:
    project = proposed(tmp_path, union([("note", "hello", "Hello")]))
    assert (project.code, project.indicators) == ("food", {})
