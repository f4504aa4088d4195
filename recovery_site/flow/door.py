"""Who may have an address looked up, and a code sent: counted before anything is looked at, found or not.

Many officials share one client address, so what counts is how many different addresses were typed from it without a
finished recovery. First a proof is asked for, which an official's browser gives by itself; refusal comes long after.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from recovery_site.domain.audit import VISITOR, Event, EventKind
from recovery_site.domain.people import normalise_address
from recovery_site.flow.alarm import Alarm
from recovery_site.flow.proofs import Given, Proofs, Purpose, Visitor
from recovery_site.flow.refusals import named, tell, written_down
from recovery_site.ports import Clock, Limit, LimitReached, Transaction, Transactions

HARDER = 2
"""So many times the work where a client has typed so many addresses that waiting opens nothing any more."""

_COUNTED = (Limit.ADDRESSES_PER_CLIENT, Limit.ADDRESSES_PER_CLIENT_A_DAY, Limit.ADDRESSES_OF_SITE)


@dataclass(frozen=True)
class DoorRules:
    """The numbers of DESIGN section 7, in different addresses: from which one on (`site`: above which) what happens."""

    proof: int = 20
    refusal: int = 50
    day: int = 500
    site: int = 300


class Door:
    """Stands before the verbs of a recovery. Nothing that it says depends on whether an account exists."""

    def __init__(
        self,
        transactions: Transactions,
        proofs: Proofs,
        alarm: Alarm,
        clock: Clock,
        rules: DoorRules,
        *,
        domains: Sequence[str],
        aliases: Mapping[str, str],
    ) -> None:
        self._transactions = transactions
        self._proofs = proofs
        self._alarm = alarm
        self._clock = clock
        self._rules = rules
        self._domains = domains
        self._aliases = aliases

    def look_up(self, typed: str, visitor: Visitor) -> None:
        """Let an address be looked up. Raises `AddressRefused`, `ProofWanted`, `LimitReached`.

        All spellings of one address are one. The count stays where this refuses.
        """
        address = normalise_address(typed, domains=self._domains, aliases=self._aliases)
        with self._transactions() as tx:
            refused = self._judge(tx, address, visitor)
        if refused:
            raise refused

    def send(self, visitor: Visitor) -> None:
        """Let a code be sent: while the alarm is on for a proof only. Raises `ProofWanted`, `LimitReached`."""
        with written_down(self._transactions, self._clock), self._transactions() as tx:
            if not self._alarm.is_on(tx):
                return
            given = self._proofs.take(tx, Purpose.SEND, visitor)
        if given not in (Given.PUZZLE, Given.TICKET):
            raise self._proofs.ask(Purpose.SEND, visitor, early=given is Given.EARLY)

    def finished(self, tx: Transaction, address: str) -> None:
        """Give back what an account's address counted: its recovery led to a new password."""
        for limit in _COUNTED:
            tx.limits.remove(limit, address)

    def _judge(self, tx: Transaction, address: str, visitor: Visitor) -> Exception | None:
        rules, client = self._rules, visitor.client
        typed = tx.limits.add(Limit.ADDRESSES_PER_CLIENT, address, client)
        today = tx.limits.add(Limit.ADDRESSES_PER_CLIENT_A_DAY, address, client)
        everywhere = tx.limits.add(Limit.ADDRESSES_OF_SITE, address)
        self._alarm.watch_walk(tx, today, rules.day, client)
        if today > rules.day:
            wait = tx.limits.wait(Limit.ADDRESSES_PER_CLIENT_A_DAY, rules.day, client)
            self._note(tx, Limit.ADDRESSES_PER_CLIENT_A_DAY)
            return LimitReached(Limit.ADDRESSES_PER_CLIENT_A_DAY, wait)
        if typed < rules.proof and everywhere <= rules.site:
            return None
        try:
            given = self._proofs.take(tx, Purpose.LOOK_UP, visitor)
        except LimitReached as reached:
            self._note(tx, reached.limit)
            return reached
        if given is Given.PUZZLE or (given is Given.TICKET and typed < rules.refusal):
            return None
        if typed < rules.refusal:
            return self._proofs.ask(Purpose.LOOK_UP, visitor, early=given is Given.EARLY)
        self._note(tx, Limit.ADDRESSES_PER_CLIENT)
        wanted = self._proofs.ask(Purpose.LOOK_UP, visitor, hardness=HARDER, may_wait=False)
        wanted.retry_after = max(1, tx.limits.wait(Limit.ADDRESSES_PER_CLIENT, rules.refusal - 1, client))
        return wanted

    def _note(self, tx: Transaction, limit: Limit) -> None:
        """Write a refusal down, of nobody: what was typed may be no address, and is nowhere kept as it is."""
        tx.audit.add(Event(self._clock.now(), EventKind.LIMIT_REACHED, "", VISITOR, named(limit)))
        tell(tx, limit)
