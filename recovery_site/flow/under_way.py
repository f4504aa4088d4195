"""A recovery that is under way: finding it by its browser, its account as it is now, and ending it.

In private mode an address that cannot recover is shown as a stand-in: whether it is one is asked anew at each step, and
no row says it (ADR 0023).
"""

from collections.abc import Sequence
from datetime import timedelta
from hashlib import sha256

import structlog

from recovery_site.domain.decoys import decoy_number
from recovery_site.domain.keys import KeyRing, Label
from recovery_site.domain.people import Account, AccountStatus, Phone
from recovery_site.domain.recovery import Recovery
from recovery_site.flow.numbers import fingerprint
from recovery_site.flow.outcomes import NoRecovery, NoUsableAccount
from recovery_site.ports import Clock, Directory, Transactions

LOOK_UP = timedelta(milliseconds=20)
"""To look an account up takes a whole number of these: what is found is read a tenth of a millisecond longer than what
is not, and a rank test over some hundred answers can tell."""

log = structlog.get_logger()


class UnderWay:
    """What the verbs of a recovery share. `browser` is always the opaque id from the signed cookie, or None.

    `private`: nothing that a stranger sees depends on whether an address has an account that can recover.
    """

    def __init__(
        self, transactions: Transactions, directory: Directory, clock: Clock, keys: KeyRing, *, private: bool = False
    ) -> None:
        self._transactions = transactions
        self._directory = directory
        self._clock = clock
        self._keys = keys
        self.private = private

    def current(self, browser: str | None) -> Recovery | None:
        """Return the recovery that this browser works on: live, done or run out."""
        if not browser:
            return None
        with self._transactions() as tx:
            mine = tx.recoveries.of_browser(browser_hash(browser))
        return mine[0] if mine else None

    def live(self, browser: str | None) -> Recovery:
        """Return the recovery that this browser works on; raises `NoRecovery` where it is done or has run out."""
        recovery = self.current(browser)
        if recovery is None or not recovery.is_live(self._clock.now()):
            raise NoRecovery
        return recovery

    def usable(self, address: str) -> Account:
        """Return the account as the directory knows it now; in private mode a stand-in for one that cannot recover.

        A stand-in cannot recover either, and has one number. Raises `NoUsableAccount`, `DirectoryUnavailable`.
        """
        account = self._found(address)
        stand_in = self._stand_in(address) if self.private else None  # made for all: it takes time
        if account is not None and account.can_recover:
            return account
        if stand_in is None:
            raise NoUsableAccount
        return stand_in

    def _found(self, address: str) -> Account | None:
        began = self._clock.now()
        account = self._directory.find(address)
        if rest := (began - self._clock.now()) % LOOK_UP:
            self._clock.sleep(rest.total_seconds())
        return account

    def offered(self, account: Account) -> Sequence[Phone]:
        """Return the numbers that the page offers: in private mode one, since a stand-in has no more."""
        return account.phones[:1] if self.private else account.phones

    def went_to_nobody(self, recovery: Recovery) -> bool:
        """Return whether the last code of a recovery was asked for a number that stands for none."""
        [decoy] = self._stand_in(recovery.address).phones
        return recovery.phone is not None and self.fingerprint(recovery, decoy, recovery.phone) == recovery.phone

    def usable_or_abandon(self, recovery: Recovery) -> Account:
        """Return the account of a recovery; one that was locked meanwhile ends the recovery."""
        try:
            return self.usable(recovery.address)
        except NoUsableAccount:
            self.abandon(recovery)
            raise

    def code_counts(self, recovery: Recovery, account: Account) -> bool:
        """Return whether a right code may change the password: it went to a number that is the account's still.

        Where it did not, the recovery is ended and `NoRecovery` raised; in private mode that would tell of an account,
        and no code is right any more instead. Where the key of its code was taken out, nobody can tell, and no code is
        right either.
        """
        if recovery.phone is None or not self._keys.has(recovery.key_id):
            return account.can_recover
        names = [self.fingerprint(recovery, phone, recovery.phone) for phone in account.phones]
        if recovery.phone in names:
            return account.can_recover
        if not self.private:
            self.abandon(recovery)
            raise NoRecovery
        return False

    def abandon(self, recovery: Recovery) -> None:
        """End a recovery without a change."""
        now = self._clock.now()
        with self._transactions() as tx:
            locked = tx.recoveries.lock(recovery.id)
            if locked is not None and locked.is_live(now):
                tx.recoveries.save(locked.abandoned(now))
        log.info("recovery_abandoned", reference=recovery.reference)

    def _stand_in(self, address: str) -> Account:
        # the oldest key: a number that changes when a newer one comes would tell that it is nobody's
        number = decoy_number(self._keys.subkeys(Label.DECOY)[-1], address)
        return Account(address, status=AccountStatus.LOCKED, phones=(Phone(number),))

    def fingerprint(self, recovery: Recovery, phone: Phone, known: str | None = None) -> str:
        """Return what stands for a number in rows and forms; `known` itself where an older key made it."""
        names = [fingerprint(key, recovery.id, phone.number) for key in self._keys.subkeys(Label.PHONE)]
        return next((name for name in names if name == known), names[0])


def browser_hash(browser: str) -> str:
    """Return what the database keeps of a browser's id: enough to find it, useless to a reader of the table."""
    return sha256(browser.encode()).hexdigest()
