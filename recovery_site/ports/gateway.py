"""What carries messages away: SMS gateways, the mail server, hooks, and the telephones of the demonstration."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from recovery_site.domain.messages import Acceptance, FaultKind, Letter, PasswordChange, Report, Sms
from recovery_site.domain.people import PhoneNumber
from recovery_site.domain.secret import Secret


class GatewayFault(Exception):
    """The gateway did not accept the message. The reason is for the log: it names no number, no text, no secret."""

    def __init__(self, reason: str, kind: FaultKind = FaultKind.REFUSED) -> None:
        super().__init__(reason)
        self.kind = kind


class SmsGateway(Protocol):
    """What carries an SMS to a carrier. Used by several threads at one time.

    `reports` says that it tells later whether the phone has a message. The last methods stand for what a gateway may be
    unable to do: an adapter that derives from this class has them.
    """

    reports: bool = False

    def send(self, to: PhoneNumber, sms: Sms) -> Acceptance:
        """Hand the message over.

        Returning means that the gateway accepted it; anything else raises `GatewayFault`. `sms.message_id` is the
        idempotency key: sending one message twice must be harmless where the carrier supports it.
        """
        ...

    def check(self) -> None:
        """Prove that the gateway can be reached, without sending; raises `GatewayFault`."""
        ...

    def withdraw(self, message_id: str) -> None:  # noqa: ARG002 -- for gateways that can
        """Take a message back that the gateway keeps and nobody needs any more; raises `GatewayFault`."""
        return  # so that this is not an abstract method

    def collect(self) -> Sequence[Report]:
        """Return what the gateway has learnt since it was last asked, where it does not call the site by itself.

        What is returned must not be lost when the caller fails: it is returned again until `settle` is called with it.
        Raises `GatewayFault`.
        """
        return ()

    def settle(self, reports: Sequence[Report]) -> None:  # noqa: ARG002 -- for gateways that can
        """Forget the messages of these reports, texts and numbers with them; raises `GatewayFault`."""
        return

    def read_report(self, fields: Mapping[str, str]) -> Report | None:  # noqa: ARG002 -- for gateways that can
        """Return what a call to the site's report address says; None where it says nothing of a message's fate."""
        return None


class Mailer(Protocol):
    """The mail server that takes notices to mailboxes."""

    def send(self, letter: Letter) -> None:
        """Hand the letter over; raises `GatewayFault`. `letter.message_id` makes a repeated one recognisable."""
        ...

    def check(self) -> None:
        """Prove that the server can be reached, without sending; raises `GatewayFault`."""
        ...


class Hook(Protocol):
    """Another system that must learn that a password changed."""

    def tell(self, change: PasswordChange) -> None:
        """Tell it; raises `GatewayFault`. Telling it twice is harmless: `change.message_id` is the same."""
        ...

    def check(self) -> None:
        """Prove that it can be reached, without telling anything; raises `GatewayFault`."""
        ...


class Bell(Protocol):
    """Tells that a message was queued, by whichever process."""

    def wait(self, seconds: float) -> bool:
        """Return True as soon as a message was queued since the last call, False after `seconds`."""
        ...

    def close(self) -> None:
        """Stop listening."""
        ...


@dataclass(frozen=True)
class ReceivedSms:
    """One SMS on the screen of the demonstration's telephone."""

    to: PhoneNumber
    text: Secret = field(repr=False)
    at: datetime


class Inbox(Protocol):
    def messages(self) -> Sequence[ReceivedSms]:
        """Return what the demonstration's telephones received, newest first."""
        ...
