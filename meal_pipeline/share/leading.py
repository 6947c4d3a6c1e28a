"""What a brief opens with: an effect, else the most important change, else where things stand.

Here: choosing it, and its picture. Not here: its words (`wording.py`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from babel.dates import format_date
from markupsafe import Markup

from meal_pipeline.locale import current_language, mark
from meal_pipeline.locale import gettext as _
from meal_pipeline.share.charts import Line, Point, legend_mark, rounds_chart, scale_of
from meal_pipeline.share.marts import ProjectMarts, Row, name, sentence
from meal_pipeline.share.numbers import Numbers
from meal_pipeline.share.wording import (
    LABELS,
    NOT_COMPARED,
    TOO_SMALL,
    WITHHELD,
    arm_words,
    change_sentence,
    direction,
    effect_sentence,
    level_sentence,
    turn_remarks,
    unclear_reason,
)

_RESULTS = ("impact", "outcome")
_WHAT = mark("What does this say, and what not?")


@dataclass(frozen=True)
class Chart:
    """A picture with what stands below it: (sign, words) of each arm, and a caption."""

    drawing: Markup
    legend: list[tuple[Markup, str]]
    caption: str


@dataclass(frozen=True)
class Lead:
    """The first thing said: its label, sentence, why it may be said, and its picture.

    `effect` is a row of mart_effects or none, `standing` the main arm's latest row of mart_progress
    for the same indicator, or none; `others` are further effects: (name, label, sentence).
    """

    indicator: str
    label: str
    sentence: Markup
    question: str
    reasons: list[str]
    remarks: list[str]
    chart: Chart | None
    effect: Row | None
    standing: Row | None
    others: list[tuple[str, str, Markup]]


def lead(marts: ProjectMarts, numbers: Numbers) -> Lead | None:
    """Give what the brief opens with, or none where nothing is measured.

    Of several it is the first as declared, however large the others are: a page that opened with
    the largest would lead with luck.
    """
    effects = sorted(marts.effects, key=lambda row: row["shown"] != "shown")
    if effects:
        return _from_effect(effects[0], effects[1:], marts, numbers)
    standing = [row for row in _standing(marts) if row["shown"] == "shown"]
    changed = [row for row in standing if row["change_shown"] == "shown"]
    for row in [*changed, *standing]:
        return _from_progress(row, marts, numbers)
    return None


def standing_row(marts: ProjectMarts, indicator: str) -> Row | None:
    """Give the main arm's latest row of an indicator."""
    return next((row for row in _standing(marts, ()) if row["indicator"] == indicator), None)


def day(text: str | None, numbers: Numbers) -> str:
    """Give a day such as 12 November 2026, months as they are named in Syria."""
    return _date(text, numbers, "d MMMM y")


def _standing(marts: ProjectMarts, levels: Sequence[str] = _RESULTS) -> list[Row]:
    """Give the main arm's latest rows in declared order, results before outputs."""
    rows = [row for row in marts.progress if row["is_main_arm"] and row["is_latest"]]
    return sorted(rows, key=lambda row: bool(levels) and row["level"] not in levels)


def _from_effect(row: Row, rest: Sequence[Row], marts: ProjectMarts, numbers: Numbers) -> Lead:
    label, said = _effect_words(row, marts, numbers)
    where = direction(row["effect"], row["ci_low"], row["ci_high"]) if _is_shown(row) else "unclear"
    reasons = [sentence(row["label_reason"])]
    if where == "unclear":
        question = _(_WHAT)
        if _is_shown(row) and row["ci_low"] is not None:
            reasons.insert(0, unclear_reason())
    elif row["label"] == "comparison_suggests":
        question = _("Why “suggests”, and not that it is sure?")
    else:
        question = _("Why may this be called an effect of the project?")
    return Lead(
        indicator=row["indicator"],
        label=label,
        sentence=said,
        question=question,
        reasons=reasons,
        remarks=turn_remarks(row, where),
        chart=_chart(row["indicator"], marts, numbers),
        effect=row,
        standing=standing_row(marts, row["indicator"]),
        others=[(name(one), *_effect_words(one, marts, numbers)) for one in rest],
    )


def _effect_words(row: Row, marts: ProjectMarts, numbers: Numbers) -> tuple[str, Markup]:
    if row["shown"] == "withheld":
        return _("withheld"), Markup("{}").format(
            _("“{name}”: {why}.").format(name=name(row), why=_(WITHHELD))
        )
    if not _is_shown(row):
        return _(TOO_SMALL), Markup("{}").format(
            _("“{name}” could not be computed.").format(name=name(row))
        )
    unclear = direction(row["effect"], row["ci_low"], row["ci_high"]) == "unclear"
    label = _(TOO_SMALL) if unclear else _(LABELS[row["label"]])
    return label, effect_sentence(row, marts.project, numbers)


def _is_shown(row: Row) -> bool:
    return bool(row["shown"] == "shown")


def _from_progress(row: Row, marts: ProjectMarts, numbers: Numbers) -> Lead:
    changed = row["change_shown"] == "shown"
    if changed:
        before = _round_name(marts, row["baseline_round"])
        said = change_sentence(row, before, marts.project, numbers)
        where = direction(row["change"], row["change_ci_low"], row["change_ci_high"])
        label = _(TOO_SMALL) if where == "unclear" else _(NOT_COMPARED)
        reasons = [
            _(
                "It is a change over time. Nobody is compared who did not take part, so it does not"
                " tell how much of it came from the project."
            )
        ]
        if where == "unclear" and row["change_ci_low"] is not None:
            reasons.insert(0, unclear_reason())
    else:
        said, where = level_sentence(row, marts.project, numbers), "unclear"
        label = _("where things stand")
        reasons = [
            _("It is one round. It tells where things stand, and nothing yet of what changed.")
        ]
    return Lead(
        indicator=row["indicator"],
        label=label,
        sentence=said,
        question=_(_WHAT),
        reasons=reasons,
        remarks=turn_remarks(row, where),
        chart=_chart(row["indicator"], marts, numbers),
        effect=None,
        standing=row,
        others=[],
    )


def _chart(indicator: str, marts: ProjectMarts, numbers: Numbers) -> Chart | None:
    rows = [row for row in marts.progress if row["indicator"] == indicator]
    wanted: tuple[str, ...] = ("participants", "comparison")
    if not any(row["arm"] in wanted for row in rows):
        wanted = ("all",)
    rows = [row for row in rows if row["arm"] in wanted and row["shown"] != "none"]
    shown = [row for row in rows if _is_shown(row)]
    if not shown:
        return None
    rounds = {row["round"]: row for row in sorted(rows, key=lambda row: row["round_position"])}
    places = {code: place for place, code in enumerate(rounds)}
    share = shown[0]["statistic"] == "proportion"
    lines = [
        Line(
            kind,
            [
                Point(
                    places[row["round"]],
                    row["estimate"],
                    row["ci_low"],
                    row["ci_high"],
                    numbers.value(row["estimate"], row["ci_low"], row["ci_high"], share=share),
                )
                for row in sorted(shown, key=lambda row: row["round_position"])
                if row["arm"] == kind
            ],
        )
        for kind in wanted
    ]
    every = [
        one
        for row in shown
        for one in (row["estimate"], row["ci_low"], row["ci_high"])
        if one is not None
    ]
    ticks = scale_of(every, share=share)
    steps = 0 if share or abs(ticks[1] - ticks[0]) >= 1 else 2
    drawing = rounds_chart(
        [line for line in lines if line.points],
        [(name(row, "round"), _date(row["data_to"], numbers, "MMMM y")) for row in rounds.values()],
        ticks,
        tick_text=lambda tick: numbers.percent(tick) if share else numbers.decimal(tick, steps),
        label=_told(rows, marts, numbers),
        right_to_left=current_language() == "ar",
    )
    legend = [
        (legend_mark(line.kind), arm_words(line.kind, marts.project))
        for line in lines
        if line.points
    ]
    return Chart(
        drawing, legend if len(legend) > 1 else [], _caption(shown[0], len(rounds), numbers)
    )


def _caption(row: Row, n_rounds: int, numbers: Numbers) -> str:
    unit = name(row, "unit")
    named = f"{name(row)} ({unit})" if unit else name(row)
    said = _("{name}, with {percent} confidence intervals.").format(
        name=named, percent=numbers.percent(row["confidence"])
    )
    return said + " " + _("Time runs from left to right.") if n_rounds > 1 else said


def _told(rows: Sequence[Row], marts: ProjectMarts, numbers: Numbers) -> str:
    """Say all the numbers of the picture."""
    said = []
    for row in sorted(rows, key=lambda row: (row["arm"] == "comparison", row["round_position"])):
        share = row["statistic"] == "proportion"
        ends = row["estimate"], row["ci_low"], row["ci_high"]
        if not _is_shown(row):
            value = _(WITHHELD)
        else:
            value = numbers.value(*ends, share=share, unit=name(row, "unit"))
            between = numbers.interval(*ends, share=share)
            value = f"{value} ({between})" if between else value
        said.append(f"{arm_words(row['arm'], marts.project)}, {name(row, 'round')}: {value}")
    return f"{name(rows[0])}. " + "; ".join(said)


def _round_name(marts: ProjectMarts, code: str) -> str:
    return next((name(row, "round") for row in marts.progress if row["round"] == code), code)


def _date(text: str | None, numbers: Numbers, pattern: str) -> str:
    if not text:
        return ""
    locale = {"ar": "ar_SY"}.get(numbers.language, numbers.language)
    written = format_date(date.fromisoformat(text[:10]), pattern, locale=locale)
    return numbers.written("".join(str(int(one)) if one.isdigit() else one for one in written))
