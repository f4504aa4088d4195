"""The outbox in the database: a message is committed with the step that needs it and leased to one dispatcher."""

from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, bindparam, func, select, text, update
from sqlalchemy.orm import Session

from recovery_site.adapters.database.bell import CHANNEL
from recovery_site.adapters.database.tables import messages
from recovery_site.domain.messages import Backlog, Channel, Message, MessageKind, MessageState

RATE_OF = 20
"""How many of the latest messages tell the gateways' rate."""

RATE_WITHIN = timedelta(minutes=2)

_QUEUED = messages.c.state == MessageState.QUEUED
_SENDING = messages.c.state == MessageState.SENDING
_WAITS = messages.c.state.in_([MessageState.QUEUED, MessageState.SENDING])
# built once, with the values as parameters: building it anew for each message costs a tenth of a dispatcher's time
_SAVE = update(messages).where(messages.c.id == bindparam("at"))


class DatabaseMessages:
    """The `Messages` port over one open transaction."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, message: Message) -> None:
        self._session.execute(messages.insert(), asdict(message))
        if self._session.get_bind().dialect.name == "postgresql":
            self._session.execute(text(f"NOTIFY {CHANNEL}"))  # rings when this transaction commits

    def save(self, message: Message) -> None:
        self._session.execute(_SAVE, asdict(message) | {"at": message.id})

    def get(self, message_id: str) -> Message | None:
        return self._one(select(messages).where(messages.c.id == message_id))

    def lock(self, message_id: str) -> Message | None:
        return self._one(select(messages).where(messages.c.id == message_id).with_for_update())

    def lock_carried(self, gateway: str, carrier_id: str) -> Message | None:
        if not carrier_id:
            return None
        carried = (messages.c.carrier_id == carrier_id) & (messages.c.gateway == gateway)
        newest = select(messages).where(carried).order_by(messages.c.created_at.desc()).limit(1)
        return self._one(newest.with_for_update())

    def of_recovery(self, recovery_id: str) -> list[Message]:
        mine = select(messages).where(messages.c.recovery_id == recovery_id)
        rows = self._session.execute(mine.order_by(messages.c.created_at, messages.c.ordinal, messages.c.channel))
        return [Message(**row) for row in rows.mappings()]

    def latest(self, recovery_id: str, kind: MessageKind) -> Message | None:
        mine = select(messages).where(messages.c.recovery_id == recovery_id, messages.c.kind == kind)
        return self._one(mine.order_by(messages.c.ordinal.desc()).limit(1))

    def claim(self, now: datetime, leased_until: datetime) -> Message | None:
        next_one = (
            select(messages.c.id)
            .where(_WAITS, messages.c.due_at <= now)
            .order_by(messages.c.priority, messages.c.due_at)
            .limit(1)
            .with_for_update(skip_locked=True)
            .scalar_subquery()
        )
        leased = (
            update(messages)
            .where(messages.c.id == next_one)
            .values(state=MessageState.SENDING, due_at=leased_until, attempts=messages.c.attempts + 1)
            .returning(messages)
        )
        row = self._session.execute(leased).mappings().one_or_none()
        return Message(**row) if row else None

    def withdraw(self, recovery_id: str, now: datetime) -> None:
        mine = messages.c.recovery_id == recovery_id
        code = messages.c.kind == MessageKind.CODE
        self._session.execute(
            update(messages).where(mine, code, _QUEUED).values(state=MessageState.EXPIRED, finished_at=now)
        )
        # what a gateway keeps is taken from it by the next dispatcher that finds it due
        handed = messages.c.handed_at.is_not(None)
        self._session.execute(update(messages).where(mine, code, _SENDING, handed).values(due_at=now))

    def backlog(self, message: Message, now: datetime) -> Backlog:
        before = (
            _WAITS,
            messages.c.channel == Channel.SMS,
            messages.c.priority <= message.priority,
            messages.c.created_at < message.created_at,
        )
        ahead = self._count(*before)
        lately = (messages.c.accepted_at > now - RATE_WITHIN, messages.c.channel == Channel.SMS)
        newest = select(messages.c.accepted_at).where(*lately).order_by(messages.c.accepted_at.desc()).limit(RATE_OF)
        times = list(self._session.execute(newest).scalars())
        seconds = (now - times[-1]).total_seconds() if times else 0
        return Backlog(ahead, len(times) / seconds if seconds > 0 else 0)

    def _count(self, *conditions: ColumnElement[bool]) -> int:
        return self._session.execute(select(func.count()).select_from(messages).where(*conditions)).scalar_one()

    def _one(self, query: Select[Any]) -> Message | None:
        row = self._session.execute(query).mappings().one_or_none()
        return Message(**row) if row else None
