"""Signing in: the password is the directory's to judge; the site keeps a row that says who signed in where."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from recovery_site.domain.audit import OWNER, VISITOR, Event, EventKind
from recovery_site.domain.passwords import normalise_password
from recovery_site.domain.people import MAX_ADDRESS_LENGTH, Account, AccountStatus, AddressRefused, normalise_address
from recovery_site.flow.refusals import written_down
from recovery_site.flow.under_way import browser_hash
from recovery_site.ports import (
    Chance,
    Clock,
    Directory,
    DirectoryUnavailable,
    Limit,
    Session,
    Transactions,
)

SESSION_LIFETIME = timedelta(hours=8)
"""A working day."""

REMEMBERED_LIFETIME = timedelta(days=30)
"""With "Nhớ mật khẩu": the session is kept, never the password."""

IDLE = timedelta(minutes=10)
"""How long a session lives that nobody uses: somebody has left an open page behind (OWASP ASVS 5.0 7.3.1)."""

REMEMBERED_IDLE = timedelta(days=7)
"""The same with "Nhớ mật khẩu", which is asked for on a machine of one's own."""

_SEEN_EVERY = timedelta(minutes=1)
"""A use is written down at most so often: reading pages is not to be writing to the database."""

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
        noted = written_down(self._transactions, self._clock, address, kind=EventKind.SIGN_IN_REFUSED)
        with noted, self._transactions() as tx:
            tx.limits.hit(*limit)
        try:
            right = self._directory.check_password(address or _NOBODY, normalise_password(password))
            account = self._directory.find(address) if right else None
        except DirectoryUnavailable:  # nobody was told whether the password is right
            with self._transactions() as tx:
                tx.limits.give_back(*limit)
            raise
        if account is None:
            self._note_refusal(address)
            log.info("sign_in_refused")
            raise SignInRefused
        now, renewed = self._clock.now(), self._chance.token()
        expires_at = now + (REMEMBERED_LIFETIME if remember else SESSION_LIFETIME)
        with self._transactions() as tx:
            tx.limits.give_back(*limit)
            if browser:
                tx.recoveries.move_browser(browser_hash(browser), browser_hash(renewed))
                tx.sessions.remove(browser_hash(browser))
            tx.sessions.add(Session(browser_hash(renewed), account.address, now, expires_at, now, remember))
            tx.audit.add(Event(now, EventKind.SIGNED_IN, account.address, OWNER))
        log.info("signed_in")
        return SignedIn(renewed, expires_at)

    def who(self, browser: str | None) -> Account | None:
        """Return the account that this browser is signed in to; a locked one is signed in nowhere.

        That the session was used is written down, though not at every request.
        """
        session = self._session_of(browser)
        account = self._directory.find(session.address) if session else None
        if session is None or account is None or account.status is not AccountStatus.ACTIVE:
            return None
        now = self._clock.now()
        if now - session.seen_at >= _SEEN_EVERY:
            with self._transactions() as tx:
                tx.sessions.see(session.browser, now)
        return account

    def sign_out(self, browser: str | None) -> None:
        """End this browser's session."""
        if browser:
            with self._transactions() as tx:
                tx.sessions.remove(browser_hash(browser))

    def was_idle(self, browser: str | None) -> bool:
        """Return whether this browser's session ended because nobody used it, and not for another reason."""
        if not browser:
            return False
        now = self._clock.now()
        with self._transactions() as tx:
            session = tx.sessions.get(browser_hash(browser))
        return session is not None and now < session.expires_at and _is_idle(session, now)

    def sign_out_everywhere(self, browser: str | None) -> bool:
        """End every session of the account that this browser is signed in to; False where it is signed in nowhere.

        Asks no directory.
        """
        session = self._session_of(browser)
        if session is None:
            return False
        with self._transactions() as tx:
            tx.sessions.remove_account(session.address)
            tx.audit.add(Event(self._clock.now(), EventKind.SIGNED_OUT_EVERYWHERE, session.address, OWNER))
        log.info("signed_out_everywhere")
        return True

    def _note_refusal(self, address: str) -> None:
        """Write down what was refused, found or not in the same way: nobody can tell an account by the time it takes.

        What is no address is not written down at all: it may be a password.
        """
        with self._transactions() as tx:
            tx.audit.add(Event(self._clock.now(), EventKind.SIGN_IN_REFUSED, address, VISITOR))

    def _session_of(self, browser: str | None) -> Session | None:
        """Return this browser's session; None where it has none or it is over."""
        if not browser:
            return None
        with self._transactions() as tx:
            session = tx.sessions.get(browser_hash(browser))
        now = self._clock.now()
        return session if session and now < session.expires_at and not _is_idle(session, now) else None

    def _address(self, typed: str) -> str:
        """Return the canonical address, or '' for what cannot be one."""
        try:
            return normalise_address(typed, domains=self._domains, aliases=self._aliases)
        except AddressRefused:
            return ""


def _is_idle(session: Session, now: datetime) -> bool:
    return now - session.seen_at >= (REMEMBERED_IDLE if session.remembered else IDLE)
