"""first tables."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "blocks",
        sa.Column("project", sa.Text(), nullable=False),
        sa.Column(
            "stage",
            sa.Text(),
            server_default="validate",
            nullable=False,
            comment="The stage that says so; each replaces its own",
        ),
        sa.Column(
            "kind", sa.Text(), nullable=False, comment="project, indicator, comparison, rule …"
        ),
        sa.Column("subject", sa.Text(), nullable=False, comment="Code of what is blocked"),
        sa.Column(
            "message", sa.Text(), nullable=False, comment="JSON: language → sentence with the fix"
        ),
        sa.PrimaryKeyConstraint("project", "stage", "kind", "subject", name=op.f("pk_blocks")),
        comment="What could not be computed now, and why; the rest runs",
    )
    op.create_table(
        "categories",
        sa.Column("project", sa.Text(), nullable=False),
        sa.Column("disaggregation", sa.Text(), nullable=False, comment="Code, or two joined by |"),
        sa.Column("category", sa.Text(), nullable=False, comment="Code, or two joined by |"),
        sa.Column("name_en", sa.Text(), nullable=True),
        sa.Column("name_ar", sa.Text(), nullable=True),
        sa.Column(
            "disaggregation_en",
            sa.Text(),
            nullable=True,
            comment="Name of the disaggregation; of two, joined by ×",
        ),
        sa.Column("disaggregation_ar", sa.Text(), nullable=True),
        sa.Column(
            "place", sa.Text(), nullable=True, comment="P-code, where the category is a place"
        ),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint(
            "project", "disaggregation", "category", name=op.f("pk_categories")
        ),
        comment="Categories of each disaggregation, declared ones without rows too",
    )
    op.create_table(
        "changes",
        sa.Column("project", sa.Text(), nullable=False),
        sa.Column("indicator", sa.Text(), nullable=False),
        sa.Column(
            "definition_hash", sa.Text(), nullable=False, comment="Definition it was made with"
        ),
        sa.Column("round", sa.Text(), nullable=False, comment="'' where the project has no rounds"),
        sa.Column("baseline_round", sa.Text(), nullable=False, comment="'' for an estimate"),
        sa.Column("place", sa.Text(), nullable=False, comment="P-code, or '' for everywhere"),
        sa.Column("disaggregation", sa.Text(), nullable=False, comment="'' for everyone"),
        sa.Column("category", sa.Text(), nullable=False, comment="'' for everyone; (not stated)"),
        sa.Column(
            "arm", sa.Text(), nullable=False, comment="all, participants, comparison, (not stated)"
        ),
        sa.Column("statistic", sa.Text(), nullable=False, comment="proportion, mean, difference …"),
        sa.Column("design", sa.Text(), nullable=False, comment="How it was computed, as a code"),
        sa.Column("variant", sa.Text(), nullable=False, comment="official, or the name of a rerun"),
        sa.Column("figure_id", sa.Text(), nullable=False, comment="Short name: F-7K2M9QXA"),
        sa.Column(
            "estimate", sa.Float(), nullable=True, comment="Proportions 0 to 1; null when n is 0"
        ),
        sa.Column("se", sa.Float(), nullable=True, comment="Standard error"),
        sa.Column("ci_low", sa.Float(), nullable=True),
        sa.Column("ci_high", sa.Float(), nullable=True),
        sa.Column("confidence", sa.Float(), nullable=False, comment="0.95"),
        sa.Column("df", sa.Float(), nullable=True, comment="Degrees of freedom"),
        sa.Column("deff", sa.Float(), nullable=True, comment="Design effect"),
        sa.Column("n", sa.Integer(), nullable=False, comment="Rows with an answer, unweighted"),
        sa.Column(
            "n_missing", sa.Integer(), nullable=False, comment="Rows in scope without an answer"
        ),
        sa.Column("n_clusters", sa.Integer(), nullable=False),
        sa.Column("n_strata", sa.Integer(), nullable=False),
        sa.Column("method", sa.Text(), nullable=False, comment="Named in words"),
        sa.Column("ci_method", sa.Text(), nullable=False),
        sa.Column(
            "note", sa.Text(), nullable=True, comment="JSON: language → what a reader must know"
        ),
        sa.Column(
            "snapshot_id", sa.Text(), nullable=False, comment="Validated snapshot it was made from"
        ),
        sa.Column(
            "status", sa.Text(), nullable=False, comment="draft until an organisation signs it"
        ),
        sa.PrimaryKeyConstraint(
            "project",
            "indicator",
            "definition_hash",
            "round",
            "baseline_round",
            "place",
            "disaggregation",
            "category",
            "arm",
            "statistic",
            "design",
            "variant",
            name=op.f("pk_changes"),
        ),
        sa.UniqueConstraint("figure_id", name=op.f("uq_changes_figure_id")),
        comment="Baseline to later rounds, within an arm; private and complete",
    )
    op.create_table(
        "disclosures",
        sa.Column("figure_id", sa.Text(), nullable=False),
        sa.Column("project", sa.Text(), nullable=False),
        sa.Column("withheld", sa.Text(), nullable=False, comment="small, or protects_others"),
        sa.PrimaryKeyConstraint("figure_id", name=op.f("pk_disclosures")),
        comment="Figures that are withheld in everything shared, and why",
    )
    op.create_index(op.f("ix_disclosures_project"), "disclosures", ["project"], unique=False)
    op.create_table(
        "effects",
        sa.Column("project", sa.Text(), nullable=False),
        sa.Column("indicator", sa.Text(), nullable=False),
        sa.Column(
            "definition_hash", sa.Text(), nullable=False, comment="Definition it was made with"
        ),
        sa.Column("round", sa.Text(), nullable=False, comment="'' where the project has no rounds"),
        sa.Column("baseline_round", sa.Text(), nullable=False, comment="'' for an estimate"),
        sa.Column("place", sa.Text(), nullable=False, comment="P-code, or '' for everywhere"),
        sa.Column("disaggregation", sa.Text(), nullable=False, comment="'' for everyone"),
        sa.Column("category", sa.Text(), nullable=False, comment="'' for everyone; (not stated)"),
        sa.Column(
            "arm", sa.Text(), nullable=False, comment="all, participants, comparison, (not stated)"
        ),
        sa.Column("statistic", sa.Text(), nullable=False, comment="proportion, mean, difference …"),
        sa.Column("design", sa.Text(), nullable=False, comment="How it was computed, as a code"),
        sa.Column("variant", sa.Text(), nullable=False, comment="official, or the name of a rerun"),
        sa.Column(
            "comparison", sa.Text(), nullable=False, comment="Code of the comparison in the project"
        ),
        sa.Column("name_en", sa.Text(), nullable=True),
        sa.Column("name_ar", sa.Text(), nullable=True),
        sa.Column(
            "label", sa.Text(), nullable=False, comment="attributed_effect or comparison_suggests"
        ),
        sa.Column(
            "label_reason", sa.Text(), nullable=False, comment="JSON: language → why this label"
        ),
        sa.Column(
            "clustered_by", sa.Text(), nullable=False, comment="Question, or '' for the row itself"
        ),
        sa.Column("assigned_by_lottery", sa.Boolean(), nullable=False),
        sa.Column("n_participants", sa.Integer(), nullable=False),
        sa.Column("n_comparison", sa.Integer(), nullable=False),
        sa.Column(
            "n_dropped",
            sa.Integer(),
            nullable=False,
            comment="Answered rows that could not be used",
        ),
        sa.Column("figure_id", sa.Text(), nullable=False, comment="Short name: F-7K2M9QXA"),
        sa.Column(
            "estimate", sa.Float(), nullable=True, comment="Proportions 0 to 1; null when n is 0"
        ),
        sa.Column("se", sa.Float(), nullable=True, comment="Standard error"),
        sa.Column("ci_low", sa.Float(), nullable=True),
        sa.Column("ci_high", sa.Float(), nullable=True),
        sa.Column("confidence", sa.Float(), nullable=False, comment="0.95"),
        sa.Column("df", sa.Float(), nullable=True, comment="Degrees of freedom"),
        sa.Column("deff", sa.Float(), nullable=True, comment="Design effect"),
        sa.Column("n", sa.Integer(), nullable=False, comment="Rows with an answer, unweighted"),
        sa.Column(
            "n_missing", sa.Integer(), nullable=False, comment="Rows in scope without an answer"
        ),
        sa.Column("n_clusters", sa.Integer(), nullable=False),
        sa.Column("n_strata", sa.Integer(), nullable=False),
        sa.Column("method", sa.Text(), nullable=False, comment="Named in words"),
        sa.Column("ci_method", sa.Text(), nullable=False),
        sa.Column(
            "note", sa.Text(), nullable=True, comment="JSON: language → what a reader must know"
        ),
        sa.Column(
            "snapshot_id", sa.Text(), nullable=False, comment="Validated snapshot it was made from"
        ),
        sa.Column(
            "status", sa.Text(), nullable=False, comment="draft until an organisation signs it"
        ),
        sa.PrimaryKeyConstraint(
            "project",
            "indicator",
            "definition_hash",
            "round",
            "baseline_round",
            "place",
            "disaggregation",
            "category",
            "arm",
            "statistic",
            "design",
            "variant",
            name=op.f("pk_effects"),
        ),
        sa.UniqueConstraint("figure_id", name=op.f("uq_effects_figure_id")),
        comment="Effects with their label; private and complete",
    )
    op.create_table(
        "estimates",
        sa.Column("project", sa.Text(), nullable=False),
        sa.Column("indicator", sa.Text(), nullable=False),
        sa.Column(
            "definition_hash", sa.Text(), nullable=False, comment="Definition it was made with"
        ),
        sa.Column("round", sa.Text(), nullable=False, comment="'' where the project has no rounds"),
        sa.Column("baseline_round", sa.Text(), nullable=False, comment="'' for an estimate"),
        sa.Column("place", sa.Text(), nullable=False, comment="P-code, or '' for everywhere"),
        sa.Column("disaggregation", sa.Text(), nullable=False, comment="'' for everyone"),
        sa.Column("category", sa.Text(), nullable=False, comment="'' for everyone; (not stated)"),
        sa.Column(
            "arm", sa.Text(), nullable=False, comment="all, participants, comparison, (not stated)"
        ),
        sa.Column("statistic", sa.Text(), nullable=False, comment="proportion, mean, difference …"),
        sa.Column("design", sa.Text(), nullable=False, comment="How it was computed, as a code"),
        sa.Column("variant", sa.Text(), nullable=False, comment="official, or the name of a rerun"),
        sa.Column("figure_id", sa.Text(), nullable=False, comment="Short name: F-7K2M9QXA"),
        sa.Column(
            "estimate", sa.Float(), nullable=True, comment="Proportions 0 to 1; null when n is 0"
        ),
        sa.Column("se", sa.Float(), nullable=True, comment="Standard error"),
        sa.Column("ci_low", sa.Float(), nullable=True),
        sa.Column("ci_high", sa.Float(), nullable=True),
        sa.Column("confidence", sa.Float(), nullable=False, comment="0.95"),
        sa.Column("df", sa.Float(), nullable=True, comment="Degrees of freedom"),
        sa.Column("deff", sa.Float(), nullable=True, comment="Design effect"),
        sa.Column("n", sa.Integer(), nullable=False, comment="Rows with an answer, unweighted"),
        sa.Column(
            "n_missing", sa.Integer(), nullable=False, comment="Rows in scope without an answer"
        ),
        sa.Column("n_clusters", sa.Integer(), nullable=False),
        sa.Column("n_strata", sa.Integer(), nullable=False),
        sa.Column("method", sa.Text(), nullable=False, comment="Named in words"),
        sa.Column("ci_method", sa.Text(), nullable=False),
        sa.Column(
            "note", sa.Text(), nullable=True, comment="JSON: language → what a reader must know"
        ),
        sa.Column(
            "snapshot_id", sa.Text(), nullable=False, comment="Validated snapshot it was made from"
        ),
        sa.Column(
            "status", sa.Text(), nullable=False, comment="draft until an organisation signs it"
        ),
        sa.PrimaryKeyConstraint(
            "project",
            "indicator",
            "definition_hash",
            "round",
            "baseline_round",
            "place",
            "disaggregation",
            "category",
            "arm",
            "statistic",
            "design",
            "variant",
            name=op.f("pk_estimates"),
        ),
        sa.UniqueConstraint("figure_id", name=op.f("uq_estimates_figure_id")),
        comment="Indicators by round, arm and disaggregation; private and complete",
    )
    op.create_table(
        "facts",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_facts")),
        comment="Facts of the store, such as the check value of the workspace's key",
    )
    op.create_table(
        "findings",
        sa.Column(
            "finding_id", sa.Text(), nullable=False, comment="The same for the same fault, for ever"
        ),
        sa.Column("project", sa.Text(), nullable=False),
        sa.Column("form", sa.Text(), nullable=False),
        sa.Column(
            "frame", sa.Text(), nullable=False, comment="The form's rows, or one of its repeats"
        ),
        sa.Column(
            "submission_id",
            sa.BigInteger(),
            nullable=True,
            comment="Kobo's _id; null for a finding on the whole form",
        ),
        sa.Column(
            "position",
            sa.Text(),
            nullable=False,
            comment="Row of a repeat: 2 or 2/1; '' for the form",
        ),
        sa.Column(
            "question", sa.Text(), nullable=False, comment="'' where no single question is meant"
        ),
        sa.Column(
            "rule", sa.Text(), nullable=False, comment="form.constraint, suite.household.unique …"
        ),
        sa.Column("severity", sa.Text(), nullable=False, comment="critical, warning, info"),
        sa.Column(
            "message",
            sa.Text(),
            nullable=False,
            comment="JSON: language → sentence; nothing personal",
        ),
        sa.Column(
            "value", sa.Text(), nullable=True, comment="The answer, never of a personal question"
        ),
        sa.Column("enumerator", sa.Text(), nullable=True, comment="Pseudonym of who interviewed"),
        sa.Column(
            "snapshot_id",
            sa.Text(),
            nullable=False,
            comment="Read snapshot in which it was last seen",
        ),
        sa.Column("first_seen", sa.Text(), nullable=False),
        sa.Column("last_seen", sa.Text(), nullable=False),
        sa.Column(
            "status",
            sa.Text(),
            nullable=False,
            comment="open, or resolved once it is no longer seen",
        ),
        sa.PrimaryKeyConstraint("finding_id", name=op.f("pk_findings")),
        comment="Findings: what a check says of a row",
    )
    op.create_index(
        op.f("ix_findings_project_status_form_question_rule_severity"),
        "findings",
        ["project", "status", "form", "question", "rule", "severity"],
        unique=False,
    )
    op.create_table(
        "form_versions",
        sa.Column("server", sa.Text(), nullable=False),
        sa.Column("asset_uid", sa.Text(), nullable=False),
        sa.Column("version_uid", sa.Text(), nullable=False),
        sa.Column(
            "content_hash", sa.Text(), nullable=False, comment="SHA-256 of the canonical content"
        ),
        sa.Column(
            "content", sa.LargeBinary(), nullable=False, comment="The form's content, JSON, zstd"
        ),
        sa.Column("deployed_at", sa.Text(), nullable=True, comment="When the server deployed it"),
        sa.Column(
            "position", sa.Integer(), nullable=False, comment="Order of deployment, oldest first"
        ),
        sa.PrimaryKeyConstraint(
            "server", "asset_uid", "version_uid", name=op.f("pk_form_versions")
        ),
        comment="Every deployed version of every form",
    )
    op.create_table(
        "forms",
        sa.Column("server", sa.Text(), nullable=False, comment="Address of the KoboToolbox server"),
        sa.Column("asset_uid", sa.Text(), nullable=False, comment="The form's uid there"),
        sa.Column("name", sa.Text(), nullable=False, comment="The form's title on the server"),
        sa.Column(
            "deployed_version_uid", sa.Text(), nullable=True, comment="The version that is deployed"
        ),
        sa.Column(
            "last_submission_time",
            sa.Text(),
            nullable=True,
            comment="As the server told; moves on new rows only",
        ),
        sa.Column(
            "submission_count",
            sa.BigInteger(),
            nullable=True,
            comment="As the server told; null without the right",
        ),
        sa.Column("looked_at", sa.Text(), nullable=False, comment="When the server was last asked"),
        sa.PrimaryKeyConstraint("server", "asset_uid", name=op.f("pk_forms")),
        comment="Forms as their servers describe them",
    )
    op.create_table(
        "indicators",
        sa.Column("project", sa.Text(), nullable=False),
        sa.Column("indicator", sa.Text(), nullable=False, comment="Code"),
        sa.Column(
            "definition_hash", sa.Text(), nullable=False, comment="SHA-256 of what defines it"
        ),
        sa.Column("name_en", sa.Text(), nullable=True),
        sa.Column("name_ar", sa.Text(), nullable=True),
        sa.Column(
            "level", sa.Text(), nullable=False, comment="output, outcome or impact (results chain)"
        ),
        sa.Column("statistic", sa.Text(), nullable=False, comment="proportion or mean"),
        sa.Column("unit_en", sa.Text(), nullable=True),
        sa.Column("unit_ar", sa.Text(), nullable=True),
        sa.Column("better", sa.Text(), nullable=False, comment="higher or lower"),
        sa.Column(
            "form",
            sa.Text(),
            nullable=True,
            comment="Code of the form whose rows it is computed over",
        ),
        sa.Column(
            "people_en",
            sa.Text(),
            nullable=True,
            comment="Who the rows are, for sentences: households",
        ),
        sa.Column("people_ar", sa.Text(), nullable=True),
        sa.Column(
            "gain_en",
            sa.Text(),
            nullable=True,
            comment="What a true answer means: had acceptable food consumption",
        ),
        sa.Column("gain_ar", sa.Text(), nullable=True),
        sa.Column("expression", sa.Text(), nullable=False),
        sa.Column("baseline_round", sa.Text(), nullable=True),
        sa.Column(
            "target",
            sa.Float(),
            nullable=True,
            comment="In the unit shown: percent for a proportion",
        ),
        sa.Column("target_round", sa.Text(), nullable=True),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("project", "indicator", name=op.f("pk_indicators")),
        comment="Indicators as last declared",
    )
    op.create_table(
        "leases",
        sa.Column("name", sa.Text(), nullable=False, comment="project:<code> or models"),
        sa.Column("holder", sa.Text(), nullable=False, comment="Host, process and a random word"),
        sa.Column("taken_at", sa.Text(), nullable=False),
        sa.Column(
            "expires_at", sa.Text(), nullable=False, comment="Renewed while the holder lives"
        ),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_leases")),
        comment="Leases, so that no project is run twice at once",
    )
    op.create_table(
        "models",
        sa.Column("model", sa.Text(), nullable=False),
        sa.Column("layer", sa.Text(), nullable=False, comment="staging, intermediate, marts"),
        sa.Column("kind", sa.Text(), nullable=False, comment="view or table"),
        sa.Column(
            "sql_hash", sa.Text(), nullable=False, comment="SHA-256 of the file and all it reads"
        ),
        sa.Column("rows", sa.Integer(), nullable=True),
        sa.Column("built_at", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("model", name=op.f("pk_models")),
        comment="SQL models as last built",
    )
    op.create_table(
        "projects",
        sa.Column("project", sa.Text(), nullable=False, comment="Code"),
        sa.Column("name_en", sa.Text(), nullable=True),
        sa.Column("name_ar", sa.Text(), nullable=True),
        sa.Column("organisation_en", sa.Text(), nullable=True),
        sa.Column("organisation_ar", sa.Text(), nullable=True),
        sa.Column(
            "synthetic", sa.Boolean(), nullable=False, comment="Made-up data: said on every output"
        ),
        sa.Column("note_en", sa.Text(), nullable=True),
        sa.Column("note_ar", sa.Text(), nullable=True),
        sa.Column(
            "participants_en",
            sa.Text(),
            nullable=True,
            comment="Name of the arm, where the file gives one",
        ),
        sa.Column("participants_ar", sa.Text(), nullable=True),
        sa.Column("comparison_en", sa.Text(), nullable=True),
        sa.Column("comparison_ar", sa.Text(), nullable=True),
        sa.Column(
            "retired", sa.Boolean(), nullable=False, comment="Its file is gone; its history is kept"
        ),
        sa.PrimaryKeyConstraint("project", name=op.f("pk_projects")),
        comment="Projects as last declared",
    )
    op.create_table(
        "pulls",
        sa.Column("pull_id", sa.Text(), nullable=False),
        sa.Column("project", sa.Text(), nullable=False),
        sa.Column("form", sa.Text(), nullable=False, comment="The form's code in the project"),
        sa.Column("server", sa.Text(), nullable=False),
        sa.Column("asset_uid", sa.Text(), nullable=False),
        sa.Column("started_at", sa.Text(), nullable=False),
        sa.Column("finished_at", sa.Text(), nullable=True),
        sa.Column(
            "rows_on_server",
            sa.BigInteger(),
            nullable=True,
            comment="count, as the server told at the end",
        ),
        sa.Column("rows_held", sa.BigInteger(), nullable=True, comment="Rows held here at the end"),
        sa.Column("rows_new", sa.BigInteger(), nullable=False),
        sa.Column("rows_edited", sa.BigInteger(), nullable=False),
        sa.Column("requests", sa.Integer(), nullable=False),
        sa.Column("received_bytes", sa.BigInteger(), nullable=False),
        sa.Column(
            "complete",
            sa.Boolean(),
            nullable=False,
            comment="Proven: every row of the server is held",
        ),
        sa.Column("error", sa.Text(), nullable=True, comment="Why not, in one sentence"),
        sa.PrimaryKeyConstraint("pull_id", name=op.f("pk_pulls")),
        comment="Each pull with its proof of completeness",
    )
    op.create_index(
        op.f("ix_pulls_project_form_started_at"),
        "pulls",
        ["project", "form", "started_at"],
        unique=False,
    )
    op.create_table(
        "rounds",
        sa.Column("project", sa.Text(), nullable=False),
        sa.Column(
            "round", sa.Text(), nullable=False, comment="Code; '' where the project has no rounds"
        ),
        sa.Column("name_en", sa.Text(), nullable=True),
        sa.Column("name_ar", sa.Text(), nullable=True),
        sa.Column("position", sa.Integer(), nullable=False, comment="Order in time, 1 first"),
        sa.Column("data_from", sa.Text(), nullable=True, comment="First day of its valid rows"),
        sa.Column("data_to", sa.Text(), nullable=True, comment="Last day of its valid rows"),
        sa.PrimaryKeyConstraint("project", "round", name=op.f("pk_rounds")),
        comment="Rounds of data collection",
    )
    op.create_table(
        "row_accounts",
        sa.Column("project", sa.Text(), nullable=False),
        sa.Column("form", sa.Text(), nullable=False),
        sa.Column("snapshot_id", sa.Text(), nullable=False, comment="The validated snapshot"),
        sa.Column("read_snapshot_id", sa.Text(), nullable=False),
        sa.Column("pulled", sa.Integer(), nullable=False),
        sa.Column("valid", sa.Integer(), nullable=False),
        sa.Column("not_eligible", sa.Integer(), nullable=False),
        sa.Column("quarantined", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("project", "form", "snapshot_id", name=op.f("pk_row_accounts")),
        comment="pulled = valid + not eligible + quarantined, for every validated snapshot",
    )
    op.create_table(
        "rule_results",
        sa.Column("project", sa.Text(), nullable=False),
        sa.Column("form", sa.Text(), nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("severity", sa.Text(), nullable=False),
        sa.Column(
            "outcome", sa.Text(), nullable=False, comment="evaluated, or blocked with the reason"
        ),
        sa.Column("reason", sa.Text(), nullable=True, comment="JSON: language → sentence"),
        sa.Column(
            "rows_asked", sa.Integer(), nullable=False, comment="Rows for which the rule applies"
        ),
        sa.Column("rows_answered", sa.Integer(), nullable=False),
        sa.Column("rows_failed", sa.Integer(), nullable=False),
        sa.Column("snapshot_id", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint(
            "project", "form", "rule", "question", name=op.f("pk_rule_results")
        ),
        comment="Each rule with its denominators, for the last validated snapshot",
    )
    op.create_table(
        "snapshot_heads",
        sa.Column("project", sa.Text(), nullable=False),
        sa.Column("stage", sa.Text(), nullable=False),
        sa.Column("snapshot_id", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("project", "stage", name=op.f("pk_snapshot_heads")),
        comment="The snapshot of each stage that holds now",
    )
    op.create_table(
        "snapshot_parts",
        sa.Column("input_hash", sa.Text(), nullable=False, comment="What the part was made from"),
        sa.Column("project", sa.Text(), nullable=False),
        sa.Column(
            "manifest", sa.Text(), nullable=False, comment="JSON: frame → part hash and rows"
        ),
        sa.Column("rows", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("input_hash", name=op.f("pk_snapshot_parts")),
        comment="Parts already made, so that unchanged rows are not read again",
    )
    op.create_index(op.f("ix_snapshot_parts_project"), "snapshot_parts", ["project"], unique=False)
    op.create_table(
        "snapshots",
        sa.Column(
            "snapshot_id", sa.Text(), nullable=False, comment="SHA-256 of manifest and parents"
        ),
        sa.Column("project", sa.Text(), nullable=False),
        sa.Column("stage", sa.Text(), nullable=False, comment="read or validate"),
        sa.Column("manifest", sa.Text(), nullable=False, comment="JSON: frame → columns and parts"),
        sa.Column("parents", sa.Text(), nullable=False, comment="JSON: what it was made of"),
        sa.Column("made_at", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("snapshot_id", "project", name=op.f("pk_snapshots")),
        comment="Every snapshot ever made",
    )
    op.create_table(
        "stage_runs",
        sa.Column("project", sa.Text(), nullable=False),
        sa.Column("stage", sa.Text(), nullable=False),
        sa.Column("run_id", sa.Text(), nullable=False),
        sa.Column("started_at", sa.Text(), nullable=False),
        sa.Column("finished_at", sa.Text(), nullable=True),
        sa.Column(
            "outcome",
            sa.Text(),
            nullable=False,
            comment="running, done, unchanged, blocked, failed",
        ),
        sa.Column(
            "message",
            sa.Text(),
            nullable=True,
            comment="One sentence where it was blocked or failed",
        ),
        sa.Column("next_step", sa.Text(), nullable=True),
        sa.Column(
            "last_done_at", sa.Text(), nullable=True, comment="Last time it ended done or unchanged"
        ),
        sa.PrimaryKeyConstraint("project", "stage", name=op.f("pk_stage_runs")),
        comment="What each stage of each project did last",
    )
    op.create_index(op.f("ix_stage_runs_project"), "stage_runs", ["project"], unique=False)
    op.create_table(
        "submission_heads",
        sa.Column("server", sa.Text(), nullable=False),
        sa.Column("asset_uid", sa.Text(), nullable=False),
        sa.Column("submission_id", sa.BigInteger(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False, comment="The version that holds now"),
        sa.Column("body_hash", sa.Text(), nullable=False),
        sa.Column("uuid", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint(
            "server", "asset_uid", "submission_id", name=op.f("pk_submission_heads")
        ),
        comment="Which version of each submission holds now",
    )
    op.create_table(
        "submissions",
        sa.Column("server", sa.Text(), nullable=False),
        sa.Column("asset_uid", sa.Text(), nullable=False),
        sa.Column("submission_id", sa.BigInteger(), nullable=False, comment="Kobo's _id"),
        sa.Column(
            "sequence",
            sa.Integer(),
            nullable=False,
            comment="1 for the first version seen, then 2 …",
        ),
        sa.Column("body_hash", sa.Text(), nullable=False, comment="SHA-256 of the canonical body"),
        sa.Column("uuid", sa.Text(), nullable=False, comment="Kobo's _uuid; new on every edit"),
        sa.Column(
            "version_uid",
            sa.Text(),
            nullable=True,
            comment="Form version the row says it was filled with",
        ),
        sa.Column("submitted_at", sa.Text(), nullable=True, comment="_submission_time as sent"),
        sa.Column(
            "received_at",
            sa.Text(),
            nullable=False,
            comment="When this version was first seen here",
        ),
        sa.Column("pull_id", sa.Text(), nullable=False),
        sa.Column(
            "body", sa.LargeBinary(), nullable=False, comment="The body as received: zstd, AES-GCM"
        ),
        sa.PrimaryKeyConstraint(
            "server", "asset_uid", "submission_id", "sequence", name=op.f("pk_submissions")
        ),
        comment="Append-only log: each version of each submission once",
    )


def downgrade() -> None:
    op.drop_table("submissions")
    op.drop_table("submission_heads")
    op.drop_index(op.f("ix_stage_runs_project"), table_name="stage_runs")
    op.drop_table("stage_runs")
    op.drop_table("snapshots")
    op.drop_index(op.f("ix_snapshot_parts_project"), table_name="snapshot_parts")
    op.drop_table("snapshot_parts")
    op.drop_table("snapshot_heads")
    op.drop_table("rule_results")
    op.drop_table("row_accounts")
    op.drop_table("rounds")
    op.drop_index(op.f("ix_pulls_project_form_started_at"), table_name="pulls")
    op.drop_table("pulls")
    op.drop_table("projects")
    op.drop_table("models")
    op.drop_table("leases")
    op.drop_table("indicators")
    op.drop_table("forms")
    op.drop_table("form_versions")
    op.drop_index(
        op.f("ix_findings_project_status_form_question_rule_severity"), table_name="findings"
    )
    op.drop_table("findings")
    op.drop_table("facts")
    op.drop_table("estimates")
    op.drop_table("effects")
    op.drop_index(op.f("ix_disclosures_project"), table_name="disclosures")
    op.drop_table("disclosures")
    op.drop_table("changes")
    op.drop_table("categories")
    op.drop_table("blocks")
