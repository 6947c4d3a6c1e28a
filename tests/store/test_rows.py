"""Rows in bulk, alike on both databases."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from sqlalchemy import select

from meal_pipeline.store import Store, insert_rows, replace_rows, upsert
from meal_pipeline.store.tables.measure import rounds
from meal_pipeline.store.tables.runs import facts


def a_round(project: str, code: str, **values: Any) -> dict[str, Any]:
    return {"project": project, "round": code, "name_en": None, "position": 1, **values}


def held(store: Store) -> list[tuple[Any, ...]]:
    columns = (rounds.c.project, rounds.c.round, rounds.c.name_en, rounds.c.position)
    with store.read() as connection:
        rows = connection.execute(select(*columns).order_by(*columns[:2]))
        return [tuple(row) for row in rows]


def test_replacing_one_projects_rows_leaves_the_others(store: Store) -> None:
    with store.write() as connection:
        insert_rows(connection, rounds, [a_round("a", "1"), a_round("a", "2"), a_round("b", "1")])
        replace_rows(connection, rounds, [a_round("a", "3")], {"project": "a"})
    assert [row[:2] for row in held(store)] == [("a", "3"), ("b", "1")]


def test_replacing_by_nothing_empties_just_those(store: Store) -> None:
    with store.write() as connection:
        insert_rows(connection, rounds, [a_round("a", "1"), a_round("b", "1")])
        replace_rows(connection, rounds, [], {"project": "a"})
    assert [row[0] for row in held(store)] == ["b"]


def test_replacing_without_saying_which_is_refused(store: Store) -> None:
    with store.write() as connection, pytest.raises(ValueError, match="which rows"):
        replace_rows(connection, rounds, [], {})


def test_upsert_adds_the_new_and_overwrites_the_old(store: Store) -> None:
    with store.write() as connection:
        insert_rows(connection, rounds, [a_round("a", "1", name_en="old")])
        upsert(
            connection,
            rounds,
            [a_round("a", "1", name_en="new"), a_round("a", "2")],
            ["project", "round"],
        )
    assert held(store) == [("a", "1", "new", 1), ("a", "2", None, 1)]


@pytest.mark.parametrize("missing", [None, float("nan"), np.nan, pd.NA, pd.NaT])
def test_every_kind_of_missing_becomes_null(store: Store, missing: object) -> None:
    with store.write() as connection:
        insert_rows(connection, rounds, [a_round("a", "1", name_en=missing)])
    assert held(store) == [("a", "1", None, 1)]


def test_text_and_numbers_come_back_as_they_were(store: Store) -> None:
    odd = "tab\t back\\slash \\N أُسرة\nline “x”"
    with store.write() as connection:
        insert_rows(connection, rounds, [a_round("a", "1", name_en=odd, position=np.int64(7))])
    assert held(store) == [("a", "1", odd, 7)]


def test_a_nul_character_is_kept_visible_on_both_databases(store: Store) -> None:
    with store.write() as connection:
        insert_rows(connection, facts, [{"name": "a", "value": "x\x00y"}])
    with store.read() as connection:
        assert connection.execute(select(facts.c.value)).scalar() == "x\ufffdy"


def test_an_unknown_column_is_refused(store: Store) -> None:
    with store.write() as connection, pytest.raises(ValueError, match="no column colour"):
        insert_rows(connection, facts, [{"name": "a", "value": "1", "colour": "red"}])
