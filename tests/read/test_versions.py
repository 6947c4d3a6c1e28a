"""Rows of several versions of a form, joined as the project declares, and what is said of it."""

import json

import pytest


def form(*rows, choices=()):
    keys = ("type", "name")
    return {
        "survey": [
            dict(zip(keys, row.rsplit(" ", 1), strict=True)) if isinstance(row, str) else row
            for row in rows
        ],
        "choices": [dict(zip(("list_name", "name"), one, strict=True)) for one in choices],
    }


def test_a_renamed_question_is_read_into_one_column(read_rows, make_submission):
    versions = {"v1": form("integer size"), "v2": form("integer members_count")}
    rows = make_submission(1, "v1", size="3"), make_submission(2, "v2", members_count="4")

    found = read_rows(versions, *rows, same_questions={"size": "members_count"})

    assert found.main["members_count"].tolist() == [3, 4]
    assert "size" not in found.main
    assert read_rows(versions, *rows).main["size"].fillna(0).tolist() == [3, 0]


def test_rows_of_a_renamed_repeat_are_one_frame(read_rows, make_submission):
    versions = {
        "v1": form("begin_repeat people", "integer age", "end_repeat x"),
        "v2": form("begin_repeat members", "integer age", "end_repeat x"),
    }
    found = read_rows(
        versions,
        make_submission(1, "v1", people=[{"people/age": "3"}, {"people/age": "5"}]),
        make_submission(2, "v2", members=[{"members/age": "7"}]),
        make_submission(3, "v2", **{"people/age": "9"}),  # flat, and of another version
        same_repeats={"people": "members"},
    )

    members = found.repeats["members"]
    assert list(found.repeats) == ["members"]
    assert members[["_id", "_position", "age"]].values.tolist() == [
        [1, "1", 3],
        [1, "2", 5],
        [2, "1", 7],
        [3, "1", 9],
    ]


def test_a_choice_of_one_and_one_of_several_are_one_column(read_rows, make_submission):
    choices = [("l", "a"), ("l", "b")]
    versions = {
        "v1": form("select_one l q", choices=choices),
        "v2": form("select_multiple l q", choices=choices),
    }
    found = read_rows(versions, make_submission(1, "v1", q="a"), make_submission(2, "v2", q="b a"))

    assert found.main[["q/a", "q/b"]].values.tolist() == [[True, False], [True, True]]


def test_an_answer_at_a_key_that_two_columns_have_had_means_the_newer_one(
    read_rows, make_submission
):
    versions = {
        "v1": form("text source"),
        "v2": form("text source_main"),
        "v3": form("text source_main", "text source"),
        "v4": form("text source_main"),
    }
    found = read_rows(
        versions,
        make_submission(1, "v1", source="old"),
        make_submission(2, "v4", source="bulk edit"),
        same_questions={"source": "source_main"},
    )

    assert found.main["source_main"].fillna("").tolist() == ["old", ""]
    assert found.main["source"].fillna("").tolist() == ["", "bulk edit"]
    assert (2, "source", "read.other_version_answer") in found.rules()


def test_of_two_foreign_answers_to_a_question_the_newer_versions_counts(read_rows, make_submission):
    versions = {
        "v1": form("begin_group z", "text q", "end_group x"),
        "v2": form("begin_group a", "text q", "end_group x"),
        "v3": form("text other"),
    }
    found = read_rows(versions, make_submission(1, "v3", **{"z/q": "old", "a/q": "new"}))

    assert found.main["q"].tolist() == ["new"]
    assert sorted(found.rules()) == [
        (1, "q", "read.other_version_answer"),
        (1, "q", "read.two_answers"),
    ]


def test_an_empty_foreign_answer_says_nothing(read_rows, make_submission):
    versions = {"v1": form("text q"), "v2": form("text other")}

    assert read_rows(versions, make_submission(1, "v2", q="")).rules() == []


def test_a_foreign_answer_inside_a_repeat_is_read_and_said(read_rows, make_submission):
    versions = {
        "v1": form("begin_repeat kids", "text who", "end_repeat x"),
        "v2": form("begin_repeat kids", "begin_group g", "text who", "end_group x", "end_repeat x"),
    }
    body = make_submission(1, "v1", kids=[{"kids/who": "a"}, {"kids/g/who": "b"}])
    found = read_rows(versions, body)

    assert found.repeats["kids"]["who"].tolist() == ["a", "b"]
    assert found.verdicts[["frame", "position", "rule"]].values.tolist() == [
        ["hh/kids", "2", "read.other_version_answer"]
    ]


V1 = form("begin_group demo", "text tenure", "end_group x", "integer income")
V2 = form("begin_group needs", "text tenure", "end_group x", "decimal income")


def whole_form(office):
    verdicts = office.frame("hh:verdicts")
    whole = verdicts[verdicts["_id"].isna()]
    return whole[["question", "rule", "severity"]].values.tolist()


def test_what_is_joined_without_being_declared_is_a_warning(office):
    office.deploy("v1", V1)
    office.deploy("v2", V2)
    office.read()

    assert whole_form(office) == [
        ["income", "read.changed_type", "warning"],
        ["tenure", "read.moved_question", "warning"],
    ]


def test_each_use_of_a_declaration_is_a_notice_that_names_it(office):
    office.settings = {
        "same_questions": {"demo/tenure": "needs/tenure", "income": "income"},
        "same_choices": {"l": {"old": "new"}},
    }
    office.deploy("v1", V1)
    office.deploy("v2", {**V2, "survey": [*V2["survey"], {"type": "select_one l", "name": "q"}]})
    office.read()

    assert whole_form(office) == [
        ["", "read.form_changed", "info"],
        ["income", "read.declared_same", "info"],
        ["q", "read.declared_same", "info"],
        ["tenure", "read.declared_same", "info"],
    ]
    said = [json.loads(one)["en"] for one in office.frame("hh:verdicts")["message"]]
    assert "below same_choices: old → new" in said[2]
    assert "below same_questions: demo/tenure → needs/tenure" in said[3]


def test_a_new_version_is_said_once_with_what_came_and_went(office):
    office.deploy("v1", form("text kept", "text gone"))
    office.deploy("v2", form("text kept", "text new"))
    office.deploy("v3", form("text kept", "text new", "text newer"))
    office.read()

    assert whole_form(office) == [["", "read.form_changed", "info"]]
    (said,) = (json.loads(one)["en"] for one in office.frame("hh:verdicts")["message"])
    assert "a new version, v3. Questions that came: newer; that went: –." in said


def test_a_declaration_that_joins_nothing_is_a_warning(office):
    office.settings = {"same_questions": {"demo/tenure": "no_such"}}
    office.deploy("v1", V1)
    office.read()

    assert whole_form(office) == [["demo/tenure", "read.declaration_unused", "warning"]]


@pytest.mark.parametrize(
    "changed",
    [
        {"same_questions": {"income": "income"}},
        {"same_repeats": {"a": "b"}},
        {"different_questions": ["tenure"]},
    ],
)
def test_a_changed_declaration_reads_all_rows_anew(office, make_submission, changed):
    office.deploy("v1", V1)
    office.deploy("v2", V2)
    office.receive(make_submission(1, "v1", income="3"))
    first = office.read()
    office.settings = changed

    assert office.read().snapshot_id != first.snapshot_id


def test_child_rows_that_no_person_filled_lie_apart_and_count_nowhere(office, make_submission):
    calculated = {"type": "calculate", "name": "twice", "calculation": "1 + 1"}
    office.deploy("v1", form("begin_repeat kids", "integer age", calculated, "end_repeat x"))
    office.receive(
        make_submission(1, kids=[{"kids/age": "3", "kids/twice": "2"}, {"kids/twice": "2"}])
    )
    report = office.read()

    assert report.rows == {"hh": 1, "hh/kids": 1}
    assert office.frame("hh/kids")["_position"].tolist() == ["1"]
    apart = office.frame("hh:calculated/kids")
    assert apart[["_position", "twice", "_answered"]].values.tolist() == [["2", "2", False]]
