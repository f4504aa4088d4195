"""gammu-smsd's own tables, as far as the gateway reads and writes them (schema 17, gammu-smsd-tables(7)).

They belong to gammu-smsd: nothing here creates or changes them. PostgreSQL's names are case-sensitive, and quoted.
"""

from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any

from sqlalchemy import (
    URL,
    ColumnElement,
    DateTime,
    Engine,
    NullPool,
    column,
    create_engine,
    event,
    func,
    make_url,
    table,
)

OUTBOX = table(
    "outbox",
    column("ID"),
    column("CreatorID"),
    column("DestinationNumber"),
    column("TextDecoded"),
    column("Coding"),
    column("DeliveryReport"),
    column("RelativeValidity"),
    column("Priority"),
)
OUTBOX_MULTIPART = table("outbox_multipart", column("ID"))
SENTITEMS = table(
    "sentitems",
    column("CreatorID"),
    column("Text"),
    column("TextDecoded"),
    column("UDH"),
    column("Status"),
    column("StatusError"),
    column("StatusCode"),
    column("UpdatedInDB", DateTime),
)
PHONES = table("phones", column("UpdatedInDB", DateTime))


class Status(StrEnum):
    """What gammu-smsd writes about a message that has left the outbox."""

    SENDING_OK = "SendingOK"
    SENDING_OK_NO_REPORT = "SendingOKNoReport"
    SENDING_ERROR = "SendingError"
    DELIVERY_OK = "DeliveryOK"
    DELIVERY_FAILED = "DeliveryFailed"
    DELIVERY_PENDING = "DeliveryPending"
    DELIVERY_UNKNOWN = "DeliveryUnknown"
    ERROR = "Error"


def open_engine(url: str, timeout_seconds: float) -> Engine:
    """Return an engine that changes no setting of the database; nothing waits for a lock beyond `timeout_seconds`.

    Every use has a connection of its own: an SQLite file that was moved away, or put back, is noticed at once.
    """
    parsed = make_url(url)
    if parsed.get_backend_name() == "postgresql":
        milliseconds = round(timeout_seconds * 1000)
        return create_engine(
            parsed.set(drivername="postgresql+psycopg"),
            # the number and the text are parameters: they must not be in a fault's text
            hide_parameters=True,
            poolclass=NullPool,
            connect_args={
                "connect_timeout": max(2, round(timeout_seconds)),  # libpq takes 1 for 2
                "options": f"-c lock_timeout={milliseconds} -c statement_timeout={milliseconds}",
            },
        )
    engine = create_engine(
        _existing_file(parsed), hide_parameters=True, poolclass=NullPool, connect_args={"timeout": timeout_seconds}
    )
    event.listen(engine, "connect", _overwrite_what_is_deleted)
    return engine


def utc(time: ColumnElement[Any], engine: Engine) -> ColumnElement[Any]:
    """Return one of the schema's own time stamps as UTC: SQLite's are, PostgreSQL's are in its session's zone."""
    if engine.dialect.name == "sqlite":
        return time
    return func.timezone(func.current_setting("TimeZone"), time, type_=DateTime(timezone=True))


def a_day_ago(engine: Engine) -> ColumnElement[Any]:
    """Return yesterday's time in the zone of the schema's own time stamps."""
    if engine.dialect.name == "sqlite":
        return func.datetime("now", "-1 day")
    return func.localtimestamp() - timedelta(days=1)


def _existing_file(url: URL) -> URL:
    # without mode=rw a missing file would be made, empty
    file = Path(url.database or "").absolute().as_uri()
    return url.set(database=file, query={"mode": "rw", "uri": "true"})


def _overwrite_what_is_deleted(connection: Any, _record: object) -> None:
    # SQLite else leaves deleted texts in the file until their place is used again
    connection.execute("PRAGMA secure_delete=ON")
