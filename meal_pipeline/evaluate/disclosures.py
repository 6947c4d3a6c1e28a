"""Which figures are withheld, so that nobody is found behind a small number.

Here: a project's breakdowns as sums, judged together, and what follows for changes and effects.
Not here: the rule itself (`statistics.disclosure`) and where it is applied (`int_shown_figures`).
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from sqlalchemy import Connection, select

from meal_pipeline.statistics.disclosure import PROTECTS_OTHERS, SMALL, withhold
from meal_pipeline.store.figures import replace_where_different
from meal_pipeline.store.tables.compare import effects
from meal_pipeline.store.tables.evaluate import disclosures
from meal_pipeline.store.tables.measure import changes, estimates, indicators

THRESHOLD = 5
ALL = "all"
Row = Mapping[str, Any]
Cell = tuple[str, str, str]
"""Arm, disaggregation, category."""


def judge_figures(connection: Connection, project: str) -> tuple[int, bool]:
    """Write what is withheld of `project`, and give how many figures and whether that changed.

    All breakdowns of an indicator in a round are judged together: categories and «not stated» add
    up to everyone, arms to all, the cells of a two-way table to both its margins. A cell withheld
    for one indicator is withheld for every indicator of the same form in that round, since their
    counts are nearly the same. A change or effect goes with the estimates that it is made of.
    """
    forms = {
        row.indicator: row.form
        for row in connection.execute(
            select(indicators.c.indicator, indicators.c.form).where(indicators.c.project == project)
        )
    }
    rows = [
        dict(row)
        for row in connection.execute(
            select(estimates).where(estimates.c.project == project)
        ).mappings()
    ]
    hidden = withheld_estimates(rows, forms)
    for kind in (changes, effects):
        found = connection.execute(select(kind).where(kind.c.project == project)).mappings()
        hidden.update(_follow(rows, hidden, [dict(row) for row in found]))
    fresh = [
        {"figure_id": figure, "project": project, "withheld": reason}
        for figure, reason in sorted(hidden.items())
    ]
    changed = replace_where_different(connection, disclosures, fresh, {"project": project})
    return len(fresh), changed


def withheld_estimates(rows: Sequence[Row], forms: Mapping[str, str]) -> dict[str, str]:
    """Give figure_id → `small` or `protects_others` for estimates of one project.

    `rows` need figure_id, indicator, round, variant, arm, disaggregation, category, n; `forms`
    tells the form of each indicator.
    """
    tables: dict[tuple[str, ...], list[Row]] = defaultdict(list)
    for row in rows:
        tables[row["variant"], row["indicator"], row["round"]].append(row)
    reasons: dict[str, str] = {}
    together: dict[tuple[str, ...], set[Cell]] = defaultdict(set)
    for (variant, indicator, round_code), cells in tables.items():
        keys = [_cell(row) for row in cells]
        judged = withhold(
            np.array([row["n"] for row in cells]), relations(keys), threshold=THRESHOLD
        )
        for row, key, reason in zip(cells, keys, judged, strict=True):
            if reason:
                reasons[row["figure_id"]] = str(reason)
                together[variant, forms.get(indicator, indicator), round_code].add(key)
    for (variant, indicator, round_code), cells in tables.items():
        shared = together[variant, forms.get(indicator, indicator), round_code]
        for row in cells:
            if _cell(row) in shared and row["n"] > 0:
                reasons.setdefault(row["figure_id"], PROTECTS_OTHERS)
    return reasons


def relations(keys: Sequence[Cell]) -> list[tuple[int | None, list[int]]]:
    """Give the sums among cells: (place of the total, places of its parts)."""
    place = {key: at for at, key in enumerate(keys)}
    sums: list[tuple[int | None, list[int]]] = []
    by_arm: dict[tuple[str, str], list[int]] = defaultdict(list)
    parts: dict[tuple[str, str], list[int]] = defaultdict(list)
    margins: dict[Cell, list[int]] = defaultdict(list)
    for key, at in place.items():
        arm, disaggregation, category = key
        if arm != ALL:
            by_arm[disaggregation, category].append(at)
        if disaggregation:
            parts[arm, disaggregation].append(at)
        names, codes = split(disaggregation), split(category)
        if len(names) == len(codes) == 2:
            for name, code in zip(names, codes, strict=True):
                margins[arm, name, code].append(at)
    for (disaggregation, category), members in by_arm.items():
        whole = place.get((ALL, disaggregation, category))
        if whole is not None:
            sums.append((whole, members))
    for (arm, _disaggregation), members in parts.items():
        sums.append((place.get((arm, "", "")), members))
    for margin, members in margins.items():
        if margin in place:
            sums.append((place[margin], members))
    return sums


def split(code: str) -> list[str]:
    r"""Take codes apart that were joined by `|`; `\|` and `\\` are the signs themselves."""
    parts, escaped = [""], False
    for letter in code:
        if escaped or letter not in "\\|":
            parts[-1] += letter
            escaped = False
        elif letter == "\\":
            escaped = True
        else:
            parts.append("")
    return parts


def _cell(row: Row) -> Cell:
    return row["arm"], row["disaggregation"], row["category"]


def _follow(
    estimated: Sequence[Row], hidden: Mapping[str, str], derived: Iterable[Row]
) -> dict[str, str]:
    """Give what is withheld of changes or effects, which are made of estimates in two rounds.

    An effect stands on participants and comparison alike.
    """
    withheld_cells = {
        (row["variant"], row["indicator"], row["round"], *_cell(row))
        for row in estimated
        if row["figure_id"] in hidden
    }
    reasons = {}
    for row in derived:
        arms = ("participants", "comparison") if row["statistic"] == "effect" else (row["arm"],)
        rounds = {row["round"], row["baseline_round"] or row["round"]}
        made_of = {
            (row["variant"], row["indicator"], one, arm, row["disaggregation"], row["category"])
            for one in rounds
            for arm in arms
        }
        if 1 <= row["n"] < THRESHOLD:
            reasons[row["figure_id"]] = SMALL
        elif made_of & withheld_cells:
            reasons[row["figure_id"]] = PROTECTS_OTHERS
    return reasons
