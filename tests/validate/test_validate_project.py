"""A project validated in the store, on both databases."""

import json
from datetime import UTC, datetime
from textwrap import dedent

import pytest
from sqlalchemy import select

from meal_pipeline.locale import in_language
from meal_pipeline.store.submission_log import FormVersion as Received
from meal_pipeline.store.submission_log import append_versions
from meal_pipeline.store.tables.validate import blocks, findings, row_accounts, rule_results
from meal_pipeline.validate import validate_project as stage
from meal_pipeline.validate.validate_project import NothingRead, validate_project

from .builders import SERVER, child_frame, content, held_rows, project, row, verdict_frame

DAY_1 = datetime(2026, 3, 2, 6, tzinfo=UTC)
DAY_2 = datetime(2026, 3, 3, 6, tzinfo=UTC)
AGE = content(row("integer", "age", constraint=". <= 120", required="true"))
TABLES = (findings, row_accounts, rule_results, blocks)


def validate(store, declared=None, day=DAY_1, **more):
    return validate_project(
        store, declared or project(), **{"suites": [], "clock": lambda: day, **more}
    )


def rows(store, table, *columns):
    with store.read() as connection:
        asked = select(*(table.c[name] for name in columns)) if columns else select(table)
        return sorted(tuple(one) for one in connection.execute(asked))


def test_the_snapshot_holds_the_valid_rows_and_the_tables_say_where_the_others_went(store):
    held_rows(store, AGE, {"age": 30}, {"age": 500}, {})
    report = validate(store)
    assert store.snapshots.latest("p", "validate").frame("home")["_id"].tolist() == [1, 3]
    counts = ("form", "pulled", "valid", "not_eligible", "quarantined")
    assert rows(store, row_accounts, *counts) == [("home", 3, 2, 0, 1)]
    said = ("submission_id", "rule", "severity", "value", "status", "first_seen")
    assert rows(store, findings, *said) == [
        (2, "form.constraint", "critical", "500", "open", "2026-03-02T06:00:00Z"),
        (3, "form.required", "warning", None, "open", "2026-03-02T06:00:00Z"),
    ]
    assert report.findings == {"critical": 1, "warning": 1, "info": 0}
    assert report.changed


def test_rules_are_stored_with_their_denominators(store):
    held_rows(store, AGE, {"age": 30}, {"age": 500}, {}, {"age": 4}, {"age": 5}, {})
    report = validate(store)
    numbers = ("rule", "rows_asked", "rows_answered", "rows_failed")
    assert rows(store, rule_results, *numbers) == [
        ("form.constraint", 6, 4, 1),
        ("form.required", 6, 4, 2),
        ("project.eligible", 6, 6, 0),
    ]
    rates = {one.rule: one.rate() for one in report.rules}
    assert rates["form.constraint"] == "3 of 4 answered are valid; 2 of 6 missing"
    assert rates["form.required"] == "4 of 6 answered; 2 missing"


def test_an_unchanged_project_is_not_evaluated_and_no_row_is_written(store):
    held_rows(store, AGE, {"age": 30}, {"age": 500}, {})
    first = validate(store)
    before = [rows(store, table) for table in TABLES]
    again = validate(store, day=DAY_2)
    assert (first.changed, again.changed) == (True, False)
    assert [rows(store, table) for table in TABLES] == before
    assert again.snapshot_id == first.snapshot_id
    assert (again.forms, again.findings) == (first.forms, first.findings)
    assert sorted(map(repr, again.rules)) == sorted(map(repr, first.rules))


def test_a_finding_keeps_its_id_and_first_day_is_resolved_and_comes_back(store):
    held_rows(store, AGE, {"age": 500})
    validate(store)
    ((identity, *_rest),) = rows(store, findings)
    said = ("finding_id", "status", "first_seen", "last_seen")
    held_rows(store, AGE, {"age": 50})
    validate(store, day=DAY_2)
    day_1, day_2 = "2026-03-02T06:00:00Z", "2026-03-03T06:00:00Z"
    assert rows(store, findings, *said) == [(identity, "resolved", day_1, day_1)]
    held_rows(store, AGE, {"age": 500})
    validate(store, day=DAY_2)
    assert rows(store, findings, *said) == [(identity, "open", day_1, day_2)]


def test_a_finding_that_stays_is_seen_again_in_each_new_snapshot(store):
    held_rows(store, AGE, {"age": 500})
    validate(store)
    held_rows(store, AGE, {"age": 500}, {"age": 5})
    report = validate(store, day=DAY_2)
    assert rows(store, findings, "first_seen", "last_seen", "snapshot_id") == [
        ("2026-03-02T06:00:00Z", "2026-03-03T06:00:00Z", report.read_snapshot_id)
    ]


def test_a_finding_says_the_new_answer_after_an_edit_under_the_same_id(store):
    held_rows(store, AGE, {"age": 500})
    validate(store)
    before = rows(store, findings, "finding_id")
    held_rows(store, AGE, {"age": 600})
    validate(store, day=DAY_2)
    assert rows(store, findings, "finding_id") == before
    assert rows(store, findings, "value", "status") == [("600", "open")]


def test_rows_a_b_a_give_the_findings_of_a_again(store):
    for age in (500, 50, 500):
        held_rows(store, AGE, {"age": age})
        report = validate(store)
    assert report.findings["critical"] == 1
    assert rows(store, rule_results, "rows_failed", "rule")[-1] == (1, "form.constraint")


def test_a_kill_after_the_snapshot_and_before_the_tables_is_made_good_by_the_next_run(
    store, monkeypatch
):
    def killed(*_, **__):
        raise KeyboardInterrupt

    held_rows(store, AGE, {"age": 500}, {"age": 3})
    with monkeypatch.context() as instead, pytest.raises(KeyboardInterrupt):
        instead.setattr(stage, "store_findings", killed)
        validate(store)
    assert validate(store).changed
    assert len(rows(store, findings)) == 1
    assert not validate(store).changed


def test_a_changed_severity_is_validated_again(store):
    held_rows(store, AGE, {"age": 500})
    validate(store)
    milder = project(validation={"severity": {"form.constraint": "info"}})
    report = validate(store, milder)
    assert report.findings == {"critical": 0, "warning": 0, "info": 1}
    assert report.forms["home"].valid == 1


def test_a_part_that_loses_no_row_is_used_again(store):
    held_rows(store, AGE, {"age": 1}, {"age": 2}, {"age": 500}, {"age": 4}, block=2)
    validate(store)
    read, valid = (
        store.snapshots.latest("p", stage).parts("home") for stage in ("read", "validate")
    )
    assert valid[0] == read[0]
    assert [part.rows for part in valid] == [2, 1]


def test_rows_of_a_repeat_go_with_their_submission(store):
    survey = content(
        row("integer", "size", constraint=". < 20"),
        row("begin_repeat", "member"),
        row("integer", "age"),
        row("end_repeat"),
    )
    union = held_rows(store, survey, {"size": 2}, {"size": 99})
    members = [{"_id": 1, "_position": "1"}, {"_id": 2, "_position": "1"}]
    held_rows(
        store, survey, {"size": 2}, {"size": 99}, member=child_frame(union, "member", *members)
    )
    validate(store)
    snapshot = store.snapshots.latest("p", "validate")
    assert snapshot.frame("home/member")["_id"].tolist() == [1]


def test_rules_of_a_repeat_are_told_from_those_of_the_form(store):
    survey = content(
        row("begin_repeat", "member"), row("integer", "age", required="true"), row("end_repeat")
    )
    union = held_rows(store, survey, {})
    member = child_frame(union, "member", {"_id": 1, "_position": "1"})
    held_rows(store, survey, {}, member=member)
    fresh = validate(store)
    again = validate(store)
    assert rows(store, rule_results, "question") == [("",), ("member/age",)]
    for report in (fresh, again):
        (one,) = [one for one in report.rules if one.rule == "form.required"]
        assert (one.frame, one.question) == ("home/member", "age")


def test_an_incomplete_pull_stops_the_project_also_when_no_row_changed(store):
    held_rows(store, AGE, {"age": 30})
    assert validate(store).gate == []
    held_rows(store, AGE, {"age": 30}, complete=False)
    stopped = validate(store)
    assert stopped.changed
    (said,) = stopped.gate
    assert "1 of 2" in said
    assert rows(store, blocks, "stage", "kind", "subject") == [("validate", "project", "home:pull")]
    held_rows(store, AGE, {"age": 30})
    assert validate(store).gate == []
    assert rows(store, blocks) == []


def test_a_row_that_was_held_but_not_read_stops_the_project(store):
    held_rows(store, AGE, {"age": 30}, pulled=2)
    (said,) = validate(store).gate
    assert "2 pulled, but 1 valid" in said


def test_the_projects_own_limit_decides_how_many_rows_may_be_quarantined(store):
    held_rows(store, AGE, {"age": 500}, {"age": 3})
    (said,) = validate(store).gate
    assert "1 of 2" in said
    assert validate(store, project(limits={"quarantined_percent": 50})).gate == []


def test_messages_are_stored_in_every_language(store):
    held_rows(store, AGE, {"age": 500})
    validate(store)
    ((message,),) = rows(store, findings, "message")
    assert set(json.loads(message)) == {"en", "ar"}


def test_the_gate_speaks_the_readers_language(store):
    held_rows(store, AGE, {"age": 500})
    report = validate(store)
    with in_language("ar"):
        assert report.gate == [dict(report.blocks[0].sentences)["ar"]]


def test_an_older_snapshot_can_be_validated_again(store):
    held_rows(store, AGE, {"age": 500})
    first = validate(store)
    held_rows(store, AGE, {"age": 5})
    validate(store)
    assert validate(store, snapshot_id=first.read_snapshot_id).snapshot_id == first.snapshot_id


def test_a_project_that_was_never_read_says_what_to_do(store):
    with pytest.raises(NothingRead) as error:
        validate(store)
    assert error.value.next_step == "meal run p"


def test_a_suite_that_cannot_be_used_is_blocked_and_the_rest_runs(store, tmp_path):
    (tmp_path / "typo.yaml").write_text("expectations:\n  - rule: [\n")
    held_rows(store, AGE, {"age": 500})
    declared = project(validation={"suites": {"home": ["typo", "abcent"]}})
    report = validate(store, declared, suites=[tmp_path / "typo.yaml"])
    assert [(one.kind, one.subject) for one in report.blocks if one.kind == "suite"] == [
        ("suite", "abcent"),
        ("suite", "typo"),
    ]
    assert report.findings["critical"] == 1


@pytest.fixture
def adults(tmp_path):
    """A suite that says that nobody is younger than 18."""
    path = tmp_path / "adults.yaml"
    path.write_text(
        dedent(
            """
            expectations:
              - rule: adult
                expect_column_values_to_be_between: {column: age, min_value: 18}
                severity: warning
                message: {en: Too young., ar: أصغر من أن يُسأل.}
            """
        ),
        "utf-8",
    )
    return path


SUITE = {"suites": {"home": ["adults"]}}


def test_findings_of_a_suite_stand_beside_those_of_the_form(store, adults):
    held_rows(store, AGE, {"age": 500}, {"age": 3})
    validate(store, project(validation=SUITE), suites=[adults])
    assert rows(store, findings, "submission_id", "rule", "message")[1] == (
        2,
        "suite.adults.adult",
        '{"en":"Too young.","ar":"أصغر من أن يُسأل."}',
    )


def test_what_a_new_version_breaks_waits_with_its_reason_until_it_is_declared(store, adults):
    held_rows(store, AGE, {"age": 30})
    with store.write() as connection:
        members = content(row("integer", "years", label=["Age"]))
        append_versions(connection, SERVER, "aHome", [Received("v2", "h2", members, "2027")])
    one = {"name": {"en": "N"}, "level": "outcome", "form": "home", "statistic": "mean"}
    more = {
        "validation": SUITE,
        "indicators": {"age": {**one, "expression": "${age}"}, "n": {**one, "expression": "1"}},
    }
    said = validate(store, project(**more), suites=[adults]).blocks
    assert [(one.kind, one.subject) for one in said] == [
        ("rule", "home:suite.adults.adult"),
        ("indicator", "age"),
    ]
    assert all(
        "“age”, which version v2 of the form home no longer has" in one.sentence for one in said
    )
    gone = {"home": {"uid": "aHome", "no_longer_asked": ["age"]}}
    assert not validate(store, project(forms=gone, **more), suites=[adults]).blocks


def test_eligibility_that_a_new_version_breaks_stops_the_forms_indicators(store):
    held_rows(store, AGE, {"age": 30})
    with store.write() as connection:
        other = content(row("integer", "size"))
        append_versions(connection, SERVER, "aHome", [Received("v2", "h2", other, "2027")])
    one = {"name": {"en": "N"}, "level": "outcome", "form": "home", "statistic": "mean"}
    declared = project(
        forms={"home": {"uid": "aHome", "eligible": "${age} > 17"}},
        indicators={"n": {**one, "expression": "1"}},
    )
    report = validate(store, declared)
    assert [(one.kind, one.subject) for one in report.blocks] == [
        ("rule", "home:project.eligible"),
        ("indicator", "n"),
    ]
    assert report.forms["home"].not_eligible == 0


def test_a_suite_that_is_not_there_is_named_with_its_nearest(store, adults):
    held_rows(store, AGE, {"age": 5})
    report = validate(store, project(validation={"suites": {"home": ["adlts"]}}), suites=[adults])
    (said,) = [one.sentence for one in report.blocks if one.kind == "suite"]
    assert "adlts" in said and "adults" in said


def test_a_suite_that_was_changed_is_run_again(store, adults):
    held_rows(store, AGE, {"age": 16})
    declared = project(validation=SUITE)
    assert validate(store, declared, suites=[adults]).findings["warning"] == 1
    adults.write_text(adults.read_text("utf-8").replace("18", "15"), "utf-8")
    assert validate(store, declared, suites=[adults]).findings["warning"] == 0


def test_one_site_shows_the_forms_rules_and_the_suites_without_an_answer(store, adults, tmp_path):
    survey = content(
        row("integer", "age", label=["<b>Age</b>", "العمر"], required="true"),
        row("text", "remark", constraint=". != 'a secret answer'"),
    )
    held_rows(store, survey, {"age": 16, "remark": "a secret answer"}, {})
    declared = project(validation=SUITE)
    docs = tmp_path / "docs"
    report = validate(store, declared, suites=[adults], data_docs=docs)
    assert report.data_docs == docs / "p" / "index.html"
    (page,) = (docs / "p" / "validations").rglob("*.html")
    shown = page.read_text("utf-8")
    assert "Too young." in shown and "أصغر من أن يُسأل." in shown
    assert "form.required" in shown and "1 unexpected values found. 50% of 2 total rows" in shown
    assert "<b>Age</b>" not in shown
    assert not validate(store, declared, suites=[adults], data_docs=docs).changed


def test_the_site_has_a_page_for_each_repeat(store, tmp_path):
    survey = content(
        row("text", "hh", required="true"),
        row("begin_repeat", "member"),
        row("integer", "age", required="true"),
        row("end_repeat"),
    )
    union = held_rows(store, survey, {})
    held_rows(store, survey, {}, member=child_frame(union, "member", {"_id": 1, "_position": "1"}))
    validate(store, data_docs=tmp_path / "docs")
    pages = (tmp_path / "docs" / "p" / "validations").rglob("*.html")
    assert sorted(page.parents[2].name for page in pages) == ["home", "home__member"]


def test_the_site_is_made_again_when_it_is_gone_and_no_row_is_written(store, tmp_path):
    held_rows(store, AGE, {"age": 500}, verdicts=verdict_frame())
    validate(store)
    before = [rows(store, table) for table in TABLES]
    report = validate(store, day=DAY_2, data_docs=tmp_path / "docs")
    assert report.data_docs.exists()
    assert [rows(store, table) for table in TABLES] == before
