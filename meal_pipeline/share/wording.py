"""The sentences of a brief: what may be said of an effect, a change, a value.

Here: words, chosen by label, direction and interval. Not here: how numbers are written
(`numbers.py`) or where a sentence stands (`page.py`).

The bare words impact and effect are said of an estimate against a comparison only; an interval that
holds zero is "too small to tell", never "no effect". Every sentence is one whole message, so that a
translation may order it as its language does.
"""

from collections.abc import Mapping
from typing import Any, Literal

from markupsafe import Markup

from meal_pipeline.locale import gettext as _
from meal_pipeline.locale import mark, ngettext
from meal_pipeline.share.marts import name
from meal_pipeline.share.numbers import Numbers, base_of, places_of

Row = Mapping[str, Any]
Against = Literal["comparison", "same_change", "baseline"]
"""What a difference is against: the other arm, its change, or the own baseline."""
Direction = Literal["more", "fewer", "unclear"]

TOO_SMALL = mark("too small to tell")
NOT_COMPARED = mark("a change, without a comparison")
LABELS = {
    "attributed_effect": mark("attributed effect"),
    "comparison_suggests": mark("comparison suggests"),
}
STATUS = {
    "reached": mark("reached"),
    "on_the_way": mark("on the way"),
    "not_yet": mark("not yet"),
    "too_small": TOO_SMALL,
    "no_target": mark("no target is set"),
    "baseline": mark("baseline"),
    "no_data": mark("no answers"),
    "withheld": mark("withheld"),
}
LEVELS = {
    "output": mark("output"),
    "outcome": mark("outcome"),
    "impact": mark("impact-level (goal)"),
}
GRADES = {"A": mark("grade A"), "B": mark("grade B"), "C": mark("grade C")}
_ARMS = {"participants": mark("participants"), "comparison": mark("comparison")}
WITHHELD = mark("withheld to protect people")
"""Said of every withheld cell alike: which of them protects another would tell which is small."""

_OF_EVERY: dict[tuple[Against, Direction], str] = {
    ("comparison", "more"): mark(
        "Of every {base} {who}, about {n} more (between {low} and {high}) {gain} than in the"
        " comparison{other}."
    ),
    ("comparison", "fewer"): mark(
        "Of every {base} {who}, about {n} fewer (between {low} and {high}) {gain} than in the"
        " comparison{other}."
    ),
    ("comparison", "unclear"): mark(
        "The difference is too small to tell: of every {base} {who}, anywhere from {low} fewer to"
        " {high} more {gain} than in the comparison{other}."
    ),
    ("same_change", "more"): mark(
        "Of every {base} {who}, about {n} more (between {low} and {high}) {gain} than if they had"
        " changed as the comparison{other} did."
    ),
    ("same_change", "fewer"): mark(
        "Of every {base} {who}, about {n} fewer (between {low} and {high}) {gain} than if they had"
        " changed as the comparison{other} did."
    ),
    ("same_change", "unclear"): mark(
        "The difference is too small to tell: of every {base} {who}, anywhere from {low} fewer to"
        " {high} more {gain} than if they had changed as the comparison{other} did."
    ),
    ("baseline", "more"): mark(
        "Of every {base} {who}, about {n} more (between {low} and {high}) {gain} in “{round}” than"
        " in “{before}”."
    ),
    ("baseline", "fewer"): mark(
        "Of every {base} {who}, about {n} fewer (between {low} and {high}) {gain} in “{round}” than"
        " in “{before}”."
    ),
    ("baseline", "unclear"): mark(
        "The change is too small to tell: of every {base} {who}, anywhere from {low} fewer to"
        " {high} more {gain} in “{round}” than in “{before}”."
    ),
}
_ON_AVERAGE: dict[tuple[Against, Direction], str] = {
    ("comparison", "more"): mark(
        "The average of “{indicator}”{among} is about {n} higher (between {low} and {high}) than in"
        " the comparison{other}."
    ),
    ("comparison", "fewer"): mark(
        "The average of “{indicator}”{among} is about {n} lower (between {low} and {high}) than in"
        " the comparison{other}."
    ),
    ("comparison", "unclear"): mark(
        "The difference is too small to tell: the average of “{indicator}”{among} may be anywhere"
        " from {low} lower to {high} higher than in the comparison{other}."
    ),
    ("same_change", "more"): mark(
        "The average of “{indicator}”{among} is about {n} higher (between {low} and {high}) than if"
        " it had changed as in the comparison{other}."
    ),
    ("same_change", "fewer"): mark(
        "The average of “{indicator}”{among} is about {n} lower (between {low} and {high}) than if"
        " it had changed as in the comparison{other}."
    ),
    ("same_change", "unclear"): mark(
        "The difference is too small to tell: the average of “{indicator}”{among} may be anywhere"
        " from {low} lower to {high} higher than if it had changed as in the comparison{other}."
    ),
    ("baseline", "more"): mark(
        "The average of “{indicator}”{among} is about {n} higher (between {low} and {high}) in"
        " “{round}” than in “{before}”."
    ),
    ("baseline", "fewer"): mark(
        "The average of “{indicator}”{among} is about {n} lower (between {low} and {high}) in"
        " “{round}” than in “{before}”."
    ),
    ("baseline", "unclear"): mark(
        "The change is too small to tell: the average of “{indicator}”{among} may be anywhere from"
        " {low} lower to {high} higher in “{round}” than in “{before}”."
    ),
}


def effect_sentence(row: Row, project: Row, numbers: Numbers) -> Markup:
    """Say an effect (a row of mart_effects) as whole numbers of people, with its interval."""
    against: Against = "same_change" if row["baseline_round"] else "comparison"
    return _difference(
        against,
        row,
        project,
        numbers,
        estimate=row["effect"],
        low=row["ci_low"],
        high=row["ci_high"],
    )


def change_sentence(row: Row, before: str, project: Row, numbers: Numbers) -> Markup:
    """Say the change since the round named `before` (a row of mart_progress)."""
    return _difference(
        "baseline",
        row,
        project,
        numbers,
        estimate=row["change"],
        low=row["change_ci_low"],
        high=row["change_ci_high"],
        before=before,
    )


def level_sentence(row: Row, project: Row, numbers: Numbers) -> Markup:
    """Say where an indicator stands (a row of mart_progress), with its interval."""
    estimate, low, high = row["estimate"], row["ci_low"], row["ci_high"]
    if low is None or high is None:
        return filled(_("Too small to tell: there is no interval for “{name}”."), name=name(row))
    if row["statistic"] == "proportion":
        base = base_of((estimate, low, high))
        n, least, most = (_of(base, one, numbers) for one in (estimate, low, high))
        return filled(
            _("Of every {base} {who}, about {n} (between {low} and {high}) {gain}."),
            base=_bold(numbers.whole(base)),
            who=_who(row, project),
            n=_bold(n),
            low=least,
            high=most,
            gain=_gain(row),
        )
    places = places_of(estimate, low, high, share=False)
    return filled(
        _("The average of “{indicator}”{among} is about {n} (between {low} and {high})."),
        indicator=name(row),
        among=_among(row, project),
        n=_bold(_with_unit(numbers.decimal(estimate, places), row)),
        low=Markup("{}").format(numbers.decimal(low, places)),
        high=Markup("{}").format(numbers.decimal(high, places)),
    )


def direction(estimate: float, low: float | None, high: float | None) -> Direction:
    """Tell where a difference lies; an interval that holds zero, or none, is unclear."""
    if low is None or high is None or low <= 0 <= high:
        return "unclear"
    return "more" if estimate > 0 else "fewer"


def unclear_reason() -> str:
    """Say what an interval that holds zero means, and what it does not."""
    return _(
        "The interval runs from fewer to more, so the data do not tell which of the two it is. That"
        " is not the same as no difference."
    )


def turn_remarks(row: Row, where: Direction) -> list[str]:
    """Say what a reader could take the wrong way: that less is better, that it got worse."""
    said = [_("Here, lower is better.")] if row["better"] == "lower" else []
    if where != "unclear" and (where == "more") != (row["better"] == "higher"):
        said.append(_("This is a turn for the worse."))
    return said


def status_words(row: Row) -> str:
    """Say a row's status (mart_progress) in words."""
    if row["status"] == "too_small" and (row["n"] or 0) < 30:
        return _("too few answers to tell")
    return _(STATUS[row["status"]])


def arm_words(arm: str, project: Row) -> str:
    """Give the name of an arm: as the project declares it, else ours."""
    if arm in _ARMS:
        return name(project, arm) or _(_ARMS[arm])
    return _("everyone") if arm == "all" else _("not stated")


def answers(n: int, numbers: Numbers) -> str:
    """Give "383 answers", in the plural form of the number."""
    return ngettext("{n} answer", "{n} answers", n).format(n=numbers.whole(n))


def _difference(
    against: Against,
    row: Row,
    project: Row,
    numbers: Numbers,
    *,
    estimate: float,
    low: float | None,
    high: float | None,
    before: str = "",
) -> Markup:
    if low is None or high is None:
        return filled(_("Too small to tell: there is no interval for “{name}”."), name=name(row))
    where = direction(estimate, low, high)
    ends = (low, high) if where != "fewer" else (-high, -low)
    if where == "unclear":
        ends = (-low, high)
    common: dict[str, str] = {
        "other": _bracketed(project, "comparison"),
        "round": name(row, "round"),
        "before": before,
    }
    if row["statistic"] == "proportion":
        base = base_of((estimate, low, high))
        n, least, most = (_of(base, one, numbers) for one in (abs(estimate), *ends))
        return filled(
            _(_OF_EVERY[against, where]),
            base=_bold(numbers.whole(base)),
            who=_who(row, project),
            n=_bold(n),
            low=least,
            high=most,
            gain=_gain(row),
            **common,
        )
    places = places_of(estimate, low, high, share=False)
    least, most = (Markup("{}").format(numbers.decimal(one, places)) for one in ends)
    if where == "unclear":  # there the ends stand alone, without an estimate that has the unit
        least, most = _with_unit(least, row), _with_unit(most, row)
    return filled(
        _(_ON_AVERAGE[against, where]),
        indicator=name(row, "indicator") or name(row),
        among=_among(row, project),
        n=_bold(_with_unit(numbers.decimal(abs(estimate), places), row)),
        low=least,
        high=most,
        **common,
    )


def filled(message: str, **values: str) -> Markup:
    """Fill a message of ours with values; those that are no markup are escaped and isolated."""
    isolated = {
        key: value if isinstance(value, Markup) else _isolated(value)
        for key, value in values.items()
    }
    return Markup(message).format(**isolated)  # noqa: S704 - the message is ours


def _isolated(text: str) -> Markup:
    return Markup("<bdi>{}</bdi>").format(text) if text else Markup("")


def _bold(text: str) -> Markup:
    return Markup("<b>{}</b>").format(text)


def _with_unit(number: str, row: Row) -> Markup:
    unit = name(row, "unit")
    return Markup("{}").format(f"{number}\N{NO-BREAK SPACE}{unit}" if unit else number)


def _of(base: int, share: float, numbers: Numbers) -> Markup:
    return Markup("{}").format(numbers.whole(share * base))


def _gain(row: Row) -> str:
    said = name(row, "gain")
    if said:
        return said
    return _("answer “{name}”").format(name=name(row, "indicator") or name(row))


def _who(row: Row, project: Row) -> Markup:
    people = name(row, "people") or _("respondents")
    if row.get("arm", "participants") != "participants":
        return _isolated(people)
    return filled(
        _("participating {people}{arm}"),
        people=people,
        arm=_bracketed(project, "participants"),
    )


def _among(row: Row, project: Row) -> Markup:
    if row.get("arm", "participants") != "participants":
        return Markup("")
    return filled(_(" among participants{arm}"), arm=_bracketed(project, "participants"))


def _bracketed(project: Row, arm: str) -> Markup:
    """Give the declared name of an arm in brackets, where it says more than our own word."""
    declared = name(project, arm)
    if not declared or declared.casefold() == _(_ARMS[arm]).casefold():
        return Markup("")
    return Markup(" ({})").format(_isolated(declared))
