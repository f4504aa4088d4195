"""The migrations make exactly the tables that the code uses."""

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Engine, inspect

from recovery_site.adapters.database import schema
from recovery_site.adapters.database.engine import open_engine
from recovery_site.adapters.database.tables import metadata


def test_the_migrations_and_the_tables_agree(engine: Engine) -> None:
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []


def test_an_empty_database_is_not_current_until_it_is_upgraded_and_upgrading_twice_is_harmless(
    database_url: str,
) -> None:
    engine = open_engine(database_url)
    assert not schema.is_current(engine)
    for _ in range(2):
        schema.upgrade(engine)
        assert schema.is_current(engine)
    assert set(metadata.tables) <= set(inspect(engine).get_table_names())
    engine.dispose()
