"""Addresses as an operator types them."""

from recovery_site.bootstrap import Services
from recovery_site.cli.problems import Refused
from recovery_site.domain.people import AddressRefused, normalise_address


def typed_address(services: Services, email: str) -> str:
    """Return the canonical address. Raises `Refused`."""
    site = services.settings.site
    try:
        return normalise_address(email, domains=site.mail_domains, aliases=site.domain_aliases)
    except AddressRefused as refused:
        raise Refused(f"{email!r} is not an address of this mail system") from refused
