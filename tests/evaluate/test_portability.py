"""What a model may not say, since databases understand it differently."""

import pytest

from meal_pipeline.evaluate import BadModel
from meal_pipeline.evaluate.portability import in_dialect, parse_model

REFUSED = [
    "a / 2",
    "count(*) / count(a)",
    "a / b",
    "date_trunc('month', a)",
    "extract(year from a)",
    "date_part('year', a)",
    "a + interval '1 day'",
    "percentile_cont(0.5) within group (order by a)",
    "stddev(a)",
    "a ~ 'x'",
    "a ~* 'x'",
    "regexp_replace(a, 'x', 'y')",
    "regexp_match(a, 'x')",
    "a similar to 'x'",
    "a like 'x%'",
    "a ilike 'x%'",
    "greatest(a, b)",
    "least(a, b)",
    "now()",
    "current_date",
    "random()",
    "to_char(a, 'YYYY')",
]


@pytest.mark.parametrize("said", REFUSED)
def test_what_databases_read_differently_is_refused_with_line_and_fix(said):
    with pytest.raises(BadModel, match=r"marts/m\.sql \(line 2\)") as caught:
        parse_model(f"select\n    {said} as x\nfrom t", "marts/m.sql")
    assert caught.value.next_step


@pytest.mark.parametrize(
    "said",
    ["cast(a as double precision) / nullif(b, 0)", "1.0 * a / b", "(1.0 * a) / b", "a / 100.0"],
)
def test_a_division_with_a_fraction_is_fine(said):
    parse_model(f"select {said} as x from t", "marts/m.sql")


@pytest.mark.parametrize(
    "sql", ["", "-- nothing", "select 1; select 2", "drop table t", "insert into t select 1"]
)
def test_a_file_holds_one_select(sql):
    with pytest.raises(BadModel, match=r"marts/m\.sql.*SELECT"):
        parse_model(sql, "marts/m.sql")


def test_sql_that_does_not_parse_is_placed():
    with pytest.raises(BadModel, match=r"marts/m\.sql.*line 2"):
        parse_model("select a,\nfrom (t", "marts/m.sql")


def test_double_precision_is_written_in_each_dialect():
    model = ("select cast(a as double precision) as x from t", "marts/m.sql")
    assert in_dialect(*model, "postgresql") == "SELECT CAST(a AS DOUBLE PRECISION) AS x FROM t"
    assert in_dialect(*model, "sqlite") == "SELECT CAST(a AS REAL) AS x FROM t"
