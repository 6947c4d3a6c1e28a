"""The short names of figures, and rows that are written only when they differ."""

import hashlib
import re

import pytest
from sqlalchemy import select

from meal_pipeline.store import Store
from meal_pipeline.store import figures as module
from meal_pipeline.store.figures import (
    NATURAL_KEY,
    figure_id,
    replace_figures,
)
from meal_pipeline.store.tables.measure import changes, estimates

KEY = ("livelihoods", "estimate", "fcs", "ab", "endline", ".", ".")
KEY += ("sex", "f", "all", "mean", "t", "official")


def figure(**different: object) -> dict[str, object]:
    row: dict[str, object] = dict.fromkeys((column.name for column in estimates.c), None)
    del row["figure_id"]
    row.update(dict.fromkeys((name for name in NATURAL_KEY if name != "kind"), ""))
    row.update(project="p", variant="official", confidence=0.95, estimate=0.1 + 0.2)
    row.update(n=5, n_missing=0, n_clusters=5, n_strata=1, method="m", ci_method="c")
    return row | {"snapshot_id": "s", "status": "draft"} | different


def held(store: Store) -> dict[tuple[str, str], str]:
    with store.read() as connection:
        rows = connection.execute(
            select(estimates.c.project, estimates.c.indicator, estimates.c.figure_id)
        )
        return {(row.project, row.indicator): row.figure_id for row in rows}


def test_a_figure_has_the_same_short_name_for_ever() -> None:
    assert figure_id(KEY) == "F-25KBEEHW"


def test_a_short_name_is_the_first_40_bits_of_the_sha256_in_crockford_digits() -> None:
    number = int(hashlib.sha256("\x1f".join(KEY).encode()).hexdigest()[:10], 16)
    digits = "".join(
        "0123456789ABCDEFGHJKMNPQRSTVWXYZ"[number >> s & 31] for s in range(35, -5, -5)
    )
    assert figure_id(KEY) == f"F-{digits}"


def test_a_longer_name_begins_with_the_shorter_and_reads_without_doubt() -> None:
    assert figure_id(KEY, 12).startswith(figure_id(KEY))
    assert re.fullmatch("F-[0-9A-HJKMNP-TV-Z]{12}", figure_id(KEY, 12))


def test_an_estimate_and_a_change_of_the_same_key_have_two_names() -> None:
    assert figure_id(KEY) != figure_id((KEY[0], "change", *KEY[2:]))


def test_figures_with_the_same_short_name_are_told_apart_by_more_digits(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "SHORT", 1)
    rows = [figure(indicator=f"i{i}") for i in range(40)]
    with store.write() as connection:
        replace_figures(connection, "estimate", rows[:20], "p", "official")
        replace_figures(
            connection, "estimate", [row | {"project": "q"} for row in rows], "q", "official"
        )
    names = held(store)
    assert len(set(names.values())) == 60
    with store.write() as connection:
        assert not replace_figures(connection, "estimate", rows[:20], "p", "official")
    assert held(store) == names


def test_the_same_figures_again_write_nothing_and_others_replace_them(store: Store) -> None:
    with store.write() as connection:
        assert replace_figures(connection, "estimate", [figure()], "p", "official")
        assert not replace_figures(connection, "estimate", [figure()], "p", "official")
        assert replace_figures(connection, "estimate", [figure(estimate=1.0)], "p", "official")
        assert replace_figures(connection, "estimate", [], "p", "official")
    assert held(store) == {}


def test_other_projects_variants_and_kinds_are_left_alone(store: Store) -> None:
    with store.write() as connection:
        replace_figures(connection, "estimate", [figure(project="q")], "q", "official")
        replace_figures(connection, "estimate", [figure(variant="rerun")], "p", "rerun")
        replace_figures(connection, "change", [figure()], "p", "official")
        replace_figures(connection, "estimate", [], "p", "official")
        assert connection.execute(select(changes.c.project)).scalars().all() == ["p"]
    assert set(held(store)) == {("q", ""), ("p", "")}
