"""A recovery that is under way: finding it by its browser, its account as it is now, and ending it."""

from hashlib import sha256

import structlog

from recovery_site.domain.keys import KeyRing, Label
from recovery_site.domain.people import Account, Phone
from recovery_site.domain.recovery import Recovery
from recovery_site.flow.numbers import fingerprint
from recovery_site.flow.outcomes import NoRecovery, NoUsableAccount
from recovery_site.ports import Clock, Directory, Transactions

log = structlog.get_logger()


class UnderWay:
    """What the verbs of a recovery share. `browser` is always the opaque id from the signed cookie, or None."""

    def __init__(self, transactions: Transactions, directory: Directory, clock: Clock, keys: KeyRing) -> None:
        self._transactions = transactions
        self._directory = directory
        self._clock = clock
        self._keys = keys

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
        """Return the account as the directory knows it now; raises `NoUsableAccount`, `DirectoryUnavailable`."""
        account = self._directory.find(address)
        if account is None or not account.can_recover:
            raise NoUsableAccount
        return account

    def usable_or_abandon(self, recovery: Recovery) -> Account:
        """Return the account of a recovery; one that was locked meanwhile ends the recovery."""
        try:
            return self.usable(recovery.address)
        except NoUsableAccount:
            self.abandon(recovery)
            raise

    def require_number(self, recovery: Recovery, account: Account) -> None:
        """End a recovery whose code went to a number that is no longer the account's; raises `NoRecovery` then.

        Where the key of its code was taken out, nobody can tell, and no code is right any more.
        """
        if recovery.phone is None or not self._keys.has(recovery.key_id):
            return
        if not any(self.fingerprint(recovery, phone, recovery.phone) == recovery.phone for phone in account.phones):
            self.abandon(recovery)
            raise NoRecovery

    def abandon(self, recovery: Recovery) -> None:
        """End a recovery without a change."""
        now = self._clock.now()
        with self._transactions() as tx:
            locked = tx.recoveries.lock(recovery.id)
            if locked is not None and locked.is_live(now):
                tx.recoveries.save(locked.abandoned(now))
        log.info("recovery_abandoned", reference=recovery.reference)

    def fingerprint(self, recovery: Recovery, phone: Phone, known: str | None = None) -> str:
        """Return what stands for a number in rows and forms; `known` itself where an older key made it."""
        names = [fingerprint(key, recovery.id, phone.number) for key in self._keys.subkeys(Label.PHONE)]
        return next((name for name in names if name == known), names[0])


def browser_hash(browser: str) -> str:
    """Return what the database keeps of a browser's id: enough to find it, useless to a reader of the table."""
    return sha256(browser.encode()).hexdigest()
