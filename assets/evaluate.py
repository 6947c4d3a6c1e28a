"""Stage 6 in Dagster: one asset a SQL model.

Here: the assets, with the descriptions of the models' schema files, and their tests as checks. Not
here: the models (`dbt_like_sql/`) and what builds them (`meal_pipeline.evaluate`).
"""

from collections.abc import Iterator
from typing import Any

import dagster as dg

from meal_pipeline.cli.shown_figures import indicator_lines
from meal_pipeline.evaluate import EvaluateReport, Model, ModelTest, evaluate_project
from meal_pipeline.locale import mark
from meal_pipeline.workspace import Workspace

from .declared import Declared, fault_text, model_folders
from .names import is_name
from .partitions import PROJECTS, check_spec
from .stage import stage, table

LAYERS = ("staging", "intermediate", "marts")
PROGRESS = "mart_progress"
INDICATOR_HEADING = (
    mark("indicator"),
    mark("value"),
    mark("target"),
    mark("status"),
    mark("answers"),
)


def models_asset(workspace: Workspace, declared: Declared) -> dg.AssetsDefinition:
    """Give the SQL models as assets of one step, which builds them in one connection.

    A model that cannot be used is left out, or, where only the database can tell, fails its checks.
    Where no model can be read they are still there, by their files' names; the step then says what
    is wrong, and the stages before it run.
    """
    if declared.models is None:
        specs, checks = _named_only(workspace, declared.models_fault), []
    else:
        specs = [_spec(model) for model in declared.models.values()]
        checks = [
            check_spec(kind, asset=model.name)
            for model in declared.models.values()
            for kind in dict.fromkeys(test.kind for _name, _columns, test in model.tests())
        ]

    @dg.multi_asset(
        specs=specs,
        check_specs=checks,
        partitions_def=PROJECTS,
        required_resource_keys={"rooms"},
        name="evaluate",
    )
    def sql_models(
        context: dg.AssetExecutionContext,
    ) -> Iterator[dg.MaterializeResult[None] | dg.AssetCheckResult]:
        with stage(context, "evaluate") as now:
            report = evaluate_project(
                now.rooms.store,
                now.project.code,
                model_folders=model_folders(now.rooms.workspace),
                clock=now.rooms.clock,
            )
            now.done(report, changed=report.changed)
            preview = table(INDICATOR_HEADING, indicator_lines(now.rooms.store, now.project.code))
        yield from _results(context, report, preview)

    return sql_models


def _spec(model: Model) -> dg.AssetSpec:
    return dg.AssetSpec(
        model.name,
        deps=[*model.depends_on, *(("estimates", "effects") if model.tables else ())],
        group_name="evaluate",
        kinds={"sql", model.kind},
        description=model.description,
        code_version=model.sql_hash,
        skippable=True,  # a model that the database refuses is left out
        metadata={
            "dagster/column_schema": dg.TableSchema(
                columns=[
                    dg.TableColumn(column.name, type="", description=column.description)
                    for column in model.schema.columns
                ]
            ),
        },
        tags={"layer": model.layer},
    )


def _named_only(workspace: Workspace, fault: str) -> list[dg.AssetSpec]:
    names = {
        path.stem
        for folder in model_folders(workspace)
        for layer in LAYERS
        for path in (folder / layer).glob("*.sql")
        if is_name(path.stem)
    }
    return [
        dg.AssetSpec(
            name,
            deps=["estimates", "effects"],
            group_name="evaluate",
            kinds={"sql"},
            description=fault,
        )
        for name in sorted(names)
    ]


def _results(
    context: dg.AssetExecutionContext, report: EvaluateReport, preview: dg.MarkdownMetadataValue
) -> Iterator[dg.MaterializeResult[None] | dg.AssetCheckResult]:
    asked = context.selected_asset_keys
    for model in report.models:
        if dg.AssetKey(model.name) not in asked:
            continue
        metadata: dict[str, Any] = {} if model.rows is None else {"dagster/row_count": model.rows}
        if model.name == PROGRESS:
            metadata["preview"] = preview
            metadata["withheld"] = report.withheld
        yield dg.MaterializeResult(asset_key=model.name, metadata=metadata)
    tests: dict[dg.AssetCheckKey, list[ModelTest]] = {}
    for test in report.tests:
        key = dg.AssetCheckKey(dg.AssetKey(test.model), test.name.partition("__")[0])
        tests.setdefault(key, []).append(test)
    for key in context.selected_asset_check_keys:
        failed = [test for test in tests.get(key, ()) if not test.passed]
        fault = report.faults.get(key.asset_key.to_user_string())
        yield dg.AssetCheckResult(
            asset_key=key.asset_key,
            check_name=key.name,
            passed=not failed and fault is None,
            severity=dg.AssetCheckSeverity.ERROR if fault else dg.AssetCheckSeverity.WARN,
            description=fault_text(fault) if fault else None,
            metadata={test.name: test.failures for test in failed},
        )
