"""The main job on both examples gives the numbers that are known from outside."""

import hashlib
import json
import sqlite3
from collections import Counter
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from examples.practice.livelihoods import households, planted

pytestmark = pytest.mark.xdist_group("examples")

RUN_RECORDS = {"stage_runs", "pulls", "forms", "leases"}
"""Tables that tell of runs themselves; every other table must not move without a change."""


def rows(office: Any, query: str, *values: str) -> list[sqlite3.Row]:
    with closing(sqlite3.connect(office.workspace.store_address)) as store:
        store.row_factory = sqlite3.Row
        return store.execute(query, values).fetchall()


def table_hashes(office: Any) -> dict[str, str]:
    names = [
        row["name"] for row in rows(office, "select name from sqlite_master where type = 'table'")
    ]
    hashes = {}
    for name in names:
        if name not in RUN_RECORDS:
            content = sorted(repr(tuple(row)) for row in rows(office, f'select * from "{name}"'))
            hashes[name] = hashlib.sha256("\n".join(content).encode()).hexdigest()
    return hashes


def test_every_row_of_the_published_experiment_is_accounted_for(office: Any) -> None:
    assert office.outcomes["incentives"].ok
    (account,) = rows(office, "select * from row_accounts where project = 'incentives'")
    assert (
        account["pulled"],
        account["valid"],
        account["not_eligible"],
        account["quarantined"],
    ) == (4820, 2901, 1919, 0)


def test_shares_of_the_published_experiment(office: Any) -> None:
    found = {
        row["arm"]: (row["estimate"], row["n"], row["n_missing"])
        for row in rows(office, "select * from estimates where project = 'incentives'")
    }
    assert found["comparison"] == (pytest.approx(0.338684, abs=1e-6), 623, 56)
    assert found["participants"] == (pytest.approx(0.789236, abs=1e-6), 2211, 11)
    assert found["all"][1:] == (2834, 67)


def test_effect_of_the_published_experiment(office: Any) -> None:
    (effect,) = rows(office, "select * from effects where project = 'incentives'")
    assert effect["estimate"] == pytest.approx(0.451982, abs=1e-6)
    assert effect["se"] == pytest.approx(0.0226860, abs=1e-7)
    assert (effect["n"], effect["n_clusters"], effect["n_dropped"]) == (2830, 119, 4)
    assert effect["label"] == "attributed_effect"
    note = json.loads(effect["note"])["en"]
    assert "2834" in note
    assert "2830" in note


def test_every_planted_fault_is_found(office: Any) -> None:
    assert office.outcomes["livelihoods"].ok
    found = Counter(
        (row["rule"].split(".")[-1], row["question"])
        for row in rows(office, "select * from findings where project = 'livelihoods'")
        if row["submission_id"] is not None
    )
    assert found["duplicate_interview", ""] == len(planted.DUPLICATED)
    assert found["constraint", "head_age"] == len(planted.IMPOSSIBLE_AGES)
    assert found["required", "head_sex"] == len(planted.WITHOUT_HEAD_SEX)
    assert found["required", "FCSPr"] == len(planted.WITHOUT_FOOD)
    assert found["relevant", "received_kit"] == len(planted.KITS_FOR_OTHERS)
    assert found["unreadable", "hh_size"] == len(planted.UNREADABLE_SIZES)
    assert found["phone", "phone"] == len(planted.SHORT_PHONES)
    hasty = [
        one
        for one in planted.with_problems(households.interviews())
        if one.minutes < 3 and one.visit["consent"] == "yes"
    ]
    assert found["too_short", "_duration_minutes"] >= len(hasty) > 50


def test_the_planted_effect_lies_in_its_interval(office: Any) -> None:
    (effect,) = rows(office, "select * from effects where project = 'livelihoods'")
    rates = households.ACCEPTABLE
    true = (rates["participant", "endline"] - rates["participant", "baseline"]) - (
        rates["comparison", "endline"] - rates["comparison", "baseline"]
    )
    assert effect["ci_low"] < true < effect["ci_high"]
    assert effect["label"] == "comparison_suggests"
    assert effect["n_clusters"] == 32


def test_renamed_choice_and_moved_question_are_one_column(office: Any) -> None:
    store = office.workspace.open_store()
    try:
        snapshot = store.snapshots.latest("livelihoods", "validate")
        assert snapshot is not None
        frame = snapshot.frame("household", ["water_source", "round"])
    finally:
        store.close()
    assert set(frame["water_source"].dropna()) == {
        "network",
        "protected_well",
        "water_trucking",
        "open_well",
    }
    assert frame["water_source"].notna().all()


def test_no_personal_answer_is_written_anywhere(office: Any) -> None:
    home = next(iter(planted.with_problems(households.interviews())))
    names = [name.encode() for name in households._NAMES]
    phones = {
        str(one.household_answers["phone"]).encode()
        for one in households.interviews()
        if one.household_answers
    }
    needles = [*names, *list(phones)[:40], home.household_answers["location"].encode()]
    store = office.workspace.open_store()
    try:
        for stage in ("read", "validate"):
            snapshot = store.snapshots.latest("livelihoods", stage)
            assert snapshot is not None
            for name in snapshot.frames:
                text = snapshot.frame(name).to_csv().encode()
                assert not [needle for needle in needles if needle in text], name
    finally:
        store.close()
    for path in Path(office.workspace.root).rglob("*"):
        if path.is_file():
            body = path.read_bytes()
            assert not [needle for needle in needles if needle in body], path


def test_a_second_run_changes_nothing(office: Any) -> None:
    before = table_hashes(office)
    for code in ("livelihoods", "incentives"):
        outcome = office.run(code)
        assert outcome.ok
        assert not outcome.changed, outcome.stages
    assert table_hashes(office) == before


def test_measuring_again_from_a_snapshot_gives_the_same_numbers(office: Any) -> None:
    before = table_hashes(office)
    (head,) = rows(
        office,
        "select snapshot_id from snapshot_heads where project = 'incentives' and stage = ?",
        "validate",
    )
    outcome = office.run("incentives", from_stage="measure", snapshot_id=head["snapshot_id"])
    assert outcome.ok
    assert table_hashes(office) == before


def test_the_briefs_say_what_they_are(office: Any) -> None:
    arabic = (office.workspace.out / "livelihoods-ar.html").read_text("utf-8")
    assert 'dir="rtl"' in arabic
    assert len(arabic.encode()) < 200_000
    english = (office.workspace.out / "livelihoods-en.html").read_text("utf-8")
    assert "Synthetic data" in english
    assert "published study" in (office.workspace.out / "incentives-en.html").read_text("utf-8")
