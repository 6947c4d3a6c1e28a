"""What may be shown of each figure, and which SQL models stand."""

from sqlalchemy import Column, Index, Integer, Table, Text

from meal_pipeline.store.tables.base import metadata

disclosures = Table(
    "disclosures",
    metadata,
    Column("figure_id", Text, primary_key=True),
    Column("project", Text, nullable=False),
    Column("withheld", Text, nullable=False, comment="small, or protects_others"),
    Index(None, "project"),
    comment="Figures that are withheld in everything shared, and why",
)

models = Table(
    "models",
    metadata,
    Column("model", Text, primary_key=True),
    Column("layer", Text, nullable=False, comment="staging, intermediate, marts"),
    Column("kind", Text, nullable=False, comment="view or table"),
    Column("sql_hash", Text, nullable=False, comment="SHA-256 of the file and all it reads"),
    Column("rows", Integer),
    Column("built_at", Text, nullable=False),
    comment="SQL models as last built",
)
