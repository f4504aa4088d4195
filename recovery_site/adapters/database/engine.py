"""Engines: one way to open SQLite and PostgreSQL, each with the settings that the rules rely on."""

from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, make_url

BUSY_TIMEOUT_SECONDS = 10
"""How long a writer waits for another one before it gives up."""

CACHE_KILOBYTES = 512
"""What each connection to SQLite may keep of the file; 2 MB by default, for each of some twenty connections of a
process. The system's own cache has the file anyway: sending is as fast with a quarter."""


def open_engine(url: str) -> Engine:
    """Return an engine for `sqlite:///…` or `postgresql+psycopg://…`; plain `postgresql://` means psycopg 3."""
    parsed = make_url(url)
    if parsed.get_backend_name() == "postgresql":
        timeouts = f"-c lock_timeout={BUSY_TIMEOUT_SECONDS}s -c timezone=UTC"
        return create_engine(
            parsed.set(drivername="postgresql+psycopg"),
            hide_parameters=True,
            pool_pre_ping=True,
            pool_size=10,
            connect_args={"options": timeouts, "connect_timeout": 5},
        )
    if parsed.database:
        Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
    # hide_parameters: what a statement carried, addresses and hashes among it, must not be in a fault's text
    engine = create_engine(parsed, hide_parameters=True, connect_args={"timeout": BUSY_TIMEOUT_SECONDS}, pool_size=10)
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_immediate)
    return engine


def _prepare_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # the driver must not open transactions of its own: BEGIN is ours
    for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON", f"cache_size=-{CACHE_KILOBYTES}"):
        connection.execute(f"PRAGMA {pragma}")


def _begin_immediate(connection: Connection) -> None:
    # taking the write lock at once: a transaction that reads and then writes can never fail half-way as "locked"
    connection.exec_driver_sql("BEGIN IMMEDIATE")
