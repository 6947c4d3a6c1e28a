"""Lists of places as they come, and what is said of those that cannot be taken."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from openpyxl import Workbook
from sqlalchemy import select

from meal_pipeline.exports.problems import UnreadableFile
from meal_pipeline.places import ImportedPlaces, PlacesRefused, known_rows
from meal_pipeline.store import Store
from meal_pipeline.store.tables.places import place_names, places

from .few_places import ADMIN2, SETTLEMENTS

Write = Callable[..., Path]
Take = Callable[..., ImportedPlaces]


def codes(store: Store) -> list[str]:
    with store.read() as connection:
        return list(connection.execute(select(places.c.pcode).order_by(places.c.pcode)).scalars())


def test_a_list_brings_its_places_and_those_around_that_it_names(syria: Store) -> None:
    with syria.read() as connection:
        rows = {row["pcode"]: row for row in known_rows(connection)}
    assert list(rows) == [
        *("SY02", "SY07"),
        *("SY0203", "SY0204", "SY0208", "SY0700"),
        *("C1", "C2", "C3"),
    ]
    assert (rows["SY0203"]["level"], rows["SY0203"]["parent_pcode"]) == (2, "SY02")
    assert (rows["SY0203"]["name_ar"], rows["SY0203"]["valid_from"]) == ("عفرين", "2020-12-17")
    assert (rows["C2"]["aliases"], rows["C2"]["previous_pcode"]) == ("Hammam|حمّام", "C9")


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        (ADMIN2, "utf-8-sig"),
        (ADMIN2, "cp1256"),
        (ADMIN2.replace(",", ";"), "utf-8"),
        (ADMIN2.replace(",", ";"), "cp1256"),
        (ADMIN2.replace("admin", "ADM").replace("Name", "").replace("Pcode", "_PCODE"), "utf-16"),
        (ADMIN2.replace("\n", "\n#adm2+code,#adm2+name,,,,,,\n", 1), "utf-8"),
    ],
)
def test_a_csv_is_read_whatever_its_encoding_delimiter_and_headings(
    store: Store, written: Write, taken: Take, text: str, encoding: str
) -> None:
    assert taken(written(text, encoding=encoding)).added == 6
    with store.read() as connection:
        rows = {row["pcode"]: row["name_ar"] for row in known_rows(connection)}
    assert rows["SY0208"] == "جرابلس"
    assert rows["SY07"] == "إدلب"


def workbook(path: Path, **sheets: str) -> Path:
    book = Workbook()
    book.remove(book.worksheets[0])
    for name, text in sheets.items():
        sheet = book.create_sheet(name)
        for line in text.splitlines():
            sheet.append(line.split(","))
    book.save(path)
    return path


def test_a_workbook_with_a_sheet_a_level_is_taken_whole(
    store: Store, tmp_path: Path, taken: Take
) -> None:
    newest = (
        "adm1_name,adm1_name1,adm1_pcode,adm0_name,adm0_name1,adm0_pcode,lang,lang1\n"
        "Aleppo,حلب,SY02,Syria,سوريا,SY,en,ar"
    )
    path = workbook(tmp_path / "syr.xlsx", Readme="About,this", ADM2=ADMIN2, ADM1=newest)
    assert taken(path).added == 7
    with store.read() as connection:
        rows = {row["pcode"]: row for row in known_rows(connection)}
    assert (rows["SY"]["name_ar"], rows["SY"]["level"]) == ("سوريا", 0)
    assert (rows["SY02"]["name_en"], rows["SY02"]["parent_pcode"]) == ("Aleppo", "SY")


def test_attributes_of_geojson_are_read_and_the_file_name_tells_the_level(
    store: Store, written: Write, taken: Take
) -> None:
    features = [
        {"type": "Feature", "properties": {"pcode": "SY02", "name_ar": "حلب"}, "geometry": None}
    ]
    taken(written(json.dumps({"features": features}), "syr_admin1.geojson"))
    assert codes(store) == ["SY02"]


def test_importing_again_changes_what_differs_and_keeps_aliases(
    syria: Store, written: Write, taken: Take
) -> None:
    again = taken(written(ADMIN2), written(SETTLEMENTS, "adm4.csv"))
    assert (again.added, again.changed, again.respelt) == (0, 0, 0)
    renamed = "settlement_pcode,name_ar,admin2_pcode\nC3,كوباني الجديدة,SY0208\n"
    assert taken(written(renamed)).changed == 1
    with syria.read() as connection:
        spelt = select(place_names.c.spelling).where(place_names.c.pcode == "C3")
        assert set(connection.execute(spelt).scalars()) == {"Kobani", "كوباني الجديدة", "عين العرب"}


def test_what_is_exported_is_taken_in_elsewhere(syria: Store, written: Write, taken: Take) -> None:
    with syria.read() as connection:
        rows = known_rows(connection)
    lines = [",".join(str(value or "") for value in row.values()) for row in rows]
    done = taken(written("\n".join([",".join(rows[0]), *lines])))
    assert (done.added, done.changed, done.unchanged, done.respelt) == (0, 0, len(rows), 0)


def test_names_by_p_code_are_added_to_known_places(
    syria: Store, written: Write, taken: Take
) -> None:
    entry = {
        "name": {"en": "Afrin", "ar": "عفرين"},
        "aliases": [{"value": "Efrîn", "language": "ku"}],
        "externalIds": {"ochaPcode": "SY0203"},
    }
    assert taken(written(json.dumps([entry]), "districts.json")).respelt == 1
    assert taken(written("pcode,aliases\nSY0203,Efrin|منطقة عفرين\n")).respelt == 1
    with syria.read() as connection:
        (row,) = (row for row in known_rows(connection) if row["pcode"] == "SY0203")
    assert row["aliases"] == "Efrin|Efrîn|منطقة عفرين"


@pytest.mark.parametrize(
    ("text", "sentence", "fix"),
    [
        ("name_en,name_ar\nAfrin,عفرين\n", r"adm2.csv, row 1: No column holds P-codes", "pcode"),
        ("admin2Pcode,x\nSY1,2\n", "row 1: No column holds names beside admin2Pcode", "name_ar"),
        ("admin1Pcode,admin1Name_en\n,Aleppo\n", "row 2: admin1Pcode: the P-code is miss", "Corr"),
        ("admin1Pcode,admin1Name_en\nحلب,Aleppo\n", "row 2: admin1Pcode: “حلب” is no P", "Corr"),
        ("admin1Pcode,admin1Name_en\nSY02,\n", "row 2: SY02 has no name", "Fill in"),
        (
            "admin1Pcode,admin1Name_en\nSY02,Aleppo\nSY02,Idleb\n",
            r"row 3: admin1Pcode: SY02 is also the P-code of “Aleppo” \(adm2.csv, row 2\)",
            "one of the two codes",
        ),
        (
            "admin2Pcode,admin2Name_en,admin1Pcode\nSY0203,Afrin,SY02\n",
            "row 2: admin1Pcode: SY0203 lies in SY02, which is in no file",
            "level above",
        ),
        (
            "admin2Pcode,admin2Name_en,admin1Pcode\nSY0203,Afrin,\n",
            "row 2: admin1Pcode: the P-code of the place around SY0203 is missing",
            "Fill the cell in",
        ),
        (
            "pcode,level,parent_pcode,name_en\nSY02,2,,A\nSY03,2,SY02,B\n",
            "row 3: parent_pcode: SY03 cannot lie in SY02, which is of level 2",
            "place around",
        ),
        ("pcode,level,name_en\nSY02,north,A\n", "row 2: level: “north” is no level", "0 for"),
        (
            "admin1Pcode,admin1Name_en,validOn\nSY02,Aleppo,last year\n",
            "row 2: validOn: “last year” is no day",
            "2024-12-31",
        ),
        (
            "admin1Pcode,admin1Name_ar\nSY02,ط­ظ„ط¨\n",
            "row 2: admin1Name_ar: the name is unreadable",
            "UTF-8",
        ),
        (
            "admin1Pcode,admin1Name_en,aliases\nSY02,Aleppo,North|Shahba\nSY07,Idleb,NORTH\n",
            "row 2: aliases: the alias “North” of SY02 fits SY07, too",
            "Take it away",
        ),
        ("pcode,aliases\nSY99,Nowhere\n", "row 2: pcode: there is no place SY99", "import the"),
    ],
)
def test_a_bad_list_is_refused_by_file_row_column_and_fix_and_nothing_is_taken(
    store: Store, written: Write, taken: Take, text: str, sentence: str, fix: str
) -> None:
    good = written("admin1Pcode,admin1Name_en\nSY14,Quneitra\n", "good.csv")
    with pytest.raises(PlacesRefused, match=sentence) as refused:
        taken(good, written(text, "adm2.csv"))
    assert fix in str(refused.value.next_step)
    assert codes(store) == []


def test_a_wrong_sheet_is_named_with_those_that_there_are(tmp_path: Path, taken: Take) -> None:
    path = workbook(tmp_path / "syr.xlsx", Readme="About,this", ADM2=ADMIN2)
    with pytest.raises(PlacesRefused, match=r"syr\.xlsx: There is no sheet Admin2") as refused:
        taken(path, sheet="Admin2")
    assert str(refused.value.next_step) == "Its sheets: Readme, ADM2"
    with pytest.raises(PlacesRefused, match="No column holds P-codes"):
        taken(path, sheet="Readme")


def test_a_level_that_nothing_tells_is_asked_for(store: Store, written: Write, taken: Take) -> None:
    plain = written("pcode,name_en\nSY02,Aleppo\n", "places.csv")
    with pytest.raises(PlacesRefused, match="level of the places cannot be told"):
        taken(plain)
    assert taken(plain, level=1).added == 1


def test_a_file_that_holds_no_table_is_refused(written: Write, tmp_path: Path, taken: Take) -> None:
    for name, text in (("a.pdf", "%PDF"), ("a.geojson", "{"), ("b.geojson", "{}"), ("c.csv", "")):
        with pytest.raises(UnreadableFile, match=name):
            taken(written(text, name))
    with pytest.raises(UnreadableFile, match=r"There is no file gone\.csv"):
        taken(tmp_path / "gone.csv")
