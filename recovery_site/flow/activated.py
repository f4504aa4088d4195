"""The directory as the clock of first passwords sees it: an account whose time is over counts as locked.

True to the second, whatever has run since: the directory itself is only locked when somebody sweeps.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from recovery_site.domain.activation import Activation, ActivationState
from recovery_site.domain.people import Account, AccountStatus, Phone
from recovery_site.domain.secret import Secret
from recovery_site.ports import Clock, Directory, Probe, Transactions


class ActivatedDirectory:
    """The `Directory` port over another one. All but `set_password` may not be called inside a transaction."""

    def __init__(self, directory: Directory, transactions: Transactions, clock: Clock) -> None:
        self._directory = directory
        self._transactions = transactions
        self._clock = clock

    def find(self, address: str) -> Account | None:
        account = self._directory.find(address)
        # asked for an unknown account too: its refusal must take the time of the others (`scripts.attack timing`)
        with self._transactions() as tx:
            activations = tx.activations.of_account(account.address if account else address)
        return self._clocked(account, activations) if account else None

    def all(self) -> Sequence[Account]:
        with self._transactions() as tx:
            unchanged = tx.activations.unchanged()
        clocks: dict[str, list[Activation]] = {}
        for one in unchanged:
            clocks.setdefault(one.address, []).append(one)
        return [self._clocked(account, clocks.get(account.address, [])) for account in self._directory.all()]

    def check_password(self, address: str, password: Secret) -> bool:
        if not self._directory.check_password(address, password):
            return False
        account = self.find(address)
        return account is not None and account.status is AccountStatus.ACTIVE

    def set_password(self, address: str, password: Secret, now: datetime) -> None:
        self._directory.set_password(address, password, now)

    def add(self, account: Account, password: Secret, now: datetime) -> None:
        self._directory.add(account, password, now)

    def lock(self, address: str) -> None:
        self._directory.lock(address)

    def unlock(self, address: str) -> None:
        self._directory.unlock(address)

    def set_phones(self, address: str, phones: Sequence[Phone]) -> None:
        self._directory.set_phones(address, phones)

    def check(self) -> None:
        self._directory.check()

    def probe(self) -> Iterator[Probe]:
        return self._directory.probe()

    def _clocked(self, account: Account, activations: Sequence[Activation]) -> Account:
        now, changed_at = self._clock.now(), account.password_changed_at
        overdue = any(one.state(now, changed_at) is ActivationState.OVERDUE for one in activations)
        return replace(account, status=AccountStatus.OVERDUE) if overdue else account
