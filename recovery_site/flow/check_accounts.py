"""Checking all accounts before a campaign: which could not recover today, and why."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from recovery_site.domain.hindrances import Finding, Hindrance, find_hindrances, owners_of_numbers
from recovery_site.ports import Directory


@dataclass(frozen=True)
class Checked:
    """What a check found: how many accounts there are, and those with a finding, by address.

    Accounts that cannot recover stand before those that only deserve a look.
    """

    accounts: int
    findings: Sequence[Finding]

    @property
    def cannot_recover(self) -> int:
        return sum(stopped(one) for one in self.findings)

    @property
    def can_recover(self) -> int:
        return self.accounts - self.cannot_recover

    def count(self) -> Counter[Hindrance]:
        """Return how many accounts have each hindrance; one account may have several."""
        return Counter(hindrance for one in self.findings for hindrance in one.hindrances)


class CheckAccounts:
    """The one verb of a check."""

    def __init__(self, directory: Directory) -> None:
        self._directory = directory

    def check(self) -> Checked:
        """Return every account with a finding. Raises `DirectoryUnavailable`."""
        accounts = self._directory.all()
        owners = owners_of_numbers(accounts)
        found = [one for one in (find_hindrances(account, owners) for account in accounts) if one.hindrances]
        return Checked(len(accounts), sorted(found, key=lambda one: (not stopped(one), one.account.address)))


def stopped(finding: Finding) -> bool:
    """Return whether the account cannot recover."""
    return any(hindrance.stops for hindrance in finding.hindrances)
