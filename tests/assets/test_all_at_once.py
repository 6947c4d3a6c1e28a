"""Three runs, five hundred deliveries and someone who looks, all on one SQLite at once."""

import os
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import httpx
import pytest

from meal_pipeline.cli.main import run as meal
from meal_pipeline.practice import PRACTICE_TOKEN, PracticeServer

from ..listen.ringing import caller, receiver
from .small_world import make_workspace, put_form

CODES = ("north", "south", "west")
EVENTS = 500
SECONDS = 15
"""How long deliveries come in, while the runs read and write."""


def deliver(client: httpx.Client, url: str, row: int, begun: float) -> list[int]:
    """Deliver in turn, as KoboToolbox does: again after 503; give the statuses."""
    time.sleep(max(0.0, begun + SECONDS * row / EVENTS - time.monotonic()))
    statuses: list[int] = []
    while not statuses or statuses[-1] == 503:
        answer = client.post(f"{url}/hook/{CODES[row % 3]}/home", json={"_id": row})
        statuses.append(answer.status_code)
    return statuses


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_no_run_fails_and_no_event_is_lost(tmp_path: Path) -> None:
    def run(code: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "meal_pipeline.cli", "--lang", "en"]
        return subprocess.run(
            [*command, "--workspace", str(workspace.root), "run", code],
            env={**os.environ, "MEAL_KOBO_TOKEN": PRACTICE_TOKEN},
            capture_output=True,
            text=True,
            check=False,
        )

    with PracticeServer() as server, ThreadPoolExecutor(24) as pool:
        for code in CODES:
            put_form(server, code)
        workspace = make_workspace(tmp_path / "ws", *CODES, server=server.url)
        with receiver(workspace, *CODES) as listening, caller() as client:
            runs = [pool.submit(run, code) for code in CODES]
            calls = [
                pool.submit(deliver, client, listening.url, row, time.monotonic())
                for row in range(1, EVENTS + 1)
            ]
            looks = set()
            while not all(one.done() for one in [*runs, *calls]):
                looks.add(meal(["--workspace", str(workspace.root), "--lang", "en", "status"]))
                time.sleep(0.1)
            ended = [one.result() for one in runs]
            statuses = [one.result() for one in calls]
    assert [one.returncode for one in ended] == [0, 0, 0], [one.stderr for one in ended]
    assert all(answers[-1] == 202 for answers in statuses)
    assert looks <= {0, 1}
    with closing(sqlite3.connect(workspace.store_address)) as store:
        kept = Counter(row for (row,) in store.execute("select submission_id from events"))
    assert set(kept) == set(range(1, EVENTS + 1))
    tried_again = sum(len(answers) - 1 for answers in statuses)
    assert sum(kept.values()) <= EVENTS + tried_again
