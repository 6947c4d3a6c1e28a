"""Snapshots: immutable row-level frames in Parquet, and what each was made of."""

from sqlalchemy import BigInteger, Column, Index, Table, Text

from meal_pipeline.store.tables.base import metadata

snapshots = Table(
    "snapshots",
    metadata,
    Column("snapshot_id", Text, primary_key=True, comment="SHA-256 of manifest and parents"),
    Column("project", Text, primary_key=True),
    Column("stage", Text, nullable=False, comment="read or validate"),
    Column("manifest", Text, nullable=False, comment="JSON: frame → columns and parts"),
    Column("parents", Text, nullable=False, comment="JSON: what it was made of"),
    Column("made_at", Text, nullable=False),
    comment="Every snapshot ever made",
)

snapshot_heads = Table(
    "snapshot_heads",
    metadata,
    Column("project", Text, primary_key=True),
    Column("stage", Text, primary_key=True),
    Column("snapshot_id", Text, nullable=False),
    comment="The snapshot of each stage that holds now",
)

snapshot_parts = Table(
    "snapshot_parts",
    metadata,
    Column("input_hash", Text, primary_key=True, comment="What the part was made from"),
    Column("project", Text, nullable=False),
    Column("manifest", Text, nullable=False, comment="JSON: frame → part hash and rows"),
    Column("rows", BigInteger, nullable=False),
    Index(None, "project"),
    comment="Parts already made, so that unchanged rows are not read again",
)
