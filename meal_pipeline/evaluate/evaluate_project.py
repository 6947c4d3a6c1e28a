"""A project's rows in the shared evaluation tables.

Here: the order: judge what may be shown, build the models, test them. Not here: each of these.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from meal_pipeline.evaluate.building import BuiltModel, build_models
from meal_pipeline.evaluate.disclosures import judge_figures
from meal_pipeline.evaluate.model_tests import ModelTest, run_model_tests
from meal_pipeline.evaluate.models import load_models
from meal_pipeline.store import Clock, Store, lease

_LEASE = "models"
_WAIT = 120


@dataclass(frozen=True)
class EvaluateReport:
    """What was evaluated: models with the project's rows, figures withheld, and the tests."""

    project: str
    models: list[BuiltModel]
    withheld: int
    tests: list[ModelTest]
    changed: bool

    @property
    def failed(self) -> list[ModelTest]:
        """The tests that rows fail."""
        return [test for test in self.tests if not test.passed]


def evaluate_project(
    store: Store, project: str, *, model_folders: Sequence[Path], clock: Clock
) -> EvaluateReport:
    """Judge, build and test: the marts then hold the rows of `project` as they may be shown.

    `model_folders` are folders with staging/, intermediate/ and marts/; a later one's file stands
    over. One project at a time builds, since they share the tables. Raises BadModel, BadFile, and
    LeaseHeld when another run builds for longer than two minutes.
    """
    models = load_models(model_folders)
    with lease(store, _LEASE, wait=_WAIT):
        with store.write() as connection:
            withheld, judged_anew = judge_figures(connection, project)
        done = build_models(store, models, clock=clock, project=project)
        with store.read() as connection:
            tests = list(run_model_tests(connection, models, project))
    changed = judged_anew or any(model.changed for model in done)
    return EvaluateReport(project, done, withheld, tests, changed)
