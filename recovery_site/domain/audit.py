"""What is written down of an account's life, for the person whose it is, for the help desk and for an auditor."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

OWNER = "owner"
"""The actor of what the account's own people did on the pages."""

SYSTEM = "system"
"""The actor of what the clock did."""


class EventKind(StrEnum):
    """The fixed vocabulary."""

    GRANTED = "granted"
    GRANTED_AGAIN = "granted_again"
    REMINDED = "reminded"
    LOCKED_OVERDUE = "locked_overdue"
    FIRST_PASSWORD_CHANGED = "first_password_changed"
    PASSWORD_CHANGED = "password_changed"
    PASSWORD_RECOVERED = "password_recovered"
    SIGNED_IN = "signed_in"
    SIGNED_OUT_EVERYWHERE = "signed_out_everywhere"
    MEMBER_ADDED = "member_added"
    MEMBER_REMOVED = "member_removed"
    LOCKED = "locked"
    UNLOCKED = "unlocked"
    RENAMED = "renamed"


@dataclass(frozen=True)
class Event:
    """One line of the record. `actor` did it: `OWNER`, `SYSTEM`, or an operator's name.

    `detail` is a masked number, a document's number or an old address; never a secret, never a full number.
    """

    at: datetime
    kind: EventKind
    address: str
    actor: str
    detail: str = ""
    reference: str = ""
