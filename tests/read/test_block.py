"""Submissions become typed rows, whatever version of the form they were filled with."""

import json

import pandas as pd
import pytest

HOUSEHOLD = {
    "survey": [
        {"type": "start", "name": "start"},
        {"type": "begin_group", "name": "home"},
        {"type": "integer", "name": "size"},
        {"type": "decimal", "name": "income"},
        {"type": "select_one water", "name": "source"},
        {"type": "select_multiple needs", "name": "needs"},
        {"type": "end_group"},
        {"type": "date", "name": "arrived"},
        {"type": "geopoint", "name": "place"},
        {"type": "image", "name": "photo"},
        {"type": "calculate", "name": "ratio", "calculation": "${income} div ${size}"},
        {"type": "begin_repeat", "name": "members"},
        {"type": "integer", "name": "age"},
        {"type": "begin_repeat", "name": "illness"},
        {"type": "text", "name": "what"},
        {"type": "end_repeat"},
        {"type": "end_repeat"},
    ],
    "choices": [
        {"list_name": "water", "name": "well"},
        {"list_name": "water", "name": "water_trucking"},
        {"list_name": "needs", "name": "food"},
        {"list_name": "needs", "name": "fuel"},
    ],
}


def form(*rows, choices=()):
    keys = ("type", "name")
    return {
        "survey": [dict(zip(keys, row.rsplit(" ", 1), strict=True)) for row in rows],
        "choices": [dict(zip(("list_name", "name"), one, strict=True)) for one in choices],
    }


def test_answers_become_values_of_their_type(read_rows, make_submission):
    answers = {
        "start": "2026-03-17T08:00:12.345+03:00",
        "home/size": "٦",
        "home/income": "١٬٢٣٤٫٥",
        "home/source": "well",
        "home/needs": "fuel food",
        "arrived": "2025-06-15",
        "place": "36.2 37.1",
        "photo": "a.jpg",
        "ratio": "NaN",
    }

    row = read_rows(HOUSEHOLD, make_submission(7, **answers)).main.iloc[0]

    assert row["_id"] == 7
    assert row["_version"] == "v1"
    assert row["_submission_time"] == pd.Timestamp("2026-03-17 03:37:43", tz="UTC")
    assert row["start"] == pd.Timestamp("2026-03-17 05:00:12.345", tz="UTC")
    assert row["start/offset_minutes"] == 180
    assert (row["size"], row["income"], row["source"]) == (6, 1234.5, "well")
    assert (row["needs"], row["needs/food"], row["needs/fuel"]) == ("fuel food", True, True)
    assert row["arrived"] == pd.Timestamp("2025-06-15")
    assert (row["place/latitude"], row["place/longitude"]) == (36.2, 37.1)
    assert pd.isna(row["place/altitude"])
    assert row["photo"]
    assert pd.isna(row["ratio"])


def test_columns_have_the_promised_types_also_without_rows(read_rows):
    frame = read_rows(HOUSEHOLD).main

    assert frame.dtypes.astype(str).to_dict() == {
        "_id": "int64",
        "_uuid": "str",
        "_version": "str",
        "_submission_time": "datetime64[us, UTC]",
        "_enumerator": "str",
        "_edited": "bool",
        "_validation": "str",
        "start": "datetime64[us, UTC]",
        "start/offset_minutes": "Int64",
        "size": "Int64",
        "income": "Float64",
        "source": "str",
        "needs": "str",
        "needs/food": "boolean",
        "needs/fuel": "boolean",
        "arrived": "datetime64[us]",
        "place/latitude": "Float64",
        "place/longitude": "Float64",
        "place/altitude": "Float64",
        "place/accuracy": "Float64",
        "photo": "boolean",
        "photo/file": "str",
        "photo/mimetype": "str",
        "ratio": "str",
    }


def test_types_do_not_depend_on_the_answers(read_rows, make_submission):
    empty = read_rows(HOUSEHOLD)
    filled = read_rows(
        HOUSEHOLD, make_submission(1, **{"home/size": "x", "members": [{"members/age": "3"}]})
    )

    assert filled.main.dtypes.equals(empty.main.dtypes)
    assert all(filled.repeats[n].dtypes.equals(f.dtypes) for n, f in empty.repeats.items())


def test_what_cannot_be_read_is_missing_and_said_with_the_answer(read_rows, make_submission):
    found = read_rows(HOUSEHOLD, make_submission(1, **{"home/size": "six"}))

    assert pd.isna(found.main["size"][0])
    assert found.rules() == [(1, "size", "read.unreadable")]
    assert found.verdicts["value"][0] == "six"


def test_an_unanswered_choice_question_is_missing_in_each_of_its_columns(
    read_rows, make_submission
):
    row = read_rows(HOUSEHOLD, make_submission(1)).main.iloc[0]

    assert row[["needs", "needs/food", "needs/fuel"]].isna().all()


def test_an_edited_submission_is_marked(read_rows, make_submission):
    edited = make_submission(2, **{"meta/deprecatedID": "uuid:1"})

    assert read_rows(HOUSEHOLD, make_submission(1), edited).main["_edited"].tolist() == [
        False,
        True,
    ]


def test_repeats_become_child_rows_linked_by_position(read_rows, make_submission):
    ill = [{"members/illness/what": "cough"}, {"members/illness/what": "fever"}]
    members = [{"members/age": "40"}, {"members/age": "7", "members/illness": ill}]

    found = read_rows(HOUSEHOLD, make_submission(5, members=members)).repeats

    keys = ["_id", "_position", "_index", "_parent_position"]
    assert found["members"][[*keys, "age"]].values.tolist() == [
        [5, "1", 1, "", 40],
        [5, "2", 2, "", 7],
    ]
    assert found["illness"][[*keys, "what"]].values.tolist() == [
        [5, "2/1", 1, "2", "cough"],
        [5, "2/2", 2, "2", "fever"],
    ]


def test_a_repeat_that_the_server_flattened_is_one_child_row(read_rows, make_submission):
    row = make_submission(5, "v2", **{"members/age": "40"})
    without = {**HOUSEHOLD, "survey": HOUSEHOLD["survey"][:-6]}

    found = read_rows({"v1": HOUSEHOLD, "v2": without}, row)

    assert found.repeats["members"][["_id", "_position", "age"]].values.tolist() == [[5, "1", 40]]
    assert found.unknown == {}


OLD = form("begin_group a", "text need", "end_group x", "integer size")
NEW = form("begin_group b", "text need", "end_group x", "decimal size", "text more")


def test_each_row_is_read_by_its_own_version_into_one_column(read_rows, make_submission):
    found = read_rows(
        {"v1": OLD, "v2": NEW},
        make_submission(1, "v1", **{"a/need": "tent", "size": "4"}),
        make_submission(2, "v2", **{"b/need": "food", "size": "4.5"}),
    )

    assert found.main["need"].tolist() == ["tent", "food"]
    assert found.main["size"].tolist() == [4.0, 4.5]
    assert found.rules() == []


def test_an_answer_under_another_versions_key_is_read_and_said(read_rows, make_submission):
    found = read_rows({"v1": OLD, "v2": NEW}, make_submission(1, "v1", **{"b/need": "tent"}))

    assert found.main["need"].tolist() == ["tent"]
    assert found.rules() == [(1, "need", "read.other_version_answer")]


def test_a_row_with_two_different_answers_keeps_its_own_versions(read_rows, make_submission):
    row = make_submission(1, "v1", **{"a/need": "tent", "b/need": "food"})

    found = read_rows({"v1": OLD, "v2": NEW}, row)

    assert found.main["need"].tolist() == ["tent"]
    assert found.rules() == [(1, "need", "read.two_answers")]


def test_a_row_of_an_unknown_version_is_read_with_the_newest_and_said_once(
    read_rows, make_submission
):
    found = read_rows({"v1": OLD, "v2": NEW}, make_submission(1, "v0", **{"a/need": "tent"}))

    assert found.main[["_version", "need"]].values.tolist() == [["v2", "tent"]]
    assert found.rules() == [(1, "", "read.unknown_version")]
    assert found.verdicts["value"][0] == "v0"


@pytest.mark.parametrize("key", ["_version_", "__version__001", "_version__001"])
def test_the_newest_known_of_several_version_keys_counts(read_rows, make_submission, key):
    row = make_submission(1, "v1", **{key: "v2", "_version_": "v9"} | {key: "v2"})

    assert read_rows({"v1": OLD, "v2": NEW}, row).main["_version"].tolist() == ["v2"]


def test_a_key_that_no_version_knows_is_counted_and_not_read(read_rows, make_submission):
    rows = [make_submission(n, ghost="boo", _new_server_key="x") for n in (1, 2)]

    found = read_rows(HOUSEHOLD, *rows)

    assert found.unknown == {"ghost": 2}
    assert "ghost" not in found.main.columns


def test_a_doubled_answer_is_missing_and_said(read_rows, make_submission):
    doubled = [{"home/size": "4"}, {"home/size": "5"}]

    found = read_rows(HOUSEHOLD, make_submission(1, **{"home/size": doubled}))

    assert pd.isna(found.main["size"][0])
    assert found.rules() == [(1, "size", "read.doubled_answer")]


def test_a_doubled_group_is_said(read_rows, make_submission):
    found = read_rows(HOUSEHOLD, make_submission(1, home=[{"size": "4"}, {"size": "5"}]))

    assert found.rules() == [(1, "home", "read.doubled_answer")]


def test_renamed_choices_are_read_under_their_new_code(read_rows, make_submission):
    renamed = {"water": {"tanker": "water_trucking"}, "needs": {"diesel": "fuel"}}
    old = {
        **HOUSEHOLD,
        "choices": [
            *HOUSEHOLD["choices"],
            {"list_name": "water", "name": "tanker"},
            {"list_name": "needs", "name": "diesel"},
        ],
    }
    rows = [
        make_submission(1, **{"home/source": "tanker", "home/needs": "diesel food"}),
        make_submission(2, "v2", **{"home/source": "water_trucking", "home/needs": "fuel"}),
    ]

    frame = read_rows({"v1": old, "v2": HOUSEHOLD}, *rows, same_choices=renamed).main

    assert frame["source"].tolist() == ["water_trucking"] * 2
    assert frame["needs"].tolist() == ["fuel food", "fuel"]
    assert frame["needs/fuel"].tolist() == [True, True]
    assert "needs/diesel" not in frame.columns


def test_a_choice_code_with_a_blank_is_one_code_of_a_single_choice(read_rows, make_submission):
    content = {
        "survey": [{"type": "select_one l", "name": "q"}],
        "choices": [{"list_name": "l", "name": "old code"}, {"list_name": "l", "name": "code"}],
    }
    rows = [make_submission(1, q="old code"), make_submission(2, q="code")]

    frame = read_rows(content, *rows, same_choices={"l": {"old code": "new", "old": "x"}}).main

    assert frame["q"].tolist() == ["new", "code"]


@pytest.mark.parametrize(
    "name", ["a.b", "a-b", "اسم_المصدر", "None", "NA", "nan", "true", "2nd", "q c", "index"]
)
def test_odd_names_of_questions_and_choices_pass_unharmed(read_rows, make_submission, name):
    content = {
        "survey": [{"type": "select_multiple l", "name": name}],
        "choices": [{"list_name": "l", "name": "NA"}, {"list_name": "l", "name": "None"}],
    }

    frame = read_rows(content, make_submission(1, **{name: "None NA"})).main

    assert frame[name].tolist() == ["None NA"]
    assert frame[[f"{name}/NA", f"{name}/None"]].values.tolist() == [[True, True]]


def test_a_question_named_like_a_column_of_every_frame_stands_beside_it(read_rows, make_submission):
    content = form("begin_group g", "integer _id", "end_group x")

    frame = read_rows(content, make_submission(9, **{"g/_id": "5"})).main

    assert frame[["_id", "_id/"]].values.tolist() == [[9, 5]]


def test_a_long_identity_number_keeps_every_digit(read_rows, make_submission):
    content = form("integer card", "text other_card")
    row = make_submission(1, card="9007199254740993", other_card="12345678901234567890")

    frame = read_rows(content, row, make_submission(2)).main

    assert frame["card"][0] == 9007199254740993
    assert frame["other_card"][0] == "12345678901234567890"


@pytest.mark.parametrize("text", ["36.2", "north", "95 37 0 0", "36 37 0 0 0"])
def test_what_is_no_point_is_missing_and_said(read_rows, make_submission, text):
    found = read_rows(HOUSEHOLD, make_submission(1, place=text))

    assert found.main["place/latitude"].isna().all()
    assert found.rules() == [(1, "place", "read.unreadable")]


def recorded_household_form(shared):
    """Give the versions (oldest first) and the rows of the household form of a real server."""
    folder = shared / "reference" / "kobo" / "recorded"
    answers = (json.loads(path.read_bytes()) for path in sorted(folder.glob("0[2-7]-*/*.json")))
    exchanges = [one for one in answers if "request" in one]
    of_form = "/assets/ak4MLs7CVnwze5TcemRfXr/"
    bodies = [
        (one["request"]["path"], one["response"]["json"])
        for one in exchanges
        if of_form in one["request"]["path"] and isinstance(one["response"].get("json"), dict)
    ]
    versions = [body for path, body in bodies if "/versions/" in path and "content" in body]
    versions.sort(key=lambda body: body["date_deployed"])
    rows = {
        row["_id"]: row
        for path, body in bodies
        if "/data/" in path and "fields" not in path and isinstance(body.get("results"), list)
        for row in body["results"]
        if "_submission_time" in row
    }
    return {body["uid"]: body["content"] for body in versions}, rows


def test_the_rows_of_a_real_server_are_read(read_rows, shared):
    versions, rows = recorded_household_form(shared)

    found = read_rows(versions, *(rows[number] for number in sorted(rows)))

    frame = found.main.set_index("_id")
    assert len(versions) == 3
    assert frame.loc[10, "tenure"] == rows[10]["needs/shelter/tenure"]
    assert (10, "tenure", "read.other_version_answer") in found.rules()
    assert (1147, "", "read.unknown_version") in found.rules()
    assert "extra_node" in found.unknown
    sent = {number: row["demo/hh_size"] for number, row in rows.items() if "demo/hh_size" in row}
    assert frame["hh_size"].dropna().astype(str).to_dict() == sent
    ages = [[m.get("members/m_age") for m in row.get("members", [])] for row in rows.values()]
    assert len(found.repeats["members"]) == sum(map(len, ages))
