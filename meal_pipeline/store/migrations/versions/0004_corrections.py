"""Corrections with two signatures, accepted findings, rows that were removed."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "corrections",
        sa.Column("correction_id", sa.Text(), nullable=False, comment="Short name: C-4f0a91c2e7"),
        sa.Column("project", sa.Text(), nullable=False),
        sa.Column("form", sa.Text(), nullable=False),
        sa.Column("submission_id", sa.BigInteger(), nullable=False, comment="Kobo's _id"),
        sa.Column(
            "position",
            sa.Text(),
            nullable=False,
            comment="Row of a repeat: 2 or 2/1; '' for the form",
        ),
        sa.Column("question", sa.Text(), nullable=False, comment="'' where the whole row is meant"),
        sa.Column(
            "kind",
            sa.Text(),
            nullable=False,
            comment="change_response, blank_response, remove_survey, no_action",
        ),
        sa.Column(
            "old_value",
            sa.Text(),
            nullable=True,
            comment="The answer when it was proposed; never a personal one",
        ),
        sa.Column(
            "new_value",
            sa.Text(),
            nullable=True,
            comment="The answer that counts instead; never a personal one",
        ),
        sa.Column(
            "issue", sa.Text(), nullable=True, comment="What was found, as the sheet or log says it"
        ),
        sa.Column(
            "reason", sa.Text(), nullable=False, comment="How it is known: call-back, photo …"
        ),
        sa.Column("proposed_by", sa.Text(), nullable=False, comment="Name of who proposed it"),
        sa.Column("proposed_at", sa.Text(), nullable=False, comment="When it was proposed"),
        sa.Column("approved_by", sa.Text(), nullable=True, comment="Name of who approved it"),
        sa.Column("approved_at", sa.Text(), nullable=True, comment="When it was approved"),
        sa.Column(
            "rejected_by",
            sa.Text(),
            nullable=True,
            comment="Who refused it, or took it back after approval",
        ),
        sa.Column("rejected_at", sa.Text(), nullable=True, comment="When that was"),
        sa.Column(
            "status",
            sa.Text(),
            nullable=False,
            comment="proposed, approved, applied, rejected, or reopened: its row changed since",
        ),
        sa.Column(
            "row_hash", sa.Text(), nullable=False, comment="Hash of the body that it was made on"
        ),
        sa.Column(
            "single_person",
            sa.Boolean(),
            nullable=False,
            comment="Approved by the person who proposed it, as the project allowed",
        ),
        sa.Column(
            "source",
            sa.Text(),
            nullable=False,
            comment="File, sheet and row it came from, or command",
        ),
        sa.Column(
            "snapshot_id",
            sa.Text(),
            nullable=True,
            comment="First validated snapshot that includes it",
        ),
        sa.PrimaryKeyConstraint("correction_id", name=op.f("pk_corrections")),
        comment="Corrections with both signatures; rows as received stay as they are",
    )
    op.create_index(
        op.f("ix_corrections_project_status"), "corrections", ["project", "status"], unique=False
    )
    op.add_column(
        "findings",
        sa.Column(
            "team",
            sa.Text(),
            nullable=True,
            comment="The enumerator's team, where the project names the question",
        ),
    )
    op.add_column(
        "findings",
        sa.Column(
            "place",
            sa.Text(),
            nullable=True,
            comment="Code of the place, where the project names the question",
        ),
    )
    op.add_column(
        "findings",
        sa.Column(
            "decided_by", sa.Text(), nullable=True, comment="Who accepted it, while that holds"
        ),
    )
    op.add_column(
        "findings",
        sa.Column("decided_at", sa.Text(), nullable=True, comment="When it was accepted"),
    )
    op.add_column(
        "findings", sa.Column("reason", sa.Text(), nullable=True, comment="Why it was accepted")
    )
    op.add_column(
        "findings",
        sa.Column(
            "row_hash",
            sa.Text(),
            nullable=True,
            comment="Hash of the body on which it was accepted",
        ),
    )
    op.add_column(
        "projects",
        sa.Column(
            "single_person",
            sa.Boolean(),
            server_default=sa.false(),
            nullable=False,
            comment="One person may propose and approve a correction: said on every figure",
        ),
    )
    op.add_column(
        "row_accounts",
        sa.Column(
            "removed",
            sa.Integer(),
            server_default="0",
            nullable=False,
            comment="Taken out by a correction that two people signed",
        ),
    )
    _say(
        "open, accepted; gone: resolved, corrected …",
        "pulled = valid + not eligible + quarantined + removed, for every validated snapshot",
    )


def downgrade() -> None:
    op.drop_column("row_accounts", "removed")
    op.drop_column("projects", "single_person")
    op.drop_column("findings", "row_hash")
    op.drop_column("findings", "reason")
    op.drop_column("findings", "decided_at")
    op.drop_column("findings", "decided_by")
    op.drop_column("findings", "place")
    op.drop_column("findings", "team")
    op.drop_index(op.f("ix_corrections_project_status"), table_name="corrections")
    op.drop_table("corrections")
    _say(
        "open, or resolved once it is no longer seen",
        "pulled = valid + not eligible + quarantined, for every validated snapshot",
    )


def _say(status: str, accounts: str) -> None:
    """Let the database say what changed its meaning; SQLite keeps no comments."""
    if op.get_bind().dialect.name == "postgresql":
        op.alter_column("findings", "status", comment=status, existing_type=sa.Text())
        op.create_table_comment("row_accounts", accounts)
