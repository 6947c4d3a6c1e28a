"""Figures as the terminal words them, read from the shared tables only.

Here: one line an indicator and one an effect. Not here: what may be shown (decided in the tables).
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import text

from meal_pipeline.locale import current_language, mark, ngettext
from meal_pipeline.locale import gettext as _
from meal_pipeline.store import Store

Row = Mapping[str, Any]

_STATUS = {
    "reached": mark("reached"),
    "on_the_way": mark("on the way"),
    "not_yet": mark("not yet"),
    "too_small": mark("too small to tell"),
    "no_target": "",
    "baseline": mark("baseline"),
}
_LABELS = {
    "attributed_effect": mark("attributed effect"),
    "comparison_suggests": mark("comparison suggests"),
}


def mart_rows(store: Store, mart: str, project: str, order: str) -> list[Row]:
    """Give the official rows of `project` from a mart; `mart` and `order` are names of ours."""
    statement = text(
        f"select * from {mart} where project = :project and variant = 'official' order by {order}"  # noqa: S608
    )
    with store.read() as connection:
        return [dict(row) for row in connection.execute(statement, {"project": project}).mappings()]


def name(row: Row, what: str = "name") -> str:
    """Give a name in the language in use, else in the other one."""
    language = current_language()
    other = "en" if language == "ar" else "ar"
    return str(row.get(f"{what}_{language}") or row.get(f"{what}_{other}") or "")


def value(number: float | None, row: Row) -> str:
    """Word one value: percent for a proportion, else with its unit."""
    if number is None:
        return "–"
    if row["statistic"] == "proportion":
        return f"{number * 100:.1f} %"
    return f"{number:,.1f} {name(row, 'unit')}".rstrip()


def interval(row: Row, low: str = "ci_low", high: str = "ci_high") -> str:
    """Word a confidence interval, in brackets."""
    if row[low] is None or row[high] is None:
        return _("(no interval)")
    factor = 100 if row["statistic"] == "proportion" else 1
    return f"({row[low] * factor:.1f}–{row[high] * factor:.1f})"


def indicator_lines(store: Store, project: str) -> Iterator[tuple[str, ...]]:
    """Give each indicator's last round: name, value with interval, target, status, n.

    The main arm, and the arm that it is compared with where there is one.
    """
    rows = mart_rows(
        store, "mart_progress", project, "indicator_position, round_position, arm desc"
    )
    for row in rows:
        if not row["is_latest"] or (not row["is_main_arm"] and row["arm"] != "comparison"):
            continue
        who = "" if row["arm"] == "all" else f" · {_(row['arm'])}"
        if row["shown"] != "shown":
            words = _("withheld to protect people") if row["shown"] == "withheld" else _("no data")
            yield (name(row) + who, words, "", "", "")
            continue
        target = row["target"]
        factor = 100 if row["statistic"] == "proportion" else 1
        yield (
            name(row) + who,
            f"{value(row['estimate'], row)} {interval(row)}",
            "" if target is None else _("target {value}").format(value=f"{target * factor:g}"),
            _(_STATUS[row["status"]]) if _STATUS.get(row["status"]) else "",
            _("n {n}").format(n=row["n"])
            + (_(", {n} missing").format(n=row["n_missing"]) if row["n_missing"] else ""),
        )


def effect_lines(store: Store, project: str) -> Iterator[tuple[str, ...]]:
    """Give each effect: name, difference with interval, label, how many, what explains n."""
    for row in mart_rows(store, "mart_effects", project, "indicator_position, comparison"):
        if row["shown"] != "shown":
            yield (name(row), _("withheld to protect people"), "", "", "")
            continue
        if row["statistic"] == "proportion":
            points = _("{points} points").format(points=f"{row['effect'] * 100:+.1f}")
            size = f"{points} {interval(row)}"
        else:
            size = f"{row['effect']:+,.1f} {name(row, 'unit')} {interval(row)}"
        people = name(row, "people")
        counted = (
            f"{row['n']:,} {people}"
            if people
            else ngettext("{n} row", "{n} rows", row["n"]).format(n=row["n"])
        )
        if row["clustered_by"]:
            clusters = ngettext("{n} cluster", "{n} clusters", row["n_clusters"])
            counted = _("{rows}, {clusters}").format(
                rows=counted, clusters=clusters.format(n=row["n_clusters"])
            )
        note = json.loads(row["note"]) if row["note"] else {}
        yield (
            name(row),
            size,
            _(_LABELS[row["label"]]),
            counted,
            note.get(current_language()) or note.get("en") or "",
        )


def remarks(store: Store, project: str) -> list[str]:
    """Give what must be said beside every number of the project: made up, or from a study."""
    statement = text("select * from mart_projects where project = :project")
    with store.read() as connection:
        found = connection.execute(statement, {"project": project}).mappings().one_or_none()
    if found is None:
        return []
    row = dict(found)
    said = [_("Synthetic data, for training.")] if row["is_synthetic"] else []
    if row["is_single_person"]:
        said.append(_("One person proposes and approves corrections."))
    note = name(row, "note")
    return [*said, note] if note else said


_ARMS = (mark("participants"), mark("comparison"), mark("all"))
