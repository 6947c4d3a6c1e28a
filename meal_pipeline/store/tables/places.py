"""Places with their P-codes and names, and which of them the answers of projects mean."""

from sqlalchemy import Column, Index, Integer, Table, Text

from meal_pipeline.store.tables.base import metadata

places = Table(
    "places",
    metadata,
    Column("pcode", Text, primary_key=True, comment="P-code, as the list has it"),
    Column("level", Integer, nullable=False, comment="0 country … 3 sub-district, 4 settlement"),
    Column("parent_pcode", Text, comment="The place it lies in; null at the top of the list"),
    Column("name_en", Text),
    Column("name_ar", Text),
    Column("valid_from", Text, comment="Day since which the list has it so"),
    Column("valid_to", Text, comment="Day on which it ended; null while it holds"),
    Column("source", Text, nullable=False, comment="Name of the file it came from"),
    Column("imported_at", Text, nullable=False, comment="When it came or last changed"),
    Index(None, "parent_pcode"),
    comment="Places by P-code, as imported from OCHA's lists (COD-AB)",
)

place_names = Table(
    "place_names",
    metadata,
    Column("pcode", Text, primary_key=True, comment="P-code of the place"),
    Column("spelling", Text, primary_key=True, comment="A name, alias or former code, as written"),
    Column("kind", Text, nullable=False, comment="name, alias, or code for a former P-code"),
    Column("language", Text, nullable=False, comment="ar, en …; '' where the file does not say"),
    Column("letters", Text, nullable=False, comment="The spelling by the rule of equal letters"),
    Column("source", Text, nullable=False, comment="Name of the file it came from"),
    Column("imported_at", Text, nullable=False, comment="When it came"),
    Index(None, "letters"),
    comment="Every name of every place",
)

place_matches = Table(
    "place_matches",
    metadata,
    Column("project", Text, primary_key=True),
    Column("disaggregation", Text, primary_key=True, comment="Code of the split by places"),
    Column("within", Text, primary_key=True, comment="P-code of the known parent, '' without one"),
    Column("spelling", Text, primary_key=True, comment="The answer as it was given"),
    Column("pcode", Text, comment="P-code of the place; null where it is not resolved"),
    Column(
        "kind",
        Text,
        nullable=False,
        comment="code, name, alias, chosen (by a person) or unresolved",
    ),
    Column("decided_by", Text, comment="The person who chose, else the list that has the name"),
    Column("decided_at", Text, comment="When the person chose, or the list was imported"),
    comment="Which place each answer means, and by what",
)
