"""The system that holds accounts and passwords."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum, auto
from typing import Protocol

from recovery_site.domain.people import Account, NewAccount, Phone
from recovery_site.domain.secret import Secret


class DirectoryUnavailable(Exception):
    """The directory did not do what it was asked, or nobody knows whether it did; the reason names no secret."""


class UnknownAccount(Exception):
    """The directory has no such account (any more), or not one that is open and alone in its address."""


class CannotAdd(Exception):
    """The directory is not one in which the site may make accounts: this one has to be made there first."""


class PolicyProblem(Enum):
    """Why a directory's own policy refuses a password."""

    TOO_SHORT = auto()
    TOO_LONG = auto()
    TOO_WEAK = auto()
    IN_HISTORY = auto()
    TOO_YOUNG = auto()
    """The present password has not been in use for long enough to be changed again."""
    OTHER = auto()


class PasswordRefused(Exception):
    """The directory's own policy refused a password; nothing changed."""

    def __init__(self, problem: PolicyProblem = PolicyProblem.OTHER) -> None:
        super().__init__(problem.name)
        self.problem = problem


@dataclass(frozen=True)
class Probe:
    """One thing that was tried of a directory: what, and what is wrong with it and to be done; '' where it works."""

    what: str
    problem: str = ""


class Directory(Protocol):
    """The system that holds accounts and passwords. Used by several threads at one time.

    Addresses are canonical; every method may raise `DirectoryUnavailable`.
    """

    def find(self, address: str) -> Account | None:
        """Return the account, locked or not, or None.

        Its own address is another one where `address` is an alias. Several entries for one address are one account
        that is `AMBIGUOUS`.
        """
        ...

    def all(self) -> Sequence[Account]:
        """Return every account, by address."""
        ...

    def check_password(self, address: str, password: Secret) -> bool:
        """Return whether `password` opens an active account; takes the same time for accounts that do not exist."""
        ...

    def set_password(self, address: str, password: Secret, now: datetime) -> None:
        """Set the password, byte for byte as given, and end the short lock that wrong passwords cause.

        Raises `UnknownAccount` also for one that is not active, whatever the directory itself would do with it;
        `PasswordRefused`.
        """
        ...

    def add(self, account: Account, password: Secret, now: datetime) -> None:
        """Make an account that the directory does not have.

        Raises `CannotAdd`, `PasswordRefused`, and `TooManyPeople` above the largest group.
        """
        ...

    def lock(self, address: str) -> None:
        """Lock the account as an operator does. Raises `UnknownAccount`."""
        ...

    def unlock(self, address: str) -> None:
        """Open the account again. Raises `UnknownAccount`."""
        ...

    def set_phones(self, address: str, phones: Sequence[Phone]) -> None:
        """Replace the account's numbers. A directory may be unable to keep their holders.

        Raises `UnknownAccount`, and `TooManyPeople` above the largest group.
        """
        ...

    def check(self) -> None:
        """Prove that the directory can be reached; raises `DirectoryUnavailable`."""
        ...

    def probe(self) -> Iterator[Probe]:
        """Try what the site needs, one thing after the other, and what it must not be able to do; changes nothing.

        Raises nothing: a directory that does not answer is a probe with a problem.
        """
        ...


class AccountStore(Protocol):
    """A directory whose accounts the site itself keeps; every method may raise `DirectoryUnavailable`."""

    def all(self) -> list[Account]:
        """Return every account, by address."""
        ...

    def put(self, batch: Sequence[NewAccount], now: datetime, progress: Callable[[int], None] | None = None) -> int:
        """Add or update all accounts or none, and return how many changed; tell `progress` how many are worked off.

        A password is set only where the account has none.
        """
        ...

    def move_domain(self, old: str, new: str, now: datetime) -> None:
        """Give the accounts of the domain `old` their addresses in `new`, with all that is stored of them.

        Their sessions and open recoveries end. The new addresses must be free.
        """
        ...
