"""Changing one's own password while signed in: with the present one, by the same rules, and the first one at once."""

from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial

import structlog

from recovery_site.domain.activation import Activation, ActivationState
from recovery_site.domain.audit import OWNER, VISITOR, Event, EventKind
from recovery_site.domain.passwords import Verdict, normalise_password, own_words
from recovery_site.domain.people import Account
from recovery_site.domain.recovery import REFERENCE_ALPHABET, new_reference
from recovery_site.domain.secret import Secret
from recovery_site.flow.deliver import Deliver
from recovery_site.flow.judge_password import JudgePassword
from recovery_site.flow.notices import Notices
from recovery_site.flow.refusals import written_down
from recovery_site.flow.set_password import SetPassword, end_what_was_open
from recovery_site.flow.sign_in import SignIn
from recovery_site.flow.under_way import browser_hash
from recovery_site.ports import Chance, Clock, Directory, Limit, Session, Transaction, Transactions

log = structlog.get_logger()


class NotSignedIn(Exception):
    """This browser is signed in to no account, or no more."""


@dataclass(frozen=True)
class NewPassword:
    """The form as it was typed. `diacritics_seen` says that the warning about them was shown before."""

    current: str
    password: str
    again: str
    diacritics_seen: bool = False

    def __repr__(self) -> str:
        return "NewPassword(***)"


@dataclass(frozen=True)
class NotChanged:
    """What is wrong with the form."""

    verdict: Verdict
    no_current: bool = False
    wrong_current: bool = False
    same: bool = False
    mismatch: bool = False
    diacritics_unseen: bool = False


@dataclass(frozen=True)
class PasswordIsNew:
    """The password was changed; this browser stays signed in under a new id, every other one is signed out."""

    browser: str = field(repr=False)


class ChangePassword:
    """The verbs of the page on which somebody who is signed in changes the password."""

    def __init__(
        self,
        *,
        transactions: Transactions,
        directory: Directory,
        sign_in: SignIn,
        set_password: SetPassword,
        notices: Notices,
        deliver: Deliver,
        clock: Clock,
        chance: Chance,
        judge: JudgePassword,
    ) -> None:
        self._transactions = transactions
        self._directory = directory
        self._sign_in = sign_in
        self._set_password = set_password
        self._notices = notices
        self._deliver = deliver
        self._clock = clock
        self._chance = chance
        self._judge = judge

    def account(self, browser: str | None) -> Account:
        """Return the account that this browser is signed in to. Raises `NotSignedIn`, `DirectoryUnavailable`."""
        account = self._sign_in.who(browser)
        if account is None:
            raise NotSignedIn
        return account

    def first_password(self, account: Account) -> Activation | None:
        """Return the clock of the account's first password; None where it has a password of its own."""
        with self._transactions() as tx:
            found = tx.activations.of_account(account.address)
        now = self._clock.now()
        running = (one for one in found if one.state(now, account.password_changed_at) is ActivationState.RUNNING)
        return next(running, None)

    def judge(self, browser: str | None, typed: str) -> Verdict:
        """Return what the rules say of a password while it is typed. Raises `NotSignedIn`, `LimitReached`."""
        account = self.account(browser)
        with self._noted(account), self._transactions() as tx:
            tx.limits.hit(Limit.PASSWORD_CHECKS, account.address)
        return self._judge(normalise_password(typed), own_words(account))

    def submit(self, browser: str | None, form: NewPassword, client: str) -> NotChanged | PasswordIsNew:
        """Change the password. The form is judged before the present password is checked.

        Raises `NotSignedIn`, `LimitReached` (wrong present passwords count as wrong sign-ins do), `PasswordRefused`,
        `UnknownAccount`, `DirectoryUnavailable`.
        """
        account = self.account(browser)
        current, password = normalise_password(form.current), normalise_password(form.password)
        with self._noted(account), self._transactions() as tx:
            tx.limits.hit(Limit.PASSWORD_CHECKS, account.address)
        wrong = self._judged(form, account, current, password)
        if wrong:
            return wrong
        limit = (Limit.WRONG_PASSWORDS, account.address, client)
        with self._noted(account), self._transactions() as tx:
            tx.limits.hit(*limit)
        try:
            if not self._directory.check_password(account.address, current):
                with self._transactions() as tx:
                    now = self._clock.now()
                    tx.audit.add(Event(now, EventKind.PRESENT_PASSWORD_WRONG, account.address, VISITOR))
                log.info("present_password_wrong")
                return NotChanged(self._judge(password, own_words(account)), wrong_current=True)
            self.account(browser)  # a new first password, or a change elsewhere, may have ended the session meanwhile
            outcome = self._set_password(
                account.address, password, partial(self._finish, account=account, browser=browser or "", limit=limit)
            )
        except Exception:  # a directory's trouble, or its refusal of the new password, is no wrong guess
            with self._transactions() as tx:
                tx.limits.give_back(*limit)
            raise
        self._deliver.wake()
        log.info("password_changed_by_owner")
        return outcome

    def _noted(self, account: Account) -> AbstractContextManager[None]:
        return written_down(self._transactions, self._clock, account.address)

    def _judged(self, form: NewPassword, account: Account, current: Secret, password: Secret) -> NotChanged | None:
        verdict = self._judge(password, own_words(account))
        found = NotChanged(
            verdict,
            no_current=not form.current,
            same=password == current,
            mismatch=normalise_password(form.again) != password,
            diacritics_unseen=verdict.has_diacritics and not form.diacritics_seen,
        )
        wrong = found.no_current or found.same or found.mismatch or found.diacritics_unseen
        return found if wrong or not verdict.acceptable else None

    def _finish(
        self, tx: Transaction, asked_at: datetime, *, account: Account, browser: str, limit: tuple[Limit, str, str]
    ) -> PasswordIsNew:
        now, renewed = self._clock.now(), self._chance.token()
        tx.limits.give_back(*limit)
        before = tx.sessions.get(browser_hash(browser))
        tx.recoveries.move_browser(browser_hash(browser), browser_hash(renewed))
        first = end_what_was_open(tx, account.address, now, asked_at)
        # one that was signed out at this moment stays so
        expires_at, remembered = (before.expires_at, before.remembered) if before else (now, False)
        tx.sessions.add(Session(browser_hash(renewed), account.address, now, expires_at, now, remembered))
        kind = EventKind.FIRST_PASSWORD_CHANGED if first else EventKind.PASSWORD_CHANGED
        reference = new_reference(self._chance.letters(REFERENCE_ALPHABET, 8))
        tx.audit.add(Event(now, kind, account.address, OWNER, reference=reference))
        self._notices.password_changed(tx, account, reference)
        return PasswordIsNew(renewed)
