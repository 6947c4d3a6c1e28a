"""The value of an indicator in each row: what is missing, what is out of scope."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

from meal_pipeline.rows.form_rows import DeclarationError, FormRows
from meal_pipeline.rows.values import Values, indicator_values
from meal_pipeline.workspace.project import Indicator

NAN = float("nan")
MakeRows = Callable[..., FormRows]


def valued(rows: FormRows, expression: str, **others: Any) -> Values:
    declared = {"statistic": "proportion", "expression": expression, **others}
    indicator = Indicator.model_validate(
        {"name": {"en": "I"}, "level": "outcome", "form": "home", **declared}
    )
    return indicator_values(rows, "i", indicator)


@pytest.mark.parametrize(
    ("missing", "values"),
    [("any", [1, NAN, NAN, NAN]), ("all", [1, 0, 0, NAN]), ("never", [1, 0, 0, 0])],
)
def test_a_row_is_missing_as_the_indicator_says(
    rows: MakeRows, missing: str, values: list[float]
) -> None:
    some = rows(
        sex=pd.Series(["f", "f", None, None], dtype="str"),
        income=pd.Series([9, None, 9, None], dtype="Int64"),
    )
    found = valued(some, "${sex} = 'f' and ${income} > 5", missing=missing)
    np.testing.assert_array_equal(found.numbers, values)
    assert found.in_scope.all()


def test_an_empty_text_is_no_answer(rows: MakeRows) -> None:
    found = valued(rows(sex=pd.Series(["f", ""], dtype="str")), "${sex} = 'f'")
    assert found.missing.tolist() == [False, True]


def test_rows_outside_among_are_out_of_scope_and_so_are_those_that_do_not_say(
    rows: MakeRows,
) -> None:
    some = rows(
        sex=pd.Series(["f", "m", None, "f"], dtype="str"),
        income=pd.Series([1, 1, 1, None], dtype="Int64"),
    )
    found = valued(some, "${income} > 0", among="${sex} = 'f'")
    assert found.in_scope.tolist() == [True, False, False, True]
    assert found.answered.tolist() == [True, False, False, False]
    assert found.missing.tolist() == [False, False, False, True]


def test_a_mean_takes_numbers_and_what_is_no_finite_number_is_missing(rows: MakeRows) -> None:
    some = rows(income=pd.Series([3, None, 1], dtype="Int64"), weight=pd.Series([2.0, 1.0, 0.0]))
    found = valued(some, "${income} div ${weight}", statistic="mean", missing="never")
    np.testing.assert_array_equal(found.numbers, [1.5, NAN, NAN])


def test_dates_have_no_mean(rows: MakeRows) -> None:
    survey = [{"type": "date", "name": "born"}]
    some = rows(survey=survey, born=pd.to_datetime(pd.Series(["2020-01-01"])))
    with pytest.raises(DeclarationError, match="dates"):
        valued(some, "${born}", statistic="mean")


def test_a_constant_is_missing_nowhere(rows: MakeRows) -> None:
    for missing in ("any", "all", "never"):
        assert valued(rows(sex=["f", None]), "1", missing=missing).answered.all()


def test_a_question_that_the_form_has_not_is_named_with_its_nearest(rows: MakeRows) -> None:
    with pytest.raises(DeclarationError, match=r"indicators\.i\.expression.*incom.*income"):
        valued(rows(income=[1]), "${incom} > 5")


def test_a_wrong_among_is_named_by_its_key(rows: MakeRows) -> None:
    with pytest.raises(DeclarationError, match=r"indicators\.i\.among"):
        valued(rows(income=[1]), "${income} > 5", among="${sexx} = 'f'")


def test_a_question_of_a_repeat_is_refused_by_name_with_a_way_out(rows: MakeRows) -> None:
    with pytest.raises(DeclarationError, match=r"age.*member") as caught:
        valued(rows(income=[1]), "${age} > 5")
    assert "calculation" in str(caught.value.next_step)


def test_a_question_whose_answers_are_not_kept_is_refused(rows: MakeRows) -> None:
    with pytest.raises(DeclarationError, match=r"phone.*personal"):
        valued(rows(income=[1]), "${phone} != ''")
