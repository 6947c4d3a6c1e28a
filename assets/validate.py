"""Stage 3 in Dagster: findings, and the rows that count.

Here: the asset and its gate. Not here: rules and suites (`meal_pipeline.validate`,
`expectations/`).
"""

from collections.abc import Iterator

import dagster as dg

from meal_pipeline.locale import gettext as _
from meal_pipeline.locale import ngettext

from .partitions import PROJECTS, check_spec
from .stage import StageSettings, stage

GATE = "gate"
FINDINGS = "findings"


def responses_valid_asset() -> dg.AssetsDefinition:
    """Give the asset `responses_valid` with its checks: the gate, which blocks, and findings."""

    @dg.multi_asset(
        specs=[
            dg.AssetSpec(
                "responses_valid",
                deps=["responses"],
                group_name="validate",
                kinds={"parquet", "great_expectations"},
                description=_("The rows that count: eligible, and without a critical finding."),
            )
        ],
        check_specs=[
            check_spec(
                GATE,
                asset="responses_valid",
                blocking=True,
                description=_("Pulled completely, every row accounted for, few enough set aside."),
            ),
            check_spec(
                FINDINGS,
                asset="responses_valid",
                description=_("What the checks say of single rows."),
            ),
        ],
        partitions_def=PROJECTS,
        required_resource_keys={"rooms"},
        name="validate",
    )
    def responses_valid(
        context: dg.AssetExecutionContext, config: StageSettings
    ) -> Iterator[dg.MaterializeResult[None] | dg.AssetCheckResult]:
        with stage(context, "validate") as now:
            from meal_pipeline.validate.validate_project import validate_project

            rooms = now.rooms
            report = validate_project(
                rooms.store,
                now.project,
                suites=rooms.workspace.declarations("expectations"),
                clock=rooms.clock,
                snapshot_id=config.snapshot_id,
                data_docs=rooms.workspace.data_docs,
                progress=now.say,
            )
            now.done(report, changed=report.changed)
            if report.gate:
                now.record.blocked(" ".join(report.gate), f"meal findings {now.project.code}")
        accounts = report.forms.items()
        yield dg.MaterializeResult(
            asset_key="responses_valid",
            data_version=dg.DataVersion(report.snapshot_id),
            metadata={
                "dagster/row_count": sum(account.valid for _form, account in accounts),
                "snapshot": report.snapshot_id,
                "read_snapshot": report.read_snapshot_id,
                "rows": dg.MetadataValue.md(
                    "\n".join(
                        [
                            "| form | pulled | valid | not eligible | quarantined | removed |",
                            "|---|---|---|---|---|---|",
                            *(
                                f"| {form} | {account.pulled} | {account.valid} "
                                f"| {account.not_eligible} | {account.quarantined} "
                                f"| {account.removed} |"
                                for form, account in accounts
                            ),
                        ]
                    )
                ),
            },
        )
        yield dg.AssetCheckResult(
            check_name=GATE,
            asset_key="responses_valid",
            passed=not report.gate,
            severity=dg.AssetCheckSeverity.ERROR,
            description=" ".join(report.gate) or None,
        )
        open_findings = sum(report.findings.values())
        yield dg.AssetCheckResult(
            check_name=FINDINGS,
            asset_key="responses_valid",
            passed=not open_findings,
            severity=dg.AssetCheckSeverity.WARN,
            description=ngettext(
                "{n} finding: meal findings {project}",
                "{n} findings: meal findings {project}",
                open_findings,
            ).format(n=open_findings, project=now.project.code),
            metadata=dict(report.findings),
        )

    return responses_valid
