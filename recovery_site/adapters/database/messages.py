"""The outbox in the database: a message is committed with the step that needs it and leased to one dispatcher."""

from dataclasses import asdict
from datetime import datetime

from sqlalchemy import and_, or_, select, update
from sqlalchemy.orm import Session

from recovery_site.adapters.database.tables import messages
from recovery_site.domain.messages import Message, MessageKind, MessageState

_QUEUED = messages.c.state == MessageState.QUEUED
_SENDING = messages.c.state == MessageState.SENDING


class DatabaseMessages:
    """The `Messages` port over one open transaction."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, message: Message) -> None:
        self._session.execute(messages.insert().values(asdict(message)))

    def save(self, message: Message) -> None:
        self._session.execute(update(messages).where(messages.c.id == message.id).values(asdict(message)))

    def get(self, message_id: str) -> Message | None:
        row = self._session.execute(select(messages).where(messages.c.id == message_id)).mappings().one_or_none()
        return Message(**row) if row else None

    def latest(self, recovery_id: str, kind: MessageKind) -> Message | None:
        mine = select(messages).where(messages.c.recovery_id == recovery_id, messages.c.kind == kind)
        row = self._session.execute(mine.order_by(messages.c.ordinal.desc()).limit(1)).mappings().one_or_none()
        return Message(**row) if row else None

    def claim(self, now: datetime, leased_until: datetime) -> Message | None:
        due = or_(and_(_QUEUED, messages.c.due_at <= now), and_(_SENDING, messages.c.leased_until <= now))
        next_one = (
            select(messages.c.id)
            .where(due)
            .order_by(messages.c.due_at)
            .limit(1)
            .with_for_update(skip_locked=True)
            .scalar_subquery()
        )
        leased = (
            update(messages)
            .where(messages.c.id == next_one)
            .values(state=MessageState.SENDING, leased_until=leased_until, attempts=messages.c.attempts + 1)
            .returning(messages)
        )
        row = self._session.execute(leased).mappings().one_or_none()
        return Message(**row) if row else None

    def withdraw(self, recovery_id: str, now: datetime) -> None:
        self._session.execute(
            update(messages)
            .where(messages.c.recovery_id == recovery_id, _QUEUED)
            .values(state=MessageState.EXPIRED, finished_at=now)
        )
