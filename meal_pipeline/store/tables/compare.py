"""Effects: estimates against a comparison."""

from sqlalchemy import Boolean, Column, Integer, Table, Text

from meal_pipeline.store.tables.base import metadata
from meal_pipeline.store.tables.measure import figure_values, natural_key

effects = Table(
    "effects",
    metadata,
    *natural_key(),
    Column("comparison", Text, nullable=False, comment="Code of the comparison in the project"),
    Column("name_en", Text),
    Column("name_ar", Text),
    Column("label", Text, nullable=False, comment="attributed_effect or comparison_suggests"),
    Column("label_reason", Text, nullable=False, comment="JSON: language → why this label"),
    Column("clustered_by", Text, nullable=False, comment="Question, or '' for the row itself"),
    Column("assigned_by_lottery", Boolean, nullable=False),
    Column("n_participants", Integer, nullable=False),
    Column("n_comparison", Integer, nullable=False),
    Column("n_dropped", Integer, nullable=False, comment="Answered rows that could not be used"),
    *figure_values(),
    comment="Effects with their label; private and complete",
)
