"""Stage 6 in Dagster: one asset a SQL model.

Here: the assets, with the descriptions of the models' schema files, and their tests as checks. Not
here: the models (`dbt_like_sql/`) and what builds them (`meal_pipeline.evaluate`).
"""

from collections.abc import Iterator

import dagster as dg

from meal_pipeline.evaluate import evaluate_project, load_models
from meal_pipeline.workspace import Workspace

from .partitions import PROJECTS
from .stage import stage

LAYERS = ("staging", "intermediate", "marts")


def models_asset(workspace: Workspace) -> dg.AssetsDefinition:
    """Give the SQL models as assets of one step, which builds them in one connection."""
    models = load_models(workspace.model_folders())
    tests = [(test.model, test.name) for test in models.tests]

    @dg.multi_asset(
        specs=[
            dg.AssetSpec(
                model.name,
                deps=[*model.depends_on, "estimates", "effects"]
                if model.layer == "staging"
                else list(model.depends_on),
                group_name="evaluate",
                kinds={"sql", model.layer},
                description=model.description,
                code_version=model.sql_hash,
            )
            for model in models
        ],
        check_specs=[
            dg.AssetCheckSpec(name, asset=model, partitions_def=PROJECTS) for model, name in tests
        ],
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
                model_folders=now.rooms.workspace.model_folders(),
                clock=now.rooms.clock,
            )
            now.done(report, changed=report.changed)
        for name, _layer, rows in report.models:
            yield dg.MaterializeResult(asset_key=name, metadata={"dagster/row_count": rows})
        for test in report.tests:
            yield dg.AssetCheckResult(
                asset_key=test.model,
                check_name=test.name,
                passed=test.passed,
                metadata={"failing_rows": test.failures},
            )

    return sql_models
