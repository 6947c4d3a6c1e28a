import pytest

from meal_pipeline.expressions import (
    ExpressionSyntaxError,
    UnsupportedExpression,
    compile_expression,
)


@pytest.mark.parametrize(
    ("text", "position"),
    [
        ("", 0),
        ("1 +", 3),
        ("(1", 2),
        ("1)", 1),
        ("selected(${a}, 'x'", 18),
        ("'abc", 0),
        ("${a} == 1", 6),
        ("“x” = 'x'", 0),
        ("${a} 'x'", 5),
        ("f(1,)", 4),
        ("${a", 0),
        ("${a} > > 1", 7),
        ("1 or2", 2),
        ("${}", 0),
        ("1 + nosuch(2)", 4),
        ("not()", 0),
        ("1 = not(1, 2)", 4),
        ("weighted-checklist(1, 2, ${a})", 0),
        ("indexed-repeat(${a}, ${r}, 1, ${s})", 0),
    ],
)
def test_a_mistake_is_pointed_at(text, position):
    with pytest.raises(ExpressionSyntaxError) as caught:
        compile_expression(text)
    assert caught.value.position == position


def test_the_message_shows_the_line_with_a_caret_below_the_character():
    with pytest.raises(ExpressionSyntaxError) as caught:
        compile_expression("${a} > 1\nand ${b} >")
    assert str(caught.value).splitlines() == [
        "The expression cannot be read at character 20: something is missing at the end.",
        "and ${b} >",
        "          ^",
    ]


def test_an_unknown_function_is_named_with_its_nearest_match():
    with pytest.raises(ExpressionSyntaxError, match=r"no function slected\(\).*selected\(\)"):
        compile_expression("slected(${a}, 'x')")


def test_a_quote_from_a_word_processor_is_explained():
    with pytest.raises(ExpressionSyntaxError, match="typographic quote"):
        compile_expression("${a} = ‘yes’")


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("randomize(${a}, 5)", "randomize"),
        ("version()", "version"),
        ("property('deviceid')", "property"),
        ("search('f')", "search"),
        ("jr:itext('a')", "jr:itext"),
        ("is-selected(${a}, 'x')", "is-selected"),
        ("geofence(${a}, ${b})", "geofence"),
        ("${last-saved#a}", "last-saved"),
        ("instance('__last-saved')/root/a", "last-saved"),
        ("//a", "path"),
        ("/data//a", "path"),
        ("@a", "path"),
        ("self::a", "path"),
        ("/data/*", "path"),
        ("${a} | ${b}", "|"),
        ("age > 18", "age"),
    ],
)
def test_what_is_sound_but_not_evaluated_is_refused_by_name(text, what):
    with pytest.raises(UnsupportedExpression) as caught:
        compile_expression(text)
    assert caught.value.what == what


def test_a_name_without_its_dollar_sign_is_told_how_to_be_written():
    with pytest.raises(UnsupportedExpression) as caught:
        compile_expression("age > 18")
    assert caught.value.next_step == "Write the question as ${age}."


def test_words_that_are_operators_may_be_parts_of_names():
    assert compile_expression("${and} and ${or-1} or ${div.mod}").references == (
        "and",
        "or-1",
        "div.mod",
    )


def test_an_expression_nested_without_end_is_refused():
    with pytest.raises(ExpressionSyntaxError, match="nested too deep"):
        compile_expression("not(" * 500 + "1" + ")" * 500)


def test_a_sum_of_many_questions_is_not_deep():
    expression = compile_expression(" + ".join(f"${{q{n}}}" for n in range(500)))
    assert len(expression.references) == 500
