"""`recovery-site db`: the database's schema and the server's key."""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import click
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from recovery_site.adapters.database import schema
from recovery_site.adapters.database.audit_chain import ChainRows, Sealing
from recovery_site.adapters.database.engine import open_engine
from recovery_site.adapters.key_files import ensure_key_file, read_key_ring
from recovery_site.adapters.system import SystemChance
from recovery_site.settings import Settings, load

_OWNER_ALONE = 0o077


@click.group()
def db() -> None:
    """Prepare the database and the key."""


@db.command()
def upgrade() -> None:
    """Make what the site needs to start: the key file, where it is missing, and the tables of this version.

    Run it as the user that runs the site, before the first start and after each new version; running it again does no
    harm. New files are readable by that user alone. Keep a copy of the key, apart from the copies of the database.

    \b
    Example:
      RECOVERY_CONFIG=/etc/recovery-site.toml recovery-site db upgrade
    """
    settings = load()
    with _private_files():
        _make_keys(settings.site.key_files)
        _migrate(settings)


def _make_keys(paths: Sequence[Path]) -> None:
    for path in paths:
        made = ensure_key_file(path, SystemChance())
        click.echo(f"{path}: {'made a new key, mode 600' if made else 'the key is there'}")


def _migrate(settings: Settings) -> None:
    engine = open_engine(settings.database.url)
    try:
        if schema.is_current(engine):
            click.echo("database: the schema is that of this version")
        else:
            had_record, had_chain = (schema.has_table(engine, name) for name in ("audit", "audit_chain"))
            schema.upgrade(engine)
            click.echo("database: brought to the schema of this version")
            if had_record and not had_chain:
                _chain_up(engine, settings.site.key_files)
    finally:
        engine.dispose()


def _chain_up(engine: Engine, key_files: Sequence[Path]) -> None:
    """Put the record of a version that had no chain into one: here alone, so that nobody else can begin it anew."""
    with Session(engine) as session, session.begin():
        count = ChainRows(session, Sealing.of(read_key_ring(key_files), SystemChance())).adopt()
    click.echo(f"record: {count} events are held by a chain from now on")


@contextmanager
def _private_files() -> Iterator[None]:
    """Keep others from reading the files that are made: SQLite's hold telephone numbers."""
    before = os.umask(_OWNER_ALONE)
    try:
        yield
    finally:
        os.umask(before)
