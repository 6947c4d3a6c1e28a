"""A project's rows of the shared evaluation tables, as a page reads them.

Here: the only reading of the store that this room does. Not here: what the tables hold and what is
withheld in them (`dbt_like_sql/`).
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, column, inspect, literal_column, select, table

from meal_pipeline.errors import MealError
from meal_pipeline.locale import current_language
from meal_pipeline.locale import gettext as _
from meal_pipeline.store import Store

Row = Mapping[str, Any]

_OFFICIAL = "official"
_ORDER = {
    "mart_projects": (),
    "mart_progress": ("indicator_position", "round_position", "arm"),
    "mart_disaggregation": (
        "indicator_position",
        "round_position",
        "arm",
        "disaggregation",
        "category_position",
        "category",
    ),
    "mart_effects": ("indicator_position", "comparison"),
    "mart_data_quality": ("form", "topic", "subject", "question", "round", "severity"),
}


class NotEvaluated(MealError):
    """The shared evaluation tables hold nothing of the project yet."""


@dataclass(frozen=True)
class ProjectMarts:
    """The official rows of one project, mart by mart."""

    project: Row
    progress: list[Row]
    disaggregation: list[Row]
    effects: list[Row]
    quality: list[Row]


def read_marts(store: Store, project: str) -> ProjectMarts:
    """Give the official rows of `project`; raises NotEvaluated where there are none."""
    with store.read() as connection:
        missing = set(_ORDER) - set(inspect(connection).get_table_names())
        found: dict[str, list[Row]] = {}
        for mart, order in () if missing else _ORDER.items():
            source = table(mart)
            wanted: Select[Any] = (
                select(literal_column("*")).select_from(source).where(column("project") == project)
            )
            if order and mart != "mart_data_quality":
                wanted = wanted.where(column("variant") == _OFFICIAL)
            rows = connection.execute(
                wanted.order_by(*(column(one).nulls_last() for one in order))
            ).mappings()
            found[mart] = [dict(row) for row in rows]
    if not found.get("mart_projects"):
        raise NotEvaluated(
            _("Nothing of {project} is in the shared tables yet.").format(project=project),
            next_step=_("Run it: meal run {project}").format(project=project),
        )
    return ProjectMarts(
        project=found["mart_projects"][0],
        progress=found["mart_progress"],
        disaggregation=found["mart_disaggregation"],
        effects=found["mart_effects"],
        quality=found["mart_data_quality"],
    )


def name(row: Row, what: str = "name") -> str:
    """Give `what` of a row in the language in use, else in the other one, else nothing."""
    language = current_language()
    other = "en" if language == "ar" else "ar"
    return str(row.get(f"{what}_{language}") or row.get(f"{what}_{other}") or "")


def sentence(by_language: str | None) -> str:
    """Give a stored sentence (JSON, language → text) in the language in use."""
    said: dict[str, str] = json.loads(by_language) if by_language else {}
    return said.get(current_language()) or said.get("en") or next(iter(said.values()), "")
