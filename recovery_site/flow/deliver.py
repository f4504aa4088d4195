"""Delivering: from the outbox to a gateway, with the truth about it written down before anybody is told.

A message is leased, sent outside any transaction, and its outcome saved. A dispatcher that dies leaves a lease behind;
when it runs out the message goes again, under the same id and with the same text (DESIGN section 8).
"""

import threading
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta

import structlog

from recovery_site.domain.codes import derive_code
from recovery_site.domain.keys import KeyRing, Label, UnknownKey
from recovery_site.domain.messages import Message, MessageKind, MessageState, Sms, code_text, password_changed_text
from recovery_site.domain.people import PhoneNumber
from recovery_site.domain.recovery import Step
from recovery_site.domain.secret import Secret
from recovery_site.flow.numbers import fingerprint
from recovery_site.ports import (
    Clock,
    Directory,
    DirectoryUnavailable,
    GatewayFault,
    SmsGateway,
    Transaction,
    Transactions,
)

LEASE = timedelta(seconds=60)
"""How long a dispatcher may hold a message; a message lost in a crash goes again within 90 seconds."""

RETRY_WAITS = (3, 7, 15, 30, 60)
"""Seconds before the next attempt, growing; the last one repeats until the deadline."""

IDLE_SECONDS = 1.0
"""How long a dispatcher rests before it looks for messages that another process queued."""

WAITERS = 8
"""How many pages may wait for a gateway's answer at one time; the rest show "being sent" at once."""

WAIT_SECONDS = 1.0
_LOOK_SECONDS = 0.05

log = structlog.get_logger()


class Unsendable(Exception):
    """The message must not be sent any more: the number has gone, or the key of its code."""


@dataclass(frozen=True)
class Wording:
    """What the texts of the messages take from the settings."""

    digits: int
    host: str
    contact_phone: str


class Deliver:
    """The outbox's worker and the page's view of it."""

    def __init__(
        self,
        transactions: Transactions,
        directory: Directory,
        gateways: Mapping[str, SmsGateway],
        clock: Clock,
        keys: KeyRing,
        wording: Wording,
    ) -> None:
        self._transactions = transactions
        self._directory = directory
        self._gateways = gateways
        self._clock = clock
        self._keys = keys
        self._wording = wording
        self._wake = threading.Event()
        self._waiters = threading.BoundedSemaphore(WAITERS)

    def wake(self) -> None:
        """Tell the dispatcher of this process that a message waits."""
        self._wake.set()

    def wait_for(self, message_id: str) -> MessageState:
        """Wait up to a second for a gateway's answer and return what is known of the message then."""
        if not self._waiters.acquire(blocking=False):
            return self.state_of(message_id)
        try:
            ends = self._clock.now() + timedelta(seconds=WAIT_SECONDS)
            while True:
                message = self._get(message_id)
                if message.state.is_final or message.fault or self._clock.now() >= ends:
                    return message.state
                self._clock.sleep(_LOOK_SECONDS)
        finally:
            self._waiters.release()

    def state_of(self, message_id: str) -> MessageState:
        """Return what is known of the message now."""
        return self._get(message_id).state

    def run(self, stop: threading.Event) -> None:
        """Send messages until `stop` is set; faults of the database are waited out, never died of."""
        while not stop.is_set():
            try:
                if self.send_next():
                    continue
            except Exception:
                log.exception("dispatcher_fault")
            self._wake.wait(IDLE_SECONDS)
            self._wake.clear()

    def send_next(self) -> bool:
        """Send the next due message, if there is one; return whether there was."""
        now = self._clock.now()
        with self._transactions() as tx:
            message = tx.messages.claim(now, now + LEASE)
            wanted = message is not None and _is_wanted(tx, message)
        if message is None:
            return False
        if not wanted:
            self._finish(message, MessageState.EXPIRED)
            return True
        if now >= message.deadline:
            self._finish(message, MessageState.FAILED if message.fault else MessageState.EXPIRED)
            return True
        try:
            number = self._number(message)
            sms = self._sms(message)
        except Unsendable as reason:
            self._finish(message, MessageState.FAILED, fault=str(reason))
        except DirectoryUnavailable as error:
            self._retry(message, f"directory: {error}")
        else:
            self._try_gateways(message, number, sms)
        return True

    def _try_gateways(self, message: Message, number: PhoneNumber, sms: Sms) -> None:
        faults = []
        for name, gateway in self._gateways.items():
            try:
                carrier_id = gateway.send(number, sms)
            except GatewayFault as fault:
                faults.append(f"{name}: {fault}")
                continue
            self._finish(message, MessageState.SENT, gateway=name, carrier_id=carrier_id[:128])
            return
        self._retry(message, "; ".join(faults))

    def _retry(self, message: Message, fault: str) -> None:
        wait = RETRY_WAITS[min(message.attempts, len(RETRY_WAITS)) - 1]
        due_at = self._clock.now() + timedelta(seconds=wait)
        if due_at >= message.deadline:
            self._finish(message, MessageState.FAILED, fault=fault)
            return
        waiting = replace(message, state=MessageState.QUEUED, due_at=due_at, leased_until=None, fault=fault[:200])
        self._save(waiting)
        log.warning("sms_not_accepted", message=message.id, attempt=message.attempts, fault=fault[:200])

    def _finish(
        self, message: Message, state: MessageState, *, gateway: str = "", carrier_id: str = "", fault: str = ""
    ) -> None:
        ended = replace(
            message,
            state=state,
            leased_until=None,
            finished_at=self._clock.now(),
            gateway=gateway or None,
            carrier_id=carrier_id or None,
            fault=fault[:200] or message.fault if state is not MessageState.SENT else None,
        )
        self._save(ended)
        log.info(f"sms_{state}", message=message.id, reference=message.reference, gateway=gateway, fault=ended.fault)

    def _save(self, message: Message) -> None:
        """Write the outcome down, unless the message is no longer ours or a newer one replaced it."""
        with self._transactions() as tx:
            stored = tx.messages.get(message.id)
            if stored is not None and stored.state is MessageState.SENDING and stored.attempts == message.attempts:
                tx.messages.save(message)

    def _get(self, message_id: str) -> Message:
        with self._transactions() as tx:
            message = tx.messages.get(message_id)
        if message is None:
            raise LookupError(message_id)
        return message

    def _number(self, message: Message) -> PhoneNumber:
        """Return the number, read anew from the directory: a number that was taken away gets nothing any more."""
        account = self._directory.find(message.address)
        if message.kind is MessageKind.CODE and not (account and account.can_recover):
            raise Unsendable("the account cannot recover any more")
        key = self._keys.subkeys(Label.PHONE)
        for phone in account.phones if account else ():
            if any(fingerprint(one, message.recovery_id, phone.number) == message.phone for one in key):
                return phone.number
        raise Unsendable("the number is no longer the account's")

    def _sms(self, message: Message) -> Sms:
        """Return the text: the same for every attempt of one message."""
        if message.kind is MessageKind.PASSWORD_CHANGED:
            text = password_changed_text(reference=message.reference, contact_phone=self._wording.contact_phone)
            return Sms(message.id, text, reference=message.reference)
        code = self._code(message)
        text = code_text(
            code=code,
            minutes=message.minutes,
            reference=message.reference,
            ordinal=message.ordinal,
            host=self._wording.host,
        )
        return Sms(message.id, text, code=code, minutes=message.minutes, reference=message.reference)

    def _code(self, message: Message) -> Secret:
        try:
            key = self._keys.subkey(Label.CODE, message.key_id)
        except UnknownKey as error:
            raise Unsendable("the key of its code was taken out") from error
        return derive_code(
            key, recovery_id=message.recovery_id, generation=message.generation, digits=self._wording.digits
        )


def _is_wanted(tx: Transaction, message: Message) -> bool:
    """Return whether a code still opens something: its recovery waits for it, and no newer message replaced it."""
    if message.kind is not MessageKind.CODE:
        return True
    recovery = tx.recoveries.get(message.recovery_id)
    return recovery is not None and recovery.step is Step.AWAITING_CODE and recovery.sends == message.ordinal
