"""Moving a domain's accounts, and what the database has of them, to another domain: one statement for each table.

The record is never rewritten: it says that the account was renamed, and is followed.
"""

from datetime import datetime

from sqlalchemy import Column, ColumnElement, Table, delete, func, update
from sqlalchemy.orm import Session

from recovery_site.adapters.database.tables import accounts, activations, messages, recoveries, sessions
from recovery_site.domain.messages import MessageKind, MessageState
from recovery_site.domain.recovery import Step

_UNFINISHED = recoveries.c.step.in_([Step.AWAITING_CONFIRMATION, Step.AWAITING_CODE])
_UNSENT = messages.c.state.in_([MessageState.QUEUED, MessageState.SENDING])


def move(session: Session, old: str, new: str, now: datetime) -> None:
    """Move all that `old` has to `new`: numbers follow their accounts; open recoveries and sessions end."""
    session.execute(delete(sessions).where(_of(sessions.c.address, old)))
    ended = update(recoveries).where(_of(recoveries.c.address, old), _UNFINISHED)
    session.execute(ended.values(step=Step.ABANDONED, finished_at=now))
    queued = messages.c.state == MessageState.QUEUED
    codes = update(messages).where(_of(messages.c.address, old), messages.c.kind == MessageKind.CODE, queued)
    session.execute(codes.values(state=MessageState.EXPIRED, finished_at=now))
    for table in (accounts, activations):
        _move(session, table, old, new)
    # what still waits, a first password or a reminder, reads its number from the account's new address
    _move(session, messages, old, new, _UNSENT)


def _move(session: Session, table: Table, old: str, new: str, *conditions: ColumnElement[bool]) -> None:
    address = table.c.address
    moved = func.substr(address, 1, func.length(address) - len(old)).concat(new)
    session.execute(update(table).where(_of(address, old), *conditions).values(address=moved))


def _of(address: Column[str], domain: str) -> ColumnElement[bool]:
    return address.endswith(f"@{domain}", autoescape=True)
