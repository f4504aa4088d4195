"""What the tests of the Zimbra adapter share: a double, and directories over it."""

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from recovery_site.adapters.directories.zimbra import ZimbraDirectory
from recovery_site.domain.people import Account
from recovery_site.ports import DirectoryUnavailable
from tests.fakes import FakeClock
from tests.peers.zimbra import SERVICE_PASSWORD, Zimbra, running

DOMAIN = "soctrang.gov.vn"


@dataclass(frozen=True)
class Case:
    """A running double with the sample accounts, one clock for it and for the site, and the site's directory."""

    double: Zimbra
    clock: FakeClock
    directory: ZimbraDirectory

    def over(self, **changed: Any) -> ZimbraDirectory:
        """Return another directory over the same double, with other settings."""
        return ZimbraDirectory(self.double.settings(**changed), [DOMAIN], self.clock)

    def found(self, address: str) -> Account:
        account = self.directory.find(address)
        assert account is not None
        return account


def reason(act: Callable[[], object]) -> str:
    """Return why the directory is unavailable for `act`; never with a secret, an address, or Zimbra's own words."""
    with pytest.raises(DirectoryUnavailable) as failed:
        act()
    said = str(failed.value)
    for secret in (SERVICE_PASSWORD, "canary", DOMAIN, "127.0.0.1", "Traceback"):
        assert secret not in said
    return said


@contextmanager
def running_case(**changed: Any) -> Iterator[Case]:
    """Run a double with a directory over it; at the end nothing may have been asked that the schema refuses."""
    clock = FakeClock()
    with tempfile.TemporaryDirectory(prefix="zimbra-") as folder, running(Path(folder), clock.now) as double:
        yield Case(double, clock, ZimbraDirectory(double.settings(**changed), [DOMAIN], clock))
        assert double.violations == []
