"""Bringing a database to the schema of this version, and telling whether it is there."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, inspect


class SchemaOutdated(Exception):
    """The database lacks migrations of this version."""


_MIGRATIONS = Path(__file__).with_name("migrations")


def upgrade(engine: Engine, revision: str = "head") -> None:
    """Run the migrations that are missing, as far as `revision`."""
    config = _config()
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, revision)


def is_current(engine: Engine) -> bool:
    """Return whether the database has the schema of this version."""
    if is_missing(engine):
        return False
    head = ScriptDirectory.from_config(_config()).get_current_head()
    with engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision() == head


def require_current(engine: Engine) -> None:
    """Raise `SchemaOutdated` where migrations are missing."""
    if not is_current(engine):
        raise SchemaOutdated("the database is not at this version's schema; run: recovery-site db upgrade")


def has_table(engine: Engine, name: str) -> bool:
    """Return whether the database has a table of that name."""
    return not is_missing(engine) and inspect(engine).has_table(name)


def is_missing(engine: Engine) -> bool:
    """Return whether the engine's SQLite file is yet to be made; asking the database itself would make it."""
    path = engine.url.database or ":memory:"
    return engine.dialect.name == "sqlite" and not path.startswith((":", "file:")) and not Path(path).exists()


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    return config
