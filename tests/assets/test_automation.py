"""What follows by itself: three projects of which one fails its gate and one never ran."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest
from dagster._core.definitions.declarative_automation.automation_condition_tester import (
    AssetDaemonCursor,
)

import assets
from assets.automation import of_all_projects
from assets.partitions import PROJECTS, check_spec
from assets.validate import GATE
from meal_pipeline.workspace import Workspace

from .small_world import make_workspace

# Dagster's own tester uses a parameter that Dagster calls beta.
pytestmark = pytest.mark.filterwarnings("ignore::dagster_shared.utils.warnings.BetaWarning")


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    return make_workspace(tmp_path_factory.mktemp("automation") / "ws", "good", "gated", "idle")


class World:
    """Dagster's record of three projects, and the ticks of its automation."""

    def __init__(self, defs: dg.Definitions, instance: dg.DagsterInstance) -> None:
        self.defs = defs
        self._cursor: AssetDaemonCursor | None = None
        self._watched: dg.AssetSelection | None = None
        self._instance = instance
        # The tester asks for the partitions 5 000 times a tick; the daemon remembers them.
        known = instance.get_dynamic_partitions(str(PROJECTS.name))
        instance.get_dynamic_partitions = lambda partitions_def_name: known  # type: ignore[method-assign]

    def made(self, key: str, project: str | None = None) -> None:
        """Record that an asset was made."""
        self._instance.report_runless_asset_event(
            dg.AssetMaterialization(dg.AssetKey(key), partition=project)
        )

    def validated(self, project: str, *, passed: bool) -> None:
        """Record that a project was validated, and how its gate ended."""

        @dg.multi_asset(
            specs=[dg.AssetSpec("responses_valid")],
            check_specs=[check_spec(GATE, asset="responses_valid", blocking=True)],
            partitions_def=PROJECTS,
            name="validate",
        )
        def stand_in() -> Iterator[dg.MaterializeResult[None] | dg.AssetCheckResult]:
            yield dg.MaterializeResult("responses_valid")
            yield dg.AssetCheckResult(asset_key="responses_valid", check_name=GATE, passed=passed)

        dg.materialize(
            [stand_in], instance=self._instance, partition_key=project, raise_on_error=False
        )

    def ran(self, project: str) -> None:
        """Record that a project ran to its end."""
        self.validated(project, passed=True)
        for key in self.defs.resolve_asset_graph().get_all_asset_keys():
            if key.to_user_string() not in ("responses_valid", "all_projects", "project_files"):
                self.made(key.to_user_string(), project)

    def watch(self, *keys: str) -> "World":
        """Look at these assets only (none: at all), with nothing left to follow."""
        self._watched = dg.AssetSelection.assets(*keys) if keys else None
        self.tick()
        return self

    def tick(self) -> dict[str, set[str | None]]:
        """Evaluate the conditions; give the assets asked for, with the projects."""
        result = dg.evaluate_automation_conditions(
            defs=self.defs,
            instance=self._instance,
            cursor=self._cursor,
            asset_selection=self._watched,
        )
        self._cursor = result.cursor
        asked: dict[str, set[str | None]] = {}
        for one in result.results:
            subset = one.true_subset
            if isinstance(one.key, dg.AssetKey) and not subset.is_empty:
                keys = subset.expensively_compute_asset_partitions()
                asked[one.key.to_user_string()] = {found.partition_key for found in keys}
        return asked


@pytest.fixture(scope="module")
def settled(
    workspace: Workspace, tmp_path_factory: pytest.TempPathFactory
) -> tuple[dg.Definitions, Path]:
    """A record in which two of three projects ran."""
    home = tmp_path_factory.mktemp("settled") / "home"
    home.mkdir()
    defs = assets.build_defs(workspace)
    with dg.DagsterInstance.local_temp(str(home)) as instance:
        instance.add_dynamic_partitions("project", ["good", "gated", "idle"])
        world = World(defs, instance)
        world.ran("good")
        world.ran("gated")
        world.made("all_projects")
    return defs, home


@pytest.fixture
def world(settled: tuple[dg.Definitions, Path], tmp_path: Path) -> Iterator[World]:
    defs, home = settled
    with dg.DagsterInstance.local_temp(str(shutil.copytree(home, tmp_path / "home"))) as instance:
        yield World(defs, instance)


def test_nothing_follows_where_nothing_happened(world: World) -> None:
    assert world.watch("estimates", "effects", "all_projects").tick() == {}


def test_what_a_gate_let_through_is_followed_to_the_brief_for_that_project_alone(
    world: World,
) -> None:
    world.watch()
    world.validated("good", passed=True)
    world.validated("gated", passed=False)
    asked = world.tick()
    assert {"estimates", "effects", "mart_progress", "brief"} <= set(asked)
    assert {
        project for key, found in asked.items() if key != "all_projects" for project in found
    } == {"good"}


def test_a_gate_that_failed_holds_on_every_later_tick(world: World) -> None:
    world.watch("estimates", "effects")
    world.validated("gated", passed=False)
    assert [world.tick() for _n in range(2)] == [{}, {}]


def test_a_gate_that_passes_at_last_lets_its_project_follow(world: World) -> None:
    world.watch("estimates")
    world.validated("gated", passed=False)
    world.tick()
    world.validated("gated", passed=True)
    assert world.tick()["estimates"] == {"gated"}


def test_the_asset_over_all_projects_does_not_wait_for_one_that_never_ran(world: World) -> None:
    world.watch("all_projects")
    world.made("mart_progress", "good")
    assert world.tick()["all_projects"] == {None}


def test_eager_alone_would_wait_for_it_for_ever() -> None:
    projects = dg.DynamicPartitionsDefinition(name="project")

    @dg.asset(partitions_def=projects)
    def mart() -> None: ...

    @dg.asset(deps=[mart], automation_condition=dg.AutomationCondition.eager())
    def waits() -> None: ...

    @dg.asset(deps=[mart], automation_condition=of_all_projects())
    def follows() -> None: ...

    with dg.DagsterInstance.ephemeral() as instance:
        instance.add_dynamic_partitions("project", ["ran", "idle"])
        defs = dg.Definitions(assets=[mart, waits, follows])
        first = dg.evaluate_automation_conditions(defs=defs, instance=instance)
        instance.report_runless_asset_event(dg.AssetMaterialization("mart", partition="ran"))
        then = dg.evaluate_automation_conditions(defs=defs, instance=instance, cursor=first.cursor)
    assert then.get_num_requested(dg.AssetKey("follows")) == 1
    assert then.get_num_requested(dg.AssetKey("waits")) == 0


def test_a_model_whose_sql_was_changed_is_made_anew_for_the_projects_that_ran(
    world: World, workspace: Workspace
) -> None:
    folder = workspace.root / "dbt_like_sql" / "marts"
    folder.mkdir()
    world.watch("stg_figures", "mart_projects")
    try:
        from meal_pipeline.workspace.roof import packaged_folder

        packaged = packaged_folder("dbt_like_sql") / "marts" / "mart_projects.sql"
        text = packaged.read_text("utf-8")
        (folder / "mart_projects.sql").write_text(f"{text}\norder by 1\n", "utf-8")
        world.defs = assets.build_defs(workspace)
        asked = world.tick()
    finally:
        (folder / "mart_projects.sql").unlink()
        folder.rmdir()
    assert asked["mart_projects"] == {"good", "gated"}
    assert "stg_figures" not in asked
