"""Points on the map: missing or rough, outside the area, the same for several households.

Here: HFC22 to HFC24. Not here: names and codes of places. No point is ever the value of a finding.
"""

from collections.abc import Iterator

import numpy as np

from meal_pipeline.rows.form_rows import declared_at, main_column
from meal_pipeline.validate.accounts import BoolArray
from meal_pipeline.validate.fieldwork.interviews import Found, Interviews, NotRun, Numbers
from meal_pipeline.workspace.fieldwork import Area

EARTH_KM = 6371.0088
"""The mean radius of the Earth (IUGG), in kilometres."""


def rough_points(interviews: Interviews) -> Iterator[Found]:
    """HFC22: an interview without a point, or with one whose accuracy is worse than the limit."""
    limit, point = interviews.settings.HFC22.metres, _point(interviews)
    latitude, _longitude = _degrees(interviews, point)
    accuracy = np.full(len(interviews), np.nan)
    if f"{point}/accuracy" in interviews.frame.columns:
        accuracy = interviews.numbers(f"{point}/accuracy")
    missing = np.isnan(latitude)
    yield interviews.found(
        point,
        np.ones(len(interviews), dtype=np.bool_),
        missing | (accuracy > limit),
        values=lambda rows: [None if np.isnan(one) else f"± {one:.0f} m" for one in accuracy[rows]],
        limit=f"{limit:g}",
    )


def outside_area(interviews: Interviews) -> Iterator[Found]:
    """HFC23: a point outside the box of the area that was reported, or too far from its place."""
    point, declared = _point(interviews), interviews.settings.HFC23
    if declared is None:
        raise NotRun(key=f"validation.fieldwork.{interviews.form.code}.HFC23")
    with declared_at(f"validation.fieldwork.{interviews.form.code}.HFC23.question"):
        reported = interviews.column(declared.question)
    latitude, longitude = _degrees(interviews, point)
    there = ~np.isnan(latitude)
    asked, outside = np.zeros_like(there), np.zeros_like(there)
    for code, area in declared.areas.items():
        here = there & (reported == code).fillna(False).to_numpy(np.bool_)
        asked |= here
        outside |= here & _outside(area, latitude, longitude)
    yield interviews.found(point, asked, outside, values=lambda rows: [None] * len(rows))


def same_point(interviews: Interviews) -> Iterator[Found]:
    """HFC24: several households within some metres; one household counts once.

    Distances are those of the map around each latitude, which over some metres are exact to far
    below the accuracy of any device.
    """
    from scipy.spatial import KDTree

    limits, point = interviews.settings.HFC24, _point(interviews)
    latitude, longitude = _degrees(interviews, point)
    asked = ~np.isnan(latitude)
    rows = interviews.rows(asked)
    household = interviews.form.form.subject
    who = interviews.column(household) if household else interviews.frame.column("_id")
    first = rows[~who.take(rows).duplicated().to_numpy(np.bool_)]
    crowded = np.zeros(len(interviews), dtype=np.bool_)
    if len(first):
        metres = _on_the_map(latitude, longitude)
        tree = KDTree(metres[first])
        near = tree.query_ball_point(metres[rows], limits.metres, return_length=True)
        crowded[rows] = np.asarray(near) >= limits.households
    yield interviews.found(
        point,
        asked,
        crowded,
        values=lambda rows: [None] * len(rows),
        households=limits.households,
        metres=f"{limits.metres:g}",
    )


def distance_km(
    latitude: Numbers, longitude: Numbers, to_latitude: float, to_longitude: float
) -> Numbers:
    """Give great-circle distances in kilometres.

    The haversine formula: Sinnott, Virtues of the Haversine, Sky and Telescope 68 (1984).
    """
    north, to_north = np.radians(latitude), np.radians(to_latitude)
    half_north = (north - to_north) / 2
    half_east = np.radians(longitude - to_longitude) / 2
    chord = np.sin(half_north) ** 2 + np.cos(north) * np.cos(to_north) * np.sin(half_east) ** 2
    return np.asarray(2 * EARTH_KM * np.arcsin(np.sqrt(np.minimum(chord, 1))))


def _outside(area: Area, latitude: Numbers, longitude: Numbers) -> BoolArray:
    """Tell which points lie outside; an edge that is not declared does not bound."""
    outside = np.zeros(len(latitude), dtype=np.bool_)
    for edge, beyond in (
        (area.south, latitude.__lt__),
        (area.north, latitude.__gt__),
        (area.west, longitude.__lt__),
        (area.east, longitude.__gt__),
    ):
        if edge is not None:
            outside |= beyond(edge)
    if area.latitude is not None and area.longitude is not None:
        outside |= distance_km(latitude, longitude, area.latitude, area.longitude) > area.km
    return outside


def _on_the_map(latitude: Numbers, longitude: Numbers) -> Numbers:
    """Give metres north and east, two columns."""
    metre = np.radians(1) * EARTH_KM * 1000
    east = longitude * np.cos(np.radians(latitude)) * metre
    return np.column_stack([latitude * metre, east])


def _point(interviews: Interviews) -> str:
    """Give the column of the question that holds the point. Raises NotRun."""
    union, declared = interviews.form.union, interviews.settings.point
    if declared is not None:
        with declared_at(f"validation.fieldwork.{interviews.form.code}.point"):
            name = main_column(union, declared)
        names = [name]
    else:
        names = [one.name for one in union.columns_of(None) if one.kind == "geopoint"]
    for name in names:
        if f"{name}/latitude" in interviews.frame.columns:
            return name
    raise NotRun(what="point")


def _degrees(interviews: Interviews, point: str) -> tuple[Numbers, Numbers]:
    north, east = (interviews.numbers(f"{point}/{part}") for part in ("latitude", "longitude"))
    return north, east
