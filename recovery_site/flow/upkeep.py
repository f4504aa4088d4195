"""What the clock does by itself: recoveries that ran out, reminders, and first passwords whose time is over.

Run every minute inside `serve`, or by a timer, on any number of nodes. Each account's step is a transaction of its own
and is taken once.
"""

from dataclasses import dataclass, replace
from datetime import datetime

import structlog

from recovery_site.domain.activation import Activation, ActivationState
from recovery_site.domain.audit import OWNER, SYSTEM, Event, EventKind
from recovery_site.domain.people import Account, AccountStatus
from recovery_site.flow.notices import Notices
from recovery_site.ports import Clock, Directory, DirectoryUnavailable, Transactions, UnknownAccount

log = structlog.get_logger()


@dataclass
class Swept:
    """What one sweep did, in rows; `failed` are the accounts whose directory did not do it: they come again."""

    abandoned: int = 0
    reminded: int = 0
    locked: int = 0
    changed: int = 0
    failed: int = 0


class Upkeep:
    """The verb of the sweep. `directory` is the mail system's own, without the clock."""

    def __init__(self, transactions: Transactions, directory: Directory, notices: Notices, clock: Clock) -> None:
        self._transactions = transactions
        self._directory = directory
        self._notices = notices
        self._clock = clock

    def sweep(self) -> Swept:
        """Do all that is due now.

        A directory that fails for one account keeps no other one from its turn; one that does not answer at all is
        left alone until the next sweep, instead of waiting for it once for each account.
        """
        done = Swept()
        now = self._clock.now()
        with self._transactions() as tx:
            done.abandoned = tx.recoveries.expire(now)
            due = tx.activations.due(now)
        for place, activation in enumerate(due):
            try:
                self._act(activation, done)
            except DirectoryUnavailable as error:
                log.warning("activation_not_swept", reference=activation.reference, fault=str(error))
                if not self._answers():
                    done.failed += len(due) - place
                    break
                done.failed += 1
        return done

    def _answers(self) -> bool:
        try:
            self._directory.check()
        except DirectoryUnavailable:
            return False
        return True

    def _act(self, activation: Activation, done: Swept) -> None:
        account = self._directory.find(activation.address)
        if account is None:
            # its clock is not stopped: an account can come back, out of a backup, with the password that it had
            if activation.state(self._clock.now(), None) is ActivationState.OVERDUE:
                done.locked += self._write_locked(activation)
            return
        match activation.state(self._clock.now(), account.password_changed_at):
            case ActivationState.CHANGED:
                done.changed += self._changed(activation, account.password_changed_at or self._clock.now())
            case ActivationState.OVERDUE:
                done.locked += self._lock(activation, account)
            case ActivationState.RUNNING if activation.wants_reminder(self._clock.now()):
                done.reminded += self._remind(activation, account)

    def _lock(self, activation: Activation, account: Account) -> bool:
        """Lock the account in the directory, then write it down: what fails in between comes again."""
        opened = account.status is AccountStatus.ACTIVE
        try:
            if opened:
                self._directory.lock(activation.address)
            locked = self._write_locked(activation)
            if opened and not self._still_counts(activation):
                self._directory.unlock(activation.address)
        except UnknownAccount:  # it went away at this moment
            log.info("activation_account_gone", reference=activation.reference)
            return False
        return locked

    def _still_counts(self, activation: Activation) -> bool:
        """Return False where the password was changed, or a new one given out, while the directory was locking."""
        with self._transactions() as tx:
            stored = tx.activations.get(activation.id)
        return stored is None or stored.is_unchanged

    def _write_locked(self, activation: Activation) -> bool:
        with self._transactions() as tx:
            stored = tx.activations.lock(activation.id)
            if stored is None or stored.locked_at is not None or not stored.is_unchanged:
                return False  # another node was here first, or a change that was in time
            now = self._clock.now()
            tx.activations.save(replace(stored, locked_at=now))
            tx.sessions.remove_account(stored.address)
            tx.audit.add(Event(now, EventKind.LOCKED_OVERDUE, stored.address, SYSTEM, reference=stored.reference))
            self._notices.locked(tx, stored.address, stored.reference)
        log.info("account_locked_overdue", reference=activation.reference)
        return True

    def _changed(self, activation: Activation, at: datetime) -> bool:
        """Write down that the password was changed in the mail system itself."""
        with self._transactions() as tx:
            stored = tx.activations.lock(activation.id)
            if stored is None or not stored.is_unchanged:
                return False
            tx.activations.save(stored.changed(at))
            tx.audit.add(Event(at, EventKind.FIRST_PASSWORD_CHANGED, stored.address, OWNER, reference=stored.reference))
        return True

    def _remind(self, activation: Activation, account: Account) -> bool:
        with self._transactions() as tx:
            stored = tx.activations.lock(activation.id)
            now = self._clock.now()
            if stored is None or not stored.wants_reminder(now):
                return False
            tx.activations.save(replace(stored, reminded_at=now))
            tx.audit.add(Event(now, EventKind.REMINDED, stored.address, SYSTEM, reference=stored.reference))
            self._notices.reminder(tx, stored, account)
        return True
