"""Every shape in which KoboToolbox sends an answer is read, or said; nothing crashes."""

import json

import pandas as pd
import pytest

from meal_pipeline.read.block import EncryptedForm


def form(*rows, choices=()):
    keys = ("type", "name")
    return {
        "survey": [
            dict(zip(keys, row.rsplit(" ", 1), strict=True)) if isinstance(row, str) else row
            for row in rows
        ],
        "choices": [dict(zip(("list_name", "name"), one, strict=True)) for one in choices],
    }


def one_answer(read_rows, make_submission, question, answer, **settings):
    name = question["name"] if isinstance(question, dict) else question.rsplit(" ", 1)[1]
    found = read_rows(form(question), make_submission(1, **{name: answer}), **settings)
    return found.main.iloc[0], found.rules()


@pytest.mark.parametrize("separator", [";", "; ", " ;\n"])
@pytest.mark.parametrize("kind", ["geotrace", "geoshape"])
def test_a_line_is_one_canonical_text_with_its_number_of_points(
    read_rows, make_submission, kind, separator
):
    points = ["36.1 37.1 0 0", "36.2 37.2 0 0", "36.1 37.1 0 0"]
    row, rules = one_answer(read_rows, make_submission, f"{kind} plot", separator.join(points))

    assert (row["plot"], row["plot/points"], rules) == (";".join(points), 3, [])


@pytest.mark.parametrize("text", ["36.1", "36.1 37.1;far away", "99 37.1", "1 2 3 4 5"])
def test_what_is_no_line_is_missing_and_said(read_rows, make_submission, text):
    row, rules = one_answer(read_rows, make_submission, "geotrace way", text)

    assert pd.isna(row["way"])
    assert pd.isna(row["way/points"])
    assert rules == [(1, "way", "read.unreadable")]


@pytest.mark.parametrize("type_", ["geotrace", "geopoint"])
def test_a_place_that_cannot_be_read_is_never_told_in_the_finding(
    read_rows, make_submission, type_
):
    found = read_rows(form(f"{type_} way"), make_submission(1, way="36.1 37.1;36.2 x"))

    assert found.verdicts["value"].isna().tolist() == [True]


@pytest.mark.parametrize(
    ("text", "minutes"),
    [
        ("13:05:00.000+03:00", 180),
        ("13:05:00.000Z", 0),
        ("13:05:00.000-04:30", -270),
        ("١٣:٠٥:٠٠+٠٣:٠٠", 180),
        ("13:05", None),
    ],
)
def test_a_time_keeps_its_offset(read_rows, make_submission, text, minutes):
    row, _rules = one_answer(read_rows, make_submission, "time at", text)

    assert row["at"] == text
    assert (None if pd.isna(row["at/offset_minutes"]) else row["at/offset_minutes"]) == minutes


@pytest.mark.parametrize(
    ("appearance", "precision"), [("month-year", "month"), ("year", "year"), ("w2 year", "year")]
)
def test_a_partial_date_says_how_exact_it_is(read_rows, make_submission, appearance, precision):
    question = {"type": "date", "name": "came", "appearance": appearance}
    row, _rules = one_answer(read_rows, make_submission, question, "2022-05-01")

    assert (row["came"], row["came/precision"]) == (pd.Timestamp("2022-05-01"), precision)


def test_a_date_of_another_calendar_keeps_the_calendars_name(read_rows, make_submission):
    question = {"type": "date", "name": "born", "appearance": "islamic"}
    row, _rules = one_answer(read_rows, make_submission, question, "1990-05-17")

    assert (row["born"], row["born/calendar"]) == (pd.Timestamp("1990-05-17"), "islamic")


def test_precision_is_that_of_each_rows_own_version(read_rows, make_submission):
    def version(**cells):
        return form({"type": "date", "name": "came", **cells})

    found = read_rows(
        {"v1": version(), "v2": version(appearance="year")},
        make_submission(1, "v1", came="2022-05-03"),
        make_submission(2, "v2", came="2022-01-01"),
        make_submission(3, "v2"),
    )

    assert found.main["came/precision"].fillna("").tolist() == ["day", "year", ""]


def test_a_plain_date_has_no_columns_beside_it(read_rows):
    assert [n for n in read_rows(form("date came")).main.columns if "came" in n] == ["came"]


def test_a_hijri_year_where_a_gregorian_date_belongs_is_said(read_rows, make_submission):
    row, rules = one_answer(read_rows, make_submission, "date came", "1445-09-01")

    assert pd.isna(row["came"])
    assert rules == [(1, "came", "read.unreadable")]


@pytest.mark.parametrize(
    ("type_", "answer", "value"),
    [
        ("acknowledge", "OK", "OK"),
        ("range", "7", 7.0),
        ("barcode", "4006381\n333931", "4006381\n333931"),
        ("text", "سطر أول\nسطر ثان", "سطر أول\nسطر ثان"),
    ],
)
def test_answers_of_rarer_types_are_kept(read_rows, make_submission, type_, answer, value):
    row, rules = one_answer(read_rows, make_submission, f"{type_} q", answer)

    assert (row["q"], rules) == (value, [])


@pytest.mark.parametrize("type_", ["calculate", "note", "text", "hidden"])
def test_a_calculation_that_came_to_nothing_is_no_answer(read_rows, make_submission, type_):
    question = {"type": type_, "name": "ratio", "calculation": "1 div 0"}

    assert pd.isna(one_answer(read_rows, make_submission, question, "NaN")[0]["ratio"])
    assert one_answer(read_rows, make_submission, question, "2.5")[0]["ratio"] == "2.5"


@pytest.mark.parametrize("cells", [{"calculation": "'hello'"}, {"default": "hello"}])
def test_a_note_with_a_value_is_a_column(read_rows, make_submission, cells):
    question = {"type": "note", "name": "greeting_text", **cells}
    row, rules = one_answer(read_rows, make_submission, question, "hello")

    assert (row["greeting_text"], rules) == ("hello", [])


def test_an_audit_file_is_told_by_its_key_in_the_data(read_rows, make_submission):
    files = [{"filename": "u/attachments/f/i/audit.csv", "mimetype": "text/csv"}]
    body = make_submission(1, **{"meta/audit": "audit.csv", "_attachments": files})
    found = read_rows(form("audit audit", "text q"), body)

    row = found.main.iloc[0]
    assert (row["audit"], row["audit/file"], row["audit/mimetype"]) == (True, "here", "text/csv")
    assert found.unknown == {}


NEW = {"uid": "att1", "media_file_basename": "صورة 1.png", "filename": "u/a/f/i/صورة_1.png"}


@pytest.mark.parametrize(
    ("attachments", "state"),
    [
        ([NEW | {"is_deleted": False}], "here"),
        ([NEW | {"is_deleted": True}], "deleted"),
        ([NEW | {"is_deleted": True}, NEW | {"is_deleted": False}], "here"),
        ([{"id": 5, "instance": 9, "xform": 2, "filename": "u/a/صورة_1.png"}], "here"),
        ([{"id": 5, "filename": "u/a/صورة_1_MtYT6pg.png"}], "here"),
        ([{"id": 5, "filename": "u/a/other.png"}], "missing"),
        ([], "missing"),
        (None, "missing"),
        (["odd"], "missing"),
    ],
)
def test_a_files_state_is_known_in_each_shape_of_attachments(
    read_rows, make_submission, attachments, state
):
    body = make_submission(1, photo="صورة 1.png", _attachments=attachments)
    row = read_rows(form("image photo"), body).main.iloc[0]

    assert (row["photo"], row["photo/file"]) == (True, state)


def test_a_file_inside_a_repeat_is_found_by_its_submission(read_rows, make_submission):
    body = make_submission(
        1,
        kids=[{"kids/face": "a.png"}, {"kids/name": "x"}],
        _attachments=[{"filename": "u/a.png", "mimetype": "image/png"}],
    )
    found = read_rows(form("begin_repeat kids", "image face", "text name", "end_repeat x"), body)

    assert found.repeats["kids"]["face/file"].fillna("").tolist() == ["here", ""]


CHOICES = [("src", "water"), ("src", "water truck"), ("src", "well"), ("src", "deep well 2")]


@pytest.mark.parametrize(
    ("answer", "ticked"),
    [
        ("water truck well", {"water truck", "well"}),
        ("well water", {"water", "well"}),
        ("deep well 2 water", {"deep well 2", "water"}),
        ("water truck water", {"water truck", "water"}),
        ("unlisted well", {"well"}),
    ],
)
def test_codes_with_blanks_are_taken_apart_where_there_is_one_way(
    read_rows, make_submission, answer, ticked
):
    found = read_rows(form("select_multiple src q", choices=CHOICES), make_submission(1, q=answer))

    row = found.main.iloc[0]
    assert {code for _list, code in CHOICES if row[f"q/{code}"]} == ticked
    assert found.rules() == []


def test_codes_that_can_be_taken_apart_in_two_ways_are_said_and_not_read(
    read_rows, make_submission
):
    choices = [("src", code) for code in ("water", "truck", "water truck")]
    found = read_rows(
        form("select_multiple src q", choices=choices), make_submission(1, q="water truck")
    )

    row = found.main.iloc[0]
    assert pd.isna(row["q"])
    assert pd.isna(row["q/water truck"])
    assert found.rules() == [(1, "q", "read.unreadable")]
    assert found.verdicts["value"].tolist() == ["water truck"]


def test_a_renamed_code_with_a_blank_is_read_under_its_new_name(read_rows, make_submission):
    choices = [("src", "water_truck"), ("src", "well")]
    found = read_rows(
        form("select_multiple src q", choices=choices),
        make_submission(1, q="well water truck"),
        same_choices={"src": {"water truck": "water_truck"}},
    )

    assert found.main["q"].tolist() == ["well water_truck"]


def test_a_persons_own_question_may_be_called_like_the_other_of_a_list(read_rows, make_submission):
    content = form(
        {"type": "select_one src or_other", "name": "src"},
        {"type": "integer", "name": "src_other", "label": ["How many others?"]},
        choices=[("src", "well")],
    )
    found = read_rows(content, make_submission(1, src="other", src_other="3"))

    assert (found.main["src"].iloc[0], found.main["src_other"].iloc[0]) == ("other", 3)


def test_matrix_score_and_rank_have_a_column_a_cell(read_rows, make_submission):
    content = {
        "survey": [
            {"type": "begin_kobomatrix", "name": "mx", "kobo--matrix_list": "items"},
            {"type": "integer", "name": "number"},
            {"type": "end_kobomatrix"},
            {"type": "begin_score", "name": "sat", "kobo--score-choices": "rate"},
            {"type": "score__row", "name": "food"},
            {"type": "end_score"},
            {"type": "begin_rank", "name": "prio", "kobo--rank-items": "aid"},
            {"type": "rank__level", "name": "first"},
            {"type": "end_rank"},
        ],
        "choices": [
            {"list_name": "items", "name": "fridge"},
            {"list_name": "rate", "name": "good"},
            {"list_name": "aid", "name": "cash"},
        ],
    }
    answers = {"mx_fridge/mx_fridge_number": "2", "sat/food": "good", "prio/first": "cash"}
    found = read_rows(content, make_submission(1, **answers))

    row = found.main.iloc[0]
    assert (row["mx_fridge_number"], row["food"], row["first"]) == (2, "good", "cash")
    assert found.unknown == {}


MEMBERS = form(
    "text head",
    "begin_repeat kids",
    "text thing",
    {"type": "calculate", "name": "twice", "calculation": "1 + 1"},
    "begin_repeat ills",
    "text what",
    "end_repeat x",
    "end_repeat x",
)


def test_a_child_row_that_only_a_calculation_filled_is_kept_and_marked(read_rows, make_submission):
    body = make_submission(
        1,
        kids=[
            {"kids/thing": "a", "kids/twice": "2"},
            {"kids/twice": "2"},
            {"kids/twice": "2", "kids/ills": [{"kids/ills/what": "flu"}]},
        ],
    )
    kids = read_rows(MEMBERS, body).repeats["kids"]

    assert kids["_answered"].tolist() == [True, False, True]
    assert kids["_answered"].dtype == bool


def test_the_count_that_an_app_stores_beside_a_repeat_is_no_unknown_question(
    read_rows, make_submission
):
    body = make_submission(1, kids_count="2", kids=[{"kids/thing": "a", "kids/ills_count": "1"}])

    assert read_rows(MEMBERS, body).unknown == {}


def test_a_flat_answer_beside_a_list_of_rows_is_said_and_changes_no_row(read_rows, make_submission):
    rows = [{"kids/thing": "a"}, {"kids/thing": "b"}]
    body = make_submission(1, kids=rows, **{"kids/thing": "c"})
    found = read_rows(MEMBERS, body)

    assert found.repeats["kids"]["thing"].tolist() == ["a", "b"]
    assert found.rules() == [(1, "kids/thing", "read.two_answers")]
    assert rows == [{"kids/thing": "a"}, {"kids/thing": "b"}]


def test_a_nested_repeat_that_the_server_flattened_is_one_row_in_each_frame(
    read_rows, make_submission
):
    flat = {"kids/thing": "a", "kids/ills/what": "flu"}
    found = read_rows(MEMBERS, make_submission(1, **flat))

    assert found.repeats["kids"][["_position", "thing"]].values.tolist() == [["1", "a"]]
    assert found.repeats["ills"][["_position", "what"]].values.tolist() == [["1/1", "flu"]]
    assert found.rules() == []


def test_a_flattened_repeat_is_no_question_of_a_version_that_had_a_group_there(
    read_rows, make_submission
):
    versions = {
        "v1": form("begin_group kids", "text who", "end_group x"),
        "v2": form("begin_repeat kids", "text who", "end_repeat x"),
    }
    found = read_rows(
        versions,
        make_submission(1, "v1", **{"kids/who": "a"}),
        make_submission(2, "v2", **{"kids/who": "b"}),
    )

    assert found.main["who"].fillna("").tolist() == ["a", ""]
    assert found.repeats["kids"][["_id", "who"]].values.tolist() == [[2, "b"]]


@pytest.mark.parametrize(
    "answers",
    [
        {"head": [{"head": "a"}, {"head": "b"}]},
        {"head": {"head": "a"}},
        {"kids": "text"},
        {"kids": {"kids/thing": "a"}},
        {"kids": ["a", "b"]},
        {"kids": [{"kids/ills": "flu"}]},
        {"kids": "text", "kids/thing": "a"},
        {"__version__": ["v1", "v1"]},
        {"_validation_status": None, "_attachments": None, "_submission_time": None},
        {"meta/rootUuid": ["a", "b"]},
    ],
)
def test_no_odd_shape_stops_the_reading(read_rows, make_submission, answers):
    found = read_rows(MEMBERS, make_submission(1, **answers), make_submission(2, head="x"))

    assert found.main["head"].fillna("").tolist()[1] == "x"


def test_a_doubled_version_key_is_a_fallback_that_is_said(read_rows, make_submission):
    found = read_rows(MEMBERS, make_submission(1) | {"__version__": ["v1", "v2"]})

    assert found.rules() == [(1, "", "read.unknown_version")]


def test_a_row_that_names_no_version_is_said_in_other_words(read_rows, make_submission):
    unnamed = make_submission(2)
    del unnamed["__version__"]
    found = read_rows(MEMBERS, make_submission(1, "vOther"), unnamed)

    said = [json.loads(one)["en"] for one in found.verdicts["message"]]
    assert "is not known" in said[0]
    assert "names no form version" in said[1]
    assert found.verdicts["value"].fillna("").tolist() == ["vOther", ""]


def test_a_conflict_that_the_server_marked_is_said(read_rows, make_submission):
    body = make_submission(1) | {"meta/rootUuid": "uuid:CONFLICT-1-abc"}

    assert read_rows(MEMBERS, body).rules() == [(1, "", "read.conflict")]


def test_encrypted_submissions_are_refused_by_name(read_rows, make_submission):
    body = make_submission(1, base64EncryptedKey="AAAA", encryptedXmlFile="submission.xml.enc")

    with pytest.raises(EncryptedForm, match="form hh are encrypted"):
        read_rows(MEMBERS, body)


def test_the_validation_status_reaches_the_rows_of_repeats(read_rows, make_submission):
    approved = {"uid": "validation_status_approved", "label": "Approved", "by_whom": "x"}
    found = read_rows(
        MEMBERS,
        make_submission(1, kids=[{"kids/thing": "a"}], _validation_status=approved),
        make_submission(2, kids=[{"kids/thing": "b"}], _validation_status={}),
    )

    assert found.main["_validation"].tolist() == ["approved", ""]
    assert found.repeats["kids"]["_validation"].tolist() == ["approved", ""]


def test_an_edit_after_approval_is_said(read_rows, make_submission):
    standing = {1: ("approved", True), 2: ("approved", False)}
    found = read_rows(MEMBERS, make_submission(1), make_submission(2), standing=standing)

    assert found.main["_validation"].tolist() == ["approved", "approved"]
    assert found.rules() == [(1, "", "read.edited_after_approval")]
