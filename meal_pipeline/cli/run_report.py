"""A run as the terminal tells it: progress while it goes, then what was made.

Here: the lines. Not here: the run itself (the roof) or figures (`shown_figures.py`).
"""

from typing import Any

import click
from rich.console import Console
from rich.table import Table

from meal_pipeline.locale import gettext as _
from meal_pipeline.locale import mark
from meal_pipeline.store import Store

from .printing import DONE, FAILED
from .shown_figures import effect_lines, indicator_lines, name, remarks

STAGES = {
    "collect": mark("collecting"),
    "read": mark("reading"),
    "validate": mark("validating"),
    "measure": mark("measuring"),
    "compare": mark("comparing"),
    "evaluate": mark("evaluating"),
    "share": mark("writing the brief"),
}


class ProgressLine:
    """One line that tells how far a run is; on a terminal it is overwritten in place."""

    def __init__(self, project: str) -> None:
        self._project = project
        self._stage = ""
        self._console = Console(stderr=True, highlight=False, emoji=False, markup=False)
        self._status = self._console.status("") if self._console.is_terminal else None

    def __enter__(self) -> "ProgressLine":
        if self._status:
            self._status.start()
        return self

    def __exit__(self, *_error: object) -> None:
        if self._status:
            self._status.stop()

    def __call__(self, stage: str, words: str) -> None:
        """Tell the stage and a few words; without a terminal, one line a stage."""
        said = _(STAGES[stage])
        if self._status:
            self._status.update(f"{self._project}  {said}  {words}")
        elif stage != self._stage:
            self._console.print(f"{self._project}  {said}")
        self._stage = stage


def account_line(outcome: Any) -> str:
    """Word what became of the rows: pulled of those on the server, valid, set aside."""
    collected = outcome.stages.get("collect")
    validated = outcome.stages.get("validate")
    words = []
    if collected and collected.report:
        held = sum(form.rows_held for form in collected.report.forms)
        on_server = sum(form.rows_on_server for form in collected.report.forms)
        words.append(_("pulled {held} of {all} ✓").format(held=held, all=on_server))
    if validated and validated.report:
        accounts = validated.report.forms.values()
        words += [
            _("valid {n}").format(n=sum(one.valid for one in accounts)),
            _("not eligible {n}").format(n=sum(one.not_eligible for one in accounts)),
            _("quarantined {n}").format(n=sum(one.quarantined for one in accounts)),
            *(
                [_("removed {n}").format(n=sum(one.removed for one in accounts))]
                if any(one.removed for one in accounts)
                else []
            ),
            _("findings {n}").format(n=sum(validated.report.findings.values())),
        ]
    return "   ".join(words)


def print_outcome(outcome: Any) -> None:
    """Print how a run ended: its rows, and each stage that stopped, with the next step."""
    line = account_line(outcome)
    if line:
        click.echo(f"  {outcome.project:<14} {line}")
    if outcome.ok and not outcome.changed:
        click.echo(f"  {outcome.project:<14} " + _("nothing changed since the last run"))
    for stage, ended in outcome.stages.items():
        if ended.outcome in {"failed", "blocked"}:
            click.echo(f"  {FAILED} {_(STAGES[stage])}: {ended.message}", err=True)
            if ended.next_step:
                click.echo(f"    → {ended.next_step}", err=True)
        for one in getattr(ended.report, "blocked", ()) or ():
            click.echo(f"  ⚠ {one.subject}: {one.sentence}")


def print_figures(store: Store, project: Any) -> None:
    """Print a project's indicators and effects from the shared tables."""
    names = {f"name_{language}": text for language, text in project.name.items()}
    said = remarks(store, project.code)
    click.echo()
    click.echo(f"  {name(names)}" + (f"  ({' '.join(said)})" if said else ""))
    _print_lines(list(indicator_lines(store, project.code)))
    effects = list(effect_lines(store, project.code))
    if effects:
        click.echo("  " + _("Against a comparison"))
        _print_lines([effect[:4] for effect in effects])
        for effect in effects:
            if effect[4]:
                click.echo(f"      {effect[4]}")


def _print_lines(lines: list[tuple[str, ...]]) -> None:
    table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
    for line in lines:
        table.add_row("   ", *line)
    out = Console(highlight=False, emoji=False, markup=False)
    if not out.is_terminal:
        out.width = 200
    out.print(table)


def succeeded(outcome: Any) -> bool:
    """Tell whether a run ended well, printing a mark for it."""
    if outcome.ok:
        click.echo(f"{DONE} " + _("{project} is up to date.").format(project=outcome.project))
    return bool(outcome.ok)
