"""Importing accounts: all rows are read and judged before the first one is stored, and all are stored or none."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from recovery_site.domain.account_rows import BadRow, RowReader, SheetRow
from recovery_site.domain.people import NewAccount
from recovery_site.ports import AccountStore, Clock


class RowsRefused(Exception):
    """Rows of the file are bad and nothing was imported; `bad` has all of them, of `read` rows in all."""

    def __init__(self, bad: Sequence[BadRow], read: int) -> None:
        super().__init__()
        self.bad = bad
        self.read = read


@dataclass(frozen=True)
class Judged:
    """What a file asks for: the accounts of its good rows, and its bad rows."""

    accounts: Sequence[NewAccount]
    bad: Sequence[BadRow]


@dataclass(frozen=True)
class Imported:
    """What an import did, in rows. `changed` counts the added too."""

    read: int
    changed: int
    unchanged: int
    skipped: Sequence[BadRow]


class ImportAccounts:
    """The verbs of an import: judge the rows, then store them."""

    def __init__(
        self, *, store: AccountStore, clock: Clock, domains: Sequence[str], aliases: Mapping[str, str]
    ) -> None:
        self._store = store
        self._clock = clock
        self._domains = domains
        self._aliases = aliases

    def judge(self, rows: Iterable[SheetRow]) -> Judged:
        """Return what the rows ask for. Raises `DirectoryUnavailable`."""
        known = {account.address: account for account in self._store.all()}
        readers = [(row.line, RowReader(row, domains=self._domains, aliases=self._aliases)) for row in rows]
        twice = _lines_of_repeated([(line, reader.address) for line, reader in readers])
        accounts, bad = [], []
        for line, reader in readers:
            asked = reader.new_account(known.get(reader.address))
            reasons = [*reader.reasons, *twice.get(reader.address, ())]
            if reasons:
                bad.append(BadRow(line, tuple(reasons)))
            else:
                accounts.append(asked)
        return Judged(accounts, bad)

    def store(self, judged: Judged, *, skip_bad: bool, progress: Callable[[int], None] | None = None) -> Imported:
        """Store the accounts, all or none; `progress` is told how many more are worked off.

        Raises `RowsRefused` where a row is bad, unless `skip_bad`; `DirectoryUnavailable`.
        """
        read = len(judged.accounts) + len(judged.bad)
        if judged.bad and not skip_bad:
            raise RowsRefused(judged.bad, read)
        changed = self._store.put(judged.accounts, self._clock.now(), progress)
        return Imported(read, changed, len(judged.accounts) - changed, judged.bad)


def _lines_of_repeated(addresses: Sequence[tuple[int, str]]) -> dict[str, list[str]]:
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
