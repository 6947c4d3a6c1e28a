"""Which round, arm and categories a row belongs to."""

from collections.abc import Callable

import pandas as pd
import pytest

from meal_pipeline.rows.assignments import arms_of, categories_of, rounds_of
from meal_pipeline.rows.form_rows import DeclarationError, FormRows
from meal_pipeline.rows.split import Split
from meal_pipeline.workspace.project import Project

MakeRows = Callable[..., FormRows]
MakeProject = Callable[..., Project]

ROUNDS = {
    "expression": "${wave}",
    "values": {"baseline": {"name": {"en": "B"}, "value": "1"}, "endline": {"name": {"en": "E"}}},
}
ARMS = {"expression": "${arm}", "participants": ["t", "x"], "comparison": ["c"]}


def labels(split: Split | None) -> list[str]:
    assert split is not None
    return [split.labels[code] for code in split.codes]


def test_a_row_is_of_the_round_whose_value_or_code_it_gives(
    rows: MakeRows, project: MakeProject
) -> None:
    some = rows(wave=pd.Series(["1", "endline", "baseline", None], dtype="str"))
    found = labels(rounds_of(some, project(rounds=ROUNDS)))
    assert found == ["baseline", "endline", "(not stated)", "(not stated)"]


def test_a_project_without_rounds_has_one_without_a_name(
    rows: MakeRows, project: MakeProject
) -> None:
    assert labels(rounds_of(rows(wave=["1", "2"]), project())) == ["", ""]


def test_a_number_is_the_value_that_the_file_writes(rows: MakeRows, project: MakeProject) -> None:
    some = rows(income=pd.Series([1, 0, None], dtype="Int64"))
    arms = {"expression": "${income}", "participants": ["1"], "comparison": ["0"]}
    found = labels(arms_of(some, project(arms=arms)))
    assert found == ["participants", "comparison", "(not stated)"]


def test_arms_are_those_declared(rows: MakeRows, project: MakeProject) -> None:
    some = rows(arm=["t", "c", "x", "z"])
    assert labels(arms_of(some, project(arms=ARMS))) == [
        "participants",
        "comparison",
        "participants",
        "(not stated)",
    ]
    assert arms_of(some, project()) is None
    alone = arms_of(some, project(arms={"expression": "${arm}", "participants": ["t"]}))
    assert alone is not None
    assert alone.labels == ("participants", "(not stated)")


def test_a_form_that_knows_no_round_or_arm_is_one_round_and_has_no_arms(
    feedback: FormRows, project: MakeProject
) -> None:
    both = project(rounds=ROUNDS, arms=ARMS)
    assert labels(rounds_of(feedback, both)) == ["", "", ""]
    assert arms_of(feedback, both) is None


def test_a_round_that_no_form_can_tell_is_an_error(
    feedback: FormRows, rows: MakeRows, project: MakeProject
) -> None:
    mistyped = project(rounds=ROUNDS | {"expression": "${wavee}"})
    for some in (feedback, rows(wave=["1"])):
        with pytest.raises(DeclarationError, match=r"rounds\.expression.*wavee"):
            rounds_of(some, mistyped)


def test_the_categories_of_a_question_are_the_choices_of_its_form(
    rows: MakeRows, project: MakeProject
) -> None:
    some = rows(sex=pd.Series(["m", "x", None], dtype="str"))
    found = categories_of(
        some, project(disaggregations={"by": {"name": {"en": "S"}, "question": "sex"}}), "by"
    )
    assert found.labels == ("f", "m", "(not stated)")
    assert labels(found) == ["m", "(not stated)", "(not stated)"]


def test_a_choice_that_was_renamed_is_no_category_of_its_own(
    rows: MakeRows, project: MakeProject
) -> None:
    renamed = project(
        forms={"home": {"uid": "aHome", "same_choices": {"sex": {"m": "f"}}}},
        disaggregations={"by": {"name": {"en": "S"}, "question": "sex"}},
    )
    assert categories_of(rows(sex=["f"]), renamed, "by").labels == ("f", "(not stated)")


def test_an_expression_splits_by_the_categories_that_are_declared(
    rows: MakeRows, project: MakeProject
) -> None:
    by = {
        "name": {"en": "Poor"},
        "expression": "${income} < 5",
        "categories": {"true": {"en": "Poor"}, "false": {"en": "Not poor"}},
    }
    some = rows(income=[1, 9])
    assert labels(categories_of(some, project(disaggregations={"by": by}), "by")) == [
        "true",
        "false",
    ]


@pytest.mark.parametrize(
    ("question", "sentence"),
    [
        ("needs", "takes several answers"),
        ("village", "categories.*not known"),
        ("sexx", "sex"),
        ("age", "repeat"),
    ],
)
def test_a_question_that_cannot_split_rows_is_refused_with_the_reason(
    rows: MakeRows, project: MakeProject, question: str, sentence: str
) -> None:
    by = project(disaggregations={"by": {"name": {"en": "B"}, "question": question}})
    with pytest.raises(DeclarationError, match=rf"disaggregations\.by.*{sentence}"):
        categories_of(rows(needs=["food"], village=["v"]), by, "by")
