"""One site and one nginx in front of it, for each file of tests."""

from collections.abc import Iterator

import pytest

from scripts.attack.target import PLAYER, Target, running
from tests.peers import nginx

BASE_URL = f"https://{nginx.NAME}"


@pytest.fixture(scope="package")
def site() -> Iterator[Target]:
    """`recovery-site serve` with one process, so that all lines of nginx lead to the same one."""
    with running(workers=1, site={"base_url": BASE_URL}) as target:
        target.put(PLAYER, 1)
        yield target


@pytest.fixture(scope="package")
def proxy(site: Target) -> Iterator[nginx.Nginx]:
    """nginx in front of the site."""
    with nginx.running(site.ports[0]) as server:
        yield server
