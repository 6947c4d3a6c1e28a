"""What a project declares, as rows of the tables that figures are read with.

Here: projects, rounds, indicators, categories. Not here: figures (`estimates`, `changes`).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import product
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd

from meal_pipeline.forms import FormUnion
from meal_pipeline.locale import in_every_language, mark
from meal_pipeline.rows.assignments import declared_categories
from meal_pipeline.rows.split import BoolArray, Split, joined
from meal_pipeline.workspace.project import Names, Project

Row = dict[str, Any]

WHOLE_PERIOD = mark("Whole period")


@dataclass(frozen=True)
class Days:
    """The first and last day of some rows, as text; None without rows."""

    first: str | None = None
    last: str | None = None

    def joined(self, other: "Days") -> "Days":
        """Give the days from the first to the last of both."""
        firsts = [day for day in (self.first, other.first) if day]
        lasts = [day for day in (self.last, other.last) if day]
        return Days(min(firsts, default=None), max(lasts, default=None))


def days_of(submitted: pd.Series, rounds: Split, timezone: str) -> dict[str, Days]:
    """Give each round's days, by its label, from the times of submission (UTC) in `timezone`."""
    local = submitted.dt.tz_convert(ZoneInfo(timezone))
    return {label: _days(local, rounds.part(label)) for label in rounds.labels}


def project_row(project: Project) -> Row:
    """Give the project's row."""
    arms = project.arms
    return {
        "project": project.code,
        **_in_two("name", project.name),
        **_in_two("organisation", project.organisation),
        "synthetic": project.synthetic,
        **_in_two("note", project.note),
        **_in_two("participants", arms.participants_name if arms else None),
        **_in_two("comparison", arms.comparison_name if arms else None),
        "retired": False,
        "single_person": project.corrections.single_person,
    }


def round_rows(project: Project, days: Mapping[str, Days]) -> list[Row]:
    """Give a row for each declared round, and last one for '' where rows have no round.

    days: by round, over all forms; '' is there where a form has no rounds.
    """
    declared = project.rounds.values if project.rounds else {}
    names: dict[str, Names | None] = {code: one.name for code, one in declared.items()}
    if "" in days or not names:
        names[""] = in_every_language(WHOLE_PERIOD)
    return [
        {
            "project": project.code,
            "round": code,
            **_in_two("name", name),
            "position": position,
            "data_from": days.get(code, Days()).first,
            "data_to": days.get(code, Days()).last,
        }
        for position, (code, name) in enumerate(names.items(), start=1)
    ]


def indicator_rows(project: Project, hashes: Mapping[str, str]) -> list[Row]:
    """Give a row for each declared indicator; `hashes` are the definitions' by code."""
    return [
        {
            "project": project.code,
            "indicator": code,
            "definition_hash": hashes[code],
            **_in_two("name", one.name),
            "level": one.level,
            "statistic": one.statistic,
            **_in_two("unit", one.unit),
            "better": one.better,
            "form": one.form,
            **_in_two("people", one.people),
            **_in_two("gain", one.gain),
            "expression": one.expression,
            "baseline_round": one.baseline_round,
            "target": one.target.value if one.target else None,
            "target_round": one.target.round if one.target else None,
            "position": position,
        }
        for position, (code, one) in enumerate(project.indicators.items(), start=1)
    ]


def category_rows(
    project: Project,
    used: Iterable[tuple[str, str]],
    forms: Mapping[str, FormUnion],
    places: Mapping[tuple[str, str], Mapping[str, Names]],
) -> list[Row]:
    """Give a row for each category of the disaggregations in use, in their declared order.

    used: disaggregation (two crossed ones as `a|b`) and the form whose choices name it. places: the
    names of the places of a form's split (form, code), P-code → names by language.
    """
    found: dict[tuple[str, str], Row] = {}
    for code, form in used:
        declared = [project.disaggregations[one] for one in code.split("|")]
        parts = [
            (
                places.get((form, part))
                or declared_categories(one, forms.get(form), project.forms[form])
            ).items()
            for part, one in zip(code.split("|"), declared, strict=True)
        ]
        for combination in product(*parts):
            codes = [one for one, _names in combination]
            category = codes[0] if len(codes) == 1 else joined(*codes)
            row = {
                "project": project.code,
                "disaggregation": code,
                "category": category,
                **_crossed("name", [names for _code, names in combination]),
                **_crossed("disaggregation", [one.name for one in declared]),
                "place": category if len(codes) == 1 and declared[0].place else None,
            }
            found.setdefault((code, category), row)
    position: dict[str, int] = {}
    for (code, _category), row in found.items():
        row["position"] = position[code] = position.get(code, 0) + 1
    return list(found.values())


def _days(local: pd.Series, inside: BoolArray) -> Days:
    days = local[inside]
    if days.empty:
        return Days()
    return Days(days.min().date().isoformat(), days.max().date().isoformat())


def _in_two(column: str, names: Names | None) -> Row:
    names = names or {}
    return {f"{column}_en": names.get("en"), f"{column}_ar": names.get("ar")}


def _crossed(column: str, names: list[Names]) -> Row:
    """Give both columns of a name made of several; none in a language that one of them lacks."""
    return {
        f"{column}_{language}": " × ".join(one[language] for one in names)
        if all(one.get(language) for one in names)
        else None
        for language in ("en", "ar")
    }
