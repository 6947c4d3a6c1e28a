"""All stages as plain functions, in a process that can be killed at any write.

A step is a moment just before or just after something is kept: a transaction of the store, a file
put in its place. Run as a script with a workspace and the number of a step, it dies at that step as
if the power were cut; with 0 it ends, and prints the stage of each step.
"""

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from meal_pipeline.collect import collect_project
from meal_pipeline.compare.compare_project import compare_project
from meal_pipeline.evaluate import evaluate_project
from meal_pipeline.kobo import KoboClient
from meal_pipeline.measure.measure_project import measure_project
from meal_pipeline.practice import PRACTICE_TOKEN
from meal_pipeline.read import read_project
from meal_pipeline.share import write_brief
from meal_pipeline.store import Store
from meal_pipeline.validate.validate_project import validate_project
from meal_pipeline.workspace import open_workspace

KILLED = 9


def clock() -> datetime:
    return datetime(2026, 11, 25, 6, tzinfo=UTC)


def run_stages(root: Path, entered: Callable[[str], None] = lambda stage: None) -> None:
    """Run every stage of the project `small`; `entered` hears the name of each."""
    workspace = open_workspace(root)
    project, key = workspace.project("small"), workspace.key()
    store = workspace.open_store()

    def connect(server: str) -> KoboClient:
        return KoboClient(server, PRACTICE_TOKEN)

    try:
        entered("collect")
        collect_project(store, project, key=key, connect=connect, clock=clock)
        entered("read")
        read_project(store, project, key=key, clock=clock)
        entered("validate")
        suites = workspace.declarations("expectations")
        validate_project(store, project, suites=suites, clock=clock)
        entered("measure")
        measure_project(store, project)
        entered("compare")
        compare_project(store, project)
        entered("evaluate")
        evaluate_project(store, "small", model_folders=workspace.model_folders(), clock=clock)
        entered("share")
        write_brief(store, project, language="en", path=workspace.out / "small.html", clock=clock)
    finally:
        store.close()


class Steps:
    """Counts the steps and dies at one of them."""

    def __init__(self, deadly: int) -> None:
        self.deadly, self.stages, self._stage = deadly, list[str](), ""

    def enter(self, stage: str) -> None:
        self._stage = stage

    def step(self) -> None:
        if not self._stage:
            return
        self.stages.append(self._stage)
        if len(self.stages) == self.deadly:
            os._exit(KILLED)

    def watch(self) -> None:
        """Put a step before and after every commit and every file that is put in its place."""
        write, replace = Store.write, Path.replace

        @contextmanager
        def watched_write(store: Store) -> Iterator[Any]:
            with write(store) as connection:
                yield connection
                self.step()
            self.step()

        def watched_replace(path: Path, target: Path) -> Path:
            self.step()
            placed = replace(path, target)
            self.step()
            return placed

        Store.write, Path.replace = watched_write, watched_replace  # type: ignore[method-assign,assignment]


if __name__ == "__main__":
    steps = Steps(int(sys.argv[2]))
    steps.watch()
    run_stages(Path(sys.argv[1]), steps.enter)
    print("\n".join(steps.stages))
