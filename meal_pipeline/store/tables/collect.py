"""What the servers sent: forms, their versions, every version of every submission, each pull."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
)

from meal_pipeline.store.tables.base import metadata

forms = Table(
    "forms",
    metadata,
    Column("server", Text, primary_key=True, comment="Address of the KoboToolbox server"),
    Column("asset_uid", Text, primary_key=True, comment="The form's uid there"),
    Column("name", Text, nullable=False, comment="The form's title on the server"),
    Column("deployed_version_uid", Text, comment="The version that is deployed"),
    Column("last_submission_time", Text, comment="As the server told; moves on new rows only"),
    Column("submission_count", BigInteger, comment="As the server told; null without the right"),
    Column("looked_at", Text, nullable=False, comment="When the server was last asked"),
    Column("rights", Text, comment="JSON: what the account might do when rows were last counted"),
    Column("scanned_at", Text, comment="When every row's identity was last compared, proven"),
    Column("verified_at", Text, comment="When every row's body was last compared, proven"),
    Column("verified_until", BigInteger, comment="The _id up to which a verification came so far"),
    Column("modified_until", Text, comment="Latest _date_modified seen; null where rows lack it"),
    Column("cannot_carry", Text, comment="JSON: what a file as source could not tell"),
    comment="Forms as their servers describe them",
)

form_versions = Table(
    "form_versions",
    metadata,
    Column("server", Text, primary_key=True),
    Column("asset_uid", Text, primary_key=True),
    Column("version_uid", Text, primary_key=True),
    Column("content_hash", Text, nullable=False, comment="SHA-256 of the canonical content"),
    Column("content", LargeBinary, nullable=False, comment="The form's content, JSON, zstd"),
    Column("deployed_at", Text, comment="When the server deployed it"),
    Column("position", Integer, nullable=False, comment="Order of deployment, oldest first"),
    comment="Every deployed version of every form",
)

submissions = Table(
    "submissions",
    metadata,
    Column("server", Text, primary_key=True),
    Column("asset_uid", Text, primary_key=True),
    Column("submission_id", BigInteger, primary_key=True, comment="Kobo's _id"),
    Column("sequence", Integer, primary_key=True, comment="1 for the first version seen, then 2 …"),
    Column("body_hash", Text, nullable=False, comment="SHA-256 of the canonical body"),
    Column("uuid", Text, nullable=False, comment="Kobo's _uuid; new on every edit"),
    Column("version_uid", Text, comment="Form version the row says it was filled with"),
    Column("submitted_at", Text, comment="_submission_time as sent"),
    Column("received_at", Text, nullable=False, comment="When this version was first seen here"),
    Column("pull_id", Text, nullable=False),
    Column("body", LargeBinary, nullable=False, comment="The body as received: zstd, AES-GCM"),
    comment="Append-only log: each version of each submission once",
)

submission_heads = Table(
    "submission_heads",
    metadata,
    Column("server", Text, primary_key=True),
    Column("asset_uid", Text, primary_key=True),
    Column("submission_id", BigInteger, primary_key=True),
    Column("sequence", Integer, nullable=False, comment="The version that holds now"),
    Column("body_hash", Text, nullable=False),
    Column("uuid", Text, nullable=False),
    Column("validation", Text, server_default="", nullable=False, comment="approved, … or ''"),
    Column("validated_at", Text, comment="When the server set the validation status"),
    Column("attachments", Text, comment="Hash of the attachments that the server lists"),
    Column("deleted_at", Text, comment="When it was found gone from the server; null: it is there"),
    comment="Which version of each submission holds now",
)

submission_spans = Table(
    "submission_spans",
    metadata,
    Column("server", Text, primary_key=True),
    Column("asset_uid", Text, primary_key=True),
    Column("submission_id", BigInteger, primary_key=True),
    Column("valid_from", Text, primary_key=True, comment="Since when this version was known"),
    Column("sequence", Integer, primary_key=True, comment="Which version"),
    Column("valid_to", Text, comment="Until when it held; null while it does"),
    Column("ended_by", Text, comment="edited or deleted; null while it holds"),
    comment="Which version of each submission held when: any past moment can be asked for",
)

validation_statuses = Table(
    "validation_statuses",
    metadata,
    Column("server", Text, primary_key=True),
    Column("asset_uid", Text, primary_key=True),
    Column("submission_id", BigInteger, primary_key=True),
    Column("seen_at", Text, primary_key=True, comment="When it was first seen here"),
    Column("status", Text, nullable=False, comment="approved, not_approved, on_hold; '' = none"),
    Column("set_at", Text, comment="When the server says it was set"),
    Column("sequence", Integer, nullable=False, comment="Version of the submission at that time"),
    comment="Every validation status that a submission was seen with",
)

form_files = Table(
    "form_files",
    metadata,
    Column("server", Text, primary_key=True),
    Column("asset_uid", Text, primary_key=True),
    Column("name", Text, primary_key=True, comment="File name, as the form's questions call it"),
    Column("content_hash", Text, primary_key=True, comment="SHA-256 of the file"),
    Column("content", LargeBinary, comment="The file, zstd; null where it could not be had"),
    Column("problem", Text, comment="Why it could not be had"),
    Column("seen_from", Text, nullable=False, comment="Since when the server attaches it"),
    comment="Files attached to forms, such as lists of choices, every version of each",
)

pulls = Table(
    "pulls",
    metadata,
    Column("pull_id", Text, primary_key=True),
    Column("project", Text, nullable=False),
    Column("form", Text, nullable=False, comment="The form's code in the project"),
    Column("server", Text, nullable=False),
    Column("asset_uid", Text, nullable=False),
    Column("started_at", Text, nullable=False),
    Column("finished_at", Text),
    Column("rows_on_server", BigInteger, comment="count, as the server told at the end"),
    Column("rows_held", BigInteger, comment="Rows held here at the end"),
    Column("rows_new", BigInteger, nullable=False),
    Column("rows_edited", BigInteger, nullable=False),
    Column("rows_deleted", BigInteger, server_default="0", nullable=False, comment="Found gone"),
    Column("rows_returned", BigInteger, server_default="0", nullable=False, comment="Back again"),
    Column(
        "rows_revalidated",
        BigInteger,
        server_default="0",
        nullable=False,
        comment="With another validation status",
    ),
    Column("rows_vanished", BigInteger, comment="Gone from the server, a person must decide"),
    Column("depth", Text, comment="first, modified, scan or verify: how far rows were compared"),
    Column("requests", Integer, nullable=False),
    Column("received_bytes", BigInteger, nullable=False),
    Column("complete", Boolean, nullable=False, comment="Proven: every row of the server is held"),
    Column("error", Text, comment="Why not, in one sentence"),
    Index(None, "project", "form", "started_at"),
    comment="Each pull with its proof of completeness",
)
