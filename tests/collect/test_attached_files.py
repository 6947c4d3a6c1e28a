"""Lists of choices in files attached to the form."""

from typing import Any

from meal_pipeline.store.form_files import form_files

SURVEY = [
    {"type": "text", "name": "name"},
    {"type": "select_one_from_file", "file": "camps.csv", "name": "camp"},
]


def held(office: Any) -> list[tuple[str, bytes | None]]:
    return [(one.name, one.content) for one in form_files(office.store, *office.where)]


def test_a_file_is_fetched_once_and_again_when_it_changed(office: Any) -> None:
    office.server.deploy("aHousehold", {"survey": SURVEY}, "v2")
    first = office.server.add_media("aHousehold", "camps.csv", b"name,label\na,A\n", "text/csv")
    assert office.pull().files_new == 1
    assert not office.pull().changed
    office.server.form("aHousehold").media.pop(first)
    office.server.add_media("aHousehold", "camps.csv", b"name,label\nb,B\n", "text/csv")
    assert office.pull().files_new == 1
    assert held(office) == [
        ("camps.csv", b"name,label\na,A\n"),
        ("camps.csv", b"name,label\nb,B\n"),
    ]


def test_a_file_that_is_not_there_does_not_stop_the_pull(office: Any) -> None:
    office.server.deploy("aHousehold", {"survey": SURVEY}, "v2")
    assert office.pull().files_new == 0
    assert held(office) == [("camps.csv", None)]
    office.server.add_media("aHousehold", "camps.csv", b"name,label\na,A\n", "text/csv")
    assert office.pull().files_new == 1


def test_files_that_no_question_needs_are_not_fetched(office: Any) -> None:
    office.server.add_media("aHousehold", "logo.png", b"png", "image/png")
    assert office.pull().files_new == 0
    assert held(office) == []
