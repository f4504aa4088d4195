"""The carrier that the tests hold: it takes, keeps, refuses or delays messages by their number, and reports on them."""

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from recovery_site.domain.messages import Acceptance, FaultKind, MessageState, Report, Sms
from recovery_site.domain.people import PhoneNumber
from recovery_site.ports import GatewayFault, SmsGateway

_PATIENCE = 10
"""Seconds that a test waits for what another thread does."""

_HOLD = 60
"""Seconds that a message is held at most: less than its dispatcher's lease."""


class Carrier(SmsGateway):
    """Keeps every SMS by its number. A number can be refused, or be kept waiting.

    With `reports` it tells later what became of a message. While `queues` is set it only keeps what it is given, as an
    SMS centre with a queue does.
    """

    def __init__(self, *, reports: bool = False) -> None:
        self.reports = reports
        self.queues = False
        self._received: list[tuple[str, Sms]] = []
        self._refusals = 0
        self._refused: dict[str, FaultKind] = {}
        self._held: dict[str, threading.Event] = {}
        self._came = threading.Condition()

    def send(self, to: PhoneNumber, sms: Sms) -> Acceptance:
        gate = self._held.get(to.local)
        if gate is not None and not gate.wait(_HOLD):
            raise GatewayFault("held too long")
        kind = self._refused.get(to.local)
        if kind is not None:
            with self._came:
                self._refusals += 1
                self._came.notify_all()
            raise GatewayFault("status 500", kind)
        with self._came:
            self._received.append((to.local, sms))
            self._came.notify_all()
        return Acceptance(by_carrier=not self.queues)

    def check(self) -> None:
        """The tests' carrier is always there."""

    def read_report(self, fields: Mapping[str, str]) -> Report:
        """Read what `RunningSite.report` calls in."""
        return Report(MessageState(fields["state"]), message_id=fields["id"], kind=FaultKind(fields["kind"]))

    def codes_to(self, number: str) -> list[str]:
        """Return the codes that a number has received until now, oldest first."""
        return [sms.code.reveal() for to, sms in list(self._received) if to == number and sms.code.reveal()]

    def code_to(self, number: str) -> str:
        """Return the newest code of a number; waits for the first one."""
        return self._newest_to(number).code.reveal()

    def message_to(self, number: str) -> str:
        """Return the id of the newest code's message to a number; waits for the first one."""
        return self._newest_to(number).message_id

    def _newest_to(self, number: str) -> Sms:
        with self._came:
            assert self._came.wait_for(lambda: self.codes_to(number), _PATIENCE), "no SMS came"
        return [sms for to, sms in list(self._received) if to == number and sms.code.reveal()][-1]

    @contextmanager
    def out_of_order(self, number: str) -> Iterator[None]:
        """Fail every message to a number for no reason that is known: it may go a little later."""
        with self.refusing(number, FaultKind.REFUSED):
            yield

    @contextmanager
    def refusing(self, number: str, kind: FaultKind) -> Iterator[None]:
        """Fail every message to a number for a reason."""
        self._refused[number] = kind
        try:
            yield
        finally:
            del self._refused[number]

    @contextmanager
    def one_more_refusal(self) -> Iterator[None]:
        """Wait until what is done here has made the carrier refuse another message."""
        before = self._refusals
        yield
        with self._came:
            assert self._came.wait_for(lambda: self._refusals > before, _PATIENCE), "no SMS was refused"

    @contextmanager
    def held(self, number: str) -> Iterator[threading.Event]:
        """Let messages to a number wait until the event is set, or the block ends."""
        gate = self._held[number] = threading.Event()
        try:
            yield gate
        finally:
            gate.set()
            del self._held[number]
