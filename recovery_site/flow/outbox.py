"""Making the outbox's row of a code: to which fingerprint, until when."""

from dataclasses import replace
from datetime import datetime, timedelta
from math import ceil
from zlib import crc32

from recovery_site.domain.messages import FaultKind, Message, MessageKind, MessageState
from recovery_site.domain.recovery import Recovery

LAST_MINUTE = timedelta(seconds=60)
"""A code with less life than this is not sent any more."""


QUIET_SECONDS = (1, 3)
"""When the sending of a code begins in private mode: after the answer that asked for it, and nobody knows when."""


def code_message(recovery: Recovery, message_id: str, now: datetime, *, quietly: bool = False) -> Message:
    """Return the message with the code of a recovery that has just been given one.

    The minutes are those that are left now, rounded up, and stay the same in every attempt to send it. `quietly`: the
    work of sending it must not make the pages slower that are asked for next.
    """
    if recovery.phone is None or recovery.code_expires_at is None:
        raise ValueError("the recovery has no code to send")
    life = recovery.code_expires_at - now
    return Message(
        id=message_id,
        kind=MessageKind.CODE,
        recovery_id=recovery.id,
        reference=recovery.reference,
        address=recovery.address,
        phone=recovery.phone,
        generation=recovery.generation,
        ordinal=recovery.sends,
        minutes=ceil(life / timedelta(minutes=1)),
        key_id=recovery.key_id,
        created_at=now,
        due_at=now + _quiet(message_id) if quietly else now,
        # a site with a very short lifetime still sends: a tenth of it is enough of an end
        deadline=recovery.code_expires_at - min(LAST_MINUTE, life / 10),
    )


def held_back(message: Message) -> Message:
    """Return a message that no gateway gets because its number has had the SMS of a day."""
    return replace(
        message,
        state=MessageState.FAILED,
        finished_at=message.created_at,
        fault="limits.sends_per_phone: the number has had its SMS of a day",
        fault_kind=FaultKind.BUSY,
    )


def _quiet(message_id: str) -> timedelta:
    least, most = QUIET_SECONDS
    return timedelta(seconds=least + (most - least) * crc32(message_id.encode()) / 2**32)
