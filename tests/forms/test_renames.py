"""What versions of a form may have in common is proposed with its reasons, never joined."""

from meal_pipeline.forms import unite
from meal_pipeline.forms.declared import Declarations
from meal_pipeline.forms.renames import compare_versions

from .builders import choice, form, row


def versions(*surveys, **more):
    return [
        form(*survey, uid=f"v{number}", **more) for number, survey in enumerate(surveys, start=1)
    ]


def repeat(name, *inside, label=None):
    return (row("begin_repeat", name, label), *inside, row("end_repeat"))


def group(name, *inside):
    return (row("begin_group", name), *inside, row("end_group"))


def proposed(union, **more):
    return [(one.key, one.old, one.new) for one in compare_versions(union, **more).proposals]


def test_a_renamed_question_with_the_same_label_is_proposed_and_says_why():
    both = versions(
        [row("integer", "hh_size", ["How many are you?"])],
        [row("integer", "members_count", ["How many are you?"])],
    )

    (one,) = compare_versions(unite(both)).proposals

    assert (one.key, one.old, one.new) == ("same_questions", "hh_size", "members_count")
    assert one.reasons == ("same label", "same type", "same group")


def test_the_mark_of_the_form_builder_alone_proposes_nothing():
    def pair(old_group, new_group):
        cells = {"$kuid": "abc"}
        return versions(
            group(old_group, row("text", "qqq", ["One"], **cells)),
            group(new_group, row("text", "zzz", ["Two"], **cells)),
        )

    assert proposed(unite(pair("a", "b"))) == []
    assert proposed(unite(pair("a", "a"))) == [("same_questions", "a/qqq", "a/zzz")]


def test_questions_that_one_version_has_together_are_never_proposed():
    both = versions(
        [row("text", "a", ["Same"]), row("text", "b", ["Same"])], [row("text", "b", ["Same"])]
    )

    assert proposed(unite(both)) == []
    assert [(one.what, one.name) for one in compare_versions(unite(both)).differences] == [
        ("removed", "a")
    ]


def test_what_is_joined_by_rule_is_proposed_to_be_said():
    both = versions(
        [*group("demo", row("text", "tenure")), row("integer", "income")],
        [*group("needs", row("text", "tenure")), row("decimal", "income")],
    )
    declared = Declarations({"demo/tenure": "needs/tenure", "income": "income"})

    assert proposed(unite(both)) == [
        ("same_questions", "demo/tenure", "needs/tenure"),
        ("same_questions", "income", "income"),
    ]
    assert proposed(unite(both, declared)) == []
    assert {one.declared for one in compare_versions(unite(both, declared)).differences} == {True}


def test_a_renamed_repeat_is_proposed():
    both = versions(
        repeat("people", row("integer", "age")), repeat("members", row("integer", "age"))
    )

    assert proposed(unite(both)) == [("same_repeats", "people", "members")]
    assert proposed(unite(both, Declarations(same_repeats={"people": "members"}))) == []


def test_a_choice_whose_code_changed_under_the_same_label_is_proposed():
    lists = [
        (choice("water", "tanker", "Water tanker"), choice("water", "well", "Well")),
        (choice("water", "trucking", "Water tanker"), choice("water", "well", "Well")),
    ]
    both = [
        form(row("select_one water", "q"), choices=one, uid=f"v{number}")
        for number, one in enumerate(lists)
    ]

    assert proposed(unite(both)) == [("same_choices", "tanker", "trucking")]
    assert proposed(unite(both), same_choices={"water": {"tanker": "trucking"}}) == []


def test_pasting_all_proposals_leaves_nothing_to_propose(shared):
    from .test_union import recorded_versions

    union = unite(recorded_versions(shared))
    found = compare_versions(union).proposals
    said = {one.old: one.new for one in found if one.key == "same_questions"}

    assert ("demo/tenure", "needs/shelter/tenure") in said.items()
    again = unite(recorded_versions(shared), Declarations(said))
    assert [one for one in compare_versions(again).proposals if one.key != "same_choices"] == []
    assert again.unused == ()
