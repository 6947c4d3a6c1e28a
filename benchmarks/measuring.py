"""One piece of work in a process of its own: its seconds and its peak memory.

Here: the clock and the scales. Not here: any piece of work.
"""

import multiprocessing
import resource
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Measurement:
    """What a piece of work took; `result` is what it gave.

    `cpu_seconds` count all threads; below `seconds` where it waited, for others that were busy,
    too.
    """

    seconds: float
    cpu_seconds: float
    peak_bytes: int
    result: Any


class WorkFailed(RuntimeError):
    """A measured piece of work ended with an error."""


def measure(work: Callable[..., Any], *arguments: Any) -> Measurement:
    """Call `work`, a function of a module, in a fresh process; libraries it imports count.

    The interpreter's start does not count. Raises WorkFailed with the error's words.
    """
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe(duplex=False)
    process = context.Process(target=_measured, args=(there, work, arguments))
    process.start()
    there.close()
    try:
        found = here.recv()
    except EOFError:
        found = "its process was ended"
    process.join()
    if not isinstance(found, Measurement):
        raise WorkFailed(f"{getattr(work, '__name__', work)}: {found}")
    return found


def _measured(answer: Connection, work: Callable[..., Any], arguments: tuple[Any, ...]) -> None:
    begun, cpu_begun = time.perf_counter(), time.process_time()
    try:
        result = work(*arguments)
    except Exception as error:
        answer.send(f"{type(error).__name__}: {error}")
        raise
    seconds, cpu_seconds = time.perf_counter() - begun, time.process_time() - cpu_begun
    answer.send(Measurement(seconds, cpu_seconds, peak_bytes(), result))


def peak_bytes() -> int:
    """Give the most memory that this process has held so far."""
    status = Path("/proc/self/status")
    if status.exists():  # getrusage also counts what the parent held before the process began
        lines = (line.split() for line in status.read_text().splitlines())
        return next(int(words[1]) for words in lines if words[0] == "VmHWM:") * 1024
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024
