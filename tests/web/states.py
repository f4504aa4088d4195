"""Every state that a browser can be in, and how it gets there."""

from collections.abc import Callable, Mapping
from dataclasses import replace

from recovery_site.adapters.directories.embedded import EmbeddedDirectory
from recovery_site.domain.people import AccountStatus, NewAccount
from tests.fakes import ACCOUNTS, AN
from tests.flow.story import wrong
from tests.web.client import CheckingClient
from tests.web.website import NEWCOMER


def _nothing(browser: CheckingClient) -> None:
    """A browser that has never been here."""


def _awaiting_confirmation(browser: CheckingClient) -> None:
    browser.begin()


def _awaiting_code(browser: CheckingClient) -> None:
    browser.begin_with_code()


def _code_spent(browser: CheckingClient) -> None:
    code = browser.begin_with_code()
    for _ in range(5):
        browser.type_code(wrong(code))


def _code_expired(browser: CheckingClient) -> None:
    browser.begin_with_code()
    browser.website.clock.pass_by(minutes=11)


def _done(browser: CheckingClient) -> None:
    browser.recover()
    browser.website.deliver_all()


def _abandoned(browser: CheckingClient) -> None:
    """The account was locked while its code travelled, and opened again later."""
    code = browser.begin_with_code()
    directory = EmbeddedDirectory(browser.website.services.engine)
    now = browser.website.clock.now()
    directory.put([NewAccount(replace(ACCOUNTS[AN], status=AccountStatus.LOCKED))], now)
    browser.type_code(code)
    directory.put([NewAccount(ACCOUNTS[AN])], now)


def _run_out(browser: CheckingClient) -> None:
    browser.begin_with_code()
    browser.website.clock.pass_by(minutes=31)


def _signed_in(browser: CheckingClient) -> None:
    browser.sign_in()


def _first_password(browser: CheckingClient) -> None:
    """Somebody who has just been handed an account, and may only change its password."""
    browser.sign_in(NEWCOMER.address, browser.website.hand_out())


def _overdue(browser: CheckingClient) -> None:
    """The same six hours later, remembered, so that the session lives; nothing has run meanwhile."""
    browser.sign_in(NEWCOMER.address, browser.website.hand_out(), remember=True)
    browser.website.clock.pass_by(hours=6)


STATES: Mapping[str, Callable[[CheckingClient], None]] = {
    "no cookie": _nothing,
    "awaiting confirmation": _awaiting_confirmation,
    "awaiting code": _awaiting_code,
    "code spent": _code_spent,
    "code expired": _code_expired,
    "done": _done,
    "abandoned": _abandoned,
    "run out": _run_out,
    "signed in": _signed_in,
    "first password": _first_password,
    "overdue": _overdue,
}
