"""Literal rows in, literal rows out, the same on both databases."""

import pytest

from tests.evaluate.conftest import (
    account,
    category,
    change,
    effect,
    figure,
    food,
    head,
    indicator,
    project,
    round_,
    wash,
)

STATUSES = {
    "all of the interval at or beyond the target": (
        {"estimate": 0.75, "ci_low": 0.65, "ci_high": 0.85},
        None,
        "reached",
    ),
    "surely better than before, target not surely reached": (
        {"estimate": 0.62, "ci_low": 0.56, "ci_high": 0.68},
        {"ci_low": 0.01, "ci_high": 0.3},
        "on_the_way",
    ),
    "all of the interval short of the target, no sure improvement": (
        {"estimate": 0.4, "ci_low": 0.3, "ci_high": 0.5},
        {"ci_low": -0.05, "ci_high": 0.2},
        "not_yet",
    ),
    "the interval holds the target, no sure improvement": (
        {"estimate": 0.62, "ci_low": 0.5, "ci_high": 0.74},
        {"ci_low": -0.05, "ci_high": 0.2},
        "too_small",
    ),
    "fewer than thirty answers": (
        {"estimate": 0.9, "ci_low": 0.8, "ci_high": 0.95, "n": 29},
        None,
        "too_small",
    ),
    "no interval": ({"estimate": 1.0, "ci_low": None, "ci_high": None}, None, "too_small"),
    "nobody answered": ({"estimate": None, "n": 0, "n_missing": 9}, None, "no_data"),
    "one to four answers": ({"estimate": 0.9, "n": 4}, None, "withheld"),
}


@pytest.mark.parametrize("case", STATUSES)
def test_the_status_follows_the_published_rule(case, fill, evaluate, rows):
    now, changed, expected = STATUSES[case]
    fill(
        {
            "projects": [project("food")],
            "rounds": [round_("start", 1), round_("end", 2)],
            "indicators": [indicator()],
            "estimates": [figure(round="start"), figure(**now)],
            "changes": [change(**changed)] if changed else [],
        }
    )
    evaluate()
    assert rows("mart_progress", "round", "status") == [("end", expected), ("start", "baseline")]


@pytest.mark.parametrize(
    ("estimate", "low", "high", "expected"),
    [(24.0, 20.0, 28.0, "reached"), (40.0, 35.0, 45.0, "not_yet")],
)
def test_where_lower_is_better_the_target_is_reached_from_above(
    estimate, low, high, expected, fill, evaluate, rows
):
    world = wash()
    world["estimates"][0].update(estimate=estimate, ci_low=low, ci_high=high)
    fill(world)
    evaluate("wash")
    assert rows("mart_progress", "status", "target", "baseline_round") == [(expected, 30.0, None)]


def test_progress_tells_each_arm_before_and_now_and_holds_the_target_against_participants(
    fill, evaluate, rows
):
    fill(food())
    evaluate()
    columns = ("arm", "baseline", "estimate", "target", "change", "status", "is_latest")
    assert rows("mart_progress", *columns, round="end") == [
        ("all", 0.25, 0.5, None, 0.25, "no_target", 1),
        ("comparison", 0.25, 0.375, None, None, "no_target", 1),
        ("participants", 0.25, 0.625, 0.65, 0.375, "on_the_way", 1),
    ]


def test_small_cells_lose_their_numbers_and_one_more_protects_them(fill, evaluate, rows):
    fill(food())
    evaluate()
    columns = ("category", "category_ar", "shown", "n", "estimate", "change_shown")
    assert rows("mart_disaggregation", *columns) == [
        ("(not stated)", "لم يُذكر", "withheld", None, None, None),
        ("A", "منطقة 1", "shown", 150, 0.5, None),
        ("B", "منطقة 2", "withheld", None, None, "withheld"),
        ("C", "منطقة 3", "shown", 40, 0.5, None),
    ]


def test_an_effect_stands_between_both_arms_before_and_now(fill, evaluate, rows):
    fill(food())
    evaluate()
    columns = ("effect", "ci_low", "ci_high", "participants_before", "participants_now")
    others = ("comparison_before", "comparison_now", "label", "n_participants", "shown")
    assert rows("mart_effects", *columns, *others) == [
        (0.25, 0.125, 0.375, 0.25, 0.625, 0.25, 0.375, "comparison_suggests", 100, "shown")
    ]


def test_an_effect_is_withheld_with_an_arm_that_it_is_made_of(fill, evaluate, rows):
    world = food()
    world["estimates"] = [
        figure(n=104),
        figure(arm="participants", n=100),
        figure(arm="comparison", n=4),
    ]
    world["effects"] = [effect(n=104, n_comparison=4)]
    fill(world)
    evaluate()
    columns = ("shown", "effect", "ci_low", "n", "n_participants", "n_comparison")
    assert rows("mart_effects", *columns) == [("withheld", None, None, None, None, None)]


def test_quality_counts_come_with_what_they_are_counted_of(fill, evaluate, rows):
    world = food()
    world["estimates"] = [figure(round="start"), figure(n_missing=50)]
    finding = {
        "finding_id": "x",
        "project": "food",
        "form": "household",
        "frame": "household",
        "submission_id": 1,
        "position": "",
        "question": "age",
        "rule": "form.constraint",
        "severity": "critical",
        "message": "{}",
        "value": None,
        "enumerator": None,
        "snapshot_id": "4" * 64,
        "first_seen": "2026-11-25T06:00:00Z",
        "last_seen": "2026-11-25T06:00:00Z",
        "status": "open",
    }
    world["findings"] = [
        finding,
        finding | {"finding_id": "y", "submission_id": 2},
        finding | {"finding_id": "z", "submission_id": 3, "status": "resolved"},
    ]
    world["rule_results"] = [
        {
            "project": "food",
            "form": "household",
            "rule": "form.constraint",
            "question": "age",
            "severity": "critical",
            "outcome": "evaluated",
            "reason": None,
            "rows_asked": 250,
            "rows_answered": 240,
            "rows_failed": 2,
            "snapshot_id": SNAPSHOT_OF_RULES,
        }
    ]
    world["row_accounts"].append(account(snapshot="6" * 64))  # an earlier snapshot
    fill(world)
    evaluate()
    assert rows("mart_data_quality", "topic", "subject", "round", "n", "of_n", "share") == [
        ("findings", "form.constraint", "", 2, 250, 0.008),
        ("missing", "fed", "end", 50, 250, 0.2),
        ("missing", "fed", "start", 0, 200, 0.0),
        ("rows", "not_eligible", "", 0, 250, 0.0),
        ("rows", "pulled", "", 250, 250, 1.0),
        ("rows", "quarantined", "", 50, 250, 0.2),
        ("rows", "valid", "", 200, 250, 0.8),
    ]


SNAPSHOT_OF_RULES = head()["snapshot_id"]


@pytest.mark.parametrize(
    ("quarantined", "missing", "grade"),
    [(0, 0, "A"), (0, 10, "A"), (50, 0, "B"), (50, 50, "C")],
)
def test_the_grade_follows_the_share_of_rows_that_could_be_used(
    quarantined, missing, grade, fill, evaluate, rows
):
    world = wash()
    world["estimates"][0].update(n=190, n_missing=missing)
    world["row_accounts"] = [account("wash", quarantined=quarantined)]
    fill(world)
    evaluate("wash")
    assert rows("mart_progress", "quality") == [(grade,)]


def test_a_project_without_rounds_has_neither_baseline_nor_change(fill, evaluate, rows):
    fill(wash())
    evaluate("wash")
    columns = ("round", "baseline", "change", "is_main_arm", "arm")
    assert rows("mart_progress", *columns) == [("", None, None, 1, "all")]


def test_a_pair_with_one_side_not_stated_has_the_name_of_the_other(fill, evaluate, rows):
    """Codes are joined by a bar; a bar of their own is escaped."""
    sex = {"disaggregation": "sex", "disaggregation_en": "Sex", "place": None}
    both = {
        "disaggregation": "district|sex",
        "disaggregation_en": "District × Sex",
        "place": None,
    }
    world = food()
    world["categories"] = [
        category("a|b", 1, name_en="Ab"),
        category("f", 1, name_en="Women", **sex),
        category(r"a\|b|f", 1, name_en="Ab × Women", **both),
    ]
    codes = [r"a\|b|f", r"a\|b|(not stated)", "(not stated)|f", "(not stated)|(not stated)"]
    world["estimates"] = [figure(n=40)]
    world["estimates"] += [
        figure(disaggregation="district|sex", category=code, n=10) for code in codes
    ]
    fill(world)
    evaluate()
    assert rows("mart_disaggregation", "category", "category_en", "disaggregation_en") == [
        ("(not stated)|(not stated)", "not stated × not stated", "District × Sex"),
        ("(not stated)|f", "not stated × Women", "District × Sex"),
        (r"a\|b|(not stated)", "Ab × not stated", "District × Sex"),
        (r"a\|b|f", "Ab × Women", "District × Sex"),
    ]


def test_an_indicator_outside_the_rounds_starts_from_none(fill, evaluate, rows):
    """Of a form such as feedback, in a project whose other form has rounds."""
    world = food()
    world["rounds"].append(round_("", 3))
    world["indicators"].append(indicator("heard", form="feedback", target_round=None))
    world["estimates"].append(figure(indicator="heard", round="", estimate=0.75, ci_low=0.7))
    fill(world)
    evaluate()
    columns = ("round", "baseline_round", "target", "status", "is_latest", "is_main_arm")
    assert rows("mart_progress", *columns, indicator="heard") == [("", None, 0.65, "reached", 1, 1)]
    assert rows("mart_projects", "n_rounds") == [(2,)]


def test_where_nobody_was_in_scope_nothing_is_missing(fill, evaluate, rows):
    world = food()
    world["estimates"] = [figure(round="start", n=0, estimate=None), figure()]
    fill(world)
    evaluate()
    assert rows("mart_data_quality", "round", "n", topic="missing") == [("end", 0)]


def test_an_earlier_round_is_not_the_latest_and_the_latest_has_answers(fill, evaluate, rows):
    world = food()
    world["rounds"].append(round_("later", 3))
    world["estimates"].append(figure(round="later", n=0, estimate=None))
    fill(world)
    evaluate()
    assert rows("mart_progress", "round", "is_latest", arm="all") == [
        ("end", 1),
        ("later", 0),
        ("start", 0),
    ]


def test_a_figure_of_a_rewritten_snapshot_says_that_it_cannot_be_made_again(fill, evaluate, rows):
    fill(
        {
            "projects": [project("food")],
            "rounds": [round_("start", 1), round_("end", 2)],
            "indicators": [indicator()],
            "estimates": [figure(), figure(variant="other", snapshot_id="6" * 64)],
            "snapshot_replacements": [
                {
                    "project": "food",
                    "old_snapshot_id": "6" * 64,
                    "new_snapshot_id": "7" * 64,
                    "erasure_id": "E-1",
                    "replaced_at": "2026-11-25T06:00:00Z",
                }
            ],
        }
    )
    evaluate("food")
    assert rows("mart_progress", "variant", "figure_status") == [
        ("official", "draft"),
        ("other", "not_reproducible"),
    ]
