"""Personal answers never reach a frame; what they say of rules does."""

import json

import pytest

FORM = {
    "survey": [
        {"type": "select_one yn", "name": "consent"},
        {
            "type": "text",
            "name": "head_name",
            "label::English (en)": "Name of the head",
            "required": "true",
            "relevant": "${consent} = 'yes'",
            "constraint": "string-length(.) > 3",
            "constraint_message::English (en)": "Too short a name.",
        },
        {"type": "text", "name": "phone", "constraint": "regex(., '^[0-9+ ]+$')"},
        {"type": "integer", "name": "calls", "relevant": "${phone} != ''", "constraint": ". < 9"},
        {"type": "integer", "name": "age", "constraint": ". < 120"},
        {"type": "geopoint", "name": "place"},
        {"type": "image", "name": "photo"},
        {"type": "date", "name": "date_of_birth"},
        {"type": "calculate", "name": "years", "calculation": "2026 - ${date_of_birth}"},
        {"type": "calculate", "name": "greeting", "calculation": "concat('Hi ', ${head_name})"},
        {"type": "calculate", "name": "letter", "calculation": "concat(${greeting}, '!')"},
        {"type": "begin_repeat", "name": "members"},
        {
            "type": "text",
            "name": "member_name",
            "required": "true",
            "relevant": "${consent} = 'yes'",
        },
        {"type": "select_one ${member_name}", "name": "carer"},
        {"type": "end_repeat"},
    ],
    "choices": [{"list_name": "yn", "name": "yes"}, {"list_name": "yn", "name": "no"}],
}
NAME = {"kind": "name", "treatment": "pseudonym"}
PHONE = {"kind": "phone", "treatment": "pseudonym"}


def questions(frame):
    return [name for name in frame.columns if not name.startswith("_")]


def test_what_the_form_gives_away_is_withheld_with_all_that_is_made_of_it(read_rows):
    found = read_rows(FORM)

    assert questions(found.main) == [
        "consent",
        "calls",
        "age",
        "place/latitude",
        "place/longitude",
        "place/altitude",
        "place/accuracy",
        "photo",
        "photo/file",
        "photo/mimetype",
        "years",
    ]
    assert questions(found.repeats["members"]) == []


def test_declared_questions_stay_as_pseudonyms_or_as_they_are(read_rows, make_submission):
    row = make_submission(1, head_name="Samir Haddad", greeting="Hi Samir", place="36 37")
    declared = {
        "head_name": NAME,
        "greeting": {"kind": "text", "treatment": "keep"},
        "place": {"kind": "location", "treatment": "drop"},
    }

    frame = read_rows(FORM, row, personal_data=declared).main

    assert frame["head_name"][0].startswith("N-")
    assert frame["greeting"][0] == "Hi Samir"
    assert not [name for name in frame.columns if name.startswith("place")]


def test_a_declaration_by_an_older_versions_path_holds(read_rows, make_submission):
    old = {
        "survey": [
            {"type": "begin_group", "name": "g"},
            {"type": "text", "name": "nick"},
            {"type": "end_group"},
        ]
    }
    new = {"survey": [{"type": "text", "name": "nick"}]}
    rows = [make_submission(1, "v1", **{"g/nick": "Sam"}), make_submission(2, "v2", nick="sam")]

    frame = read_rows({"v1": old, "v2": new}, *rows, personal_data={"g/nick": NAME}).main

    assert frame["nick"].nunique() == 1
    assert frame["nick"][0].startswith("N-")


@pytest.mark.parametrize("enumerator", [None, "_submitted_by", "who"])
def test_enumerators_are_told_apart_by_pseudonym_only(read_rows, make_submission, enumerator):
    content = {"survey": [{"type": "text", "name": "who"}]}
    rows = [make_submission(n, who=name, _submitted_by=name) for n, name in enumerate("aab")]

    frame = read_rows(content, *rows, enumerator=enumerator).main

    assert frame["_enumerator"].str.startswith("N-").all()
    assert frame["_enumerator"].nunique() == 2
    assert (frame["who"].tolist() == frame["_enumerator"].tolist()) == (enumerator == "who")


@pytest.mark.parametrize(
    ("answers", "rule"),
    [
        ({"consent": "yes"}, ("head_name", "personal.required")),
        ({"consent": "no", "head_name": "Samir"}, ("head_name", "personal.relevant")),
        ({"consent": "yes", "head_name": "Sam"}, ("head_name", "personal.constraint")),
        ({"phone": "call me"}, ("phone", "personal.constraint")),
        ({"calls": "2"}, ("calls", "personal.relevant")),
        ({"phone": "0933765432", "calls": "10"}, ("calls", "personal.constraint")),
    ],
)
def test_a_broken_rule_on_a_personal_answer_is_said_without_the_answer(
    read_rows, make_submission, answers, rule
):
    found = read_rows(FORM, make_submission(1, **answers))

    assert found.rules() == [(1, *rule)]
    assert found.verdicts["value"].isna().all()


def test_rules_that_hold_and_rules_on_other_answers_say_nothing_here(read_rows, make_submission):
    row = make_submission(
        1, consent="yes", head_name="Samir", phone="0933765432", calls="3", age="300"
    )

    assert read_rows(FORM, row).rules() == []


def test_a_rule_in_a_repeat_sees_the_answers_around_it(read_rows, make_submission):
    members = [{"members/member_name": "Lina"}, {"members/carer": "x"}]
    rows = [make_submission(n, consent=c, head_name=None, members=members) for n, c in ((1, "no"),)]
    asked = make_submission(2, consent="yes", head_name="Samir", members=members)

    found = read_rows(FORM, *rows, asked).verdicts

    assert found[["_id", "frame", "position", "rule"]].values.tolist() == [
        [1, "hh/members", "1", "personal.relevant"],
        [2, "hh/members", "2", "personal.required"],
    ]


def test_the_sentence_is_the_forms_own_where_it_has_one(read_rows, make_submission):
    row = make_submission(1, consent="yes", head_name="Sam")

    message = json.loads(read_rows(FORM, row).verdicts["message"][0])

    assert message["en"] == "Too short a name."
    assert "Name of the head" in message["ar"]


def test_a_phone_that_cannot_exist_is_said(read_rows, make_submission):
    rows = [make_submission(1, phone="0933765432"), make_submission(2, phone="123")]

    found = read_rows(FORM, *rows, personal_data={"phone": PHONE})

    assert found.rules() == [(2, "phone", "personal.phone")]


def test_each_version_is_held_against_its_own_rules(read_rows, make_submission):
    strict = {"survey": [{"type": "text", "name": "phone", "required": "true"}]}
    free = {"survey": [{"type": "text", "name": "phone"}]}
    rows = [make_submission(1, "v1"), make_submission(2, "v2")]

    assert read_rows({"v1": strict, "v2": free}, *rows).rules() == [
        (1, "phone", "personal.required")
    ]


def test_an_unreadable_personal_answer_is_said_without_it(read_rows, make_submission):
    content = {"survey": [{"type": "integer", "name": "national_id"}]}

    found = read_rows(content, make_submission(1, national_id="SECRET"))

    assert found.rules() == [(1, "national_id", "read.unreadable")]
    assert found.verdicts["value"].isna().all()
