"""Pulls that are killed at a seeded moment: a rerun gives the tables of an undisturbed pull.

Here: a pull in a process of its own, killed, and its tables afterwards. Not here: how many kills
(the test, and `proofs.py`).
"""

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import select

from meal_pipeline.collect import collect_project
from meal_pipeline.kobo import KoboClient
from meal_pipeline.practice import PRACTICE_TOKEN, PracticeForm, PracticeServer, PracticeVersion
from meal_pipeline.store import Store, open_store
from meal_pipeline.store.submission_log import bodies
from meal_pipeline.store.submission_state import validation_index
from meal_pipeline.store.tables.collect import submission_heads, submission_spans
from meal_pipeline.workspace import WorkspaceKey
from meal_pipeline.workspace.project import Project

UID = "aKilled"
KEY = WorkspaceKey(b"k" * 32)
_LAST_STATEMENT = 45
"""About so many statements are executed in a pull of these forms."""


@contextmanager
def changed_server(folder: Path) -> Iterator[tuple[str, Path]]:
    """Give the address of a server that was pulled once and then changed, and that first store.

    All that a pull can find is there: new, edited, deleted and validated rows, and a new version.
    """
    survey = [{"type": "text", "name": "name"}]
    version = PracticeVersion("v1", {"survey": survey}, deployed_at="2026-01-01T00:00:00Z")
    server = PracticeServer([PracticeForm(UID, "Killed", versions=[version])], max_page=7)
    with server:
        for number in range(25):
            server.submit(UID, {"name": f"Household {number}"})
        store = folder / "pulled once.sqlite"
        pull(store, server.url)
        server.deploy(UID, {"survey": [*survey, {"type": "text", "name": "other"}]}, "v2")
        for number in range(15):
            server.submit(UID, {"name": f"New {number}", "other": "x"})
        for number in (2, 9, 16):
            server.edit(UID, number, {"name": "Edited"})
        server.delete(UID, 5)
        server.validate(UID, 1, 2, 30, status="approved")
        yield server.url, store


def pull(store: Path, url: str, statements: int | None = None) -> None:
    """Pull into the store of a file; after so many statements, be killed."""
    opened = open_store(store, snapshots=store.parent)
    opened.migrate()
    if statements is not None:
        _die_at(opened, statements)
    project = Project.model_validate(
        {
            "code": "food",
            "name": {"en": "Food"},
            "server": url,
            "forms": {"household": {"uid": UID}},
            "sync": {"deleted_percent": 50},
        }
    )
    try:
        collect_project(
            opened,
            project,
            key=KEY,
            connect=lambda address: KoboClient(address, PRACTICE_TOKEN),
            clock=lambda: datetime(2026, 11, 25, 6, tzinfo=UTC),
            depth="scan",
        )
    finally:
        opened.close()


def _die_at(store: Store, statements: int) -> None:
    """Kill this process before or after the statement of that number, or at its commit."""
    from sqlalchemy import event

    left = [statements]

    def count(*_told: object) -> None:
        left[0] -= 1
        if left[0] < 0:
            os.kill(os.getpid(), signal.SIGKILL)

    for name in ("before_cursor_execute", "after_cursor_execute", "commit"):
        event.listen(store.engine, name, count)


def killed_and_healed(folder: Path, url: str, begun: Path | None, seed: int) -> bool:
    """Let a pull be killed at a seeded moment, pull again, and compare with an undisturbed one.

    `begun` is the store to begin with, None for an empty one. Gives whether the kill came before
    the pull had ended. Raises AssertionError where the tables differ.
    """
    chance = random.Random(seed)
    disturbed, calm = folder / f"{seed} disturbed.sqlite", folder / f"{seed} calm.sqlite"
    for store in (disturbed, calm):
        if begun is not None:
            shutil.copy(begun, store)
    by_clock = seed % 4 == 3
    moment = -1 if by_clock else chance.randrange(2 * _LAST_STATEMENT)
    command = [sys.executable, "-m", "benchmarks.kills", str(disturbed), url, str(moment)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        if by_clock and process.stdout is not None:
            process.stdout.readline()
            time.sleep(chance.uniform(0, 0.4))
            process.kill()
    died = process.returncode == -signal.SIGKILL
    pull(disturbed, url)
    pull(calm, url)
    found, expected = tables(disturbed, url), tables(calm, url)
    if found != expected:
        raise AssertionError(f"after the kill of seed {seed}: {found} instead of {expected}")
    return died


def tables(file: Path, url: str) -> dict[str, Any]:
    """Give what holds, what held, and the bodies: all that readers see."""
    store = open_store(file, snapshots=file.parent)
    heads, spans = submission_heads.c, submission_spans.c
    try:
        with store.read() as connection:
            intact = connection.exec_driver_sql("PRAGMA integrity_check").scalar()
            found: dict[str, Any] = {
                "intact": [intact],
                "heads": connection.execute(
                    select(heads.submission_id, heads.body_hash, heads.validation, heads.deleted_at)
                ).all(),
                "spans": connection.execute(
                    select(spans.submission_id, spans.valid_from, spans.valid_to, spans.ended_by)
                ).all(),
            }
        return {name: sorted(map(str, rows)) for name, rows in found.items()} | {
            "bodies": list(bodies(store, url, UID, None, KEY)),
            "statuses": validation_index(store, url, UID),
        }
    finally:
        store.close()


if __name__ == "__main__":
    print("begins", flush=True)
    pull(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]) if int(sys.argv[3]) >= 0 else None)
