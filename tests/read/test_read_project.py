"""A project's submissions as a snapshot: the same for the same inputs, private, quick to renew."""

from importlib import import_module

import pytest

from meal_pipeline.store.sealing import BodyUnreadable
from meal_pipeline.workspace.key import WorkspaceKey

stage = import_module("meal_pipeline.read.read_project")

FORM = {
    "survey": [
        {"type": "text", "name": "respondent_name", "required": "true"},
        {"type": "text", "name": "phone"},
        {"type": "text", "name": "national_id"},
        {"type": "calculate", "name": "greeting", "calculation": "concat('Hi ', ${phone})"},
        {"type": "integer", "name": "size"},
        {"type": "begin_repeat", "name": "members"},
        {"type": "text", "name": "member_name"},
        {"type": "integer", "name": "age"},
        {"type": "end_repeat"},
    ]
}
PERSONAL = {
    "respondent_name": {"kind": "name", "treatment": "pseudonym"},
    "phone": {"kind": "phone", "treatment": "pseudonym"},
}
SECRETS = ("Secretname", "0933765432", "963933765432", "98765432101", "Memberonly")


@pytest.fixture
def filled(office, make_submission):
    """An office with three submissions, read in blocks of two."""

    def household(number, **answers):
        said = {
            "respondent_name": "Zahraa Secretname",
            "phone": "0933765432",
            "national_id": "98765432101",
            "greeting": "Hi 0933765432",
            "size": str(number),
            "members": [{"members/member_name": "Memberonly", "members/age": str(number)}],
        }
        return make_submission(number, **said | answers)

    office.household = household
    office.settings = {"personal_data": PERSONAL}
    office.deploy("v1", FORM)
    office.receive(household(1), household(2), household(3))
    return office


@pytest.fixture(autouse=True)
def _small_blocks(monkeypatch):
    monkeypatch.setattr(stage, "BLOCK_ROWS", 2)


def test_every_submission_is_a_row_and_every_member_too(filled):
    report = filled.read()

    assert report.rows == {"hh": 3, "hh/members": 3}
    assert filled.frame("hh")["size"].tolist() == [1, 2, 3]


def test_reading_again_gives_the_same_snapshot_and_says_that_nothing_changed(filled):
    first, second = filled.read(), filled.read()

    assert (first.changed, second.changed) == (True, False)
    assert first.snapshot_id == second.snapshot_id


def test_reading_little_by_little_gives_the_same_snapshot_as_reading_at_once(filled, monkeypatch):
    filled.read()
    filled.receive(filled.household(4, ghost="x"), filled.household(5, size="five", ghost="y"))
    filled.receive(filled.household(2, size="20"))
    little_by_little = filled.read()
    monkeypatch.setattr(filled.store.snapshots, "known_part", lambda _hash: None)

    assert filled.read().snapshot_id == little_by_little.snapshot_id


def test_only_blocks_with_new_or_edited_rows_are_read(filled, monkeypatch):
    filled.receive(*(filled.household(number) for number in range(4, 11)))
    filled.read()
    read = []
    whole = stage.read_block
    monkeypatch.setattr(
        stage,
        "read_block",
        lambda plan, bodies, *others: (
            read.append([b["_id"] for b in bodies]) or whole(plan, bodies, *others)
        ),
    )

    filled.receive(filled.household(4, size="40"), filled.household(11))
    filled.read()

    assert read == [[3, 4], [11]]


def test_a_changed_treatment_reads_all_rows_anew(filled):
    filled.read()
    filled.settings = {"personal_data": PERSONAL | {"phone": {"kind": "phone"}}}

    assert filled.read().changed
    assert "phone" not in filled.frame("hh").columns


def test_no_personal_answer_reaches_a_file_or_a_verdict(filled, tmp_path):
    filled.receive(
        filled.household(4, size="x", old_phone="0933765432"),
        filled.household(5, phone="+963 933 765 432 1", _submitted_by="Secretname"),
        filled.household(6, phone=[{"phone": "0933765432"}, {"phone": "1"}]),
    )
    filled.read()

    files = list((tmp_path / "snapshots").rglob("*.parquet"))
    texts = " ".join(_everything_in(path) for path in files)
    assert len(files) > 5
    assert [secret for secret in SECRETS if secret in texts] == []
    assert "respondent_name" in texts


def test_the_same_person_has_one_pseudonym_and_another_under_another_key(filled):
    filled.receive(filled.household(4, phone="+963 933 765 432"))
    filled.read()
    phones = filled.frame("hh")["phone"]
    other = WorkspaceKey(b"o" * 32)
    plan = stage._FormReading(
        filled.store, filled.project, "hh", filled.project.forms["hh"], key=other, as_of=None
    )
    reread = stage.read_block(plan.plan, [filled.household(1)], other.subkey("pseudonyms"))

    assert phones.nunique() == 1
    assert phones[0].startswith("P-")
    assert reread.frames[None]["phone"][0] != phones[0]


def test_with_another_key_reading_says_so(filled):
    filled.key = WorkspaceKey(b"o" * 32)

    with pytest.raises(BodyUnreadable, match="key"):
        filled.read()


def test_an_empty_form_has_its_frames_without_rows(office):
    office.deploy("v1", FORM)

    report = office.read()

    assert report.rows == {"hh": 0, "hh/members": 0}
    assert "size" in office.frame("hh").columns


def test_a_form_that_was_never_pulled_is_named(office):
    with pytest.raises(stage.NothingCollected, match="Form hh of project p was never pulled"):
        office.read()


def test_verdicts_on_the_whole_form_are_said_once_with_their_rows(filled):
    filled.receive(*(filled.household(number, ghost="boo") for number in (4, 5, 6)))
    filled.read()

    verdicts = filled.frame("hh:verdicts")
    whole = verdicts[verdicts["_id"].isna()]
    assert whole[["question", "rule"]].values.tolist() == [
        ["ghost", "read.unknown_question"],
        ["greeting", "personal.withheld"],
        ["national_id", "personal.withheld"],
        ["member_name", "personal.withheld"],
    ]
    assert "(3)" in whole["message"].iloc[0]
    assert "boo" not in "".join(whole["message"])


def test_a_moved_question_is_said_once_for_the_form(filled):
    grouped = [{"type": "begin_group", "name": "g"}, FORM["survey"][4], {"type": "end_group"}]
    filled.deploy("v2", {"survey": [*FORM["survey"][:4], *grouped, *FORM["survey"][5:]]})
    filled.read()

    verdicts = filled.frame("hh:verdicts")
    moved = verdicts[verdicts["rule"] == "read.moved_question"]
    assert moved[["frame", "question", "severity"]].values.tolist() == [["hh", "size", "warning"]]


def test_a_rule_on_a_personal_answer_that_cannot_be_evaluated_is_named(office):
    constraint = "pulldata('people', 'id', 'phone', .) = 1"
    office.deploy("v1", {"survey": [{"type": "text", "name": "phone", "constraint": constraint}]})
    office.read()

    verdicts = office.frame("hh:verdicts").set_index("rule")
    assert verdicts.loc["personal.not_evaluated", "question"] == "phone"
    assert verdicts.loc["personal.not_evaluated", "value"] == constraint


def test_the_snapshot_names_what_it_was_made_of(filled):
    filled.read()

    parents = filled.store.snapshots.latest("p", "read").parents["hh"]
    assert (parents["asset_uid"], parents["rows"], parents["versions"]) == ("a1", 3, ["v1"])


def test_progress_counts_the_rows(filled):
    seen = []
    stage.read_project(
        filled.store,
        filled.project,
        key=filled.key,
        clock=filled.clock,
        progress=lambda *told: seen.append(told),
    )

    assert seen == [("hh", 2, 3), ("hh", 3, 3)]


def _everything_in(path):
    import pyarrow.parquet as pq

    table = pq.read_table(path)
    return f"{table.schema} {table.to_pylist()}"
