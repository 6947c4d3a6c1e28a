import json

import pytest

from meal_pipeline.forms import AmbiguousQuestion, FormError, UnknownQuestion, parse_content, unite

from .builders import choice, form, row


def group(name, *inside):
    return (row("begin_group", name), *inside, row("end_group"))


def repeat(name, *inside):
    return (row("begin_repeat", name), *inside, row("end_repeat"))


def changes(union):
    return [(one.kind, one.name, one.declared) for one in union.changes]


def test_a_question_moved_to_another_group_is_one_column_and_is_reported():
    both = unite(
        [
            form(*group("demo", row("text", "tenure")), uid="v1"),
            form(*group("needs", row("text", "tenure")), uid="v2"),
        ]
    )
    assert [c.name for c in both.columns] == ["tenure"]
    assert both.column("tenure").paths == {"v2": "needs/tenure", "v1": "demo/tenure"}
    assert changes(both) == [("moved", "tenure", False)]


def test_a_question_that_stayed_is_not_reported():
    both = unite([form(row("text", "a"), uid="v1"), form(row("text", "a"), uid="v2")])
    assert both.changes == ()


def test_integer_widens_to_decimal():
    both = unite([form(row("integer", "n"), uid="v1"), form(row("decimal", "n"), uid="v2")])
    assert both.column("n").type == "decimal"
    assert [(c.kind, dict(c.was)) for c in both.changes] == [
        ("retyped", {"v2": "decimal", "v1": "integer"})
    ]


def test_one_choice_widens_to_several():
    both = unite(
        [form(row("select_one l", "q"), uid="v1"), form(row("select_multiple l", "q"), uid="v2")]
    )
    assert (both.column("q").type, changes(both)) == (
        "select_multiple",
        [("retyped", "q", False)],
    )


def test_types_that_do_not_go_together_become_text_that_loses_no_value():
    both = unite([form(row("date", "q"), uid="v1"), form(row("integer", "q"), uid="v2")])
    assert (both.column("q").type, changes(both)) == ("text", [("retyped", "q", False)])


def test_a_moved_question_of_another_kind_is_another_column():
    both = unite(
        [
            form(*group("old", row("date", "q")), uid="v1"),
            form(*group("new", row("integer", "q")), uid="v2"),
        ]
    )
    assert {c.name: c.type for c in both.columns} == {"new/q": "integer", "old/q": "date"}


def test_a_name_used_twice_in_a_version_makes_columns_by_path():
    both = unite(
        [
            form(*group("a", row("text", "x")), uid="v1"),
            form(*group("a", row("text", "x")), *group("b", row("text", "x")), uid="v2"),
        ]
    )
    assert [c.name for c in both.columns] == ["a/x", "b/x"]
    with pytest.raises(AmbiguousQuestion):
        both.column("x")
    assert both.names_in("v1") == {"x": "a/x"}


def test_the_same_name_in_a_repeat_is_a_column_of_its_own_frame():
    both = unite([form(row("integer", "age"), *repeat("members", row("integer", "age")))])
    assert [(c.name, c.repeat) for c in both.columns] == [("age", None), ("age", "members")]
    assert both.column("age").repeat is None


def test_a_repeat_moved_into_a_group_is_one_child_frame():
    both = unite(
        [
            form(*repeat("members", row("integer", "age")), uid="v1"),
            form(*group("hh", *repeat("members", row("integer", "age"))), uid="v2"),
        ]
    )
    assert [(r.name, r.parent, dict(r.paths)) for r in both.repeats] == [
        ("members", None, {"v2": "hh/members", "v1": "members"})
    ]
    assert both.column("age").repeat == "members"


def test_nested_repeats_keep_their_parent_and_equal_names_take_their_path():
    both = unite(
        [
            form(
                *repeat("men", *repeat("illness", row("text", "which"))),
                *repeat("women", *repeat("illness", row("text", "which"))),
            )
        ]
    )
    assert [(r.name, r.parent) for r in both.repeats] == [
        ("men", None),
        ("men/illness", "men"),
        ("women", None),
        ("women/illness", "women"),
    ]


def test_columns_follow_the_newest_form_and_dropped_ones_come_last():
    both = unite(
        [
            form(row("text", "gone"), row("text", "a"), row("text", "b"), uid="v1"),
            form(row("text", "b"), row("text", "new"), row("text", "a"), uid="v2"),
        ]
    )
    assert [c.name for c in both.columns] == ["b", "new", "a", "gone"]


def test_notes_give_no_column_unless_they_calculate():
    one = unite([form(row("note", "hello"), row("note", "shown", calculation="1 + 1"))])
    assert [c.name for c in one.columns] == ["shown"]


def test_the_newest_version_that_has_a_label_gives_it():
    both = unite(
        [
            form(row("text", "a", ["Old", "قديم"]), uid="v1"),
            form(row("text", "a", ["New", None]), uid="v2"),
        ]
    )
    assert both.column("a").labels == {"en": "New", "ar": "قديم"}


def test_a_choice_renamed_in_a_redeploy_keeps_its_label_in_old_rows():
    select = row("select_one", "q", select_from_list_name="l")
    both = unite(
        [
            form(select, choices=(choice("l", "tent", "Tent", "خيمة"),), uid="v1"),
            form(select, choices=(choice("l", "camp_tent", "Tent in camp", "خيمة"),), uid="v2"),
        ]
    )
    column = both.column("q")
    assert [c.name for c in both.choices_of(column)] == ["camp_tent", "tent"]
    assert both.choice_label(column, "tent", "en") == "Tent"
    assert both.choice_label(column, "camp_tent", "en", version_uid="v1") == "Tent in camp"
    assert both.choice_label(column, "99", "en") == "99"


def test_a_choice_whose_label_changed_is_worded_as_its_own_version_has_it():
    select = row("select_one", "q", select_from_list_name="l")
    both = unite(
        [
            form(select, choices=(choice("l", "1", "Yes"),), uid="v1"),
            form(select, choices=(choice("l", "1", "Agree"),), uid="v2"),
        ]
    )
    column = both.column("q")
    assert both.choice_label(column, "1", "en", version_uid="v1") == "Yes"
    assert both.choice_label(column, "1", "en") == "Agree"


def test_a_missing_column_is_named_with_its_nearest_match():
    with pytest.raises(UnknownQuestion, match=r"tenur.*tenure"):
        unite([form(row("text", "tenure"))]).column("tenur")


def test_a_form_that_was_never_deployed_is_refused():
    with pytest.raises(FormError, match="never deployed"):
        unite([])


def recorded_versions(shared):
    """Give the three deployed versions of a real form, oldest first."""
    files = sorted(
        (shared / "reference/kobo/recorded/02-forms").glob("*version-detail.json"), reverse=True
    )
    details = [json.loads(file.read_text())["response"]["json"] for file in files]
    return [parse_content(d["content"], asset_uid="a", version_uid=d["uid"]) for d in details]


def test_three_recorded_versions_unite_with_the_moved_question_known(shared):
    three = unite(recorded_versions(shared))
    assert {m.name: set(m.was.values()) for m in three.changes if m.kind == "moved"} == {
        "tenure": {"demo/tenure", "needs/shelter/tenure"}
    }
    assert [(r.name, r.parent) for r in three.repeats] == [
        ("members", None),
        ("illness", "members"),
    ]
