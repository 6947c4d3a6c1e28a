"""`meal places`: from a list and answers to P-codes in figures, by hand where it must be."""

import csv
import json
from datetime import UTC, datetime
from io import StringIO

import pandas as pd
import pytest
from sqlalchemy import select

from meal_pipeline.cli.main import run
from meal_pipeline.measure.measure_project import measure_project
from meal_pipeline.store.submission_log import FormVersion, append_versions
from meal_pipeline.store.tables.measure import categories, estimates
from meal_pipeline.workspace import init_workspace, open_workspace

PROJECT = """\
code: wash
name: {en: Safe water}
server: https://kobo.example.org
forms: {home: {uid: aHome}}
disaggregations:
  gov: {name: {en: Governorate}, question: gov, place: true, admin_level: 1}
  village: {name: {en: Village}, question: village, place: true, admin_level: 4, within: gov}
indicators:
  safe:
    name: {en: Safe}
    level: outcome
    form: home
    statistic: proportion
    expression: ${safe} = 1
    disaggregate: [village]
"""
FORM = {
    "survey": [
        {"type": "select_one gov", "name": "gov"},
        {"type": "text", "name": "village"},
        {"type": "integer", "name": "safe"},
    ],
    "choices": [
        {"list_name": "gov", "name": "g1", "label::Arabic (ar)": "حلب"},
        {"list_name": "gov", "name": "g2", "label::Arabic (ar)": "إدلب"},
    ],
}
GOVERNORATES = "admin1Pcode,admin1Name_ar\nSY02,حلب\nSY07,إدلب\n"
VILLAGES = "settlement_pcode,name_ar,admin1_pcode\nC1,الحمام,SY02\nC2,الحمام,SY07\nC3,كفرة,SY02\n"


@pytest.fixture
def office(tmp_path, monkeypatch):
    workspace, _phrase = init_workspace(tmp_path)
    file = workspace.root / "projects" / "wash" / "project.yaml"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(PROJECT, encoding="utf-8")
    monkeypatch.setenv("MEAL_WORKSPACE", str(workspace.root))
    monkeypatch.setenv("MEAL_LANG", "en")
    frame = pd.DataFrame(
        {
            "_submission_time": pd.date_range("2026-03-01T22:30Z", periods=5).as_unit("us"),
            "gov": pd.Series(["g1", "g2", "g1", "g1", "g1"], dtype="str"),
            "village": pd.Series(["الحمام", "الحَمّام", "كفرا", "كفرا", "كَفره"], dtype="str"),
            "safe": pd.Series([1, 0, 1, 0, 1], dtype="Int64"),
        }
    )
    store = open_workspace(None).open_store()
    with store.write() as connection:
        version = FormVersion("v1", "v1", FORM, "2026-01-01T00:00:00Z")
        append_versions(connection, "https://kobo.example.org", "aHome", [version])
    for stage in ("read", "validate"):
        parts = {"home": [store.snapshots.write_part(frame)]}
        clock = lambda: datetime(2026, 11, 25, tzinfo=UTC)  # noqa: E731
        store.snapshots.save("wash", stage, parts, {}, clock)
    store.close()
    for name, text in (("adm1.csv", GOVERNORATES), ("adm4.csv", VILLAGES)):
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


def measured():
    """Measure, and give rows by place, what is blocked, and names of places."""
    workspace = open_workspace(None)
    store = workspace.open_store()
    report = measure_project(store, workspace.project("wash"))
    with store.read() as connection:
        found = connection.execute(
            select(estimates.c.place, estimates.c.n).where(estimates.c.disaggregation == "village")
        )
        rows = dict(found.all())
        named = connection.execute(select(categories.c.place, categories.c.name_ar))
        names = dict(named.all())
    store.close()
    return rows, [(one.kind, one.subject) for one in report.blocked], names


def answers(capsys):
    capsys.readouterr()
    assert run(["places", "resolve", "wash", "--format", "csv"]) == 0
    text = capsys.readouterr().out
    return text, list(csv.DictReader(StringIO(text)))


def test_answers_get_p_codes_from_list_and_choice_and_figures_follow(office, capsys):
    assert run(["places", "import", str(office / "adm1.csv"), str(office / "adm4.csv")]) == 0
    assert "5 places new" in capsys.readouterr().out

    assert measured() == (
        {"C1": 1, "C2": 1, "C3": 1, "": 2},
        [("place", "village")],
        {"C1": "الحمام", "C2": "الحمام", "C3": "كفرة"},
    )

    text, rows = answers(capsys)
    assert {(row["spelling"], row["within"], row["kind"], row["pcode"]) for row in rows} == {
        ("g1", "", "name", "SY02"),
        ("g2", "", "name", "SY07"),
        ("الحمام", "SY02", "name", "C1"),
        ("الحَمّام", "SY07", "name", "C2"),
        ("كَفره", "SY02", "name", "C3"),
        ("كفرا", "SY02", "unresolved", ""),
    }
    (left,) = (row for row in rows if row["kind"] == "unresolved")
    assert (left["rows"], left["candidates"]) == ("2", "C3 كفرة (حلب)")

    (office / "filled.csv").write_text(
        text.replace("unresolved,,", "unresolved,C3,"), encoding="utf-8"
    )
    choosing = ["places", "choose", "wash", "--from", str(office / "filled.csv"), "--by", "Amal"]
    assert run(choosing) == 0
    assert measured()[:2] == ({"C1": 1, "C2": 1, "C3": 3}, [])
    run(["places", "export", "wash", "--format", "json"])
    kept = json.loads(capsys.readouterr().out.partition("[\n")[2].join(["[\n", ""]))
    chosen = [row for row in kept if row["kind"] == "chosen"]
    assert [(row["spelling"], row["pcode"], row["decided_by"]) for row in chosen] == [
        ("كفرا", "C3", "Amal")
    ]
    assert chosen[0]["decided_at"]


def test_one_answer_is_chosen_by_hand_and_a_wrong_one_refused(office, capsys):
    run(["places", "import", str(office / "adm1.csv"), str(office / "adm4.csv")])
    assert run(["places", "resolve", "wash"]) == 0
    assert "1 answer, given in 2 rows, is no known place" in capsys.readouterr().out
    assert run(["places", "choose", "wash", "كفرا", "C2"]) == 1
    assert "C2 does not lie in SY02" in capsys.readouterr().err
    assert run(["places", "choose", "wash", "كفرا", "C3"]) == 0
    assert run(["places", "resolve", "wash"]) == 0
    assert "Every answer is a known place." in capsys.readouterr().out


def test_places_are_found_listed_and_printed_for_programs(office, capsys):
    assert run(["places", "list"]) == 1
    assert "meal places import FILE" in capsys.readouterr().err
    run(["places", "import", str(office / "adm1.csv"), str(office / "adm4.csv")])
    capsys.readouterr()
    run(["places", "find", "حمام", "--within", "sy07", "--format", "json"])
    (near,) = json.loads(capsys.readouterr().out)
    assert (near["pcode"], near["match"], near["lies_in"]) == ("C2", "near", "إدلب")
    run(["places", "find", "الحَمام", "--format", "json"])
    both = json.loads(capsys.readouterr().out)
    assert [(one["pcode"], one["match"]) for one in both] == [("C1", "name"), ("C2", "name")]
    run(["places", "list", "--rows", "2"])
    assert "3 more" in capsys.readouterr().out
    run(["places", "list", "--level", "1", "--format", "csv"])
    assert len(capsys.readouterr().out.splitlines()) == 3


def test_a_bad_list_ends_with_every_fault_and_takes_nothing(office, capsys):
    file = office / "bad.csv"
    file.write_text("admin1Pcode,admin1Name_ar\n,حلب\nSY07,\n", encoding="utf-8")
    assert run(["places", "import", str(office / "adm1.csv"), str(file)]) == 1
    said = capsys.readouterr().err
    assert "bad.csv, row 2: admin1Pcode: the P-code is missing. (1 more fault)" in said
    assert "bad.csv, row 3: SY07 has no name." in said
    assert run(["places", "list"]) == 1
