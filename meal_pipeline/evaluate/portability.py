"""What a SQL model may hold, so that it gives the same rows on SQLite and PostgreSQL.

Here: one SELECT only, no division of whole numbers, none of the functions that engines lack or
understand otherwise; and writing it in an engine's own dialect. Not here: building (`building.py`).

Transpiling alone finds none of these; EXPLAIN on each engine finds what is unknown there, not what
gives another answer: `7 / 2` is 3 or 3.5, `like` minds capitals in one of them, `greatest` passes
over nulls in one of them.
"""

from collections.abc import Iterator
from functools import lru_cache

import sqlglot
from sqlglot import exp
from sqlglot.errors import ErrorLevel, SqlglotError

from meal_pipeline.errors import MealError
from meal_pipeline.locale import gettext as _

SOURCE = "postgres"
"""The dialect in which models are written."""

_KEPT = 256
"""So many models' parsed forms are kept: half of an unchanged evaluation went into parsing."""

_DIALECTS = {"postgresql": "postgres", "sqlite": "sqlite"}

_FORBIDDEN = {
    exp.TimestampTrunc: "date_trunc",
    exp.DateTrunc: "date_trunc",
    exp.Extract: "extract",
    exp.Interval: "interval",
    exp.PercentileCont: "percentile_cont",
    exp.PercentileDisc: "percentile_disc",
    exp.Stddev: "stddev",
    exp.StddevSamp: "stddev",
    exp.StddevPop: "stddev",
    exp.Variance: "variance",
    exp.VariancePop: "variance",
    exp.RegexpLike: "~",
    exp.RegexpILike: "~*",
    exp.RegexpReplace: "regexp_replace",
    exp.RegexpExtract: "regexp_substr",
    exp.SimilarTo: "similar to",
    exp.Like: "like",
    exp.ILike: "ilike",
    exp.Greatest: "greatest",
    exp.Least: "least",
    exp.TimeToStr: "to_char",
    exp.StrToDate: "to_date",
    exp.StrToTime: "to_timestamp",
    exp.Uuid: "gen_random_uuid",
    exp.Median: "median",
    exp.CurrentTimestamp: "now",
    exp.CurrentDate: "current_date",
    exp.Rand: "random",
    exp.Unnest: "unnest",
    exp.Lateral: "lateral",
}


class BadModel(MealError):
    """A SQL model that cannot be used; the sentence names file, line and fix."""


@lru_cache(maxsize=_KEPT)
def parse_model(sql: str, name: str) -> exp.Query:
    """Give the parsed SELECT of a model; do not change it, it is parsed once a process.

    Raises BadModel for anything that is not portable.
    """
    try:
        statements = [one for one in sqlglot.parse(sql, read=SOURCE) if one is not None]
    except SqlglotError as error:
        first = getattr(error, "errors", None) or [{}]
        raise BadModel(
            _("{model} is not SQL (line {line}).").format(
                model=name, line=first[0].get("line", "?")
            ),
            next_step=_("Check commas, brackets and quotes there."),
        ) from error
    if len(statements) != 1 or not isinstance(statements[0], exp.Query):
        raise BadModel(
            _("{model} is not one SELECT.").format(model=name),
            next_step=_("Write one SELECT and nothing else in a file."),
        )
    query = statements[0]
    for line, what, fix in faults(query):
        where = "" if line is None else _(" (line {line})").format(line=line)
        raise BadModel(
            _("{model}{where} uses {what}, which databases understand differently.").format(
                model=name, where=where, what=what
            ),
            next_step=fix,
        )
    return query


def faults(query: exp.Query) -> Iterator[tuple[int | None, str, str]]:
    """Give line, name and fix of everything that is not portable."""
    for node in query.walk():
        for kind, name in _FORBIDDEN.items():
            if isinstance(node, kind):
                yield _line(node), name, _("Leave it out, or compute it before, in Python.")
        if isinstance(node, exp.Anonymous):
            yield (
                _line(node),
                node.name.lower(),
                _("Use what both know: coalesce, nullif, case, count, sum, min, max, substr."),
            )
        if isinstance(node, exp.Div) and not (_is_fraction(node.left) or _is_fraction(node.right)):
            yield (
                _line(node),
                _("a division of whole numbers"),
                _("Write cast(a as double precision) / nullif(b, 0)."),
            )


@lru_cache(maxsize=2 * _KEPT)
def in_dialect(sql: str, name: str, dialect: str) -> str:
    """Write a model's SELECT in the dialect of `sqlite` or `postgresql`. Raises BadModel."""
    query = parse_model(sql, name)
    written: str = query.sql(dialect=_DIALECTS[dialect], unsupported_level=ErrorLevel.RAISE)
    return written


def _is_fraction(node: exp.Expression) -> bool:
    """Tell whether one side of a division is surely no whole number."""
    node = node.unnest()
    if isinstance(node, exp.Cast):
        return bool(node.to.is_type(*exp.DataType.REAL_TYPES))
    if isinstance(node, exp.Literal):
        return not node.is_string and "." in str(node.this)
    if isinstance(node, exp.Mul | exp.Add | exp.Sub | exp.Div):
        return _is_fraction(node.left) or _is_fraction(node.right)
    return False


def _line(node: exp.Expression | None) -> int | None:
    """Give the first line that is known of `node`, else of what stands around it."""
    while node is not None:
        lines = [one.meta["line"] for one in node.walk() if one.meta.get("line")]
        if lines:
            return min(int(one) for one in lines)
        node = node.parent
    return None
