"""Telling people and other systems what happened to an account, through the outbox.

A person is told by SMS and by mail, other systems through the hooks.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from recovery_site.domain.activation import Activation
from recovery_site.domain.keys import KeyRing, Label
from recovery_site.domain.messages import Channel, Message, MessageKind
from recovery_site.domain.people import Account, Phone, PhoneNumber
from recovery_site.domain.recovery import Recovery
from recovery_site.flow.budget import Budget
from recovery_site.flow.numbers import find_phone, fingerprint
from recovery_site.ports import Chance, Clock, Transaction

LIFETIME = timedelta(hours=24)
"""How long a notice is worth sending."""


class Notices:
    """Puts notices into the outbox, in the transaction that made them due. `channels`: by what they go besides SMS."""

    def __init__(
        self,
        keys: KeyRing,
        budget: Budget,
        clock: Clock,
        chance: Chance,
        channels: Sequence[Channel],
        alarm_phone: PhoneNumber | None = None,
    ) -> None:
        self._keys = keys
        self._budget = budget
        self._clock = clock
        self._chance = chance
        self._channels = channels
        self._alarm_phone = alarm_phone

    def password_changed(
        self, tx: Transaction, account: Account, reference: str, recovery: Recovery | None = None
    ) -> None:
        """Tell every phone, the mailbox and the hooks of a new password, and of which recovery it came."""
        about = self._message(MessageKind.PASSWORD_CHANGED, account.address, reference)
        about = replace(about, recovery_id=recovery.id if recovery else None)
        for phone in account.phones:
            self._sms(tx, about, phone)
        for channel in self._channels:
            self._add(tx, replace(about, channel=channel, priority=channel.priority))

    def first_password(self, tx: Transaction, activation: Activation, account: Account) -> None:
        """Send the first password to the contact phone."""
        about = self._message(MessageKind.FIRST_PASSWORD, account.address, activation.reference, activation.ends_at)
        about = replace(about, activation_id=activation.id, generation=activation.attempt, key_id=activation.key_id)
        self._sms(tx, about, self._contact(activation, account))

    def reminder(self, tx: Transaction, activation: Activation, account: Account) -> None:
        """Remind the contact phone that the first password has to be changed."""
        about = self._message(MessageKind.REMINDER, account.address, activation.reference, activation.ends_at)
        self._sms(tx, replace(about, activation_id=activation.id), self._contact(activation, account))

    def locked(self, tx: Transaction, address: str, reference: str) -> None:
        """Tell Dovecot, which may remember the password of an account that has just been locked."""
        if Channel.DOVECOT in self._channels:
            about = self._message(MessageKind.ACCOUNT_LOCKED, address, reference)
            self._add(tx, replace(about, channel=Channel.DOVECOT, priority=Channel.DOVECOT.priority))

    def alarm(self, tx: Transaction) -> None:
        """Call the operator whose number the settings give, before all that is due: somebody may be guessing codes."""
        if self._alarm_phone is not None:
            message = replace(self._message(MessageKind.ALARM, "", ""), id=self._chance.token())
            tx.messages.add(message)
            self._budget.count(tx)

    def _contact(self, activation: Activation, account: Account) -> Phone | None:
        """Return the phone that was named when the account was asked for, else the first; None without any."""
        keys = self._keys.subkeys(Label.PHONE)
        found = find_phone(keys, activation.id, account.phones, activation.contact)
        return found or next(iter(account.phones), None)

    def _sms(self, tx: Transaction, about: Message, phone: Phone | None) -> None:
        if phone is None:
            return
        message = replace(about, id=self._chance.token())
        key = self._keys.subkey(Label.PHONE)
        tx.messages.add(replace(message, phone=fingerprint(key, message.subject, phone.number)))
        self._budget.count(tx)

    def _add(self, tx: Transaction, about: Message) -> None:
        tx.messages.add(replace(about, id=self._chance.token()))

    def _message(self, kind: MessageKind, address: str, reference: str, deadline: datetime | None = None) -> Message:
        now = self._clock.now()
        return Message(
            id="",
            kind=kind,
            priority=kind.priority,
            recovery_id=None,
            reference=reference,
            address=address,
            phone="",
            created_at=now,
            due_at=now,
            deadline=deadline or now + LIFETIME,
        )
