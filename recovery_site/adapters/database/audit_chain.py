"""The chain of the record in the database: writing on it, shortening it, erasing from it.

Who changes it holds its one row until the transaction ends: there is one head on all nodes. Sources: ADR 0021.
"""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, fields, replace
from datetime import datetime

import structlog
from sqlalchemy import ColumnElement, RowMapping, ScalarSelect, delete, func, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from recovery_site.adapters.database.tables import audit, audit_chain
from recovery_site.domain.audit import (
    BOUND_WINDOW,
    MOST_OF_KIND,
    MOST_OF_SUBJECT,
    OF_STRANGERS,
    OF_THE_RECORD,
    OF_TYPED_NAMES,
    SYSTEM,
    Event,
    EventKind,
    overflow,
    said_of_overflow,
)
from recovery_site.domain.audit_chain import BROKEN, Chain, Seals, said_of_erasure
from recovery_site.domain.keys import KeyRing
from recovery_site.ports import Chance

BATCH = 1000
"""How many rows are read, or erased, at a time: no page waits long for any of it."""

_THE_ROW = 1
_ERASED = {"address": "", "detail": "", "client": "", "salt": ""}

log = structlog.get_logger()


@dataclass(frozen=True)
class Sealing:
    """What the chain is written with: the keys, and chance for the salts."""

    seals: Seals
    salt: Callable[[], str]

    @classmethod
    def of(cls, keys: KeyRing, chance: Chance) -> "Sealing":
        return cls(Seals(keys), chance.token)


class ChainRows:
    """The chain over one open transaction."""

    def __init__(self, session: Session, sealing: Sealing) -> None:
        self._session = session
        self._seals = sealing.seals
        self._salt = sealing.salt

    def write(self, events: Sequence[Event]) -> None:
        """Add events, those that are one too many left out."""
        chain = self._take()
        for event in events:
            if event.kind in OF_TYPED_NAMES:
                event = replace(event, address=next(iter(self._seals.subject_names(event.address)), ""))
            of_subject, of_kind = self._counted(event)
            if overflow(event, of_subject, of_kind):
                continue
            last = said_of_overflow(event, of_kind)
            for one in (event, last) if last else (event,):
                chain = self._append(chain, one)
        self._put(chain)

    def shorten(self, before: datetime, now: datetime) -> int:
        """Take away the rows at the beginning that are older than `before`; return how many.

        Older ones behind a younger one, which a wrong clock makes, lose their personal data instead.
        """
        chain = self._take()
        kept = self._session.scalar(select(func.min(audit.c.position)).where(audit.c.at >= before))
        older = audit.c.position < (chain.head_position + 1 if kept is None else kept)
        last = self._session.execute(
            select(audit.c.position, audit.c.link).where(older).order_by(audit.c.position.desc()).limit(1)
        ).one_or_none()
        count = 0
        if last is not None:
            count = self._session.connection().execute(delete(audit).where(older)).rowcount
            if last.position > chain.base_position:
                chain = replace(chain, base_position=last.position, base_link=last.link)
            said = f"{count} rows, up to {last.position}"
            chain = self._append(chain, Event(now, EventKind.RECORD_SHORTENED, "", SYSTEM, said))
        stuck = (audit.c.at < before) & (audit.c.kind.not_in(OF_THE_RECORD)) & (audit.c.salt != "")
        self._put(self._erase(chain, self._positions(stuck), SYSTEM, now))
        return count

    def erase(self, whose: Callable[[], ColumnElement[bool]], actor: str, now: datetime) -> int:
        """Erase what is personal in the rows of `whose`, asked when the chain stands still, and write down which.

        Return how many.
        """
        chain = self._take()
        positions = self._positions(whose() & audit.c.kind.not_in(OF_THE_RECORD) & (audit.c.salt != ""))
        self._put(self._erase(chain, positions, actor, now))
        return len(positions)

    def adopt(self) -> int:
        """Put the rows from before there was a chain into one; return how many. For the upgrade alone."""
        rows = self._session.execute(select(audit).order_by(audit.c.position)).mappings().all()
        self._session.execute(delete(audit))
        chain = self._take()
        for row in rows:
            chain = self._append(chain, event_of(row))
        self._put(chain)
        return len(rows)

    def seal_anew(self, actor: str, now: datetime) -> Chain:
        """Seal the ends as they are now, whatever became of them, and write down who did; return them."""
        chain = self._take()
        newest = select(audit.c.position, audit.c.link).order_by(audit.c.position.desc()).limit(1)
        last = self._session.execute(newest).one_or_none()
        if last is not None:
            chain = replace(chain, head_position=last.position, head_link=last.link)
        chain = self._append(replace(chain, seal=""), Event(now, EventKind.RECORD_SEALED_ANEW, "", actor))
        self._put(chain)
        return chain

    def read(self) -> Chain:
        """Return both ends as they stand there."""
        row = self._session.execute(select(audit_chain)).mappings().one_or_none()
        return chain_of(row) if row else self._seals.sealed(Chain())

    def _take(self) -> Chain:
        """Return both ends; nobody else writes on the chain until this transaction ends."""
        row = self._locked()
        if row is None:
            self._make()
            row = self._locked()
        chain = chain_of(row) if row else Chain()
        if self._seals.hold(chain):
            return chain
        if chain.seal != BROKEN:
            log.error("alarm_audit_chain_broken", head=chain.head_position)
        return replace(chain, seal=BROKEN)

    def _locked(self) -> RowMapping | None:
        query = select(audit_chain).where(audit_chain.c.id == _THE_ROW).with_for_update()
        return self._session.execute(query).mappings().one_or_none()

    def _make(self) -> None:
        """Begin a chain behind whatever stands there: rows that no chain holds stay to be found."""
        last = self._session.scalar(select(func.max(audit.c.position))) or 0
        dialect = postgresql if self._session.get_bind().dialect.name == "postgresql" else sqlite
        chain = self._seals.sealed(Chain(base_position=last, head_position=last))
        made = dialect.insert(audit_chain).values(id=_THE_ROW, **asdict(chain))
        self._session.execute(made.on_conflict_do_nothing())

    def _append(self, chain: Chain, event: Event) -> Chain:
        entry = self._seals.entry(chain.head_link, chain.head_position + 1, event, self._salt())
        row = asdict(entry)
        self._session.execute(insert(audit), {**row.pop("event"), **row})
        return replace(chain, head_position=entry.position, head_link=entry.link)

    def _put(self, chain: Chain) -> None:
        # one that was found broken must not look whole again, because somebody wrote on it
        known = chain if chain.seal == BROKEN else self._seals.sealed(chain)
        self._session.execute(update(audit_chain).where(audit_chain.c.id == _THE_ROW).values(**asdict(known)))

    def _erase(self, chain: Chain, positions: Sequence[int], actor: str, now: datetime) -> Chain:
        for start in range(0, len(positions), BATCH):
            these = audit.c.position.in_(positions[start : start + BATCH])
            self._session.execute(update(audit).where(these).values(**_ERASED))
        for said in said_of_erasure(positions):
            chain = self._append(chain, Event(now, EventKind.DATA_ERASED, "", actor, said))
        return chain

    def _positions(self, where: ColumnElement[bool]) -> list[int]:
        return list(self._session.scalars(select(audit.c.position).where(where).order_by(audit.c.position)))

    def _counted(self, event: Event) -> tuple[int, int]:
        """Return how many of the kind were written down lately: of the event's subject, and in all."""
        if event.kind not in OF_STRANGERS:
            return 0, 0
        lately = (audit.c.kind == event.kind) & (audit.c.at > event.at - BOUND_WINDOW)
        own = _count(lately & (audit.c.address == event.address), MOST_OF_SUBJECT)
        of_subject, of_kind = self._session.execute(select(own, _count(lately, MOST_OF_KIND))).one()
        return of_subject, of_kind


def _count(where: ColumnElement[bool], most: int) -> ScalarSelect[int]:
    some = select(audit.c.position).where(where).limit(most).subquery()
    return select(func.count()).select_from(some).scalar_subquery()


def event_of(row: RowMapping) -> Event:
    """Return the event of a row."""
    return Event(**{one.name: row[one.name] for one in fields(Event)})


def chain_of(row: RowMapping) -> Chain:
    """Return both ends of the chain as they stand in their row."""
    return Chain(**{one.name: row[one.name] for one in fields(Chain)})
