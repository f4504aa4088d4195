"""What is stored, in units of work."""

from collections.abc import Callable, Collection
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from enum import Enum, auto
from typing import Protocol

from recovery_site.domain.activation import Activation
from recovery_site.domain.audit import Event, EventKind
from recovery_site.domain.messages import Backlog, Message, MessageKind
from recovery_site.domain.recovery import Recovery


@dataclass(frozen=True)
class Session:
    """A browser that signed in, when it was last used, and whether it is to be remembered. `browser` is a hash."""

    browser: str
    address: str
    created_at: datetime
    expires_at: datetime
    seen_at: datetime
    remembered: bool = False


class Limit(Enum):
    """The limits of DESIGN section 7, each with its own rule in the settings."""

    SENDS_PER_ACCOUNT = auto()
    SENDS_PER_ACCOUNT_A_DAY = auto()
    SENDS_PER_ACCOUNT_AND_CLIENT = auto()
    SENDS_PER_PHONE = auto()
    SENDS_OF_SITE = auto()
    WRONG_CODES_PER_ACCOUNT = auto()
    ADDRESSES_PER_CLIENT = auto()
    """Counts different addresses, as the next two do: see `Limits.add`."""
    ADDRESSES_PER_CLIENT_A_DAY = auto()
    ADDRESSES_OF_SITE = auto()
    WRONG_PASSWORDS = auto()
    PASSWORD_CHECKS = auto()
    WAITS_OF_SITE = auto()
    WRONG_CODES_OF_SITE = auto()
    ALARM = auto()
    """Not a limit of the settings: it has one member while the alarm is on."""
    ALARM_OF_WALK = auto()
    """Not one either: it has one member for a client while the alarm about it is on, and in all one for each."""
    CHECKS_IN_ALARM = auto()
    USES_OF_PROOF = auto()
    """Not a limit of the settings: how often a proof opens a door, which is once."""
    GRANTS_UNDER_WAY = auto()
    """Not a limit of the settings: how many requests hand one account out at one time, which is one."""


class LimitReached(Exception):
    """A limit refuses; `retry_after` is in whole seconds."""

    def __init__(self, limit: Limit, retry_after: int) -> None:
        super().__init__(limit.name)
        self.limit = limit
        self.retry_after = retry_after


class LimitsUnavailable(Exception):
    """Limits that are not counted in the database cannot be asked now; the text says why."""


class Recoveries(Protocol):
    def add(self, recovery: Recovery) -> None: ...
    def save(self, recovery: Recovery) -> None: ...
    def get(self, recovery_id: str) -> Recovery | None: ...

    def of_reference(self, reference: str) -> Recovery | None:
        """Return the recovery with the reference that its page and its SMS show."""
        ...

    def of_browser(self, browser: str) -> list[Recovery]:
        """Return the browser's recoveries, the one it works on first; a finished one is found by its old id too."""
        ...

    def lock(self, recovery_id: str) -> Recovery | None:
        """Return the recovery; no other transaction changes it, or one of the same account, until this one ends."""
        ...

    def spend_try(self, recovery_id: str, now: datetime) -> Recovery | None:
        """Take one try, in one statement, where one is left (or a crash cut its use off) and the code lives."""
        ...

    def of_account(self, address: str) -> list[Recovery]:
        """Return the account's unfinished recoveries."""
        ...

    def move_browser(self, old: str, new: str) -> None:
        """Give the unfinished recoveries of one browser id to another."""
        ...

    def expire(self, now: datetime) -> int:
        """Abandon what has run out and is not being changed at this moment; return how many."""
        ...


class Messages(Protocol):
    def add(self, message: Message) -> None: ...
    def save(self, message: Message) -> None: ...
    def get(self, message_id: str) -> Message | None: ...

    def lock(self, message_id: str) -> Message | None:
        """Return the message; no other transaction changes it until this one ends."""
        ...

    def lock_carried(self, gateway: str, carrier_id: str) -> Message | None:
        """Return the message that a gateway knows by the carrier's id, locked in the same way."""
        ...

    def of_recovery(self, recovery_id: str) -> list[Message]:
        """Return a recovery's messages, oldest first."""
        ...

    def latest(self, recovery_id: str, kind: MessageKind) -> Message | None:
        """Return the newest message of one kind of a recovery."""
        ...

    def claim(self, now: datetime, leased_until: datetime) -> Message | None:
        """Lease the next due message to the caller alone, codes before notices; a lease that ran out is due again."""
        ...

    def withdraw(self, recovery_id: str, now: datetime) -> None:
        """Take back what has not been handed to a gateway yet: a newer message replaces it."""
        ...

    def backlog(self, message: Message, now: datetime) -> Backlog:
        """Return what is due before a message, and how fast the gateways have been taking messages lately."""
        ...


class Sessions(Protocol):
    """The browsers that are signed in."""

    def add(self, session: Session) -> None: ...
    def get(self, browser: str) -> Session | None: ...

    def see(self, browser: str, now: datetime) -> None:
        """Write down that the session was used."""
        ...

    def remove(self, browser: str) -> None: ...
    def remove_account(self, address: str) -> None: ...


class Limits(Protocol):
    def hit(self, limit: Limit, *key: str) -> None:
        """Count one use of `limit` for `key`; raises `LimitReached` above it. A rollback takes the use back."""
        ...

    def give_back(self, limit: Limit, *key: str) -> None:
        """Take back one use that turned out not to count."""
        ...

    def left(self, limit: Limit, *key: str) -> int:
        """Return how many uses of `limit` are left for `key`."""
        ...

    def test(self, limit: Limit, *key: str) -> None:
        """Raise `LimitReached` where `limit` is used up for `key`, without counting."""
        ...

    def add(self, limit: Limit, member: str, *key: str) -> int:
        """Count `member` among the different ones of `key`, for the rule's period from now; return how many there are.

        Exact: of several at one time each gets another number. It never refuses, whatever the rule's number is.
        """
        ...

    def members(self, limit: Limit, *key: str) -> int:
        """Return how many different members `key` has now."""
        ...

    def wait(self, limit: Limit, most: int, *key: str) -> int:
        """Return in how many whole seconds `key` has at most `most` members, where none is added; 0 where it has."""
        ...

    def remove(self, limit: Limit, member: str) -> None:
        """Take `member` out, whichever keys it was counted for."""
        ...


class Activations(Protocol):
    """The accounts that were handed out; every list has the newest first."""

    def add(self, activation: Activation) -> None: ...
    def save(self, activation: Activation) -> None: ...
    def get(self, activation_id: str) -> Activation | None: ...

    def lock(self, activation_id: str) -> Activation | None:
        """Return the activation; no other transaction changes it until this one ends."""
        ...

    def of_account(self, address: str) -> list[Activation]:
        """Return the account's activations."""
        ...

    def of_document(self, document: str) -> list[Activation]:
        """Return what was asked for by the document of this number; nothing for an empty one."""
        ...

    def unchanged(self) -> list[Activation]:
        """Return those whose first password nobody has changed on this site and no newer one has replaced."""
        ...

    def due(self, now: datetime) -> list[Activation]:
        """Return those of `unchanged` whose time is over and not yet acted upon, or whose reminder is due."""
        ...


class Audit(Protocol):
    """The record of what happened: events are added, and never changed; an account is followed to its new address."""

    def add(self, event: Event) -> None:
        """Write an event down as `as_kept` has it, with the network of the request that caused it.

        What is one too many of what strangers cause is left out: see `domain.audit.overflow`.
        """
        ...

    def of_account(self, address: str, most: int, without: Collection[EventKind] = ()) -> list[Event]:
        """Return the account's latest events but those of the kinds `without`, newest first.

        Those of the addresses that it was renamed from are among them, up to the renaming.
        """
        ...

    def latest(self, address: str, kind: EventKind) -> Event | None:
        """Return the account's newest event of one kind, however long ago."""
        ...


class Transaction(Protocol):
    """One unit of work: all of it happens, or none."""

    @property
    def recoveries(self) -> Recoveries: ...
    @property
    def messages(self) -> Messages: ...
    @property
    def sessions(self) -> Sessions: ...
    @property
    def limits(self) -> Limits: ...
    @property
    def activations(self) -> Activations: ...
    @property
    def audit(self) -> Audit: ...

    def once_committed(self, do: Callable[[], object]) -> None:
        """Call `do` after the commit, and never where this transaction rolls back: for what cannot be taken back."""
        ...


Transactions = Callable[[], AbstractContextManager[Transaction]]
"""Opens a transaction: it commits at the end of the `with` block and rolls back on an exception.

Never open a second one inside: with SQLite the writer would wait for itself. Nor call a directory elsewhere: everybody
would wait for it.
"""
