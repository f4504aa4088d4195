"""The record of what happened, in the database: rows are only added, each chained to the one before."""

from collections.abc import Collection
from dataclasses import replace

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session

from recovery_site.adapters.database.audit_chain import ChainRows, Sealing, event_of
from recovery_site.adapters.database.tables import audit
from recovery_site.domain.audit import OF_TYPED_NAMES, Event, EventKind, as_kept
from recovery_site.domain.audit_chain import Seals
from recovery_site.ports.requester import with_requester


class DatabaseAudit:
    """The `Audit` port over one open transaction."""

    def __init__(self, session: Session, sealing: Sealing) -> None:
        self._session = session
        self._seals = sealing.seals
        self._chain = ChainRows(session, sealing)
        self._waiting: list[Event] = []

    def add(self, event: Event) -> None:
        self._waiting.append(as_kept(with_requester(event)))

    def of_account(self, address: str, most: int, without: Collection[EventKind] = ()) -> list[Event]:
        return self._newest(most, address, audit.c.kind.not_in(without))

    def latest(self, address: str, kind: EventKind) -> Event | None:
        return next(iter(self._newest(1, address, audit.c.kind == kind)), None)

    def write(self) -> None:
        """Write down what was added: the last thing of a transaction, since others wait for the chain from here on.

        No lock is asked for behind it, so two transactions cannot wait for each other.
        """
        if self._waiting:
            self._chain.write(self._waiting)
            self._waiting = []

    def _newest(self, most: int, address: str, *conditions: ColumnElement[bool]) -> list[Event]:
        self.write()
        whose = about(self._session, self._seals, address)
        query = select(audit).where(whose, *conditions).order_by(audit.c.position.desc()).limit(most)
        found = [event_of(row) for row in self._session.execute(query).mappings()]
        return [replace(one, address=address) if one.kind in OF_TYPED_NAMES else one for one in found]


def about(session: Session, seals: Seals, address: str) -> ColumnElement[bool]:
    """Return the condition of the rows that are about an account, those of its earlier addresses among them."""
    return or_(
        *(
            audit.c.address.in_([name, *seals.subject_names(name)]) & _between(since, until)
            for name, (since, until) in addresses(session, address)
        )
    )


def addresses(session: Session, address: str) -> list[tuple[str, tuple[int, int | None]]]:
    """Return the addresses of an account, its present one first, and between which rows of the record each was its."""
    names: list[tuple[str, tuple[int, int | None]]] = []
    todo: list[tuple[str, int | None]] = [(address, None)]
    for name, until in todo:  # grows while it is gone through
        named = (audit.c.address == name) & _between(0, until)
        # what was written of the name before it moved to another account is that account's
        moved = select(func.max(audit.c.position)).where(named, audit.c.kind == EventKind.MOVED_AWAY)
        since = session.scalar(moved) or 0
        names.append((name, (since, until)))
        renamed = (audit.c.kind == EventKind.RENAMED) & (audit.c.position > since)
        before = session.execute(select(audit.c.detail, audit.c.position).where(named, renamed))
        # the row before a renaming says that the old address is another's from there on
        todo += [(row.detail, row.position - 1) for row in before if row.detail]
    return names


def _between(since: int, until: int | None) -> ColumnElement[bool]:
    after = audit.c.position > since
    return after if until is None else after & (audit.c.position < until)
