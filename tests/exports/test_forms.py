"""XLSForms as people keep them: read, or refused by sheet, row and fix."""

from pathlib import Path

import pytest

from meal_pipeline.exports import UnreadableFile, find_sources
from meal_pipeline.exports.encodings import is_damaged
from meal_pipeline.exports.xlsforms import read_form_sheets, refusal_of_pyxform
from meal_pipeline.forms import parse_content

from .conftest import Office

ROUGH = "reference/kobo/xlsforms/rough"


def test_rough_spellings_of_headers_and_types_are_understood() -> None:
    form = read_form_sheets(
        "rough.xlsx",
        {
            "survey": [
                {
                    "Type": "Select_one  yn",
                    "NAME": "house ".strip(),
                    "label..English..en.": "House?",
                    "label:: Arabic (ar)": "بيت؟",
                    "required": "NA",
                    "Relevance": "true()",
                },
                {"Type": "begin repeat", "NAME": "members", "label_creole": "Moun"},
                {"Type": "integer", "NAME": "age"},
                {"Type": "end repeat"},
            ],
            "choices": [{"list name": "yn", "name": "yes", "label::English (en)": "Yes"}],
        },
    )
    read = parse_content(form.content, asset_uid="a", version_uid="v")
    house = read.question("house")
    assert (house.type, house.list_name, house.required) == ("select_one", "yn", False)
    assert house.labels == {"en": "House?", "ar": "بيت؟"}
    assert house.relevant == "true()"
    assert [repeat.path for repeat in read.repeats] == ["members"]
    assert read.question("age").path == "members/age"


@pytest.mark.parametrize(
    ("survey", "row", "what"),
    [
        ([{"type": "text", "name": "first name"}], 2, "blank"),
        ([{"type": "begin_group", "name": "g"}, {"type": "text", "name": "a"}], 2, "not closed"),
        ([{"type": "text", "name": "a"}, {"type": "end_group"}], 3, "closes nothing"),
    ],
)
def test_a_form_that_makes_data_ambiguous_is_refused_by_row(
    survey: list[dict[str, str]], row: int, what: str
) -> None:
    with pytest.raises(UnreadableFile) as refused:
        read_form_sheets("form.xlsx", {"survey": survey})
    assert f"form.xlsx, sheet survey, row {row}" in str(refused.value)
    assert what in str(refused.value)
    assert refused.value.next_step


def test_what_can_be_mended_is_told_by_sheet_row_and_fix() -> None:
    form = read_form_sheets(
        "form.xlsx",
        {
            "survey": [
                {"type": "select_one gone", "name": "a"},
                {"type": "text", "name": "a"},
            ],
            "choices": [
                {"list_name": "yn", "name": "yes"},
                {"list_name": "yn", "name": "yes"},
            ],
        },
    )
    told = {(one.sheet, one.row) for one in form.remarks if one.fix}
    assert told == {("survey", 2), ("survey", 3), ("choices", 3)}


def test_pyxform_says_why_it_would_not_deploy_a_form() -> None:
    doubled = [{"type": "text", "name": "a", "label": "A"}] * 2
    assert "a" in (refusal_of_pyxform({"survey": doubled}) or "")
    assert refusal_of_pyxform({"survey": doubled[:1]}) is None


@pytest.mark.parametrize(
    "text",
    [
        "??? ??????",
        "? ???????? ? ??",
        "ما\ufffdء",
        "الاسم".encode().decode("cp1256"),
        "اسم رب الأسرة".encode().decode("cp1252", "replace"),
        "الاسم".encode("cp1256").decode("cp1252"),
    ],
)
def test_a_text_that_a_wrong_encoding_damaged_is_noticed(text: str) -> None:
    assert is_damaged(text)


@pytest.mark.parametrize(
    "text",
    [
        "Are you sure???",
        "هل أنت متأكد؟؟؟",
        "Élève à l’école",
        "naïve façade",
        "Größe",
        "كۆچبەر",
        "?",
    ],
)
def test_a_text_that_is_right_is_never_called_damaged(text: str) -> None:
    assert not is_damaged(text)


def test_no_word_of_the_real_forms_is_called_damaged(shared: Path) -> None:
    sources = find_sources(shared / "reference/kobo/xlsforms")
    whole = [one for one in sources.remarks if "rough" not in one.file and "csv" not in one.file]
    assert [one.message for one in whole] == []


def test_rough_real_forms_are_read_or_refused_by_row_and_no_damage_is_a_label(
    office: Office, shared: Path
) -> None:
    office.copy(*(shared / ROUGH).glob("*.csv"), *(shared / ROUGH).glob("*.xlsx"))
    sources = find_sources(office.files)
    said = {file.name: file for file in sources.files}
    for name in ("JMMI_ToolCombine_test1.xlsx", "questions.csv"):
        assert said[name].kind == "unreadable"
        assert "sheet survey, row 255" in said[name].said
        assert said[name].fix
    labels = [
        label
        for form in sources.forms
        for version in form.union().versions
        for thing in (*version.questions, *(c for all_ in version.choices.values() for c in all_))
        for label in thing.labels.values()
    ]
    assert len(labels) > 2_000
    assert not any(is_damaged(label) for label in labels)
    damaged = {one.file for one in sources.remarks if "damaged" in one.message}
    assert damaged == {"kobo questions.csv", "questionnaire_questions.csv"}


def test_questions_and_choices_in_two_csv_files_are_one_form(office: Office) -> None:
    (office.files / "wash survey.csv").write_text(
        "type,name,label\nselect_one yn,safe,Safe?\n", "utf-8"
    )
    (office.files / "wash choices.csv").write_text(
        "list_name,name,label\nyn,yes,Yes\nyn,no,No\n", "utf-8"
    )
    (form,) = find_sources(office.files).forms
    column = form.union().columns[0]
    assert [choice.name for choice in form.union().choices_of(column)] == ["yes", "no"]


def test_two_definitions_that_share_their_questions_are_versions_of_one_form(
    office: Office,
) -> None:
    header = ["type", "name", "label"]
    old, new = ["text", "a", "A"], ["text", "b", "B"]
    office.xlsform([header, old], name="form v1.xlsx", settings={"version": "1"})
    office.xlsform([header, old, new], name="form v2.xlsx", settings={"version": "2"})
    (form,) = find_sources(office.files).forms
    assert form.uid == "household"
    assert [len(version.questions) for version in form.union().versions] == [1, 2]
