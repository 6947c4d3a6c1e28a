"""Definitions always load, and say what an officer needs to know."""

import logging
import re
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import dagster as dg
import pytest
from dagster._core.definitions.partitions.context import partition_loading_context
from hypothesis import given
from hypothesis import strategies as st

import assets
from assets.faults import FILES, MODELS_CHECK
from assets.instance import open_instance
from assets.loading import load
from assets.names import dagster_name
from assets.owners import owners_of
from meal_pipeline.locale import in_language
from meal_pipeline.workspace import Workspace
from meal_pipeline.workspace.roof import checkout

from .small_world import make_workspace, put_project

_NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)
KEYS = [
    "all_projects",
    "brief",
    "effects",
    "estimates",
    "int_framed_indicators",
    "int_graded_estimates",
    "int_named_categories",
    "int_shown_figures",
    "mart_data_quality",
    "mart_disaggregation",
    "mart_effects",
    "mart_progress",
    "mart_projects",
    "project_files",
    "responses",
    "responses_valid",
    "stg_blocks",
    "stg_categories",
    "stg_disclosures",
    "stg_effects",
    "stg_figures",
    "stg_findings",
    "stg_indicators",
    "stg_projects",
    "stg_rounds",
    "stg_row_accounts",
    "stg_rule_results",
    "submissions",
]


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    return make_workspace(tmp_path_factory.mktemp("definitions") / "ws", "north-east", "south")


@pytest.fixture(scope="module")
def defs(workspace: Workspace) -> dg.Definitions:
    return assets.build_defs(workspace)


def file_checks(workspace: Workspace) -> dict[str, tuple[bool, str]]:
    """Materialise the asset of the files and give each of its checks."""
    defs = assets.build_defs(workspace)
    asset = next(one for one in defs.assets or [] if dg.AssetKey(FILES) in one.keys)  # type: ignore[union-attr]
    with dg.DagsterInstance.ephemeral() as instance:
        result = dg.materialize([asset], instance=instance)  # type: ignore[list-item]
        return {
            one.check_name: (one.passed, str(one.description))
            for one in result.get_asset_check_evaluations()
        }


def test_the_assets_are_these(defs: dg.Definitions) -> None:
    keys = {key.to_user_string() for key in defs.resolve_asset_graph().get_all_asset_keys()}
    assert keys == set(KEYS)


def test_every_asset_has_its_group_description_and_kinds(defs: dg.Definitions) -> None:
    graph = defs.resolve_asset_graph()
    for node in graph.asset_nodes:
        assert node.group_name in {*assets.STAGES, "workspace"}, node.key
        assert node.description, node.key
        assert node.kinds, node.key


def test_the_owners_of_the_projects_are_shown(defs: dg.Definitions) -> None:
    assert defs.resolve_asset_graph().get(dg.AssetKey("estimates")).owners == ["amal@example.org"]


def test_every_asset_of_the_line_is_split_by_project(defs: dg.Definitions) -> None:
    graph = defs.resolve_asset_graph()
    whole = {node.key.to_user_string() for node in graph.asset_nodes if not node.is_partitioned}
    assert whole == {"all_projects", FILES}


def test_every_project_is_pulled_by_its_own_clock(defs: dg.Definitions) -> None:
    clocks = {one.name: one for one in defs.schedules or []}
    assert set(clocks) == {"pull__north__east", "pull__south"}
    clock = clocks["pull__north__east"]
    assert isinstance(clock, dg.ScheduleDefinition)
    assert clock.cron_schedule == "0 6 * * *"
    assert clock.execution_timezone == "Asia/Damascus"
    assert clock.default_status == dg.DefaultScheduleStatus.RUNNING


def test_sensors_run_without_being_turned_on(defs: dg.Definitions) -> None:
    assert {one.name: one.default_status.value for one in defs.sensors or []} == dict.fromkeys(
        ("inbox", "look", "folder", "follow_project", "follow_all_projects"), "RUNNING"
    )


def test_the_clock_starts_the_job_of_exactly_its_project(workspace: Workspace) -> None:
    defs = assets.build_defs(workspace)
    clock = defs.resolve_schedule_def("pull__north__east")
    with open_instance(workspace) as instance:
        context = dg.build_schedule_context(
            instance=instance,
            scheduled_execution_time=_NOON,
            repository_def=defs.get_repository_def(),
        )
        assert not clock.evaluate_tick(context).run_requests
        instance.add_dynamic_partitions("project", ["north-east", "south"])
        with partition_loading_context(dynamic_partitions_store=instance):
            (asked,) = clock.evaluate_tick(context).run_requests or []
    assert asked.partition_key == "north-east"
    assert clock.job_name == "project_run"


def test_a_project_file_that_is_no_yaml_is_one_failed_check_and_the_others_load(
    tmp_path: Path,
) -> None:
    workspace = make_workspace(tmp_path / "ws", "good", "bad")
    (workspace.root / "projects" / "bad" / "project.yaml").write_text("code: [", "utf-8")
    defs = assets.build_defs(workspace)
    assert [one.name for one in defs.schedules or []] == ["pull__good"]
    checks = file_checks(workspace)
    assert [name for name, (passed, _words) in checks.items() if not passed] == ["file__bad"]
    assert "project.yaml:1" in checks["file__bad"][1]


def test_two_projects_with_one_code_are_two_failed_checks(tmp_path: Path) -> None:
    workspace = make_workspace(tmp_path / "ws", "one", "other")
    file = put_project(workspace, "other", "http://127.0.0.1:1")
    file.write_text(file.read_text("utf-8").replace("code: other", "code: one"), "utf-8")
    checks = file_checks(workspace)
    failed = [name for name, (passed, _words) in checks.items() if not passed]
    assert failed == ["file__one", "file__other"]


@pytest.mark.parametrize("name", ["mart_mine", "my mart", "جدول"])
def test_a_bad_sql_model_is_one_failed_check_and_the_stages_before_it_load(
    tmp_path: Path, name: str
) -> None:
    workspace = make_workspace(tmp_path / "ws", "good")
    model = workspace.root / "dbt_like_sql" / "marts" / f"{name}.sql"
    model.parent.mkdir()
    model.write_text("selekt 1", "utf-8")
    defs = assets.build_defs(workspace)
    assert [one.name for one in defs.schedules or []] == ["pull__good"]
    keys = {key.to_user_string() for key in defs.resolve_asset_graph().get_all_asset_keys()}
    assert set(KEYS) <= keys
    failed = {
        check: words for check, (passed, words) in file_checks(workspace).items() if not passed
    }
    assert list(failed) == [MODELS_CHECK]
    assert name in failed[MODELS_CHECK]


def test_without_a_workspace_one_asset_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("MEAL_WORKSPACE", raising=False)
    (spec,) = load().resolve_all_asset_specs()
    assert "meal init" in str(spec.description)


def test_a_process_that_would_lose_its_history_says_so(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("MEAL_WORKSPACE", str(workspace.root))
    monkeypatch.delenv("DAGSTER_HOME", raising=False)
    dagster = logging.getLogger("dagster")
    monkeypatch.setattr(dagster, "propagate", True)
    load()
    assert "DAGSTER_HOME" in caplog.text
    caplog.clear()
    monkeypatch.setenv("DAGSTER_HOME", str(workspace.dagster_home))
    load()
    assert "DAGSTER_HOME" not in caplog.text


def test_descriptions_are_in_the_language_of_the_workspace(
    workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    arabic = make_workspace(tmp_path / "ws", "north")
    settings = arabic.root / "meal.yaml"
    settings.write_text(
        settings.read_text("utf-8").replace("language: en", "language: ar"), "utf-8"
    )
    monkeypatch.setenv("MEAL_WORKSPACE", str(arabic.root))
    monkeypatch.setenv("DAGSTER_HOME", str(arabic.dagster_home))
    with in_language("en"):
        graph = load().resolve_asset_graph()
    assert re.search("[\u0600-\u06ff]", str(graph.get(dg.AssetKey("submissions")).description))


def test_loading_the_definitions_imports_neither_great_expectations_nor_scipy(
    workspace: Workspace,
) -> None:
    program = (
        "import sys, assets; assets.defs; from assets.loading import load; load()\n"
        "print([m for m in ('great_expectations', 'scipy', 'altair', 'statsmodels') "
        "if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=checkout(),
        env={"PATH": "", "MEAL_WORKSPACE": str(workspace.root), "DAGSTER_HOME": "unset"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "[]"


CODES = st.from_regex(r"\A[a-z][a-z0-9_-]{0,62}\Z")


@given(CODES, CODES)
def test_two_codes_never_share_a_name(one: str, other: str) -> None:
    assert re.fullmatch("[A-Za-z0-9_]+", dagster_name(one))
    assert (dagster_name(one) == dagster_name(other)) == (one == other)


def test_a_dash_is_told_from_an_underscore() -> None:
    assert dagster_name("north_east") == "north_east"
    assert dagster_name("north-east") == "north__east"
    assert len({dagster_name(one) for one in ("a__b", "a-b", "a-_b", "a_-b", "a--b", "a_b")}) == 6


def test_an_owner_that_dagster_refuses_is_left_out(workspace: Workspace) -> None:
    project = workspace.project("south")
    odd = project.model_copy(update={"owners": ["amal@example.org", "Amal", "team:"]})
    assert owners_of([odd, odd]) == ["amal@example.org"]
