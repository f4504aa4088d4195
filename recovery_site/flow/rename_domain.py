"""Moving the accounts of a domain that changed to its successor: all of them, as one, or none.

The provinces that were merged in 2025 brought such domains. `site.domain_aliases` leads what people type to the new
one; this moves what is stored.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import structlog

from recovery_site.domain.audit import Event, EventKind
from recovery_site.ports import AccountStore, Clock, Transactions

log = structlog.get_logger()


class DomainNotOurs(Exception):
    """The new domain is not one of the mail system's, or both are the same."""


class AddressesTaken(Exception):
    """Accounts of the new domain that have the name of an old one; nothing was moved."""

    def __init__(self, addresses: Sequence[str]) -> None:
        super().__init__(len(addresses))
        self.addresses = addresses


@dataclass(frozen=True)
class Moves:
    """What a renaming does: each account's old address, and its new one."""

    old: str
    new: str
    addresses: Sequence[tuple[str, str]]


class RenameDomain:
    """The verbs of a renaming in the site's own directory: judge, then move."""

    def __init__(self, transactions: Transactions, store: AccountStore, clock: Clock, domains: Sequence[str]) -> None:
        self._transactions = transactions
        self._store = store
        self._clock = clock
        self._domains = domains

    def judge(self, old: str, new: str) -> Moves:
        """Return what would be moved. Raises `DomainNotOurs`, `AddressesTaken`, `DirectoryUnavailable`."""
        old, new = _plain(old), _plain(new)
        if new not in self._domains or old == new:
            raise DomainNotOurs
        known = {account.address for account in self._store.all()}
        moves = [(one, f"{one.removesuffix(old)}{new}") for one in sorted(known) if one.endswith(f"@{old}")]
        taken = [address for _, address in moves if address in known]
        if taken:
            raise AddressesTaken(taken)
        return Moves(old, new, moves)

    def move(self, moves: Moves, actor: str) -> None:
        """Give the accounts their new addresses, with all that is theirs; their open recoveries and sessions end.

        Raises `DirectoryUnavailable`; nothing was moved then.
        """
        with self._transactions() as tx:
            now = self._clock.now()
            self._store.move_domain(moves.old, moves.new, now)
            for old, new in moves.addresses:
                tx.audit.add(Event(now, EventKind.MOVED_AWAY, old, actor, new))
                tx.audit.add(Event(now, EventKind.RENAMED, new, actor, old))
        log.info("domain_renamed", accounts=len(moves.addresses))


def _plain(domain: str) -> str:
    return domain.strip().lower().removeprefix("@").rstrip(".")
