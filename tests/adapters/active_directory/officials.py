"""Officials of an Active Directory, and the settings of a site that may reset them."""

from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from recovery_site.adapters.directories.ldap import LdapDirectory
from recovery_site.settings.ldap import Ldap
from tests.fakes import OLD_PASSWORD
from tests.peers import samba

ATTRIBUTES = {"aliases": ["proxyAddresses"], "name": "displayName", "unit": "department"}
_numbers = count(1)

MakeDirectory = Callable[..., LdapDirectory]


@dataclass(frozen=True)
class Official:
    """A user of the domain that no other test knows."""

    domain: samba.Domain
    under: str = samba.OFFICIALS
    attributes: dict[str, object] = field(default_factory=dict)
    name: str = field(default_factory=lambda: f"official{next(_numbers)}")

    @property
    def address(self) -> str:
        return f"{self.name}@soctrang.gov.vn"

    @property
    def dn(self) -> str:
        return f"CN={self.name},{self.under}"

    def made(self) -> "Official":
        known = {"mail": self.address, "mobile": "+84393070121", **self.attributes}
        self.domain.add(self.name, OLD_PASSWORD, known, under=self.under)
        return self

    def signs_in(self, password: str) -> bool:
        return self.domain.signs_in(self.name, password)

    def change(self, **values: list[Any]) -> None:
        self.domain.change(self.dn, **values)


def settings(domain: samba.Domain, **changed: object) -> Ldap:
    known = {
        "flavour": "ad",
        "url": domain.url,
        "ca_file": str(domain.ca_file),
        "bind_dn": f"{samba.SERVICE}@soctrang.gov.vn",
        "bind_password": samba.SERVICE_PASSWORD,
        "base_dn": samba.BASE,
        "attributes": ATTRIBUTES,
        "administrators": [samba.ADMINISTRATOR],
        "timeout_seconds": 10,
    }
    return Ldap.model_validate({**known, **changed})
