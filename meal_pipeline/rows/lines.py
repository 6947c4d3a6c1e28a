"""Lines and areas on the map, read into one canonical text.

Here: one geotrace or geoshape. Not here: single points (`typed.py`).
"""

from meal_pipeline.locale import mark
from meal_pipeline.rows.numbers import Unreadable, plain_digits, read_decimal

NOT_A_LINE = mark("The answer to {question} cannot be read as a line on the map.")


def read_line(text: str) -> tuple[str, int] | None:
    """Give a line as `lat lon alt acc;lat lon alt acc` and the number of its points.

    Numbers stay as they were sent; altitude and accuracy may be absent. Apps separate points by
    `;` or `; ` and may end the line with one. An area ends with its first point, which is counted.
    None when blank. Raises `Unreadable` where a part is no point.
    """
    points = [" ".join(part.split()) for part in plain_digits(text).split(";")]
    points = [point for point in points if point]
    for point in points:
        _check(point.split(" "))
    return (";".join(points), len(points)) if points else None


def _check(parts: list[str]) -> None:
    try:
        numbers = [read_decimal(part) for part in parts]
    except Unreadable:
        raise Unreadable(NOT_A_LINE) from None
    if not 2 <= len(numbers) <= 4:
        raise Unreadable(NOT_A_LINE)
    latitude, longitude = numbers[:2]
    if latitude is None or longitude is None or abs(latitude) > 90 or abs(longitude) > 180:
        raise Unreadable(NOT_A_LINE)
