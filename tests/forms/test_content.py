import json

import pytest

from meal_pipeline.forms import AmbiguousQuestion, FormError, UnknownQuestion, parse_content
from meal_pipeline.forms.errors import nearest_names

from .builders import choice, form, row

YES_NO = (choice("yn", "yes", "Yes", "نعم"), choice("yn", "no", "No", "لا"))


def test_a_question_in_groups_has_the_key_that_the_data_has():
    one = form(
        row("begin_group", "demo"),
        row("begin_group", "head"),
        row("integer", "age"),
        row("end_group"),
        row("end_group"),
    )
    assert one.question("age").path == "demo/head/age"


def test_labels_are_kept_in_every_language_and_absent_ones_are_absent():
    one = form(row("integer", "age", ["Age", "العمر"]), row("text", "note", [None, "ملاحظة"]))
    assert one.question("age").labels == {"en": "Age", "ar": "العمر"}
    assert one.question("note").labels == {"ar": "ملاحظة"}


def test_a_label_that_is_absent_falls_back_to_the_forms_own_language_then_to_the_name():
    one = form(row("integer", "age", ["Age", None]), row("integer", "rooms"))
    assert one.label(one.question("age"), "ar") == "Age"
    assert one.label(one.question("rooms"), "ar") == "rooms"


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("English (en)", "en"),
        ("العربية (ar)", "ar"),
        ("Arabic", "ar"),
        ("العربية", "ar"),
        ("french", "fr"),
        (None, "und"),
        ("Dialect of the coast", "Dialect of the coast"),
    ],
)
def test_languages_are_told_by_code_however_they_are_written(written, code):
    assert form(languages=(written,)).language_codes == (code,)


def test_two_translations_with_one_code_stay_two_languages():
    assert form(languages=("Arabic (ar)", "Formal Arabic (ar)")).language_codes == (
        "ar",
        "Formal Arabic (ar)",
    )


def test_the_default_language_is_the_one_the_settings_name():
    assert form(default_language="Arabic (ar)").default_language == "ar"


@pytest.mark.parametrize(
    "name", ["a.b", "c-d", "عمر", "None", "NA", "null", "12", "nan", "true", "_x", "الاسم_1"]
)
def test_odd_names_and_codes_pass_unharmed(name):
    one = form(row("select_one", name, select_from_list_name="l"), choices=(choice("l", name),))
    question = one.question(name)
    assert (question.name, question.path) == (name, name)
    assert [c.name for c in one.choices_of(question)] == [name]


def test_a_choice_code_that_a_spreadsheet_made_a_number_is_read_as_its_digits():
    one = form(
        row("select_one", "q", select_from_list_name="l"),
        choices=(choice("l", 1.0), choice("l", 99)),
    )
    assert [c.name for c in one.choices_of(one.question("q"))] == ["1", "99"]


def test_a_question_without_a_name_takes_the_name_that_the_server_gave_it():
    assert form({"type": "text", "$autoname": "Your_village"}).question("Your_village")


def test_an_unknown_type_is_kept_as_written():
    assert form(row("hologram", "h")).question("h").type == "hologram"


@pytest.mark.parametrize(
    ("cell", "required"),
    [(True, True), ("yes", True), ("true()", True), (False, False), ("no", False), (None, False),
     ("${age} > 17", "${age} > 17")],
)  # fmt: skip
def test_required_is_a_truth_or_a_condition(cell, required):
    assert form(row("text", "q", required=cell)).question("q").required == required


def test_conditions_of_the_groups_around_a_question_are_listed_outermost_first():
    one = form(
        row("begin_group", "g", relevant="${a} = 1"),
        row("begin_repeat", "r", relevant="${b} = 2", repeat_count="${n}"),
        row("integer", "x", relevant="${c} = 3"),
        row("end_repeat"),
        row("end_group"),
    )
    question = one.question("x")
    assert question.group_relevants == ("${a} = 1", "${b} = 2")
    assert (question.repeat, question.relevant) == ("g/r", "${c} = 3")
    assert one.repeat("g/r").count == "${n}"


def test_a_repeat_in_a_repeat_knows_its_parent():
    one = form(
        row("begin_repeat", "members"),
        row("begin_repeat", "illness"),
        row("integer", "days"),
        row("end_repeat"),
        row("end_repeat"),
    )
    assert [(r.path, r.parent) for r in one.repeats] == [
        ("members", None),
        ("members/illness", "members"),
    ]
    assert one.question("days").repeat == "members/illness"


def test_or_other_adds_the_choice_and_the_question_that_the_app_adds():
    one = form(
        row("select_one", "water", select_from_list_name="w", _or_other=True),
        choices=(choice("w", "well", "Well", "بئر"),),
    )
    assert [c.name for c in one.choices["w"]] == ["well", "other"]
    other = one.question("water_other")
    assert (other.type, other.relevant) == ("text", "selected(${water}, 'other')")


def test_a_users_own_other_question_at_the_same_place_wins():
    one = form(
        row("select_one", "src", select_from_list_name="w", _or_other=True),
        row("integer", "src_other", ["Mine", None]),
        choices=(choice("w", "1"),),
    )
    assert one.question("src_other").type == "integer"


def test_a_score_is_one_select_a_row():
    one = form(
        row("begin_score", "sat", ["Rate", None], kobo__score_choices="x", required=True)
        | {"kobo--score-choices": "yn"},
        row("score__row", "food", ["Food", "غذاء"]),
        row("end_score"),
        choices=YES_NO,
    )
    food = one.question("food")
    assert (food.path, food.type, food.list_name, food.required) == (
        "sat/food",
        "select_one",
        "yn",
        True,
    )


def test_a_rank_asks_each_level_for_another_item():
    one = form(
        row("begin_rank", "prio") | {"kobo--rank-items": "yn"},
        row("rank__level", "first"),
        row("rank__level", "second") | {"$xpath": "second"},
        row("end_rank"),
        choices=YES_NO,
    )
    second = one.question("second")
    assert (second.path, second.constraint) == ("prio/second", "${second} != ${first}")
    assert one.question("first").constraint is None


def test_a_matrix_has_one_question_an_item_and_column():
    one = form(
        row("begin_kobomatrix", "mx", relevant="${a} = 1") | {"kobo--matrix_list": "yn"},
        row("integer", "number", ["Number", "العدد"], constraint="${number} < 9"),
        row("end_kobomatrix"),
        choices=YES_NO,
    )
    assert list(one.by_path) == ["mx_yes/mx_yes_number", "mx_no/mx_no_number"]
    cell = one.question("mx_yes_number")
    assert cell.labels == {"en": "Yes – Number", "ar": "نعم – العدد"}
    assert (cell.constraint, cell.group_relevants) == ("${mx_yes_number} < 9", ())


@pytest.mark.parametrize(
    ("column", "code"),
    [
        ("label::Arabic (ar)", "ar"),
        ("label::arabic", "ar"),
        ("label:: Swahili", "sw"),
        ("label::English(en)", "en"),
        ("label:Kreyol", "Kreyol"),
        ("label..English..en.", "en"),
        ("label_creole", "creole"),
    ],
)
def test_headings_of_labels_are_read_as_people_write_them(column, code):
    content = {"survey": [{"type": "text", "name": "q", column: "Hello"}]}
    one = parse_content(content, asset_uid="a", version_uid="v")
    assert one.question("q").labels == {code: "Hello"}


@pytest.mark.parametrize("written", ["select one x", "Select_one x", "select_one_external x"])
def test_types_are_read_as_people_write_them(written):
    content = {"survey": [{"type": written, "name": "q"}]}
    question = parse_content(content, asset_uid="a", version_uid="v").question("q")
    assert (question.kind, question.list_name) == ("select_one", "x")


def test_an_audit_has_its_key_among_the_data_wherever_its_row_stands():
    one = form(row("begin_group", "g"), row("audit", "audit"), row("end_group"))
    assert one.question("audit").path == "meta/audit"


def test_a_plain_xlsform_with_a_column_a_language_is_read_alike():
    one = parse_content(
        {
            "survey": [
                {"type": "select one yn or_other", "name": "q", "label::English (en)": "Q?"},
                {"type": "begin group", "name": "g"},
                {"type": "gps", "name": "point", "label::Arabic (ar)": "الموقع"},
                {"type": "end group"},
                {"type": "text", "name": "old", "disabled": "yes"},
            ],
            "choices": [{"list name": "yn", "name": 1, "label::English (en)": "Yes"}],
        },
        asset_uid="a",
        version_uid="v",
    )
    assert one.language_codes == ("en", "ar")
    assert list(one.by_path) == ["q", "q_other", "g/point"]
    assert one.choices["yn"][0].labels == {"en": "Yes"}


def test_parameters_are_taken_apart():
    one = form(row("range", "r", parameters="start=0 end=10, step=0.5"))
    assert one.question("r").parameters == {"start": "0", "end": "10", "step": "0.5"}


@pytest.mark.parametrize(
    ("survey", "words"),
    [
        ([row("begin_group", "g")], "“g” is not closed"),
        ([row("end_group")], "was not opened"),
        ([row("begin_repeat", "r"), row("end_group")], "“r” is not closed"),
        ([row("begin_score", "s")], "“s” is not closed"),
        ([row("text")], "has no name"),
    ],
)
def test_a_broken_form_is_refused_with_its_row(survey, words):
    with pytest.raises(FormError, match=words):
        form(*survey)


@pytest.mark.parametrize("content", [{}, {"survey": None}, {"survey": "text"}])
def test_a_content_without_a_survey_is_refused(content):
    with pytest.raises(FormError, match="survey"):
        parse_content(content, asset_uid="a", version_uid="v")


def test_a_missing_question_is_named_with_its_nearest_match():
    with pytest.raises(UnknownQuestion, match=r"hh_sizee.*hh_size") as caught:
        form(row("integer", "hh_size"), row("text", "village")).question("hh_sizee")
    assert caught.value.nearest == ("hh_size",)


def test_nearest_names_do_not_mind_the_case():
    assert nearest_names("HH_Size", ["village", "hh_size"]) == ("hh_size",)
    assert nearest_names("x", ["village"]) == ()


def test_a_name_used_twice_asks_for_the_path():
    one = form(
        *(row("begin_group", "g1"), row("text", "x"), row("end_group")),
        *(row("begin_group", "g2"), row("text", "x"), row("end_group")),
    )
    with pytest.raises(AmbiguousQuestion, match="g1/x, g2/x"):
        one.question("x")
    assert one.question("g2/x").path == "g2/x"
    assert one.resolve("g2/x") == "g2/x"


def results(file):
    answer = json.loads(file.read_text())["response"].get("json")
    return answer.get("results", []) if isinstance(answer, dict) else []


SYSTEM_KEYS = {"formhub/uuid", "meta/instanceID", "meta/rootUuid", "meta/deprecatedID"}
WRITTEN_BY_API = {"no_such/question", "extra_node"}  # the server takes unknown keys


def test_every_answer_of_recorded_rows_is_a_question_of_its_own_or_the_newest_version(shared):
    folder = shared / "reference/kobo/recorded"
    forms = {}
    for file in sorted((folder / "02-forms").glob("*version-detail.json")):
        version = json.loads(file.read_text())["response"]["json"]
        forms[version["uid"]] = parse_content(
            version["content"], asset_uid="a", version_uid=version["uid"]
        )
    rows = [
        one
        for file in sorted((folder / "03-submissions").glob("*list*.json"))
        for one in results(file)
        if one.get("__version__") in forms and "meta/instanceID" in one
    ]
    assert len(forms) == 3
    assert len(rows) > 50
    for one in rows:
        keys = {key for key in one if not key.startswith("_")} - SYSTEM_KEYS - WRITTEN_BY_API
        own = forms[one["__version__"]]
        known = {*own.by_path, *(repeat.path for repeat in own.repeats)}
        assert keys <= known | {"needs/shelter/tenure"}  # a bulk edit writes the newest path


def test_paths_agree_with_the_servers_own_for_all_recorded_contents(shared):
    checked = 0
    not_the_key = {"number", "working", "first", "second", "sat", "prio"}
    for content in recorded_contents(shared):
        one = parse_content(content, asset_uid="a", version_uid="v")
        known = {*one.by_path, *(repeat.path for repeat in one.repeats)}
        for cells in content["survey"]:
            plain = not cells["type"].startswith(("begin_", "end_"))
            if plain and "$xpath" in cells and cells["$xpath"] not in not_the_key:
                assert cells["$xpath"] in known
                checked += 1
    assert checked > 800


def recorded_contents(shared):
    def inside(thing):
        if isinstance(thing, dict):
            if isinstance(thing.get("survey"), list):
                yield thing
            for value in thing.values():
                yield from inside(value)
        elif isinstance(thing, list):
            for value in thing:
                yield from inside(value)

    folder = shared / "reference/kobo"
    for file in sorted([*folder.glob("answers/*.json"), *folder.glob("recorded/**/*.json")]):
        yield from inside(json.loads(file.read_text()))


@pytest.mark.filterwarnings("ignore::UserWarning:openpyxl")
def test_published_xlsforms_are_read(shared):
    openpyxl = pytest.importorskip("openpyxl")
    questions = {}
    for file in sorted((shared / "reference/kobo/xlsforms").glob("**/*.xlsx")):
        book = openpyxl.load_workbook(file, read_only=True, data_only=True)
        content = {
            name: sheet_rows(book[name])
            for name in ("survey", "choices", "settings")
            if name in book.sheetnames
        }
        if "survey" in content:
            one = parse_content(content, asset_uid=file.stem, version_uid="v")
            questions[file.name] = len(one.questions)
        book.close()
    assert questions["REACH_2024_MSNA-kobo-tool_draft_v11.xlsx"] == 275
    assert questions["JMMI_ToolCombine_test1.xlsx"] == 820


def sheet_rows(sheet):
    rows = sheet.iter_rows(values_only=True)
    header = next(rows, ())
    return [{h: v for h, v in zip(header, cells, strict=False) if h} for cells in rows]
