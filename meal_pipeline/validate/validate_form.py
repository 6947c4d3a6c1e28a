"""One form's rows against everything that is declared of them.

Here: what the results of its blocks, its checks of fieldwork, its suites and reading's verdicts on
the whole form mean together for each row. Not here: the checks themselves, reading and writing.

Order: what reading said and what the form states; what the project asks; fieldwork; then the
suites, so that of rows that repeat each other the first that otherwise counts is kept; then each
row's account.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np
import orjson
import pandas as pd

from meal_pipeline.forms import FormUnion
from meal_pipeline.rows.failures import Blocked
from meal_pipeline.validate.accounts import Account, BoolArray, account
from meal_pipeline.validate.derived_columns import question_of_type
from meal_pipeline.validate.design_checks import ELIGIBLE
from meal_pipeline.validate.fieldwork.interviews import Interviews
from meal_pipeline.validate.fieldwork.registry import BY_CODE, CHECKS, fieldwork_outcomes
from meal_pipeline.validate.findings import FormFindings, told_by
from meal_pipeline.validate.form_frames import FormFrames, WholeForm
from meal_pipeline.validate.form_rules import Rule
from meal_pipeline.validate.lazy_frame import LazyFrame
from meal_pipeline.validate.outcomes import Check, Outcome
from meal_pipeline.validate.report import RuleResult
from meal_pipeline.validate.suite_files import Suite
from meal_pipeline.validate.suites import SuiteRun, run_suites
from meal_pipeline.validate.validate_blocks import (
    CHECK,
    VERDICT,
    BlockResult,
    form_rules,
    validate_blocks,
    worst,
)
from meal_pipeline.workspace.fates import Fates
from meal_pipeline.workspace.project import Project

_OWN = ("_id", "eligible", "critical")
_KEEPS_ONE = "HFC02"
"""The check of fieldwork that comes last: it keeps the row that otherwise counts."""

OtherForm = Callable[[str], WholeForm | None]
"""Gives another form of the project by its code; None where it was not read."""


@dataclass(frozen=True, eq=False)
class FormValidation:
    """What validating a form gave: outcomes a rule, findings, and which rows are valid.

    `ids` are the submissions' `_id` and `valid` tells of each whether it counts. `blocks` are the
    results of the form's blocks, `beside` the findings of suites and on the form as a whole.
    `checked` are the frames as suites saw them (with derived columns), by repeat.
    """

    outcomes: list[Outcome]
    blocks: list[BlockResult]
    beside: pd.DataFrame
    account: Account
    ids: "pd.Series[int]"
    valid: BoolArray
    results: list[RuleResult]
    blocked: list[Blocked]
    checked: Mapping[str, LazyFrame]

    @property
    def findings(self) -> pd.DataFrame:
        """All findings, with the columns `findings.COLUMNS`."""
        return self.findings_of(range(len(self.blocks)))

    def findings_of(self, blocks: Sequence[int]) -> pd.DataFrame:
        """Give the findings of some blocks, by their number, and those beside all blocks."""
        columns = self.beside.columns
        found = [self.blocks[one].findings.frame(columns) for one in blocks]
        return pd.concat([*found, self.beside], ignore_index=True)


def validate_form(
    form: FormFrames,
    project: Project,
    suites: Sequence[Suite],
    others: tuple[FormUnion, ...] = (),
    beside: Mapping[str, FormFrames] | None = None,
) -> FormValidation:
    """Validate a form in memory. `others` are the project's other forms, `suites` its own.

    `beside`: rows of other forms, which checks of fieldwork may look at.
    """
    whole = form.whole()
    rules = form_rules(form.union, project, form.code, form.hidden)
    blocks = validate_blocks(form, whole.starts, project, rules, others)
    rows_of = {code: one.whole() for code, one in (beside or {}).items()}
    return judge_form(whole, blocks, project, rules, suites, other=rows_of.get)


def judge_form(
    form: WholeForm,
    blocks: list[BlockResult],
    project: Project,
    rules: Sequence[Rule],
    suites: Sequence[Suite],
    *,
    accepted: frozenset[str] = frozenset(),
    removed: int = 0,
    other: OtherForm,
) -> FormValidation:
    """Run what needs the whole of a form whose blocks were validated by `rules`; judge each row.

    accepted: ids of findings that keep no row out. removed: submissions taken out of the frames.
    """
    rows = pd.concat([one.rows for one in blocks], ignore_index=True)
    eligible, critical = (rows[one].to_numpy(bool) for one in ("eligible", "critical"))
    critical = critical & ~rows["_id"].isin(_only_accepted(blocks, accepted)).to_numpy(bool)
    derived = {str(name): column for name, column in rows.items() if name not in _OWN}
    checked = {**form.frames, "": form.frames[""].with_columns(derived)}
    maker = FormFindings(
        project.code,
        form.code,
        checked,
        hidden=form.hidden,
        not_eligible=pd.Index(rows["_id"][~eligible]),
        **told_by(form.union, form.form),
    )
    fieldwork, of_fieldwork = _fieldwork(
        Interviews.of(form, project, checked[""], eligible, other), critical, maker, accepted
    )
    critical = critical | _kept_out(rows["_id"], of_fieldwork, accepted)
    order = _order(form.frames[""], ~eligible | critical) if suites else None
    suite_outcomes = _suite_outcomes(form, project, suites, checked, order)
    beside = pd.concat(
        [
            maker.of_verdicts(form.verdicts, project.validation.severity),
            of_fieldwork,
            maker.of_outcomes(suite_outcomes),
        ],
        ignore_index=True,
    )
    critical = critical | _kept_out(rows["_id"], beside, accepted)
    counted, valid = account(form.pulled, eligible, critical, removed)
    listed = [*_row_outcomes(form, blocks, rules), *fieldwork, *suite_outcomes]
    results = [_result(form, one) for one in listed] + list(_verdict_results(form, blocks))
    outcomes = [one for one in listed if one.check.rule != ELIGIBLE and not one.is_notice]
    blocked = _blocked(form, project, results)
    return FormValidation(
        outcomes, blocks, beside, counted, rows["_id"], valid, results, blocked, checked
    )


def _keeps_out(findings: pd.DataFrame, accepted: frozenset[str]) -> "pd.Series[bool]":
    """Tell which findings keep their row out: critical ones that nobody accepted."""
    return (findings["severity"] == "critical") & ~findings["finding_id"].isin(accepted)


def _only_accepted(blocks: Sequence[BlockResult], accepted: frozenset[str]) -> set[int]:
    """Give the submissions whose critical findings, as blocks found them, are all accepted."""
    free: set[int] = set()
    for block in blocks if accepted else ():
        found = block.findings.frame(["finding_id", "submission_id", "severity"])
        here = set(found.loc[found["finding_id"].isin(accepted), "submission_id"].tolist())
        free |= here - set(found.loc[_keeps_out(found, accepted), "submission_id"].tolist())
    return free


def _row_outcomes(
    form: WholeForm, blocks: Sequence[BlockResult], rules: Sequence[Rule]
) -> list[Outcome]:
    """Join what blocks found of single rows: one outcome a check, in the order of the first."""
    by_name = {(one.version, one.rule, one.repeat, one.question): one for one in rules}
    failed = _rows_at_fault(form, blocks)
    joined: dict[tuple[str, str, str], list[Any]] = {}
    for block in blocks:
        checks = block.checks[block.checks["version"] != VERDICT]
        for row in checks.astype(object).where(checks.notna(), None).to_dict("records"):
            joined.setdefault((row["rule"], row["repeat"], row["question"]), []).append(row)
    outcomes = []
    for key, some in joined.items():
        newest = max(some, key=lambda row: row["version"])
        check: Check | None = by_name.get((newest["version"], *key))
        if check is None:
            message = orjson.loads(newest["message"])
            check = Check(*key, newest["severity"], message)
        reasons = [row["reason"] for row in some if row["reason"] is not None]
        outcomes.append(
            Outcome(
                check,
                sum(row["asked"] for row in some),
                sum(row["answered"] for row in some),
                np.sort(np.concatenate(failed.get(key, [np.empty(0, dtype=np.intp)]))),
                orjson.loads(reasons[0]) if reasons else None,
            )
        )
    return outcomes


def _rows_at_fault(
    form: WholeForm, blocks: Sequence[BlockResult]
) -> dict[tuple[str, str, str], list[np.ndarray]]:
    """Give the rows of the whole frame that each check found, by rule, repeat and question."""
    found: dict[tuple[str, str, str], list[np.ndarray]] = {}
    for number, block in enumerate(blocks):
        checks = block.checks
        keys = list(zip(checks["rule"], checks["repeat"], checks["question"], strict=True))
        of_rules = (checks["version"] != VERDICT).to_numpy(bool)
        at = block.findings.column("at").to_numpy(np.intp)
        check = block.findings.column(CHECK).to_numpy(np.intp)
        order = np.argsort(check, kind="stable")
        ends = np.searchsorted(check[order], np.arange(len(keys) + 1))
        for place, key in enumerate(keys):
            start = form.starts[key[1]][number]
            if key[0] == ELIGIBLE:
                rows = np.flatnonzero(~block.rows["eligible"].to_numpy(bool))
            elif of_rules[place]:
                rows = at[order[ends[place] : ends[place + 1]]]
            else:
                continue
            found.setdefault(key, []).append(rows + start)
    return found


def _fieldwork(
    interviews: Interviews | None,
    critical: BoolArray,
    maker: FormFindings,
    accepted: frozenset[str],
) -> tuple[list[Outcome], pd.DataFrame]:
    """Run the checks of fieldwork, where the form has any; give what they found, and its findings.

    `critical` are the rows that are out already.
    """
    if interviews is None:
        return [], maker.of_outcomes([])
    outcomes = fieldwork_outcomes(interviews, [one for one in CHECKS if one.code != _KEEPS_ONE])
    found = maker.of_outcomes(outcomes)
    rows = interviews.form.frames[""]
    out = critical | _kept_out(rows.column("_id"), found, accepted) | ~interviews.eligible
    last = fieldwork_outcomes(replace(interviews, order=_order(rows, out)), [BY_CODE[_KEEPS_ONE]])
    joined = pd.concat([found, maker.of_outcomes(last)], ignore_index=True)
    return outcomes + last, joined


def _kept_out(ids: "pd.Series[int]", findings: pd.DataFrame, accepted: frozenset[str]) -> BoolArray:
    """Tell which rows some findings keep out."""
    worse = findings.loc[_keeps_out(findings, accepted), "submission_id"].dropna()
    return ids.isin(worse.to_numpy(np.int64)).to_numpy(bool)


def _suite_outcomes(
    form: WholeForm,
    project: Project,
    suites: Sequence[Suite],
    checked: Mapping[str, LazyFrame],
    order: np.ndarray | None,
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
            partial(Fates(form.code, form.union, form.form).of_column, repeat=repeat or None),
        )
        outcomes += run_suites(mine, run)
    return outcomes


def _placeholders(form: WholeForm, project: Project) -> dict[str, str | None]:
    """Give the columns that placeholders stand for; None where the project names no question."""
    named = {"subject": form.form.subject, **project.design.model_dump(exclude={"singleton"})}
    known = {column.name: column.name for column in form.union.columns}
    for column in form.union.columns:
        for question in column.questions.values():
            known.setdefault(question.name, column.name)
            known.setdefault(question.path, column.name)
    times = {kind: question_of_type(form.union, form.frames[""], kind) for kind in ("start", "end")}
    return {key: known.get(name, name) if name else None for key, name in named.items()} | times


def _order(rows: LazyFrame, out: BoolArray) -> np.ndarray:
    """Rank rows: those that count before those that do not, then by time of submission."""
    submitted = rows.column("_submission_time").to_numpy("datetime64[us]")
    by_rank = np.lexsort((rows.column("_id").to_numpy(), submitted, out))
    ranks = np.empty(len(rows), dtype=np.intp)
    ranks[by_rank] = np.arange(len(rows), dtype=np.intp)
    return ranks


def _result(form: WholeForm, outcome: Outcome) -> RuleResult:
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


def _verdict_results(form: WholeForm, blocks: Sequence[BlockResult]) -> Iterator[RuleResult]:
    """Count what reading said, a rule and question; asked is every row of the frame."""
    said = pd.concat([one.checks for one in blocks], ignore_index=True)
    shown = said["rule"].str.startswith(("read.", "personal."))
    said = said[(said["version"] == VERDICT) & shown]
    values = pd.concat([one.answered for one in blocks], ignore_index=True)
    answered_in = values.groupby(["repeat", "column"])["answered"].sum().to_dict()
    for _key, some in said.groupby(["repeat", "rule", "question"], sort=False):
        repeat, rule, question = (str(some[one].iloc[0]) for one in ("repeat", "rule", "question"))
        rows, failed = len(form.frames[repeat]), int(some["failed"].sum())
        answered = rows
        if (repeat, question) in answered_in:
            answered = int(answered_in[repeat, question])
            if rule == "read.unreadable":
                answered += failed  # they were answered, but are missing among the values
        frame, severity = form.frame_name(repeat), worst(some["severity"])
        yield RuleResult(form.code, frame, rule, question, severity, rows, answered, failed)


def _blocked(form: WholeForm, project: Project, results: Sequence[RuleResult]) -> list[Blocked]:
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
