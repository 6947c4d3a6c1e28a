"""Stage 6: shared evaluation tables, made by SQL models that an analyst can read and change.

Here: models as files, built and tested, and what is withheld. Not here: the models themselves
(`dbt_like_sql/`) and the numbers in them (measure, compare).
"""

from meal_pipeline.evaluate.building import BuiltModel, build_models, explain_models
from meal_pipeline.evaluate.evaluate_project import EvaluateReport, evaluate_project
from meal_pipeline.evaluate.model_tests import ModelTest, run_model_tests
from meal_pipeline.evaluate.models import Faults, Model, Models, load_models, load_usable_models
from meal_pipeline.evaluate.portability import BadModel

__all__ = [
    "BadModel",
    "BuiltModel",
    "EvaluateReport",
    "Faults",
    "Model",
    "ModelTest",
    "Models",
    "build_models",
    "evaluate_project",
    "explain_models",
    "load_models",
    "load_usable_models",
    "run_model_tests",
]
