"""Measure the indicators of one form: its valid rows to cells and changes.

Here: what is computed once for all indicators of the form, and what is blocked by name while the
rest is measured. Not here: the store (`measure_project`).
"""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field
from functools import partial

import numpy as np

from meal_pipeline.errors import MealError
from meal_pipeline.locale import gettext as _
from meal_pipeline.measure.changes import Change, estimate_changes, later_rounds, stacked_design
from meal_pipeline.measure.estimates import Cell, designs_of, estimate_indicator
from meal_pipeline.measure.tables import Breakdown
from meal_pipeline.rows.assignments import arms_of, categories_of, codes_of, rounds_of
from meal_pipeline.rows.failures import Blocked, attempt
from meal_pipeline.rows.form_rows import FormRows, declared_at
from meal_pipeline.rows.place_answers import PlaceAnswers, check_places, place_answers
from meal_pipeline.rows.sample import Sample, sample_of
from meal_pipeline.rows.split import BoolArray, Split
from meal_pipeline.rows.values import Values, indicator_values
from meal_pipeline.statistics.survey_design import Design
from meal_pipeline.workspace.drift import drift, refuse
from meal_pipeline.workspace.project import NOT_STATED, Project


class RowsWithoutRound(MealError):
    """Rows that belong to no declared round and so to no figure."""


@dataclass(frozen=True)
class FormMeasures:
    """What one form gave: by indicator its cells and changes; what is blocked; its rounds' rows.

    `without_cluster`: rows by round that count as a cluster of their own. `given`: whether the form
    holds the sampling design that the project declares. `places`: what the answers to splits by
    place mean, by the code of the split.
    """

    cells: dict[str, list[Cell]] = field(default_factory=dict)
    changes: dict[str, list[Change]] = field(default_factory=dict)
    blocked: list[Blocked] = field(default_factory=list)
    rounds: Split | None = None
    disaggregations: tuple[str, ...] = ()
    without_cluster: dict[str, int] = field(default_factory=dict)
    given: bool = True
    places: dict[str, PlaceAnswers] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class _Prepared:
    """What is the same for all indicators of the form."""

    sample: Sample
    rounds: Split
    arms: Split | None
    designs: dict[str, Design]
    disaggregations: dict[str, Split] = field(default_factory=dict)
    stacked: dict[tuple[str, str], Design] = field(default_factory=dict)

    @property
    def weighted(self) -> BoolArray:
        """The rows that have a weight above zero."""
        weighted: BoolArray = self.sample.weights > 0
        return weighted


def measure_form(
    rows: FormRows,
    project: Project,
    *,
    without: Collection[str] = (),
    progress: Callable[[str], None] | None = None,
) -> FormMeasures:
    """Measure the project's indicators over `rows`, all but those in `without`.

    An indicator, disaggregation or change that cannot be computed is in `blocked`, with its
    sentence in every language; the rest is computed. progress: called with each indicator's code.
    """
    codes = [
        code
        for code, one in project.indicators.items()
        if one.form == rows.code and code not in without
    ]
    prepared = attempt("form", rows.code, partial(_prepare, rows, project))
    if isinstance(prepared, Blocked):
        return FormMeasures(blocked=[prepared.about("indicator", code) for code in codes])
    blocked = _disaggregate(rows, project, codes, prepared.disaggregations)
    found = FormMeasures(
        rounds=prepared.rounds,
        disaggregations=tuple(prepared.disaggregations),
        blocked=blocked,
        without_cluster=_count_by_round(prepared.rounds, prepared.sample.without_cluster),
        given=prepared.sample.given,
    )
    found.places.update(_places(rows, project, prepared.disaggregations))
    for code, answers in found.places.items():
        unresolved = attempt("place", code, partial(check_places, answers, project.code))
        if isinstance(unresolved, Blocked):
            found.blocked.append(unresolved)
    lost = attempt("round", NOT_STATED, partial(_check_rounds, rows, prepared.rounds))
    if isinstance(lost, Blocked):
        found.blocked.append(lost)
    for code in codes:
        if progress is not None:
            progress(code)
        _measure_indicator(rows, project, code, prepared, found)
    return found


def _prepare(rows: FormRows, project: Project) -> _Prepared:
    sample, rounds = sample_of(rows, project), rounds_of(rows, project)
    with declared_at("design"):
        designs = designs_of(sample, rounds)
    return _Prepared(sample, rounds, arms_of(rows, project), designs)


def _disaggregate(
    rows: FormRows, project: Project, codes: list[str], splits: dict[str, Split]
) -> list[Blocked]:
    """Put the splits that the indicators use into `splits`, and give those that cannot be made."""
    blocked = []
    used = [one for code in codes for one in codes_of(project.indicators[code].disaggregate)]
    for disaggregation in dict.fromkeys(used):
        split = attempt(
            "disaggregation", disaggregation, partial(_split, rows, project, disaggregation)
        )
        if isinstance(split, Blocked):
            blocked.append(split)
        else:
            splits[disaggregation] = split
    return blocked


def _places(rows: FormRows, project: Project, splits: Iterable[str]) -> dict[str, PlaceAnswers]:
    """Give what answers mean in the splits by place, each once though it is crossed with others."""
    codes = dict.fromkeys(code for split in splits for code in split.split("|"))
    found = {code: place_answers(rows, project, code) for code in codes}
    return {code: answers for code, answers in found.items() if answers is not None}


def _split(rows: FormRows, project: Project, disaggregation: str) -> Split:
    """Split the rows. Raises FormDrifted where the newest form no longer has what splits them."""
    parts = disaggregation.split("|")
    if rows.form is not None:
        refuse(
            one
            for one in drift(project, {rows.code: rows.form})
            if one.kind == "disaggregation" and one.subject in parts
        )
    return categories_of(rows, project, disaggregation)


def _measure_indicator(
    rows: FormRows,
    project: Project,
    code: str,
    prepared: _Prepared,
    found: FormMeasures,
) -> None:
    indicator = project.indicators[code]
    values = attempt("indicator", code, partial(indicator_values, rows, code, indicator))
    if isinstance(values, Blocked):
        found.blocked.append(values)
        return
    splits = prepared.disaggregations
    own = {one: splits[one] for one in codes_of(indicator.disaggregate) if one in splits}
    breakdown = Breakdown(prepared.rounds, prepared.arms, own)
    found.cells[code] = estimate_indicator(
        values,
        indicator.statistic,
        breakdown,
        designs=prepared.designs,
        weighted=prepared.weighted,
    )
    if prepared.rounds.declared > 1:
        changes = attempt(
            "change", code, partial(_changes, project, code, values, breakdown, prepared)
        )
        if isinstance(changes, Blocked):
            found.blocked.append(changes)
        else:
            found.changes[code] = changes


def _changes(
    project: Project, code: str, values: Values, breakdown: Breakdown, prepared: _Prepared
) -> list[Change]:
    indicator = project.indicators[code]
    baseline, later = later_rounds(breakdown.rounds, indicator.baseline_round)
    with declared_at("design"):
        for pair in [(one, baseline) for one in later]:
            if pair not in prepared.stacked:
                prepared.stacked[pair] = stacked_design(prepared.sample, prepared.rounds, *pair)
    designs = {one: prepared.stacked[one, baseline] for one in later}
    return estimate_changes(
        values,
        indicator.statistic,
        breakdown,
        baseline,
        designs=designs,
        weighted=prepared.weighted,
    )


def _check_rounds(rows: FormRows, rounds: Split) -> None:
    lost = int(rounds.part(NOT_STATED).sum())
    if lost:
        raise RowsWithoutRound(
            _(
                "{n} of {total} valid rows of form {form} belong to no declared round, so they are"
                " in no figure."
            ).format(n=lost, total=len(rows), form=rows.code),
            next_step=_("Correct rounds.expression, or declare the missing round."),
        )


def _count_by_round(rounds: Split, rows: BoolArray) -> dict[str, int]:
    counts = np.bincount(rounds.codes[rows], minlength=len(rounds.labels))
    return dict(zip(rounds.labels, counts.tolist(), strict=True))
