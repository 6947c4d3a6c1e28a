"""Validate a project: its rows as read to findings, accounts and the snapshot of valid rows.

Here: reading what is needed, writing the results at once, and doing nothing when nothing changed.
Not here: the checks and their order (`validate_form`).
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

import orjson
import pandas as pd
from sqlalchemy import Connection, func, select

from meal_pipeline.errors import MealError
from meal_pipeline.forms import FormUnion
from meal_pipeline.locale import gettext as _
from meal_pipeline.rows.failures import Blocked, attempt, record_blocked
from meal_pipeline.rows.loading import forms_of
from meal_pipeline.store import Clock, PartRef, Snapshot, SnapshotUnknown, Store
from meal_pipeline.store.figures import replace_where_different
from meal_pipeline.store.tables.collect import pulls
from meal_pipeline.store.tables.validate import blocks, findings, row_accounts, rule_results
from meal_pipeline.validate.accounts import Account, Pull, gate
from meal_pipeline.validate.decisions import decisions_of, note_applied
from meal_pipeline.validate.definition import rows_hash, validation_hash
from meal_pipeline.validate.finding_store import Life, Span, store_findings
from meal_pipeline.validate.findings import Row, records
from meal_pipeline.validate.form_frames import WholeForm, whole_form
from meal_pipeline.validate.known_blocks import block_results, changed_blocks
from meal_pipeline.validate.overlay import overlay
from meal_pipeline.validate.report import RuleResult, ValidateReport
from meal_pipeline.validate.suite_files import Suite, read_suite
from meal_pipeline.validate.valid_rows import valid_parts
from meal_pipeline.validate.validate_blocks import form_rules
from meal_pipeline.validate.validate_form import FormValidation, judge_form
from meal_pipeline.workspace.drift import drift, refuse, stopped
from meal_pipeline.workspace.faults import did_you_mean
from meal_pipeline.workspace.project import Project

STAGE = "validate"


class NothingRead(MealError):
    """The project's submissions were not read yet."""


class SuiteUnknown(MealError):
    """A project names a suite that is not there."""


def validate_project(
    store: Store,
    project: Project,
    *,
    suites: Sequence[Path],
    clock: Clock,
    snapshot_id: str | None = None,
    data_docs: Path | None = None,
    progress: Callable[[str], None] | None = None,
) -> ValidateReport:
    """Validate the rows of a project and let the results be what holds now.

    Corrections with both signatures are laid over the rows first; findings that a person accepted
    keep no row out.

    suites: the suite files there are; `project.validation.suites` says by name which run on which
    form. snapshot_id: a read snapshot; None for the one that holds now. data_docs: a folder for the
    site of results, one folder a project in it. progress: called with each form's code.

    When rows and checks are those of the snapshot that holds, nothing is evaluated and nothing
    written, except that the gate looks at the last pulls again. Writes findings, rule_results,
    row_accounts and blocks in one transaction, after the snapshot of valid rows.

    Raises NothingRead, SnapshotUnknown or SnapshotDamaged. Everything else that is wrong with
    declarations is blocked by name in the report, and the rest runs.
    """
    read = _read_snapshot(store, project, snapshot_id)
    decisions = decisions_of(store, project, settle=snapshot_id is None)
    forms = {code: one for code, one in forms_of(store, project).items() if code in read.frames}
    used = [path for path in suites if path.stem in _named_suites(project)]
    made_of = {
        "read": read.snapshot_id,
        "checks": validation_hash(project, forms, used),
        **decisions.parents,
    }
    docs = None if data_docs is None else data_docs / project.code / "index.html"
    held = store.snapshots.latest(project.code, STAGE)
    same = held is not None and _made_of(held) == made_of and _is_written(store, held, forms)
    if held is not None and same and (docs is None or docs.exists()):
        return _unchanged(store, project, held, forms, docs)
    before = _compared_with(store, held, made_of, forms)
    rows = overlay(store, project, read, forms, decisions, clock=clock)
    if rows.snapshot is not read:
        made_of["correct"] = rows.snapshot.snapshot_id
    definition = rows_hash(project, forms)
    loaded, blocked = _suites(project, suites)
    blocked += rows.blocked
    made_at = clock()
    shown: list[Any] = []
    found: dict[str, FormValidation] = {}
    frames: dict[str, list[PartRef]] = {}
    for code, union in forms.items():
        if progress:
            progress(code)
        form = whole_form(rows.snapshot, project, code, union)
        mine = [loaded[one] for one in project.validation.suites.get(code, []) if one in loaded]
        rules = form_rules(union, project, code, form.hidden)
        results = block_results(
            store, rows.snapshot, project, code, forms=forms, rules=rules, definition=definition
        )
        done = judge_form(
            form,
            results,
            project,
            rules,
            mine,
            accepted=decisions.accepted,
            removed=rows.removed.get(code, 0),
            other=partial(_other, rows.snapshot, project, forms),
        )
        frames.update(valid_parts(store, rows.snapshot, form, pd.Index(done.ids[done.valid])))
        if docs is not None:
            shown += _suite_results(project.code, code, done, made_at)
        found[code] = replace(done, checked={})  # one form's rows at a time
    if docs is not None:
        _write_docs(docs.parent, project.code, shown, made_at)
    snapshot = store.snapshots.save(project.code, STAGE, frames, made_of, clock)
    accounts = {code: one.account for code, one in found.items()}
    blocked += [one for form in found.values() for one in form.blocked]
    blocked = _with_drift(blocked, project, forms)
    rule_rows = [one for form in found.values() for one in form.results]
    with store.write() as connection:
        store_findings(
            connection,
            project.code,
            *_changed(rows.snapshot, before, found),
            snapshot_id=read.snapshot_id,
            now=made_at,
            life=Life(
                decisions.accepted,
                decisions.corrected,
                {code: frozenset(one.ids.tolist()) for code, one in found.items()},
            ),
        )
        note_applied(connection, decisions, rows.left_out, snapshot.snapshot_id)
        _write_rules(connection, project.code, snapshot.snapshot_id, rule_rows)
        blocked += _gate(connection, project, accounts)
        record_blocked(connection, project.code, STAGE, blocked)
        _write_accounts(connection, snapshot, accounts)
        open_findings = _open_findings(connection, project.code)
    return ValidateReport(
        project.code,
        snapshot.snapshot_id,
        read.snapshot_id,
        True,
        accounts,
        open_findings,
        tuple(rule_rows),
        tuple(blocked),
        docs,
    )


def _other(
    read: Snapshot, project: Project, forms: Mapping[str, FormUnion], code: str
) -> WholeForm | None:
    return whole_form(read, project, code, forms[code]) if code in forms else None


def _read_snapshot(store: Store, project: Project, snapshot_id: str | None) -> Snapshot:
    if snapshot_id is not None:
        return store.snapshots.open(project.code, snapshot_id)
    found = store.snapshots.latest(project.code, "read")
    if found is None:
        raise NothingRead(
            _("The submissions of project {project} were not read yet.").format(
                project=project.code
            ),
            next_step=f"meal run {project.code}",
        )
    return found


def _made_of(held: Snapshot) -> dict[str, str]:
    """Give what a validated snapshot was made of, without what follows from it."""
    return {name: one for name, one in held.parents.items() if name != "correct"}


def _compared_with(
    store: Store, held: Snapshot | None, made_of: Mapping[str, str], forms: Iterable[str]
) -> Snapshot | None:
    """Give the read snapshot of which the tables speak, if they were made with the same checks."""
    if held is None or held.parents["checks"] != made_of["checks"]:
        return None
    if not _is_written(store, held, forms):
        return None
    try:
        rows = held.parents.get("correct", held.parents["read"])
        return store.snapshots.open(held.project, rows)
    except SnapshotUnknown:
        return None


def _changed(
    read: Snapshot, before: Snapshot | None, found: Mapping[str, FormValidation]
) -> tuple[list[Row], list[Span] | None]:
    """Give the findings to look at, and of which submissions they are; None for all."""
    changes = {code: changed_blocks(read, before, code) for code in found}
    spans = [some for _blocks, some in changes.values()]
    if any(some is None for some in spans):
        changes = {code: changed_blocks(read, None, code) for code in found}
    rows = [
        {**row, "form": code}
        for code, (blocks, _spans) in changes.items()
        for row in records(found[code].findings_of(blocks))
    ]
    if any(some is None for some in spans):
        return rows, None
    return rows, [one for some in spans for one in some or ()]


def _named_suites(project: Project) -> set[str]:
    return {name for names in project.validation.suites.values() for name in names}


def _suites(project: Project, paths: Sequence[Path]) -> tuple[dict[str, Suite], list[Blocked]]:
    """Read the suites that the project names; those that cannot be read are blocked."""
    by_name = {path.stem: path for path in paths}
    good: dict[str, Suite] = {}
    blocked = []
    for name in sorted(_named_suites(project)):
        found = attempt("suite", name, lambda name=name: _suite(by_name, name))  # type: ignore[misc]
        if isinstance(found, Blocked):
            blocked.append(found)
        else:
            good[name] = found
    return good, blocked


def _suite(by_name: Mapping[str, Path], name: str) -> Suite:
    if name not in by_name:
        raise SuiteUnknown(
            _("validation.suites names {name}, but there is no such suite.").format(name=name),
            next_step=did_you_mean(name, sorted(by_name)),
        )
    return read_suite(by_name[name])


def _with_drift(
    blocked: Iterable[Blocked], project: Project, forms: Mapping[str, FormUnion]
) -> list[Blocked]:
    """Add what the newest versions of the forms break; that is then the reason, and no other."""
    drifted = [
        attempt(kind, code, partial(refuse, [one]))
        for (kind, code), one in stopped(project, drift(project, forms)).items()
    ]
    found = [one for one in drifted if isinstance(one, Blocked)]
    named = {(one.kind, one.subject) for one in found}
    return [*(one for one in blocked if (one.kind, one.subject) not in named), *found]


def _gate(
    connection: Connection, project: Project, accounts: Mapping[str, Account]
) -> list[Blocked]:
    last: dict[str, Pull | None] = dict.fromkeys(project.forms)
    asked = (
        select(pulls.c.form, pulls.c.complete, pulls.c.rows_held, pulls.c.rows_on_server)
        .where(pulls.c.project == project.code, pulls.c.form.in_(list(project.forms)))
        .order_by(pulls.c.started_at, pulls.c.pull_id)
    )
    for row in connection.execute(asked):
        last[row.form] = Pull(bool(row.complete), row.rows_held, row.rows_on_server)
    return gate(project.code, accounts, last, project.limits.quarantined_percent)


def _write_rules(
    connection: Connection, project: str, snapshot_id: str, rules: Iterable[RuleResult]
) -> None:
    rows = [
        {
            "project": project,
            "form": one.form,
            "rule": one.rule,
            "question": one.place,
            "severity": one.severity,
            "outcome": one.outcome,
            "reason": None if one.reason is None else _json(one.reason),
            "rows_asked": one.asked,
            "rows_answered": one.answered,
            "rows_failed": one.failed,
            "snapshot_id": snapshot_id,
        }
        for one in rules
    ]
    replace_where_different(connection, rule_results, rows, {"project": project})


def _write_accounts(
    connection: Connection, snapshot: Snapshot, accounts: Mapping[str, Account]
) -> None:
    mine = {"project": snapshot.project, "snapshot_id": snapshot.snapshot_id}
    rows = [
        {
            **mine,
            "form": form,
            "read_snapshot_id": snapshot.parents["read"],
            "pulled": one.pulled,
            "valid": one.valid,
            "not_eligible": one.not_eligible,
            "quarantined": one.quarantined,
            "removed": one.removed,
        }
        for form, one in accounts.items()
    ]
    replace_where_different(connection, row_accounts, rows, mine)


def _open_findings(connection: Connection, project: str) -> dict[str, int]:
    counted = connection.execute(
        select(findings.c.severity, func.count())
        .where(findings.c.project == project, findings.c.status == "open")
        .group_by(findings.c.severity)
    )
    counts = {str(severity): int(count) for severity, count in counted}
    return {severity: counts.get(severity, 0) for severity in ("critical", "warning", "info")}


def _is_written(store: Store, held: Snapshot, forms: Iterable[str]) -> bool:
    """Tell whether the tables speak of this snapshot; not after a kill before they were written."""
    said = rule_results.c
    asked = select(said.form, said.snapshot_id).where(said.project == held.project).distinct()
    with store.read() as connection:
        written = {tuple(row) for row in connection.execute(asked)}
    return written == {(form, held.snapshot_id) for form in forms}


def _held_blocks(connection: Connection, project: str) -> list[Blocked]:
    asked = select(blocks).where(blocks.c.project == project, blocks.c.stage == STAGE)
    return [
        Blocked(row.kind, row.subject, tuple(orjson.loads(row.message).items()))
        for row in connection.execute(asked.order_by(blocks.c.kind, blocks.c.subject))
    ]


def _unchanged(
    store: Store,
    project: Project,
    held: Snapshot,
    forms: Mapping[str, FormUnion],
    docs: Path | None,
) -> ValidateReport:
    """Give the report of the snapshot that holds, with the gate as it is now."""
    accounts = row_accounts.c
    with store.read() as connection:
        rows = connection.execute(
            select(row_accounts).where(
                accounts.project == project.code, accounts.snapshot_id == held.snapshot_id
            )
        ).all()
        counted = {
            row.form: Account(row.pulled, row.valid, row.not_eligible, row.quarantined, row.removed)
            for row in rows
        }
        before = _held_blocks(connection, project.code)
        blocked = [one for one in before if one.kind != "project"]
        blocked += _gate(connection, project, counted)
        rules = [
            RuleResult.of_row(row, [one.name for one in forms[row.form].repeats])
            for row in connection.execute(
                select(rule_results).where(rule_results.c.project == project.code)
            )
        ]
        open_findings = _open_findings(connection, project.code)
    changed = set(blocked) != set(before)
    if changed:
        with store.write() as connection:
            record_blocked(connection, project.code, STAGE, blocked)
    return ValidateReport(
        project.code,
        held.snapshot_id,
        held.parents["read"],
        changed,
        counted,
        open_findings,
        tuple(rules),
        tuple(blocked),
        docs,
    )


def _suite_results(
    project: str, code: str, form: FormValidation, made_at: datetime
) -> Iterator[Any]:
    """Give Great Expectations' results of a form, a suite a frame."""
    from meal_pipeline.validate.great_expectations_results import suite_result

    for repeat, frame in form.checked.items():
        # The name becomes a folder of the site.
        name = f"{code}__{repeat}".replace("/", "__") if repeat else code
        outcomes = [one for one in form.outcomes if one.check.repeat == repeat]
        keys = frame.frame([one for one in ("_id", "_position") if one in frame.columns])
        yield suite_result(name, outcomes, keys, project=project, made_at=made_at)


def _write_docs(folder: Path, project: str, results: list[Any], made_at: datetime) -> None:
    from meal_pipeline.validate.great_expectations_results import write_data_docs

    write_data_docs(folder, results, project=project, made_at=made_at)


def _json(sentences: Mapping[str, str]) -> str:
    return orjson.dumps(dict(sentences)).decode()
