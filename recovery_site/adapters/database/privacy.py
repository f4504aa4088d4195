"""What the database keeps of a person: handing it out, and erasing what may go. Law 91/2025/QH15, Decree 356/2025."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Column, ColumnElement, Engine, Table, delete, select
from sqlalchemy.orm import Session

from recovery_site.adapters.database.audit import about, addresses
from recovery_site.adapters.database.audit_chain import ChainRows, Sealing
from recovery_site.adapters.database.tables import accounts, activations, audit, messages, phones, recoveries, sessions
from recovery_site.domain.messages import MessageState
from recovery_site.domain.recovery import Step

_NOBODY_S = frozenset(
    {
        "id",
        "browser",
        "previous_browser",
        "recovery_id",
        "activation_id",
        "phone",
        "key_id",
        "password_hash",
        "position",
    }
)
"""Columns that tell nothing about a person: ids, fingerprints and hashes that only the site can read."""
_OF_THE_CHAIN = frozenset({"salt", "personal", "link", "seal"})

_UNDER_WAY = recoveries.c.step.in_([Step.AWAITING_CONFIRMATION, Step.AWAITING_CODE])
_UNSENT = messages.c.state.in_([MessageState.QUEUED, MessageState.SENDING])
_RUNS = activations.c.changed_at.is_(None) & activations.c.replaced_at.is_(None)


@dataclass(frozen=True)
class Gone:
    """How many rows of a person were erased; an event stays, with nothing in it that says whose it was."""

    recoveries: int
    messages: int
    activations: int
    sessions: int
    events: int


def export(engine: Engine, sealing: Sealing, address: str) -> dict[str, list[dict[str, Any]]]:
    """Return everything that is kept of the person with this address, by the table that it is in."""
    with Session(engine) as session, session.begin():
        names = [name for name, _ in addresses(session, address)]
        found = {
            table.name: _shown(session, table, table.c.address.in_(names), _NOBODY_S)
            for table in (accounts, phones, recoveries, messages, activations, sessions)
        }
        whose = about(session, sealing.seals, address)
        found["audit"] = _shown(session, audit, whose, (_NOBODY_S | _OF_THE_CHAIN) - {"position"})
    return found


def erase(engine: Engine, sealing: Sealing, address: str, actor: str, now: datetime) -> Gone:
    """Erase what is kept of the person, but the account itself and what is under way; the record's chain holds.

    What is under way ends by itself: a recovery in half an hour, a first password when it is changed.
    """
    with Session(engine) as session, session.begin():
        names = [name for name, _ in addresses(session, address)]
        theirs = messages.c.address.in_(names)
        sent = theirs & ~_UNSENT & ~_of(messages.c.recovery_id, recoveries.c.id, _UNDER_WAY)
        letters = _delete(session, messages, sent & ~_of(messages.c.activation_id, activations.c.id, _RUNS))
        # what a message that waits belongs to stays until it is sent: a notice of a new password must go out
        held = select(messages.c.recovery_id).where(theirs, messages.c.recovery_id.is_not(None))
        ended = recoveries.c.address.in_(names) & ~_UNDER_WAY & recoveries.c.id.not_in(held)
        held = select(messages.c.activation_id).where(theirs, messages.c.activation_id.is_not(None))
        over = activations.c.address.in_(names) & ~_RUNS & activations.c.id.not_in(held)
        return Gone(
            recoveries=_delete(session, recoveries, ended),
            messages=letters,
            activations=_delete(session, activations, over),
            sessions=_delete(session, sessions, sessions.c.address.in_(names)),
            # last: who writes to the record waits for the chain from here on
            events=ChainRows(session, sealing).erase(lambda: about(session, sealing.seals, address), actor, now),
        )


def _of(key: Column[Any], there: Column[Any], where: ColumnElement[bool]) -> ColumnElement[bool]:
    return key.is_not(None) & key.in_(select(there).where(where))


def _delete(session: Session, table: Table, where: ColumnElement[bool]) -> int:
    return session.connection().execute(delete(table).where(where)).rowcount


def _shown(session: Session, table: Table, where: ColumnElement[bool], hidden: frozenset[str]) -> list[dict[str, Any]]:
    rows = session.execute(select(table).where(where).order_by(*table.primary_key)).mappings()
    return [{name: _plain(value) for name, value in _filled(row).items() if name not in hidden} for row in rows]


def _filled(row: Mapping[Any, Any]) -> dict[str, Any]:
    return {str(name): value for name, value in row.items() if value is not None}


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime | date) else value
