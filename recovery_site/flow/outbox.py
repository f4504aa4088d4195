"""Making the outbox's rows: what is to be sent, to which fingerprint, until when."""

from datetime import datetime, timedelta
from math import ceil

from recovery_site.domain.messages import Message, MessageKind
from recovery_site.domain.recovery import Recovery

LAST_MINUTE = timedelta(seconds=60)
"""A code with less life than this is not sent any more."""

NOTICE_LIFETIME = timedelta(hours=24)


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


def changed_notice(recovery: Recovery, phone: str, message_id: str, now: datetime) -> Message:
    """Return the notice that tells one number of the account about the new password."""
    return Message(
        id=message_id,
        kind=MessageKind.PASSWORD_CHANGED,
        recovery_id=recovery.id,
        reference=recovery.reference,
        address=recovery.address,
        phone=phone,
        created_at=now,
        due_at=now,
        deadline=now + NOTICE_LIFETIME,
    )
