"""Delivering: from the outbox to a gateway, with the truth about it written down before anybody is told.

A message is leased, sent outside any transaction, and its outcome saved. A dispatcher that dies leaves a lease behind;
when it runs out the message goes again, under the same id and with the same text (DESIGN section 8). A gateway that
only keeps a message holds the lease until it reports, its patience ends, or the message's deadline comes.
"""

import threading
from dataclasses import replace
from datetime import timedelta

import structlog

from recovery_site.domain.messages import Acceptance, Channel, FaultKind, Message, MessageKind, MessageState
from recovery_site.domain.recovery import Step
from recovery_site.domain.reports import passing_over
from recovery_site.flow.carriers import Carriers, NotTaken, Taken
from recovery_site.flow.compose import Compose, Unsendable
from recovery_site.flow.receivers import Receivers
from recovery_site.ports import Clock, DirectoryUnavailable, GatewayFault, Transaction, Transactions

LEASE = timedelta(seconds=75)
"""How long a dispatcher may hold a message; a message lost in a crash goes again within 90 seconds."""

PATIENCE = timedelta(seconds=90)
"""How long a gateway may keep a message without a report before another gateway gets it, where there is one."""

CROWDED_WAIT = timedelta(seconds=1)
REST_WAIT = timedelta(seconds=5)

log = structlog.get_logger()


class Deliver:
    """The outbox's worker. Used by several threads at one time."""

    def __init__(
        self,
        transactions: Transactions,
        compose: Compose,
        carriers: Carriers,
        clock: Clock,
        receivers: Receivers,
    ) -> None:
        self._transactions = transactions
        self._compose = compose
        self._carriers = carriers
        self._clock = clock
        self._receivers = receivers
        self._calls = threading.BoundedSemaphore(self.workers)
        while self._calls.acquire(blocking=False):
            pass  # nobody has called yet

    @property
    def workers(self) -> int:
        """How many threads keep all of the gateways' hands busy: while one half sends, the other reads and writes."""
        return 2 * self._carriers.hands

    def wake(self) -> None:
        """Tell a resting dispatcher of this process that a message waits."""
        try:
            self._calls.release()
        except ValueError:
            return  # all of them have been called already

    def rest(self, seconds: float) -> None:
        """Wait until somebody calls, or `seconds` have passed."""
        self._calls.acquire(timeout=seconds)

    def send_next(self) -> bool:
        """Send the next due message, if there is one; return whether there was."""
        now = self._clock.now()
        with self._transactions() as tx:
            message = tx.messages.claim(now, now + LEASE)
            wanted = message is not None and _is_wanted(tx, message)
        if message is None:
            return False
        if message.handed_at is not None:
            message = self._taken_back(message)
            if not self._save(message):
                return True  # its report came after all
        if not wanted:
            self._end(message, MessageState.EXPIRED)
        elif now >= message.deadline:
            self._run_out(message)
        elif message.channel is Channel.SMS:
            self._send_sms(message)
        else:
            self._settle(message, self._receivers.hand_over(message))
        return True

    def _send_sms(self, message: Message) -> None:
        try:
            number = self._compose.number(message)
            sms = self._compose.sms(message, self._clock.now())
        except Unsendable as reason:
            self._end(message, MessageState.FAILED, fault=str(reason), kind=FaultKind.GONE)
            return
        except DirectoryUnavailable as error:
            self._try_later(message, NotTaken(f"directory: {error}", FaultKind.DIRECTORY))
            return
        self._settle(message, self._carriers.hand_over(number, sms, message.refused_by))

    def _settle(self, message: Message, answer: Taken | NotTaken) -> None:
        match answer:
            case Taken(gateway=name, acceptance=acceptance):
                self._accepted(message, name, acceptance)
            case NotTaken() as refusal:
                self._try_later(message, refusal)

    def _accepted(self, message: Message, gateway: str, acceptance: Acceptance) -> None:
        """Write down who has the message; a report may have come before its own acceptance."""
        now = self._clock.now()
        known = replace(message, gateway=gateway, carrier_id=acceptance.carrier_id[:128] or None)
        with self._transactions() as tx:
            stored = tx.messages.lock(message.id)
            if stored is None or stored.state is MessageState.DELIVERED or _is_reported_failed(stored, message):
                return
            if stored.state is MessageState.SENT:  # by a report, or by whoever has the lease now
                if stored.attempts == message.attempts:
                    tx.messages.save(replace(stored, gateway=gateway, carrier_id=known.carrier_id))
            elif acceptance.by_carrier:  # true whoever holds the lease by now: nobody need send it again
                sent = replace(known, state=MessageState.SENT, accepted_at=now, finished_at=now)
                tx.messages.save(replace(sent, fault=None, fault_kind=None))
            elif _is_ours(stored, message):
                others = self._carriers.others(message.refused_by | {gateway})
                until = min(message.deadline, now + PATIENCE) if others else message.deadline
                tx.messages.save(replace(known, handed_at=now, due_at=until, fault=None, fault_kind=None))
        state = MessageState.SENT if acceptance.by_carrier else "handed"
        log.info(f"{message.channel}_{state}", message=message.id, reference=message.reference, gateway=gateway)

    def _taken_back(self, message: Message) -> Message:
        """Return a message that a gateway kept for too long without a report, taken from it where that is possible."""
        gateway = self._carriers.gateway(message.gateway)
        if gateway is not None:
            try:
                gateway.withdraw(message.id)
            except GatewayFault as fault:
                log.warning("sms_not_withdrawn", message=message.id, gateway=message.gateway, fault=str(fault))
        return replace(
            message,
            handed_at=None,
            passed_over=passing_over(message, message.gateway or ""),
            failures=message.failures + 1,
            fault=f"{message.gateway}: no report",
            fault_kind=FaultKind.NO_REPORT,
        )

    def _run_out(self, message: Message) -> None:
        failed = message.fault_kind not in (None, FaultKind.NO_REPORT)
        self._end(message, MessageState.FAILED if failed else MessageState.EXPIRED)

    def _try_later(self, message: Message, refusal: NotTaken) -> None:
        """Put the message back into the queue, or end it where no gateway can take it any more."""
        now = self._clock.now()
        if refusal.kind is None:
            self._save(replace(message, state=MessageState.QUEUED, due_at=now + CROWDED_WAIT))
            return
        passed_over = message.refused_by | refusal.refused_by
        hopeless = not refusal.kind.is_passing or (
            message.channel is Channel.SMS and not self._carriers.others(passed_over)
        )
        due_at = now + REST_WAIT if refusal.rested else message.retry_at(now)
        if hopeless or due_at >= message.deadline:
            self._end(message, MessageState.FAILED, fault=refusal.reason, kind=refusal.kind)
            return
        waiting = replace(
            message,
            state=MessageState.QUEUED,
            due_at=due_at,
            failures=message.failures + (not refusal.rested),
            passed_over=",".join(sorted(passed_over)),
            fault=refusal.reason[:200],
            fault_kind=refusal.kind,
        )
        self._save(waiting)
        log.warning(
            f"{message.channel}_not_accepted", message=message.id, failures=waiting.failures, fault=waiting.fault
        )

    def _end(self, message: Message, state: MessageState, *, fault: str = "", kind: FaultKind | None = None) -> None:
        ended = replace(
            message,
            state=state,
            finished_at=self._clock.now(),
            fault=fault[:200] or message.fault,
            fault_kind=kind or message.fault_kind,
        )
        self._save(ended)
        log.info(f"{message.channel}_{state}", message=message.id, reference=message.reference, fault=ended.fault)

    def _save(self, message: Message) -> bool:
        """Write the outcome down and return True, unless the message is no longer ours or a report knows more."""
        with self._transactions() as tx:
            stored = tx.messages.lock(message.id)
            ours = stored is not None and _is_ours(stored, message)
            if ours:
                tx.messages.save(message)
        return ours


def _is_ours(stored: Message, leased: Message) -> bool:
    return stored.state is MessageState.SENDING and stored.attempts == leased.attempts


def _is_reported_failed(stored: Message, leased: Message) -> bool:
    """Return whether a report of failure overtook the acceptance: nobody else ends a lease that is still ours."""
    ended = stored.state in (MessageState.QUEUED, MessageState.FAILED, MessageState.EXPIRED)
    return ended and stored.attempts == leased.attempts


def _is_wanted(tx: Transaction, message: Message) -> bool:
    """Return whether a message is still of use.

    A code is while its recovery waits for it and no newer one replaced it; what belongs to a first password, while
    that has been neither changed nor replaced.
    """
    if message.activation_id is not None:
        activation = tx.activations.get(message.activation_id)
        return activation is not None and activation.changed_at is None and activation.replaced_at is None
    if message.kind is not MessageKind.CODE:
        return True
    recovery = tx.recoveries.get(message.subject)
    return recovery is not None and recovery.step is Step.AWAITING_CODE and recovery.sends == message.ordinal
