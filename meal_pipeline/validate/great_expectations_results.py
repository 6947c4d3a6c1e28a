"""Outcomes as Great Expectations' own results, and one Data Docs site for all of them.

Here: its result classes filled from our counts, and the HTML site. Not here: running expectations
(`suites`). Every function imports Great Expectations when it is called: that takes seconds.

The site holds counts, rules and submission ids; no answers. It is Great Expectations' own and in
English; the message of each rule stands in it in every language. Its pages take their looks from
public servers when they are opened, and are plain without a network.
"""

import shutil
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import cache
from html import escape
from pathlib import Path
from typing import Any

import pandas as pd

from meal_pipeline.validate.form_rules import ChoiceRule, RangeRule, RequiredRule
from meal_pipeline.validate.great_expectations_context import (
    ephemeral_context,
    great_expectations,
)
from meal_pipeline.validate.outcomes import Outcome
from meal_pipeline.validate.suites import SuiteCheck

_IDS_SHOWN = 20


def suite_result(
    name: str, outcomes: Iterable[Outcome], frame: pd.DataFrame, *, project: str, made_at: datetime
) -> Any:
    """Give outcomes on one frame as an `ExpectationSuiteValidationResult` named `name`.

    Blocked outcomes were not evaluated and are left out. `frame` gives the ids of rows.
    """
    library = great_expectations()
    from great_expectations.core import ExpectationSuiteValidationResult

    keys = frame[[name for name in ("_id", "_position") if name in frame.columns]]
    results = [expectation_result(one, keys) for one in outcomes if one.blocked is None]
    good = sum(bool(one.success) for one in results)
    return ExpectationSuiteValidationResult(
        success=good == len(results),
        results=results,
        suite_name=name,
        statistics={
            "evaluated_expectations": len(results),
            "successful_expectations": good,
            "unsuccessful_expectations": len(results) - good,
            "success_percent": 100 * good / len(results) if results else None,
        },
        meta={
            "great_expectations_version": library.__version__,
            "run_id": _run_id(project, made_at),
            "validation_time": made_at.isoformat(),
            "active_batch_definition": {
                "datasource_name": project,
                "data_connector_name": "snapshot",
                "data_asset_name": name,
                "batch_identifiers": {},
            },
        },
    )


def expectation_result(outcome: Outcome, keys: pd.DataFrame) -> Any:
    """Give an evaluated outcome as an `ExpectationValidationResult`, with the first ids only.

    `keys` are the columns that name a row: `_id`, and in a repeat `_position`.

    The share at fault is of the rows that were asked; a form rule appears as Great Expectations'
    expectation of the same meaning, where there is one.
    """
    great_expectations()
    from great_expectations.core import ExpectationValidationResult
    from great_expectations.expectations.expectation_configuration import (
        ExpectationConfiguration,
    )

    check = outcome.check
    kind, arguments = _as_expectation(outcome)
    missing = outcome.asked - outcome.answered
    about_missing = kind == "expect_column_values_to_not_be_null"
    first = keys.take(outcome.failed[:_IDS_SHOWN])
    result: dict[str, Any] = {
        "element_count": outcome.asked,
        "unexpected_count": outcome.rows_failed,
        "unexpected_percent": _percent(outcome.rows_failed, outcome.asked),
        "unexpected_percent_total": _percent(outcome.rows_failed, outcome.asked),
        "partial_unexpected_list": [],
        "partial_unexpected_index_list": [
            dict(zip(keys.columns, row, strict=True)) for row in first.to_numpy(object).tolist()
        ],
        "unexpected_index_column_names": list(keys.columns),
    }
    if outcome.observed is not None:
        result["observed_value"] = outcome.observed
    if not about_missing:
        result |= {"missing_count": missing, "missing_percent": _percent(missing, outcome.asked)}
    said = " · ".join(dict.fromkeys(check.message.values()))
    about = f"{check.question}: {said}" if check.question else said
    return ExpectationValidationResult(
        success=outcome.rows_failed == 0 and not outcome.on_whole_form,
        expectation_config=ExpectationConfiguration(
            type=kind,
            kwargs=arguments,
            # The site prints descriptions as they are.
            description=escape(f"{about} ({check.rule})"),
            severity=check.severity,
            meta={"rule": check.rule},
        ),
        result=result,
    )


def write_data_docs(
    folder: Path, results: Sequence[Any], *, project: str, made_at: datetime
) -> Path:
    """Write one site of all suite results into `folder` and give its first page.

    It is built beside `folder` and then takes its place: a reader sees the old site or the new.
    """
    great_expectations()
    from great_expectations.data_context.types.resource_identifiers import (
        ExpectationSuiteIdentifier,
        ValidationResultIdentifier,
    )

    folder.parent.mkdir(parents=True, exist_ok=True)
    building = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        with ephemeral_context() as context:
            context.add_data_docs_site("findings", _site(building / "site"))
            _keep_as_they_are(context.validation_results_store)
            for one in results:
                key = ValidationResultIdentifier(
                    expectation_suite_identifier=ExpectationSuiteIdentifier(one.suite_name),
                    run_id=_run_id(project, made_at),
                    batch_identifier=project,
                )
                context.validation_results_store.set(key, one)
            context.build_data_docs()
        if folder.exists():
            folder.rename(building / "old")
        (building / "site").rename(folder)
    finally:
        shutil.rmtree(building, ignore_errors=True)
    return folder / "index.html"


def _keep_as_they_are(store: Any) -> None:
    """Let a store in memory hold results themselves: as JSON and back they are the same pages."""
    store.serialize = store.deserialize = lambda value: value


def _site(folder: Path) -> dict[str, Any]:
    return {
        "class_name": "SiteBuilder",
        "show_how_to_buttons": False,
        "store_backend": {
            "class_name": "TupleFilesystemStoreBackend",
            "base_directory": str(folder),
        },
        "site_index_builder": {"class_name": "DefaultSiteIndexBuilder"},
        "site_section_builders": {"profiling": "None", "expectations": "None"},
    }


def _run_id(project: str, made_at: datetime) -> Any:
    from great_expectations.core.run_identifier import RunIdentifier

    return RunIdentifier(run_name=project, run_time=made_at)


def _as_expectation(outcome: Outcome) -> tuple[str, dict[str, Any]]:
    check = outcome.check
    column: Mapping[str, Any] = {"column": check.question or "_id"}
    if isinstance(check, SuiteCheck):
        return check.expectation, dict(check.arguments)
    if isinstance(check, RequiredRule):
        return "expect_column_values_to_not_be_null", dict(column)
    if isinstance(check, ChoiceRule) and not check.several:
        return "expect_column_values_to_be_in_set", {**column, "value_set": sorted(check.allowed)}
    if isinstance(check, RangeRule):
        limits = {"min_value": check.lowest, "max_value": check.highest}
        return "expect_column_values_to_be_between", {**column, **limits}
    return _own_expectation(), dict(column)


@cache
def _own_expectation() -> str:
    """Register the expectation under which rules without an equal there appear; give its name."""
    from great_expectations.expectations.expectation import ColumnMapExpectation

    class ExpectColumnValuesToFollowTheForm(ColumnMapExpectation):  # type: ignore[misc]
        """Answers follow what the form states."""

        map_metric = "column_values.nonnull"

    return str(ExpectColumnValuesToFollowTheForm.expectation_type)


def _percent(part: int, whole: int) -> float | None:
    return 100 * part / whole if whole else None
