"""One form's rows against everything that is declared of them, in memory.

Here: the order of the checks and what they mean together for each row. Not here: the checks
themselves, reading and writing.

Order: what reading said and what the form states; what the project asks; then the suites, so that
of rows that repeat each other the first that otherwise counts is kept; then each row's account.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from meal_pipeline.forms import FormUnion
from meal_pipeline.rows.failures import Blocked
from meal_pipeline.rows.form_rows import FormRows
from meal_pipeline.validate.accounts import Account, BoolArray, account
from meal_pipeline.validate.derived_columns import derived_columns, question_of_type
from meal_pipeline.validate.design_checks import (
    design_outcomes,
    eligible_outcome,
    eligible_rows,
    round_split,
)
from meal_pipeline.validate.findings import FormFindings, Row
from meal_pipeline.validate.form_frames import FormFrames
from meal_pipeline.validate.form_rules import derive_rules
from meal_pipeline.validate.masks import evaluate_rules
from meal_pipeline.validate.outcomes import Outcome, merged
from meal_pipeline.validate.report import RuleResult
from meal_pipeline.validate.suite_files import Suite
from meal_pipeline.validate.suites import SuiteRun, run_suites
from meal_pipeline.workspace.project import Project


@dataclass(frozen=True, eq=False)
class FormValidation:
    """What validating a form gave: outcomes a rule, findings, and which rows are valid.

    `checked` are the frames as suites saw them (with derived columns), by repeat.
    """

    outcomes: list[Outcome]
    findings: list[Row]
    account: Account
    valid: BoolArray
    results: list[RuleResult]
    blocked: list[Blocked]
    checked: Mapping[str, pd.DataFrame]


def validate_form(
    form: FormFrames,
    project: Project,
    suites: Sequence[Suite],
    others: tuple[FormUnion, ...] = (),
) -> FormValidation:
    """Validate one form. `others` are the project's other forms, `suites` those that run on it."""
    rows = FormRows(form.code, form.rows, form.union, others)
    severities = project.validation.severity
    eligible = eligible_rows(rows, project)
    is_eligible = np.ones(len(rows), bool) if isinstance(eligible, Blocked) else eligible
    rounds = round_split(rows, project)
    form_outcomes = [
        *(one for one in _form_outcomes(form, project)),
        *design_outcomes(rows, project, rounds),
    ]
    form_outcomes = [one for one in form_outcomes if one.check.severity != "off"]
    derived = derived_columns(rows, None if isinstance(rounds, Blocked) else rounds)
    maker = FormFindings(project.code, form, pd.Index(form.rows["_id"][~is_eligible]), derived)
    found = [*maker.of_verdicts(severities), *maker.of_outcomes(form_outcomes)]
    order = _order(form.rows, ~is_eligible | _critical(form, found))
    checked = {"": form.rows.assign(**derived), **{n: f for n, f in form.frames.items() if n}}
    suite_outcomes = _suite_outcomes(form, project, suites, checked, order)
    found += maker.of_outcomes(suite_outcomes)
    counted, valid = account(form.pulled, is_eligible, _critical(form, found))
    outcomes = merged([*form_outcomes, *suite_outcomes])
    listed = [eligible_outcome(rows, eligible), *outcomes]
    results = [_result(form, one) for one in listed] + _verdict_results(form, found)
    return FormValidation(
        outcomes, found, counted, valid, results, _blocked(form, project, results), checked
    )


def _form_outcomes(form: FormFrames, project: Project) -> list[Outcome]:
    filled_with = {*form.rows["_version"].dropna().unique(), form.union.newest.version_uid}
    rules = [
        rule
        for version in form.union.versions
        if version.version_uid in filled_with
        for rule in derive_rules(
            version,
            form.union,
            personal=form.hidden,
            same_choices=form.form.same_choices,
            severities=project.validation.severity,
        )
        if rule.repeat in form.frames
    ]
    rules.sort(key=lambda rule: (rule.version, rule.repeat))
    return evaluate_rules(form.frames, form.union, rules, hidden=form.hidden)


def _suite_outcomes(
    form: FormFrames,
    project: Project,
    suites: Sequence[Suite],
    checked: Mapping[str, pd.DataFrame],
    order: np.ndarray,
) -> list[Outcome]:
    """Run the suites of each frame; one for a frame that the form has not is blocked whole."""
    placeholders = _placeholders(form, project)
    outcomes: list[Outcome] = []
    for repeat in dict.fromkeys(suite.frame for suite in suites):
        mine = [suite for suite in suites if suite.frame == repeat]
        run = SuiteRun(
            form.code,
            repeat,
            checked.get(repeat),
            placeholders,
            project.validation.severity,
            None if repeat else order,
            tuple(checked),
        )
        outcomes += run_suites(mine, run)
    return outcomes


def _placeholders(form: FormFrames, project: Project) -> dict[str, str | None]:
    """Give the columns that placeholders stand for; None where the project names no question."""
    named = {"subject": form.form.subject, **project.design.model_dump(exclude={"singleton"})}
    known = {column.name: column.name for column in form.union.columns}
    for column in form.union.columns:
        for question in column.questions.values():
            known.setdefault(question.name, column.name)
            known.setdefault(question.path, column.name)
    times = {kind: question_of_type(form.union, form.rows, kind) for kind in ("start", "end")}
    return {key: known.get(name, name) if name else None for key, name in named.items()} | times


def _order(rows: pd.DataFrame, out: BoolArray) -> np.ndarray:
    """Rank rows: those that count before those that do not, then by time of submission."""
    submitted = rows["_submission_time"].to_numpy()
    by_rank = np.lexsort((rows["_id"].to_numpy(), submitted, out))
    ranks = np.empty(len(rows), dtype=np.intp)
    ranks[by_rank] = np.arange(len(rows), dtype=np.intp)
    return ranks


def _critical(form: FormFrames, found: Sequence[Row]) -> BoolArray:
    """Tell which of the form's rows have a critical finding, on themselves or in a repeat."""
    ids = {one["submission_id"] for one in found if one["severity"] == "critical"}
    return form.rows["_id"].isin(ids - {None}).to_numpy(bool)


def _result(form: FormFrames, outcome: Outcome) -> RuleResult:
    check = outcome.check
    return RuleResult(
        form.code,
        form.frame_name(check.repeat),
        check.rule,
        check.question,
        check.severity,
        outcome.asked,
        outcome.answered,
        outcome.rows_failed,
        outcome.blocked,
    )


def _verdict_results(form: FormFrames, found: Sequence[Row]) -> list[RuleResult]:
    """Count what reading said, a rule and question; asked is every row of the frame."""
    counts: dict[tuple[str, str, str], list[Row]] = {}
    for one in found:
        if one["rule"].startswith(("read.", "personal.")) and one["submission_id"] is not None:
            counts.setdefault((one["frame"], one["rule"], one["question"]), []).append(one)
    results = []
    for (frame, rule, question), some in counts.items():
        rows = form.frames[frame.removeprefix(form.code).removeprefix("/")]
        answered = len(rows)
        if question in rows.columns:
            answered = int(rows[question].notna().sum())
            if rule == "read.unreadable":
                answered += len(some)  # they were answered, but are missing among the values
        worst = max((one["severity"] for one in some), key=("info", "warning", "critical").index)
        results.append(
            RuleResult(form.code, frame, rule, question, worst, len(rows), answered, len(some))
        )
    return results


def _blocked(form: FormFrames, project: Project, results: Sequence[RuleResult]) -> list[Blocked]:
    """Name what is blocked: each rule; without eligibility every indicator of the form, too."""
    found = []
    for one in results:
        if one.reason is None:
            continue
        place = ":".join(part for part in (one.frame, one.rule, one.question) if part)
        because = Blocked("rule", place, tuple(one.reason.items()))
        found.append(because)
        if one.rule == "project.eligible":
            mine = {code for code, it in project.indicators.items() if it.form == form.code}
            found += [because.about("indicator", code) for code in sorted(mine)]
            found += [
                because.about("comparison", code)
                for code, it in project.comparisons.items()
                if it.indicator in mine
            ]
    return found
