"""The SMS that the site sends: the outbox's rows, the texts, and what they cost.

Every text is GSM-7 without diacritics and fits one segment of 160 characters (3GPP TS 23.038; DESIGN section 7): a
single Vietnamese letter with its mark would make it UCS-2, three segments and three times the price.
"""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from math import ceil

from recovery_site.domain.secret import Secret

SEGMENT_LENGTH = 160
_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENDED = frozenset("\f^{}\\[~]|€")


class MessageKind(StrEnum):
    CODE = "code"
    PASSWORD_CHANGED = "password_changed"


class MessageState(StrEnum):
    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"
    EXPIRED = "expired"

    @property
    def is_final(self) -> bool:
        """True where the dispatcher is done with the message."""
        return self in (MessageState.SENT, MessageState.FAILED, MessageState.EXPIRED)


@dataclass(frozen=True)
class Message:
    """One SMS in the outbox, without its text and without a number: both are made when it is sent.

    `phone` is the number's keyed fingerprint; `generation` and `minutes` belong to a code; `attempts` counts sends.
    """

    id: str
    kind: MessageKind
    recovery_id: str
    reference: str
    address: str
    phone: str
    created_at: datetime
    deadline: datetime
    due_at: datetime
    generation: int = 0
    ordinal: int = 1
    minutes: int = 0
    key_id: str | None = None
    state: MessageState = MessageState.QUEUED
    attempts: int = 0
    leased_until: datetime | None = None
    gateway: str | None = None
    carrier_id: str | None = None
    finished_at: datetime | None = None
    fault: str | None = None


class NotGsm7(ValueError):
    """A text has a character that one GSM-7 segment cannot carry."""


@dataclass(frozen=True)
class Sms:
    """One message, ready for a gateway: the text and, for carriers with registered templates, its parts."""

    message_id: str
    text: Secret
    code: Secret = field(default=Secret(""))
    minutes: int = 0
    reference: str = ""


def gsm7_length(text: str) -> int:
    """Return how many septets `text` takes; raises `NotGsm7` where it would not be GSM-7."""
    strangers = set(text) - _BASIC - _EXTENDED
    if strangers:
        raise NotGsm7(f"not GSM-7: {''.join(sorted(strangers))!r}")
    return sum(2 if char in _EXTENDED else 1 for char in text)


def segments(text: str) -> int:
    """Return how many SMS `text` costs: one up to 160 septets, then one for each 153."""
    length = gsm7_length(text)
    return 1 if length <= SEGMENT_LENGTH else ceil(length / 153)


def code_text(*, code: Secret, minutes: int, reference: str, ordinal: int, host: str = "") -> Secret:
    """Return the message with the code. `ordinal` above 1 makes a resend differ; `host` adds the origin-bound line.

    The last line follows the WICG text on origin-bound one-time codes: `@host #code`, the host without a port.
    """
    again = f" (lan {ordinal})" if ordinal > 1 else ""
    text = (
        f"Ma dat lai mat khau thu cong vu: {code.reveal()}. Hieu luc {minutes} phut. "
        f"Khong dua ma cho bat ky ai. Ma ho tro: {reference}{again}"
    )
    return Secret(f"{text}\n@{host} #{code.reveal()}" if host else text)


def password_changed_text(*, reference: str, contact_phone: str) -> Secret:
    """Return the notice after a reset (NIST SP 800-63B-4 section 4.2.3: what to do and whom to call)."""
    call = f"goi ngay {contact_phone}" if contact_phone else "bao ngay quan tri thu cong vu"
    return Secret(f"Mat khau thu cong vu cua ban vua duoc thay doi. Neu khong phai ban, {call}. Ma ho tro: {reference}")
