"""What is wrong, row by row, and how many rows count."""

from sqlalchemy import BigInteger, Column, Index, Integer, Table, Text

from meal_pipeline.store.tables.base import metadata

findings = Table(
    "findings",
    metadata,
    Column("finding_id", Text, primary_key=True, comment="The same for the same fault, for ever"),
    Column("project", Text, nullable=False),
    Column("form", Text, nullable=False),
    Column("frame", Text, nullable=False, comment="The form's rows, or one of its repeats"),
    Column("submission_id", BigInteger, comment="Kobo's _id; null for a finding on the whole form"),
    Column("position", Text, nullable=False, comment="Row of a repeat: 2 or 2/1; '' for the form"),
    Column("question", Text, nullable=False, comment="'' where no single question is meant"),
    Column("rule", Text, nullable=False, comment="form.constraint, suite.household.unique …"),
    Column("severity", Text, nullable=False, comment="critical, warning, info"),
    Column("message", Text, nullable=False, comment="JSON: language → sentence; nothing personal"),
    Column("value", Text, comment="The answer, never of a personal question"),
    Column("enumerator", Text, comment="Pseudonym of who interviewed"),
    Column("team", Text, comment="The enumerator's team, where the project names the question"),
    Column("place", Text, comment="Code of the place, where the project names the question"),
    Column("snapshot_id", Text, nullable=False, comment="Read snapshot in which it was last seen"),
    Column("first_seen", Text, nullable=False),
    Column("last_seen", Text, nullable=False),
    Column("status", Text, nullable=False, comment="open, accepted; gone: resolved, corrected …"),
    Column("decided_by", Text, comment="Who accepted it, while that holds"),
    Column("decided_at", Text, comment="When it was accepted"),
    Column("reason", Text, comment="Why it was accepted"),
    Column("row_hash", Text, comment="Hash of the body on which it was accepted"),
    # All that tables of counts ask for, so that they need not read the sentences.
    Index(None, "project", "status", "form", "question", "rule", "severity"),
    comment="Findings: what a check says of a row",
)

row_accounts = Table(
    "row_accounts",
    metadata,
    Column("project", Text, primary_key=True),
    Column("form", Text, primary_key=True),
    Column("snapshot_id", Text, primary_key=True, comment="The validated snapshot"),
    Column("read_snapshot_id", Text, nullable=False),
    Column("pulled", Integer, nullable=False),
    Column("valid", Integer, nullable=False),
    Column("not_eligible", Integer, nullable=False),
    Column("quarantined", Integer, nullable=False),
    Column(
        "removed",
        Integer,
        nullable=False,
        server_default="0",
        comment="Taken out by a correction that two people signed",
    ),
    comment="pulled = valid + not eligible + quarantined + removed, for every validated snapshot",
)

rule_results = Table(
    "rule_results",
    metadata,
    Column("project", Text, primary_key=True),
    Column("form", Text, primary_key=True),
    Column("rule", Text, primary_key=True),
    Column("question", Text, primary_key=True),
    Column("severity", Text, nullable=False),
    Column("outcome", Text, nullable=False, comment="evaluated, or blocked with the reason"),
    Column("reason", Text, comment="JSON: language → sentence"),
    Column("rows_asked", Integer, nullable=False, comment="Rows for which the rule applies"),
    Column("rows_answered", Integer, nullable=False),
    Column("rows_failed", Integer, nullable=False),
    Column("snapshot_id", Text, nullable=False),
    comment="Each rule with its denominators, for the last validated snapshot",
)

blocks = Table(
    "blocks",
    metadata,
    Column("project", Text, primary_key=True),
    Column(
        "stage",
        Text,
        primary_key=True,
        server_default="validate",
        comment="The stage that says so; each replaces its own",
    ),
    Column("kind", Text, primary_key=True, comment="project, indicator, comparison, rule …"),
    Column("subject", Text, primary_key=True, comment="Code of what is blocked"),
    Column("message", Text, nullable=False, comment="JSON: language → sentence with the fix"),
    comment="What could not be computed now, and why; the rest runs",
)
