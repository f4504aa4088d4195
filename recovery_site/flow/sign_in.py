"""Signing in: the password is the directory's to judge; the site keeps a row that says who signed in where."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from recovery_site.domain.passwords import normalise_password
from recovery_site.domain.people import MAX_ADDRESS_LENGTH, Account, AccountStatus, AddressRefused, normalise_address
from recovery_site.flow.under_way import browser_hash
from recovery_site.ports import Chance, Clock, Directory, Limit, Session, Transactions

SESSION_LIFETIME = timedelta(hours=8)
"""A working day."""

REMEMBERED_LIFETIME = timedelta(days=30)
"""With "Nhớ mật khẩu": the session is kept, never the password."""

_NOBODY = "nobody@invalid"
"""Checked in place of a malformed name, which then takes the time of a real one."""

log = structlog.get_logger()


class SignInRefused(Exception):
    """Unknown, locked or wrong: one exception for all, in the same time."""


@dataclass(frozen=True)
class SignedIn:
    """The browser's new id, and until when the session lives."""

    browser: str
    expires_at: datetime


class SignIn:
    """The verbs of signing in. `browser` is the opaque id from the signed cookie, or None."""

    def __init__(
        self,
        *,
        transactions: Transactions,
        directory: Directory,
        clock: Clock,
        chance: Chance,
        domains: Sequence[str],
        aliases: Mapping[str, str],
    ) -> None:
        self._transactions = transactions
        self._directory = directory
        self._clock = clock
        self._chance = chance
        self._domains = domains
        self._aliases = aliases

    def sign_in(self, typed: str, password: str, *, client: str, browser: str | None, remember: bool) -> SignedIn:
        """Open a session. Raises `SignInRefused`, `LimitReached` (per name and client), `DirectoryUnavailable`."""
        address = self._address(typed)
        # keyed on what was typed, found or not, and counted before the password is looked at
        limit = (Limit.WRONG_PASSWORDS, address or typed[:MAX_ADDRESS_LENGTH], client)
        with self._transactions() as tx:
            tx.limits.hit(*limit)
        if not self._directory.check_password(address or _NOBODY, normalise_password(password)):
            log.info("sign_in_refused")
            raise SignInRefused
        account = self._directory.find(address)
        if account is None:  # it has gone since
            raise SignInRefused
        now, renewed = self._clock.now(), self._chance.token()
        expires_at = now + (REMEMBERED_LIFETIME if remember else SESSION_LIFETIME)
        with self._transactions() as tx:
            tx.limits.give_back(*limit)
            if browser:
                tx.recoveries.move_browser(browser_hash(browser), browser_hash(renewed))
                tx.sessions.remove(browser_hash(browser))
            tx.sessions.add(Session(browser_hash(renewed), account.address, now, expires_at))
        log.info("signed_in")
        return SignedIn(renewed, expires_at)

    def who(self, browser: str | None) -> Account | None:
        """Return the account that this browser is signed in to; a locked one is signed in nowhere."""
        if not browser:
            return None
        with self._transactions() as tx:
            session = tx.sessions.get(browser_hash(browser))
        if session is None or self._clock.now() >= session.expires_at:
            return None
        account = self._directory.find(session.address)
        return account if account and account.status is AccountStatus.ACTIVE else None

    def sign_out(self, browser: str | None) -> None:
        """End this browser's session."""
        if browser:
            with self._transactions() as tx:
                tx.sessions.remove(browser_hash(browser))

    def _address(self, typed: str) -> str:
        """Return the canonical address, or '' for what cannot be one."""
        try:
            return normalise_address(typed, domains=self._domains, aliases=self._aliases)
        except AddressRefused:
            return ""
