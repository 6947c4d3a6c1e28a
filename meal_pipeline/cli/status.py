"""`meal status`: what needs you today.

Here: one line a project, the worst first thing and what to do. Not here: where the facts come from
(every stage writes its own record).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import click
from sqlalchemy import func, select

from meal_pipeline.locale import gettext as _
from meal_pipeline.locale import ngettext
from meal_pipeline.store import Store
from meal_pipeline.store.tables.collect import pulls
from meal_pipeline.store.tables.measure import rounds
from meal_pipeline.store.tables.read import snapshot_heads
from meal_pipeline.store.tables.runs import leases, stage_runs
from meal_pipeline.store.tables.validate import blocks, findings, row_accounts

from .printing import CARE, DONE, FAILED, Format, format_option, print_rows
from .run_report import STAGES


@click.command(
    help=_("See what needs you today: last good pull, age of data, what failed, what to do.")
    + "\n\n\b\nmeal status\nmeal status --format json"
)
@format_option
@click.pass_context
def status(context: click.Context, format_: Format) -> None:
    """Print one line a project."""
    from meal_pipeline.workspace import open_workspace

    workspace = open_workspace(context.obj)
    folder = workspace.projects()
    store = workspace.open_store()
    try:
        rows = [project_status(store, code, datetime.now(UTC)) for code in folder]
    finally:
        store.close()
    rows += [
        {
            "project": path.parent.name,
            "mark": FAILED,
            "needs": str(faults[0]),
            "next": faults[0].fix,
        }
        for path, faults in folder.faults.items()
    ]
    print_rows(
        rows,
        {
            "project": _("project"),
            "pulled": _("last good pull"),
            "data_to": _("data up to"),
            "quarantined": _("quarantined"),
            "mark": "",
            "needs": _("needs you"),
            "next": _("what to do"),
        },
        format_,
        empty=_("There is no project yet. Make one: meal project new CODE --form UID"),
    )
    context.exit(1 if any(row["mark"] == FAILED for row in rows) else 0)


def project_status(store: Store, code: str, now: datetime) -> dict[str, Any]:
    """Give a project's line: when it was last pulled, how old its data are, what to do first.

    Keys `project`, `pulled` (words), `data_to` (date), `quarantined`, `mark`, `needs`, `next`.
    """
    with store.read() as connection:
        last = connection.execute(
            select(func.max(pulls.c.finished_at)).where(
                pulls.c.project == code, pulls.c.complete.is_(True)
            )
        ).scalar()
        data_to = connection.execute(
            select(func.max(rounds.c.data_to)).where(rounds.c.project == code)
        ).scalar()
        quarantined = connection.execute(
            select(func.coalesce(func.sum(row_accounts.c.quarantined), 0)).where(
                row_accounts.c.project == code,
                row_accounts.c.snapshot_id
                == select(snapshot_heads.c.snapshot_id)
                .where(snapshot_heads.c.project == code, snapshot_heads.c.stage == "validate")
                .scalar_subquery(),
            )
        ).scalar()
        open_findings = connection.execute(
            select(func.count()).where(findings.c.project == code, findings.c.status == "open")
        ).scalar()
        last_stop = (
            connection.execute(
                select(stage_runs)
                .where(
                    stage_runs.c.project == code, stage_runs.c.outcome.in_(["failed", "blocked"])
                )
                .order_by(stage_runs.c.started_at.desc())
            )
            .mappings()
            .first()
        )
        running = connection.execute(
            select(leases.c.holder).where(
                leases.c.name == f"project:{code}",
                leases.c.expires_at > f"{now:%Y-%m-%dT%H:%M:%SZ}",
            )
        ).scalar()
        blocked = connection.execute(
            select(func.count()).where(blocks.c.project == code, blocks.c.kind != "project")
        ).scalar()
    mark, needs, step = _first_need(
        code,
        _Facts(last, running, int(quarantined or 0), int(open_findings or 0), blocked or 0),
        dict(last_stop) if last_stop else None,
    )
    return {
        "project": code,
        "pulled": _age(last, now),
        "data_to": (data_to or "")[:10],
        "quarantined": int(quarantined or 0),
        "mark": mark,
        "needs": needs,
        "next": step,
    }


@dataclass(frozen=True)
class _Facts:
    """What the store says of a project."""

    last_pull: str | None
    run_by: str | None
    quarantined: int
    findings: int
    blocked: int


def _first_need(
    code: str, facts: _Facts, stopped: Mapping[str, Any] | None
) -> tuple[str, str, str]:
    """Give the mark, what needs a person most, and the command for it."""
    need = (DONE, _("nothing to do"), "")
    if facts.findings:
        words = ngettext("{n} finding to look at", "{n} findings to look at", facts.findings)
        need = (DONE, words.format(n=facts.findings), f"meal findings {code}")
    if facts.blocked:
        words = ngettext("{n} result is blocked", "{n} results are blocked", facts.blocked)
        need = (CARE, words.format(n=facts.blocked), f"meal review {code}")
    if facts.quarantined:
        words = ngettext("{n} row in quarantine", "{n} rows in quarantine", facts.quarantined)
        step = f"meal findings {code} --severity critical"
        need = (CARE, words.format(n=facts.quarantined), step)
    if facts.last_pull is None:
        need = (CARE, _("never pulled"), f"meal run {code}")
    if stopped is not None:
        said = _("{stage} stopped: {message}").format(
            stage=_(STAGES.get(stopped["stage"], stopped["stage"])), message=stopped["message"]
        )
        need = (FAILED, said, stopped["next_step"] or f"meal run {code}")
    if facts.run_by:
        need = ("…", _("is being run now"), "")
    return need


def _age(moment: str | None, now: datetime) -> str:
    if moment is None:
        return _("never")
    minutes = int((now - datetime.fromisoformat(moment)).total_seconds() // 60)
    if minutes < 60:
        return ngettext("{n} minute ago", "{n} minutes ago", minutes).format(n=minutes)
    hours = minutes // 60
    if hours < 48:
        return ngettext("{n} hour ago", "{n} hours ago", hours).format(n=hours)
    return ngettext("{n} day ago", "{n} days ago", hours // 24).format(n=hours // 24)
