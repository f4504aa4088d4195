"""Filling telephone numbers into a directory that is another system's: it owns all else about an account.

All rows are judged before the first number is written. A directory cannot be changed all or nothing, so what stops
half-way is gone on with by importing the same file again.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from recovery_site.domain.account_changes import Change
from recovery_site.domain.account_rows import BadRow, RowReader, SheetRow
from recovery_site.domain.audit import SYSTEM
from recovery_site.domain.people import Account, AccountKind, AccountStatus, NewAccount
from recovery_site.flow.import_accounts import Imported, Judged, Progress, lines_of_repeated
from recovery_site.ports import Directory, DirectoryUnavailable, UnknownAccount

LEFT = ("display_name", "unit", "kind")
"""The columns that are read, and not written."""

UNKNOWN = "email: the directory has no such account; make it there first"
AMBIGUOUS = "email: several entries of the directory claim this address; leave it to one of them there"
STATUS = "status: is not the directory's; lock or unlock the account there, or leave the cell empty"
PASSWORD = "password: passwords are not imported into this directory; set it there, and leave the cell empty"


class StoppedHalfWay(Exception):
    """The directory failed at `address`, when `done` of the `wanted` accounts had their numbers."""

    def __init__(self, address: str, done: int, wanted: int, fault: DirectoryUnavailable | UnknownAccount) -> None:
        super().__init__()
        self.address = address
        self.done = done
        self.wanted = wanted
        self.fault = fault


class FillPhones:
    """The verbs of an import into another system's directory: judge the rows, then write the numbers that differ."""

    def __init__(self, *, directory: Directory, domains: Sequence[str], aliases: Mapping[str, str]) -> None:
        self._directory = directory
        self._domains = domains
        self._aliases = aliases

    def judge(self, rows: Sequence[SheetRow], progress: Progress | None = None) -> Judged:
        """Return what the rows ask for; each address is looked up. Raises `DirectoryUnavailable`."""
        found = []
        for row in rows:
            reader = RowReader(row, domains=self._domains, aliases=self._aliases)
            # one by one: a list of all accounts would not tell which of them an alias belongs to
            known = self._directory.find(reader.address) if reader.address else None
            found.append((row, reader, known))
            if progress:
                progress(1)
        twice = lines_of_repeated([(row.line, known.address if known else "") for row, _, known in found])
        wanted, changes, bad = [], [], []
        for row, reader, known in found:
            before = _of_kind(row, known) if known else None
            asked = reader.new_account(before)
            reasons = [*reader.reasons, *_against(reader, asked, before)]
            reasons += twice.get(before.address, []) if before else []
            if reasons or before is None:
                bad.append(BadRow(row.line, tuple(reasons)))
                continue
            before = replace(before, kind=asked.account.kind)
            change = Change(before, _with_numbers(before, asked.account))
            wanted.append(NewAccount(change.after))
            changes += [change] if change.is_one else []
        return Judged(wanted, changes, bad, _left(rows))

    def store(
        self,
        judged: Judged,
        *,
        skip_bad: bool,
        actor: str = SYSTEM,  # noqa: ARG002 -- numbers start no clock, and nothing is written down
        progress: Progress | None = None,
    ) -> Imported:
        """Write the numbers that differ, one account after the other.

        Raises `RowsRefused` where a row is bad, unless `skip_bad`; `StoppedHalfWay`.
        """
        judged.require(skip_bad=skip_bad)
        for done, change in enumerate(judged.changes):
            try:
                self._directory.set_phones(change.after.address, change.after.phones)
            except (DirectoryUnavailable, UnknownAccount) as fault:
                raise StoppedHalfWay(change.after.address, done, len(judged.changes), fault) from fault
            if progress:
                progress(1)
        changed = len(judged.changes)
        return Imported(judged.read, changed, len(judged.accounts) - changed, judged.bad)


def _of_kind(row: SheetRow, known: Account) -> Account:
    """Return the account as one of the kind that its row has.

    Such a directory knows no groups: it takes several numbers for those of several people. So a row without a kind is
    of the kind of the column that has its numbers.
    """
    if row.cells.get("kind", "").strip():
        return known
    members = row.cells.get("members", "").strip()
    return replace(known, kind=AccountKind.GROUP if members else AccountKind.PERSONAL)


def _against(reader: RowReader, asked: NewAccount, known: Account | None) -> list[str]:
    if known is None:
        return [UNKNOWN] if reader.address else []
    if known.status is AccountStatus.AMBIGUOUS:
        return [AMBIGUOUS]
    status = [STATUS] if asked.account.status is not known.status else []
    return [*status, PASSWORD] if asked.password else status


def _with_numbers(known: Account, asked: Account) -> Account:
    """Return the account with the numbers asked for.

    It stays as it is where it has them in another order or without their holders, which a directory may not keep, and
    where none are asked for: an empty cell must not take a number away from a system that others fill too.
    """
    same = {phone.number for phone in asked.phones} == {phone.number for phone in known.phones}
    return known if same or not asked.phones else replace(known, phones=asked.phones, unread_numbers=0)


def _left(rows: Sequence[SheetRow]) -> list[str]:
    return [column for column in LEFT if any(column in row.cells for row in rows)]
