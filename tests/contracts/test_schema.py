"""The migrations make exactly the tables that the code uses."""

from collections.abc import Iterator

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Engine, inspect, make_url, text
from sqlalchemy.exc import ProgrammingError

from recovery_site.adapters.database import schema
from recovery_site.adapters.database.engine import open_engine
from recovery_site.adapters.database.tables import metadata
from recovery_site.adapters.directories.embedded import EmbeddedDirectory
from recovery_site.domain.people import NewAccount
from recovery_site.domain.secret import Secret
from tests.conftest import cheap_hasher
from tests.fakes import ACCOUNTS, AN, BINH, LOCKED, NOON, OLD_PASSWORD


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


def test_dovecot_is_shown_the_passwords_of_active_accounts_and_nothing_else(engine: Engine) -> None:
    directory = EmbeddedDirectory(engine, cheap_hasher())
    given = {AN: Secret(OLD_PASSWORD), LOCKED: Secret(OLD_PASSWORD), BINH: None}
    directory.put([NewAccount(ACCOUNTS[address], password) for address, password in given.items()], NOON)
    with engine.begin() as connection:
        [shown] = connection.execute(text("SELECT * FROM dovecot_passdb")).mappings()
    assert set(shown) == {"username", "password"}
    assert shown["username"] == AN
    assert shown["password"].startswith("{ARGON2ID}$argon2id$")


@pytest.fixture
def reader(migrated_postgresql_url: str) -> Iterator[Engine]:
    """A role that may read the view, over a database with one active and one locked account."""
    owner = open_engine(migrated_postgresql_url)
    directory = EmbeddedDirectory(owner, cheap_hasher())
    directory.put([NewAccount(ACCOUNTS[address], Secret(OLD_PASSWORD)) for address in (AN, LOCKED)], NOON)
    with owner.begin() as connection:
        connection.execute(text("CREATE ROLE view_reader LOGIN; GRANT SELECT ON dovecot_passdb TO view_reader"))
    opened = open_engine(make_url(migrated_postgresql_url).set(username="view_reader").render_as_string())
    yield opened
    opened.dispose()
    with owner.begin() as connection:
        connection.execute(text("DROP OWNED BY view_reader; DROP ROLE view_reader"))
    owner.dispose()


def test_a_postgresql_reader_of_the_view_can_read_nothing_else(reader: Engine) -> None:
    with reader.begin() as connection:
        assert connection.scalars(text("SELECT username FROM dovecot_passdb")).all() == [AN]
    for table in metadata.tables:
        with pytest.raises(ProgrammingError, match="permission denied"), reader.begin() as connection:
            connection.execute(text(f"SELECT * FROM {table}"))  # noqa: S608 -- the names are the test's own


def test_a_reader_s_own_function_is_not_shown_the_rows_that_the_view_leaves_out(reader: Engine) -> None:
    with reader.begin() as connection:
        connection.execute(text("CREATE TEMPORARY SEQUENCE seen"))
        connection.execute(
            text(
                "CREATE FUNCTION pg_temp.peep(varchar) RETURNS boolean LANGUAGE plpgsql COST 0.0001 "
                "AS 'BEGIN RETURN nextval(''pg_temp.seen'') > 0; END'"
            )
        )
        connection.execute(text("SELECT * FROM dovecot_passdb WHERE pg_temp.peep(username)"))
        assert connection.scalar(text("SELECT last_value FROM seen")) == 1


def test_an_upgrade_of_an_older_database_keeps_its_accounts(database_url: str) -> None:
    engine = open_engine(database_url)
    schema.upgrade(engine, "0001")
    EmbeddedDirectory(engine, cheap_hasher()).put([NewAccount(ACCOUNTS[AN], Secret(OLD_PASSWORD))], NOON)
    assert not schema.is_current(engine)
    schema.upgrade(engine)
    assert schema.is_current(engine)
    assert EmbeddedDirectory(engine, cheap_hasher()).check_password(AN, Secret(OLD_PASSWORD))
    engine.dispose()


def test_an_upgrade_ends_sessions_that_nobody_knows_the_last_use_of(database_url: str) -> None:
    engine = open_engine(database_url)
    schema.upgrade(engine, "0005")
    row = {"browser": "b" * 64, "address": AN, "created_at": NOON, "expires_at": NOON}
    with engine.begin() as connection:
        connection.execute(
            text("INSERT INTO sessions VALUES (:browser, :address, :created_at, :expires_at)").bindparams(**row)
        )
    schema.upgrade(engine)
    with engine.begin() as connection:
        assert connection.scalar(text("SELECT count(*) FROM sessions")) == 0
    engine.dispose()
