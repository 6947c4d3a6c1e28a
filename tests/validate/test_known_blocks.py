"""Validating again after new, edited and lost rows gives what validating all of them anew gives."""

from datetime import UTC, datetime
from textwrap import dedent

import pytest
from sqlalchemy import delete, select

from meal_pipeline.store.tables.read import snapshot_heads, snapshot_parts, snapshots
from meal_pipeline.store.tables.validate import blocks, findings, row_accounts, rule_results
from meal_pipeline.validate import known_blocks
from meal_pipeline.validate.validate_project import validate_project

from .builders import child_frame, content, held_rows, project, row, verdict_frame

DAY_1 = datetime(2026, 3, 2, 6, tzinfo=UTC)
DAY_2 = datetime(2026, 3, 3, 6, tzinfo=UTC)
SURVEY = content(
    row("text", "hh"),
    row("integer", "age", constraint=". <= 120", required="true"),
    row("integer", "rooms", constraint=". < 20", relevant="${age} > 10"),
    row("begin_repeat", "member"),
    row("integer", "years", constraint=". < 121"),
    row("end_repeat"),
)
STAGE_TABLES = (findings, rule_results, row_accounts, blocks)
TIMES = {"first_seen", "last_seen", "made_at"}


@pytest.fixture
def unique(tmp_path):
    """A suite that finds households that were interviewed twice."""
    path = tmp_path / "unique.yaml"
    path.write_text(
        dedent(
            """
            expectations:
              - rule: once
                expect_column_values_to_be_unique: {column: hh}
                severity: critical
                message: {en: Twice.}
            """
        ),
        "utf-8",
    )
    return path


def answer(number, **changed):
    return {"_id": number, "hh": f"H{number}", "age": 30, "rooms": 3, **changed}


def state(*answers, unreadable=()):
    """Give rows in blocks of three, a member for each, and verdicts on some and on the form."""
    verdicts = [
        {"_id": one, "frame": "home", "question": "age", "rule": "read.unreadable", "value": "x"}
        for one in unreadable
    ]
    on_form = {"_id": None, "frame": "home", "question": "hh", "rule": "personal.withheld"}
    return answers, verdict_frame(*verdicts, on_form)


def hold(store, held):
    answers, verdicts = held
    union = held_rows(store, SURVEY)
    members = [
        {"_id": one["_id"], "_position": "1", "years": one.get("years", 5)} for one in answers
    ]
    held_rows(
        store,
        SURVEY,
        *answers,
        verdicts=verdicts,
        block=3,
        member=child_frame(union, "member", *members),
    )


def validate(store, suite, day=DAY_1, **declared):
    declared = project(
        forms={"home": {"uid": "aHome", "eligible": "${age} >= 1"}},
        validation={"suites": {"home": ["unique"]}},
        limits={"quarantined_percent": 100},
        **declared,
    )
    return validate_project(store, declared, suites=[suite], clock=lambda: day)


def said(store):
    """Give what the tables and the snapshot say, without times and without what is resolved."""
    held = {}
    with store.read() as connection:
        for table in STAGE_TABLES:
            names = [one.name for one in table.c if one.name not in TIMES]
            asked = select(*(table.c[one] for one in names))
            if table is findings:
                asked = asked.where(table.c.status == "open")
            if table is row_accounts:
                now = store.snapshots.latest("p", "validate").snapshot_id
                asked = asked.where(table.c.snapshot_id == now)
            held[table.name] = sorted(map(repr, connection.execute(asked)))
    snapshot = store.snapshots.latest("p", "validate")
    return held, snapshot.snapshot_id, snapshot.manifest


def forget(store):
    """Leave the store as if nothing had ever been validated."""
    with store.write() as connection:
        connection.execute(delete(snapshot_parts))
        for table in STAGE_TABLES:
            connection.execute(delete(table))
        for table in (snapshot_heads, snapshots):
            connection.execute(delete(table).where(table.c.stage == "validate"))


FIRST = state(
    answer(1),
    answer(2, age=500),
    answer(3, age=None),
    answer(4, rooms=99),
    answer(5, age=0),
    answer(6, hh="H1"),
    answer(7, age=5),
    unreadable=[3],
)
LATER = {
    "new rows": state(*FIRST[0], answer(8, years=300), answer(9, hh="H4"), unreadable=[3]),
    "an edited row": state(
        answer(1, age=200), *FIRST[0][1:], unreadable=[3]
    ),  # the copy of household 1 then counts
    "a row that was lost": state(*FIRST[0][:3], *FIRST[0][4:], unreadable=[3]),
    "a verdict that went": state(*FIRST[0]),
    "no row at all": state(),
}


@pytest.mark.parametrize("change", LATER)
def test_a_rerun_gives_what_a_fresh_workspace_with_the_same_rows_gives(store, unique, change):
    hold(store, FIRST)
    validate(store, unique)
    hold(store, LATER[change])
    again = validate(store, unique, DAY_2)
    rerun = said(store)
    forget(store)
    fresh = validate(store, unique, DAY_2)
    assert said(store) == rerun
    assert (again.forms, again.findings) == (fresh.forms, fresh.findings)
    assert sorted(map(repr, again.rules)) == sorted(map(repr, fresh.rules))


def test_what_was_resolved_by_new_rows_and_seen_again_keeps_its_first_day(store, unique):
    hold(store, FIRST)
    validate(store, unique)
    first = said(store)
    hold(store, LATER["an edited row"])
    validate(store, unique, DAY_2)
    hold(store, FIRST)
    validate(store, unique, DAY_2)
    assert said(store) == first
    with store.read() as connection:
        days = connection.execute(select(findings.c.first_seen).where(findings.c.rule != "x"))
        assert "2026-03-02T06:00:00Z" in set(days.scalars())


def evaluated(monkeypatch):
    """Note the submissions of each call that evaluates blocks."""
    seen = []
    original = known_blocks.validate_blocks

    def noted(form, *others):
        seen.append(form.rows["_id"].tolist())
        return original(form, *others)

    monkeypatch.setattr(known_blocks, "validate_blocks", noted)
    return seen


def test_only_the_block_with_a_changed_row_is_evaluated(store, unique, monkeypatch):
    hold(store, FIRST)
    validate(store, unique)
    seen = evaluated(monkeypatch)
    hold(store, state(*FIRST[0][:6], answer(7, age=6), unreadable=[3]))
    validate(store, unique, DAY_2)
    assert seen == [[7]]


def test_every_block_is_evaluated_after_a_declaration_changed(store, unique, monkeypatch):
    hold(store, FIRST)
    validate(store, unique)
    seen = evaluated(monkeypatch)
    validate(store, unique, DAY_2, design={"clusters": "hh"})
    assert seen == [[1, 2, 3, 4, 5, 6, 7]]


def test_a_block_whose_remembered_files_are_damaged_is_evaluated_again(store, unique, monkeypatch):
    hold(store, FIRST)
    validate(store, unique)
    kept = {
        part.hash
        for stage in ("read", "validate")
        for name in store.snapshots.latest("p", stage).frames
        for part in store.snapshots.latest("p", stage).parts(name)
    }
    for file in store.snapshots.folder.rglob("*.parquet"):
        if file.stem not in kept:
            file.write_bytes(b"damaged")
    seen = evaluated(monkeypatch)
    hold(store, LATER["new rows"])
    report = validate(store, unique, DAY_2)
    assert seen == [[1, 2, 3, 4, 5, 6, 7, 8, 9]]
    assert report.forms["home"].pulled == 9
