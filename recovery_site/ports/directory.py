"""The system that holds accounts and passwords."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Protocol

from recovery_site.domain.people import Account, NewAccount
from recovery_site.domain.secret import Secret


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
