"""One effect from the rows of a form.

Here: which rows are compared, and the estimate with all its counts. Not here: its label (`labels`),
the unit of its error (`units`), the row that it becomes (`compare_project`).
"""

from dataclasses import dataclass

import numpy as np

from meal_pipeline.compare.units import Units, units_of
from meal_pipeline.errors import MealError
from meal_pipeline.locale import gettext as _
from meal_pipeline.locale import mark
from meal_pipeline.rows.assignments import arms_of, rounds_of
from meal_pipeline.rows.figure_rows import Note, note
from meal_pipeline.rows.form_rows import FormRows
from meal_pipeline.rows.sample import Sample, sample_of
from meal_pipeline.rows.split import Split
from meal_pipeline.rows.values import indicator_values
from meal_pipeline.statistics.effects import (
    EffectEstimate,
    difference_between_arms,
    difference_in_differences,
)
from meal_pipeline.workspace.project import COMPARISON, NOT_STATED, PARTICIPANTS, Project

FEW_CLUSTERS = 40

LEFT_OUT = mark(
    "Answered rows with an arm: {answered}. Without “{unit}”, left out: {dropped}. Compared: {n}."
)
WITHOUT_ARM = mark("Answered rows without an arm, left out: {n}.")
ROWS_INDEPENDENT = mark(
    "Answers of the two rounds are taken as independent: the form names no household or person."
)
NO_STRATA = mark("Strata are not used.")
FEW = mark("With fewer than 40 clusters the interval may be too narrow.")


class ArmsUnknown(MealError):
    """The form of an indicator does not tell which arm its rows belong to."""


class RoundUnknown(MealError):
    """A comparison does not say which round it compares, or the form has no rounds."""


@dataclass(frozen=True)
class Effect:
    """An effect with what a reader must know of it.

    n_participants, n_comparison: rows compared in each arm, over all rounds. n_dropped: answered
    rows with an arm that could not be used. n_missing: rows in scope with an arm, unanswered.
    n_strata is 1: the method uses none.
    """

    estimate: EffectEstimate
    round: str
    baseline_round: str
    clustered_by: str
    n_participants: int
    n_comparison: int
    n_dropped: int
    n_missing: int
    notes: tuple[Note, ...]

    @property
    def is_clustered(self) -> bool:
        """Whether rows were grouped in units for the standard error."""
        return self.clustered_by != ""


def estimate_effect(rows: FormRows, project: Project, code: str) -> Effect:
    """Estimate the effect of comparison `code` from the valid rows of its indicator's form.

    Raises DeclarationError, ArmsUnknown, RoundUnknown, UnitsCross, WeightError or a
    RegressionError; each says what to do.
    """
    comparison = project.comparisons[code]
    arms = _arms(rows, project)
    rounds = rounds_of(rows, project)
    later, before = _rounds(rounds, rows, project, code)
    values = indicator_values(rows, comparison.indicator, project.indicators[comparison.indicator])
    sample = sample_of(rows, project)

    in_rounds = rounds.part(later) | (rounds.part(before) if before else False)
    has_arm = in_rounds & (arms.part(PARTICIPANTS) | arms.part(COMPARISON))
    answered = has_arm & values.answered
    units = units_of(rows, project, code, answered)
    used = np.flatnonzero(answered)
    participant = arms.part(PARTICIPANTS)[used].astype(np.float64)
    numbers = values.numbers[used]
    clusters = None if units.labels is None else units.labels[used]
    weights = sample.weights[used] if project.design.weights and sample.given else None
    if before:
        is_later = rounds.part(later)[used].astype(np.float64)
        found = difference_in_differences(numbers, participant, is_later, clusters, weights)
    else:
        found = difference_between_arms(numbers, participant, clusters, weights)
    unarmed = int((in_rounds & values.answered & arms.part(NOT_STATED)).sum())
    return Effect(
        estimate=found,
        round=later,
        baseline_round=before,
        clustered_by=units.question,
        n_participants=_n(found, PARTICIPANTS),
        n_comparison=_n(found, COMPARISON),
        n_dropped=len(used) - found.n,
        n_missing=int((has_arm & values.missing).sum()),
        notes=tuple(_notes(found, len(used), unarmed, units, sample, two_rounds=bool(before))),
    )


def _arms(rows: FormRows, project: Project) -> Split:
    arms = arms_of(rows, project)
    if arms is None:
        raise ArmsUnknown(
            _("Form {form} does not tell which arm a row belongs to.").format(form=rows.code),
            next_step=_("Compare an indicator of the form that arms.expression is about."),
        )
    return arms


def _rounds(rounds: Split, rows: FormRows, project: Project, code: str) -> tuple[str, str]:
    """Give the round and the baseline round ('' for none) of a comparison."""
    comparison = project.comparisons[code]
    declared = rounds.labels[: rounds.declared]
    named = [one for one in (comparison.round, comparison.baseline_round) if one is not None]
    if named and declared == ("",):
        raise RoundUnknown(
            _("Form {form} has no rounds, so {round} cannot be compared.").format(
                form=rows.code, round=named[0]
            ),
            next_step=_("Remove the comparison's rounds, or use an indicator of another form."),
        )
    if comparison.design == "difference_in_differences":
        return str(comparison.round), str(comparison.baseline_round)
    if comparison.round is not None:
        return comparison.round, ""
    if len(declared) > 1:
        raise RoundUnknown(
            _("Comparison {comparison} does not say which round it compares.").format(
                comparison=code
            ),
            next_step=_("Add round: {rounds}.").format(rounds=_(" or ").join(declared)),
        )
    return declared[0], ""


def _n(found: EffectEstimate, arm: str) -> int:
    return sum(cell.n for name, cell in found.cells.items() if name.startswith(arm))


def _notes(
    found: EffectEstimate,
    answered: int,
    unarmed: int,
    units: Units,
    sample: Sample,
    *,
    two_rounds: bool,
) -> list[Note]:
    notes = []
    if found.n_dropped["cluster"]:
        dropped = found.n_dropped["cluster"]
        notes.append(
            note(LEFT_OUT, answered=answered, unit=units.question, dropped=dropped, n=found.n)
        )
    if unarmed:
        notes.append(note(WITHOUT_ARM, n=unarmed))
    if units.labels is None and two_rounds:
        notes.append(note(ROWS_INDEPENDENT))
    if sample.strata is not None:
        notes.append(note(NO_STRATA))
    if units.labels is not None and found.n_clusters < FEW_CLUSTERS:
        notes.append(note(FEW))
    return notes
