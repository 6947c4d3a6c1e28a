"""The list of checks, the published catalogue, and the page about them are in step."""

import csv
import re
from pathlib import Path

import pytest

from meal_pipeline.forms import unite
from meal_pipeline.validate.fieldwork.describe import page
from meal_pipeline.validate.fieldwork.registry import CHECKS
from meal_pipeline.validate.findings import records
from meal_pipeline.validate.validate_form import validate_form
from meal_pipeline.workspace.fieldwork import FormFieldwork
from meal_pipeline.workspace.project import Project
from meal_pipeline.workspace.project_file import read_project

from ..builders import form, loaded, main_frame, project, row, verdict_frame

ROOT = Path(__file__).resolve().parents[3]
SEVERITIES = {"block": "critical", "quarantine": "critical", "warn": "warning", "info": "info"}
DIFFERENT = {
    "HFC01": "warning",  # a uuid may stand twice in old data
    "HFC16": "warning",  # the hard ones are rules of the form
    "HFC18": "warning",  # each rule says its own
    "HFC30": "warning",
    "HFC35": "warning",
}
ELSEWHERE = {"HFC25"}
"""Names of places are resolved, and shown where they are not, by the list of places."""


def test_the_checks_are_those_of_the_catalogue(shared: Path) -> None:
    file = shared / "reference/standards_and_places/meal/hfc_catalogue.csv"
    with file.open(encoding="utf-8") as lines:
        catalogue = {entry["id"]: entry for entry in csv.DictReader(lines)}
    assert {one.code for one in CHECKS} == set(catalogue) - ELSEWHERE
    for one in CHECKS:
        entry = catalogue[one.code]
        assert one.words.name == {"en": entry["name_en"], "ar": entry["name_ar"]}
        expected = DIFFERENT.get(one.code) or SEVERITIES[entry["severity"]]
        assert one.severity == expected, one.code


@pytest.mark.parametrize("check", CHECKS, ids=lambda one: one.code)
def test_each_check_says_its_rule_why_and_what_to_do_in_both_languages(check) -> None:
    for part in (check.words.rule, check.words.found, check.words.why, check.words.next):
        assert set(part) == {"en", "ar"}
        assert re.search("[a-z]", part["en"])
        assert re.search("[\u0621-\u064a]", part["ar"])
    assert set(re.findall(r"\{\w+\}", check.words.found["en"])) == set(
        re.findall(r"\{\w+\}", check.words.found["ar"])
    )


def test_every_setting_is_of_a_check_that_is_there() -> None:
    settings = {name for name in FormFieldwork.model_fields if name.startswith("HFC")}
    assert settings <= {one.code for one in CHECKS}


def test_the_page_says_what_the_checks_say() -> None:
    written = (ROOT / "docs/fieldwork-checks.md").read_text("utf-8")
    assert written == page(), "run the command in its first lines"


def test_the_example_of_the_page_is_part_of_a_project(tmp_path: Path) -> None:
    (example,) = re.findall(r"^```yaml\n(.*?)^```$", page(), re.S | re.M)
    head = "code: p\nname: {en: P}\nserver: https://kf.example.org\n"
    file = tmp_path / "project.yaml"
    file.write_text(head + example.replace("    team:", "    uid: aHome\n    team:"), "utf-8")
    assert read_project(file).validation.fieldwork["household"].HFC05.minutes == 15


def test_a_key_that_is_unknown_or_of_an_unknown_form_is_refused() -> None:
    base = {"code": "p", "name": {"en": "P"}, "server": "https://kf.example.org"}
    base["forms"] = {"home": {"uid": "aHome"}}
    for wrong in ({"home": {"HFC99": {}}}, {"home": {"HFC05": {"minute": 3}}}, {"house": {}}):
        with pytest.raises(ValueError):
            Project.model_validate({**base, "validation": {"fieldwork": wrong}})


def test_checks_that_other_validation_evaluates_find_their_fault() -> None:
    union = unite([form(row("text", "a"), row("text", "b", relevant="${a} = 'x'"))])
    edited = {"_id": 1, "frame": "home", "question": "", "rule": "read.edited_after_approval"}
    main = main_frame(union, {"a": "y", "b": "1"}, {"a": "x", "b": "1"})
    found = validate_form(loaded(union, main, verdicts=verdict_frame(edited)), project(), [])
    said = {(one["submission_id"], one["rule"], one["severity"]) for one in records(found.findings)}
    by = {one.code: one for one in CHECKS if one.by}
    assert said == {(1, by[code].rule, by[code].severity) for code in ("HFC19", "HFC35")}
