"""What a project declares joins or keeps apart questions of several versions of a form."""

import pytest

from meal_pipeline.forms import unite
from meal_pipeline.forms.declared import Declarations

from .builders import form, row


def group(name, *inside):
    return (row("begin_group", name), *inside, row("end_group"))


def repeat(name, *inside):
    return (row("begin_repeat", name), *inside, row("end_repeat"))


def versions(*surveys):
    return [form(*survey, uid=f"v{number}") for number, survey in enumerate(surveys, start=1)]


def changes(union):
    return [(one.kind, one.name, one.declared) for one in union.changes]


def test_a_renamed_question_is_one_column_only_when_declared():
    both = versions([row("integer", "hh_size")], [row("integer", "members_count")])

    declared = Declarations({"hh_size": "members_count"})

    assert {one.name for one in unite(both).columns} == {"hh_size", "members_count"}
    assert [one.name for one in unite(both, declared).columns] == ["members_count"]
    assert changes(unite(both, declared)) == [("renamed", "members_count", True)]


def test_an_old_name_that_means_something_new_later_is_not_joined_with_itself():
    three = versions(
        [row("text", "source")],
        [row("text", "source_main")],
        [row("text", "source_main"), row("text", "source")],
    )

    union = unite(three, Declarations({"source": "source_main"}))

    assert {one.name: dict(one.paths) for one in union.columns} == {
        "source_main": {"v3": "source_main", "v2": "source_main", "v1": "source"},
        "source": {"v3": "source"},
    }


def test_names_declared_one_after_another_lead_to_the_last():
    three = versions([row("text", "a")], [row("text", "b")], [row("text", "c")])

    union = unite(three, Declarations({"a": "b", "b": "c"}))

    assert [one.name for one in union.columns] == ["c"]
    assert unite(three, Declarations({"a": "b", "b": "a"})).columns  # a circle ends


@pytest.mark.parametrize(
    ("first", "second", "kind"),
    [
        (group("demo", row("text", "q")), group("needs", row("text", "q")), "moved"),
        ([row("integer", "q")], [row("decimal", "q")], "retyped"),
    ],
)
def test_what_is_united_by_rule_can_be_declared(first, second, kind):
    both = versions(first, second)

    assert changes(unite(both)) == [(kind, "q", False)]
    assert changes(unite(both, Declarations({"q": "q"}))) == [(kind, "q", True)]


def test_types_that_do_not_go_together_are_joined_as_text_when_declared():
    both = versions(group("old", row("date", "q")), group("new", row("integer", "q")))

    union = unite(both, Declarations({"old/q": "new/q"}))

    assert [(one.name, one.type) for one in union.columns] == [("q", "text")]


def test_a_question_that_came_back_is_said():
    three = versions([row("text", "a"), row("text", "q")], [row("text", "a")], [row("text", "q")])

    assert changes(unite(three)) == [("returned", "q", False)]
    assert changes(unite(three, Declarations({"q": "q"}))) == [("returned", "q", True)]


def test_questions_declared_different_stay_apart():
    both = versions(group("demo", row("text", "q")), group("needs", row("text", "q")))

    union = unite(both, Declarations(different_questions=["demo/q"]))

    assert [one.name for one in union.columns] == ["needs/q", "demo/q"]
    assert union.changes == ()


def test_a_renamed_repeat_is_one_frame_and_its_questions_did_not_move():
    both = versions(
        repeat("people", row("integer", "age"), *repeat("ills", row("text", "what"))),
        repeat("members", row("integer", "age"), *repeat("ills", row("text", "what"))),
    )

    union = unite(both, Declarations(same_repeats={"people": "members"}))

    assert [(one.name, one.parent) for one in union.repeats] == [
        ("members", None),
        ("ills", "members"),
    ]
    assert [(one.name, one.repeat) for one in union.columns] == [
        ("age", "members"),
        ("what", "ills"),
    ]
    assert changes(union) == [("renamed", "members", True)]


@pytest.mark.parametrize(
    "declared",
    [
        Declarations({"no_such": "q"}),
        Declarations({"q": "no_such"}),
        Declarations({"q": "age"}),  # one in the form, one in a repeat
        Declarations(same_repeats={"people": "members"}),
        Declarations(different_questions=["no_such"]),
    ],
)
def test_a_declaration_that_joins_nothing_is_listed(declared):
    union = unite(versions([row("text", "q")], repeat("members", row("text", "age"))), declared)

    assert len(union.unused) == 1
    assert {one.name for one in union.columns} == {"q", "age"}


def test_two_old_questions_of_one_version_are_never_one():
    both = versions([row("text", "a"), row("text", "b")], [row("text", "c")])

    union = unite(both, Declarations({"a": "c", "b": "c"}))

    assert {one.name: set(one.paths.values()) for one in union.columns} == {
        "c": {"c", "a"},
        "b": {"b"},
    }
    assert [one.old for one in union.unused] == ["b"]
