"""Stage 3: which rows are right, what is wrong with the others, and whether the project may go on.

Here: rules that the form states, the project's own checks, suites of expectations, findings, each
row's account and the gate. Not here: reading answers, and numbers made of them. Great Expectations
is imported only where a suite runs or its site is written.
"""

from meal_pipeline.validate.accounts import Account
from meal_pipeline.validate.form_rules import Rule, derive_rules
from meal_pipeline.validate.masks import evaluate_rules
from meal_pipeline.validate.outcomes import Check, Outcome
from meal_pipeline.validate.report import RuleResult, ValidateReport
from meal_pipeline.validate.suite_files import PLACEHOLDERS, read_suite
from meal_pipeline.validate.validate_project import NothingRead, validate_project

__all__ = [
    "PLACEHOLDERS",
    "Account",
    "Check",
    "NothingRead",
    "Outcome",
    "Rule",
    "RuleResult",
    "ValidateReport",
    "derive_rules",
    "evaluate_rules",
    "read_suite",
    "validate_project",
]
