"""What the site sends: the outbox's rows, what a gateway takes of them, and what becomes of them."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from zlib import crc32

from recovery_site.domain.secret import Secret

RETRY_WAITS = (3, 7, 15, 30, 60)
"""Seconds before the next attempt, growing; the last one repeats until the deadline (DESIGN section 8)."""


class MessageKind(StrEnum):
    CODE = "code"
    PASSWORD_CHANGED = "password_changed"
    FIRST_PASSWORD = "first_password"
    REMINDER = "reminder"
    ACCOUNT_LOCKED = "account_locked"
    ALARM = "alarm"

    @property
    def priority(self) -> int:
        """Return the order among messages that are due: an official waits for a code, the operator for an alarm."""
        return 0 if self in (MessageKind.CODE, MessageKind.ALARM) else 1


class Channel(StrEnum):
    """What carries a message: the gateways, the mail server, or a hook, which tells another system of a change."""

    SMS = "sms"
    MAIL = "mail"
    DOVECOT = "dovecot"
    WEBHOOK = "webhook"

    @property
    def priority(self) -> int:
        """Return the order among notices: until Dovecot knows, it may refuse the new password."""
        return 0 if self is Channel.DOVECOT else 1


class MessageState(StrEnum):
    """Where a message is. `SENT` means that the carrier (for mail: the mail server) has it, and nothing less."""

    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    DELIVERED = "delivered"
    FAILED = "failed"
    EXPIRED = "expired"

    @property
    def is_final(self) -> bool:
        """True where the dispatcher is done with the message; a report may still say more."""
        return self not in (MessageState.QUEUED, MessageState.SENDING)


class FaultKind(StrEnum):
    """Why a message was not accepted, or did not arrive."""

    NUMBER = "number"
    """The number is wrong, blocked, or of a network that the carrier does not serve."""
    TEXT = "text"
    """A word, a character or the length is refused."""
    TEMPLATE = "template"
    """The brand name or the template is not registered."""
    BALANCE = "balance"
    """No credit is left."""
    ACCESS = "access"
    """The name, the key or the site's address is refused."""
    BUSY = "busy"
    """Throttled, or a full queue."""
    UNREACHABLE = "unreachable"
    """No connection, no trust in its certificate, or no answer in time."""
    ANSWER = "answer"
    """An answer that makes no sense."""
    REFUSED = "refused"
    """Refused without a reason that is known."""
    NO_REPORT = "no_report"
    """The gateway took it, and no carrier has confirmed it in time."""
    DIRECTORY = "directory"
    """The directory did not tell the number."""
    GONE = "gone"
    """The number has gone from the account, the account may not recover any more, or the code's key was taken out."""

    @property
    def is_passing(self) -> bool:
        """True where the same gateway may take the same message a little later; nothing else is worth a retry."""
        return self in (
            FaultKind.BUSY,
            FaultKind.UNREACHABLE,
            FaultKind.ANSWER,
            FaultKind.REFUSED,
            FaultKind.DIRECTORY,
        )

    @property
    def blames_gateway(self) -> bool:
        """True where any other message would have met the same fault; a number or a text tells nothing of it."""
        return self in (
            FaultKind.BALANCE,
            FaultKind.ACCESS,
            FaultKind.BUSY,
            FaultKind.UNREACHABLE,
            FaultKind.ANSWER,
            FaultKind.REFUSED,
        )


@dataclass(frozen=True)
class Message:
    """One message in the outbox, without its text and without a number: both are made when it is sent.

    `phone` is the number's keyed fingerprint, '' for mail; `generation` and `minutes` belong to a code; `attempts`
    counts leases, `failures` those that met a fault; `due_at` is when a dispatcher may take it, for one that is being
    sent: when its lease ends. `gateway` has it, or had it last; `passed_over` names those that are not asked again.
    `handed_at`: a gateway keeps it until a carrier takes it; `accepted_at`: the carrier took it.
    """

    id: str
    kind: MessageKind
    recovery_id: str | None
    reference: str
    address: str
    phone: str
    created_at: datetime
    deadline: datetime
    due_at: datetime
    channel: Channel = Channel.SMS
    priority: int = 0
    generation: int = 0
    ordinal: int = 1
    minutes: int = 0
    key_id: str | None = None
    activation_id: str | None = None
    state: MessageState = MessageState.QUEUED
    attempts: int = 0
    failures: int = 0
    gateway: str | None = None
    passed_over: str = ""
    carrier_id: str | None = None
    handed_at: datetime | None = None
    accepted_at: datetime | None = None
    finished_at: datetime | None = None
    fault: str | None = None
    fault_kind: FaultKind | None = None

    @property
    def subject(self) -> str:
        """Return within what its number's fingerprint names the number: its recovery, or itself."""
        return self.recovery_id or self.id

    @property
    def refused_by(self) -> frozenset[str]:
        """Return the names of the gateways that are not asked again for this message."""
        return frozenset(self.passed_over.split(",")) - {""}

    def retry_at(self, now: datetime) -> datetime:
        """Return when to try again after one more failure.

        The waits differ by up to a fifth from message to message, so that a crowd that failed together does not come
        back together; for one message they are always the same.
        """
        wait = RETRY_WAITS[min(self.failures, len(RETRY_WAITS) - 1)]
        jitter = crc32(f"{self.id}{self.failures}".encode()) / 2**32
        return now + timedelta(seconds=wait * (1 + jitter / 5))


@dataclass(frozen=True)
class Sms:
    """One message, ready for a gateway: the text and, for carriers with registered templates, its parts.

    After `life` it is of no use to anybody: a gateway that keeps it for longer should drop it.
    """

    message_id: str
    text: Secret
    code: Secret = field(default=Secret(""))
    minutes: int = 0
    reference: str = ""
    life: timedelta = timedelta(minutes=10)


@dataclass(frozen=True)
class Letter:
    """One message to a mailbox, ready for the mail server."""

    message_id: str
    to: str
    subject: str
    text: str


@dataclass(frozen=True)
class PasswordChange:
    """What a hook is told: whose password changed and when, and never the password."""

    message_id: str
    address: str
    at: datetime
    reference: str


@dataclass(frozen=True)
class Acceptance:
    """A gateway's yes. Without `by_carrier` it only keeps the message, and a report will say when the carrier took it.

    `carrier_id` is the carrier's id for the message, '' where there is none.
    """

    carrier_id: str = ""
    by_carrier: bool = True


@dataclass(frozen=True)
class Report:
    """What a gateway learnt later: the carrier took the message (SENT), the phone has it (DELIVERED), or it failed.

    It names the message by our id or by the carrier's.
    """

    state: MessageState
    message_id: str = ""
    carrier_id: str = ""
    kind: FaultKind = FaultKind.REFUSED
    reason: str = ""


@dataclass(frozen=True)
class Backlog:
    """What stands before a message: how many others, and how many a second have gone lately (0 where none has)."""

    ahead: int
    per_second: float

    @property
    def seconds(self) -> int | None:
        """Return how long they will take at that rate; None where nothing moves."""
        if not self.ahead:
            return 0
        return round(self.ahead / self.per_second) if self.per_second else None
