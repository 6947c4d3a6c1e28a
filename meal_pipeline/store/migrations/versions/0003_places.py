"""Places, their names, and what answers of projects mean."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "place_matches",
        sa.Column("project", sa.Text(), nullable=False),
        sa.Column(
            "disaggregation", sa.Text(), nullable=False, comment="Code of the split by places"
        ),
        sa.Column(
            "within",
            sa.Text(),
            nullable=False,
            comment="P-code of the known parent, '' without one",
        ),
        sa.Column("spelling", sa.Text(), nullable=False, comment="The answer as it was given"),
        sa.Column(
            "pcode",
            sa.Text(),
            nullable=True,
            comment="P-code of the place; null where it is not resolved",
        ),
        sa.Column(
            "kind",
            sa.Text(),
            nullable=False,
            comment="code, name, alias, chosen (by a person) or unresolved",
        ),
        sa.Column(
            "decided_by",
            sa.Text(),
            nullable=True,
            comment="The person who chose, else the list that has the name",
        ),
        sa.Column(
            "decided_at",
            sa.Text(),
            nullable=True,
            comment="When the person chose, or the list was imported",
        ),
        sa.PrimaryKeyConstraint(
            "project", "disaggregation", "within", "spelling", name=op.f("pk_place_matches")
        ),
        comment="Which place each answer means, and by what",
    )
    op.create_table(
        "place_names",
        sa.Column("pcode", sa.Text(), nullable=False, comment="P-code of the place"),
        sa.Column(
            "spelling",
            sa.Text(),
            nullable=False,
            comment="A name, alias or former code, as written",
        ),
        sa.Column(
            "kind", sa.Text(), nullable=False, comment="name, alias, or code for a former P-code"
        ),
        sa.Column(
            "language",
            sa.Text(),
            nullable=False,
            comment="ar, en …; '' where the file does not say",
        ),
        sa.Column(
            "letters",
            sa.Text(),
            nullable=False,
            comment="The spelling by the rule of equal letters",
        ),
        sa.Column("source", sa.Text(), nullable=False, comment="Name of the file it came from"),
        sa.Column("imported_at", sa.Text(), nullable=False, comment="When it came"),
        sa.PrimaryKeyConstraint("pcode", "spelling", name=op.f("pk_place_names")),
        comment="Every name of every place",
    )
    op.create_index(op.f("ix_place_names_letters"), "place_names", ["letters"], unique=False)
    op.create_table(
        "places",
        sa.Column("pcode", sa.Text(), nullable=False, comment="P-code, as the list has it"),
        sa.Column(
            "level",
            sa.Integer(),
            nullable=False,
            comment="0 country … 3 sub-district, 4 settlement",
        ),
        sa.Column(
            "parent_pcode",
            sa.Text(),
            nullable=True,
            comment="The place it lies in; null at the top of the list",
        ),
        sa.Column("name_en", sa.Text(), nullable=True),
        sa.Column("name_ar", sa.Text(), nullable=True),
        sa.Column(
            "valid_from", sa.Text(), nullable=True, comment="Day since which the list has it so"
        ),
        sa.Column(
            "valid_to",
            sa.Text(),
            nullable=True,
            comment="Day on which it ended; null while it holds",
        ),
        sa.Column("source", sa.Text(), nullable=False, comment="Name of the file it came from"),
        sa.Column("imported_at", sa.Text(), nullable=False, comment="When it came or last changed"),
        sa.PrimaryKeyConstraint("pcode", name=op.f("pk_places")),
        comment="Places by P-code, as imported from OCHA's lists (COD-AB)",
    )
    op.create_index(op.f("ix_places_parent_pcode"), "places", ["parent_pcode"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_places_parent_pcode"), table_name="places")
    op.drop_table("places")
    op.drop_index(op.f("ix_place_names_letters"), table_name="place_names")
    op.drop_table("place_names")
    op.drop_table("place_matches")
