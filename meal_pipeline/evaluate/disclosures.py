"""Which figures are withheld, so that nobody is found behind a small number.

Here: a project's breakdowns as sums, judged together, and what follows for changes and effects.
Not here: the rule itself (`statistics.disclosure`) and where it is applied (`int_shown_figures`).
"""

from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from typing import Any

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

    All breakdowns of a form's indicators in a round are judged together: categories and «not
    stated» add up to everyone, arms to all, the cells of a two-way table to both its margins. A
    change or effect goes with the estimates that it is made of.
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

    `rows` need figure_id, indicator, round, variant, arm, disaggregation, category, n, n_missing;
    `forms` tells the form of each indicator. Small is a cell in which one to four people answered,
    or nobody of one to four.

    A cell withheld for one indicator is withheld for every indicator of the same form in the round.
    Their rows are the same people: without a condition of its own (`among`) an indicator has the
    same rows in scope as the next one, and indicators among parts of the people give the rest by
    subtraction. So the pattern is shared, whatever the counts, and is added to until it holds for
    the rows in scope (n + n_missing, which is printed too) and for the answers of each indicator.
    """
    together: dict[tuple[str, ...], dict[str, list[Row]]] = defaultdict(lambda: defaultdict(list))
    for row in rows:
        form = forms.get(row["indicator"], row["indicator"])
        together[row["variant"], form, row["round"]][row["indicator"]].append(row)
    reasons: dict[str, str] = {}
    for by_indicator in together.values():
        hidden = _hidden_cells(list(by_indicator.values()))
        for row in (row for members in by_indicator.values() for row in members):
            if _cell(row) in hidden and _in_scope(row):
                small = 1 <= (row["n"] or _in_scope(row)) < THRESHOLD
                reasons[row["figure_id"]] = SMALL if small else PROTECTS_OTHERS
    return reasons


def _hidden_cells(indicators_rows: Sequence[Sequence[Row]]) -> set[Cell]:
    """Give the cells to withhold in all indicators of a form and round: one pattern, safe in each.

    Tables are judged in turn until none asks for more, at the latest when all is withheld.
    """
    tables = list(_tables(indicators_rows))
    hidden: set[Cell] = set()
    safe: set[Hashable] = set()
    while True:
        before = len(hidden)
        for counts, in_scope in tables:
            n = tuple(counts.values())
            also = tuple(key in hidden and in_scope[key] > 0 for key in counts)
            if (tuple(counts), n, also) in safe:
                continue
            judged = withhold(n, relations(list(counts)), threshold=THRESHOLD, also=also) != ""
            hidden.update(key for key, taken in zip(counts, judged, strict=True) if taken)
            safe.add((tuple(counts), n, tuple(judged.tolist())))
        if len(hidden) == before:
            return hidden


def _tables(
    indicators_rows: Sequence[Sequence[Row]],
) -> Iterator[tuple[dict[Cell, int], dict[Cell, int]]]:
    """Give tables of counts, each with its rows in scope: everyone's, then each one's answers.

    Indicators with the same rows in scope make one table, since a reader may lay them together.
    """
    scopes = [{_cell(row): _in_scope(row) for row in rows} for rows in indicators_rows]
    joint: list[dict[Cell, int]] = []
    for scope in sorted(scopes, key=len, reverse=True):
        for other in joint:
            if all(other[key] == scope[key] for key in other.keys() & scope.keys()):
                other.update(scope)
                break
        else:
            joint.append(dict(scope))
    for one in joint:
        yield one, one
    for rows, scope in zip(indicators_rows, scopes, strict=True):
        yield {_cell(row): int(row["n"]) for row in rows}, scope


def _in_scope(row: Row) -> int:
    return int(row["n"]) + int(row["n_missing"])


def relations(keys: Sequence[Cell]) -> list[tuple[int | None, list[int]]]:
    """Give the sums among cells: (place of the total, places of its parts)."""
    place = {key: at for at, key in enumerate(keys)}
    sums: list[tuple[int | None, list[int]]] = []
    by_arm: dict[tuple[str, str], list[int]] = defaultdict(list)
    parts: dict[tuple[str, str], list[int]] = defaultdict(list)
    margins: dict[tuple[Cell, str], list[int]] = defaultdict(list)
    for key, at in place.items():
        arm, disaggregation, category = key
        if arm != ALL:
            by_arm[disaggregation, category].append(at)
        if disaggregation:
            parts[arm, disaggregation].append(at)
        names, codes = split(disaggregation), split(category)
        if len(names) == len(codes) == 2:
            for name, code in zip(names, codes, strict=True):
                margins[(arm, name, code), disaggregation].append(at)
    for (disaggregation, category), members in by_arm.items():
        whole = place.get((ALL, disaggregation, category))
        if whole is not None:
            sums.append((whole, members))
    for (arm, _disaggregation), members in parts.items():
        sums.append((place.get((arm, "", "")), members))
    for (margin, _table), members in margins.items():
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
