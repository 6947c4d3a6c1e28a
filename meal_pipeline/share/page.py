"""What stands on a brief, section by section, ready to be laid out.

Here: the order of the sections and the words around them. Not here: each section's content (its own
module), the layout (`templates/brief.html.j2`).
"""

from dataclasses import dataclass

from meal_pipeline.locale import gettext as _
from meal_pipeline.share.breakdowns import Breakdown, breakdowns
from meal_pipeline.share.leading import Lead, day, lead
from meal_pipeline.share.marts import ProjectMarts, name, sentence
from meal_pipeline.share.numbers import Numbers
from meal_pipeline.share.results import Result, results
from meal_pipeline.share.sureness import Sureness, sureness
from meal_pipeline.share.wording import arm_words


@dataclass(frozen=True)
class Recompute:
    """What names the leading number: its figure, snapshot, definition, and the command."""

    figure: str
    snapshot: str
    definition: str
    command: str


@dataclass(frozen=True)
class Page:
    """A brief before it is laid out; text is plain unless it is Markup."""

    title: str
    heading: list[str]
    chips: list[str]
    lead: Lead | None
    sureness: Sureness | None
    results: list[Result]
    breakdowns: list[Breakdown]
    outputs: list[Result]
    blocked: list[tuple[str, str]]
    arm: str
    recompute: Recompute | None


def compose(marts: ProjectMarts, numbers: Numbers) -> Page:
    """Give the page of a project in the language in use."""
    leading = lead(marts, numbers)
    return Page(
        title=name(marts.project) or str(marts.project["project"]),
        heading=_heading(marts, leading, numbers),
        chips=_chips(marts),
        lead=leading,
        sureness=sureness(marts, leading, numbers) if leading else None,
        results=results(marts, ("impact", "outcome"), numbers),
        breakdowns=breakdowns(marts, leading.indicator if leading else "", numbers),
        outputs=results(marts, ("output",), numbers),
        blocked=[
            (row["subject"], sentence(row["message"]))
            for row in marts.quality
            if row["topic"] == "blocked"
        ],
        arm=_arm(marts),
        recompute=_recompute(marts, leading),
    )


def words() -> dict[str, str]:
    """Give the page's fixed words in the language in use."""
    return {
        "question": _("What changed in people’s lives?"),
        "others": _("Other comparisons"),
        "sure": _("How sure are we?"),
        "results": _("Results against target"),
        "indicator": _("Indicator"),
        "now": _("Now, with interval and target"),
        "verdict": _("Verdict"),
        "key": _("Dot: now, with its interval. Ring: before. Upright bar: target."),
        "everywhere": _("Is it the same everywhere?"),
        "elsewhere": _("Other results by place and category"),
        "category": _("Category"),
        "value": _("Value"),
        "answers": _("Answers"),
        "delivered": _("What was delivered"),
        "blocked": _("What could not be computed"),
        "next": _("What we will do with this"),
        "no_decision": _("No decision is recorded yet."),
        "not_returned": _("The results were not yet returned to the community."),
        "nothing": _("Nothing is measured yet."),
        "figure": _("Figure"),
        "snapshot": _("Data snapshot"),
        "definition": _("Definition of the indicator"),
        "recomputed": _("Every number here can be recomputed:"),
    }


def _heading(marts: ProjectMarts, leading: Lead | None, numbers: Numbers) -> list[str]:
    row = (leading.effect or leading.standing) if leading else None
    until = day(marts.project["data_to"], numbers)
    parts = [
        name(marts.project, "organisation"),
        name(marts.project),
        name(row, "round") if row else "",
        _("data up to {day}").format(day=until) if until else "",
    ]
    return [part for part in parts if part]


def _chips(marts: ProjectMarts) -> list[str]:
    said = [_("Synthetic data, for training.")] if marts.project["is_synthetic"] else []
    figures = (*marts.progress, *marts.effects)
    if any(row["figure_status"] == "draft" for row in figures):
        said.append(_("Draft: the organisation has not approved it yet."))
    if marts.project["is_retired"]:
        said.append(_("This project is no longer in the workspace."))
    if marts.project["is_single_person"]:
        said.append(_("One person proposes and approves corrections."))
    note = name(marts.project, "note")
    return [*said, note] if note else said


def _arm(marts: ProjectMarts) -> str:
    """Say whose figures the tables hold, where it is not everyone's."""
    if not any(row["is_main_arm"] and row["arm"] == "participants" for row in marts.progress):
        return ""
    return _("Arm: {arm}.").format(arm=arm_words("participants", marts.project))


def _recompute(marts: ProjectMarts, leading: Lead | None) -> Recompute | None:
    row = (leading.effect or leading.standing) if leading else None
    if row is None:
        return None
    code, snapshot = marts.project["project"], row["snapshot_id"]
    return Recompute(
        figure=row["figure_id"],
        snapshot=f"{snapshot[:8]}…{snapshot[-4:]}",
        definition=row["definition_hash"][:8],
        command=f"meal run {code} --from measure --snapshot {snapshot}",
    )
