"""What stands in the tests' OpenLDAP: the sample accounts, their service account, and two password policies."""

import base64
import hashlib
import os
from collections.abc import Mapping, Sequence

from recovery_site.domain.people import Account, AccountStatus
from tests.fakes import ACCOUNTS, OLD_PASSWORD

SUFFIX = "dc=soctrang,dc=gov,dc=vn"
PEOPLE = f"ou=people,{SUFFIX}"
SERVICE = f"cn=recovery,ou=services,{SUFFIX}"
SERVICE_PASSWORD = "canary-service"
ADMINISTRATOR = f"uid=quan-tri,{PEOPLE}"
YOUNG = f"cn=young,ou=policies,{SUFFIX}"
"""A policy that wants a password to be in use for a day before the next; `pwdPolicySubentry` gives it to an entry."""

_POLICY = {
    "objectClass": ["pwdPolicy", "device"],
    "pwdAttribute": "userPassword",
    "pwdMinLength": "8",
    "pwdCheckQuality": "2",
    "pwdInHistory": "3",
    "pwdLockout": "TRUE",
    "pwdMaxFailure": "3",
    "pwdLockoutDuration": "300",
    "pwdAllowUserChange": "TRUE",
}

Values = str | bytes | Sequence[str | bytes]


def dn_of(address: str) -> str:
    """Return the DN of a sample account."""
    return f"uid={address.partition('@')[0]},{PEOPLE}"


def person(address: str, **attributes: Values) -> dict[str, Values]:
    """Return an entry with the old password, for `slapd.running` or `Slapd.add`."""
    uid = address.partition("@")[0]
    return {
        "objectClass": ["inetOrgPerson"],
        "uid": uid,
        "cn": uid,
        "sn": uid,
        "mail": address,
        "userPassword": hashed(OLD_PASSWORD),
        **attributes,
    }


def hashed(password: str) -> str:
    """Return a password as slapd may store it: what is loaded in plain text stays so in the history."""
    salt = os.urandom(8)
    return "{SSHA}" + base64.b64encode(hashlib.sha1(password.encode() + salt).digest() + salt).decode()  # noqa: S324 -- slapd's


def sample_entries() -> dict[str, dict[str, Values]]:
    """Return the tree: people, services and policies."""
    units: dict[str, dict[str, Values]] = {
        f"ou={name},{SUFFIX}": {"objectClass": ["organizationalUnit"], "ou": name}
        for name in ("people", "services", "policies")
    }
    service: dict[str, Values] = {
        "objectClass": ["organizationalRole", "simpleSecurityObject"],
        "cn": "recovery",
        "userPassword": hashed(SERVICE_PASSWORD),
    }
    return {
        SUFFIX: {"objectClass": ["dcObject", "organization"], "dc": "soctrang", "o": "Sóc Trăng"},
        **units,
        f"cn=default,ou=policies,{SUFFIX}": {**_POLICY, "cn": "default"},
        YOUNG: {**_POLICY, "cn": "young", "pwdMinAge": "86400"},
        SERVICE: service,
        **{dn_of(account.address): _sample(account) for account in ACCOUNTS.values()},
        ADMINISTRATOR: person("quan-tri@elsewhere.example"),
    }


def _sample(account: Account) -> dict[str, Values]:
    given: dict[str, Values] = {
        "displayName": account.display_name,
        "ou": account.unit,
        "mobile": [phone.number.local for phone in account.phones],
        "pwdAccountLockedTime": "000001010000Z" if account.status is AccountStatus.LOCKED else "",
    }
    return person(account.address, **{name: values for name, values in given.items() if values})


def several(values: Values) -> list[str | bytes]:
    """Return an attribute's values, however they were given."""
    return [values] if isinstance(values, str | bytes) else list(values)


def ldif_of(dn: str, attributes: Mapping[str, Values]) -> str:
    """Return an entry as slapadd reads it (RFC 2849)."""
    lines = [f"dn:: {_base64(dn)}"]
    for name, values in attributes.items():
        lines += [f"{name}:: {_base64(value)}" for value in several(values)]
    return "\n".join(lines) + "\n"


def _base64(value: str | bytes) -> str:
    return base64.b64encode(value if isinstance(value, bytes) else value.encode()).decode()
