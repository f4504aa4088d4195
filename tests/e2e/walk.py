"""Walking to a page, for tests that begin there."""

from tests.e2e.pages.address import AddressPage
from tests.e2e.pages.number import NumberPage
from tests.e2e.pages.reset import ResetPage
from tests.e2e.running_site import Mailbox
from tests.e2e.tab import Tab


def to_number(tab: Tab, mailbox: Mailbox) -> NumberPage:
    """Walk to the page with the masked number."""
    return AddressPage(tab).open().enter(mailbox.name)


def to_reset(tab: Tab, mailbox: Mailbox) -> ResetPage:
    """Walk to the page with the code."""
    return to_number(tab, mailbox).ask_for_code()


def wrong_for(code: str) -> str:
    """Return a code of six digits that is not `code`."""
    return f"{(int(code) + 1) % 1_000_000:06d}"
