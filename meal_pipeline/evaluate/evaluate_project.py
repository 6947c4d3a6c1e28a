"""A project's rows in the shared evaluation tables.

Here: the order: judge what may be shown, build the models, test them. Not here: each of these.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from meal_pipeline.evaluate.building import BuiltModel, build_models
from meal_pipeline.evaluate.disclosures import judge_figures
from meal_pipeline.evaluate.model_tests import ModelTest, run_model_tests
from meal_pipeline.evaluate.models import Faults, Models, load_usable_models
from meal_pipeline.store import Clock, Store, lease

_LEASE = "models"
_WAIT = 120


@dataclass(frozen=True)
class EvaluateReport:
    """What was evaluated: models with the project's rows, figures withheld, and the tests.

    `faults` are the models that cannot be used, by name, and why; the others were built.
    """

    project: str
    models: list[BuiltModel]
    withheld: int
    tests: list[ModelTest]
    changed: bool
    faults: Faults = field(default_factory=dict)

    @property
    def failed(self) -> list[ModelTest]:
        """The tests that rows fail."""
        return [test for test in self.tests if not test.passed]


def evaluate_project(
    store: Store, project: str, *, model_folders: Sequence[Path], clock: Clock
) -> EvaluateReport:
    """Judge, build and test: the marts then hold the rows of `project` as they may be shown.

    `model_folders` are folders with staging/, intermediate/ and marts/; a later one's file stands
    over. One project at a time builds, since they share the tables. A model that cannot be used is
    left out, with those that read it: its table stays as it is. Raises BadFile for a schema file
    with faults, and LeaseHeld when another run builds for longer than two minutes.
    """
    models, faults = load_usable_models(model_folders)
    with lease(store, _LEASE, wait=_WAIT):
        with store.write() as connection:
            withheld, judged_anew = judge_figures(connection, project)
        done = build_models(store, models, clock=clock, project=project, faults=faults)
        good = Models({name: model for name, model in models.items() if name not in faults})
        with store.read() as connection:
            tests = list(run_model_tests(connection, good, project))
    changed = judged_anew or any(model.changed for model in done)
    return EvaluateReport(project, done, withheld, tests, changed, faults)
