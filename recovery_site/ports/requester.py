"""Whose request is being answered: what the record says about where an event came from."""

from contextvars import ContextVar
from dataclasses import replace
from ipaddress import ip_address, ip_network

from recovery_site.domain.audit import Event

_network: ContextVar[str] = ContextVar("requester", default="")

KEPT_BITS = {4: 24, 6: 48}
"""How many bits of an address are written down: enough to tell an office or a carrier, too few to tell a person."""


def comes_from(client: str) -> None:
    """Remember the client of the request that this thread answers now; '' for what no request caused."""
    _network.set(coarse_network(client) if client else "")


def requester() -> str:
    """Return the network of the request that this thread answers, '' for none."""
    return _network.get()


def with_requester(event: Event) -> Event:
    """Return the event with the network of the request that caused it, where it names none."""
    return event if event.client else replace(event, client=requester())


def coarse_network(client: str) -> str:
    """Return the network of an address, or of a network, as it may be written down; '' for what is neither."""
    try:
        address = ip_address(client.partition("/")[0])
    except ValueError:
        return ""
    return str(ip_network((address, KEPT_BITS[address.version]), strict=False))
