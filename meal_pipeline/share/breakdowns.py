"""Whether it is the same everywhere: one indicator by place, then by other categories.

Here: the tables and their order. Not here: which cells are withheld (the marts).
"""

import re
from dataclasses import dataclass
from itertools import groupby

from meal_pipeline.locale import gettext as _
from meal_pipeline.share.marts import ProjectMarts, Row, name
from meal_pipeline.share.numbers import Numbers
from meal_pipeline.share.results import value_words
from meal_pipeline.workspace.project import NOT_STATED

_PART = re.compile(r"(?:\\.|[^|\\])+")
_ESCAPED = re.compile(r"\\([|\\])")


@dataclass(frozen=True)
class Breakdown:
    """One table: an indicator by one disaggregation; rows are (category, code, value, answers)."""

    indicator: str
    round: str
    title: str
    leading: bool
    rows: list[tuple[str, str, str, str]]


def breakdowns(marts: ProjectMarts, leading: str, numbers: Numbers) -> list[Breakdown]:
    """Give the main arm's latest breakdowns: the leading indicator's first, places before others.

    Tables of two disaggregations at once stay in the shared table: a page cannot carry them.
    """
    latest = {
        row["indicator"]: row["round"]
        for row in marts.progress
        if row["is_main_arm"] and row["is_latest"]
    }
    rows = [
        row
        for row in marts.disaggregation
        if row["is_main_arm"]
        and latest.get(row["indicator"]) == row["round"]
        and "|" not in row["disaggregation"]
    ]
    tables = []
    for (indicator, _code), group in groupby(
        rows, key=lambda row: (row["indicator"], row["disaggregation"])
    ):
        cells = list(group)
        has_places = any(row["place"] for row in cells)
        tables.append(((indicator != leading, not has_places), _table(cells, leading, numbers)))
    return [found for _rank, found in sorted(tables, key=lambda ranked: ranked[0])]


def category_words(row: Row) -> str:
    """Name a category in the language in use; rows that give none are "not stated".

    A cell of two disaggregations of which one is not stated has codes for a name.
    """
    said = name(row, "category")
    if said and row["category"] != NOT_STATED:
        return said
    parts = _PART.findall(str(row["category"]))
    return " × ".join(
        _("not stated") if part == NOT_STATED else _ESCAPED.sub(r"\1", part) for part in parts
    )


def _table(cells: list[Row], leading: str, numbers: Numbers) -> Breakdown:
    first = cells[0]
    ordered = sorted(cells, key=lambda row: row["category"] == NOT_STATED)
    return Breakdown(
        indicator=name(first),
        round=name(first, "round") if first["round"] else "",
        title=name(first, "disaggregation"),
        leading=first["indicator"] == leading,
        rows=[
            (
                category_words(row),
                str(row["place"] or ""),
                value_words(row, numbers),
                _("withheld") if row["shown"] == "withheld" else numbers.whole(row["n"] or 0),
            )
            for row in ordered
        ],
    )
