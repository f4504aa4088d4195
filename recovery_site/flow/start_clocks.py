"""The clocks of first passwords that an import brings: the site did not make them and cannot derive them.

A clock is written down before its password is stored, as for those that are handed out: no first password lives longer
than its time, whatever happens in between.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime

from recovery_site.domain.activation import Activation, ActivationRules, AskedBy, Asking
from recovery_site.domain.audit import Event, EventKind
from recovery_site.domain.keys import KeyRing
from recovery_site.domain.recovery import REFERENCE_ALPHABET, new_reference
from recovery_site.ports import Chance, Clock, Transactions

IMPORTED = Asking(AskedBy.DOCUMENT)
"""How such an account was asked for: the file does not say."""


class StartClocks:
    """The one verb of such an import."""

    def __init__(
        self, transactions: Transactions, clock: Clock, chance: Chance, keys: KeyRing, rules: ActivationRules
    ) -> None:
        self._transactions = transactions
        self._clock = clock
        self._chance = chance
        self._keys = keys
        self._rules = rules

    @contextmanager
    def running(self, addresses: Sequence[str], actor: str) -> Iterator[datetime]:
        """Start the clocks and yield their moment, at which the passwords are to be set; a fault stops them again."""
        now = self._clock.now()
        begun = [self._begin(address, actor, now) for address in addresses]
        with self._transactions() as tx:
            for activation in begun:
                for older in tx.activations.of_account(activation.address):
                    if older.replaced_at is None:
                        tx.activations.save(older.replaced(now))
                tx.activations.add(activation)
        try:
            yield now
        except BaseException:
            with self._transactions() as tx:
                for activation in begun:
                    tx.activations.save(activation.replaced(now))
            raise
        with self._transactions() as tx:
            for activation in begun:
                tx.activations.save(replace(tx.activations.lock(activation.id) or activation, password_set_at=now))
                event = Event(now, EventKind.GRANTED, activation.address, actor, reference=activation.reference)
                tx.audit.add(event)

    def _begin(self, address: str, actor: str, now: datetime) -> Activation:
        begun = Activation.begin(
            IMPORTED,
            self._rules,
            now,
            activation_id=self._chance.token(),
            address=address,
            reference=new_reference(self._chance.letters(REFERENCE_ALPHABET, 8)),
            key_id=self._keys.newest_id,
            actor=actor,
        )
        return replace(begun, derived=False)
