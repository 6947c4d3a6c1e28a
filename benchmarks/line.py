"""Everything that is measured, in order, on one survey.

Here: which states of the data a stage meets, and the aims. Not here: how it is shown (`report.py`).
"""

import os
import platform
import shutil
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks import stages
from benchmarks.measuring import Measurement, measure
from benchmarks.peers import PEERS
from benchmarks.server import RunningServer, running_server
from benchmarks.whole_run import CLOCKS, whole_run

WHOLE_SECONDS = 60.0
WHOLE_BYTES = 2_000_000_000
RERUN_SHARE = 0.25
DAGSTER_SHARE = 0.10

WARM = "rerun, libraries loaded"

Say = Callable[[str], None]


@dataclass(frozen=True)
class Aim:
    """What was aimed at, what was found, and whether that is enough.

    `computing` is what is found by the time in which the process was computing: the same on a
    machine with nothing else to do, less where others were busy meanwhile.
    """

    name: str
    aim: float
    found: float
    computing: float

    @property
    def met(self) -> bool:
        """Whether the aim is met."""
        return self.found <= self.aim


@dataclass
class Findings:
    """All measurements: by state of the data and stage, whole runs, peers, aims."""

    rows: int
    new_rows: int
    machine: dict[str, Any]
    stages: dict[str, dict[str, Measurement]] = field(default_factory=dict)
    runs: dict[str, Measurement] = field(default_factory=dict)
    peers: dict[str, dict[str, Any]] = field(default_factory=dict)

    def aims(self) -> list[Aim]:
        """Hold the whole runs against the aims; the pull is excluded."""
        if not {"first run", "rerun", WARM} <= set(self.runs):
            return []
        first = self.runs["first run"]
        whole = {clock: _without_pull(first, clock) for clock in CLOCKS}
        shares = {
            name: (RERUN_SHARE, {clock: _without_pull(self.runs[name], clock) for clock in CLOCKS})
            for name in ("rerun", WARM)
        }
        shares["Dagster"] = (
            DAGSTER_SHARE,
            {clock: float(first.result[clock]["dagster"]) for clock in CLOCKS},
        )
        return [
            Aim("whole run, seconds", WHOLE_SECONDS, *whole.values()),
            Aim("whole run, peak bytes", WHOLE_BYTES, first.peak_bytes, first.peak_bytes),
            *(
                Aim(f"{name} / whole run", aim, *(found[clock] / whole[clock] for clock in CLOCKS))
                for name, (aim, found) in shares.items()
            ),
        ]

    def as_json(self) -> dict[str, Any]:
        """Give everything as plain values."""
        return {**asdict(self), "aims": [{**asdict(one), "met": one.met} for one in self.aims()]}


def _without_pull(run: Measurement, clock: str) -> float:
    """Give a run's time without its pull."""
    return float(sum(run.result[clock].values()) - run.result[clock]["collect"])


def measure_line(
    rows: int, new_rows: int, folder: Path, *, subjects: tuple[str, ...], say: Say
) -> Findings:
    """Measure the line on `rows` submissions and after `new_rows` more, in `folder`.

    `subjects`: `stages` (each by itself: first, after new submissions, with nothing new), `runs`
    (whole, through Dagster) and `peers`; `say` hears what begins.
    """
    machine = {
        "cores": os.cpu_count(),
        "system": platform.system(),
        "python": platform.python_version(),
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
    }
    found = Findings(rows, new_rows, machine)
    say(f"making {rows} submissions")
    with running_server(rows) as server:
        stages.make_workspace(folder / "line", server.url)
        say("collect, first")
        pulled = measure(stages.collect, folder / "line")
        shutil.copytree(folder / "line", folder / "run")
        if {"stages", "peers"} & set(subjects):
            later = dict(_each(folder / "line", stages.STAGES[1:], "first", say))
            found.stages["first"] = {"collect": pulled} | later
        if "stages" in subjects:
            server.receive(new_rows)
            for state in (f"{new_rows} new", "nothing new"):
                found.stages[state] = dict(_each(folder / "line", stages.STAGES, state, say))
        if "peers" in subjects:
            for peer in PEERS:
                say(f"peer: {peer.__name__}")
                found.peers[peer.__name__] = measure(peer, folder / "line").result
        if "runs" in subjects:
            _measure_runs(found, folder / "run", server, say)
    return found


def _each(
    root: Path, some: tuple[Callable[..., Any], ...], state: str, say: Say
) -> Iterator[tuple[str, Measurement]]:
    for stage in some:
        say(f"{stage.__name__}, {state}")
        yield stage.__name__, measure(stage, root)


def _measure_runs(found: Findings, root: Path, server: RunningServer, say: Say) -> None:
    for name, warm in (
        ("first run", False),
        ("rerun", False),
        (WARM, True),
    ):
        say(name)
        found.runs[name] = measure(partial(whole_run, warm=warm), root)
        server.receive(found.new_rows)
