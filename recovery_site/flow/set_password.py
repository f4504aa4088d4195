"""Setting a password and writing down that it was set, and what ends with the old one."""

from collections.abc import Callable
from datetime import datetime
from typing import TypeVar

from recovery_site.domain.secret import Secret
from recovery_site.ports import (
    Clock,
    Directory,
    DirectoryUnavailable,
    PasswordRefused,
    Transaction,
    Transactions,
    UnknownAccount,
)

T = TypeVar("T")


class SetPassword:
    """Sets passwords. `one_database`: the directory's accounts stand in the database of `transactions`."""

    def __init__(
        self, transactions: Transactions, directory: Directory, clock: Clock, *, one_database: bool = False
    ) -> None:
        self._transactions = transactions
        self._directory = directory
        self._clock = clock
        self._one_database = one_database

    def __call__(self, address: str, password: Secret, finish: Callable[[Transaction, datetime], T]) -> T:
        """Set the password and return what `finish` writes down: as one where both are in the same database.

        `finish` is told when the directory was asked: a first password may have been given out since.
        Raises `UnknownAccount`, `PasswordRefused`, `DirectoryUnavailable`.
        """
        if not self._one_database:
            asked_at = self._clock.now()
            self._directory.set_password(address, password, asked_at)
            with self._transactions() as tx:
                return finish(tx, asked_at)
        try:
            with self._transactions() as tx:
                asked_at = self._clock.now()
                self._directory.set_password(address, password, asked_at)
                return finish(tx, asked_at)
        except (UnknownAccount, PasswordRefused):
            raise
        except Exception as error:  # all of it was rolled back: the old password is the password
            raise DirectoryUnavailable(type(error).__name__) from error


def end_what_was_open(tx: Transaction, address: str, now: datetime, asked_at: datetime) -> bool:
    """End the account's recoveries, sessions and clocks; return whether it was the first password that was changed.

    The clock of a first password that was given out after `asked_at` runs on: it is not the one that was changed.
    """
    for recovery in tx.recoveries.of_account(address):
        tx.recoveries.save(recovery.abandoned(now))
        tx.messages.withdraw(recovery.id, now)
    older = [one.id for one in tx.activations.of_account(address) if one.is_unchanged and one.started_at <= asked_at]
    # locked one by one: the sweep may be writing into one of them
    changed = [one for one in map(tx.activations.lock, older) if one is not None and one.is_unchanged]
    for activation in changed:
        tx.activations.save(activation.changed(now))
    tx.sessions.remove_account(address)
    return bool(changed)
