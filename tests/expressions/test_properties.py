import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from meal_pipeline.errors import MealError
from meal_pipeline.expressions import compile_expression, nodes
from meal_pipeline.expressions.functions import FUNCTIONS, NOT_EVALUATED
from meal_pipeline.expressions.parser import parse

FRAME = pd.DataFrame(
    {
        "n": pd.array([1, None, 30], dtype="Int64"),
        "x": pd.array([0.5, None, -2.5], dtype="Float64"),
        "t": pd.array(["a b", None, "2021-10-06"], dtype="str"),
        "d": pd.to_datetime(["2021-10-06", None, "2026-01-31"]).astype("datetime64[us]"),
        "m": pd.to_datetime(["2021-10-06T23:30Z", None, "2026-01-31T00:00Z"]).astype(
            "datetime64[us, UTC]"
        ),
        "_submission_time": pd.to_datetime(["2026-02-01T00:00Z"] * 3, utc=True),
    }
)
PIECES = [
    *("${n}", "${x}", "${t}", "${d}", "${m}", "${gone}", ".", "..", "/", "//", "@a", "*"),
    *("+", "-", "=", "!=", "<", "<=", ">", ">=", "(", ")", ",", "[", "]", "|", "::"),
    *("and", "or", "div", "mod", "1", "2.5", ".5", "'a'", '""', "'2021-10-06'", "“", "$", "{"),
    *(f"{name}(" for name in FUNCTIONS),
    *(f"{name}(" for name in sorted(NOT_EVALUATED)[:5]),
]

texts = st.one_of(
    st.text(max_size=40),
    st.lists(st.sampled_from(PIECES), max_size=15).map(" ".join),
)


@given(texts, st.sampled_from(["collect", "enketo"]))
@settings(max_examples=400, deadline=None)
def test_any_text_gives_a_column_or_an_error_for_people(text, engine):
    try:
        result = compile_expression(text).evaluate(FRAME, current="n", engine=engine)
    except MealError:
        return
    assert len(result) == len(FRAME)


def call(inner):
    name = st.sampled_from(
        [
            n
            for n, f in FUNCTIONS.items()
            if f.takes != "syntax" and n not in ("today", "now", "weighted-checklist")
        ]
    )
    return name.flatmap(
        lambda one: st.lists(
            inner, min_size=FUNCTIONS[one].fewest, max_size=min(FUNCTIONS[one].most, 3)
        ).map(lambda arguments: f"{one}({', '.join(arguments)})")
    )


leaves = st.sampled_from(["${n}", "${x}", "${t}", "${d}", "${m}", ".", "0", "1.5", "''", "'a'"])
operators = st.sampled_from([" = ", " != ", " < ", " >= ", " + ", "-", " * ", " div ", " mod "])
sound = st.recursive(
    leaves,
    lambda inner: st.one_of(
        call(inner),
        st.tuples(inner, operators, inner).map("({0[0]}{0[1]}{0[2]})".format),
        st.tuples(inner, st.sampled_from([" and ", " or "]), inner).map(
            "{0[0]}{0[1]}{0[2]}".format
        ),
        inner.map("-({})".format),
    ),
    max_leaves=12,
)


@given(sound, st.sampled_from(["collect", "enketo"]))
@settings(max_examples=400, deadline=None)
def test_a_sound_expression_gives_each_row_what_it_gives_that_row_alone(text, engine):
    try:
        expression = compile_expression(text)
        whole = expression.evaluate(FRAME, current="n", engine=engine)
    except MealError:
        return
    alone = [expression.evaluate(FRAME.iloc[[row]], current="n", engine=engine) for row in range(3)]
    pd.testing.assert_series_equal(pd.concat(alone), whole)


@given(sound)
@settings(max_examples=200, deadline=None)
def test_brackets_and_blanks_around_change_nothing(text):
    def shape(node):
        inner = tuple(shape(part) for part in nodes.inside(node))
        return type(node).__name__, getattr(node, "operator", ""), inner

    assert shape(parse(f" ( {text}\n)")) == shape(parse(text))
