"""Indicators against their targets: each with its value, interval, target and answers.

Here: the rows of the two tables, results and outputs. Not here: the verdicts' rule (mart_progress).
"""

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from meal_pipeline.locale import current_language
from meal_pipeline.locale import gettext as _
from meal_pipeline.share.charts import interval_bar, scale_of
from meal_pipeline.share.marts import ProjectMarts, Row, name
from meal_pipeline.share.numbers import Numbers
from meal_pipeline.share.wording import LEVELS, WITHHELD, answers, status_words


@dataclass(frozen=True)
class Result:
    """One indicator's row: its name, level, round, picture, value in words, baseline, verdict."""

    name: str
    level: str
    round: str
    bar: Markup | None
    value: str
    details: list[str]
    verdict: str
    status: str


def results(marts: ProjectMarts, levels: Sequence[str], numbers: Numbers) -> list[Result]:
    """Give the indicators of these levels in declared order, as the main arm last stood."""
    chosen: dict[str, Row] = {}
    for row in marts.progress:
        if row["is_main_arm"] and row["level"] in levels:
            held = chosen.get(row["indicator"])
            if held is None or not held["is_latest"]:
                chosen[row["indicator"]] = row
    return [_result(row, numbers) for row in chosen.values()]


def value_words(row: Row, numbers: Numbers) -> str:
    """Give an estimate with its interval, or in words why there is none."""
    if row["shown"] == "withheld":
        return _(WITHHELD)
    if row["shown"] != "shown":
        return _("no answers")
    share = row["statistic"] == "proportion"
    ends = row["estimate"], row["ci_low"], row["ci_high"]
    value = numbers.value(*ends, share=share, unit=name(row, "unit"))
    between = numbers.interval(*ends, share=share)
    return f"{value} ({between})" if between else _("{value}, no interval").format(value=value)


def _result(row: Row, numbers: Numbers) -> Result:
    share = row["statistic"] == "proportion"
    value = value_words(row, numbers)
    target = None if row["target"] is None else _target(row, numbers)
    details = [] if target is None else [_("target {value}").format(value=target)]
    bar = None
    if row["shown"] == "shown":
        details.append(answers(row["n"], numbers))
        if row["n_missing"]:
            details.append(_("{n} missing").format(n=numbers.whole(row["n_missing"])))
        before = _before(row, numbers)
        details += [before] if before else []
        bar = interval_bar(
            row["estimate"],
            row["ci_low"],
            row["ci_high"],
            _ends(row, share=share),
            target=row["target"],
            before=row["baseline"],
            label="; ".join([value, *details]),
            right_to_left=current_language() == "ar",
        )
    return Result(
        name=name(row),
        level=_(LEVELS[row["level"]]),
        round=name(row, "round") if row["round"] else "",
        bar=bar,
        value=value,
        details=details,
        verdict=status_words(row),
        status=row["status"],
    )


def _target(row: Row, numbers: Numbers) -> str:
    target = row["target"]
    if row["statistic"] == "proportion":
        percent = round(target * 100, 2)
        return numbers.percent(target, 0 if percent == round(percent) else 1)
    return numbers.decimal(target, 0 if target == round(target) else 1)


def _before(row: Row, numbers: Numbers) -> str:
    if row["baseline_shown"] == "withheld":
        return _("before: {value}").format(value=_("withheld"))
    if row["baseline"] is None:
        return ""
    share = row["statistic"] == "proportion"
    ends = row["baseline"], row["baseline_ci_low"], row["baseline_ci_high"]
    value, between = numbers.value(*ends, share=share), numbers.interval(*ends, share=share)
    return _("before: {value}").format(value=f"{value} ({between})" if between else value)


def _ends(row: Row, *, share: bool) -> tuple[float, float]:
    if share:
        return 0.0, 1.0
    every = (row["estimate"], row["ci_low"], row["ci_high"], row["target"], row["baseline"])
    ticks = scale_of([one for one in every if one is not None], share=False, from_zero=True)
    return ticks[0], ticks[-1]
