"""Declarations as rows (projects, rounds, indicators, categories), estimates and changes."""

from sqlalchemy import Boolean, Column, Float, Integer, Table, Text, false
from sqlalchemy.sql.schema import SchemaItem

from meal_pipeline.store.tables.base import metadata

projects = Table(
    "projects",
    metadata,
    Column("project", Text, primary_key=True, comment="Code"),
    Column("name_en", Text),
    Column("name_ar", Text),
    Column("organisation_en", Text),
    Column("organisation_ar", Text),
    Column("synthetic", Boolean, nullable=False, comment="Made-up data: said on every output"),
    Column("note_en", Text),
    Column("note_ar", Text),
    Column("participants_en", Text, comment="Name of the arm, where the file gives one"),
    Column("participants_ar", Text),
    Column("comparison_en", Text),
    Column("comparison_ar", Text),
    Column("retired", Boolean, nullable=False, comment="Its file is gone; its history is kept"),
    Column(
        "single_person",
        Boolean,
        nullable=False,
        server_default=false(),
        comment="One person may propose and approve a correction: said on every figure",
    ),
    comment="Projects as last declared",
)

rounds = Table(
    "rounds",
    metadata,
    Column("project", Text, primary_key=True),
    Column("round", Text, primary_key=True, comment="Code; '' where the project has no rounds"),
    Column("name_en", Text),
    Column("name_ar", Text),
    Column("position", Integer, nullable=False, comment="Order in time, 1 first"),
    Column("data_from", Text, comment="First day of its valid rows"),
    Column("data_to", Text, comment="Last day of its valid rows"),
    comment="Rounds of data collection",
)

indicators = Table(
    "indicators",
    metadata,
    Column("project", Text, primary_key=True),
    Column("indicator", Text, primary_key=True, comment="Code"),
    Column("definition_hash", Text, nullable=False, comment="SHA-256 of what defines it"),
    Column("name_en", Text),
    Column("name_ar", Text),
    Column("level", Text, nullable=False, comment="output, outcome or impact (results chain)"),
    Column("statistic", Text, nullable=False, comment="proportion or mean"),
    Column("unit_en", Text),
    Column("unit_ar", Text),
    Column("better", Text, nullable=False, comment="higher or lower"),
    Column("form", Text, comment="Code of the form whose rows it is computed over"),
    Column("people_en", Text, comment="Who the rows are, for sentences: households"),
    Column("people_ar", Text),
    Column("gain_en", Text, comment="What a true answer means: had acceptable food consumption"),
    Column("gain_ar", Text),
    Column("expression", Text, nullable=False),
    Column("baseline_round", Text),
    Column("target", Float, comment="In the unit shown: percent for a proportion"),
    Column("target_round", Text),
    Column("position", Integer, nullable=False),
    comment="Indicators as last declared",
)

categories = Table(
    "categories",
    metadata,
    Column("project", Text, primary_key=True),
    Column("disaggregation", Text, primary_key=True, comment="Code, or two joined by |"),
    Column("category", Text, primary_key=True, comment="Code, or two joined by |"),
    Column("name_en", Text),
    Column("name_ar", Text),
    Column("disaggregation_en", Text, comment="Name of the disaggregation; of two, joined by ×"),
    Column("disaggregation_ar", Text),
    Column("place", Text, comment="P-code, where the category is a place"),
    Column("position", Integer, nullable=False),
    comment="Categories of each disaggregation, declared ones without rows too",
)


def natural_key() -> list[SchemaItem]:
    """Give the columns that name a figure; the same in estimates, changes and effects."""
    return [
        Column("project", Text, primary_key=True),
        Column("indicator", Text, primary_key=True),
        Column("definition_hash", Text, primary_key=True, comment="Definition it was made with"),
        Column("round", Text, primary_key=True, comment="'' where the project has no rounds"),
        Column("baseline_round", Text, primary_key=True, comment="'' for an estimate"),
        Column("place", Text, primary_key=True, comment="P-code, or '' for everywhere"),
        Column("disaggregation", Text, primary_key=True, comment="'' for everyone"),
        Column("category", Text, primary_key=True, comment="'' for everyone; (not stated)"),
        Column(
            "arm", Text, primary_key=True, comment="all, participants, comparison, (not stated)"
        ),
        Column("statistic", Text, primary_key=True, comment="proportion, mean, difference …"),
        Column("design", Text, primary_key=True, comment="How it was computed, as a code"),
        Column("variant", Text, primary_key=True, comment="official, or the name of a rerun"),
    ]


def figure_values() -> list[SchemaItem]:
    """Give the columns that hold a figure and how sure it is."""
    return [
        Column("figure_id", Text, nullable=False, unique=True, comment="Short name: F-7K2M9QXA"),
        Column("estimate", Float, comment="Proportions 0 to 1; null when n is 0"),
        Column("se", Float, comment="Standard error"),
        Column("ci_low", Float),
        Column("ci_high", Float),
        Column("confidence", Float, nullable=False, comment="0.95"),
        Column("df", Float, comment="Degrees of freedom"),
        Column("deff", Float, comment="Design effect"),
        Column("n", Integer, nullable=False, comment="Rows with an answer, unweighted"),
        Column("n_missing", Integer, nullable=False, comment="Rows in scope without an answer"),
        Column("n_clusters", Integer, nullable=False),
        Column("n_strata", Integer, nullable=False),
        Column("method", Text, nullable=False, comment="Named in words"),
        Column("ci_method", Text, nullable=False),
        Column("note", Text, comment="JSON: language → what a reader must know"),
        Column("snapshot_id", Text, nullable=False, comment="Validated snapshot it was made from"),
        Column("status", Text, nullable=False, comment="draft until an organisation signs it"),
    ]


estimates = Table(
    "estimates",
    metadata,
    *natural_key(),
    *figure_values(),
    comment="Indicators by round, arm and disaggregation; private and complete",
)

changes = Table(
    "changes",
    metadata,
    *natural_key(),
    *figure_values(),
    comment="Baseline to later rounds, within an arm; private and complete",
)
