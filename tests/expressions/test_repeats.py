from dataclasses import replace

import pandas as pd
import pytest

from meal_pipeline.expressions import (
    ExpressionSyntaxError,
    RowsMissing,
    SeveralAnswers,
    compile_expression,
)
from meal_pipeline.forms import parse_content

HOUSEHOLDS = pd.DataFrame({"_id": [5, 3, 9], "size": [2, 1, 0], "code": ["07", "b", "7"]})
MEMBERS = pd.DataFrame(
    {
        "_id": [3, 5, 5],
        "_position": ["1", "2", "1"],
        "_parent_position": ["", "", ""],
        "age": pd.array([30, None, 4], dtype="Int64"),
    }
)
FRAMES = {"": HOUSEHOLDS, "member": MEMBERS}


def test_rows_of_a_repeat_belong_to_their_submission_whatever_their_order():
    assert compile_expression("count(${member})").evaluate(HOUSEHOLDS, repeats=FRAMES).tolist() == [
        2.0,
        1.0,
        0.0,
    ]
    joined = compile_expression("join('-', ${age})").evaluate(HOUSEHOLDS, repeats=FRAMES)
    assert joined.fillna("").tolist() == ["4-", "30", ""]


def test_an_expression_in_a_repeat_sees_the_row_around_it():
    found = compile_expression("${size} * 10 + position(..)").evaluate(MEMBERS, repeats=FRAMES)
    assert found.tolist() == [11.0, 22.0, 21.0]


def test_a_part_of_a_repeats_rows_still_sees_all_of_its_siblings():
    some = MEMBERS.iloc[[1]]
    found = compile_expression("indexed-repeat(${age}, ${member}, position(..) - 1)").evaluate(
        some, repeats=FRAMES, within="member"
    )
    assert found.tolist() == [4.0]


def test_rows_of_a_repeat_that_were_not_given_are_named():
    with pytest.raises(RowsMissing, match="member"):
        compile_expression("indexed-repeat(${age}, ${member}, 1)").evaluate(HOUSEHOLDS)


def test_several_answers_where_one_is_asked_for_stop_kobocollect_and_not_enketo():
    with pytest.raises(SeveralAnswers):
        compile_expression("${age} > 1").evaluate(HOUSEHOLDS, repeats=FRAMES)
    found = compile_expression("${age} > 1").evaluate(HOUSEHOLDS, repeats=FRAMES, engine="enketo")
    assert found.tolist() == [True, True, False]


@pytest.mark.parametrize(
    ("engine", "expected"), [("collect", ["", "x", "y"]), ("enketo", ["y", "x", "y"])]
)
def test_pulldata_finds_texts_and_for_enketo_numbers(engine, expected):
    form = parse_content({"survey": [{"type": "text", "name": "code"}]}, asset_uid="a",
                         version_uid="v")  # fmt: skip
    rows = [{"key": "b", "value": "x"}, {"key": "7", "value": "y"}]
    form = replace(form, file_rows={"prices.csv": rows})
    found = compile_expression("pulldata('prices', 'value', 'key', ${code})", form)
    assert found.evaluate(HOUSEHOLDS, engine=engine).fillna("").tolist() == expected


def test_a_mistake_in_a_form_names_its_question():
    survey = [{"type": "text", "name": "code", "relevant": "1 +"}]
    form = parse_content({"survey": survey}, asset_uid="a", version_uid="v")
    with pytest.raises(ExpressionSyntaxError, match="relevant of “code”"):
        compile_expression("1 +", form)
