"""Writing down that a limit refused: one line in the log for each, and an event of the record.

The line names the limit and the network that asked, and nobody. The record is bounded as all that strangers cause is.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import structlog

from recovery_site.domain.audit import VISITOR, Event, EventKind
from recovery_site.ports import Clock, Limit, LimitReached, Transaction, Transactions
from recovery_site.ports.requester import requester

log = structlog.get_logger()


@contextmanager
def written_down(
    transactions: Transactions,
    clock: Clock,
    address: str = "",
    reference: str = "",
    kind: EventKind = EventKind.LIMIT_REACHED,
) -> Iterator[None]:
    """Write down the limit that ends this block; it goes around the transaction, which takes all else back."""
    try:
        yield
    except LimitReached as reached:
        with transactions() as tx:
            tx.audit.add(Event(clock.now(), kind, address, VISITOR, named(reached.limit), reference))
            tell(tx, reached.limit, reference)
        raise


def tell(tx: Transaction, limit: Limit, reference: str = "") -> None:
    """Write the line alone, once it is certain that the refusal counts."""
    about = {"reference": reference} if reference else {}
    tx.once_committed(lambda: log.warning("limit_reached", limit=named(limit), client=requester(), **about))


def named(limit: Limit) -> str:
    """Return a limit's name as the settings have it."""
    return limit.name.lower()
