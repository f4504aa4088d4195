"""What the service account may write, without writing anything.

OpenLDAP is asked by its no-operation control: a change that it would make, and does not. Active Directory is asked for
`allowedAttributesEffective`, and by a password that it can never take. The others have no such question: it is said.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from ldap3 import MODIFY_REPLACE, Connection

from recovery_site.adapters.directories.ldap import ppolicy
from recovery_site.adapters.directories.ldap.connections import Connections
from recovery_site.adapters.directories.ldap.entries import Entry
from recovery_site.adapters.directories.ldap.faults import (
    CONSTRAINT_VIOLATION,
    INSUFFICIENT_ACCESS_RIGHTS,
    NO_OPERATION,
    NO_SUCH_OBJECT,
    UNAVAILABLE_CRITICAL_EXTENSION,
    UNWILLING_TO_PERFORM,
    words_of,
)
from recovery_site.adapters.directories.ldap.flavours import Flavour
from recovery_site.adapters.directories.ldap.searches import read_entry
from recovery_site.ports import Probe
from recovery_site.settings.ldap import Ldap

_NO_OPERATION = [("1.3.6.1.4.1.4203.666.5.2", True, None), *ppolicy.REQUEST]
"""OpenLDAP's control, critical: a server that does not know it refuses the change instead of making it."""

_GOOD, _ONE_LETTER = b"Thu-xem-9-duoc-khong-Kx", b"x"
_NEVER_TAKEN = b"x\0"
"""No value of `unicodePwd`: it has no quotation marks (MS-ADTS, section 3.1.1.3.1.5)."""

_UNDERSTOOD = (CONSTRAINT_VIOLATION, UNWILLING_TO_PERFORM)
"""How it is refused where the right is there."""

_TRY_A_RESET = "what may be written: not tried, this directory tells only after a change; reset a test account"
_TOO_MUCH = "the service account may write {}; take that right away from it"
_TOO_LITTLE = "the service account may not write {}"

Values = Sequence[bytes | str]


def rights(table: Ldap, flavour: Flavour, connections: Connections, entry: Entry) -> Iterator[Probe]:
    """Try what may be written to `entry`, an open account, and to the administrators'."""
    asker = _Asker(table, connections)
    if not table.administrators:
        yield Probe("administrators: none is named in directory.ldap.administrators, so none was tried")
    if table.flavour == "openldap":
        yield from _of_openldap(asker, flavour, entry)
    elif flavour.unicode_pwd:
        yield from _of_active_directory(asker, flavour, entry)
    else:
        yield Probe(_TRY_A_RESET)


@dataclass(frozen=True)
class _Asker:
    table: Ldap
    connections: Connections

    def change(self, dn: str, changes: Mapping[str, Values], controls: Sequence[tuple[str, bool, None]] = ()) -> int:
        """Return the result code of a change that the server is not to make."""

        def ask(connection: Connection) -> int:
            asked = {name: [(MODIFY_REPLACE, list(values))] for name, values in changes.items()}
            connection.modify(dn, asked, controls=list(controls) or None)
            return int(connection.result["result"])

        return self.connections.read(ask, [self.table.url])

    def no_operation(self, dn: str, attribute: str, values: Values) -> int:
        return self.change(dn, {attribute: values}, _NO_OPERATION)

    def writable(self, dn: str) -> set[str]:
        """Return the attributes that Active Directory lets the service account write, in lower case."""
        name = "allowedAttributesEffective"
        entry = self.connections.read(lambda connection: read_entry(connection, dn, [name]), [self.table.url])
        return {text.lower() for text in entry.texts(name)} if entry else set()

    def has_policy(self) -> bool:
        """Return whether the server knows the control of password policies, or does not say."""
        name = "supportedControl"
        entry = self.connections.read(lambda connection: read_entry(connection, "", [name]), [self.table.url])
        controls = entry.texts(name) if entry else []
        return not controls or ppolicy.OID in controls


def _of_openldap(asker: _Asker, flavour: Flavour, entry: Entry) -> Iterator[Probe]:
    names = asker.table.attributes
    password = asker.no_operation(entry.dn, "userPassword", [_GOOD])
    if password == UNAVAILABLE_CRITICAL_EXTENSION:
        yield Probe(_TRY_A_RESET)
        return
    yield Probe("may set passwords", _wanting(password, "userPassword"))
    yield Probe("the password policy holds", _unheld(asker, entry))
    lock = flavour.lock_attribute
    yield _optional("lock accounts", asker.no_operation(entry.dn, lock, flavour.lock([])) == NO_OPERATION, lock)
    for name in names.phones:
        may = asker.no_operation(entry.dn, name, entry.raw(name) or ["+84900000000"]) == NO_OPERATION
        yield _optional("set telephone numbers", may, name)
    address = asker.no_operation(entry.dn, names.address, entry.raw(names.address))
    yield Probe("may change no address", _TOO_MUCH.format(names.address) if address == NO_OPERATION else "")
    for dn in asker.table.administrators:
        yield _administrator(dn, asker.no_operation(dn, "userPassword", [_GOOD]), (NO_OPERATION,))


def _of_active_directory(asker: _Asker, flavour: Flavour, entry: Entry) -> Iterator[Probe]:
    names = asker.table.attributes
    writable = asker.writable(entry.dn)
    password = asker.change(entry.dn, {"unicodePwd": [_NEVER_TAKEN]})
    yield Probe("may set passwords", "" if password in _UNDERSTOOD else _wanting(password, "unicodePwd"))
    short_lock = [name for name in flavour.short_lock or () if name.lower() not in writable]
    yield Probe("may end the short lock", _TOO_LITTLE.format(short_lock[0]) if short_lock else "")
    lock = flavour.lock_attribute
    yield _optional("lock accounts", lock.lower() in writable, lock)
    for name in names.phones:
        yield _optional("set telephone numbers", name.lower() in writable, name)
    excess = names.address.lower() in writable
    yield Probe("may change no address", _TOO_MUCH.format(names.address) if excess else "")
    for dn in asker.table.administrators:
        yield _administrator(dn, asker.change(dn, {"unicodePwd": [_NEVER_TAKEN]}), _UNDERSTOOD)


def _wanting(code: int, attribute: str) -> str:
    match code:
        case _ if code == NO_OPERATION:
            return ""
        case _ if code == INSUFFICIENT_ACCESS_RIGHTS:
            return _TOO_LITTLE.format(attribute)
        case _ if code == CONSTRAINT_VIOLATION:
            return "cannot be told: the policy refuses every new password of the account that was tried"
    return f"the directory {words_of(code)}"


def _unheld(asker: _Asker, entry: Entry) -> str:
    """Say what is wrong where a password of one letter would be taken: `manage` and the rootdn skip the policy."""
    if not asker.has_policy() or asker.no_operation(entry.dn, "userPassword", [_ONE_LETTER]) != NO_OPERATION:
        return ""
    return (
        "a password of one letter would be taken: the service account is the rootdn or has manage where write is "
        "enough, or the policy has no pwdMinLength and pwdCheckQuality"
    )


def _optional(what: str, may: bool, attribute: str) -> Probe:
    return Probe(f"may {what} ({attribute})" if may else f"may not {what} ({attribute}); not needed for resets")


def _administrator(dn: str, answer: int, granted: Sequence[int]) -> Probe:
    what = f"may not set the password of {dn}"
    if answer in granted:
        return Probe(what, _TOO_MUCH.format("it"))
    if answer == NO_SUCH_OBJECT:
        return Probe(f"{what} (cannot even see it; is the name right?)")
    return Probe(what, "" if answer == INSUFFICIENT_ACCESS_RIGHTS else f"cannot be told: it {words_of(answer)}")
