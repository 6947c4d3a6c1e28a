"""Cells and changes as rows of the tables `estimates` and `changes`.

Here: the columns, and the notes that travel with a figure. Not here: the numbers.
"""

from typing import Any

from meal_pipeline.locale import mark
from meal_pipeline.measure.changes import Change
from meal_pipeline.measure.estimates import Cell
from meal_pipeline.measure.measure_form import FormMeasures
from meal_pipeline.rows.figure_rows import Note, note, note_text, values_row
from meal_pipeline.statistics.linearised import Estimate
from meal_pipeline.workspace.project import NOT_STATED, Names, Project

Row = dict[str, Any]

WITHOUT_CLUSTER = mark("Rows without a cluster, each counted as a cluster of its own: {n}.")
NO_DESIGN_HERE = mark(
    "This form holds no sampling design: its rows count as a simple random sample."
)
ONE_CLUSTER = mark("All answers come from one cluster: there is no standard error.")
BOTH_ROUNDS = mark("Answers: {baseline} in {baseline_round}, {later} in {later_round}.")


def estimate_rows(project: Project, measures: FormMeasures) -> list[Row]:
    """Give the rows of `estimates` that a form's cells are, without names and snapshot."""
    return [
        {
            **_key(project, code, cell, cell.estimate),
            "baseline_round": "",
            "statistic": project.indicators[code].statistic,
            "design": "taylor",
            "note": note_text(_sample_notes(measures, cell.estimate, [cell.round])),
        }
        for code, cells in measures.cells.items()
        for cell in cells
    ]


def change_rows(project: Project, measures: FormMeasures) -> list[Row]:
    """Give the rows of `changes` that a form's changes are, without names and snapshot."""
    rows = []
    for code, changes in measures.changes.items():
        for change in changes:
            both = [change.baseline_round, change.round]
            notes = [_both_rounds(project, change)]
            notes += _sample_notes(measures, change.estimate, both)
            rows.append(
                {
                    **_key(project, code, change, change.estimate),
                    "baseline_round": change.baseline_round,
                    "statistic": "difference",
                    "design": "taylor_stacked",
                    "note": note_text(notes),
                }
            )
    return rows


def _key(project: Project, code: str, at: Cell | Change, estimate: Estimate) -> Row:
    arm, disaggregation, category = at.place
    declared = project.disaggregations.get(disaggregation)
    is_place = declared is not None and declared.place and category != NOT_STATED
    return {
        "project": project.code,
        "indicator": code,
        "round": at.round,
        "place": category if is_place else "",
        "disaggregation": disaggregation,
        "category": category,
        "arm": arm,
        **values_row(
            estimate,
            deff=estimate.deff,
            n_missing=at.n_missing,
            n_strata=estimate.n_strata,
            ci_method=estimate.ci_method,
        ),
    }


def _sample_notes(measures: FormMeasures, estimate: Estimate, rounds: list[str]) -> list[Note]:
    notes = []
    without = sum(measures.without_cluster.get(one, 0) for one in rounds)
    if without:
        notes.append(note(WITHOUT_CLUSTER, n=without))
    if not measures.given:
        notes.append(note(NO_DESIGN_HERE))
    if estimate.n and estimate.n_clusters < 2:
        notes.append(note(ONE_CLUSTER))
    return notes


def _both_rounds(project: Project, change: Change) -> Note:
    return note(
        BOTH_ROUNDS,
        baseline=change.n_baseline,
        later=change.n_later,
        baseline_round=_round_name(project, change.baseline_round),
        later_round=_round_name(project, change.round),
    )


def _round_name(project: Project, code: str) -> Names:
    names = project.rounds.values[code].name if project.rounds else {}
    return {language: names.get(language) or code for language in ("en", "ar")}
