"""Searching a directory: the filter of the settings with an address in it (RFC 4515), one page after the other."""

import re
from collections.abc import Iterator, Sequence
from typing import Any

from ldap3 import BASE, SUBTREE, Connection
from ldap3.utils.conv import escape_filter_chars

from recovery_site.adapters.directories.ldap.entries import Entry
from recovery_site.adapters.directories.ldap.faults import SIZE_LIMIT_EXCEEDED, Cut, demand
from recovery_site.settings.ldap import Ldap

PAGE = 200
"""Entries on one page (RFC 2696); Active Directory gives 1000 at most, slapd 500 unless told otherwise."""

ENOUGH = 5
"""Entries that are asked for where one is meant."""

_PAGED = "1.2.840.113556.1.4.319"
_PLACEHOLDER = re.compile(r"\{(address|local)\}")
_ASSERTION = re.compile(r"\([^()]*\{(?:address|local)\}[^()]*\)")


def filter_for(table: Ldap, address: str) -> str:
    """Return the filter that finds the entries of an address, by its aliases too."""
    given = {"address": escape_filter_chars(address), "local": escape_filter_chars(address.partition("@")[0])}
    text = _ASSERTION.sub(lambda found: _or_alias(found[0], table.attributes.aliases), table.account_filter)
    return _PLACEHOLDER.sub(lambda found: given[found[1]], text)


def filter_for_all(table: Ldap) -> str:
    """Return the filter that finds every account."""
    return _PLACEHOLDER.sub("*", table.account_filter)


def search(
    connection: Connection, table: Ldap, text: str, attributes: Sequence[str], limit: int = ENOUGH
) -> list[Entry]:
    """Return the first entries, `limit` of them at most."""
    connection.search(table.base_dn, text, SUBTREE, attributes=attributes, size_limit=limit)
    demand(connection.result, SIZE_LIMIT_EXCEEDED)
    return list(_entries(connection))


def search_all(connection: Connection, table: Ldap, text: str, attributes: Sequence[str]) -> list[Entry]:
    """Return every entry, page by page."""
    found: list[Entry] = []
    cookie: bytes | None = None
    while True:
        connection.search(table.base_dn, text, SUBTREE, attributes=attributes, paged_size=PAGE, paged_cookie=cookie)
        demand(connection.result)
        found += _entries(connection)
        cookie = _cookie(connection.result)
        if not cookie:
            return found


def read_entry(connection: Connection, dn: str, attributes: Sequence[str]) -> Entry | None:
    """Return one entry by its DN, None where it cannot be seen."""
    connection.search(dn, "(objectClass=*)", BASE, attributes=attributes)
    demand(connection.result)
    return next(_entries(connection), None)


def _or_alias(assertion: str, aliases: Sequence[str]) -> str:
    """Widen one assertion, not the whole filter: what else it demands holds for aliases too."""
    if not aliases:
        return assertion
    others = "".join(f"({name}={'smtp:' if name.lower() == 'proxyaddresses' else ''}{{address}})" for name in aliases)
    return f"(|{assertion}{others})"


def _entries(connection: Connection) -> Iterator[Entry]:
    """Leave out the referrals to other parts that Active Directory puts between the entries."""
    if connection.response is None:
        raise Cut("ended the connection")
    for found in connection.response:
        if found["type"] == "searchResEntry":
            yield Entry(found["dn"], {name.lower(): values for name, values in found["raw_attributes"].items()})


def _cookie(result: dict[str, Any]) -> bytes:
    control = (result.get("controls") or {}).get(_PAGED) or {}
    return bytes((control.get("value") or {}).get("cookie") or b"")
