"""Areas and lengths on the ground.

Here: `area` and `distance` over points, lines and shapes. Not here: how frames hold places
(`columns`).
Source: measured on both engines, which take the earth for a sphere of 6 378 100 m. Length: the
spherical law of cosines. Area: KoboCollect lays triangles on a plane at the first point, Enketo
adds up spherical trapezoids (R. Chamberlain and W. Duquette, "Some algorithms for polygons on a
sphere", 2007) and gives two decimals, as for lengths.
"""

import math
from collections.abc import Callable, Sequence
from itertools import pairwise

import numpy as np
import pyarrow as pa

from meal_pipeline.expressions.errors import UnsupportedExpression
from meal_pipeline.expressions.nodesets import NodeSet
from meal_pipeline.expressions.number_text import read_number_collect, read_number_enketo
from meal_pipeline.expressions.predicates import Context
from meal_pipeline.expressions.rows import Outcome
from meal_pipeline.expressions.values import Engine, Value, number, spread_out
from meal_pipeline.locale import gettext as _

RADIUS = 6_378_100.0
Point = tuple[float, float]


def area(rows: Context, given: Outcome) -> Value:
    """Give the area within a shape, or within the points of a repeat, in square metres."""
    if rows.engine == "collect" and isinstance(given, Value) and not given.is_answer:
        raise UnsupportedExpression(
            "area",
            _("KoboCollect takes area() only of a question, not of a computed text."),
            next_step=_("Write the question as ${{name}}.").format(),
        )
    measure = area_collect if rows.engine == "collect" else area_enketo
    return number(_measured(rows, (given,), measure))


def distance(rows: Context, *given: Outcome) -> Value:
    """Give the length of a line, or of the way through several points, in metres."""
    return number(_measured(rows, given, length))


def _measured(
    rows: Context, given: tuple[Outcome, ...], measure: Callable[[Sequence[Point]], float]
) -> "np.ndarray[tuple[int], np.dtype[np.float64]]":
    """Measure the points of each row: NaN where a text is no place."""
    several = len(given) > 1 or isinstance(given[0], NodeSet)
    texts: list[list[str]] = [[] for _row in range(len(rows))]
    for one in given:
        found = rows.nodes(one if isinstance(one, NodeSet) else spread_out(one, len(rows)))
        written = rows.text(found.value)
        listed = written.to_pylist() if isinstance(written, pa.Array) else [written] * len(found)
        for owner, part in zip(found.owner.tolist(), listed, strict=True):
            texts[owner].append(part or "")
    results: dict[tuple[str, ...], float] = {}
    for row in {tuple(one) for one in texts}:
        parts = row if several and len(row) != 1 else "".join(row).split(";")
        results[row] = _of_points(parts, rows.engine, measure)
    return np.array([results[tuple(one)] for one in texts], dtype="float64")


def _of_points(
    parts: Sequence[str], engine: Engine, measure: Callable[[Sequence[Point]], float]
) -> float:
    if engine == "collect":
        parts = [one for one in parts if one.strip()]
    points = [_point(one, engine) for one in parts]
    if any(one is None for one in points):
        return math.nan
    result = measure([one for one in points if one is not None])
    return math.floor(abs(result) * 100 + 0.5) / 100 if engine == "enketo" else result


def _point(text: str, engine: Engine) -> Point | None:
    read = read_number_collect if engine == "collect" else read_number_enketo
    numbers = [read(one) for one in text.split()]
    if len(numbers) < 2 or any(map(math.isnan, numbers)):
        return None
    latitude, longitude = numbers[:2]
    return (latitude, longitude) if abs(latitude) <= 90 and abs(longitude) <= 180 else None


def length(points: Sequence[Point]) -> float:
    """Give the length of the way from point to point, in metres."""
    return sum((_between(one, other) for one, other in pairwise(points)), start=0.0)


def _between(one: Point, other: Point) -> float:
    apart = math.radians(one[1] - other[1])
    here, there = math.radians(one[0]), math.radians(other[0])
    cosine = math.sin(here) * math.sin(there) + math.cos(here) * math.cos(there) * math.cos(apart)
    return math.acos(cosine) * RADIUS if abs(cosine) <= 1 else math.nan


def area_collect(points: Sequence[Point]) -> float:
    """Give the area of triangles from the first point, on a plane, in square metres."""
    if len(points) < 3:
        return 0.0
    degree = 2 * RADIUS * math.pi / 360.0
    south, west = points[0]
    flat = [
        (
            (longitude - west) * degree * math.cos(math.radians(latitude)),
            (latitude - south) * degree,
        )
        for latitude, longitude in points[1:]
    ]
    twice = ((one[1] * other[0] - one[0] * other[1]) / 2 for one, other in pairwise(flat))
    return abs(sum(twice))


def area_enketo(points: Sequence[Point]) -> float:
    """Give the area of spherical trapezoids below each side, in square metres."""
    if len(points) < 3:
        return 0.0
    sides = zip(points, [*points[1:], points[0]], strict=True)
    return (
        RADIUS**2
        / 2
        * sum(
            math.radians(other[1] - one[1])
            * (2 + math.sin(math.radians(one[0])) + math.sin(math.radians(other[0])))
            for one, other in sides
        )
    )
