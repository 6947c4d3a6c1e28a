"""`python -m benchmarks histories` and `python -m benchmarks kills`: long runs of what CI proves.

Here: the two commands. Not here: what happens in a history (`histories`) and at a kill (`kills`).
"""

import random
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import click

from benchmarks.histories import CHANGES, Step, practice_server, run_history
from benchmarks.kills import changed_server, killed_and_healed
from meal_pipeline.collect import form_pull
from meal_pipeline.store import open_store

_NAMES = [*CHANGES, "edit", "delete", "fault", "healthy", *["pull"] * 8]
_HISTORIES_A_STORE = 200


@click.command()
@click.option("--count", default=10_000, show_default=True, help="How many histories.")
@click.option("--seed", default=0, show_default=True, help="The first one's seed.")
def histories(count: int, seed: int) -> None:
    """Run random histories; ends with an error after differences, each told with its seed."""
    form_pull._RECENT_ROWS = 3
    begun, pulls = time.process_time(), 0
    wrong: Counter[str] = Counter()
    with practice_server() as server:
        for first in range(seed, seed + count, _HISTORIES_A_STORE):
            with tempfile.TemporaryDirectory() as folder:
                store = open_store(Path(folder) / "store.sqlite", snapshots=Path(folder))
                store.migrate()
                for each in range(first, min(first + _HISTORIES_A_STORE, seed + count)):
                    try:
                        pulls += run_history(server, store, f"a{each}", drawn(each))
                    except Exception as error:
                        wrong[type(error).__name__] += 1
                        click.echo(f"seed {each}: {type(error).__name__}: {error}"[:500], err=True)
                store.close()
    seconds = time.process_time() - begun
    click.echo(
        f"{count} histories, {pulls} pulls, {seconds:.0f} CPU seconds, differences: "
        f"{wrong.total()} {dict(wrong) or ''}"
    )
    sys.exit(bool(wrong))


def drawn(seed: int) -> list[Step]:
    """Give the history of a seed."""
    chance = random.Random(seed)
    return [
        (chance.choice(_NAMES), chance.randrange(30), chance.randrange(12))
        for _step in range(chance.randrange(3, 25))
    ]


@click.command()
@click.option("--count", default=300, show_default=True, help="How many kills.")
def kills(count: int) -> None:
    """Kill pulls at seeded moments and compare what a rerun leaves with an undisturbed one."""
    died = 0
    with tempfile.TemporaryDirectory() as root, changed_server(Path(root)) as (url, begun):
        for seed in range(count):
            with tempfile.TemporaryDirectory() as folder:
                first = begun if seed % 2 else None
                died += killed_and_healed(Path(folder), url, first, seed)
    click.echo(f"{count} kills, {died} of them before the pull had ended; all healed")
