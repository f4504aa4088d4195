"""Making an entry for an account that is handed out, where the settings say what one looks like."""

from collections.abc import Mapping, Sequence

from ldap3 import Connection
from ldap3.utils.dn import escape_rdn, parse_dn

from recovery_site.adapters.directories.ldap.faults import ENTRY_ALREADY_EXISTS, demand
from recovery_site.domain.people import Account, at_most_a_group
from recovery_site.ports import CannotAdd
from recovery_site.settings.ldap import Ldap


def add_entry(connection: Connection, table: Ldap, account: Account) -> str:
    """Make the entry, without a password, and return its DN.

    Raises `CannotAdd` where the settings name no place for it or one of that name is there, `DirectoryUnavailable`.
    """
    if not table.new_entries.dn:
        raise CannotAdd(account.address)
    local = account.address.partition("@")[0]
    dn = table.new_entries.dn.replace("{local}", escape_rdn(local))
    connection.add(dn, table.new_entries.object_classes, _attributes(table, account, dn, local))
    demand(connection.result, ENTRY_ALREADY_EXISTS)
    if connection.result["result"] == ENTRY_ALREADY_EXISTS:
        raise CannotAdd(account.address)
    return dn


def _attributes(table: Ldap, account: Account, dn: str, local: str) -> Mapping[str, Sequence[str]]:
    names = table.attributes
    name = account.display_name or local
    naming, *_ = parse_dn(dn)[0]
    values: dict[str, list[str]] = {
        "cn": [name],
        "sn": [name.split()[0]],  # the family name stands first
        names.name: [name],
        names.address: [account.address],
        names.phones[0]: [phone.number.e164 for phone in at_most_a_group(account.phones)],
    }
    if account.unit:
        values[names.unit] = [account.unit]
    # the entry has to hold what its own name says (RFC 4512 section 2.3.1)
    values[naming] = list(dict.fromkeys([*values.get(naming, []), local]))
    return {attribute: given for attribute, given in values.items() if given}
