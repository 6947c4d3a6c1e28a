"""The indicator table that an organisation looks through before anyone else sees it.

Here: one row a figure, in words of the language in use. Not here: printing (`cli/`).
"""

from meal_pipeline.locale import current_language, mark
from meal_pipeline.locale import gettext as _
from meal_pipeline.share.breakdowns import category_words
from meal_pipeline.share.marts import ProjectMarts, Row, name, read_marts
from meal_pipeline.share.numbers import Numbers
from meal_pipeline.share.wording import GRADES, WITHHELD, arm_words, status_words
from meal_pipeline.store import Store
from meal_pipeline.workspace.project import Project

_STATUSES = {
    "draft": mark("draft"),
    "not_reproducible": mark("no longer reproducible: a respondent withdrew"),
}


def review_table(store: Store, project: Project) -> list[dict[str, str | int]]:
    """Give every figure of `project` that may be shown, and in words those that may not.

    Keys: indicator, round, arm, category ("everyone", or "District: Afrin"), estimate, interval,
    n (a number, or "withheld"), quality (graded for everyone only), status. Digits are western, as
    everywhere in the terminal. Raises NotEvaluated where the tables hold nothing of the project.
    """
    marts = read_marts(store, project.code)
    numbers = Numbers.of(current_language(), "western")
    rows = [_row(row, marts, numbers, "") for row in marts.progress]
    rows += [
        _row(row, marts, numbers, f"{name(row, 'disaggregation')}: {category_words(row)}")
        for row in marts.disaggregation
    ]
    return rows


def _row(row: Row, marts: ProjectMarts, numbers: Numbers, category: str) -> dict[str, str | int]:
    share = row["statistic"] == "proportion"
    ends = row["estimate"], row["ci_low"], row["ci_high"]
    withheld, shown = row["shown"] == "withheld", row["shown"] == "shown"
    if shown:
        estimate = numbers.value(*ends, share=share, unit=name(row, "unit"))
        interval = numbers.interval(*ends, share=share) or _("no interval")
    else:
        estimate = _(WITHHELD) if withheld else _("no answers")
        interval = _("withheld") if withheld else _("no answers")
    status = _(_STATUSES.get(str(row["figure_status"]), str(row["figure_status"])))
    return {
        "indicator": name(row),
        "round": name(row, "round"),
        "arm": arm_words(row["arm"], marts.project),
        "category": category or _("everyone"),
        "estimate": estimate,
        "interval": interval,
        "n": _("withheld") if withheld else row["n"] or 0,
        "quality": _(GRADES[row["quality"]]) if row.get("quality") else _("not graded"),
        "status": status if category else f"{status_words(row)} · {status}",
    }
