"""Killed at any moment, out of disk, or two at once: the next pull ends with the right tables."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from benchmarks.kills import changed_server, killed_and_healed, pull, tables

pytestmark = pytest.mark.skipif(os.name == "nt", reason="kill -9 is a matter of POSIX")


@pytest.fixture(scope="module")
def changed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    with changed_server(tmp_path_factory.mktemp("killed")) as server:
        yield server


@pytest.mark.parametrize("seed", range(20))
def test_after_a_kill_at_any_moment_a_rerun_equals_an_undisturbed_pull(
    changed: tuple[str, Path], tmp_path: Path, seed: int
) -> None:
    url, begun = changed
    killed_and_healed(tmp_path, url, begun if seed % 2 else None, seed)


FULL = """
import resource, signal, sys
from pathlib import Path
from benchmarks.kills import pull
from meal_pipeline.errors import MealError
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[3]), int(sys.argv[3])))
try:
    pull(Path(sys.argv[1]), sys.argv[2])
except MealError as error:
    print(error, "|", error.next_step)
    sys.exit(3)
"""


@pytest.mark.parametrize("size", [20_000, 40_000, 100_000])
def test_a_full_disk_is_one_sentence_and_heals(
    changed: tuple[str, Path], tmp_path: Path, size: int
) -> None:
    url, begun = changed
    store, calm = tmp_path / "store.sqlite", tmp_path / "calm.sqlite"
    for one in (store, calm):
        shutil.copy(begun, one)
    ended = subprocess.run(
        [sys.executable, "-c", FULL, str(store), url, str(size)], capture_output=True, text=True
    )
    assert (ended.returncode, ended.stderr) == (3, "")
    assert "is full. | Make room" in ended.stdout
    pull(store, url)
    pull(calm, url)
    assert tables(store, url) == tables(calm, url)


def test_two_pulls_at_once_both_end_right(changed: tuple[str, Path], tmp_path: Path) -> None:
    url, begun = changed
    store, calm = tmp_path / "store.sqlite", tmp_path / "calm.sqlite"
    for one in (store, calm):
        shutil.copy(begun, one)
    with ThreadPoolExecutor(2) as both:
        ended: list[Any] = [both.submit(pull, store, url) for _each in range(2)]
    for one in ended:
        one.result()
    pull(calm, url)
    assert tables(store, url) == tables(calm, url)
