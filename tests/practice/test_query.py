"""Queries find what MongoDB would find."""

from typing import Any

import pytest

from meal_pipeline.practice.query import (
    UnsupportedQuery,
    id_limits,
    row_test,
    sorted_rows,
    wanted_ids,
)

ROW = {
    "_id": 7,
    "demo/age": "30",
    "a.b": "dotted",
    "members": [{"members/name": "Rana"}, {"members/name": "Omar"}],
    "_validation_status": {"uid": "validation_status_approved"},
    "_attachments": [],
}


@pytest.mark.parametrize(
    "query",
    [
        {},
        {"_id": 7},
        {"_id": {"$gt": 6, "$lte": 7}},
        {"demo/age": {"$gt": "3"}},
        {"demo/age": {"$in": ["29", "30"]}},
        {"demo/age": {"$ne": "31"}},
        {"demo/age": {"$regex": "^3"}},
        {"demo/age": {"$not": {"$regex": "^4"}}},
        {"demo/sex": None},
        {"demo/sex": {"$exists": False}},
        {"demo/sex": {"$ne": "f"}},
        {"demo/sex": {"$nin": ["f"]}},
        {"a.b": "dotted"},
        {"_validation_status.uid": "validation_status_approved"},
        {"members": {"$elemMatch": {"members/name": "Omar"}}},
        {"_attachments": []},
        {"$or": [{"_id": 1}, {"demo/age": "30"}]},
        {"$and": [{"_id": 7}, {"demo/age": "30"}]},
    ],
    ids=str,
)
def test_matches(query: dict[str, Any]) -> None:
    assert row_test(query)(ROW)


@pytest.mark.parametrize(
    "query",
    [
        {"_id": "7"},
        {"_id": {"$gt": "6"}},
        {"demo/age": 30},
        {"demo/age": {"$gt": 3}},
        {"age": "30"},
        {"members/name": "Rana"},
        {"demo/sex": {"$gt": ""}},
        {"demo/age": {"$gte": {"$date": "2026-01-01"}}},
        {"_id": {"$foo": 7}},
        {"$nor": [{"_id": 1}]},
    ],
    ids=str,
)
def test_does_not_match(query: dict[str, Any]) -> None:
    assert not row_test(query)(ROW)


@pytest.mark.parametrize(
    "query",
    [{"_id": {"$in": 5}}, {"$or": 5}, {"q": {"$regex": "("}}, {"$expr": {"$gt": [1, 0]}}],
    ids=str,
)
def test_is_refused(query: dict[str, Any]) -> None:
    with pytest.raises(UnsupportedQuery):
        row_test(query)


def test_bounds_on_the_id_are_taken_out_for_the_search() -> None:
    query = {"$and": [{"_id": {"$gt": 3, "$lte": 9}}, {"demo/age": "30"}]}
    assert id_limits(query) == (4, 9, {"$and": [{"demo/age": "30"}]})
    assert wanted_ids({"$and": [{"_id": {"$in": [1, "2", 3]}}]}) == [1, 3]


def test_sorting_puts_the_absent_first_and_keeps_the_second_key_within_the_first() -> None:
    rows = [{"_id": 1, "g": "b"}, {"_id": 2}, {"_id": 3, "g": "b"}, {"_id": 4, "g": "a"}]
    ordered = sorted_rows(rows, {"g": 1, "_id": -1})
    assert [row["_id"] for row in ordered] == [2, 4, 3, 1]
