"""What the tests of the commands that hand accounts out share: words to type, slips to read, and what became of it."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from recovery_site.bootstrap import Services, bootstrap
from recovery_site.domain.audit import Event
from recovery_site.settings import Settings

WRITTEN = ("--document", "125/CV-VP", "--document-date", "01/03/2026")
PERSON = ("an.tran", "--name", "Trần Văn An", "--unit", "Văn phòng UBND", "--phone", "0393 070 121")
AN = "an.tran@soctrang.gov.vn"

FIRST_PASSWORD = re.compile(r"<b>([A-Z][a-z2-9]{4}-[a-z2-9]{5}-[a-z2-9]{5})</b>")


def passwords(slips: Path | str) -> list[str]:
    """Return the first passwords on the slips, in their order."""
    return FIRST_PASSWORD.findall(slips if isinstance(slips, str) else slips.read_text("utf-8"))


@contextmanager
def opened(settings: Settings) -> Iterator[Services]:
    services = bootstrap(settings)
    try:
        yield services
    finally:
        services.close()


def opens(settings: Settings, address: str, password: str) -> bool:
    """Return whether the password opens the account on the sign-in page."""
    with opened(settings) as services:
        try:
            services.sign_in.sign_in(address, password, client="192.0.2.7", browser=None, remember=False)
        except Exception:  # noqa: BLE001 -- whatever the page would say
            return False
    return True


def events(settings: Settings, address: str) -> list[Event]:
    """Return what was written down of the account, oldest first."""
    with opened(settings) as services, services.transactions() as tx:
        return list(reversed(tx.audit.of_account(address, 100)))
