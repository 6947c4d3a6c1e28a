"""What the project itself asks of a row: eligible, with a round, a weight, a stratum, a cluster.

Here: those checks on a form's own rows. Not here: what the form asks (`form_rules`).

A form is checked for the sampling design and the round when an indicator is measured on it. What
stands in another form of the project is not asked of this one.
"""

from collections.abc import Iterator

import numpy as np
import pandas as pd

from meal_pipeline.expressions import compile_expression
from meal_pipeline.locale import mark
from meal_pipeline.rows.assignments import rounds_of
from meal_pipeline.rows.evaluation import compiled
from meal_pipeline.rows.failures import Blocked, attempt
from meal_pipeline.rows.form_rows import FormRows, declared_at
from meal_pipeline.rows.split import Split
from meal_pipeline.validate.conditions import BoolArray
from meal_pipeline.validate.outcomes import Check, Outcome, Positions, counted, severity_of
from meal_pipeline.validate.sentences import sentences
from meal_pipeline.workspace.drift import drift, refuse
from meal_pipeline.workspace.project import NOT_STATED, Project

MISSING = "design.missing"
CLUSTER_MISSING = "design.cluster_missing"
ELIGIBLE = "project.eligible"

NO_WEIGHT = mark("The sampling weight is missing or not above zero.")
NO_STRATUM = mark("The stratum is missing.")
NO_CLUSTER = mark("The cluster is missing; the row counts as a cluster of its own.")
NO_ROUND = mark("The row belongs to none of the project's rounds.")
NOT_ELIGIBLE = mark("The row is not eligible as the project declares it.")


def eligible_rows(rows: FormRows, project: Project) -> BoolArray | Blocked:
    """Tell which rows are eligible; all where the project does not say.

    False and empty both mean not eligible. Blocked where the expression cannot be evaluated, or
    names what the newest version of the form no longer has.
    """
    text = project.forms[rows.code].eligible
    if text is None:
        return np.ones(len(rows), dtype=np.bool_)

    def evaluate() -> BoolArray:
        key = f"forms.{rows.code}.eligible"
        if rows.form is not None:
            refuse(one for one in drift(project, {rows.code: rows.form}) if one.key == key)
        with declared_at(key):
            return compiled(text, rows).holds(rows.frame).to_numpy(np.bool_)

    return attempt("eligible", rows.code, evaluate)


def eligible_outcome(
    rows: FormRows, eligible: BoolArray | Blocked, starts: Positions | None = None
) -> Outcome:
    """Give eligibility as an outcome, to be listed with its numbers; it makes no findings."""
    check = Check(ELIGIBLE, "", "", "info", sentences(NOT_ELIGIBLE))
    if isinstance(eligible, Blocked):
        return Outcome(check, blocked=dict(eligible.sentences))
    everyone = np.arange(len(rows), dtype=np.intp)
    return counted(check, everyone, everyone, everyone[~eligible], starts)


def round_split(rows: FormRows, project: Project) -> Split | Blocked:
    """Split the rows by round, or say why that cannot be done."""
    return attempt("round", rows.code, lambda: rounds_of(rows, project))


def design_outcomes(
    rows: FormRows,
    project: Project,
    rounds: Split | Blocked,
    starts: Positions | None = None,
) -> Iterator[Outcome]:
    """Check the round and the sampling design of a form on which indicators are measured.

    `starts`: the first row of each block, to count by block, too.
    """
    if not any(one.form == rows.code for one in project.indicators.values()):
        return
    if project.rounds is not None:
        named = sorted(_references(project.rounds.expression))
        question = named[0] if len(named) == 1 else ""
        check = _check(project, MISSING, question, NO_ROUND)
        if isinstance(rounds, Blocked):
            yield Outcome(check, blocked=dict(rounds.sentences))
        elif rounds.labels != ("",):
            everyone, lost = np.arange(len(rows), dtype=np.intp), rounds.part(NOT_STATED)
            yield counted(check, everyone, everyone[~lost], everyone[lost], starts)
    for key, rule, message in (
        ("weights", MISSING, NO_WEIGHT),
        ("strata", MISSING, NO_STRATUM),
        ("clusters", CLUSTER_MISSING, NO_CLUSTER),
    ):
        name = getattr(project.design, key)
        if name is not None and not rows.asked_elsewhere([name]):
            yield _answered(rows, key, name, _check(project, rule, name, message), starts)


def _answered(
    rows: FormRows, key: str, question: str, check: Check, starts: Positions | None
) -> Outcome:
    def answers() -> pd.Series:
        with declared_at(f"design.{key}"):
            return rows.answers(question)

    found = attempt("rule", check.rule, answers)
    if isinstance(found, Blocked):
        return Outcome(check, blocked=dict(found.sentences))
    given = found.notna().to_numpy(np.bool_)
    good = given
    if key == "weights":
        numbers = pd.to_numeric(found, errors="coerce").to_numpy(np.float64, na_value=np.nan)
        good = numbers > 0
    everyone = np.arange(len(rows), dtype=np.intp)
    return counted(check, everyone, everyone[given], everyone[~good], starts)


def _check(project: Project, rule: str, question: str, message: str) -> Check:
    severity = severity_of(rule, question, project.validation.severity)
    return Check(rule, "", question, severity, sentences(message))


def _references(text: str) -> set[str]:
    found = attempt("round", "", lambda: set(compile_expression(text).references))
    return set() if isinstance(found, Blocked) else found
