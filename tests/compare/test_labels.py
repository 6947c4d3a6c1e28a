"""What an effect may be called."""

from collections.abc import Callable

from meal_pipeline.compare.labels import label_of
from meal_pipeline.workspace.project import Project

MakeProject = Callable[..., Project]

DID = {"design": "difference_in_differences", "round": "b", "baseline_round": "a"}
ROUNDS = {
    "expression": "${r}",
    "values": {code: {"name": {"en": code}} for code in "ab"},
}


def test_a_lottery_earns_the_word_attributed(project: MakeProject) -> None:
    label, reasons = label_of(project({}).comparisons["c"])
    assert label == "attributed_effect"
    assert "lottery decided" in reasons["en"]


def test_without_a_lottery_a_comparison_only_suggests(project: MakeProject) -> None:
    label, reasons = label_of(project(DID, rounds=ROUNDS).comparisons["c"])
    assert label == "comparison_suggests"
    assert "No lottery" in reasons["en"]


def test_two_rounds_of_a_lottery_are_not_said_to_be_without_one(project: MakeProject) -> None:
    did = project(DID | {"assigned_by_lottery": True}, rounds=ROUNDS).comparisons["c"]
    label, reasons = label_of(did)
    assert label == "comparison_suggests"
    assert "No lottery" not in reasons["en"]


def test_the_projects_own_reasons_follow_in_their_language(project: MakeProject) -> None:
    own = project({"reasons": {"ar": "سحب علني", "en": "A public draw."}}).comparisons["c"]
    _label, reasons = label_of(own)
    assert reasons["en"].endswith(" A public draw.")
    assert reasons["ar"].endswith(" سحب علني")
