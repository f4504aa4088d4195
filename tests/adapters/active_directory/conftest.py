"""An Active Directory for the tests of the LDAP adapter."""

from collections.abc import Iterator

import pytest

from recovery_site.adapters.directories.ldap import LdapDirectory
from recovery_site.adapters.system import SystemClock
from tests.adapters.active_directory.officials import MakeDirectory, Official, settings
from tests.peers import samba


@pytest.fixture(scope="session")
def domain() -> Iterator[samba.Domain]:
    """One domain controller for each worker of pytest-xdist."""
    with samba.running() as running:
        yield running


@pytest.fixture
def make_directory(domain: samba.Domain) -> Iterator[MakeDirectory]:
    """Make the adapter with the page's settings; some of them changed."""
    made: list[LdapDirectory] = []

    def make(**changed: object) -> LdapDirectory:
        made.append(LdapDirectory(settings(domain, **changed), ["soctrang.gov.vn"], SystemClock()))
        return made[-1]

    yield make
    for directory in made:
        directory.close()


@pytest.fixture
def directory(make_directory: MakeDirectory) -> LdapDirectory:
    return make_directory()


@pytest.fixture
def official(domain: samba.Domain) -> Official:
    return Official(domain).made()
