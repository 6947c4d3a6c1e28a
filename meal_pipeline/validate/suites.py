"""Suites run by Great Expectations itself, on the frames in memory.

Here: checking each expectation against the library and the columns, one run for all suites of a
frame, and which rows were at fault. Not here: the files (`suite_files`), the derived columns, and
the site of results (`great_expectations_results`).

Great Expectations is imported when there is an expectation to run: the import takes seconds.
Answers never enter its results (`exclude_unexpected_values`), only row numbers.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from meal_pipeline.errors import MealError
from meal_pipeline.locale import gettext as _
from meal_pipeline.rows.failures import Blocked, attempt
from meal_pipeline.validate.derived_columns import needs
from meal_pipeline.validate.great_expectations_context import (
    ephemeral_context,
    great_expectations,
)
from meal_pipeline.validate.lazy_frame import LazyFrame
from meal_pipeline.validate.outcomes import Check, Outcome, Positions, severity_of
from meal_pipeline.validate.suite_files import Suite
from meal_pipeline.workspace.fates import Fate
from meal_pipeline.workspace.faults import did_you_mean
from meal_pipeline.workspace.project import Severity

_COLUMN_ARGUMENTS = ("column", "column_A", "column_B", "column_list")
_OURS = frozenset(
    {
        "batch_id",
        "catch_exceptions",
        "condition_parser",
        "description",
        "id",
        "meta",
        "notes",
        "rendered_content",
        "result_format",
        "row_condition",
        "severity",
        "windows",
    }
)
"""Fields of an expectation that are not arguments of a suite file."""

_UNIQUE = frozenset({"expect_compound_columns_to_be_unique", "expect_column_values_to_be_unique"})
_ROW = "_row"


class ExpectationFailed(MealError):
    """Great Expectations could not evaluate an expectation on these columns."""


@dataclass(frozen=True)
class SuiteCheck(Check):
    """An expectation of a suite with its arguments as run."""

    expectation: str
    arguments: Mapping[str, Any] = field(hash=False)
    keep: str


@dataclass(frozen=True)
class SuiteRun:
    """What suites need to know of the frame they run on.

    `frame` has the derived columns; it is None where the form has no repeat
    `repeat` ("" stands for the form's own rows; `repeats` are all there are). `placeholders` are
    what the project gives for them, as column names. `order` ranks rows that repeat each other: the
    one with the lowest rank is kept. `fate` tells of a column what the newest version of the form
    did to it, None where it is as it was.
    """

    form: str
    repeat: str
    frame: LazyFrame | None
    placeholders: Mapping[str, str | None]
    severities: Mapping[str, Severity]
    order: Positions | None = None
    repeats: tuple[str, ...] = ()
    fate: Callable[[str], Fate | None] = lambda _column: None

    @property
    def rows(self) -> LazyFrame:
        """The frame, which is there."""
        if self.frame is None:
            raise ValueError("there is no frame to run on")
        return self.frame


def run_suites(suites: Iterable[Suite], run: SuiteRun) -> list[Outcome]:
    """Run the suites on a frame and give one outcome an expectation, in the files' order.

    An expectation with an unknown name, argument, placeholder or column is blocked, with file, key,
    value and fix; the others run. With `mostly`, rows are at fault only when the expectation as a
    whole fails. One that fails without naming rows is `on_whole_form`.
    """
    outcomes: list[Outcome | SuiteCheck] = []
    for suite in suites:
        for index in range(len(suite.expectations)):
            check = _checked(suite, index, run)
            if check is not None:
                outcomes.append(check)
    waiting = [one for one in outcomes if isinstance(one, SuiteCheck)]
    results = dict(zip(map(id, waiting), _evaluated(waiting, run), strict=True))
    return [one if isinstance(one, Outcome) else results[id(one)] for one in outcomes]


def _checked(suite: Suite, index: int, run: SuiteRun) -> SuiteCheck | Outcome | None:
    """Give the check to run, or that it is blocked; None where the project turned it off."""
    entry = suite.expectations[index]
    rule = f"suite.{suite.name}.{entry.rule}"
    arguments = attempt("rule", rule, lambda: _arguments(suite, index, run))
    question = "" if isinstance(arguments, Blocked) else str(arguments.get("column", ""))
    severity = severity_of(rule, question, run.severities, entry.severity)
    if severity == "off":
        return None
    message = dict(entry.message)
    if isinstance(arguments, Blocked):
        check = Check(rule, run.repeat, question, severity, message)
        return Outcome(check, blocked=dict(arguments.sentences))
    return SuiteCheck(
        rule, run.repeat, question, severity, message, entry.expectation, arguments, entry.keep
    )


def _arguments(suite: Suite, index: int, run: SuiteRun) -> dict[str, Any]:
    """Give an entry's arguments, checked. Raises BadFile at the first fault."""
    entry = suite.expectations[index]
    if run.frame is None:
        message = _("The form {form} has no repeat {name}.").format(form=run.form, name=run.repeat)
        raise suite.frame_fault(message, did_you_mean(run.repeat, [n for n in run.repeats if n]))
    arguments = suite.filled(index, run.form, run.placeholders)
    implementation = _implementation(suite, index)
    known = sorted(set(implementation.__fields__) - _OURS)
    for name in arguments:
        if name not in known:
            message = _("{expectation} takes no {name} here.").format(
                expectation=entry.expectation, name=name
            )
            raise suite.fault(index, message, did_you_mean(name, known), argument=name)
    for argument, column in columns_of(arguments):
        if column not in run.rows.columns and entry.expectation != "expect_column_to_exist":
            shown = [one for one in run.rows.columns if "/" not in one]
            raise suite.fault(
                index,
                _("There is no column {column} among the rows.").format(column=column),
                needs(column) or did_you_mean(column, shown),
                argument=argument,
            )
        fate = run.fate(column)
        if fate is not None:
            said = fate.sentence(f"{suite.name}.{entry.rule}")
            raise suite.fault(index, said, fate.fix, argument=argument)
    try:
        implementation(**arguments)
    except ValueError as error:  # pydantic's, of the version that Great Expectations uses
        first = getattr(error, "errors", list)()[:1] or [{"loc": ("",), "msg": str(error)}]
        argument = str(first[0]["loc"][0])
        message = _("{expectation} does not take this: {reason}.").format(
            expectation=entry.expectation, reason=first[0]["msg"]
        )
        raise suite.fault(
            index,
            message,
            _("Known arguments are: {names}.").format(names=", ".join(known)),
            argument="" if argument == "__root__" else argument,
        ) from error
    return arguments


def _implementation(suite: Suite, index: int) -> Any:
    registry = great_expectations().expectations.registry
    name = suite.expectations[index].expectation
    known = sorted(registry.list_registered_expectation_implementations())
    if name not in known:
        message = _("Great Expectations has no expectation {name}.").format(name=name)
        raise suite.fault(index, message, did_you_mean(name, known))
    return registry.get_expectation_impl(name)


def columns_of(arguments: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Give each argument that names a column, with the column."""
    for argument in _COLUMN_ARGUMENTS:
        given = arguments.get(argument)
        for column in given if isinstance(given, list) else [given]:
            if isinstance(column, str):
                yield argument, column


def _evaluated(checks: Sequence[SuiteCheck], run: SuiteRun) -> list[Outcome]:
    """Evaluate checks in one run over the columns that they name."""
    if not checks:
        return []
    named = dict.fromkeys(column for one in checks for _a, column in columns_of(one.arguments))
    whole = any(not list(columns_of(one.arguments)) for one in checks)
    columns = [one for one in run.rows.columns if whole or one in named]
    found = _great_expectations_run(checks, plain_columns(run.rows.frame(columns)))
    return [_outcome(check, found[index], run) for index, check in enumerate(checks)]


def _great_expectations_run(checks: Sequence[SuiteCheck], frame: pd.DataFrame) -> dict[int, Any]:
    """Give Great Expectations' result of each check, by its number."""
    library = great_expectations()
    implementation_of = library.expectations.registry.get_expectation_impl
    frame[_ROW] = np.arange(len(frame))
    suite = library.ExpectationSuite(name="suites")
    for index, check in enumerate(checks):
        implementation = implementation_of(check.expectation)
        suite.expectations.append(implementation(**check.arguments, meta={"check": index}))
    with ephemeral_context() as context:
        rows = context.data_sources.add_pandas("frames").add_dataframe_asset("rows")
        definition = context.validation_definitions.add(
            library.ValidationDefinition(
                name="suites",
                data=rows.add_batch_definition_whole_dataframe("all"),
                suite=context.suites.add(suite),
            )
        )
        results = definition.run(
            batch_parameters={"dataframe": frame},
            result_format={
                "result_format": "COMPLETE",
                "unexpected_index_column_names": [_ROW],
                "return_unexpected_index_query": False,
                "exclude_unexpected_values": True,
            },
        ).results
    return {result.expectation_config.meta["check"]: result for result in results}


def _outcome(check: SuiteCheck, result: Any, run: SuiteRun) -> Outcome:
    problem = _exception(result.exception_info)
    if problem is not None:
        blocked = attempt("rule", check.rule, lambda: _refuse(check, problem))
        assert isinstance(blocked, Blocked)
        return Outcome(check, blocked=dict(blocked.sentences))
    counts = result.result
    asked = int(counts.get("element_count", len(run.rows)))
    missing = int(counts.get("missing_count", 0))
    if check.expectation == "expect_column_values_to_not_be_null":
        missing = int(counts["unexpected_count"])
    found = counts.get("unexpected_index_list")
    if result.success or found is None:
        observed = counts.get("observed_value")
        observed = observed if isinstance(observed, int | float) else None
        return Outcome(
            check,
            asked,
            asked - missing,
            on_whole_form=not result.success,
            observed=observed,
        )
    failed = np.sort(np.array(found[0][_ROW] if found else [], dtype=np.intp))
    if check.expectation in _UNIQUE and check.keep == "first":
        failed = _all_but_the_first(failed, check, run)
    return Outcome(check, asked, asked - missing, failed)


def _refuse(check: SuiteCheck, problem: str) -> None:
    raise ExpectationFailed(
        _("Great Expectations could not evaluate {expectation}: {reason}").format(
            expectation=check.expectation, reason=problem
        ),
        next_step=_("Check that its arguments fit the type of its columns."),
    )


def _exception(info: Mapping[str, Any]) -> str | None:
    """Give the first line of what was raised, shortened; None where nothing was."""
    nested = [one for one in info.values() if isinstance(one, Mapping)]
    raised = [one for one in [info, *nested] if one.get("raised_exception")]
    if not raised:
        return None
    message = str(raised[0].get("exception_message") or "")
    lines = [line for line in message.strip().splitlines() if line.strip()]
    return re.sub(r"\s+", " ", lines[0])[:160] if lines else "?"


def _all_but_the_first(failed: Positions, check: SuiteCheck, run: SuiteRun) -> Positions:
    """Give the rows that repeat an earlier one, where the earliest is the one of lowest rank."""
    columns = [column for _a, column in columns_of(check.arguments)]
    ranks = failed if run.order is None else run.order[failed]
    by_rank = failed[np.argsort(ranks, kind="stable")]
    repeated = run.rows.frame(columns).take(by_rank).duplicated(keep="first").to_numpy(np.bool_)
    return np.sort(by_rank[repeated])


def plain_columns(frame: pd.DataFrame) -> pd.DataFrame:
    """Give the frame in types that all of Great Expectations' pandas code can take.

    Nullable numbers become float64 (int64 without gaps), nullable truths objects, times with a
    zone UTC without one. A whole number too large for float64 stays as it is.
    """
    plain: dict[str, Any] = {}
    for name, column in frame.items():
        kind = str(column.dtype)
        if kind in ("Int64", "Float64"):
            plain[str(name)] = _plain_numbers(column)
        elif kind == "boolean":
            plain[str(name)] = column.astype(object).where(column.notna(), None)
        elif isinstance(column.dtype, pd.DatetimeTZDtype):
            plain[str(name)] = column.dt.tz_convert("UTC").dt.tz_localize(None)
        else:
            plain[str(name)] = column
    return pd.DataFrame(plain, index=pd.RangeIndex(len(frame)))


def _plain_numbers(column: pd.Series) -> Any:
    if not column.hasnans and column.dtype == "Int64":
        return column.astype("int64")
    if column.dtype == "Int64" and column.abs().gt(2**53).any():
        return column
    return column.to_numpy(np.float64, na_value=np.nan)
