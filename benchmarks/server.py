"""The practice server with the measured survey, in a process of its own.

Here: starting it, sending more submissions to it, ending it. Not here: what is measured against it.

`python -m benchmarks.server ROWS` prints its address, then reads a number a line from its input,
takes so many more submissions and prints how many it has.
"""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO

from benchmarks.answers import interviews
from benchmarks.survey import FIRST_VERSION, SECOND_VERSION, UID, content
from meal_pipeline.practice import PracticeForm, PracticeServer, PracticeVersion


@dataclass(frozen=True)
class RunningServer:
    """A server in another process."""

    url: str
    _to: IO[str]
    _from: IO[str]

    def receive(self, rows: int) -> None:
        """Let so many more submissions arrive."""
        self._to.write(f"{rows}\n")
        self._to.flush()
        self._from.readline()


@contextmanager
def running_server(rows: int) -> Iterator[RunningServer]:
    """Run a server that holds `rows` submissions until the block ends."""
    command = [sys.executable, "-m", "benchmarks.server", str(rows)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        if process.stdin is None or process.stdout is None:
            raise RuntimeError("the server has no input or output")
        try:
            yield RunningServer(process.stdout.readline().strip(), process.stdin, process.stdout)
        finally:
            process.terminate()


def _serve(rows: int) -> None:
    deployed = "2026-02-25T09:00:00.000000Z", "2026-08-20T09:00:00.000000Z"
    versions = [
        PracticeVersion(uid, content(later=later), deployed_at=moment)
        for uid, later, moment in zip(
            (FIRST_VERSION, SECOND_VERSION), (False, True), deployed, strict=True
        )
    ]
    server = PracticeServer([PracticeForm(UID, "Measured survey", versions)])
    _submit(server, rows, first=0)
    with server:
        print(server.url, flush=True)
        for line in sys.stdin:
            _submit(server, rows + int(line), first=rows)
            rows += int(line)
            print(rows, flush=True)


def _submit(server: PracticeServer, rows: int, *, first: int) -> None:
    for answers, moment, later in interviews(rows, first=first):
        server.submit(
            UID,
            answers,
            version=SECOND_VERSION if later else FIRST_VERSION,
            submission_time=moment,
            submitted_by="tablet",
        )


if __name__ == "__main__":
    _serve(int(sys.argv[1]))
