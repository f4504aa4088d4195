"""One slapd for all tests of the LDAP directory; each begins with the sample accounts."""

from collections.abc import Iterator

import pytest

from recovery_site.adapters.directories.ldap import LdapDirectory
from tests.fakes import FakeClock
from tests.peers import slapd

DOMAINS = ["soctrang.gov.vn", "ninhkieu.gov.vn"]


@pytest.fixture(scope="session")
def slapd_server() -> Iterator[slapd.Slapd]:
    with slapd.running() as server:
        yield server


@pytest.fixture
def server(slapd_server: slapd.Slapd) -> slapd.Slapd:
    """A slapd with the sample accounts, as it was at the beginning."""
    slapd_server.fresh()
    return slapd_server


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def directory(server: slapd.Slapd, clock: FakeClock) -> LdapDirectory:
    """What a site sees of `server`."""
    return open_directory(server, clock)


def open_directory(server: slapd.Slapd, clock: FakeClock | None = None, **changed: object) -> LdapDirectory:
    """Return a directory with its own connections; `changed` are settings."""
    return LdapDirectory(server.table(**changed), DOMAINS, clock or FakeClock())
