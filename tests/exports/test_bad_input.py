"""Files that are not what they should be."""

import zipfile
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from click.testing import CliRunner

from meal_pipeline.exports import ImportFailed, find_sources, survey_folder
from meal_pipeline.exports.workbook import open_workbook

from .conftest import Office
from .kobo_exports import META, write_csv, write_xlsx

SURVEY = [
    ["type", "name", "label::English (en)", "label::Arabic (ar)"],
    ["text", "who", "Name", "الاسم"],
    ["integer", "age", "Age", "العمر"],
]


def meta(number: int, uuid: str | None = None, time: str = "2026-01-01T00:00:00") -> list[Any]:
    root = f"00000000-0000-4000-8000-{number:012d}"
    given = {"_id": number, "_uuid": uuid or root, "_submission_time": time}
    given |= {"meta/rootUuid": f"uuid:{root}", "_submitted_by": "lina", "__version__": "v1"}
    return [given.get(key, "") for key in META]


def data(*answers: tuple[str, str]) -> tuple[list[Any], list[list[Any]]]:
    return ["who", "age", *META], [[*one, *meta(at)] for at, one in enumerate(answers, 1)]


@pytest.fixture
def small(office: Office) -> Office:
    """An office with the form of a name and an age."""
    office.xlsform(SURVEY)
    return office


def unread(office: Office) -> dict[str, tuple[str, str]]:
    return {file: (said, fix) for file, said, fix in survey_folder(office.files).unread}


def names(office: Office) -> list[str]:
    return [row["who"] for row in office.rows().values()]


def test_an_empty_folder_and_one_that_is_not_there_are_refused(office: Office) -> None:
    for folder in (office.files, office.files / "nowhere"):
        with pytest.raises(ImportFailed) as refused:
            find_sources(folder)
        assert refused.value.next_step


def test_an_empty_file_a_cut_one_and_a_locked_one_stop_nothing_and_are_told(small: Office) -> None:
    write_csv(small.files / "good.csv", *data(("Rana", "30")))
    for name in ("empty.csv", "empty.xlsx", "empty.json"):
        (small.files / name).touch()
    whole = (small.files / "form.xlsx").read_bytes()
    (small.files / "cut.xlsx").write_bytes(whole[: len(whole) // 2])
    locked = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 512
    (small.files / "locked.xlsx").write_bytes(locked + "EncryptedPackage".encode("utf-16-le"))
    (small.files / "cut.json").write_text('{"results": [{"_id": 1,')
    told = unread(small)
    assert set(told) == {
        "empty.csv", "empty.xlsx", "empty.json", "cut.xlsx", "locked.xlsx", "cut.json",
    }  # fmt: skip
    assert all(said and fix for said, fix in told.values())
    assert "password" in told["locked.xlsx"][0]
    imported = small.imported()
    assert (imported.rows_new, names(small)) == (1, ["Rana"])
    assert {about for kind, about in imported.lacks.counted if kind == "file"} == set(told)


def test_macros_are_told_and_not_run(small: Office) -> None:
    path = small.files / "data.xlsm"
    write_xlsx(path, {"Sheet": data(("Rana", "30"))})
    with zipfile.ZipFile(path, "a") as book:
        book.writestr("xl/vbaProject.bin", b"\0")
    assert open_workbook(path).macros
    assert [f.said for f in find_sources(small.files).files if f.path == path] == [
        "It holds macros, which are not run."
    ]
    assert small.imported().rows_new == 1


def test_a_csv_in_windows_1256_is_read_and_told(small: Office) -> None:
    write_csv(small.files / "old.csv", *data(("رنا الحلو", "30")), encoding="cp1256")
    said = {file.name: file.said for file in find_sources(small.files).files}
    assert "Windows-1256" in said["old.csv"]
    small.imported()
    assert names(small) == ["رنا الحلو"]


def test_a_csv_in_two_encodings_is_refused_by_line(small: Office) -> None:
    path = small.files / "mixed.csv"
    write_csv(path, *data(("رنا", "30")))
    line = path.read_text("utf-8").splitlines()[1].replace("رنا", "سمر").encode("cp1256")
    path.write_bytes(path.read_bytes() + line + b"\r\n")
    said, fix = unread(small)["mixed.csv"]
    assert ("line 2" in said, "line 3" in said, bool(fix)) == (True, True, True)


@pytest.mark.parametrize("delimiter", [";", ","])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_delimiters_marks_and_quotes_of_csv_are_found_out(
    small: Office, delimiter: str, encoding: str
) -> None:
    answer = 'Rana; "Sami", and\r\nothers'
    write_csv(
        small.files / "data.csv", *data((answer, "30")), delimiter=delimiter, encoding=encoding
    )
    small.imported()
    assert names(small) == [answer]


def test_answers_that_an_encoding_destroyed_are_told(small: Office) -> None:
    write_csv(small.files / "data.csv", *data(("??? ?????", "30"), ("Rana", "31")))
    assert small.imported().lacks.counted["damaged", "who"] == 1


def test_a_header_below_merged_titles_is_found(small: Office) -> None:
    path = small.files / "data.xlsx"
    header, rows = data(("Rana", "30"))
    write_xlsx(path, {"Sheet": (["Household", None, *[None] * len(META)], [header, *rows])})
    book = openpyxl.load_workbook(path)
    book.active.merge_cells("A1:B1")
    book.save(path)
    small.imported()
    assert names(small) == ["Rana"]


def test_an_export_of_another_form_is_told_and_not_read(small: Office) -> None:
    write_csv(small.files / "good.csv", *data(("Rana", "30")))
    header = ["price", "market", *META]
    write_csv(small.files / "prices.csv", header, [["3", "souk", *meta(9)]])
    assert "no export of a form" in unread(small)["prices.csv"][0]
    assert small.imported().rows_in_files == 1


def test_rows_without_identity_are_refused(small: Office) -> None:
    write_csv(small.files / "bare.csv", ["who", "age"], [["Rana", "30"]])
    said, fix = unread(small)["bare.csv"]
    assert ("_uuid" in said, bool(fix)) == (True, True)
    with pytest.raises(ImportFailed):
        small.imported()


def test_copies_of_a_submission_in_several_files_are_one(small: Office) -> None:
    write_csv(small.files / "a.csv", *data(("Rana", "30")))
    write_xlsx(small.files / "b.xlsx", {"Sheet": data(("Rana", "30"))})
    imported = small.imported()
    assert (imported.rows_in_files, imported.rows_new) == (1, 1)
    assert ("contradiction", "") not in imported.lacks.counted


def test_two_files_that_contradict_each_other_are_told_and_the_newer_holds(small: Office) -> None:
    write_csv(small.files / "x - 2026-02-01-00-00-00.csv", *data(("Rana", "31")))
    write_csv(small.files / "y - 2026-01-01-00-00-00.csv", *data(("Rana", "30")))
    imported = small.imported()
    assert imported.lacks.counted["contradiction", ""] == 1
    assert small.rows()[1]["age"] == "31"


def test_an_edit_holds_whichever_file_it_is_in(small: Office) -> None:
    header, _rows = data()
    edited = ["Rana", "31", *meta(1, uuid="10000000-0000-4000-8000-000000000000")]
    write_csv(small.files / "a - 2026-01-01-00-00-00.csv", header, [edited])
    write_csv(small.files / "b - 2026-02-01-00-00-00.csv", header, [["Rana", "30", *meta(1)]])
    imported = small.imported()
    assert small.rows()[1]["age"] == "31"
    assert "meta/deprecatedID" in small.rows()[1]
    assert ("contradiction", "") not in imported.lacks.counted


def test_a_heading_that_fits_two_questions_is_told_and_not_guessed(office: Office) -> None:
    office.xlsform(
        [
            ["type", "name", "label"],
            ["text", "a", "Other, specify"],
            ["text", "b", "Other, specify"],
            ["text", "c", "Name"],
        ]
    )
    header = ["Other, specify", "Other, specify", "Name", *META]
    write_csv(office.files / "data.csv", header, [["x", "y", "Rana", *meta(1)]])
    imported = office.imported()
    assert imported.lacks.counted["clash", "Other, specify"] == 0
    assert ("clash", "Other, specify") in imported.lacks.counted
    assert {key for key in office.rows()[1] if key in "abc"} == {"c"}


def test_groups_without_a_separator_that_clash_are_told(office: Office) -> None:
    office.xlsform(
        [
            ["type", "name", "label"],
            ["begin_group", "ab", None],
            ["text", "c", None],
            ["end_group", None, None],
            ["begin_group", "a", None],
            ["text", "bc", None],
            ["end_group", None, None],
            ["begin_group", "n", None],
            ["text", "who", None],
            ["text", "age", None],
            ["end_group", None, None],
        ]
    )
    write_csv(office.files / "d.csv", ["abc", "nwho", "nage", *META], [["?", "R", "3", *meta(1)]])
    imported = office.imported()
    assert ("clash", "abc") in imported.lacks.counted
    assert office.rows()[1]["n/who"] == "R"


def test_ids_are_made_of_uuids_where_there_are_none(small: Office) -> None:
    header, rows = data(("Rana", "30"), ("Sami", "31"))
    at = header.index("_id")
    cut = [[*row[:at], *row[at + 1 :]] for row in rows]
    write_csv(small.files / "data.csv", [*header[:at], *header[at + 1 :]], cut)
    assert ("no_id", "") in small.imported().lacks.counted
    first = set(small.rows())
    assert small.imported().rows_new == 0
    assert (len(first), set(small.rows())) == (2, first)


def test_a_cell_of_the_longest_length_is_told_as_cut(small: Office) -> None:
    write_xlsx(small.files / "data.xlsx", {"Sheet": data(("x" * 32_767, "30"))})
    assert small.imported().lacks.counted["cut", "who"] == 1


def test_texts_that_excel_made_numbers_are_told(small: Office) -> None:
    write_xlsx(small.files / "data.xlsx", {"Sheet": data((963944, "30"))})  # type: ignore[arg-type]
    assert small.imported().lacks.counted["numbers", "who"] == 1


def test_the_command_prints_what_each_file_is(small: Office, tmp_path: Path) -> None:
    from meal_pipeline.cli.import_commands import import_

    write_csv(small.files / "data.csv", *data(("Rana", "30")))
    (small.files / "empty.csv").touch()
    printed = CliRunner().invoke(import_, [str(small.files), "--format", "json"]).output
    for part in ('"file": "data.csv"', '"submissions": 1', '"what": "not read"', "household"):
        assert part in printed
