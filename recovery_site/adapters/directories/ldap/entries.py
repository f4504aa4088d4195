"""From the entries of a directory to accounts."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import structlog

from recovery_site.adapters.directories.ldap.flavours import Flavour
from recovery_site.domain.people import (
    Account,
    AccountKind,
    AccountStatus,
    AddressRefused,
    NotAMobileNumber,
    Phone,
    PhoneNumber,
    normalise_address,
    read_number,
)
from recovery_site.settings.ldap import LdapAttributes

log = structlog.get_logger()

_SMTP = "smtp:"
"""How addresses begin in Active Directory's `proxyAddresses`, the primary one in capitals."""


@dataclass(frozen=True)
class Entry:
    """An entry as the server sent it; the names of attributes are in lower case."""

    dn: str
    values: Mapping[str, Sequence[bytes]]

    def raw(self, attribute: str) -> Sequence[bytes]:
        return self.values.get(attribute.lower(), ())

    def texts(self, attribute: str) -> list[str]:
        """Return the attribute's values, sorted: servers promise no order. What is not UTF-8 is left out."""
        return sorted(self._decoded(attribute))

    def _decoded(self, attribute: str) -> Iterator[str]:
        for value in self.raw(attribute):
            try:
                yield value.decode()
            except UnicodeDecodeError:
                log.warning("directory_value_not_utf8", attribute=attribute)


class Reader:
    """Reads entries by the names of attributes in the settings."""

    def __init__(self, attributes: LdapAttributes, flavour: Flavour, domains: Sequence[str]) -> None:
        self._attributes = attributes
        self._flavour = flavour
        self._domains = domains

    @property
    def needed(self) -> list[str]:
        """The names of all attributes that are read; operational ones come only when asked for."""
        names, flavour = self._attributes, self._flavour
        accounts = (names.address, *names.aliases, names.name, names.unit, *names.phones)
        return list(dict.fromkeys((*accounts, flavour.lock_attribute, flavour.changed_attribute)))

    def address(self, entry: Entry) -> str | None:
        """Return the entry's primary address: always the same one, so that two names are never two accounts."""
        return min(self._addresses(entry.texts(self._attributes.address)), default=None)

    def names(self, entry: Entry) -> set[str]:
        """Return every address that leads to the entry."""
        attributes = self._attributes
        return {
            address
            for attribute in (attributes.address, *attributes.aliases)
            for address in self._addresses(entry.texts(attribute))
        }

    def is_locked(self, entry: Entry) -> bool:
        return self._flavour.is_locked(entry.texts(self._flavour.lock_attribute))

    def account(self, entry: Entry) -> Account | None:
        """Return the account, or None for an entry without an address in the site's domains."""
        address = self.address(entry)
        if address is None:
            return None
        phones, unread = self._phones(entry)
        changed = [self._flavour.changed_at(text) for text in entry.texts(self._flavour.changed_attribute)]
        return Account(
            address,
            display_name=min(entry.texts(self._attributes.name), default=""),
            unit=min(entry.texts(self._attributes.unit), default=""),
            # a directory knows no groups: several numbers are several people's
            kind=AccountKind.GROUP if len(phones) > 1 else AccountKind.PERSONAL,
            status=AccountStatus.LOCKED if self.is_locked(entry) else AccountStatus.ACTIVE,
            phones=phones,
            password_changed_at=max(filter(None, changed), default=None),
            unread_numbers=unread,
        )

    def _addresses(self, texts: Iterable[str]) -> Iterator[str]:
        for text in texts:
            plain = text[len(_SMTP) :] if text.lower().startswith(_SMTP) else text
            try:
                yield normalise_address(plain, domains=self._domains, aliases={})
            except AddressRefused:
                continue

    def _phones(self, entry: Entry) -> tuple[tuple[Phone, ...], int]:
        numbers: dict[PhoneNumber, None] = {}
        unread = 0
        for attribute in self._attributes.phones:
            texts = entry.texts(attribute)
            unread += len(entry.raw(attribute)) - len(texts)
            for text in texts:
                try:
                    numbers[read_number(text)] = None
                except NotAMobileNumber:
                    unread += 1
        return tuple(Phone(number) for number in numbers), unread


def ambiguous(address: str, entries: int) -> Account:
    """Return the account that stands for several entries with one address, and tell the log how many they are."""
    log.error("directory_entries_share_an_address", entries=entries)
    return Account(address, status=AccountStatus.AMBIGUOUS)
