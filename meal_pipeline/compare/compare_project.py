"""Compare a project: its validated rows to effects in the store.

Here: reading what is needed and writing the results at once. Not here: the estimate (`effects`),
its label (`labels`), the unit of its error (`units`).
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from meal_pipeline.compare.effects import Effect, estimate_effect
from meal_pipeline.compare.labels import label_of, reasons_text
from meal_pipeline.errors import MealError
from meal_pipeline.locale import gettext as _
from meal_pipeline.rows.failures import Blocked, attempt, blocked_elsewhere, record_blocked
from meal_pipeline.rows.figure_rows import note_text, values_row
from meal_pipeline.rows.form_rows import FormRows
from meal_pipeline.rows.loading import forms_at, load_rows, validated
from meal_pipeline.store import Store
from meal_pipeline.store.figures import replace_figures
from meal_pipeline.workspace.definitions import definition_hash
from meal_pipeline.workspace.project import PARTICIPANTS, Project

OFFICIAL = "official"
DESIGNS = {"randomised": "randomised_ols", "difference_in_differences": "did_ols"}

Row = dict[str, Any]


class SameFigure(MealError):
    """Two comparisons of one indicator, design and rounds, which would be one figure."""


@dataclass(frozen=True)
class CompareReport:
    """What was compared: how many effects, whether any row changed, what is blocked."""

    project: str
    snapshot_id: str
    variant: str
    changed: bool
    effects: int
    blocked: tuple[Blocked, ...]


def compare_project(
    store: Store,
    project: Project,
    *,
    snapshot_id: str | None = None,
    variant: str = OFFICIAL,
    progress: Callable[[str], None] | None = None,
) -> CompareReport:
    """Estimate every comparison of `project` and let the results be its effects of this variant.

    Arguments, and what is raised, as for `measure_project`; progress is called with each
    comparison's code. A comparison that cannot be computed is named with the fix in the report
    and, for the official variant, in the table `blocks`; the rest is computed.
    """
    snapshot = validated(store, project.code, snapshot_id)
    forms = forms_at(store, project, snapshot)
    with store.read() as connection:
        stopped = blocked_elsewhere(connection, project.code, ["validate"], "comparison")
        indicators = blocked_elsewhere(connection, project.code, ["validate"], "indicator")
    loaded: dict[str, FormRows] = {}
    taken: dict[tuple[str, ...], str] = {}

    def row_of(code: str) -> Row:
        form = project.indicators[project.comparisons[code].indicator].form
        if form not in loaded:
            loaded[form] = load_rows(snapshot, project, form, forms)
        row = effect_row(project, code, estimate_effect(loaded[form], project, code))
        _refuse_twins(row, code, taken)
        return row

    rows: list[Row] = []
    blocked: list[Blocked] = []
    for code, comparison in project.comparisons.items():
        if progress is not None:
            progress(code)
        if code in stopped:
            continue
        if comparison.indicator in indicators:
            blocked.append(indicators[comparison.indicator].about("comparison", code))
            continue
        found = attempt("comparison", code, partial(row_of, code))
        if isinstance(found, Blocked):
            blocked.append(found)
        else:
            rows.append({**found, "snapshot_id": snapshot.snapshot_id, "variant": variant})
    with store.write() as connection:
        changed = replace_figures(connection, "effect", rows, project.code, variant)
        if variant == OFFICIAL:
            changed |= record_blocked(connection, project.code, "compare", blocked)
    return CompareReport(
        project.code,
        snapshot.snapshot_id,
        variant,
        changed,
        len(rows),
        (*stopped.values(), *blocked),
    )


def effect_row(project: Project, code: str, effect: Effect) -> Row:
    """Give the row of `effects` that an effect is, without its name, snapshot and variant."""
    comparison = project.comparisons[code]
    label, reasons = label_of(comparison)
    names = comparison.name
    clustered = "cr1" if effect.is_clustered else "hc1"
    return {
        "project": project.code,
        "indicator": comparison.indicator,
        "definition_hash": definition_hash(project, comparison.indicator),
        "round": effect.round,
        "baseline_round": effect.baseline_round,
        "place": "",
        "disaggregation": "",
        "category": "",
        "arm": PARTICIPANTS,
        "statistic": "effect",
        "design": f"{DESIGNS[comparison.design]}_{clustered}",
        "comparison": code,
        "name_en": names.get("en"),
        "name_ar": names.get("ar"),
        "label": label,
        "label_reason": reasons_text(reasons),
        "clustered_by": effect.clustered_by,
        "assigned_by_lottery": comparison.assigned_by_lottery,
        "n_participants": effect.n_participants,
        "n_comparison": effect.n_comparison,
        "n_dropped": effect.n_dropped,
        **values_row(
            effect.estimate,
            deff=None,
            n_missing=effect.n_missing,
            n_strata=1,
            ci_method=effect.estimate.method,
            note=note_text(effect.notes),
        ),
    }


def _refuse_twins(row: Row, code: str, taken: dict[tuple[str, ...], str]) -> None:
    key = (row["indicator"], row["round"], row["baseline_round"], row["design"])
    if taken.setdefault(key, code) != code:
        raise SameFigure(
            _("Comparison {comparison} gives the same figure as {other}.").format(
                comparison=code, other=taken[key]
            ),
            next_step=_("Remove one of them."),
        )
