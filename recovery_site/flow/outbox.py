"""Making the outbox's row of a code: to which fingerprint, until when."""

from datetime import datetime, timedelta
from math import ceil

from recovery_site.domain.messages import Message, MessageKind
from recovery_site.domain.recovery import Recovery

LAST_MINUTE = timedelta(seconds=60)
"""A code with less life than this is not sent any more."""


def code_message(recovery: Recovery, message_id: str, now: datetime) -> Message:
    """Return the message with the code of a recovery that has just been given one.

    The minutes are those that are left now, rounded up, and stay the same in every attempt to send it.
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
        due_at=now,
        # a site with a very short lifetime still sends: a tenth of it is enough of an end
        deadline=recovery.code_expires_at - min(LAST_MINUTE, life / 10),
    )
