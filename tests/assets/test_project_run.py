"""One run of one project, as the terminal and Dagster start it."""

from pathlib import Path

import dagster as dg
import pytest

import assets
from assets.instance import STARTED_BY, end_killed_runs, open_instance
from assets.partitions import PROJECT_RUN, PROJECT_TAG
from assets.resources import rooms_resource
from meal_pipeline.errors import MealError
from meal_pipeline.practice import PracticeServer
from meal_pipeline.store import LeaseHeld, lease
from meal_pipeline.workspace import UnknownProject, Workspace

from .small_world import answers, make_workspace, practice_client, put_project, rows_of, run, uid_of

MARTS = ("mart_progress", "mart_disaggregation", "mart_effects", "mart_data_quality")


def outcomes(outcome: assets.RunOutcome) -> dict[str, str]:
    return {stage: ended.outcome for stage, ended in outcome.stages.items()}


def snapshot_of(workspace: Workspace, project: str, stage: str) -> str:
    store = workspace.open_store()
    try:
        snapshot = store.snapshots.latest(project, stage)
        assert snapshot is not None
        return snapshot.snapshot_id
    finally:
        store.close()


def test_a_run_is_recorded_in_dagster_with_its_project(office: Workspace) -> None:
    with open_instance(office) as instance:
        runs = instance.get_runs(dg.RunsFilter(job_name=PROJECT_RUN))
    assert [(one.tags[PROJECT_TAG], one.status.value) for one in runs] == [
        ("south", "SUCCESS"),
        ("north", "SUCCESS"),
    ]


def test_a_run_materialises_every_asset_of_its_project_alone(office: Workspace) -> None:
    with open_instance(office) as instance:
        for key in ("submissions", "responses_valid", "estimates", "effects", "mart_progress"):
            assert instance.get_materialized_partitions(dg.AssetKey(key)) == {"north", "south"}


def test_a_second_run_finds_everything_unchanged(office: Workspace) -> None:
    again = run(office, "north")
    assert again.ok
    assert not again.changed
    assert set(outcomes(again).values()) == {"unchanged"}


def test_a_run_from_measure_with_the_same_snapshot_gives_identical_numbers(
    office: Workspace,
) -> None:
    before = {table: rows_of(office, table, "north") for table in ("estimates", "effects", *MARTS)}
    again = run(
        office,
        "north",
        from_stage="measure",
        snapshot_id=snapshot_of(office, "north", "validate"),
    )
    assert list(again.stages) == ["measure", "compare", "evaluate", "share"]
    assert before == {table: rows_of(office, table, "north") for table in before}


def test_another_project_keeps_its_rows_when_one_has_news(
    office: Workspace, server: PracticeServer
) -> None:
    tables = ("findings", "row_accounts", "estimates", "effects", *MARTS)
    before = {table: rows_of(office, table, "south") for table in tables}
    figures = rows_of(office, "estimates", "north")
    server.submit(uid_of("north"), answers(2))
    assert run(office, "north").changed
    assert rows_of(office, "estimates", "north") != figures
    assert before == {table: rows_of(office, table, "south") for table in tables}


def test_a_gate_blocks_its_stage_and_what_follows_is_skipped(
    office: Workspace, server: PracticeServer
) -> None:
    figures = rows_of(office, "estimates", "north")
    put_project(office, "north", server.url, limit=1)
    blocked = run(office, "north")
    assert not blocked.ok
    assert outcomes(blocked) | {"collect": "", "read": ""} == {
        "collect": "",
        "read": "",
        "validate": "blocked",
        "measure": "skipped",
        "compare": "skipped",
        "evaluate": "skipped",
        "share": "skipped",
    }
    assert "%" in str(blocked.stages["validate"].message)
    assert rows_of(office, "estimates", "north") == figures


def test_an_unreachable_server_fails_the_first_stage_with_one_sentence(office: Workspace) -> None:
    put_project(office, "north", "http://127.0.0.1:1")
    failed = run(office, "north")
    assert outcomes(failed)["collect"] == "failed"
    assert "http://127.0.0.1:1" in str(failed.stages["collect"].message)
    assert failed.stages["collect"].next_step
    with open_instance(office) as instance:
        events = [entry.dagster_event for entry in instance.all_logs(failed.run_id)]
    sentences = [
        event.step_failure_data.user_failure_data.description
        for event in events
        if event and event.is_step_failure and event.step_failure_data.user_failure_data
    ]
    assert sentences == [failed.stages["collect"].message]


def test_the_words_of_an_unexpected_error_stay_out_of_dagster(
    office: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stumble(*_arguments: object, **_settings: object) -> None:
        raise ValueError("Amal Haddad lives in v3")

    monkeypatch.setattr("meal_pipeline.share.write_brief", stumble)
    failed = run(office, "north", from_stage="share")
    with open_instance(office) as instance:
        told = str(instance.all_logs(failed.run_id))
    assert "ValueError" in told
    assert "Amal" not in told


def test_a_project_that_is_being_run_is_not_run_twice(office: Workspace) -> None:
    store = office.open_store()
    try:
        with lease(store, "project:north", holder="a colleague"), pytest.raises(LeaseHeld):
            run(office, "north")
    finally:
        store.close()


def test_a_run_from_the_pages_takes_the_lease_too(office: Workspace) -> None:
    resource = rooms_resource(office, connect=practice_client, wait=0)
    job = assets.build_defs(office, rooms=resource).resolve_job_def(PROJECT_RUN)
    store = office.open_store()
    try:
        with lease(store, "project:north", holder="a colleague"), open_instance(office) as instance:
            result = job.execute_in_process(
                instance=instance,
                partition_key="north",
                asset_selection=[dg.AssetKey("estimates")],
                raise_on_error=False,
            )
    finally:
        store.close()
    failure = result.failure_data_for_node("estimates")
    assert failure is not None
    assert failure.user_failure_data is not None
    assert "a colleague" in str(failure.user_failure_data.description)


def test_the_pages_offer_a_start_at_measure_with_a_snapshot(office: Workspace) -> None:
    figures = rows_of(office, "estimates", "north")
    defs = assets.build_defs(office, rooms=rooms_resource(office, connect=practice_client))
    snapshot = snapshot_of(office, "north", "validate")
    with open_instance(office) as instance:
        result = defs.resolve_job_def(PROJECT_RUN).execute_in_process(
            instance=instance,
            partition_key="north",
            asset_selection=[dg.AssetKey("estimates")],
            run_config={"ops": {"estimates": {"config": {"snapshot_id": snapshot}}}},
        )
    assert result.success
    assert rows_of(office, "estimates", "north") == figures


def test_a_run_whose_process_was_killed_is_told_as_failed(office: Workspace) -> None:
    @dg.job
    def nothing() -> None: ...

    with open_instance(office) as instance:
        killed = instance.create_run_for_job(
            nothing,
            status=dg.DagsterRunStatus.STARTED,
            tags={PROJECT_TAG: "north", STARTED_BY: "terminal"},
        )
        end_killed_runs(instance, "north")
        found = instance.get_run_by_id(killed.run_id)
    assert found is not None
    assert found.status == dg.DagsterRunStatus.FAILURE


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ({"from_stage": "cook"}, "UnknownStage"),
        ({"from_stage": "collect", "snapshot_id": "abc"}, "SnapshotNotUsed"),
    ],
)
def test_a_wrong_start_is_refused_with_what_is_possible(
    office: Workspace, options: dict[str, str], error: str
) -> None:
    with pytest.raises(MealError) as refused:
        run(office, "north", **options)
    assert type(refused.value).__name__ == error
    assert "measure" in str(refused.value.next_step)


def test_a_project_that_is_not_there_leaves_no_run(tmp_path: Path) -> None:
    workspace = make_workspace(tmp_path / "ws", "north")
    with pytest.raises(UnknownProject, match="nort"):
        run(workspace, "nort")
    assert not workspace.dagster_home.exists()
