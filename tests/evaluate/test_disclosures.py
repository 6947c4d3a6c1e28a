"""Which figures are withheld: small cells, and whatever would give them back."""

from collections import Counter
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select, update

from meal_pipeline.evaluate.disclosures import relations, split, withheld_estimates
from meal_pipeline.store.tables.evaluate import disclosures
from meal_pipeline.store.tables.measure import estimates
from tests.evaluate.conftest import change, figure, food

FORMS = {"fed": "household", "slept": "household", "heard": "feedback"}


def hidden(*rows):
    """Give {(indicator, arm, category): reason} of estimates."""
    found = withheld_estimates(rows, FORMS)
    return {
        (row["indicator"], row["arm"], row["category"]): found[row["figure_id"]]
        for row in rows
        if row["figure_id"] in found
    }


def cells(indicator="fed", arm="all", disaggregation="sex", **counts):
    return [
        figure(indicator=indicator, arm=arm, disaggregation=disaggregation, category=code, n=n)
        for code, n in counts.items()
    ]


def test_one_more_cell_goes_with_a_small_one_the_smallest():
    rows = [figure(n=100), *cells(f=3, m=40, x=57)]
    assert hidden(*rows) == {("fed", "all", "f"): "small", ("fed", "all", "m"): "protects_others"}


def test_not_stated_protects_like_any_category():
    rows = [figure(n=54), *cells(f=4, m=40), *cells(**{"(not stated)": 10})]
    assert hidden(*rows)[("fed", "all", "(not stated)")] == "protects_others"


def test_a_small_arm_of_a_category_is_not_given_back_by_the_other_arm():
    rows = [figure(n=100), figure(arm="participants", n=50), figure(arm="comparison", n=50)]
    rows += cells(f=30, m=70) + cells(arm="participants", f=27, m=23)
    rows += cells(arm="comparison", f=3, m=47)
    kept = {one[1:] for one in hidden(*rows)}
    assert ("comparison", "f") in kept
    assert len(kept & {("participants", "f"), ("all", "f")}) >= 1
    assert len(kept & {("comparison", "m"), ("comparison", "")}) >= 1


def test_a_margin_of_a_two_way_table_does_not_give_its_small_cell_back():
    rows = [figure(n=100), *cells(f=50, m=50), *cells(disaggregation="age", young=50, old=50)]
    rows += cells(disaggregation="sex|age", **{"f|young": 3, "f|old": 47})
    rows += cells(disaggregation="sex|age", **{"m|young": 47, "m|old": 3})
    kept = {one[2] for one in hidden(*rows)}
    assert kept >= {"f|young", "f|old", "m|young", "m|old"}


def test_a_cell_goes_for_every_indicator_of_the_same_form_and_no_other():
    rows = [figure(n=100), *cells(f=4, m=40, x=56)]
    rows += [figure(indicator="slept", n=101), *cells("slept", f=5, m=40, x=56)]
    rows += [figure(indicator="heard", n=101), *cells("heard", f=5, m=40, x=56)]
    found = hidden(*rows)
    assert found[("slept", "all", "f")] == "protects_others"
    assert not [one for one in found if one[0] == "heard"]


def test_empty_cells_and_five_are_shown():
    assert hidden(figure(n=50), *cells(f=5, m=45, x=0)) == {}


def test_the_sums_of_a_table_are_its_arms_its_categories_and_both_margins():
    keys = [
        (arm, disaggregation, category)
        for arm in ("all", "participants", "comparison")
        for disaggregation, category in [
            ("", ""),
            *product(("sex",), "fm"),
            *product(("age",), "yo"),
            *product(("sex|age",), ("f|y", "f|o", "m|y", "m|o")),
            *product(("sex|home",), ("f|in", "f|out", "m|in", "m|out")),
        ]
    ]
    sums = {
        (keys[total], frozenset(keys[part] for part in parts)) for total, parts in relations(keys)
    }
    f, fy, fo = (("all", "sex", "f"), ("all", "sex|age", "f|y"), ("all", "sex|age", "f|o"))
    assert (f, frozenset({fy, fo})) in sums
    assert (f, frozenset({("all", "sex|home", "f|in"), ("all", "sex|home", "f|out")})) in sums
    assert (f, frozenset({("participants", "sex", "f"), ("comparison", "sex", "f")})) in sums
    assert (("all", "", ""), frozenset({f, ("all", "sex", "m")})) in sums
    # 13 cells by arm; in each arm 4 breakdowns, the margins of one two-way table, one of the other.
    assert len(sums) == 13 + 3 * 4 + 3 * (4 + 2)


def test_nobody_of_a_few_is_a_small_group_too():
    rows = [figure(n=40, n_missing=3)]
    rows += [figure(disaggregation="sex", category="f", n=0, n_missing=3, estimate=None)]
    rows += cells(m=30, x=10)
    assert hidden(*rows) == {("fed", "all", "f"): "small", ("fed", "all", "x"): "protects_others"}


COUNTS = st.lists(st.integers(0, 9), min_size=18, max_size=18)


@settings(max_examples=25, deadline=None)
@given(COUNTS, COUNTS, COUNTS, COUNTS)
def test_no_withheld_count_can_be_solved_for_from_all_that_is_shown(
    everyone, silent, other_silent, part
):
    """Three indicators of one form laid side by side, with the equations that hold among them.

    `slept` is asked of the same people as `fed`, `ate` of a part of them. Unknown are the answers
    of each, and the rows in scope: one number a cell for the first two.
    """
    full = np.array(everyone)
    scopes = {"fed": full, "slept": full, "ate": np.minimum(full, part)}
    answers = {
        "fed": full - np.minimum(full, silent),
        "slept": full - np.minimum(full, np.array(other_silent) // 3),
        "ate": scopes["ate"],
    }
    broken_down = {"fed": ("", "district", "sex", "district|sex"), "slept": ("", "sex"), "ate": ()}
    broken_down["ate"] = ("", "district")
    rows = []
    for indicator, breakdowns in broken_down.items():
        scope = cube(scopes[indicator], breakdowns)
        for (arm, disaggregation, category), n in cube(answers[indicator], breakdowns).items():
            key = {"arm": arm, "disaggregation": disaggregation, "category": category}
            missing = scope[arm, disaggregation, category] - n
            rows.append(figure(indicator=indicator, n=n, n_missing=missing, **key))
    found = withheld_estimates(rows, dict.fromkeys(broken_down, "household"))
    assert {
        row["figure_id"]
        for row in rows
        if 1 <= row["n"] < 5 or (row["n"] == 0 and 1 <= row["n_missing"] < 5)
    } <= found.keys()
    equations, names = published(rows, found, lambda one: "ate" if one == "ate" else "both")
    solved = {name for name, known in zip(names, determined(equations), strict=True) if known}
    given_back = [
        row
        for row in rows
        if row["figure_id"] in found
        and ("n", row["indicator"], row["arm"], row["disaggregation"], row["category"]) in solved
    ]
    assert given_back == []


def cube(counts, breakdowns):
    """Give counts by arm, district and sex as a mart's cells; the last sex is not stated."""
    table = np.array(counts).reshape(2, 3, 3)
    sexes = ("f", "m", "(not stated)")
    found = Counter()
    for (arm, place, sex), n in np.ndenumerate(table):
        codes = {"district": f"d{place}", "sex": sexes[sex]}
        for breakdown in breakdowns:
            category = "|".join(codes[one] for one in breakdown.split("|")) if breakdown else ""
            for group in ("all", ("participants", "comparison")[arm]):
                found[group, breakdown, category] += int(n)
    return found


def published(rows, withheld, scope_of):
    """Give what readers know as equations in unknown counts: each sum, and each shown count."""
    names = {}
    for row in rows:
        cell = (row["arm"], row["disaggregation"], row["category"])
        names.setdefault(("n", row["indicator"], *cell), len(names))
        names.setdefault(("in scope", scope_of(row["indicator"]), *cell), len(names))
    equations = []
    for indicator in dict.fromkeys(row["indicator"] for row in rows):
        mine = [row for row in rows if row["indicator"] == indicator]
        keys = [(row["arm"], row["disaggregation"], row["category"]) for row in mine]
        for kind, whose in (("n", indicator), ("in scope", scope_of(indicator))):
            places = [names[(kind, whose, *key)] for key in keys]
            for total, parts in relations(keys):
                equation = np.zeros(len(names))
                equation[[places[part] for part in parts]] = 1
                equation[places[total]] -= 1
                equations.append(equation)
            for row, place in zip(mine, places, strict=True):
                if row["figure_id"] not in withheld:
                    equations.append(np.eye(len(names))[place])
    return np.array(equations), list(names)


def determined(equations):
    """Tell which unknowns have one value: those whose unit vector the equations' rows make up."""
    _left, singular, right = np.linalg.svd(equations, full_matrices=False)
    basis = right[singular > 1e-9 * singular.max()]
    return (basis**2).sum(axis=0) > 1 - 1e-8


def test_a_change_goes_with_either_round_of_the_cell(store, fill, evaluate):
    world = food()
    world["estimates"] += [
        figure(round="start", disaggregation="district", category="A", n=50),
        figure(round="start", disaggregation="district", category="C", n=3),
        figure(round="start", disaggregation="district", category="B", n=147),
    ]
    kept = change(disaggregation="district", category="C", n=43)
    world["changes"] = [kept, change(disaggregation="district", category="B", n=151), change()]
    fill(world)
    evaluate()
    with store.read() as connection:
        found = set(connection.execute(select(disclosures.c.figure_id)).scalars())
    assert [row["category"] for row in world["changes"] if row["figure_id"] in found] == ["C", "B"]


def test_a_figure_that_is_safe_again_is_shown_again(store, fill, evaluate, rows):
    fill(food())
    evaluate()
    with store.write() as connection:  # six of A turn out to live in B
        for before, after in ((4, 10), (150, 144)):
            connection.execute(update(estimates).where(estimates.c.n == before).values(n=after))
    report = evaluate()
    assert (report.withheld, report.changed) == (0, True)
    assert rows("mart_disaggregation", "n", category="B") == [(10,)]


def test_joined_codes_are_taken_apart_as_they_were_joined():
    assert split("f|young") == ["f", "young"]
    assert split(r"a\|b|c\\") == ["a|b", "c\\"]


@pytest.mark.parametrize("arm", ["participants", "comparison"])
def test_an_effect_goes_with_either_arm(arm, fill, evaluate, rows):
    other = {"participants": "comparison", "comparison": "participants"}[arm]
    world = food()
    world["estimates"] = [figure(n=104), figure(arm=other, n=100), figure(arm=arm, n=4)]
    fill(world)
    evaluate()
    assert rows("mart_effects", "shown", "effect", "n") == [("withheld", None, None)]


def test_counts_of_rows_do_not_give_back_a_round_that_has_just_begun(fill, evaluate, rows):
    """197 rows before and 200 in all make three now."""
    world = food()
    world["estimates"] = [figure(round="start", n=197), figure(n=3)]
    fill(world)
    evaluate()
    assert rows("mart_data_quality", "topic", "round", "shown", "n", "of_n", "share") == [
        ("missing", "end", "withheld", None, None, None),
        ("missing", "start", "shown", 0, 197, 0.0),
        *[("rows", "", "withheld", None, None, None)] * 4,
    ]


def test_no_shared_table_tells_which_of_the_withheld_cells_is_small(fill, evaluate, packaged):
    fill(food())
    evaluate()
    told = {name: model.columns for name, model in packaged.items() if model.layer == "marts"}
    assert not [name for name, columns in told.items() if "withheld" in columns]
