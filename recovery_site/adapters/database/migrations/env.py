"""Alembic's entry: runs on the connection that `schema.upgrade` hands over, or on the one of the settings."""

from alembic import context

from recovery_site.adapters.database.engine import open_engine
from recovery_site.adapters.database.tables import metadata
from recovery_site.settings import load

connection = context.config.attributes.get("connection")
if connection is not None:
    context.configure(connection=connection, target_metadata=metadata, render_as_batch=True)
    with context.begin_transaction():
        context.run_migrations()
else:
    with open_engine(load().database.url).begin() as own:
        context.configure(connection=own, target_metadata=metadata, render_as_batch=True)
        with context.begin_transaction():
            context.run_migrations()
