"""Rows in parts that do not overlap and leave none out."""

import numpy as np
import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from meal_pipeline.rows.split import Split, crossed, joined, split_by, whole

answers = st.lists(st.sampled_from(["a", "b", "elsewhere", None]), min_size=1, max_size=30)


def split(values: list[str | None], labels: str = "ab") -> Split:
    return split_by(pd.Series(values, dtype="str"), list(labels), list(labels))


def test_a_row_without_a_declared_answer_is_not_stated() -> None:
    found = split(["b", None, "elsewhere", "a"])
    assert [found.labels[code] for code in found.codes] == [
        "b",
        "(not stated)",
        "(not stated)",
        "a",
    ]


def test_several_answers_make_one_part() -> None:
    found = split_by(pd.Series(["1", "2", "0"]), ["yes", "yes", "no"], ["1", "2", "0"])
    assert found.labels == ("yes", "no", "(not stated)")
    assert found.codes.tolist() == [0, 0, 1]


def test_a_declared_part_is_shown_without_rows_and_not_stated_only_with_some() -> None:
    found = split(["a", None])
    assert found.labels_shown(np.array([True, False])) == ["a", "b", None]
    assert found.labels_shown(np.array([False, True])) == ["a", "b", "(not stated)"]


@given(one=answers, data=st.data())
def test_crossed_parts_hold_each_row_once_under_both_its_labels(
    one: list[str | None], data: st.DataObject
) -> None:
    other = data.draw(st.lists(st.sampled_from(["c", None]), min_size=len(one), max_size=len(one)))
    first, second = split(one), split(other, "c")
    both = crossed(first, second)
    assert both.labels[: both.declared] == ("a|c", "b|c")
    for row in range(len(one)):
        labels = first.labels[first.codes[row]], second.labels[second.codes[row]]
        assert both.labels[both.codes[row]] == joined(*labels)


def test_codes_with_bars_and_backslashes_make_distinct_pairs() -> None:
    pairs = [("a|b", "c"), ("a", "b|c"), ("a\\", "b"), ("a", "\\b"), ("a\\|b", "c")]
    assert len({joined(*pair) for pair in pairs}) == len(pairs)
    assert joined("a|b", "c\\") == r"a\|b|c\\"


def test_a_whole_is_one_part_with_every_row() -> None:
    assert whole(3).part("").tolist() == [True] * 3
