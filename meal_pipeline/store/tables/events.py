"""What servers announced: the inbox of events, each only a hint to look."""

from sqlalchemy import BigInteger, Column, Index, Table, Text

from meal_pipeline.store.tables.base import metadata

events = Table(
    "events",
    metadata,
    Column("event_id", Text, primary_key=True, comment="Made here; servers give none"),
    Column("project", Text, nullable=False, comment="Which project to look at"),
    Column("form", Text, comment="The form's code in the project; null where not told"),
    Column("submission_id", BigInteger, comment="Kobo's _id, where the event names one"),
    Column("received_at", Text, nullable=False, comment="When it came in"),
    Column("run_key", Text, comment="The run that is asked for because of it; null: none yet"),
    Column("taken_at", Text, comment="When that run was found to be there; null: it waits"),
    Index(None, "taken_at", "received_at"),
    comment="Events received, none of them trusted beyond: look at this project",
)
