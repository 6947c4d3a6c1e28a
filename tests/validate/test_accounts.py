"""Where each row went, and what stops a project."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from meal_pipeline.locale import in_language
from meal_pipeline.validate.accounts import Account, Pull, account, gate

DONE = Pull(complete=True, held=10, expected=10)


def sentences(accounts, pulls, limit=20):
    return [one.sentence for one in gate("p", accounts, pulls, limit)]


@given(st.lists(st.tuples(st.booleans(), st.booleans())))
def test_every_row_is_valid_or_not_eligible_or_quarantined(rows):
    eligible = np.array([one for one, _ in rows], dtype=bool)
    critical = np.array([one for _, one in rows], dtype=bool)
    counted, valid = account(len(rows), eligible, critical)
    assert counted.adds_up
    assert counted.valid == valid.sum()
    assert not (valid & (critical | ~eligible)).any()


def test_a_row_that_is_not_eligible_is_never_quarantined():
    counted, _valid = account(3, np.array([False, True, True]), np.array([True, True, False]))
    assert counted == Account(pulled=3, valid=1, not_eligible=1, quarantined=1)


def test_a_complete_pull_that_adds_up_lets_the_project_go_on():
    assert sentences({"home": Account(10, 8, 0, 2)}, {"home": DONE}) == []


def test_a_pull_that_is_not_proven_complete_stops_the_project():
    (said,) = sentences({"home": Account(9, 9, 0, 0)}, {"home": Pull(False, 9, 10)})
    assert "9 of 10" in said


def test_a_form_that_was_never_pulled_stops_the_project():
    (said,) = sentences({}, {"home": None})
    assert "home" in said and "meal run p" in said


def test_a_row_lost_on_the_way_stops_the_project():
    (said,) = sentences({"home": Account(10, 8, 1, 0)}, {"home": DONE})
    assert "10 pulled, but 8 valid + 1 not eligible + 0 quarantined" in said


def test_more_quarantined_rows_than_the_limit_stop_the_project():
    (said,) = sentences({"home": Account(10, 7, 0, 3)}, {"home": DONE})
    assert "3 of 10" in said and "20 %" in said


def test_exactly_the_limit_does_not_stop_the_project():
    assert sentences({"home": Account(10, 8, 0, 2)}, {"home": DONE}, limit=20) == []


def test_a_form_without_rows_does_not_stop_the_project():
    assert sentences({"home": Account(0, 0, 0, 0)}, {"home": DONE}, limit=0) == []


def test_what_stops_a_project_is_said_in_the_readers_language():
    (one,) = gate("p", {}, {"home": None}, 20)
    with in_language("ar"):
        assert one.sentence == dict(one.sentences)["ar"]
