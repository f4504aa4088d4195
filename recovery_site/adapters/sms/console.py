"""Gateways without a carrier: the console for development, and the telephones of the demonstration."""

import sys
from collections import deque
from collections.abc import Sequence
from typing import TextIO

from recovery_site.domain.messages import Acceptance, Sms
from recovery_site.domain.people import PhoneNumber
from recovery_site.ports import Clock, ReceivedSms, SmsGateway

KEPT = 50


class ConsoleGateway(SmsGateway):
    """Prints each SMS. Never for a real site: the code is in the output."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = stream or sys.stderr

    def send(self, to: PhoneNumber, sms: Sms) -> Acceptance:
        print(f"SMS {to.local}: {sms.text.reveal()}", file=self._stream, flush=True)
        return Acceptance()

    def check(self) -> None:
        """The console is always there."""


class DemoPhones(SmsGateway):
    """Keeps the last messages in memory, for the telephone that the demonstration draws."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._received: deque[ReceivedSms] = deque(maxlen=KEPT)

    def send(self, to: PhoneNumber, sms: Sms) -> Acceptance:
        self._received.appendleft(ReceivedSms(to, sms.text, self._clock.now()))
        return Acceptance(sms.message_id)

    def check(self) -> None:
        """The demonstration's telephones are always there."""

    def messages(self) -> Sequence[ReceivedSms]:
        return list(self._received)
