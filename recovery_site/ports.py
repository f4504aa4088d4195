"""What the flows need from the world: each port with its contract and its exceptions.

Contracts hold for every adapter and every fake; the suites in `tests/contracts/` prove it.
"""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum, auto
from typing import Protocol

from recovery_site.domain.messages import Message, MessageKind, Sms
from recovery_site.domain.people import Account, NewAccount, PhoneNumber
from recovery_site.domain.recovery import Recovery
from recovery_site.domain.secret import Secret

# --- time and chance --------------------------------------------------------------------------------------------------


class Clock(Protocol):
    def now(self) -> datetime:
        """Return the present as an aware UTC time."""
        ...

    def sleep(self, seconds: float) -> None:
        """Let `seconds` pass."""
        ...


class Chance(Protocol):
    def token(self) -> str:
        """Return 256 unguessable bits as URL-safe text."""
        ...

    def letters(self, alphabet: str, count: int) -> str:
        """Return `count` letters drawn evenly from `alphabet`."""
        ...


# --- the directory ----------------------------------------------------------------------------------------------------


class DirectoryUnavailable(Exception):
    """The directory did not answer, or not sensibly; nothing is known to have changed."""


class UnknownAccount(Exception):
    """The directory has no such account (any more)."""


class PasswordRefused(Exception):
    """The directory's own policy refused a password; nothing changed."""


class Directory(Protocol):
    """The system that holds accounts and passwords.

    Addresses are canonical; every method may raise `DirectoryUnavailable`.
    """

    def find(self, address: str) -> Account | None:
        """Return the account, locked or not, or None."""
        ...

    def check_password(self, address: str, password: Secret) -> bool:
        """Return whether `password` opens an active account; takes the same time for accounts that do not exist."""
        ...

    def set_password(self, address: str, password: Secret, now: datetime) -> None:
        """Set the password, byte for byte as given. Raises `UnknownAccount`, `PasswordRefused`."""
        ...

    def check(self) -> None:
        """Prove that the directory can be reached; raises `DirectoryUnavailable`."""
        ...


class AccountStore(Protocol):
    """A directory whose accounts the site itself keeps; both methods may raise `DirectoryUnavailable`."""

    def all(self) -> list[Account]:
        """Return every account, by address."""
        ...

    def put(self, batch: Sequence[NewAccount], now: datetime, progress: Callable[[int], None] | None = None) -> int:
        """Add or update all accounts or none, and return how many changed; tell `progress` how many are worked off.

        A password is set only where the account has none.
        """
        ...


# --- SMS --------------------------------------------------------------------------------------------------------------


class GatewayFault(Exception):
    """The gateway did not accept the message. The reason is for the log: it names no number, no text, no secret."""


class SmsGateway(Protocol):
    """What carries an SMS to a carrier."""

    def send(self, to: PhoneNumber, sms: Sms) -> str:
        """Hand the message over and return the carrier's id for it ('' where there is none).

        Returning means that the gateway accepted it; anything else raises `GatewayFault`. `sms.message_id` is the
        idempotency key: sending one message twice must be harmless where the carrier supports it.
        """
        ...

    def check(self) -> None:
        """Prove that the gateway can be reached, without sending; raises `GatewayFault`."""
        ...


# --- what is stored ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Session:
    """A browser that signed in. `browser` is the hash of its id."""

    browser: str
    address: str
    created_at: datetime
    expires_at: datetime


class Limit(Enum):
    """The limits of DESIGN section 7, each with its own rule in the settings."""

    SENDS_PER_ACCOUNT = auto()
    SENDS_PER_ACCOUNT_A_DAY = auto()
    SENDS_PER_ACCOUNT_AND_CLIENT = auto()
    SENDS_PER_PHONE = auto()
    WRONG_CODES_PER_ACCOUNT = auto()
    WRONG_PASSWORDS = auto()
    PASSWORD_CHECKS = auto()


class LimitReached(Exception):
    """A limit refuses; `retry_after` is in whole seconds."""

    def __init__(self, limit: Limit, retry_after: int) -> None:
        super().__init__(limit.name)
        self.limit = limit
        self.retry_after = retry_after


class Recoveries(Protocol):
    def add(self, recovery: Recovery) -> None: ...
    def save(self, recovery: Recovery) -> None: ...
    def get(self, recovery_id: str) -> Recovery | None: ...

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

    def latest(self, recovery_id: str, kind: MessageKind) -> Message | None:
        """Return the newest message of one kind of a recovery."""
        ...

    def claim(self, now: datetime, leased_until: datetime) -> Message | None:
        """Lease the next due message to the caller alone; one whose lease ran out is due again."""
        ...

    def withdraw(self, recovery_id: str, now: datetime) -> None:
        """Take back what has not been handed to a gateway yet: a newer message replaces it."""
        ...


class Sessions(Protocol):
    """The browsers that are signed in."""

    def add(self, session: Session) -> None: ...
    def get(self, browser: str) -> Session | None: ...
    def remove(self, browser: str) -> None: ...
    def remove_account(self, address: str) -> None: ...


class Limits(Protocol):
    def hit(self, limit: Limit, *key: str) -> None:
        """Count one use of `limit` for `key`; raises `LimitReached` above it. A rollback takes the use back."""
        ...

    def give_back(self, limit: Limit, *key: str) -> None:
        """Take back one use that turned out not to count."""
        ...

    def test(self, limit: Limit, *key: str) -> None:
        """Raise `LimitReached` where `limit` is used up for `key`, without counting."""
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


Transactions = Callable[[], AbstractContextManager[Transaction]]
"""Opens a transaction: it commits at the end of the `with` block and rolls back on an exception.

Never open a second one inside: with SQLite the writer would wait for itself. Nor call a directory elsewhere: everybody
would wait for it.
"""


# --- the demonstration ------------------------------------------------------------------------------------------------


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
