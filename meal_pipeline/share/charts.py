"""Pictures of a brief, as inline SVG: arms over rounds, an interval against its target.

Here: shapes and places. Not here: which numbers are drawn, or their wording. Every picture says its
numbers in its label. Arms differ in shape and dash as well as in colour. In a language that runs
from right to left so do time and values: positions are mirrored, while `text-anchor` follows the
direction of the page by itself.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import ceil, floor, log10

from markupsafe import Markup

_WIDTH, _HEIGHT = 420, 246
_TOP, _BOTTOM = 28, 188
_AXIS = 50
_LETTER = 7.5


@dataclass(frozen=True)
class Point:
    """One arm in one round: its round's place, estimate, interval, and how it is written."""

    place: int
    estimate: float
    low: float | None
    high: float | None
    text: str


@dataclass(frozen=True)
class Line:
    """One arm over the rounds; `kind` is participants, comparison or all."""

    kind: str
    points: Sequence[Point]


@dataclass(frozen=True)
class _Axes:
    """Where a place in time and a value stand in the picture."""

    least: float
    most: float
    right_to_left: bool

    def x(self, at: float) -> float:
        return round(_WIDTH - at if self.right_to_left else at, 1)

    def y(self, number: float) -> float:
        share = (number - self.least) / (self.most - self.least)
        return round(_BOTTOM - share * (_BOTTOM - _TOP), 1)


def scale_of(numbers: Sequence[float], *, share: bool, from_zero: bool = False) -> list[float]:
    """Give the ticks of an axis that holds all numbers: up to seven, at round values."""
    least, most = min(numbers), max(numbers)
    if from_zero:
        least, most = min(least, 0.0), max(most, 0.0)
    span = (most - least) or abs(most) or 1.0
    power = 10.0 ** floor(log10(span / 4))
    step = next(one * power for one in (1, 2, 5, 10) if one * power >= span / 4)
    first, last = floor(least / step + 1e-9), ceil(most / step - 1e-9)
    last = max(last, first + 1)
    ticks = [round(place * step, 10) for place in range(first, last + 1)]
    return [tick for tick in ticks if not share or -1e-9 <= tick <= 1 + 1e-9]


def rounds_chart(
    lines: Sequence[Line],
    rounds: Sequence[tuple[str, str]],
    ticks: Sequence[float],
    *,
    tick_text: Callable[[float], str],
    label: str,
    right_to_left: bool,
) -> Markup:
    """Draw each arm over the rounds with its intervals.

    `rounds` are (name, time) in time order; `label` says all the numbers for a screen reader.
    """
    axes = _Axes(ticks[0], ticks[-1], right_to_left)
    width = (_WIDTH - _AXIS) / len(rounds)
    centres = [_AXIS + width * (place + 0.5) for place in range(len(rounds))]
    apart = 0 if len(lines) == 1 else 7 if len(rounds) > 1 else 60
    parts = [_grid(ticks, tick_text, axes)]
    for line in lines:
        aside = apart if line.kind == "comparison" else -apart
        below = {
            point.place
            for point in line.points
            if len(rounds) > 1 and _is_lower(point, line, lines)
        }
        parts.append(_line(line, [centre + aside for centre in centres], below, axes))
    for centre, (named, when) in zip(centres, rounds, strict=True):
        parts.append(_round_name(named, when, axes.x(centre), width))
    return Markup(
        '<svg class="chart{}" viewBox="0 0 {} {}" role="img" aria-label="{}">{}</svg>'
    ).format(" wide" if len(rounds) <= 2 else "", _WIDTH, _HEIGHT, label, Markup("").join(parts))


def interval_bar(
    estimate: float,
    low: float | None,
    high: float | None,
    ends: tuple[float, float],
    *,
    target: float | None,
    before: float | None,
    label: str,
    right_to_left: bool,
) -> Markup:
    """Draw a value with its interval on a track, a ring at the baseline, a bar at the target."""

    def x(number: float) -> float:
        share = (number - ends[0]) / (ends[1] - ends[0])
        at = 8 + 204 * min(1.0, max(0.0, share))
        return round(220 - at if right_to_left else at, 1)

    parts = [Markup('<path class="track" d="M8 15H212"/>')]
    if low is not None and high is not None:
        parts.append(Markup('<path class="span" d="M{} 15H{}"/>').format(x(low), x(high)))
    if before is not None:
        parts.append(Markup('<circle class="ring" cx="{}" cy="15" r="4.5"/>').format(x(before)))
    parts.append(Markup('<circle class="dot" cx="{}" cy="15" r="5.5"/>').format(x(estimate)))
    if target is not None:
        parts.append(Markup('<path class="goal" d="M{} 2V28"/>').format(x(target)))
    return Markup(
        '<svg class="bar" viewBox="0 0 220 30" role="img" aria-label="{}">{}</svg>'
    ).format(label, Markup("").join(parts))


def legend_mark(kind: str) -> Markup:
    """Draw an arm's sign as it stands in the chart."""
    return Markup(
        '<svg class="sign {}" viewBox="0 0 36 14" aria-hidden="true">'
        '<path class="way" d="M1 7H35"/>{}</svg>'
    ).format(_kind(kind), _sign(kind, 18, 7))


def _kind(kind: str) -> str:
    return "other" if kind == "comparison" else "join"


def _sign(kind: str, x: float, y: float) -> Markup:
    if kind == "comparison":
        return Markup('<rect class="sign-shape" x="{}" y="{}" width="11" height="11"/>').format(
            round(x - 5.5, 1), round(y - 5.5, 1)
        )
    return Markup('<circle class="sign-shape" cx="{}" cy="{}" r="6"/>').format(x, y)


def _grid(ticks: Sequence[float], tick_text: Callable[[float], str], axes: _Axes) -> Markup:
    line = Markup('<path class="grid" d="M{} {}H{}"/><text class="soft" x="{}" y="{}">{}</text>')
    start, end, edge = axes.x(_AXIS), axes.x(_WIDTH), axes.x(2)
    drawn = (
        line.format(start, axes.y(tick), end, edge, axes.y(tick) + 4.5, tick_text(tick))
        for tick in ticks
    )
    return Markup('<g font-size="12.5">{}</g>').format(Markup("").join(drawn))


def _is_lower(point: Point, line: Line, lines: Sequence[Line]) -> bool:
    """Tell whether another arm stands higher in the point's round; of equals the comparison is."""
    highest = max(
        (one.estimate, other.kind != "comparison", other.kind)
        for other in lines
        for one in other.points
        if one.place == point.place
    )
    return highest[2] != line.kind


def _line(line: Line, places: Sequence[float], below: set[int], axes: _Axes) -> Markup:
    """Draw an arm; its numbers stand above, or below where another arm stands higher."""
    way, marks = [], []
    for point in line.points:
        at, height = axes.x(places[point.place]), axes.y(point.estimate)
        top = bottom = height
        way.append(f"{at} {height}")
        if point.low is not None and point.high is not None:
            top, bottom = axes.y(point.high), axes.y(point.low)
            marks.append(Markup('<path class="whisker" d="M{} {}V{}"/>').format(at, bottom, top))
        marks.append(_sign(line.kind, at, height))
        text_at = bottom + 19 if point.place in below else top - 8
        marks.append(
            Markup('<text class="value" x="{}" y="{}" text-anchor="middle">{}</text>').format(
                at, round(text_at, 1), point.text
            )
        )
    drawn = Markup('<path class="way" d="M{}"/>').format("L".join(way)) if len(way) > 1 else ""
    return Markup('<g class="{}">{}{}</g>').format(_kind(line.kind), drawn, Markup("").join(marks))


def _round_name(named: str, when: str, x: float, width: float) -> Markup:
    """Write a round below the picture, cut to its width; the picture's label has it whole."""
    most = int(width / _LETTER)
    short = named if len(named) <= most else named[: most - 1].rstrip() + "…"
    return Markup(
        '<text x="{}" y="{}" font-size="14" text-anchor="middle">{}</text>'
        '<text class="soft" x="{}" y="{}" font-size="12" text-anchor="middle">{}</text>'
    ).format(x, _BOTTOM + 27, short, x, _BOTTOM + 48, when if len(when) <= most else "")
