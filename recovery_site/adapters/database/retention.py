"""Erasing what is kept no longer."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Engine, Table, delete, func

from recovery_site.adapters.database.tables import limit_counters, recoveries, sessions


@dataclass(frozen=True)
class Erased:
    """How many rows went."""

    recoveries: int
    sessions: int
    counters: int


def purge(engine: Engine, *, now: datetime, recoveries_before: datetime) -> Erased:
    """Erase the recoveries that ended, or ran out, before `recoveries_before`, and what is over at `now`.

    The messages of a recovery go with it.
    """
    ended = func.coalesce(recoveries.c.finished_at, recoveries.c.expires_at, type_=recoveries.c.expires_at.type)
    return Erased(
        recoveries=_erase(engine, recoveries, ended < recoveries_before),
        sessions=_erase(engine, sessions, sessions.c.expires_at <= now),
        counters=_erase(engine, limit_counters, limit_counters.c.expires_at <= now),
    )


def _erase(engine: Engine, table: Table, where: ColumnElement[bool]) -> int:
    # a transaction for each table: the site waits for none of them long
    with engine.begin() as connection:
        return connection.execute(delete(table).where(where)).rowcount
