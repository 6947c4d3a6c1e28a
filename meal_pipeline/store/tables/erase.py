"""What was erased at a respondent's wish, and which snapshots were rewritten for it."""

from sqlalchemy import Column, Integer, Table, Text

from meal_pipeline.store.tables.base import metadata

erasures = Table(
    "erasures",
    metadata,
    Column("erasure_id", Text, primary_key=True, comment="Names the erasure"),
    Column("server", Text, nullable=False),
    Column("asset_uid", Text, nullable=False),
    Column("id_hash", Text, nullable=False, comment="Keyed hash of the submission's _id"),
    Column("root_hash", Text, comment="Keyed hash of its rootUuid, so that it does not come back"),
    Column("erased_at", Text, nullable=False, comment="When"),
    Column("reason", Text, nullable=False, comment="withdrawn or safety"),
    Column("versions", Integer, nullable=False, comment="How many versions of it were held"),
    comment="Submissions that were erased; nothing else is left of them",
)

snapshot_replacements = Table(
    "snapshot_replacements",
    metadata,
    Column("project", Text, primary_key=True),
    Column("old_snapshot_id", Text, primary_key=True, comment="As it was named"),
    Column("new_snapshot_id", Text, nullable=False, comment="The same without the row"),
    Column("erasure_id", Text, nullable=False, comment="For which erasure"),
    Column("replaced_at", Text, nullable=False, comment="When"),
    comment="Snapshots rewritten without an erased row; what the old one gave cannot be remade",
)
