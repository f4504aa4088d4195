"""What `doctor` tries of a directory: that the site can read what it must, and may do what it must and no more."""

from collections.abc import Iterator, Sequence

from ldap3 import Connection

from recovery_site.adapters.directories.ldap.connections import Connections
from recovery_site.adapters.directories.ldap.entries import Entry, Reader
from recovery_site.adapters.directories.ldap.faults import INSUFFICIENT_ACCESS_RIGHTS
from recovery_site.adapters.directories.ldap.flavours import Flavour
from recovery_site.adapters.directories.ldap.rights import rights
from recovery_site.adapters.directories.ldap.searches import filter_for_all, read_entry, search
from recovery_site.domain.people import AccountStatus
from recovery_site.ports import DirectoryUnavailable, Probe
from recovery_site.settings.ldap import Ldap

LOOKED_AT = 200
"""How many accounts are looked at."""

_PASSWORD_HASHES = ("userPassword", "pwdHistory", "krbPrincipalKey", "sambaNTPassword", "unicodePwd")
"""What would let passwords be guessed where nobody counts."""


_LOOK_AT = (
    ("certificate", "ca_file, and at the names in the server's certificate"),
    ("of the service account", "bind_dn and bind_password"),
    ("no such entry", "base_dn"),
)
"""The setting behind a fault, by a word of it."""


class Examination:
    """One look at a directory, with the accounts that it showed."""

    def __init__(self, table: Ldap, flavour: Flavour, reader: Reader, connections: Connections) -> None:
        self._table = table
        self._flavour = flavour
        self._reader = reader
        self._connections = connections

    def probes(self) -> Iterator[Probe]:
        """Try one thing after the other, and end where the next would only fail for the same reason."""
        for url in dict.fromkeys(self._connections.for_reading):
            reached = self._reached(url)
            yield reached
        if reached.problem:  # the master, which comes last
            return
        try:
            entries = self._found()
            yield Probe("accounts", "" if entries else self._why_none())
            if entries:
                yield from self._about(entries)
        except DirectoryUnavailable as error:
            yield Probe("rights", f"{error}")

    def _reached(self, url: str) -> Probe:
        base = self._table.base_dn
        try:
            seen = self._connections.read(lambda connection: read_entry(connection, base, ["1.1"]), [url])
        except DirectoryUnavailable as error:
            problem = str(error).removeprefix(f"{url} ")
            return Probe(f"connection to {url}", f"{problem}; look at directory.ldap.{self._setting_for(problem, url)}")
        return Probe(f"connection to {url}", "" if seen else "the service account may not read base_dn")

    def _setting_for(self, problem: str, url: str) -> str:
        named = (setting for word, setting in _LOOK_AT if word in problem)
        return next(named, "url" if url == self._table.url else "read_urls")

    def _found(self) -> list[Entry]:
        text = filter_for_all(self._table)
        needed = [*self._reader.needed, *_PASSWORD_HASHES]
        found = self._connections.read(
            lambda connection: search(connection, self._table, text, needed, LOOKED_AT), [self._table.url]
        )
        return [entry for entry in found if self._reader.address(entry) is not None]

    def _why_none(self) -> str:
        return (
            f"the filter finds no entry with an address of site.mail_domains in {self._table.attributes.address}; "
            "look at filter, base_dn and attributes, and at what the service account may read"
        )

    def _about(self, entries: Sequence[Entry]) -> Iterator[Probe]:
        yield self._phones(entries)
        open_ones = [entry for entry in entries if not self._is_set_apart(entry)]
        entry = (open_ones or entries)[0]
        yield self._readable("lock state", self._flavour.lock_attribute, entry)
        yield self._readable("time of the last change", self._flavour.changed_attribute, entry)
        yield self._hashes(entries)
        yield from rights(self._table, self._flavour, self._connections, entry)

    def _is_set_apart(self, entry: Entry) -> bool:
        account = self._reader.account(entry)
        administrators = {dn.lower() for dn in self._table.administrators}
        return entry.dn.lower() in administrators or account is None or account.status is not AccountStatus.ACTIVE

    def _phones(self, entries: Sequence[Entry]) -> Probe:
        names = self._table.attributes.phones
        if any(entry.raw(name) for entry in entries for name in names):
            return Probe("telephone numbers")
        return Probe(
            "telephone numbers",
            f"none of {len(entries)} accounts shows one in {', '.join(names)}; look at attributes.phones, "
            "and at what the service account may read",
        )

    def _readable(self, what: str, attribute: str, entry: Entry) -> Probe:
        """Tell an attribute that is not there from one that may not be read, by comparing it with a nonsense."""
        if entry.raw(attribute):
            return Probe(what)
        if self._flavour.unicode_pwd:
            return Probe(what, f"the service account may not read {attribute}")

        def ask(connection: Connection) -> int:
            connection.compare(entry.dn, attribute, "19700101000000Z")
            return int(connection.result["result"])

        denied = self._connections.read(ask, [self._table.url]) == INSUFFICIENT_ACCESS_RIGHTS
        return Probe(what, f"the service account may not read {attribute}" if denied else "")

    def _hashes(self, entries: Sequence[Entry]) -> Probe:
        seen = [name for name in _PASSWORD_HASHES if any(entry.raw(name) for entry in entries)]
        return Probe(
            "passwords stay unseen",
            f"the service account may read {seen[0]}; take that right away from it" if seen else "",
        )
