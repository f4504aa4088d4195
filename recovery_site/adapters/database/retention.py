"""Erasing what is kept no longer."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Engine, Table, delete, func
from sqlalchemy.orm import Session

from recovery_site.adapters.database.audit_chain import ChainRows, Sealing
from recovery_site.adapters.database.tables import (
    activations,
    limit_counters,
    limit_members,
    messages,
    recoveries,
    sessions,
)


@dataclass(frozen=True)
class Erased:
    """How many rows went."""

    recoveries: int
    messages: int
    activations: int
    events: int
    sessions: int
    counters: int


def purge(
    engine: Engine, sealing: Sealing, *, now: datetime, recoveries_before: datetime, audit_before: datetime
) -> Erased:
    """Erase the recoveries that ended, or ran out, before `recoveries_before`, and what is over at `now`.

    The messages of a recovery go with it; those without one go when their deadline lies as long ago. The record, its
    chain unbroken, and what was handed out go by `audit_before`; never the clock of a first password that nobody has
    changed.
    """
    ended = func.coalesce(recoveries.c.finished_at, recoveries.c.expires_at, type_=recoveries.c.expires_at.type)
    own = messages.c.recovery_id.is_(None)
    changed = func.coalesce(activations.c.replaced_at, activations.c.changed_at, type_=activations.c.changed_at.type)
    return Erased(
        recoveries=_erase(engine, recoveries, ended < recoveries_before),
        messages=_erase(engine, messages, own & (messages.c.deadline < recoveries_before)),
        activations=_erase(engine, activations, changed < audit_before),
        events=_shorten(engine, sealing, now, audit_before),
        sessions=_erase(engine, sessions, sessions.c.expires_at <= now),
        counters=_erase(engine, limit_counters, limit_counters.c.expires_at <= now)
        + _erase(engine, limit_members, limit_members.c.expires_at <= now),
    )


def _shorten(engine: Engine, sealing: Sealing, now: datetime, before: datetime) -> int:
    with Session(engine) as session, session.begin():
        return ChainRows(session, sealing).shorten(before, now)


def _erase(engine: Engine, table: Table, where: ColumnElement[bool]) -> int:
    # a transaction for each table: the site waits for none of them long
    with engine.begin() as connection:
        return connection.execute(delete(table).where(where)).rowcount
