"""Choice lists in files attached to a form are read like the form's own."""

import json

import pytest

from meal_pipeline.forms import parse_content, unite
from meal_pipeline.forms.attached_files import AttachedFile, files_needed, with_files

from .builders import choice, form, row

CSV = "name,label,label::Arabic (ar),pop\nSY01,Damascus,دمشق,10\nSY02,Aleppo,حلب,20\n"
GEOJSON = json.dumps(
    {
        "type": "FeatureCollection",
        "features": [
            {"type": "Feature", "id": "SY01", "properties": {"title": "Damascus", "pop": 10}},
            {"type": "Feature", "properties": {"id": "SY02", "title": "Aleppo"}},
        ],
    }
)
XML = (
    "<root><item><name>SY01</name><label>Damascus</label></item>"
    "<item><name>SY02</name><label>Aleppo</label></item></root>"
)


def one_list(name, text, **cells):
    survey = [row(f"select_one_from_file {name}", "place", **cells)]
    content = text.encode() if isinstance(text, str) else text
    return with_files(form(*survey), [AttachedFile(name, content)])


def listed(version, name="place"):
    return {one.name: dict(one.labels) for one in version.choices_of(version.question(name))}


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("places.csv", CSV),
        ("places.csv", "\ufeff" + CSV.replace(",", ";")),
        ("places.csv", CSV.replace(",", "\t").replace("\n", "\r\n")),
        ("places.geojson", GEOJSON),
        ("places.xml", XML),
        ("places.xml", '<?xml version="1.0" encoding="utf-8"?>\n' + XML),
    ],
)
def test_the_choices_of_each_kind_of_file_are_known_with_their_labels(name, text):
    assert {code: labels["und"] for code, labels in listed(one_list(name, text)).items()} == {
        "SY01": "Damascus",
        "SY02": "Aleppo",
    }


def test_labels_in_several_languages_and_other_columns_are_kept():
    version = one_list("places.csv", CSV)

    first = version.choices_of(version.question("place"))[0]
    assert dict(first.labels) == {"und": "Damascus", "ar": "دمشق"}
    assert dict(first.attributes) == {"pop": "10"}


def test_the_forms_parameters_name_the_columns():
    text = "id,fruit_list\n1,Apple\n2,Pear\n"
    version = one_list("fruits.csv", text, parameters="value=id, label=fruit_list")

    assert listed(version) == {"1": {"und": "Apple"}, "2": {"und": "Pear"}}


def test_a_list_that_is_searched_has_the_columns_that_its_choices_name():
    survey = row("select_one fruits", "q", appearance="minimal search('fruits')")
    version = with_files(
        form(survey, choices=(choice("fruits", "id", "fruit_name"),)),
        [AttachedFile("fruits.csv", b"id,fruit_name\n1,Apple\n")],
    )

    assert listed(version, "q") == {"1": {"und": "Apple"}}


def test_external_choices_are_read_from_the_file_that_deploying_makes():
    version = with_files(
        form(row("select_one_external villages", "q")),
        [AttachedFile("itemsets.csv", b"list_name,name,label\nvillages,v1,One\ncamps,c1,Camp\n")],
    )

    assert listed(version, "q") == {"v1": {"und": "One"}}


@pytest.mark.parametrize("sheet", ["external_choices", "external choices"])
def test_external_choices_that_the_form_still_has_need_no_file(sheet):
    content = {
        "survey": [{"type": "select_one_external villages", "name": "q"}],
        sheet: [{"list_name": "villages", "name": "v1", "label": "One"}],
    }
    version = with_files(parse_content(content, asset_uid="a", version_uid="v"), [])

    assert listed(version, "q") == {"v1": {"und": "One"}}
    assert files_needed(version) == []


def test_a_replaced_file_words_its_codes_anew_and_forgets_none():
    older = AttachedFile("places.csv", b"name,label\nSY01,Old name\nSY09,Gone\n")
    newer = AttachedFile("places.csv", b"name,label\nSY01,New name\n")
    version = with_files(form(row("select_one_from_file places.csv", "place")), [older, newer])

    assert listed(version) == {"SY01": {"und": "New name"}, "SY09": {"und": "Gone"}}


@pytest.mark.parametrize(
    ("file", "said"),
    [
        (None, "the server attaches none"),
        (AttachedFile("places.csv", None, "404 Not Found"), "404 Not Found"),
        (AttachedFile("places.csv", CSV.encode("cp1256")), "cannot be read as csv"),
        (AttachedFile("places.csv", b"code,text\n1,a\n"), "no column name"),
        (AttachedFile("places.csv", b""), "no column name"),
    ],
)
def test_a_file_that_cannot_be_had_blocks_its_question_alone(file, said):
    survey = [row("select_one_from_file places.csv", "place"), row("select_one yn", "ok")]
    version = with_files(form(*survey, choices=(choice("yn", "yes"),)), [file] if file else [])

    assert listed(version) == {}
    assert said in version.missing_files["place"]
    assert list(listed(version, "ok")) == ["yes"]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("places.xml", "<root><item>"),
        ("places.xml", '<!DOCTYPE x [<!ENTITY a "b">]><root><item><name>&a;</name></item></root>'),
        ("places.geojson", "[]"),
        ("places.geojson", "{}"),
        ("places.geojson", '{"features": [1]}'),
        ("places.ods", "x"),
    ],
)
def test_a_damaged_file_is_a_sentence_and_no_crash(name, text):
    assert name in one_list(name, text).missing_files["place"]


def test_the_files_that_a_version_needs_are_named():
    version = form(
        row("select_one_from_file places.csv", "a"),
        row("select_multiple_from_file camps.geojson", "b"),
        row("select_one l", "c", appearance="search('fruits')"),
        row("calculate", "d", calculation="pulldata('prices', 'p', 'k', ${c})"),
        row("text", "e", constraint='pulldata("people.csv", "x", "y", .) = 1'),
        row("xml-external", "sites"),
        row("csv-external", "staff"),
        row("select_one_external v", "f"),
    )

    assert files_needed(version) == [
        "camps.geojson",
        "fruits.csv",
        "itemsets.csv",
        "people.csv",
        "places.csv",
        "prices.csv",
        "sites.xml",
        "staff.csv",
    ]
    assert files_needed(form(row("text", "q"))) == []


def test_the_files_of_a_recorded_form_are_those_that_its_server_lists(shared):
    name = "kobo-trn.unhcr.org__assets_aUJbF9hPVWfo3o83S8Ageq"
    folder = shared / "reference/kobo/answers"
    content, listing = (
        json.loads((folder / f"{name}{end}.json").read_text())["body"] for end in ("", "_files")
    )
    version = parse_content(content["content"], asset_uid="a", version_uid="v")

    assert files_needed(version) == sorted(
        one["metadata"]["filename"] for one in listing["results"]
    )


def test_labels_of_files_reach_the_columns_of_all_versions():
    version = one_list("places.csv", CSV)
    union = unite([version])

    assert union.choice_label(union.column("place"), "SY02", "ar") == "حلب"
