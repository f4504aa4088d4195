"""What an official and the site do, with the mail server that both rely on."""

import imaplib
from dataclasses import dataclass
from typing import Any

from tests.peers.dovecot import API_KEY, Dovecot
from tests.web.client import CheckingClient
from tests.web.website import Website

PASSWORDS = {
    "64 characters": "Dien-tu" + "9 o bien; Cua song" * 3 + "42!",
    "spaces inside and at both ends": "  Ghe ngo 9 dua  tren song!  ",
    "every sign of ASCII": "".join(chr(32 + place * 37 % 95) for place in range(95)),
    "Vietnamese letters": "Đò-dọc 9 khúc, ngã Bảy ướt",
}
"""What a person may choose, by what is special about it."""


def reset(website: Website, address: str, password: str) -> None:
    """Go through the pages as an official does."""
    browser = CheckingClient(website)
    page = browser.type_code(browser.begin_with_code(address), password)
    if page.path.endswith("/dat-lai"):  # letters with diacritics are refused once, with a warning
        page = browser.type_code(website.gateway.last_code(), password)
    assert page.path.endswith("/thanh-cong"), str(page)


def told_to(dovecot: Dovecot) -> dict[str, Any]:
    """Return the settings of a site that tells this Dovecot of resets."""
    return {"dovecot__urls": [dovecot.api], "dovecot__api_key": API_KEY}


@dataclass(frozen=True)
class MailSystem:
    """The site, and the Dovecot that its officials sign in to."""

    website: Website
    dovecot: Dovecot

    def reset(self, address: str, password: str) -> None:
        """Go through the pages, and let the outbox tell Dovecot."""
        reset(self.website, address, password)
        self.website.deliver_all()

    def signs_in(self, address: str, password: str) -> bool:
        return self.dovecot.signs_in(address, password)


def has_ended(session: imaplib.IMAP4) -> bool:
    """Return whether Dovecot has closed this session."""
    try:
        session.noop()
    except imaplib.IMAP4.abort:
        session.shutdown()
        return True
    return False
