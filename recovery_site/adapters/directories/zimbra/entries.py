"""Zimbra's accounts as its admin interface shows them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from xml.etree.ElementTree import Element

from recovery_site.adapters.directories.zimbra.soap import ADMIN
from recovery_site.domain.people import (
    Account,
    AccountKind,
    AccountStatus,
    NotAMobileNumber,
    Phone,
    at_most_a_group,
    read_number,
)
from recovery_site.ports import DirectoryUnavailable
from recovery_site.settings.directory import Zimbra

STATUS = "zimbraAccountStatus"
MUST_CHANGE = "zimbraPasswordMustChange"
CHANGED = "zimbraPasswordModifiedTime"

ACTIVE = "active"
LOCKOUT = "lockout"
LOCKED = "locked"
"""`lockout` is the short lock after wrong passwords; `locked` is set by an administrator. Mail arrives in both."""

_NAMES = ("displayName", "cn")

_NOBODYS = {
    "zimbraIsSystemAccount": "TRUE",
    "zimbraIsSystemResource": "TRUE",
    "zimbraIsExternalVirtualAccount": "TRUE",
    "zimbraIsAdminAccount": "TRUE",
    "zimbraAccountCalendarUserType": "RESOURCE",
}
"""Accounts that are no official's: the server's own, rooms and cars, guests, and those that rule the whole server."""


def attributes(table: Zimbra) -> str:
    """Return what is asked of an account, as the requests want it."""
    asked = [STATUS, MUST_CHANGE, CHANGED, *_NAMES, table.unit, *table.phones, *_NOBODYS]
    return ",".join(dict.fromkeys(name for name in asked if name))


def new_values(account: Account, table: Zimbra) -> list[tuple[str, str]]:
    """Return what an account that is handed out begins with."""
    first, *_ = table.phones
    values = [("displayName", account.display_name), (table.unit, account.unit)]
    numbers = [(first, phone.number.e164) for phone in at_most_a_group(account.phones)]
    return [(name, value) for name, value in (*values, *numbers) if name and value]


@dataclass(frozen=True)
class Entry:
    """One `<account>`: its attributes, and the names of those that the service account may not read."""

    id: str
    name: str
    values: Mapping[str, Sequence[str]] = field(repr=False)
    hidden: frozenset[str] = frozenset()

    def first(self, name: str) -> str:
        """Return the only or first value, '' where there is none."""
        return next(iter(self.values.get(name, ())), "")

    @property
    def status(self) -> str:
        """Raises `DirectoryUnavailable` where it may not be read: nobody can tell whether the account is open."""
        if STATUS in self.hidden:
            raise DirectoryUnavailable(f"the service account may not read {STATUS}")
        return self.first(STATUS)

    @property
    def is_open(self) -> bool:
        """True where the account may be signed in to, perhaps after the short lock."""
        return self.status in (ACTIVE, LOCKOUT)

    @property
    def is_somebodys(self) -> bool:
        """True for the account of an official or an office."""
        return all(self.first(name) != value for name, value in _NOBODYS.items())


def read_entry(element: Element) -> Entry:
    """Return what an `<account>` says."""
    values: dict[str, list[str]] = {}
    hidden = set()
    for one in element.iterfind(f"{{{ADMIN}}}a"):
        name = one.get("n", "")
        if one.get("pd") in ("1", "true"):  # permission denied
            hidden.add(name)
        elif one.text:
            values.setdefault(name, []).append(one.text)
    return Entry(element.get("id", ""), element.get("name", "").lower(), values, frozenset(hidden))


def account_of(entry: Entry, table: Zimbra) -> Account:
    """Return the account; raises `DirectoryUnavailable` where its status or its numbers may not be read."""
    phones, unread = _phones(entry, table)
    return Account(
        entry.name,
        display_name=next((entry.first(name) for name in _NAMES if entry.first(name)), ""),
        unit=entry.first(table.unit),
        # Zimbra knows no groups: several numbers are several people's
        kind=AccountKind.GROUP if len(phones) > 1 else AccountKind.PERSONAL,
        status=AccountStatus.ACTIVE if entry.is_open else AccountStatus.LOCKED,
        phones=phones,
        password_changed_at=read_time(entry.first(CHANGED)),
        unread_numbers=unread,
    )


def read_time(written: str) -> datetime | None:
    """Return an LDAP time in UTC (`20260302050000Z`, or with a fraction); None where it is not one."""
    try:
        return datetime.strptime(written.partition(".")[0].removesuffix("Z"), "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    except ValueError:
        return None


def _phones(entry: Entry, table: Zimbra) -> tuple[tuple[Phone, ...], int]:
    unreadable = [name for name in table.phones if name in entry.hidden]
    if unreadable:
        raise DirectoryUnavailable(f"the service account may not read {', '.join(unreadable)}")
    found, unread = [], 0
    for value in (value for name in table.phones for value in entry.values.get(name, ())):
        try:
            found.append(read_number(value))
        except NotAMobileNumber:
            unread += 1
    return tuple(Phone(number) for number in dict.fromkeys(found)), unread
