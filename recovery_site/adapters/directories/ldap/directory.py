"""The `Directory` port over LDAP."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta

import structlog
from ldap3 import Connection

from recovery_site.adapters.directories.ldap.adding import add_entry
from recovery_site.adapters.directories.ldap.connections import Connections
from recovery_site.adapters.directories.ldap.entries import Entry, Reader, ambiguous
from recovery_site.adapters.directories.ldap.faults import NO_SUCH_OBJECT, OutcomeUnknown, demand
from recovery_site.adapters.directories.ldap.flavours import Changes, flavour_of
from recovery_site.adapters.directories.ldap.passwords import end_short_lock, is_right, write_password
from recovery_site.adapters.directories.ldap.probe import Examination
from recovery_site.adapters.directories.ldap.searches import (
    filter_for,
    filter_for_all,
    read_entry,
    search,
    search_all,
)
from recovery_site.domain.people import Account, Phone, at_most_a_group
from recovery_site.domain.secret import Secret
from recovery_site.ports import CannotAdd, Clock, DirectoryUnavailable, Probe, UnknownAccount
from recovery_site.settings.ldap import Ldap

log = structlog.get_logger()

REFUSAL = timedelta(seconds=0.4)
"""How long a sign-in that is refused takes at least: a bind takes time, and for a name that is not there is none."""


class LdapDirectory:
    """Reads from the replicas in their order and then from the master; writes to the master."""

    def __init__(self, table: Ldap, domains: Sequence[str], clock: Clock) -> None:
        self._table = table
        self._clock = clock
        self._flavour = flavour_of(table)
        self._reader = Reader(table.attributes, self._flavour, domains)
        self._connections = Connections(table, clock)

    def find(self, address: str) -> Account | None:
        entries = self._connections.read(lambda connection: self._entries(connection, address))
        if len(entries) > 1:
            return ambiguous(address, len(entries))
        return self._reader.account(entries[0]) if entries else None

    def all(self) -> list[Account]:
        """Return every account, by address; entries without an address in the site's domains are left out."""
        text = filter_for_all(self._table)
        found = self._connections.read(
            lambda connection: search_all(connection, self._table, text, self._reader.needed)
        )
        claims = Counter(name for entry in found for name in self._reader.names(entry))
        accounts: dict[str, Account] = {}
        for entry in found:
            account = self._reader.account(entry)
            if account is not None and account.address not in accounts:
                several = claims[account.address]
                accounts[account.address] = ambiguous(account.address, several) if several > 1 else account
        return [accounts[address] for address in sorted(accounts)]

    def check_password(self, address: str, password: Secret) -> bool:
        """Ask by a bind, and the master first: a replica may not have the newest password yet."""
        began = self._clock.now()
        if self._opens(address, password):
            return True
        left = REFUSAL - (self._clock.now() - began)
        self._clock.sleep(min(max(left, timedelta()), REFUSAL).total_seconds())
        return False

    def set_password(self, address: str, password: Secret, now: datetime) -> None:  # noqa: ARG002 -- the server's own
        if not password.reveal():
            raise ValueError("an empty new password asks the server to make one up (RFC 3062)")
        seen: list[Entry] = []

        def look(connection: Connection) -> Entry:
            seen[:] = [self._open_entry(connection, address)]
            return seen[0]

        def act(connection: Connection, entry: Entry) -> None:
            write_password(connection, self._flavour, entry.dn, password)
            end_short_lock(connection, self._flavour, entry.dn)

        try:
            self._connections.change(look, act)
        except OutcomeUnknown as error:
            self._ask_whether_set(seen[0].dn, password, error)

    def add(self, account: Account, password: Secret, now: datetime) -> None:
        if self.find(account.address) is not None:
            raise CannotAdd(account.address)
        self._connections.change(lambda _: None, lambda connection, _: add_entry(connection, self._table, account))
        self.set_password(account.address, password, now)

    def lock(self, address: str) -> None:
        self._change(address, lambda entry: self._flavour.locking(entry.texts(self._flavour.lock_attribute)))

    def unlock(self, address: str) -> None:
        self._change(address, lambda entry: self._flavour.unlocking(entry.texts(self._flavour.lock_attribute)))

    def set_phones(self, address: str, phones: Sequence[Phone]) -> None:
        """Write the numbers into the first of the attributes and empty the others; holders are not kept."""
        numbers = [phone.number.e164 for phone in at_most_a_group(phones)]
        self._change(address, lambda _: self._flavour.numbering(self._table.attributes.phones, numbers))

    def check(self) -> None:
        """Prove that the master answers, knows the service account, and shows it the base."""
        self._connections.read(
            lambda connection: read_entry(connection, self._table.base_dn, ["1.1"]), [self._table.url]
        )

    def probe(self) -> Iterator[Probe]:
        yield from Examination(self._table, self._flavour, self._reader, self._connections).probes()

    def close(self) -> None:
        """Give the connections back."""
        self._connections.close()

    def _entries(self, connection: Connection, address: str) -> list[Entry]:
        """Return the entries that have the address, letter for letter: a server's matching is looser than ours."""
        text = filter_for(self._table, address)
        found = search(connection, self._table, text, self._reader.needed)
        return [entry for entry in found if address in self._reader.names(entry)]

    def _entry(self, connection: Connection, address: str) -> Entry:
        entries = self._entries(connection, address)
        if len(entries) != 1 or self._reader.address(entries[0]) is None:
            raise UnknownAccount(address)
        return entries[0]

    def _open_entry(self, connection: Connection, address: str) -> Entry:
        entry = self._entry(connection, address)
        # slapd and Active Directory give a disabled account a new password, and slapd even opens it again
        if self._reader.is_locked(entry):
            raise UnknownAccount(address)
        return entry

    def _opens(self, address: str, password: Secret) -> bool:
        if not password.reveal():
            return False
        try:
            entry = self._connections.read(
                lambda connection: self._open_entry(connection, address), self._connections.master_first
            )
        except UnknownAccount:
            return False
        return is_right(self._connections.sign_in(entry.dn, password.reveal().encode()))

    def _ask_whether_set(self, dn: str, password: Secret, error: OutcomeUnknown) -> None:
        """Raise `DirectoryUnavailable` unless the new password opens the account already."""
        log.warning("directory_lost_in_a_change", fault=str(error))
        try:
            opens = is_right(self._connections.sign_in(dn, password.reveal().encode(), [self._table.url]))
        except DirectoryUnavailable as unknown:
            raise DirectoryUnavailable(f"{error}; whether the password was set is unknown: {unknown}") from None
        if not opens:
            raise DirectoryUnavailable(f"{error}; the new password does not open the account") from None

    def _change(self, address: str, make: Callable[[Entry], Changes]) -> None:
        def act(connection: Connection, entry: Entry) -> None:
            connection.modify(entry.dn, dict(make(entry)))
            demand(connection.result, NO_SUCH_OBJECT)
            if connection.result["result"] == NO_SUCH_OBJECT:
                raise UnknownAccount(address)

        self._connections.change(lambda connection: self._entry(connection, address), act)
