import pandas as pd
import pytest

from meal_pipeline.expressions import (
    ExpressionError,
    UnsupportedExpression,
    compile_expression,
)
from meal_pipeline.forms import UnknownQuestion, parse_content, unite

HOUSEHOLDS = pd.DataFrame(
    {
        "age": pd.array([17, 18, None], dtype="Int64"),
        "income": pd.array([100.5, None, 0.0], dtype="Float64"),
        "water": pd.array(["piped well", "tanker", None], dtype="str"),
        "arrived": pd.to_datetime(["2026-01-01", "2026-01-31", None]).astype("datetime64[us]"),
        "end": pd.to_datetime(["2026-01-31T22:30Z"] * 3).astype("datetime64[us, UTC]"),
    },
    index=[10, 20, 30],
)


def values(text, frame=HOUSEHOLDS, **options):
    return compile_expression(text).evaluate(frame, **options).tolist()


def form_with(*rows, uid="v1"):
    survey = [{"type": type_, "name": name} for type_, name in rows]
    return parse_content({"survey": survey}, asset_uid="a", version_uid=uid)


def test_a_condition_is_true_or_false_in_every_row_and_an_empty_answer_makes_it_false():
    result = compile_expression("${age} >= 18 and selected(${water}, 'tanker')").evaluate(
        HOUSEHOLDS
    )
    assert result.to_dict() == {10: False, 20: True, 30: False}
    assert result.dtype == "boolean"


def test_a_number_that_is_none_is_missing():
    result = compile_expression("${age} * 2 + ${income}").evaluate(HOUSEHOLDS)
    assert result.dtype == "Float64"
    assert result.isna().tolist() == [False, True, True]
    assert result[10] == 134.5


def test_a_text_that_is_empty_is_missing():
    result = compile_expression("if(${age} < 18, 'child', '')").evaluate(HOUSEHOLDS)
    assert result.dtype == "str"
    assert result.isna().tolist() == [False, True, True]


def test_a_date_comes_back_as_a_date():
    result = compile_expression("date(${arrived} + 1)").evaluate(HOUSEHOLDS)
    assert result.tolist()[:2] == [pd.Timestamp("2026-01-02"), pd.Timestamp("2026-02-01")]
    assert result.isna().tolist() == [False, False, True]


def test_the_frame_is_left_as_it_was():
    before = HOUSEHOLDS.copy()
    values("if(${age} > 1, ${income}, 0) + 1")
    pd.testing.assert_frame_equal(HOUSEHOLDS, before)


def test_an_empty_frame_gives_an_empty_result():
    assert values("${age} > 1 and regex(${water}, 'x')", HOUSEHOLDS.iloc[:0]) == []


def test_references_are_the_questions_in_order_each_once():
    expression = compile_expression("${b} > 1 and ${ a } = ${b} or . = 2")
    assert expression.references == ("b", "a")
    assert expression.uses_current
    assert not compile_expression("${b}").uses_current


def test_expressions_with_one_text_are_equal():
    one, form = "${a} > 1", form_with(("integer", "a"))
    assert compile_expression(one) == compile_expression(one, form)
    assert len({compile_expression(one), compile_expression(one, form)}) == 1
    assert compile_expression(one) != compile_expression("${a} > 2")


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("${a} > 1", "truth"),
        ("not(${a})", "truth"),
        ("${a} + 1", "number"),
        ("concat(${a})", "text"),
        ("today()", "date"),
        ("${a}", None),
        ("if(${a}, 1, 2)", None),
    ],
)
def test_the_kind_of_result_is_told_where_the_text_decides_it(text, kind):
    assert compile_expression(text).kind_hint == kind


def test_a_dot_is_the_current_question():
    assert values(". > 0 and . < 18", current="age") == [True, False, False]


def test_a_dot_without_a_question_is_refused():
    with pytest.raises(ExpressionError, match="no question is given"):
        values(". > 0")


def test_a_question_that_the_form_lacks_is_named_when_compiling():
    form = form_with(("integer", "hh_size"))
    with pytest.raises(UnknownQuestion, match=r"hhsize.*hh_size"):
        compile_expression("${hhsize} > 1", form)


def test_a_question_that_the_rows_lack_is_named_when_evaluating():
    with pytest.raises(UnknownQuestion, match=r"agee.*age"):
        values("${agee} > 1")


def test_a_column_named_by_its_path_is_found_through_the_form():
    rows = [
        *({"type": "begin_group", "name": "a"}, {"type": "integer", "name": "x"}),
        {"type": "end_group"},
        *({"type": "begin_group", "name": "b"}, {"type": "integer", "name": "x"}),
        {"type": "end_group"},
    ]
    form = unite([parse_content({"survey": rows}, asset_uid="a", version_uid="v")])
    frame = pd.DataFrame({"a/x": [1], "b/x": [5]})
    assert compile_expression("${b/x} = 5", form).evaluate(frame).tolist() == [True]


def test_odd_names_are_found():
    frame = pd.DataFrame({"a.b": [1], "c-d": [2], "عمر": [3], "None": [4], "NA": [5]})
    assert values("${a.b} + ${c-d} + ${عمر} + ${None} + ${NA}", frame) == [15.0]


def test_a_time_question_is_refused_by_name():
    with pytest.raises(UnsupportedExpression, match=r"visit.*type time"):
        compile_expression("${visit} > '08:00'", form_with(("time", "visit")))


def test_today_is_the_day_on_the_devices_own_calendar():
    local = HOUSEHOLDS.assign(**{"end/offset_minutes": pd.array([180, 60, None], dtype="Int64")})
    assert [d.strftime("%Y-%m-%d") for d in values("today()", local)] == [
        "2026-02-01",  # 22:30 in UTC is half past one at three hours ahead
        "2026-01-31",
        "2026-01-31",
    ]


def test_today_falls_back_to_when_the_row_arrived():
    frame = pd.DataFrame(
        {
            "end": pd.to_datetime([None, "2026-01-02T00:00Z"]).astype("datetime64[us, UTC]"),
            "_submission_time": pd.to_datetime(["2026-03-04T10:00Z"] * 2, utc=True),
        }
    )
    assert values("today() = '2026-03-04'", frame) == [True, False]


def test_today_on_a_form_that_asks_for_no_time_is_when_the_row_arrived():
    form = form_with(("date", "arrived"))
    frame = HOUSEHOLDS[["arrived"]].assign(
        _submission_time=pd.to_datetime(["2026-01-15T10:00Z"] * 3, utc=True)
    )
    assert compile_expression("${arrived} < today()", form).evaluate(frame).tolist() == [
        True,
        False,
        False,
    ]


def test_today_without_any_time_of_the_row_is_refused():
    with pytest.raises(ExpressionError, match="take the time of the row"):
        values("today() > ${a}", pd.DataFrame({"a": [1]}))


def test_a_duration_counts_minutes_whatever_the_clock_was_set_to():
    frame = pd.DataFrame(
        {
            "start": pd.to_datetime(["2026-01-31T22:30Z"]).astype("datetime64[us, UTC]"),
            "end": pd.to_datetime(["2026-01-31T23:15Z"]).astype("datetime64[us, UTC]"),
            "end/offset_minutes": [180],
            "start/offset_minutes": [120],
        }
    )
    text = "round((decimal-date-time(${end}) - decimal-date-time(${start})) * 24 * 60, 3)"
    assert values(text, frame) == [45.0]


def test_codes_are_told_apart_whole_and_by_case():
    frame = pd.DataFrame({"q": pd.array(["ab b", "a", "A", None], dtype="str")})
    assert values("selected(${q}, 'a')", frame) == [False, True, False, False]


def test_a_code_that_is_a_number_is_asked_for_as_text():
    with pytest.raises(UnsupportedExpression, match="KoboCollect refuses selected"):
        values("selected(${water}, 2)")


def test_branches_of_different_kinds_are_refused_not_guessed():
    with pytest.raises(UnsupportedExpression, match=r"a condition.*a number"):
        values("if(${age} > 17, ${income} > 1, 0)")


def test_a_condition_is_what_any_result_is_as_a_condition():
    assert compile_expression("${income}").holds(HOUSEHOLDS).tolist() == [True, False, False]
    assert compile_expression("${water}").holds(HOUSEHOLDS).tolist() == [True, True, False]
    assert compile_expression("${water}").holds(HOUSEHOLDS, engine="enketo").tolist() == [True] * 3


def test_a_file_that_is_there_or_not_is_compared_with_the_empty_text():
    frame = pd.DataFrame({"photo": pd.array([True, False], dtype="boolean")})
    assert values("${photo} != ''", frame) == [True, False]


def test_answers_written_as_numbers_in_a_text_column_are_numbers_in_arithmetic():
    frame = pd.DataFrame({"calc": pd.array(["30", "2,5", "NaN", None, "abc"], dtype="str")})
    assert values("coalesce(number(${calc}), -1)", frame) == [30.0, 2.5, -1.0, -1.0, -1.0]


def test_an_emoji_counts_as_two_characters_as_on_the_device():
    frame = pd.DataFrame({"t": pd.array(["مرحبا", "a😀", None], dtype="str")})
    assert values("string-length(${t})", frame) == [5.0, 3.0, 0.0]


def test_a_pattern_that_only_python_can_try_gives_the_same():
    frame = pd.DataFrame({"t": pd.array(["aa", "ab", None], dtype="str")})
    assert values(r"regex(${t}, '(?=a)..')", frame) == [True, True, False]


def test_mixed_columns_are_refused_with_their_name():
    frame = pd.DataFrame({"mixed": pd.Series([1, "a"], dtype="object")})
    with pytest.raises(ExpressionError, match="mixed"):
        values("${mixed} = 1", frame)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("max(${age}, ${income})", [100.5, 18.0, 0.0]),
        ("min(${age}, ${income})", [17.0, 18.0, 0.0]),
        ("sum(${age}, ${income})", [117.5, 18.0, 0.0]),
    ],
)
def test_kobocollect_passes_over_empty_answers_in_sums(text, expected):
    assert values(text) == expected


def test_enketo_makes_a_sum_with_an_empty_answer_none():
    result = compile_expression("sum(${age}, ${income})").evaluate(HOUSEHOLDS, engine="enketo")
    assert result.isna().tolist() == [False, True, True]


def test_once_keeps_what_was_there():
    frame = pd.DataFrame({"id": pd.array(["old", None], dtype="str")})
    assert values("once('new')", frame, current="id") == ["old", "new"]
