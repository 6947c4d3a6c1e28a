"""Answers from choice lists in attached files."""

from meal_pipeline.forms.attached_files import AttachedFile
from meal_pipeline.store.tables.collect import form_files

FORM = {"survey": [{"type": "select_multiple_from_file places.csv", "name": "q"}]}


def test_each_choice_of_a_file_has_a_column_of_its_own(read_rows, make_submission):
    file = AttachedFile("places.csv", b"name,label\nSY01,Damascus\nSY02,Aleppo\n")
    row = read_rows(FORM, make_submission(1, q="SY02"), files=[file]).main.iloc[0]

    assert (row["q"], row["q/SY01"], row["q/SY02"]) == ("SY02", False, True)


def test_a_list_of_thousands_makes_no_thousands_of_columns(read_rows, make_submission):
    rows = "".join(f"c{number},x\n" for number in range(5000))
    file = AttachedFile("places.csv", f"name,label\n{rows}".encode())
    frame = read_rows(FORM, make_submission(1, q="c1 c4999"), files=[file]).main

    assert [name for name in frame.columns if name.startswith("q")] == ["q"]
    assert frame["q"].tolist() == ["c1 c4999"]


def add_file(office, content, seen_from, problem=None):
    from hashlib import sha256

    from zstandard import ZstdCompressor

    with office.store.write() as connection:
        connection.execute(
            form_files.insert().values(
                server=office.project.server,
                asset_uid="a1",
                name="places.csv",
                content_hash=sha256(content or b"").hexdigest(),
                content=ZstdCompressor().compress(content) if content is not None else None,
                problem=problem,
                seen_from=seen_from,
            )
        )


def test_a_file_that_comes_later_is_read_and_gives_a_new_snapshot(office, make_submission):
    office.deploy("v1", FORM)
    office.receive(make_submission(1, q="SY02"))
    first = office.read()
    verdicts = office.frame("hh:verdicts")
    assert verdicts[["question", "rule"]].values.tolist() == [["q", "read.choices_missing"]]
    assert "places.csv" in verdicts["message"].iloc[0]

    add_file(office, b"name,label\nSY02,Aleppo\n", "2026-03-19T00:00:00Z")
    second = office.read()

    assert second.snapshot_id != first.snapshot_id
    assert office.frame("hh")["q/SY02"].tolist() == [True]
    assert len(office.frame("hh:verdicts")) == 0


def test_a_file_that_could_not_be_had_leaves_the_answers_readable(office, make_submission):
    office.deploy("v1", FORM)
    office.receive(make_submission(1, q="SY02"))
    add_file(office, None, "2026-03-19T00:00:00Z", problem="404 Not Found")
    office.read()

    assert office.frame("hh")["q"].tolist() == ["SY02"]
    assert office.frame("hh:verdicts")["rule"].tolist() == ["read.choices_missing"]
