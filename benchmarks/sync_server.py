"""A practice server with many plain submissions of 3 kB, in a process of its own.

Here: starting it, letting things happen to its rows, ending it. Not here: what is measured
(`sync.py`).

`python -m benchmarks.sync_server ROWS FILES MODIFIED` prints its address; then it reads lines such
as `submit 100` or `edit 50` from its input, does it, and prints a line when it is done.
"""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO, Any

from meal_pipeline.practice import PracticeForm, PracticeServer, PracticeVersion

UID = "aMeasuredInStep"
QUESTIONS = 65
_FILES_AT = "2026-01-01T00:00:00Z"


@dataclass(frozen=True)
class SyncServer:
    """A server in another process."""

    url: str
    _to: IO[str]
    _from: IO[str]

    def let(self, what: str, count: int) -> None:
        """Let so many rows be sent (`submit`), edited, deleted or approved (`validate`)."""
        self._to.write(f"{what} {count}\n")
        self._to.flush()
        self._from.readline()


@contextmanager
def sync_server(rows: int, *, files: int = 0, modified: bool = False) -> Iterator[SyncServer]:
    """Run a server with `rows` submissions, the first `files` of them with a picture."""
    command = [sys.executable, "-m", "benchmarks.sync_server", str(rows), str(files), str(modified)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        if process.stdin is None or process.stdout is None:
            raise RuntimeError("the server has no input or output")
        try:
            yield SyncServer(process.stdout.readline().strip(), process.stdin, process.stdout)
        finally:
            process.terminate()


def answers(number: int) -> dict[str, str]:
    """Give answers of about 2.4 kB; with what the server adds, a row has 3 kB."""
    return {
        f"part_{index // 10}/question_{index}": f"answer {number * 31 % 9973 + index} أب"
        for index in range(QUESTIONS)
    }


def content(*, files: bool) -> dict[str, Any]:
    """Give the form."""
    survey: list[dict[str, Any]] = []
    for index in range(QUESTIONS):
        if index % 10 == 0:
            survey.append({"type": "begin_group", "name": f"part_{index // 10}"})
        name = f"question_{index}"
        path = f"part_{index // 10}/{name}"
        survey.append(
            {"type": "text", "name": name, "$autoname": name, "$xpath": path, "label": [name]}
        )
        if index % 10 == 9:
            survey.append({"type": "end_group"})
    if files:
        survey.append({"type": "image", "name": "photo", "$autoname": "photo", "$xpath": "photo"})
    return {"survey": survey, "choices": []}


class _Happenings:
    """Things that happen to rows, never twice to the same."""

    def __init__(self, server: PracticeServer, rows: int) -> None:
        self._server, self._rows, self._next = server, rows, 7

    def do(self, what: str, count: int) -> None:
        if what == "submit":
            for number in range(self._rows, self._rows + count):
                self._server.submit(UID, answers(number))
            self._rows += count
            return
        step = max(1, self._rows // (count + 1) // 2 * 2 + 1) if what != "validate" else 3
        ids = [self._next + step * index for index in range(count)]
        ids = [number for number in ids if self._server.form(UID).get(number)]
        self._next += 2
        if what == "edit":
            for number in ids:
                self._server.edit(UID, number, {"part_0/question_0": f"edited {number}"})
        elif what == "delete":
            self._server.delete(UID, *ids)
        else:
            self._server.validate(UID, *ids, status="approved")


def _serve(rows: int, files: int, modified: bool) -> None:
    version = PracticeVersion("v1", content(files=bool(files)), deployed_at=_FILES_AT)
    server = PracticeServer([PracticeForm(UID, "Measured in step", versions=[version])])
    server.date_modified = modified
    happenings = _Happenings(server, 0)
    happenings.do("submit", rows)
    for number in range(1, files + 1):
        server.attach(UID, number, "photo", filename=f"{number}.jpg", content=b"jpg")
    with server:
        print(server.url, flush=True)
        for line in sys.stdin:
            what, count = line.split()
            happenings.do(what, int(count))
            print("done", flush=True)


if __name__ == "__main__":
    _serve(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3] == "True")
