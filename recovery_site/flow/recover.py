"""Recovering a password, up to the code: begin, confirm, resend. The last step is in `reset`.

Outcomes that must be saved are returned; what must leave no trace is raised. The directory is never called inside a
transaction. Sources: DESIGN sections 3, 4 and 8.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import structlog

from recovery_site.domain.audit import VISITOR, Event, EventKind
from recovery_site.domain.keys import KeyRing
from recovery_site.domain.messages import MessageKind
from recovery_site.domain.people import Phone, mask_number, normalise_address
from recovery_site.domain.recovery import REFERENCE_ALPHABET, Recovery, RecoveryRules, Step, new_reference
from recovery_site.flow.budget import Budget
from recovery_site.flow.deliver import Deliver
from recovery_site.flow.outbox import code_message, held_back
from recovery_site.flow.outcomes import Choice, CodeSpent, NoRecovery, PhoneNotChosen, Status, TooEarly
from recovery_site.flow.refusals import tell, written_down
from recovery_site.flow.tracking import Tracking
from recovery_site.flow.under_way import UnderWay, browser_hash
from recovery_site.ports import Chance, Clock, Limit, LimitReached, Transaction, Transactions

log = structlog.get_logger()


class Recover:
    """The verbs of a recovery. `browser` is always the opaque id from the signed cookie, or None."""

    def __init__(
        self,
        *,
        transactions: Transactions,
        under_way: UnderWay,
        deliver: Deliver,
        tracking: Tracking,
        budget: Budget,
        clock: Clock,
        chance: Chance,
        keys: KeyRing,
        rules: RecoveryRules,
        mask: str,
        domains: Sequence[str],
        aliases: Mapping[str, str],
    ) -> None:
        self._transactions = transactions
        self._under_way = under_way
        self._deliver = deliver
        self._tracking = tracking
        self._budget = budget
        self._clock = clock
        self._chance = chance
        self._keys = keys
        self._rules = rules
        self._mask = mask
        self._domains = domains
        self._aliases = aliases

    def begin(self, typed: str, browser: str | None) -> str:
        """Start, or take up again, this browser's recovery of the address that was typed; return the browser's new id.

        Raises `AddressRefused`, `NoUsableAccount`, `DirectoryUnavailable`.
        """
        typed_address = normalise_address(typed, domains=self._domains, aliases=self._aliases)
        # the account's own address, not the alias that was typed: two names must not buy two sets of tries
        address = self._under_way.usable(typed_address).address
        now, renewed = self._clock.now(), self._chance.token()
        mine = browser_hash(renewed)
        with self._transactions() as tx:
            if browser:
                tx.recoveries.move_browser(browser_hash(browser), mine)
                tx.sessions.remove(browser_hash(browser))
            known = [one for one in tx.recoveries.of_browser(mine) if one.address == address and one.is_live(now)]
            locked = tx.recoveries.lock(known[0].id) if known else None
            if locked is not None:
                recovery = locked.resumed(now)
                tx.recoveries.save(recovery)
            else:
                recovery = self._new(address, mine)
                tx.recoveries.add(recovery)
                tx.audit.add(Event(now, EventKind.RECOVERY_BEGUN, address, VISITOR, reference=recovery.reference))
        log.info("recovery_begun", reference=recovery.reference, resumed=bool(known))
        return renewed

    def has_run_out(self, recovery: Recovery) -> bool:
        """Return whether a recovery ended without a new password."""
        return recovery.step is not Step.DONE and not recovery.is_live(self._clock.now())

    def choices(self, recovery: Recovery) -> list[Choice]:
        """Return the numbers that the code can go to. Raises `NoUsableAccount`, `DirectoryUnavailable`."""
        phones = self._under_way.offered(self._under_way.usable(recovery.address))
        return [
            Choice(self._under_way.fingerprint(recovery, phone), mask_number(phone.number, self._mask))
            for phone in phones
        ]

    def status(self, recovery: Recovery) -> Status:
        """Return what the page with the code shows."""
        now = self._clock.now()
        with self._transactions() as tx:
            delivery = self._tracking.told(tx, tx.messages.latest(recovery.id, MessageKind.CODE), now)
        return Status(
            recovery=recovery,
            delivery=delivery,
            wait=recovery.wait_before_send(now, self._rules),
            code=recovery.code_state(now),
        )

    def confirm(self, browser: str | None, chosen: str, client: str) -> None:
        """Send the code to the chosen number, or to the only one.

        Raises `NoRecovery`, `NoUsableAccount`, `PhoneNotChosen`, `TooEarly`, `CodeSpent`, `LimitReached`,
        `DirectoryUnavailable`. Waits up to a second for the gateway, unless the page keeps its answer to itself.
        """
        recovery = self._under_way.live(browser)
        account = self._under_way.usable_or_abandon(recovery)
        phones = self._under_way.offered(account)
        named = (
            phones
            if len(phones) == 1
            else [one for one in phones if self._under_way.fingerprint(recovery, one, chosen) == chosen]
        )
        if not named:
            raise PhoneNotChosen
        with written_down(self._transactions, self._clock, recovery.address, recovery.reference):
            self._send(recovery, named[0], client, real=account.can_recover)

    def resend(self, browser: str | None, client: str) -> None:
        """Send the code again to the number that was chosen before; raises as `confirm` does."""
        recovery = self._under_way.live(browser)
        if recovery.phone is None:
            raise PhoneNotChosen
        self.confirm(browser, recovery.phone, client)

    def _send(self, recovery: Recovery, phone: Phone, client: str, *, real: bool) -> None:
        now = self._clock.now()
        with self._transactions() as tx:
            locked = tx.recoveries.lock(recovery.id)
            if locked is None or not locked.is_live(now):
                raise NoRecovery
            if locked.is_spent:
                raise CodeSpent
            wait = locked.wait_before_send(now, self._rules)
            if wait:
                raise TooEarly(wait)
            goes_out = self._count(tx, locked, phone, client, real=real)
            sent = locked.with_code_sent(
                now,
                self._rules,
                key_id=self._keys.newest_id,
                # a rotated key must not make the same number look like another one: its code would change
                phone=self._under_way.fingerprint(locked, phone, locked.phone),
                masked_phone=mask_number(phone.number, self._mask),
            )
            if sent.generation != locked.generation:  # the number's name comes from the same key as the code
                sent = replace(sent, phone=self._under_way.fingerprint(sent, phone))
            tx.recoveries.save(sent)
            tx.messages.withdraw(sent.id, now)
            message = code_message(sent, self._chance.token(), now, quietly=self._under_way.private)
            tx.messages.add(message if goes_out or not real else held_back(message))
            asked = (sent.address, VISITOR, sent.masked_phone or "", sent.reference)
            tx.audit.add(Event(now, EventKind.CODE_REQUESTED, *asked))
        if not self._under_way.private:
            self._deliver.wake()
        state = self._tracking.wait_for(message.id)
        log.info("code_requested", reference=sent.reference, message=message.id, ordinal=message.ordinal, state=state)

    def _count(self, tx: Transaction, recovery: Recovery, phone: Phone, client: str, *, real: bool) -> bool:
        """Count one send and return whether it goes out; raises `LimitReached`.

        In private mode a number's own limit holds the SMS back and says nothing: it would tell that two addresses
        share a telephone, which only accounts do. What stands for no number costs the site nothing.
        """
        tx.limits.test(Limit.WRONG_CODES_PER_ACCOUNT, recovery.address)
        tx.limits.hit(Limit.SENDS_PER_ACCOUNT, recovery.address)
        tx.limits.hit(Limit.SENDS_PER_ACCOUNT_A_DAY, recovery.address)
        tx.limits.hit(Limit.SENDS_PER_ACCOUNT_AND_CLIENT, recovery.address, client)
        goes_out = real
        try:
            tx.limits.hit(Limit.SENDS_PER_PHONE, phone.number.e164)
        except LimitReached:
            if not self._under_way.private:
                raise
            # the log alone: a row of the record more, and the answer would take longer
            tell(tx, Limit.SENDS_PER_PHONE, recovery.reference)
            goes_out = False
        self._budget.spend(tx, nobody="" if goes_out else recovery.id)
        return goes_out

    def _new(self, address: str, browser: str) -> Recovery:
        now = self._clock.now()
        return Recovery(
            id=self._chance.token(),
            browser=browser,
            reference=new_reference(self._chance.letters(REFERENCE_ALPHABET, 8)),
            address=address,
            attempts_left=self._rules.attempts,
            created_at=now,
            expires_at=now + self._rules.lifetime,
            resumed_at=now,
        )
