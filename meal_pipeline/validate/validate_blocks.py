"""What can be said of a form's rows one block at a time, in memory.

Here: reading's verdicts, the form's own rules, and what the project asks of single rows. Each looks
at one submission alone, so what it found in a block holds as long as the block and the
declarations are the same. Not here: remembering that (`known_blocks`), suites, and what needs the
whole form (`validate_form`).

Blocks are evaluated several at a time, since a rule costs more than a row, and give the same apart
or together.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import orjson
import pandas as pd

from meal_pipeline.forms import FormUnion
from meal_pipeline.rows.failures import Blocked
from meal_pipeline.rows.form_rows import FormRows
from meal_pipeline.validate.accounts import BoolArray
from meal_pipeline.validate.derived_columns import derived_columns
from meal_pipeline.validate.design_checks import (
    design_outcomes,
    eligible_outcome,
    eligible_rows,
    round_split,
)
from meal_pipeline.validate.findings import AT, COLUMNS, FormFindings, told_by
from meal_pipeline.validate.form_frames import FormFrames, Starts
from meal_pipeline.validate.form_rules import Rule, derive_rules
from meal_pipeline.validate.lazy_frame import LazyFrame
from meal_pipeline.validate.masks import evaluate_rules
from meal_pipeline.validate.outcomes import NO_ROWS, Outcome, Positions, merged
from meal_pipeline.workspace.project import Project

CHECK = "check"
"""Beside the columns of findings: the row of `checks` that a finding belongs to."""

FINDINGS = (*COLUMNS, CHECK)
VERDICT = "verdict"

_KEY = ["frame", "rule", "question"]
_SEVERITIES = ("info", "warning", "critical")


@dataclass(frozen=True, eq=False)
class BlockResult:
    """What the checks of single rows found in a block; all in types that snapshots hold.

    `checks`: a row a check with `version` (the form version whose words it bears; `verdict` for
    what reading said, "" for what the project asks), `rule`, `repeat`, `question`, `severity`,
    `message` (JSON), `asked`, `answered`, `failed`, `reason` (JSON; missing where not blocked).
    `answered`: by `repeat` and `column` how many rows have a value.
    `rows`: `_id`, `eligible`, `critical` (a critical finding stands on it) and derived columns.
    `findings`: columns `FINDINGS`; `at` counts from the block's first row.
    """

    checks: pd.DataFrame
    answered: pd.DataFrame
    rows: pd.DataFrame
    findings: LazyFrame


def form_rules(form: FormUnion, project: Project, code: str, hidden: frozenset[str]) -> list[Rule]:
    """Give the rules of all versions of a form, a version and frame after the other."""
    rules = [
        rule
        for version in form.versions
        for rule in derive_rules(
            version,
            form,
            personal=hidden,
            same_choices=project.forms[code].same_choices,
            severities=project.validation.severity,
        )
    ]
    return sorted(rules, key=lambda rule: (rule.version, rule.repeat))


def validate_blocks(
    form: FormFrames,
    starts: Starts,
    project: Project,
    rules: Sequence[Rule],
    others: tuple[FormUnion, ...] = (),
) -> list[BlockResult]:
    """Validate blocks of a form, each row by itself; `starts` is the first row of each by frame.

    rules: all rules of the form, see `form_rules`; those of form versions with which no row of a
    block was filled say nothing of it, except for the newest. others: the project's other forms.
    """
    rows = FormRows(form.code, form.rows, form.union, others)
    eligible = eligible_rows(rows, project)
    is_eligible = np.ones(len(rows), bool) if isinstance(eligible, Blocked) else eligible
    rounds = round_split(rows, project)
    filled = set(form.rows["_version"].dropna().unique()) | {form.union.newest.version_uid}
    mine = [one for one in rules if one.version in filled and one.repeat in form.frames]
    outcomes = [
        *evaluate_rules(form.frames, form.union, mine, hidden=form.hidden, starts=starts),
        *design_outcomes(rows, project, rounds, starts[""]),
    ]
    outcomes = [one for one in outcomes if one.check.severity != "off"]
    maker = FormFindings(
        project.code,
        form.code,
        {name: LazyFrame.of(frame) for name, frame in form.frames.items()},
        hidden=form.hidden,
        not_eligible=pd.Index(form.rows["_id"][~is_eligible]),
        **told_by(form.union, project.forms[form.code]),
    )
    own = form.verdicts[form.verdicts["_id"].notna()]
    found = _joined(
        maker.of_verdicts(own, project.validation.severity), maker.of_outcomes(outcomes)
    )
    of_rows = pd.DataFrame(
        {
            "_id": form.rows["_id"],
            "eligible": is_eligible,
            "critical": _critical(form.rows, found),
            **derived_columns(rows, None if isinstance(rounds, Blocked) else rounds),
        }
    )
    listed = [eligible_outcome(rows, eligible, starts[""]), *outcomes]
    return list(_apart(form, starts, listed, found, of_rows))


def _apart(
    form: FormFrames,
    starts: Starts,
    outcomes: Sequence[Outcome],
    found: pd.DataFrame,
    of_rows: pd.DataFrame,
) -> Iterator[BlockResult]:
    """Take apart what was found in several blocks together."""
    newest = form.union.newest.version_uid
    ends = {name: [*starts[name][1:], len(frame)] for name, frame in form.frames.items()}
    block_of = _blocks_of_findings(form.rows, starts[""], found)
    for block in range(len(starts[""])):
        spans = {name: slice(starts[name][block], ends[name][block]) for name in form.frames}
        rows = form.rows[spans[""]]
        filled = {"", newest, *rows["_version"].dropna().unique()}
        mine = [_of_block(one, block) for one in outcomes if _version(one) in filled]
        findings = found[block_of == block]
        first = {name: int(starts[name][block]) for name in form.frames}
        here = of_rows[spans[""]].reset_index(drop=True)
        not_eligible = int((~here["eligible"]).sum())
        checks, findings = _checks(merged(mine), findings, form.code, not_eligible)
        offset = findings["frame"].map(lambda name: first[_repeat(form.code, name)])  # noqa: B023
        at = findings[AT]
        findings = findings.assign(at=at.where(at < 0, at - offset.astype("int64")))
        yield BlockResult(
            checks,
            _answered({name: form.frames[name][span] for name, span in spans.items()}),
            here,
            LazyFrame.of(findings.reset_index(drop=True)),
        )


def _version(outcome: Outcome) -> str:
    return outcome.check.version if isinstance(outcome.check, Rule) else ""


def _of_block(outcome: Outcome, block: int) -> Outcome:
    """Give the numbers of one block; its rows at fault are among the findings."""
    if outcome.by_block is None:
        return outcome
    asked, answered = outcome.by_block[block].tolist()
    return replace(outcome, asked=asked, answered=answered, failed=NO_ROWS, by_block=None)


def _blocks_of_findings(rows: pd.DataFrame, starts: Positions, found: pd.DataFrame) -> Positions:
    if len(starts) == 1:
        return np.zeros(len(found), dtype=np.intp)
    firsts = rows["_id"].to_numpy()[starts]
    ids = found["submission_id"].to_numpy(np.int64)
    return np.searchsorted(firsts, ids, side="right") - 1


def _checks(
    outcomes: Sequence[Outcome], findings: pd.DataFrame, form: str, not_eligible: int
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Give the frame of checks, and the findings with the row of it that each belongs to."""
    ruled = [_check_row(one) for one in outcomes]
    said = findings[findings[AT] < 0]
    verdicts = [
        _verdict_row(some.iloc[0], worst(some["severity"]), form)
        for _key, some in said.groupby(_KEY, sort=False)
    ]
    checks = pd.DataFrame(ruled + verdicts).astype(
        dict.fromkeys(("asked", "answered"), "int64") | {"reason": "str"}
    )
    is_verdict = (checks["version"] == VERDICT).to_numpy(bool)
    place = pd.MultiIndex.from_arrays(
        [_frame_names(form, checks["repeat"]), checks["rule"], checks["question"], is_verdict]
    )
    at = place.get_indexer(
        pd.MultiIndex.from_arrays([*(findings[one] for one in _KEY), findings[AT] < 0])
    )
    failed = np.bincount(at, minlength=len(checks))
    failed[0] = not_eligible  # eligibility stands first, and makes no findings
    return checks.assign(failed=failed.astype(np.int64)), findings.assign(check=at.astype(np.int64))


def _check_row(outcome: Outcome) -> dict[str, object]:
    check = outcome.check
    return {
        "version": _version(outcome),
        "rule": check.rule,
        "repeat": check.repeat,
        "question": check.question,
        "severity": check.severity,
        "message": orjson.dumps(dict(check.message)).decode(),
        "asked": outcome.asked,
        "answered": outcome.answered,
        "reason": None if outcome.blocked is None else orjson.dumps(dict(outcome.blocked)).decode(),
    }


def _verdict_row(verdict: pd.Series, severity: str, form: str) -> dict[str, object]:
    return {
        "version": VERDICT,
        "rule": verdict["rule"],
        "repeat": _repeat(form, verdict["frame"]),
        "question": verdict["question"],
        "severity": severity,
        "message": "",
        "asked": 0,
        "answered": 0,
        "reason": None,
    }


def worst(severities: "pd.Series[str] | list[str]") -> str:
    """Give the gravest of some severities."""
    return max(severities, key=_SEVERITIES.index)


def _frame_names(form: str, repeats: pd.Series) -> pd.Series:
    return pd.Series([f"{form}/{one}" if one else form for one in repeats], dtype="str")


def _repeat(form: str, frame: str) -> str:
    return frame.removeprefix(form).removeprefix("/")


def _answered(frames: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    counts = [(name, frame.count()) for name, frame in frames.items()]
    return pd.DataFrame(
        {
            "repeat": pd.Series([n for n, one in counts for _c in one.index], dtype="str"),
            "column": pd.Series([c for _n, one in counts for c in one.index], dtype="str"),
            "answered": np.concatenate([one.to_numpy(np.int64) for _n, one in counts]),
        }
    )


def _critical(rows: pd.DataFrame, found: pd.DataFrame) -> BoolArray:
    """Tell which of the form's rows have a critical finding, on themselves or in a repeat."""
    ids = found.loc[found["severity"] == "critical", "submission_id"]
    return rows["_id"].isin(ids.to_numpy(np.int64)).to_numpy(bool)


def _joined(*frames: pd.DataFrame) -> pd.DataFrame:
    return pd.concat(frames, ignore_index=True)
