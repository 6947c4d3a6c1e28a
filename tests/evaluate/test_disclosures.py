"""Which figures are withheld: small cells, and whatever would give them back."""

from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select, update

from meal_pipeline.evaluate.disclosures import split, withheld_estimates
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


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(0, 40), min_size=2, max_size=6))
def test_no_sum_ever_leaves_exactly_one_cell_hidden(counts):
    codes = {f"c{at}": n for at, n in enumerate(counts)}
    found = hidden(figure(n=sum(counts)), *cells(**codes))
    assert len(found) != 1
    assert all(("fed", "all", code) in found for code, n in codes.items() if 1 <= n < 5)


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
