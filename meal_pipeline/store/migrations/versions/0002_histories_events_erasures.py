"""Histories of submissions, events, erasures."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "erasures",
        sa.Column("erasure_id", sa.Text(), nullable=False, comment="Names the erasure"),
        sa.Column("server", sa.Text(), nullable=False),
        sa.Column("asset_uid", sa.Text(), nullable=False),
        sa.Column(
            "id_hash", sa.Text(), nullable=False, comment="Keyed hash of the submission's _id"
        ),
        sa.Column(
            "root_hash",
            sa.Text(),
            nullable=True,
            comment="Keyed hash of its rootUuid, so that it does not come back",
        ),
        sa.Column("erased_at", sa.Text(), nullable=False, comment="When"),
        sa.Column("reason", sa.Text(), nullable=False, comment="withdrawn or safety"),
        sa.Column(
            "versions", sa.Integer(), nullable=False, comment="How many versions of it were held"
        ),
        sa.PrimaryKeyConstraint("erasure_id", name=op.f("pk_erasures")),
        comment="Submissions that were erased; nothing else is left of them",
    )
    op.create_table(
        "events",
        sa.Column("event_id", sa.Text(), nullable=False, comment="Made here; servers give none"),
        sa.Column("project", sa.Text(), nullable=False, comment="Which project to look at"),
        sa.Column(
            "form",
            sa.Text(),
            nullable=True,
            comment="The form's code in the project; null where not told",
        ),
        sa.Column(
            "submission_id",
            sa.BigInteger(),
            nullable=True,
            comment="Kobo's _id, where the event names one",
        ),
        sa.Column("received_at", sa.Text(), nullable=False, comment="When it came in"),
        sa.Column(
            "run_key",
            sa.Text(),
            nullable=True,
            comment="The run that is asked for because of it; null: none yet",
        ),
        sa.Column(
            "taken_at",
            sa.Text(),
            nullable=True,
            comment="When that run was found to be there; null: it waits",
        ),
        sa.PrimaryKeyConstraint("event_id", name=op.f("pk_events")),
        comment="Events received, none of them trusted beyond: look at this project",
    )
    op.create_index(
        op.f("ix_events_taken_at_received_at"), "events", ["taken_at", "received_at"], unique=False
    )
    op.create_table(
        "form_files",
        sa.Column("server", sa.Text(), nullable=False),
        sa.Column("asset_uid", sa.Text(), nullable=False),
        sa.Column(
            "name", sa.Text(), nullable=False, comment="File name, as the form's questions call it"
        ),
        sa.Column("content_hash", sa.Text(), nullable=False, comment="SHA-256 of the file"),
        sa.Column(
            "content",
            sa.LargeBinary(),
            nullable=True,
            comment="The file, zstd; null where it could not be had",
        ),
        sa.Column("problem", sa.Text(), nullable=True, comment="Why it could not be had"),
        sa.Column(
            "seen_from", sa.Text(), nullable=False, comment="Since when the server attaches it"
        ),
        sa.PrimaryKeyConstraint(
            "server", "asset_uid", "name", "content_hash", name=op.f("pk_form_files")
        ),
        comment="Files attached to forms, such as lists of choices, every version of each",
    )
    op.create_table(
        "snapshot_replacements",
        sa.Column("project", sa.Text(), nullable=False),
        sa.Column("old_snapshot_id", sa.Text(), nullable=False, comment="As it was named"),
        sa.Column("new_snapshot_id", sa.Text(), nullable=False, comment="The same without the row"),
        sa.Column("erasure_id", sa.Text(), nullable=False, comment="For which erasure"),
        sa.Column("replaced_at", sa.Text(), nullable=False, comment="When"),
        sa.PrimaryKeyConstraint(
            "project", "old_snapshot_id", name=op.f("pk_snapshot_replacements")
        ),
        comment="Snapshots rewritten without an erased row; what the old one gave cannot be remade",
    )
    op.create_table(
        "submission_spans",
        sa.Column("server", sa.Text(), nullable=False),
        sa.Column("asset_uid", sa.Text(), nullable=False),
        sa.Column("submission_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "valid_from", sa.Text(), nullable=False, comment="Since when this version was known"
        ),
        sa.Column("sequence", sa.Integer(), nullable=False, comment="Which version"),
        sa.Column(
            "valid_to", sa.Text(), nullable=True, comment="Until when it held; null while it does"
        ),
        sa.Column(
            "ended_by", sa.Text(), nullable=True, comment="edited or deleted; null while it holds"
        ),
        sa.PrimaryKeyConstraint(
            "server",
            "asset_uid",
            "submission_id",
            "valid_from",
            "sequence",
            name=op.f("pk_submission_spans"),
        ),
        comment="Which version of each submission held when: any past moment can be asked for",
    )
    op.create_table(
        "validation_statuses",
        sa.Column("server", sa.Text(), nullable=False),
        sa.Column("asset_uid", sa.Text(), nullable=False),
        sa.Column("submission_id", sa.BigInteger(), nullable=False),
        sa.Column("seen_at", sa.Text(), nullable=False, comment="When it was first seen here"),
        sa.Column(
            "status",
            sa.Text(),
            nullable=False,
            comment="approved, not_approved, on_hold; '' = none",
        ),
        sa.Column("set_at", sa.Text(), nullable=True, comment="When the server says it was set"),
        sa.Column(
            "sequence",
            sa.Integer(),
            nullable=False,
            comment="Version of the submission at that time",
        ),
        sa.PrimaryKeyConstraint(
            "server", "asset_uid", "submission_id", "seen_at", name=op.f("pk_validation_statuses")
        ),
        comment="Every validation status that a submission was seen with",
    )
    op.add_column(
        "forms",
        sa.Column(
            "rights",
            sa.Text(),
            nullable=True,
            comment="JSON: what the account might do when rows were last counted",
        ),
    )
    op.add_column(
        "forms",
        sa.Column(
            "scanned_at",
            sa.Text(),
            nullable=True,
            comment="When every row's identity was last compared, proven",
        ),
    )
    op.add_column(
        "forms",
        sa.Column(
            "verified_at",
            sa.Text(),
            nullable=True,
            comment="When every row's body was last compared, proven",
        ),
    )
    op.add_column(
        "forms",
        sa.Column(
            "verified_until",
            sa.BigInteger(),
            nullable=True,
            comment="The _id up to which a verification came so far",
        ),
    )
    op.add_column(
        "forms",
        sa.Column(
            "modified_until",
            sa.Text(),
            nullable=True,
            comment="Latest _date_modified seen; null where rows lack it",
        ),
    )
    op.add_column(
        "forms",
        sa.Column(
            "cannot_carry",
            sa.Text(),
            nullable=True,
            comment="JSON: what a file as source could not tell",
        ),
    )
    op.add_column(
        "pulls",
        sa.Column(
            "rows_deleted",
            sa.BigInteger(),
            server_default="0",
            nullable=False,
            comment="Found gone",
        ),
    )
    op.add_column(
        "pulls",
        sa.Column(
            "rows_returned",
            sa.BigInteger(),
            server_default="0",
            nullable=False,
            comment="Back again",
        ),
    )
    op.add_column(
        "pulls",
        sa.Column(
            "rows_revalidated",
            sa.BigInteger(),
            server_default="0",
            nullable=False,
            comment="With another validation status",
        ),
    )
    op.add_column(
        "pulls",
        sa.Column(
            "rows_vanished",
            sa.BigInteger(),
            nullable=True,
            comment="Gone from the server, a person must decide",
        ),
    )
    op.add_column(
        "pulls",
        sa.Column(
            "depth",
            sa.Text(),
            nullable=True,
            comment="first, modified, scan or verify: how far rows were compared",
        ),
    )
    op.add_column(
        "submission_heads",
        sa.Column(
            "validation", sa.Text(), server_default="", nullable=False, comment="approved, … or ''"
        ),
    )
    op.add_column(
        "submission_heads",
        sa.Column(
            "validated_at",
            sa.Text(),
            nullable=True,
            comment="When the server set the validation status",
        ),
    )
    op.add_column(
        "submission_heads",
        sa.Column(
            "attachments",
            sa.Text(),
            nullable=True,
            comment="Hash of the attachments that the server lists",
        ),
    )
    op.add_column(
        "submission_heads",
        sa.Column(
            "deleted_at",
            sa.Text(),
            nullable=True,
            comment="When it was found gone from the server; null: it is there",
        ),
    )

    # What is held already was known since it was received.
    op.execute(
        "INSERT INTO submission_spans"
        " (server, asset_uid, submission_id, valid_from, sequence)"
        " SELECT heads.server, heads.asset_uid, heads.submission_id, log.received_at, log.sequence"
        " FROM submission_heads AS heads JOIN submissions AS log"
        " ON log.server = heads.server AND log.asset_uid = heads.asset_uid"
        " AND log.submission_id = heads.submission_id AND log.sequence = heads.sequence"
    )


def downgrade() -> None:
    op.drop_column("submission_heads", "deleted_at")
    op.drop_column("submission_heads", "attachments")
    op.drop_column("submission_heads", "validated_at")
    op.drop_column("submission_heads", "validation")
    op.drop_column("pulls", "depth")
    op.drop_column("pulls", "rows_vanished")
    op.drop_column("pulls", "rows_revalidated")
    op.drop_column("pulls", "rows_returned")
    op.drop_column("pulls", "rows_deleted")
    op.drop_column("forms", "cannot_carry")
    op.drop_column("forms", "modified_until")
    op.drop_column("forms", "verified_until")
    op.drop_column("forms", "verified_at")
    op.drop_column("forms", "scanned_at")
    op.drop_column("forms", "rights")
    op.drop_table("validation_statuses")
    op.drop_table("submission_spans")
    op.drop_table("snapshot_replacements")
    op.drop_table("form_files")
    op.drop_index(op.f("ix_events_taken_at_received_at"), table_name="events")
    op.drop_table("events")
    op.drop_table("erasures")
