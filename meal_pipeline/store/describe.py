"""The tables of the store in words, for `docs/tables.md`.

Here: what the code says of each table and column, as Markdown. Run it with
`python -m meal_pipeline.store.describe > docs/tables.md`. Not here: SQL models, which describe
themselves in their schema files.
"""

from sqlalchemy import Table

from meal_pipeline.store.tables import metadata

_HEAD = """\
# Tables of the store

Every SQL table and column, as the code declares them. Times are UTC text in ISO 8601. Keys are
marked ●. Rows of households are in no table but `submissions`, where bodies are encrypted;
typed rows lie in snapshots. The shared evaluation tables are described in
[`dbt_like_sql/marts/schema.yml`](../dbt_like_sql/marts/schema.yml).

Made by `python -m meal_pipeline.store.describe > docs/tables.md`.
"""


MEANINGS = {
    "project": "Code of the project",
    "form": "Code of the form in its project",
    "stage": "collect, read, validate, measure, compare, evaluate or share",
    "server": "Address of the KoboToolbox server",
    "asset_uid": "The form's uid there",
    "version_uid": "uid of the form version",
    "submission_id": "Kobo's _id",
    "pull_id": "The pull that brought it",
    "body_hash": "SHA-256 of the canonical body",
    "uuid": "Kobo's _uuid; new on every edit",
    "snapshot_id": "Name of the snapshot, from its content",
    "read_snapshot_id": "The read snapshot it was made from",
    "run_id": "The run in Dagster",
    "figure_id": "Short name of the figure",
    "indicator": "Code of the indicator",
    "question": "Name of the question",
    "rule": "Name of the rule",
    "severity": "critical, warning or info",
    "model": "Name of the SQL model",
    "name": "Name",
    "value": "Value",
    "rows": "Number of rows",
    "name_en": "Name in English",
    "name_ar": "Name in Arabic",
    "unit_en": "Unit in English",
    "unit_ar": "Unit in Arabic",
    "organisation_en": "Organisation in English",
    "organisation_ar": "Organisation in Arabic",
    "note_en": "Remark that travels with every output, in English",
    "note_ar": "The same in Arabic",
    "disaggregation_ar": "Name of the disaggregation in Arabic",
    "people_ar": "Who the rows are, for sentences, in Arabic",
    "gain_ar": "What a true answer means for them, in Arabic",
    "participants_ar": "Name of the arm that took part, in Arabic",
    "comparison_en": "Name of the arm compared with, in English",
    "comparison_ar": "The same in Arabic",
    "expression": "What is measured, as an XLSForm expression",
    "baseline_round": "Round that changes start from",
    "target_round": "Round by which the target should be reached",
    "position": "Order, 1 first",
    "ci_low": "Lower end of the confidence interval",
    "ci_high": "Upper end of the confidence interval",
    "ci_method": "How the interval was made",
    "n_clusters": "Sampling clusters with rows",
    "n_strata": "Sampling strata with rows",
    "assigned_by_lottery": "Whether arms were drawn by lottery",
    "n_participants": "Rows of participants",
    "n_comparison": "Rows of the comparison",
    "pulled": "Rows that hold",
    "valid": "Rows that count",
    "not_eligible": "Rows outside the population",
    "quarantined": "Rows set aside by a critical finding",
    "rows_answered": "Of these, rows with an answer",
    "rows_failed": "Of these, rows that break the rule",
    "rows_new": "Submissions seen for the first time",
    "rows_edited": "Submissions seen with new content",
    "requests": "Requests to the server",
    "received_bytes": "Bytes received",
    "first_seen": "When it was first found",
    "last_seen": "When it was last found",
    "started_at": "When it began",
    "finished_at": "When it ended",
    "made_at": "When it was first made",
    "built_at": "When it was last built",
    "taken_at": "When it was taken",
    "next_step": "What to do then",
}
"""What a column means wherever its table says nothing else."""


def tables_in_words() -> str:
    """Give every table with its columns, types and remarks as Markdown."""
    return "\n".join([_HEAD, *(_table(table) for table in metadata.sorted_tables)])


def _table(table: Table) -> str:
    lines = [f"## {table.name}", "", f"{table.comment}.", ""]
    lines += ["| column | type | | meaning |", "|---|---|---|---|"]
    for column in table.columns:
        kind = str(column.type).lower()
        meaning = (column.comment or MEANINGS[column.name]).replace("|", "\\|")
        key = "●" if column.primary_key else ""
        lines.append(f"| `{column.name}` | {kind} | {key} | {meaning} |")
    return "\n".join([*lines, ""])


if __name__ == "__main__":
    print(tables_in_words(), end="")
