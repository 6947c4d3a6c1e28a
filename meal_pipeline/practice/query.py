"""The part of MongoDB's query language that KoboToolbox lets through.

Here: a query (the `query` parameter, already JSON) turned into a test of one row, the ids it is
limited to, and the order of `sort`. Not here: HTTP, paging, rights.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

Row = Mapping[str, Any]
Test = Callable[[Row], bool]


class UnsupportedQuery(Exception):
    """The query is JSON, but MongoDB would refuse it."""


def _ordered(value: Any, other: Any) -> bool:
    """Tell whether MongoDB would compare the two: only within text or within numbers."""
    both = (value, other)
    return all(isinstance(x, str) for x in both) or all(
        isinstance(x, int | float) and not isinstance(x, bool) for x in both
    )


def _equals(value: Any, other: Any) -> bool:
    if other is None:
        return value is None
    if isinstance(value, list) and not isinstance(other, list):
        return other in value
    return type(value) is type(other) and bool(value == other)


def _one_of(value: Any, others: Any) -> bool:
    return any(_equals(value, other) for other in others)


_TESTS: dict[str, Callable[[Any, Any], bool]] = {
    "$eq": _equals,
    "$ne": lambda value, other: not _equals(value, other),
    "$gt": lambda value, other: _ordered(value, other) and value > other,
    "$gte": lambda value, other: _ordered(value, other) and value >= other,
    "$lt": lambda value, other: _ordered(value, other) and value < other,
    "$lte": lambda value, other: _ordered(value, other) and value <= other,
    "$in": _one_of,
    "$nin": lambda value, others: not _one_of(value, others),
    "$exists": lambda value, wanted: (value is not None) == bool(wanted),
    "$all": lambda value, others: (
        isinstance(others, list) and all(_equals(value, other) for other in others)
    ),
}


def row_test(query: Mapping[str, Any]) -> Test:
    """Give the test whether a row matches `query`; raise `UnsupportedQuery` as MongoDB would."""
    tests = [_clause(key, wanted) for key, wanted in query.items()]
    return lambda row: all(test(row) for test in tests)


def _clause(key: str, wanted: Any) -> Test:
    if key in {"$and", "$or"}:
        if not isinstance(wanted, list) or not all(isinstance(part, Mapping) for part in wanted):
            raise UnsupportedQuery(key)
        tests = [row_test(part) for part in wanted]
        combine = all if key == "$and" else any
        return lambda row: combine(test(row) for test in tests)
    if key == "$expr":
        raise UnsupportedQuery(key)  # MongoDB has it; the practice server does not
    if isinstance(wanted, Mapping) and any(name.startswith("$") for name in wanted):
        value_tests = [_operator(name, wanted) for name in wanted if name != "$options"]
    else:
        value_tests = [lambda value: _equals(value, wanted)]
    return lambda row: all(test(value_at(row, key)) for test in value_tests)


def _operator(name: str, condition: Mapping[str, Any]) -> Callable[[Any], bool]:
    wanted = condition[name]
    if name in {"$in", "$nin"} and not isinstance(wanted, list):
        raise UnsupportedQuery(name)
    if name in _TESTS:
        return lambda value: _TESTS[name](value, wanted)
    if name == "$regex":
        flags = re.IGNORECASE if "i" in condition.get("$options", "") else 0
        try:
            pattern = re.compile(wanted, flags)
        except (re.error, TypeError) as error:
            raise UnsupportedQuery(name) from error
        return lambda value: isinstance(value, str) and pattern.search(value) is not None
    if name == "$not" and isinstance(wanted, Mapping):
        inner = [_operator(each, wanted) for each in wanted if each != "$options"]
        return lambda value: not all(test(value) for test in inner)
    if name == "$elemMatch" and isinstance(wanted, Mapping):
        test = row_test(wanted)
        return lambda value: isinstance(value, list) and any(test(part) for part in value)
    return lambda value: False  # an operator that KoboToolbox does not know matches nothing


def value_at(row: Row, key: str) -> Any:
    """Give the value of a key, None when absent; only the validation status is looked into."""
    if key in row:
        return row[key]
    outer, _, inner = key.partition(".")
    if outer == "_validation_status" and inner:
        return (row.get(outer) or {}).get(inner)
    return None


def id_limits(query: Mapping[str, Any]) -> tuple[float, float, Mapping[str, Any]]:
    """Split the bounds on `_id` from a query: lowest id, highest id, and what is left to test.

    Lets a page be found by binary search; the bounds are inclusive.
    """
    low, high = float("-inf"), float("inf")
    rest: list[Mapping[str, Any]] = []
    for part in _conjunction(query):
        bounds = part.get("_id") if len(part) == 1 else None
        if isinstance(bounds, Mapping) and all(
            name in {"$gt", "$gte", "$lt", "$lte"} and type(bound) is int
            for name, bound in bounds.items()
        ):
            low = max(low, bounds.get("$gte", low), bounds.get("$gt", low - 1) + 1)
            high = min(high, bounds.get("$lte", high), bounds.get("$lt", high + 1) - 1)
        else:
            rest.append(part)
    return low, high, {"$and": rest} if rest else {}


def wanted_ids(query: Mapping[str, Any]) -> Sequence[int] | None:
    """Give the ids that `_id: {"$in": …}` limits a query to, or None."""
    for part in _conjunction(query):
        condition = part.get("_id")
        if isinstance(condition, Mapping) and isinstance(condition.get("$in"), list):
            return [each for each in condition["$in"] if type(each) is int]
        if type(condition) is int:
            return [condition]
    return None


def _conjunction(query: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    parts: list[Mapping[str, Any]] = []
    for key, wanted in query.items():
        nested = key == "$and" and isinstance(wanted, list)
        if nested and all(isinstance(part, Mapping) for part in wanted):
            for part in wanted:
                parts.extend(_conjunction(part))
        else:
            parts.append({key: wanted})
    return parts


def sorted_rows(rows: Sequence[Row], sort: Mapping[str, Any]) -> list[Row]:
    """Order rows as `sort` says: absent first, then numbers, then text; negative is descending."""

    def place(value: Any) -> tuple[int, Any]:
        if isinstance(value, int | float):
            return (1, value)
        return (2, str(value)) if value is not None else (0, 0)

    in_order = list(rows)
    for key, direction in reversed(list(sort.items())):
        in_order.sort(
            key=lambda row, key=key: place(value_at(row, key)),  # type: ignore[misc]
            reverse=isinstance(direction, int) and direction < 0,
        )
    return in_order
