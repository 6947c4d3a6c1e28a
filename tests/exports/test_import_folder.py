"""A folder into the log: the API's frames, little by little, and nothing lost."""

from collections.abc import Callable, Mapping
from typing import Any

import orjson
import pytest

from meal_pipeline.collect import collect_project
from meal_pipeline.kobo import KoboClient
from meal_pipeline.practice import PRACTICE_TOKEN, PracticeForm, PracticeServer, PracticeVersion
from meal_pipeline.store.submission_log import bodies, head_index

from .conftest import KEY, Office, clock
from .kobo_exports import Asked, table, write_csv, write_whole

YN = {"yes": ("Yes", "نعم"), "no": ("No", "لا")}
FOOD = {"rice": ("Rice", "أرز"), "red_rice": ("Red rice", "أرز أحمر"), "oil": ("Oil", "زيت")}


def select(name: str, list_name: str, *labels: str, many: bool = False) -> dict[str, Any]:
    kind = "select_multiple" if many else "select_one"
    return {
        "type": kind, "name": name, "select_from_list_name": list_name, "label": list(labels),
    }  # fmt: skip


CONTENT: dict[str, Any] = {
    "translations": ["English (en)", "Arabic (ar)"],
    "survey": [
        {"type": "start", "name": "start"},
        {"type": "begin_group", "name": "home", "label": ["Home", "البيت"]},
        select("safe", "yn", "Safe?", "آمن؟"),
        select("eaten", "food", "Eaten", "ما أُكل", many=True),
        {"type": "decimal", "name": "income", "label": ["Income", "الدخل"]},
        {"type": "end_group"},
        {"type": "geopoint", "name": "place", "label": ["Place", "المكان"]},
        {"type": "begin_repeat", "name": "members", "label": ["Members", "الأفراد"]},
        {"type": "integer", "name": "age", "label": ["Age", "العمر"]},
        {"type": "begin_repeat", "name": "visits", "label": ["Visits", "الزيارات"]},
        {"type": "date", "name": "day", "label": ["Day", "اليوم"]},
        {"type": "end_repeat"},
        {"type": "end_repeat"},
    ],
    "choices": [
        {"list_name": name, "name": code, "label": list(labels)}
        for name, listed in (("yn", YN), ("food", FOOD))
        for code, labels in listed.items()
    ],
}
UID = "aHousehold"


def answers(number: int) -> dict[str, Any]:
    """A household, each unlike the others; some questions are not answered."""
    found: dict[str, Any] = {
        "start": f"2026-03-0{number % 9 + 1}T08:00:12.345+03:00",
        "home/safe": ["yes", "no", None][number % 3],
        "home/eaten": ["rice oil", "oil red_rice", "red_rice", None][number % 4],
        "home/income": f"{number * 12.5:.2f}",
        "place": "36.2 37.1 400 4.5",
    }
    members = [
        {
            "members/age": str(20 + at),
            "members/visits": [{"members/visits/day": f"2026-01-0{at + 1}"}] * (number % 2),
        }
        for at in range(number % 4)
    ]
    return found | {"members": members}


def asked(language: int | None) -> tuple[list[Asked], dict[str, tuple[str | None, list[Asked]]]]:
    """The questions as exported with names, or with labels in a language."""

    def heading(*parts: tuple[str, str, str]) -> tuple[str, ...]:
        return tuple(part[0] if language is None else part[1 + language] for part in parts)

    def choices(listed: Mapping[str, tuple[str, str]]) -> dict[str, str]:
        return {code: code if language is None else both[language] for code, both in listed.items()}

    home, members = ("home", "Home", "البيت"), ("members", "Members", "الأفراد")
    visits = ("visits", "Visits", "الزيارات")
    safe, eaten = ("safe", "Safe?", "آمن؟"), ("eaten", "Eaten", "ما أُكل")
    main = [
        Asked("start", ("start",)),
        Asked("home/safe", heading(home, safe), labels=choices(YN)),
        Asked("home/eaten", heading(home, eaten), choices(FOOD), choices(FOOD)),
        Asked("home/income", heading(home, ("income", "Income", "الدخل"))),
        Asked("place", heading(("place", "Place", "المكان"))),
    ]
    repeats: dict[str, tuple[str | None, list[Asked]]] = {
        "members": (None, [Asked("members/age", heading(members, ("age", "Age", "العمر")))]),
        "members/visits": (
            "members",
            [Asked("members/visits/day", heading(members, visits, ("day", "Day", "اليوم")))],
        ),
    }
    return main, repeats


@pytest.fixture
def practice(office: Office) -> PracticeServer:
    """A practice server with 30 households; the office's folder has the form as XLSForm's JSON."""
    office.uid = UID
    version = PracticeVersion("v1", CONTENT, deployed_at="2026-01-01T00:00:00Z")
    server = PracticeServer([PracticeForm(UID, "Household", versions=[version])])
    for number in range(30):
        server.submit(UID, answers(number))
    office.write_json(
        "asset.json", {"uid": UID, "content": CONTENT, "deployed_version_id": "v1", "name": "HH"}
    )
    return server


def pulled(office: Office, server: PracticeServer) -> list[dict[str, Any]]:
    """Pull over HTTP; give the rows, and leave them in the office's log."""
    with server:
        collect_project(
            office.store,
            office.project(server.url),
            key=KEY,
            connect=lambda address: KoboClient(address, PRACTICE_TOKEN),
            clock=clock,
        )
        return list(bodies(office.store, server.url, UID, None, KEY))


@pytest.mark.parametrize("separator", ["/", " / ", ".", "-", ""])
@pytest.mark.parametrize("groups", [True, False])
def test_an_export_with_names_gives_the_same_frames_as_the_server(
    office: Office, practice: PracticeServer, separator: str, groups: bool
) -> None:
    rows = pulled(office, practice)
    how = {"separator": separator, "groups": groups}
    write_whole(office.files / "export.xlsx", rows, *asked(None), **how)
    imported = office.imported()
    assert office.hashes("folder:files") == office.hashes(practice.url)
    assert office.lacks(imported) == set()


@pytest.mark.parametrize("language", [0, 1])
@pytest.mark.parametrize("select", ["one", "both"])
def test_labels_that_are_clear_give_the_same_frames_too(
    office: Office, practice: PracticeServer, language: int, select: str
) -> None:
    rows = pulled(office, practice)
    write_whole(office.files / "export.xlsx", rows, *asked(language), select=select)
    imported = office.imported()
    assert office.hashes("folder:files") == office.hashes(practice.url)
    assert office.lacks(imported) == set()


def test_split_choices_alone_lose_only_their_order(
    office: Office, practice: PracticeServer
) -> None:
    rows = pulled(office, practice)
    write_whole(office.files / "export.xlsx", rows, *asked(None), select="split")
    assert office.lacks(office.imported()) == {("order", "eaten")}
    ticked = [f"eaten/{code}" for code in FOOD]
    here, there = office.frames("folder:files"), office.frames(practice.url)
    assert here["hh"][ticked].equals(there["hh"][ticked])


Dump = Callable[[list[dict[str, Any]]], dict[str, bytes]]


def pages(rows: list[dict[str, Any]]) -> dict[str, bytes]:
    return {
        f"page{at}.json": orjson.dumps({"count": 30, "next": None, "results": rows[at : at + 10]})
        for at in (0, 10, 20)
    }


def one_list(rows: list[dict[str, Any]]) -> dict[str, bytes]:
    return {"rows.json": orjson.dumps(rows)}


def lines(rows: list[dict[str, Any]]) -> dict[str, bytes]:
    return {"rows.jsonl": b"\n".join(map(orjson.dumps, rows))}


@pytest.mark.parametrize("dump", [pages, one_list, lines])
def test_json_dumps_give_the_rows_as_they_are(
    office: Office, practice: PracticeServer, dump: Dump
) -> None:
    rows = pulled(office, practice)
    for name, text in dump(rows).items():
        (office.files / name).write_bytes(text)
    assert office.lacks(office.imported()) == set()
    assert list(office.rows().values()) == rows
    assert office.hashes("folder:files") == office.hashes(practice.url)


def test_an_unchanged_folder_adds_nothing(office: Office, practice: PracticeServer) -> None:
    rows = pulled(office, practice)
    write_whole(office.files / "export.xlsx", rows, *asked(None))
    office.imported()
    before = [one.tolist() for one in head_index(office.store, "folder:files", UID)]
    again = office.imported()
    assert (again.rows_new, again.rows_edited, again.versions_new) == (0, 0, 0)
    assert [one.tolist() for one in head_index(office.store, "folder:files", UID)] == before


def test_a_changed_file_adds_versions_and_a_row_that_is_gone_from_it_stays(
    office: Office, practice: PracticeServer
) -> None:
    rows = pulled(office, practice)
    path = office.files / "export.xlsx"
    write_whole(path, rows, *asked(None))
    office.imported()
    edited = rows[1] | {"home/safe": "yes", "_uuid": "10000000-0000-4000-8000-000000000000"}
    write_whole(path, [edited, *rows[2:]], *asked(None))
    again = office.imported()
    assert (again.rows_new, again.rows_edited) == (0, 1)
    assert (again.rows_in_files, again.rows_held) == (29, 30)
    assert office.rows()[edited["_id"]]["home/safe"] == "yes"


def test_sheets_that_were_sorted_by_hand_still_belong_together(
    office: Office, practice: PracticeServer
) -> None:
    import openpyxl

    rows = pulled(office, practice)
    path = office.files / "export.xlsx"
    write_whole(path, rows, *asked(None))
    book = openpyxl.load_workbook(path)
    for sheet in book.worksheets[:2]:
        listed = list(sheet.iter_rows(min_row=2, values_only=True))
        for at, row in enumerate(reversed(listed), start=2):
            for column, value in enumerate(row, start=1):
                sheet.cell(at, column).value = value
    book.save(path)
    office.imported()
    ages = [[m["members/age"] for m in row.get("members", [])] for row in office.rows().values()]
    expected = [[m["members/age"] for m in row.get("members", [])] for row in rows]
    assert [sorted(one) for one in ages] == expected


def test_rows_of_repeats_find_their_submission_where_its_number_is_gone_and_rows_were_deleted(
    office: Office, practice: PracticeServer
) -> None:
    import openpyxl

    rows = pulled(office, practice)
    path = office.files / "export.xlsx"
    write_whole(path, rows, *asked(None))
    book = openpyxl.load_workbook(path)
    main, members = book.worksheets[:2]
    uuids = {row["_id"]: row["_uuid"] for row in rows}
    header = [cell.value for cell in members[1]]
    column = header.index("_submission__id") + 1
    members.cell(1, column).value = "uuid"
    for at in range(2, members.max_row + 1):
        members.cell(at, column).value = uuids[members.cell(at, column).value]
    main.delete_cols([cell.value for cell in main[1]].index("_index") + 1)
    main.delete_rows(2, 2)
    book.save(path)
    office.imported()
    for row in rows[2:]:
        ages = [one["members/age"] for one in row.get("members", [])]
        here = office.rows()[row["_id"]].get("members", [])
        assert [one["members/age"] for one in here] == ages


def test_rows_of_a_repeat_whose_parent_is_not_in_the_file_are_told(
    office: Office, practice: PracticeServer
) -> None:
    import openpyxl

    path = office.files / "export.xlsx"
    write_whole(path, pulled(office, practice), *asked(None))
    book = openpyxl.load_workbook(path)
    book.worksheets[0].delete_rows(2 + 3)  # the fourth household, with three members
    book.save(path)
    assert office.imported().lacks.counted["orphans", "members"] == 3


def test_what_a_file_cannot_tell_is_in_the_snapshots_identity_and_a_verdict(
    office: Office, practice: PracticeServer
) -> None:
    rows = pulled(office, practice)
    write_csv(office.files / "export.csv", *table(rows, asked(None)[0]))
    imported = office.imported()
    assert office.lacks(imported) == {("repeats", "members"), ("repeats", "visits")}
    snapshot = office.snapshot("folder:files")
    assert [one["kind"] for one in snapshot.parents["hh"]["cannot_carry"]] == ["repeats"] * 2
    verdicts = snapshot.frame("hh:verdicts")
    told = verdicts[verdicts["rule"] == "read.not_in_file"]["message"].tolist()
    assert len(told) == 2
    assert all("members" in one or "visits" in one for one in told)


def test_a_project_of_a_folder_is_collected_like_one_of_a_server(
    office: Office, practice: PracticeServer
) -> None:
    write_whole(office.files / "export.xlsx", pulled(office, practice), *asked(None))
    told: list[tuple[str, int, int]] = []
    report = collect_project(
        office.store,
        office.project(),
        key=KEY,
        connect=lambda _address: pytest.fail("a folder asks no server"),
        clock=clock,
        progress=lambda *one: told.append(one),
        root=office.files.parent,
    )
    assert [(one.form, one.rows_new, one.rows_held) for one in report.forms] == [("hh", 30, 30)]
    assert told[-1] == ("hh", 30, 30)
