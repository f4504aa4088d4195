"""The last step: a right code changes the password once, a wrong one costs a try, a bad password costs nothing.

A directory elsewhere is never called inside a transaction. Sources: DESIGN rules 3, 5 and 6.
"""

from contextlib import suppress
from datetime import datetime
from functools import partial

import structlog

from recovery_site.domain.audit import OWNER, VISITOR, Event, EventKind
from recovery_site.domain.codes import CodeProblem, MalformedCode, codes_match, derive_code, read_code
from recovery_site.domain.keys import KeyRing, Label, UnknownKey
from recovery_site.domain.passwords import Verdict, address_words, normalise_password, own_words
from recovery_site.domain.people import Account
from recovery_site.domain.recovery import CodeState, Recovery, RecoveryRules, Step
from recovery_site.domain.secret import Secret
from recovery_site.flow.alarm import Alarm
from recovery_site.flow.deliver import Deliver
from recovery_site.flow.door import Door
from recovery_site.flow.judge_password import JudgePassword
from recovery_site.flow.notices import Notices
from recovery_site.flow.outcomes import (
    BeingChanged,
    Changed,
    CodeGone,
    NoRecovery,
    NoUsableAccount,
    Outcome,
    Refused,
    Submission,
    WrongCode,
)
from recovery_site.flow.refusals import written_down
from recovery_site.flow.set_password import SetPassword, end_what_was_open
from recovery_site.flow.under_way import UnderWay, browser_hash
from recovery_site.ports import (
    Chance,
    Clock,
    DirectoryUnavailable,
    Limit,
    LimitReached,
    Transaction,
    Transactions,
    UnknownAccount,
)

_LOSER_WAITS = (0.05, 0.1, 0.1, 0.25, 0.25, 0.25, 0.25, 0.25)
"""How long a second right code waits for the change that the first one started: 1.5 seconds in all."""

log = structlog.get_logger()


class Reset:
    """The verbs of the page with the code. `browser` is the opaque id from the signed cookie, or None."""

    def __init__(
        self,
        *,
        transactions: Transactions,
        set_password: SetPassword,
        under_way: UnderWay,
        deliver: Deliver,
        notices: Notices,
        door: Door,
        alarm: Alarm,
        clock: Clock,
        chance: Chance,
        keys: KeyRing,
        rules: RecoveryRules,
        judge: JudgePassword,
    ) -> None:
        self._transactions = transactions
        self._set_password = set_password
        self._under_way = under_way
        self._deliver = deliver
        self._notices = notices
        self._door = door
        self._alarm = alarm
        self._clock = clock
        self._chance = chance
        self._keys = keys
        self._rules = rules
        self._judge = judge

    def judge(self, browser: str | None, typed: str) -> Verdict:
        """Return what the rules say of a password while it is typed. Raises `NoRecovery`, `LimitReached`.

        The person's names and numbers are not held against it yet: see `address_words`.
        """
        recovery = self._under_way.live(browser)
        if recovery.step is not Step.AWAITING_CODE:
            raise NoRecovery
        self._count_check(recovery)
        return self._judge(normalise_password(typed), address_words(recovery.address))

    def submit(self, browser: str | None, submission: Submission) -> Outcome:
        """Change the password where the code is right. Password rules are checked before a try is spent.

        A password made of the person's names or numbers is refused after the code, with the try given back.
        Raises `NoRecovery`, `NoUsableAccount`, `LimitReached`, and `DirectoryUnavailable` or `PasswordRefused` with
        the try given back.
        """
        recovery = self._under_way.current(browser)
        if recovery is None:
            raise NoRecovery
        if recovery.step is Step.DONE:
            return Changed(browser=None)
        if recovery.step is not Step.AWAITING_CODE or not recovery.is_live(self._clock.now()):
            raise NoRecovery
        self._count_check(recovery)
        account = self._under_way.usable_or_abandon(recovery)
        counts = self._under_way.code_counts(recovery, account)
        password = normalise_password(submission.password)
        code = self._read(submission, password, recovery.address)
        if isinstance(code, Refused):
            return code
        noted = written_down(self._transactions, self._clock, recovery.address, recovery.reference)
        with noted, self._transactions() as tx:
            outcome = self._try_code(tx, recovery.id, code, account if counts else None, password)
        if isinstance(outcome, Recovery):
            return self._change(outcome, account, password)
        if isinstance(outcome, BeingChanged):
            return self._await_change(recovery)
        log.info("code_refused", reference=recovery.reference, outcome=type(outcome).__name__)
        return outcome

    def _count_check(self, recovery: Recovery) -> None:
        """Count one judging of a password, which is the dearest thing that a stranger can ask for."""
        noted = written_down(self._transactions, self._clock, recovery.address, recovery.reference)
        with noted, self._transactions() as tx:
            tx.limits.hit(Limit.PASSWORD_CHECKS, recovery.id)

    def _read(self, submission: Submission, password: Secret, address: str) -> Secret | Refused:
        verdict = self._judge(password, address_words(address))
        mismatch = normalise_password(submission.again) != password
        unseen = verdict.has_diacritics and not submission.diacritics_seen
        problem: CodeProblem | None = None
        code = Secret("")
        try:
            code = read_code(submission.code, digits=self._rules.digits)
        except MalformedCode as malformed:
            problem = malformed.problem
        if problem or mismatch or unseen or not verdict.acceptable:
            return Refused(verdict, code=problem, mismatch=mismatch, diacritics_unseen=unseen)
        return code

    def _try_code(
        self, tx: Transaction, recovery_id: str, code: Secret, account: Account | None, password: Secret
    ) -> Recovery | Outcome:
        """Spend a try, then compare; a right code claims the one change of this recovery. Without `account` none is."""
        now = self._clock.now()
        recovery = tx.recoveries.lock(recovery_id)
        if recovery is None or recovery.step is Step.ABANDONED:
            raise NoRecovery
        if recovery.step is Step.DONE:
            return Changed(browser=None)
        if _change_is_under_way(tx, recovery.address, now):
            return BeingChanged()
        self._alarm.slow_down(tx, recovery_id)
        paid = tx.recoveries.spend_try(recovery_id, now)
        if paid is None:
            return CodeGone(recovery.code_state(now))
        if not self._is_right(paid, code) or account is None:  # compared for all: it takes time
            with suppress(LimitReached):  # counted here, refused where the next code would be sent
                tx.limits.hit(Limit.WRONG_CODES_PER_ACCOUNT, paid.address)
            self._alarm.count(tx, f"{paid.id} {paid.attempts_left}")
            kind = EventKind.CODE_REFUSED if paid.attempts_left else EventKind.CODE_SPENT
            tx.audit.add(Event(now, kind, paid.address, VISITOR, reference=paid.reference))
            return WrongCode(paid.attempts_left)
        verdict = self._judge.by_rules(password, own_words(account))  # the list was asked before the try
        if not verdict.acceptable:
            tx.recoveries.save(paid.with_try_given_back())
            return Refused(verdict)
        claimed = paid.claimed(now)
        tx.recoveries.save(claimed)
        return claimed

    def _is_right(self, recovery: Recovery, code: Secret) -> bool:
        try:
            key = self._keys.subkey(Label.CODE, recovery.key_id)
        except UnknownKey:
            return False
        expected = derive_code(key, recovery_id=recovery.id, generation=recovery.generation, digits=self._rules.digits)
        return codes_match(expected, code)

    def _change(self, claimed: Recovery, account: Account, password: Secret) -> Changed:
        try:
            changed = self._set_password(
                claimed.address, password, partial(self._finish, claimed=claimed, account=account)
            )
        except UnknownAccount as error:
            self._under_way.abandon(claimed)
            raise NoUsableAccount from error
        except Exception:
            self._give_back(claimed)
            log.warning("password_not_changed", reference=claimed.reference, exc_info=True)
            raise
        self._deliver.wake()
        log.info("password_changed", reference=claimed.reference)
        return changed

    def _finish(self, tx: Transaction, asked_at: datetime, *, claimed: Recovery, account: Account) -> Changed:
        now, renewed = self._clock.now(), self._chance.token()
        locked = tx.recoveries.lock(claimed.id) or claimed
        if locked.step is not Step.AWAITING_CODE:  # the directory took so long that another try finished first
            return Changed(browser=None)
        done = locked.done(now, browser=browser_hash(renewed))
        tx.recoveries.move_browser(locked.browser, done.browser)
        tx.recoveries.save(done)
        tx.messages.withdraw(done.id, now)
        end_what_was_open(tx, done.address, now, asked_at)
        self._door.finished(tx, done.address)
        masked = done.masked_phone or ""
        tx.audit.add(Event(now, EventKind.PASSWORD_RECOVERED, done.address, OWNER, masked, done.reference))
        self._notices.password_changed(tx, account, done.reference, done)
        return Changed(browser=renewed)

    def _give_back(self, claimed: Recovery) -> None:
        with self._transactions() as tx:
            tx.recoveries.save((tx.recoveries.lock(claimed.id) or claimed).with_try_given_back())

    def _await_change(self, waiting: Recovery) -> Changed | BeingChanged:
        """Wait for the change that another request has under way, and tell what became of it."""
        for seconds in _LOSER_WAITS:
            self._clock.sleep(seconds)
            with self._transactions() as tx:
                # in this order: a change that ends between the two reads must not look like one that failed
                waits = _change_is_under_way(tx, waiting.address, self._clock.now())
                recovery = tx.recoveries.get(waiting.id)
            if recovery is None or recovery.step is Step.ABANDONED:
                raise NoRecovery
            if recovery.step is Step.DONE:
                return Changed(browser=None)
            if not waits:
                raise DirectoryUnavailable("the change that was under way failed")
        return BeingChanged()


def _change_is_under_way(tx: Transaction, address: str, now: datetime) -> bool:
    """Return whether a right code is changing the account's password, in whichever recovery."""
    return any(one.code_state(now) is CodeState.CLAIMED for one in tx.recoveries.of_account(address))
