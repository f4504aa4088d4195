"""Telling that a password changed: the person by SMS to every phone and by mail, other systems through the hooks."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from recovery_site.domain.messages import Channel, Message, MessageKind
from recovery_site.domain.people import Account
from recovery_site.domain.recovery import Recovery
from recovery_site.flow.budget import Budget
from recovery_site.flow.under_way import UnderWay
from recovery_site.ports import Chance, Clock, Transaction

LIFETIME = timedelta(hours=24)
"""How long a notice is worth sending."""


class Notices:
    """Puts notices into the outbox, in the transaction that made them due. `channels`: by what they go besides SMS."""

    def __init__(
        self, under_way: UnderWay, budget: Budget, clock: Clock, chance: Chance, channels: Sequence[Channel]
    ) -> None:
        self._under_way = under_way
        self._budget = budget
        self._clock = clock
        self._chance = chance
        self._channels = channels

    def password_changed(self, tx: Transaction, recovery: Recovery, account: Account) -> None:
        """Queue the notices about the new password."""
        now = self._clock.now()
        notice = Message(
            id="",
            kind=MessageKind.PASSWORD_CHANGED,
            priority=MessageKind.PASSWORD_CHANGED.priority,
            recovery_id=recovery.id,
            reference=recovery.reference,
            address=recovery.address,
            phone="",
            created_at=now,
            due_at=now,
            deadline=now + LIFETIME,
        )
        for phone in account.phones:
            fingerprint = self._under_way.fingerprint(recovery, phone)
            tx.messages.add(replace(notice, id=self._chance.token(), phone=fingerprint))
            self._budget.count(tx)
        for channel in self._channels:
            tx.messages.add(replace(notice, id=self._chance.token(), channel=channel, priority=channel.priority))
