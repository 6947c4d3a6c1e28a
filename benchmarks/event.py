"""`python -m benchmarks event [--rows N] [--times N]`: from a delivery to the shared table.

Here: a workspace with its receiver and Dagster running, new submissions announced one by one, and
where the seconds went. Not here: runs by themselves (`whole_run.py`).

Ours is what the receiver took and what the steps of the run took, up to the shared tables; each run
is a process of its own, so the steps load their libraries. Dagster's is all the rest: until its
sensor ticks, until the run leaves the queue, until its process is there, and between the steps.
"""

import os
import secrets
import signal
import socket
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import click
import httpx

from benchmarks.server import running_server
from benchmarks.stages import make_workspace
from benchmarks.survey import FORM, PROJECT

WHOLE_SECONDS = 20.0
OUR_SECONDS = 8.0
_PATIENCE = 600.0


@dataclass(frozen=True)
class Taken:
    """Seconds from one delivery to the shared tables, and which of them are ours."""

    whole: float
    ours: float
    steps: dict[str, float]


@click.command()
@click.option("--rows", default=10_000, show_default=True, help="Submissions of the survey.")
@click.option("--times", default=5, show_default=True, help="How many deliveries are measured.")
def main(rows: int, times: int) -> None:
    """Measure from a delivery to the updated shared tables, without waiting for quiet."""
    with tempfile.TemporaryDirectory() as folder:
        found = measure_events(rows, times, Path(folder))
    whole = statistics.median(one.whole for one in found)
    ours = statistics.median(one.ours for one in found)
    click.echo(f"{rows} submissions, one more {times} times; median seconds")
    click.echo("| what | seconds | aim |\n| --- | ---: | ---: |")
    click.echo(f"| event to shared table | {whole:.1f} | {WHOLE_SECONDS:g} |")
    click.echo(f"| of which our work | {ours:.1f} | {OUR_SECONDS:g} |")
    click.echo(f"| of which Dagster | {whole - ours:.1f} | |")
    for step in found[-1].steps:
        seconds = statistics.median(one.steps.get(step, 0.0) for one in found)
        click.echo(f"| … step {step} | {seconds:.1f} | |")


def measure_events(rows: int, times: int, folder: Path) -> list[Taken]:
    """Give what each delivery took, on a project of so many submissions."""
    from meal_pipeline.practice import PRACTICE_TOKEN
    from meal_pipeline.workspace.hook_secrets import secret_variable

    root = folder / "workspace"
    secret = secrets.token_urlsafe()
    os.environ["MEAL_KOBO_TOKEN"] = PRACTICE_TOKEN
    os.environ[secret_variable(PROJECT)] = secret
    with ExitStack() as stack:
        server = stack.enter_context(running_server(rows))
        make_workspace(root, server.url)
        with (root / "meal.yaml").open("a", encoding="utf-8") as settings:
            settings.write("events: {quiet_seconds: 0}\n")
        subprocess.run([*_meal(root), "run", PROJECT], check=True, stdout=subprocess.DEVNULL)
        port = _free_port()
        stack.enter_context(_running(root, "serve", "--port", str(port)))
        stack.enter_context(_running(root, "ui", "--port", str(_free_port())))
        address = f"http://127.0.0.1:{port}/hook/{PROJECT}/{FORM}"
        found = []
        for number in range(times + 1):
            server.receive(1)
            taken = _one_event(root, address, secret, number)
            if number:  # the first finds processes that have just begun
                found.append(taken)
        return found


def _one_event(root: Path, address: str, secret: str, number: int) -> Taken:
    """Deliver, wait for the shared tables, then for the run's end."""
    from assets.instance import open_instance
    from meal_pipeline.listen.door import HEADER
    from meal_pipeline.workspace import open_workspace

    workspace = open_workspace(root)
    before = _evaluated(workspace.store_address)
    begun = time.perf_counter()
    answer = httpx.post(
        address, headers={HEADER: secret}, json={"_id": number + 1}, trust_env=False
    )
    received = time.perf_counter() - begun
    answer.raise_for_status()
    _wait(lambda: _evaluated(workspace.store_address) not in (None, before))
    whole = time.perf_counter() - begun
    run_id = str(_evaluated(workspace.store_address))
    with open_instance(workspace) as instance:

        def ended() -> bool:
            run = instance.get_run_by_id(run_id)
            return run is not None and run.is_finished

        _wait(ended)
        steps = {
            one.step_key: (one.start_time or 0.0, one.end_time or 0.0)
            for one in instance.get_run_step_stats(run_id)
        }
    shared = max(end for name, (_start, end) in steps.items() if "brief" not in name)
    spans = {name: end - start for name, (start, end) in steps.items() if end <= shared}
    return Taken(whole, received + sum(spans.values()), spans)


def _evaluated(store_address: str) -> str | None:
    """Give the run that last remade the shared tables, None while one does."""
    with closing(sqlite3.connect(store_address, timeout=30)) as store:
        row = store.execute(
            "select run_id from stage_runs where project = ? and stage = 'evaluate'"
            " and outcome in ('done', 'unchanged')",
            [PROJECT],
        ).fetchone()
    return row[0] if row else None


def _wait(until: Callable[[], bool]) -> None:
    deadline = time.monotonic() + _PATIENCE
    while not until():
        if time.monotonic() > deadline:
            raise TimeoutError("the shared tables were not remade")
        time.sleep(0.05)


def _meal(root: Path) -> list[str]:
    return [sys.executable, "-m", "meal_pipeline.cli", "--lang", "en", "--workspace", str(root)]


@contextmanager
def _running(root: Path, *command: str) -> Iterator[None]:
    """Run a command that says in one line that it is ready, until the block ends."""
    with subprocess.Popen([*_meal(root), *command], stdout=subprocess.PIPE, text=True) as process:
        if process.stdout is None or not process.stdout.readline():
            raise RuntimeError(f"meal {command[0]} did not start")
        try:
            yield
        finally:
            process.send_signal(signal.SIGTERM)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
