"""Project files: every fault names file, line, key, value and fix."""

from pathlib import Path
from textwrap import dedent

import pytest

from meal_pipeline.locale import in_language
from meal_pipeline.workspace import BadFile, ProjectFault, UnknownProject, read_project
from meal_pipeline.workspace.project_file import read_projects

GOOD = """\
code: food
name: {ar: غذاء, en: Food}
server: https://kf.example.org
forms:
  household:
    uid: aForm
rounds:
  expression: ${round}
  values:
    baseline: {name: {en: Baseline}, value: "1"}
indicators:
  fcs:
    name: {en: Acceptable food consumption}
    level: outcome
    form: household
    statistic: proportion
    expression: ${fcs} > 42
"""


def write(folder: Path, text: str, name: str = "food") -> Path:
    path = folder / name / "project.yaml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(dedent(text), encoding="utf-8")
    return path


def faults(folder: Path, text: str) -> list[ProjectFault]:
    with pytest.raises(BadFile) as refusal:
        read_project(write(folder, text))
    return refusal.value.faults


def test_a_good_file_is_read(tmp_path: Path) -> None:
    project = read_project(write(tmp_path, GOOD))
    assert (project.code, project.indicators["fcs"].statistic) == ("food", "proportion")


def test_yaml_is_read_by_version_1_2(tmp_path: Path) -> None:
    text = GOOD.replace('"1"}', "no}")
    rounds = read_project(write(tmp_path, text)).rounds
    assert rounds is not None
    assert rounds.values["baseline"].value == "no"


@pytest.mark.parametrize(
    ("old", "new", "line", "key", "value", "message", "fix"),
    [
        (
            "code: food",
            "code: food\nsynthetik: true",
            2,
            "synthetik",
            "true",
            "no setting synthetik",
            "mean synthetic?",
        ),
        (
            "level: outcome",
            "level: outcom",
            14,
            "indicators.fcs.level",
            "outcom",
            "none of output, outcome, impact",
            "mean outcome?",
        ),
        (
            'value: "1"',
            "value: 1",
            10,
            "rounds.values.baseline.value",
            "1",
            "read as a number",
            'quotes: "1"',
        ),
        (
            "form: household",
            "form: houshold",
            15,
            "indicators.fcs.form",
            "houshold",
            "houshold is not declared below forms",
            "mean household?",
        ),
        (
            "statistic: proportion",
            "statistik: proportion",
            16,
            "indicators.fcs.statistik",
            "proportion",
            "no setting statistik",
            "mean statistic?",
        ),
        ("code: food\n", "", None, "code", "", "code is missing", "Add a line code"),
        ("code: food", "code: Food!", 1, "code", "Food!", "cannot be used", "small latin letters"),
        (
            "    statistic: proportion\n",
            "",
            12,
            "indicators.fcs.statistic",
            "",
            "statistic is missing",
            "Add a line statistic",
        ),
        (
            "code: food",
            "code: food\nschedule: {cron: 0 25 * * *}",
            2,
            "schedule.cron",
            "0 25 * * *",
            "not a schedule",
            "0 6 * * *",
        ),
        (
            "code: food",
            "code: food\nschedule: {timezone: Asia/Damaskus}",
            2,
            "schedule.timezone",
            "Asia/Damaskus",
            "no time zone",
            "Asia/Damascus",
        ),
        (
            "code: food",
            "code: food\nlimits: {quarantined_percent: 120}",
            2,
            "limits.quarantined_percent",
            "120",
            "beyond the limit 100",
            "within",
        ),
        ("code: food", "code: food\nsynthetic: maybe", 2, "synthetic", "maybe", "neither", "true"),
        ("code: food", "code: food\nforms:", None, "", "", "duplicate key", "Keep one"),
        ("code: food", "code: food\n\tname: x", None, "", "", "not YAML", "blanks"),
    ],
)
def test_a_fault_names_line_key_value_and_fix(
    tmp_path: Path,
    old: str,
    new: str,
    line: int | None,
    key: str,
    value: str,
    message: str,
    fix: str,
) -> None:
    (fault,) = faults(tmp_path, GOOD.replace(old, new, 1))
    assert (fault.file.name, fault.key, fault.value) == ("project.yaml", key, value)
    assert message in fault.message
    assert fix in fault.fix
    if line is not None:
        assert fault.line == line


def test_every_fault_of_a_file_is_told_at_once(tmp_path: Path) -> None:
    text = GOOD.replace("uid: aForm", "uidd: aForm").replace("outcome", "outcom")
    found = faults(tmp_path, text)
    assert [fault.key for fault in found] == [
        "forms.household.uidd",
        "indicators.fcs.level",
    ]
    assert "(1 more fault)" in str(BadFile(found))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("name: Größe".encode("latin-1"), "not written in UTF-8"),
        (b"", "does not hold keys and values"),
        (b"- a\n- b\n", "does not hold keys and values"),
        (b"a: [1, 2\nb: 3\n", "not YAML"),
        (b"a: \x01\n", "does not allow"),
    ],
)
def test_a_file_that_is_no_project_at_all_is_refused_in_a_sentence(
    tmp_path: Path, content: bytes, message: str
) -> None:
    path = write(tmp_path, "")
    path.write_bytes(content)
    with pytest.raises(BadFile, match=message):
        read_project(path)


def test_a_file_saved_by_a_windows_editor_is_read(tmp_path: Path) -> None:
    path = write(tmp_path, "")
    path.write_bytes(b"\xef\xbb\xbf" + GOOD.replace("\n", "\r\n").encode())
    assert read_project(path).code == "food"


def test_a_bad_file_does_not_stop_the_others(tmp_path: Path) -> None:
    write(tmp_path, GOOD)
    bad = write(tmp_path, "code: [", "water")
    projects = read_projects(tmp_path)
    assert list(projects) == ["food"]
    assert list(projects.faults) == [bad]
    with pytest.raises(BadFile):
        projects.named("water")


def test_two_projects_with_one_code_are_a_fault_of_both(tmp_path: Path) -> None:
    paths = {write(tmp_path, GOOD), write(tmp_path, GOOD, "copy")}
    projects = read_projects(tmp_path)
    assert list(projects) == []
    assert set(projects.faults) == paths
    for found in projects.faults.values():
        assert (found[0].key, found[0].line, found[0].value) == ("code", 1, "food")
    with pytest.raises(BadFile, match="code food is also that of"):
        projects.named("food")


def test_a_misspelt_project_is_answered_with_the_nearest(tmp_path: Path) -> None:
    write(tmp_path, GOOD)
    with pytest.raises(UnknownProject) as refusal:
        read_projects(tmp_path).named("fod")
    assert refusal.value.next_step == "Did you mean food?"


def test_an_example_of_the_line_a_person_sees(tmp_path: Path) -> None:
    with in_language("en"):
        (fault,) = faults(tmp_path, GOOD.replace("level: outcome", "level: outcom"))
    assert str(fault).endswith(
        "project.yaml:14: indicators.fcs.level: outcom is none of output, outcome, impact."
    )
