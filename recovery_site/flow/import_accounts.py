"""Importing accounts: all rows are read and judged before the first one is stored, and all are stored or none."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from recovery_site.domain.account_changes import Change
from recovery_site.domain.account_rows import BadRow, RowReader, SheetRow
from recovery_site.domain.audit import SYSTEM
from recovery_site.domain.people import Account, NewAccount
from recovery_site.flow.start_clocks import StartClocks
from recovery_site.ports import AccountStore

Progress = Callable[[int], None]
"""Is told how many more rows are worked off."""


class RowsRefused(Exception):
    """Rows of the file are bad and nothing was imported; `bad` has all of them, of `read` rows in all."""

    def __init__(self, bad: Sequence[BadRow], read: int) -> None:
        super().__init__()
        self.bad = bad
        self.read = read


@dataclass(frozen=True)
class Judged:
    """What a file asks for: the accounts of its good rows, what becomes of each, and its bad rows.

    `left` names the columns of the file that are not written where it goes.
    """

    accounts: Sequence[NewAccount]
    changes: Sequence[Change]
    bad: Sequence[BadRow]
    left: Sequence[str] = ()

    @property
    def read(self) -> int:
        """How many rows the file has."""
        return len(self.accounts) + len(self.bad)

    def require(self, *, skip_bad: bool) -> None:
        """Raise `RowsRefused` where a row is bad, unless `skip_bad`."""
        if self.bad and not skip_bad:
            raise RowsRefused(self.bad, self.read)


@dataclass(frozen=True)
class Imported:
    """What an import did, in rows. `changed` counts the added too."""

    read: int
    changed: int
    unchanged: int
    skipped: Sequence[BadRow]


class ImportAccounts:
    """The verbs of an import into the site's own directory: judge the rows, then store them."""

    def __init__(
        self,
        *,
        store: AccountStore,
        clocks: StartClocks,
        domains: Sequence[str],
        aliases: Mapping[str, str],
    ) -> None:
        self._store = store
        self._clocks = clocks
        self._domains = domains
        self._aliases = aliases

    def judge(self, rows: Sequence[SheetRow], progress: Progress | None = None) -> Judged:
        """Return what the rows ask for. Raises `DirectoryUnavailable`."""
        known = {account.address: account for account in self._store.all()}
        readers = [(row.line, RowReader(row, domains=self._domains, aliases=self._aliases)) for row in rows]
        twice = lines_of_repeated([(line, reader.address) for line, reader in readers])
        accounts, bad = [], []
        for line, reader in readers:
            asked = reader.new_account(known.get(reader.address))
            reasons = [*reader.reasons, *twice.get(reader.address, ())]
            if reasons:
                bad.append(BadRow(line, tuple(reasons)))
            else:
                accounts.append(asked)
            if progress:
                progress(1)
        return Judged(accounts, _changes(accounts, known), bad)

    def store(
        self, judged: Judged, *, skip_bad: bool, actor: str = SYSTEM, progress: Progress | None = None
    ) -> Imported:
        """Store the accounts, all or none; the clocks of first passwords start, for `actor` in the record.

        Raises `RowsRefused` where a row is bad, unless `skip_bad`; `DirectoryUnavailable`.
        """
        judged.require(skip_bad=skip_bad)
        starting = [one.after.address for one in judged.changes if one.first_password and one.must_change]
        with self._clocks.running(starting, actor) as now:
            changed = self._store.put(judged.accounts, now, progress)
        return Imported(judged.read, changed, len(judged.accounts) - changed, judged.bad)


def lines_of_repeated(addresses: Sequence[tuple[int, str]]) -> dict[str, list[str]]:
    """Return the reason against each address that stands in several lines: which of them is right is unknown."""
    lines: dict[str, list[int]] = {}
    for line, address in addresses:
        if address:
            lines.setdefault(address, []).append(line)
    return {
        address: [f"email: the same address stands in lines {', '.join(map(str, found))}"]
        for address, found in lines.items()
        if len(found) > 1
    }


def _changes(wanted: Sequence[NewAccount], known: Mapping[str, Account]) -> list[Change]:
    changes = []
    for row in wanted:
        before = known.get(row.account.address)
        # an account of the site's own directory has a password exactly where one was ever set
        first = row.password is not None and (before is None or before.password_changed_at is None)
        changes.append(Change(before, row.account, first_password=first, must_change=row.must_change))
    return [change for change in changes if change.is_one]
