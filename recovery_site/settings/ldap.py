"""`[directory.ldap]`: a directory that is reached by LDAP."""

import re
from typing import Annotated, Literal, get_args
from urllib.parse import urlsplit

from ldap3.core.exceptions import LDAPInvalidDnError, LDAPInvalidFilterError
from ldap3.operation.search import parse_filter
from ldap3.utils.dn import parse_dn
from pydantic import AfterValidator, Field

from recovery_site.settings.certificates import AuthorityFile
from recovery_site.settings.section import Section

_NAME = r"[A-Za-z][A-Za-z0-9-]*|\d+(?:\.\d+)+"
_ATTRIBUTE = re.compile(_NAME)
_ASSERTION = re.compile(rf"\((?:{_NAME})(?:;[A-Za-z0-9-]+)*(?::dn)?(?::[A-Za-z0-9.-]+:)?[~<>]?=[^()]*\)")
_PLACEHOLDER = re.compile(r"\{[^{}]*\}")
_PLACEHOLDERS = ("{address}", "{local}")


def _url(text: str) -> str:
    try:
        parts = urlsplit(text)
        good = parts.scheme in ("ldap", "ldaps") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        good = False
    if not good or parts.username or parts.path.strip("/") or parts.query or parts.fragment:
        raise ValueError("is not ldap:// or ldaps:// and a host, without a path")
    return text


def _filter(text: str) -> str:
    """Check a filter (RFC 4515) with its placeholders; '' is the flavour's own."""
    if not text:
        return text
    found = _PLACEHOLDER.findall(text)
    if not found:
        raise ValueError("names neither {address} nor {local}")
    if set(found) - set(_PLACEHOLDERS) or re.search(r"[{}]", _PLACEHOLDER.sub("", text)):
        raise ValueError("has other braces than {address} and {local}")
    filled = _PLACEHOLDER.sub("x", text)
    try:
        parse_filter(filled, None, False, False, None, False)
    except LDAPInvalidFilterError:
        raise ValueError("is not a filter as RFC 4515 writes them; look at its brackets") from None
    if re.sub(r"[&|!()\s]", "", _ASSERTION.sub("", filled)):
        raise ValueError("is not a filter as RFC 4515 writes them; look at its attributes")
    return text


def _dn(text: str) -> str:
    try:
        parse_dn(text)
    except LDAPInvalidDnError:
        raise ValueError("is not a DN, as in ou=people,dc=example,dc=vn") from None
    return text


def _attribute(text: str) -> str:
    if not _ATTRIBUTE.fullmatch(text):
        raise ValueError("is not the name of an attribute")
    return text


def _attribute_or_none(text: str) -> str:
    return _attribute(text) if text else text


Url = Annotated[str, AfterValidator(_url)]
Dn = Annotated[str, Field(min_length=1), AfterValidator(_dn)]
Filter = Annotated[str, AfterValidator(_filter)]
Attribute = Annotated[str, AfterValidator(_attribute)]
FlavoursOwn = Annotated[str, AfterValidator(_attribute_or_none)]
"""The name of an attribute; '' for the one that the flavour has."""

LdapFlavour = Literal["openldap", "389ds", "freeipa", "ad"]

_FILTERS = {
    **dict.fromkeys(get_args(LdapFlavour), "(&(objectClass=inetOrgPerson)(mail={address}))"),
    "ad": "(&(objectCategory=person)(objectClass=user)(mail={address}))",
}


class LdapAttributes(Section):
    """The names of the attributes. Numbers are read in the order of `phones` and written to the first of them."""

    address: Attribute = "mail"
    aliases: list[Attribute] = []
    name: Attribute = "cn"
    unit: Attribute = "ou"
    phones: list[Attribute] = Field(default=["mobile"], min_length=1)
    lock: FlavoursOwn = ""
    changed: FlavoursOwn = ""


def _new_dn(text: str) -> str:
    if text and "{local}" not in text:
        raise ValueError("has no {local}")
    return _dn(text.replace("{local}", "x")) and text if text else text


class LdapNewEntries(Section):
    """Where an account that is handed out gets its entry; without `dn` it has to be made in the directory first."""

    dn: Annotated[str, AfterValidator(_new_dn)] = ""
    object_classes: list[Attribute] = Field(default=["inetOrgPerson"], min_length=1)


class Ldap(Section):
    """A directory reached by LDAP. The connection is always encrypted, the certificate always verified."""

    flavour: LdapFlavour = "openldap"
    url: Url
    read_urls: list[Url] = []
    ca_file: AuthorityFile = ""
    bind_dn: str = Field(min_length=1)
    """A DN; Active Directory also takes name@domain."""
    bind_password: str = Field(min_length=1, repr=False)
    base_dn: Dn
    filter: Filter = ""
    attributes: LdapAttributes = LdapAttributes()
    new_entries: LdapNewEntries = LdapNewEntries()
    administrators: list[Dn] = []
    timeout_seconds: float = Field(default=5, gt=0, le=15)
    connections: int = Field(default=4, ge=1, le=32)

    @property
    def account_filter(self) -> str:
        """The filter that finds an account."""
        return self.filter or _FILTERS[self.flavour]
