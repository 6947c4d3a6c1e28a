"""A run that is killed at any moment, and run again, leaves what an undisturbed run leaves."""

import hashlib
import random
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from meal_pipeline.practice import PracticeServer
from meal_pipeline.workspace import open_workspace

from . import killed_run
from .small_office import small_server, small_workspace, table_hashes, table_rows

SCRIPT = Path(killed_run.__file__)
EACH_TIME_ANEW = {"submissions": {"body", "pull_id"}}
"""Ciphertexts and the names of pulls are random; the bodies' hashes are compared."""
STAGES = ("collect", "read", "validate", "measure", "compare", "evaluate", "share")
KILLS = (*STAGES, "collect")


def run_until(root: Path, step: int) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(SCRIPT), str(root), str(step)],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def all_that_is_kept(root: Path) -> dict[str, str]:
    """A hash of every table, snapshot file and brief."""
    files = [*(root / ".meal" / "snapshots").rglob("*.parquet"), *(root / "out").glob("*.html")]
    return table_hashes(open_workspace(root), EACH_TIME_ANEW) | {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in files
    }


@dataclass(frozen=True)
class Undisturbed:
    """A workspace before its first run, what a run to the end leaves in it, and the steps."""

    fresh: Path
    kept: dict[str, str]
    stages: list[str]


@pytest.fixture(scope="module")
def server() -> Iterator[PracticeServer]:
    with small_server(max_page=20) as practice:
        yield practice


@pytest.fixture(scope="module")
def undisturbed(server: PracticeServer, tmp_path_factory: pytest.TempPathFactory) -> Undisturbed:
    fresh = small_workspace(tmp_path_factory.mktemp("fresh") / "office", server.url).root
    whole = fresh.with_name("whole")
    shutil.copytree(fresh, whole)
    ended = run_until(whole, 0)
    assert ended.returncode == 0, ended.stderr
    return Undisturbed(fresh, all_that_is_kept(whole), ended.stdout.split())


def test_the_undisturbed_run_fills_every_kind_of_table(undisturbed: Undisturbed) -> None:
    whole = open_workspace(undisturbed.fresh.with_name("whole"))
    for table in ("submissions", "findings", "estimates", "changes", "effects", "mart_effects"):
        assert table_rows(whole, table), table
    assert set(undisturbed.stages) == set(STAGES)


@pytest.mark.parametrize("kill", range(len(KILLS)), ids=lambda kill: f"{kill}-{KILLS[kill]}")
def test_a_run_killed_and_run_again_leaves_the_same(
    undisturbed: Undisturbed, kill: int, tmp_path: Path
) -> None:
    steps = [n for n, stage in enumerate(undisturbed.stages, 1) if stage == KILLS[kill]]
    step = random.Random(kill).choice(steps)
    root = tmp_path / "office"
    shutil.copytree(undisturbed.fresh, root)
    killed = run_until(root, step)
    assert killed.returncode == killed_run.KILLED, killed.stderr
    killed_run.run_stages(root)
    assert all_that_is_kept(root) == undisturbed.kept, f"killed at step {step}"
