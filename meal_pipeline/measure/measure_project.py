"""Measure a project: its validated rows to estimates and changes in the store.

Here: reading what is needed and writing the results at once. Not here: how values and estimates
come about (rows, `measure_form`).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from sqlalchemy import Connection

from meal_pipeline.forms import FormUnion
from meal_pipeline.measure.declarations import (
    Days,
    category_rows,
    days_of,
    indicator_rows,
    project_row,
    round_rows,
)
from meal_pipeline.measure.figures import change_rows, estimate_rows
from meal_pipeline.measure.measure_form import measure_form
from meal_pipeline.places.matches import ProjectPlaces, project_places, record_matches
from meal_pipeline.places.matching import Asked, Match
from meal_pipeline.rows.failures import Blocked, attempt, blocked_elsewhere, record_blocked
from meal_pipeline.rows.loading import SUBMITTED, forms_at, load_rows, validated
from meal_pipeline.rows.place_answers import PlaceAnswers
from meal_pipeline.store import Store
from meal_pipeline.store.figures import replace_figures, replace_where_different
from meal_pipeline.store.tables import measure as tables
from meal_pipeline.workspace.definitions import definition_hash
from meal_pipeline.workspace.project import Project

OFFICIAL = "official"

Row = dict[str, Any]


@dataclass(frozen=True)
class MeasureReport:
    """What was measured: how many figures, whether any row of the store changed, what is blocked.

    `blocked` names indicators, disaggregations, changes and rows without a round, each with the
    sentence that says why; indicators that validating had blocked are among them.
    """

    project: str
    snapshot_id: str
    variant: str
    changed: bool
    estimates: int
    changes: int
    blocked: tuple[Blocked, ...]


@dataclass(frozen=True)
class _Found:
    """What all forms of the project gave."""

    estimates: list[Row]
    changes: list[Row]
    blocked: dict[tuple[str, str], Blocked]
    days: dict[str, Days]
    disaggregations: dict[tuple[str, str], None]
    places: dict[tuple[str, str], PlaceAnswers]
    """By form and split."""


def measure_project(
    store: Store,
    project: Project,
    *,
    snapshot_id: str | None = None,
    variant: str = OFFICIAL,
    progress: Callable[[str], None] | None = None,
) -> MeasureReport:
    """Measure every indicator of `project` and let the results be its figures of this variant.

    snapshot_id: a validated snapshot; None for the one that holds now. variant: `official`, or the
    name of a rerun beside it; only the official one writes declarations and what is blocked.
    progress: called with each indicator's code.

    The same snapshot and definitions give the same rows, and rows that do not differ are not
    written. What cannot be computed is named in the report and the table `blocks`; the rest is
    measured. Raises NothingValidated, SnapshotUnknown or SnapshotDamaged.
    """
    snapshot = validated(store, project.code, snapshot_id)
    forms = forms_at(store, project, snapshot)
    with store.read() as connection:
        stopped = blocked_elsewhere(connection, project.code, ["validate"], "indicator")
        places = _places(connection, project)
    found = _Found([], [], {}, {}, {}, {})
    for form in dict.fromkeys(one.form for one in project.indicators.values()):
        codes = [code for code, one in project.indicators.items() if one.form == form]
        rows = attempt("form", form, partial(load_rows, snapshot, project, form, forms, places))
        if isinstance(rows, Blocked):
            _block(found, [rows.about("indicator", code) for code in codes if code not in stopped])
            continue
        measures = measure_form(rows, project, without=stopped, progress=progress)
        found.estimates.extend(estimate_rows(project, measures))
        found.changes.extend(change_rows(project, measures))
        found.disaggregations.update(dict.fromkeys((one, form) for one in measures.disaggregations))
        found.places.update({(form, code): one for code, one in measures.places.items()})
        _block(found, measures.blocked)
        if measures.rounds is not None:
            zone = project.schedule.timezone
            for label, days in days_of(rows.frame[SUBMITTED], measures.rounds, zone).items():
                found.days[label] = found.days.get(label, Days()).joined(days)
    matched = {split: places.meaning(split) for _form, split in found.places}
    hashes = {code: definition_hash(project, code, matched) for code in project.indicators}
    for row in (*found.estimates, *found.changes):
        row["definition_hash"] = hashes[row["indicator"]]
        row["snapshot_id"] = snapshot.snapshot_id
        row["variant"] = variant
    with store.write() as connection:
        changed = [
            replace_figures(connection, "estimate", found.estimates, project.code, variant),
            replace_figures(connection, "change", found.changes, project.code, variant),
        ]
        if variant == OFFICIAL:
            blocked = found.blocked.values()
            changed.append(record_blocked(connection, project.code, "measure", blocked))
            changed += _declare(connection, project, hashes, found, forms)
            changed.append(_record_places(connection, project, found))
    return MeasureReport(
        project.code,
        snapshot.snapshot_id,
        variant,
        any(changed),
        len(found.estimates),
        len(found.changes),
        (*stopped.values(), *found.blocked.values()),
    )


def _places(connection: Connection, project: Project) -> ProjectPlaces:
    """Give the list of places where the project splits its rows by them."""
    if any(one.place for one in project.disaggregations.values()):
        return project_places(connection, project.code)
    return ProjectPlaces()


def _record_places(connection: Connection, project: Project, found: _Found) -> bool:
    """Keep what the answers to splits by place were found to mean."""
    matches: dict[str, dict[Asked, Match]] = {}
    for (_form, code), answers in found.places.items():
        matches.setdefault(code, {}).update(answers.matches)
    return record_matches(connection, project.code, matches)


def _block(found: _Found, blocked: list[Blocked]) -> None:
    for one in blocked:
        found.blocked.setdefault((one.kind, one.subject), one)


def _declare(
    connection: Connection,
    project: Project,
    hashes: Mapping[str, str],
    found: _Found,
    forms: Mapping[str, FormUnion],
) -> list[bool]:
    """Write what the project declares; give for each table whether it differed."""
    names = {at: answers.names for at, answers in found.places.items()}
    return [
        replace_where_different(connection, table, rows, {"project": project.code})
        for table, rows in (
            (tables.projects, [project_row(project)]),
            (tables.rounds, round_rows(project, found.days)),
            (tables.indicators, indicator_rows(project, hashes)),
            (tables.categories, category_rows(project, found.disaggregations, forms, names)),
        )
    ]
