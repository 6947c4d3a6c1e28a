"""Corrections of answers: proposed by one person, approved by another, applied over the rows."""

from sqlalchemy import BigInteger, Boolean, Column, Index, Table, Text

from meal_pipeline.store.tables.base import metadata

corrections = Table(
    "corrections",
    metadata,
    Column("correction_id", Text, primary_key=True, comment="Short name: C-4f0a91c2e7"),
    Column("project", Text, nullable=False),
    Column("form", Text, nullable=False),
    Column("submission_id", BigInteger, nullable=False, comment="Kobo's _id"),
    Column("position", Text, nullable=False, comment="Row of a repeat: 2 or 2/1; '' for the form"),
    Column("question", Text, nullable=False, comment="'' where the whole row is meant"),
    Column(
        "kind",
        Text,
        nullable=False,
        comment="change_response, blank_response, remove_survey, no_action",
    ),
    Column("old_value", Text, comment="The answer when it was proposed; never a personal one"),
    Column("new_value", Text, comment="The answer that counts instead; never a personal one"),
    Column("issue", Text, comment="What was found, as the sheet or log says it"),
    Column("reason", Text, nullable=False, comment="How it is known: call-back, photo …"),
    Column("proposed_by", Text, nullable=False, comment="Name of who proposed it"),
    Column("proposed_at", Text, nullable=False, comment="When it was proposed"),
    Column("approved_by", Text, comment="Name of who approved it"),
    Column("approved_at", Text, comment="When it was approved"),
    Column("rejected_by", Text, comment="Who refused it, or took it back after approval"),
    Column("rejected_at", Text, comment="When that was"),
    Column(
        "status",
        Text,
        nullable=False,
        comment="proposed, approved, applied, rejected, or reopened: its row changed since",
    ),
    Column("row_hash", Text, nullable=False, comment="Hash of the body that it was made on"),
    Column(
        "single_person",
        Boolean,
        nullable=False,
        comment="Approved by the person who proposed it, as the project allowed",
    ),
    Column("source", Text, nullable=False, comment="File, sheet and row it came from, or command"),
    Column("snapshot_id", Text, comment="First validated snapshot that includes it"),
    Index(None, "project", "status"),
    comment="Corrections with both signatures; rows as received stay as they are",
)
