"""Where Alembic meets the store: it works on the connection that `store.migration` hands over."""

from alembic import context

from meal_pipeline.store.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
)
with context.begin_transaction():
    context.run_migrations()
