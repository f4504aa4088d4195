"""What the page may tell of a message: the truth, and when more of it may come."""

import threading
from datetime import datetime, timedelta

from recovery_site.domain.messages import FaultKind, Message, MessageState
from recovery_site.flow.carriers import Carriers
from recovery_site.flow.outcomes import Delivery
from recovery_site.ports import Clock, Transaction, Transactions

WAITERS = 8
"""How many pages may wait for a gateway's answer at one time; the rest show "being sent" at once."""

WAIT_SECONDS = 1.0
_LOOK_SECONDS = 0.05

REPORTS_FOR = timedelta(minutes=3)
"""How long after the carrier took a message a page still asks whether the phone has it."""

WORTH_TELLING_SECONDS = 10
"""A shorter wait for an SMS is not worth a sentence."""


class Tracking:
    """The page's view of the outbox. `private`: the page tells nothing of it, since only an account gets an SMS."""

    def __init__(self, transactions: Transactions, carriers: Carriers, clock: Clock, *, private: bool = False) -> None:
        self._transactions = transactions
        self._carriers = carriers
        self._clock = clock
        self._private = private
        self._waiters = threading.BoundedSemaphore(WAITERS)

    def wait_for(self, message_id: str) -> MessageState:
        """Wait up to a second for a gateway's answer, where the page tells it; return what is known of it then."""
        if self._private or not self._waiters.acquire(blocking=False):
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

    def told(self, tx: Transaction, message: Message | None, now: datetime) -> Delivery:
        """Return what is to be told of a recovery's latest message."""
        if self._private:
            return Delivery(MessageState.QUEUED, withheld=True)
        if message is None:
            return Delivery(MessageState.EXPIRED)
        return Delivery(
            state=message.state,
            fault=message.fault_kind,
            accepted_at=message.accepted_at,
            expected=self._expected(tx, message, now),
            may_change=self._may_change(message, now),
        )

    def _expected(self, tx: Transaction, message: Message, now: datetime) -> int | None:
        """Return in how many seconds a message that nothing holds up is likely to go, rounded up to tens."""
        if message.state.is_final or message.fault_kind:
            return None
        seconds = tx.messages.backlog(message, now).seconds
        if seconds is None or seconds < WORTH_TELLING_SECONDS:
            return None
        return -(-seconds // 10) * 10

    def _may_change(self, message: Message, now: datetime) -> bool:
        if not message.state.is_final:
            return True
        late = message.state is MessageState.EXPIRED and message.fault_kind is FaultKind.NO_REPORT
        if message.state is not MessageState.SENT and not late:
            return False
        gateway = self._carriers.gateway(message.gateway)
        since = message.accepted_at or message.deadline
        return gateway is not None and gateway.reports and now < since + REPORTS_FOR

    def _get(self, message_id: str) -> Message:
        with self._transactions() as tx:
            message = tx.messages.get(message_id)
        if message is None:
            raise LookupError(message_id)
        return message
