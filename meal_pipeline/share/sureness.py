"""How sure a brief is: how many answers, clusters, rounds' losses, the quality of the data.

Here: the cards and the line on the method. Not here: how any of it was computed.
"""

from dataclasses import dataclass

from markupsafe import Markup

from meal_pipeline.locale import gettext as _
from meal_pipeline.locale import mark
from meal_pipeline.share.leading import Lead
from meal_pipeline.share.marts import ProjectMarts, Row, name, sentence
from meal_pipeline.share.numbers import Numbers
from meal_pipeline.share.wording import GRADES, filled

_DESIGNS = {
    "did_ols_cr1": mark("difference in differences"),
    "randomised_ols_cr1": mark("difference between the two sides of the lottery"),
    "taylor": mark("estimate from the sample"),
}


@dataclass(frozen=True)
class Sureness:
    """Cards of (term, value, remark), the method in one line, and remarks on the number."""

    cards: list[tuple[str, str, str]]
    method: Markup
    notes: list[str]


def sureness(marts: ProjectMarts, lead: Lead, numbers: Numbers) -> Sureness:
    """Give how sure the number is that the brief opens with."""
    row = lead.effect or lead.standing
    if row is None or row["shown"] == "withheld":
        return Sureness([], Markup(""), [])
    cards = [_answers(row, lead, numbers), *_clusters(row, numbers)]
    cards += _later(marts, lead, numbers)
    cards += _without_answer(row, numbers)
    cards += _quality(marts, lead, numbers)
    note = sentence(row["note"])
    return Sureness(cards, _method(row, lead, numbers), [note] if note else [])


def _answers(row: Row, lead: Lead, numbers: Numbers) -> tuple[str, str, str]:
    if lead.effect is None:
        return _("Answers"), numbers.whole(row["n"] or 0), name(row, "round")
    split = _("{a} participants, {b} comparison").format(
        a=numbers.whole(row["n_participants"] or 0), b=numbers.whole(row["n_comparison"] or 0)
    )
    return _("Answers compared"), numbers.whole(row["n"] or 0), split


def _clusters(row: Row, numbers: Numbers) -> list[tuple[str, str, str]]:
    """Give the clusters; where every row is one of its own there is nothing to tell."""
    n = row["n_clusters"]
    if not n or n == row["n"]:
        return []
    return [(_("Clusters"), numbers.whole(n), _("sampled or assigned as one"))]


def _later(marts: ProjectMarts, lead: Lead, numbers: Numbers) -> list[tuple[str, str, str]]:
    """Give how many interviews a later round has against the start, in the arms told of."""
    row = lead.effect or lead.standing
    before = row["baseline_round"] if row else None
    if row is None or not before or before == row["round"]:
        return []
    arms = ("participants", "comparison") if lead.effect else (row["arm"],)
    counted = {}
    for code in (before, row["round"]):
        rows = [
            one
            for one in marts.progress
            if one["indicator"] == lead.indicator and one["round"] == code and one["arm"] in arms
        ]
        if len(rows) < len(arms) or any(one["n"] is None for one in rows):
            return []
        counted[code] = sum(one["n"] + one["n_missing"] for one in rows)
    start, later = counted[before], counted[row["round"]]
    if not start:
        return []
    share = (later - start) / start
    if later == start:
        remark = _("as many as at the start")
    else:
        words = (
            _("{n} at the start: {share} fewer")
            if later < start
            else _("{n} at the start: {share} more")
        )
        remark = words.format(n=numbers.whole(start), share=numbers.percent(abs(share), 1))
    return [(_("Interviews in the later round"), numbers.whole(later), remark)]


def _without_answer(row: Row, numbers: Numbers) -> list[tuple[str, str, str]]:
    missing, asked = row["n_missing"], (row["n"] or 0) + (row["n_missing"] or 0)
    if missing is None or not asked:
        return []
    remark = _("of {n} who were asked").format(n=numbers.whole(asked))
    return [(_("Without an answer"), numbers.whole(missing), remark)]


def _quality(marts: ProjectMarts, lead: Lead, numbers: Numbers) -> list[tuple[str, str, str]]:
    grade = lead.standing["quality"] if lead.standing else None
    if grade is None:
        return []
    form = next(
        (
            row["form"]
            for row in marts.quality
            if row["topic"] == "missing" and row["subject"] == lead.indicator
        ),
        None,
    )
    rows = {
        row["subject"]: row["n"]
        for row in marts.quality
        if row["topic"] == "rows" and row["form"] == form
    }
    remarks = []
    if rows.get("quarantined") is not None:
        remarks.append(
            _("{n} of {pulled} rows quarantined").format(
                n=numbers.whole(rows["quarantined"]), pulled=numbers.whole(rows["pulled"])
            )
        )
    if rows.get("not_eligible"):
        remarks.append(_("{n} not eligible").format(n=numbers.whole(rows["not_eligible"])))
    return [(_("Data quality"), _(GRADES[grade]), " · ".join(remarks))]


def _method(row: Row, lead: Lead, numbers: Numbers) -> Markup:
    parts = [_(_DESIGNS[row["design"]]), _(row["method"])]
    if lead.effect is not None:
        if row["df"] is not None:
            parts.append(_("{n} degrees of freedom").format(n=numbers.whole(row["df"])))
        if row["clustered_by"]:
            parts.append(filled(_("clustered by {question}"), question=row["clustered_by"]))
    elif row["ci_method"]:
        parts.append(_(row["ci_method"]))
    return Markup.escape(_("; ")).join(parts) + "."
