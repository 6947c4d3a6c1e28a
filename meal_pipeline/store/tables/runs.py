"""Who holds a project now, what each stage did last, and facts of the store itself."""

from sqlalchemy import Column, Index, Table, Text

from meal_pipeline.store.tables.base import metadata

leases = Table(
    "leases",
    metadata,
    Column("name", Text, primary_key=True, comment="project:<code> or models"),
    Column("holder", Text, nullable=False, comment="Host, process and a random word"),
    Column("taken_at", Text, nullable=False),
    Column("expires_at", Text, nullable=False, comment="Renewed while the holder lives"),
    comment="Leases, so that no project is run twice at once",
)

stage_runs = Table(
    "stage_runs",
    metadata,
    Column("project", Text, primary_key=True),
    Column("stage", Text, primary_key=True),
    Column("run_id", Text, nullable=False),
    Column("started_at", Text, nullable=False),
    Column("finished_at", Text),
    Column("outcome", Text, nullable=False, comment="running, done, unchanged, blocked, failed"),
    Column("message", Text, comment="One sentence where it was blocked or failed"),
    Column("next_step", Text),
    Column("last_done_at", Text, comment="Last time it ended done or unchanged"),
    Index(None, "project"),
    comment="What each stage of each project did last",
)

facts = Table(
    "facts",
    metadata,
    Column("name", Text, primary_key=True),
    Column("value", Text, nullable=False),
    comment="Facts of the store, such as the check value of the workspace's key",
)
