"""What is written down of an account's life, for the person whose it is, for the help desk and for an auditor."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

OWNER = "owner"
"""The actor of what the account's own people did on the pages."""

SYSTEM = "system"
"""The actor of what the clock did."""

VISITOR = "visitor"
"""The actor of what a browser did that had not proved yet whose it is."""

UNREADABLE = "\N{REPLACEMENT CHARACTER}"

MAX_ADDRESS, MAX_ACTOR, MAX_DETAIL, MAX_CLIENT, MAX_REFERENCE = 254, 200, 400, 64, 16
"""How many characters of each field are kept."""


class EventKind(StrEnum):
    """The fixed vocabulary; `domain/audit_words.py` has the name that OWASP gives each."""

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
    MOVED_AWAY = "moved_away"
    """What was written of the address before belongs to the account that `RENAMED` names right after it."""
    RECOVERY_BEGUN = "recovery_begun"
    CODE_REQUESTED = "code_requested"
    CODE_REFUSED = "code_refused"
    CODE_SPENT = "code_spent"
    LIMIT_REACHED = "limit_reached"
    SIGN_IN_REFUSED = "sign_in_refused"
    PRESENT_PASSWORD_WRONG = "present_password_wrong"
    DATA_EXPORTED = "data_exported"
    DATA_ERASED = "data_erased"
    RECORD_SHORTENED = "record_shortened"
    RECORD_SEALED_ANEW = "record_sealed_anew"
    NOT_ALL_WRITTEN = "not_all_written"


OF_STRANGERS = frozenset(
    {
        EventKind.RECOVERY_BEGUN,
        EventKind.CODE_REQUESTED,
        EventKind.CODE_REFUSED,
        EventKind.CODE_SPENT,
        EventKind.LIMIT_REACHED,
        EventKind.SIGN_IN_REFUSED,
        EventKind.PRESENT_PASSWORD_WRONG,
    }
)
"""What anybody can cause as often as they like: written down so many times an hour, and not on the account's page."""

OF_THE_RECORD = frozenset(
    {EventKind.DATA_ERASED, EventKind.RECORD_SHORTENED, EventKind.RECORD_SEALED_ANEW, EventKind.NOT_ALL_WRITTEN}
)
"""What happened to the record itself; no account's."""

OF_TYPED_NAMES = frozenset({EventKind.SIGN_IN_REFUSED})
"""Whose subject is what somebody typed into a form, which may be a password: kept as a keyed name, never as it is."""

BOUND_WINDOW = timedelta(hours=1)
MOST_OF_SUBJECT = 20
"""How many events of one kind of `OF_STRANGERS` are written down of one account in `BOUND_WINDOW`."""

MOST_OF_KIND = 1000
"""How many of one kind in all: the last of them is followed by `NOT_ALL_WRITTEN`."""


@dataclass(frozen=True)
class Event:
    """One line of the record. `actor` did it: `OWNER`, `SYSTEM`, `VISITOR`, or an operator's name.

    `detail` is a masked number, a document's number or an old address; never a secret, never a full number.
    `client` is the network that it came from, '' where no page was asked. An erased event has neither of these, nor
    an address.
    """

    at: datetime
    kind: EventKind
    address: str
    actor: str
    detail: str = ""
    reference: str = ""
    client: str = ""


def as_kept(event: Event) -> Event:
    """Return the event as every store keeps it: no field too long, no letter that a terminal or a line would obey."""
    return replace(
        event,
        address=_plain(event.address, MAX_ADDRESS),
        actor=_plain(event.actor, MAX_ACTOR),
        detail=_plain(event.detail, MAX_DETAIL),
        reference=_plain(event.reference, MAX_REFERENCE),
        client=_plain(event.client, MAX_CLIENT),
    )


def overflow(event: Event, of_subject: int, of_kind: int) -> bool:
    """Return whether an event is one too many; so many of its kind were written down in `BOUND_WINDOW` before it."""
    return event.kind in OF_STRANGERS and (of_subject >= MOST_OF_SUBJECT or of_kind >= MOST_OF_KIND)


def said_of_overflow(event: Event, of_kind: int) -> Event | None:
    """Return what follows the last event of its kind that is written down in `BOUND_WINDOW`."""
    if event.kind not in OF_STRANGERS or of_kind != MOST_OF_KIND - 1:
        return None
    return Event(event.at, EventKind.NOT_ALL_WRITTEN, "", SYSTEM, event.kind)


def _plain(text: str, most: int) -> str:
    return "".join(letter if letter.isprintable() else UNREADABLE for letter in text[:most])
