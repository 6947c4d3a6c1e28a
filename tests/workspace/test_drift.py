"""A new version of a form says what of the project it breaks, and only that."""

import pytest

from meal_pipeline.forms import FormUnion, FormVersion, parse_content, unite
from meal_pipeline.workspace.drift import NamedColumn, drift, stopped
from meal_pipeline.workspace.project import Project

SOURCE = {"type": "select_one water", "name": "source"}
SIZE = {"type": "integer", "name": "hh_size", "label": ["How many are you?"]}
AGE = {"type": "integer", "name": "age"}


def version(*survey: dict, uid: str = "v1", codes: tuple[str, ...] = ("tap", "well")):
    choices = [{"list_name": "water", "name": one, "label": [one]} for one in codes]
    content = {"survey": list(survey), "choices": choices, "translations": ["English (en)"]}
    return parse_content(content, asset_uid="aHome", version_uid=uid)


def project(form: dict | None = None, **more) -> Project:
    named = {"name": {"en": "N"}, "level": "outcome", "form": "home", "statistic": "proportion"}
    indicators = {
        "safe": {**named, "expression": "${source} = 'tap'"},
        "large": {**named, "expression": "${hh_size} > 5"},
    }
    return Project.model_validate(
        {
            "code": "wash",
            "name": {"en": "W"},
            "server": "https://kobo.example.org",
            "forms": {"home": {"uid": "aHome", **(form or {})}},
            "indicators": indicators,
            **more,
        }
    )


def united(declared: Project, *versions: FormVersion) -> dict[str, FormUnion]:
    return {"home": unite(versions, declared.forms["home"])}


def broken(declared: Project, *versions: FormVersion) -> list[tuple[str, str, str, str | None]]:
    found = drift(declared, united(declared, *versions))
    return [(one.kind, one.subject, one.fate.what, one.fate.nearest) for one in found]


BEFORE = version(SOURCE, SIZE)


def test_a_question_that_left_the_form_breaks_the_indicator_over_it_alone():
    assert broken(project(), BEFORE, version(SOURCE, uid="v2")) == [
        ("indicator", "large", "removed", None)
    ]


def test_a_renamed_question_is_named_with_the_line_that_says_so():
    after = version(SOURCE, {**SIZE, "name": "members"}, uid="v2")
    (found,) = drift(project(), united(project(), BEFORE, after))
    assert found.fate.declare_same == "forms: {home: {same_questions: {hh_size: members}}}"
    assert found.sentence == (
        "indicators.large.expression names the question “hh_size”, which version v2 of the form "
        "home no longer has; “members” is probably the same."
    )


@pytest.mark.parametrize(
    "declared", [{"same_questions": {"hh_size": "members"}}, {"no_longer_asked": ["hh_size"]}]
)
def test_what_is_declared_breaks_nothing(declared):
    after = version(SOURCE, {**SIZE, "name": "members"}, uid="v2")
    assert broken(project(declared), BEFORE, after) == []


def test_another_type_breaks_unless_it_is_declared_to_be_the_same_question():
    after = version(SOURCE, {**SIZE, "type": "text"}, uid="v2")
    assert broken(project(), BEFORE, after) == [("indicator", "large", "retyped", "hh_size")]
    assert broken(project({"same_questions": {"hh_size": "hh_size"}}), BEFORE, after) == []


def test_another_type_in_another_group_is_one_question_that_changed():
    group = ({"type": "begin_group", "name": "g"}, {**SIZE, "type": "text"}, {"type": "end_group"})
    after = version(SOURCE, *group, uid="v2")
    assert broken(project(), BEFORE, after) == [("indicator", "large", "retyped", "g/hh_size")]
    assert broken(project({"same_questions": {"hh_size": "g/hh_size"}}), BEFORE, after) == []


def test_whole_numbers_that_become_decimal_break_nothing():
    after = version(SOURCE, {**SIZE, "type": "decimal"}, uid="v2")
    assert broken(project(), BEFORE, after) == []


def test_a_question_that_moved_into_a_repeat_breaks_what_names_it():
    rows = ({"type": "begin_repeat", "name": "r"}, SIZE, {"type": "end_repeat"})
    after = version(SOURCE, *rows, uid="v2")
    (found,) = drift(project(), united(project(), BEFORE, after))
    assert (found.fate.what, found.fate.now) == ("moved", "r")


@pytest.mark.parametrize(
    ("form", "expected"),
    [
        ({}, [("indicator", "safe", "choice_removed", "taps")]),
        ({"no_longer_offered": {"water": ["tap"]}}, []),
        (
            {"same_choices": {"water": {"tap": "taps"}}},
            [("indicator", "safe", "choice_renamed", "taps")],
        ),
    ],
)
def test_a_choice_that_an_expression_names_and_the_list_lacks(form, expected):
    after = version(SOURCE, SIZE, uid="v2", codes=("taps", "well"))
    assert broken(project(form), BEFORE, after) == expected


def test_choices_that_no_expression_names_may_come_and_go():
    assert broken(project(), BEFORE, version(SOURCE, SIZE, uid="v2", codes=("tap", "river"))) == []


def test_what_all_rows_rest_on_stops_every_indicator_and_a_split_none():
    sex = {"type": "select_one water", "name": "sex"}
    split = {"sex": {"name": {"en": "Sex"}, "question": "sex"}}
    declared = project({"eligible": "${age} > 17"}, disaggregations=split)
    safe = declared.indicators["safe"].model_copy(update={"disaggregate": ["sex"]})
    declared = declared.model_copy(update={"indicators": {**declared.indicators, "safe": safe}})
    forms = united(declared, version(SOURCE, SIZE, AGE, sex), version(SOURCE, SIZE, sex, uid="v2"))
    assert [one[1] for one in stopped(declared, drift(declared, forms))] == ["safe", "large"]
    forms = united(declared, version(SOURCE, SIZE, AGE, sex), version(SOURCE, SIZE, AGE, uid="v2"))
    found = drift(declared, forms)
    assert [(one.kind, one.subject) for one in found] == [("disaggregation", "sex")]
    assert stopped(declared, found) == {}


def test_rules_of_suites_are_broken_by_columns_that_went():
    columns = [
        NamedColumn("home", "", "quality.size", "quality.size", "hh_size"),
        NamedColumn("home", "", "quality.time", "quality.time", "_duration_minutes"),
    ]
    declared = project({"no_longer_asked": []}, indicators={})
    forms = united(declared, BEFORE, version(SOURCE, uid="v2"))
    assert [one.subject for one in drift(declared, forms, columns)] == ["quality.size"]


def test_a_name_that_no_version_has_is_a_mistake_and_no_drift():
    declared = project(indicators={})
    assert broken(declared, BEFORE, version(uid="v2")) == []


def test_one_version_alone_breaks_nothing():
    assert broken(project(), version(SOURCE)) == []
