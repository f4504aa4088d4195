"""Reading the whole record: to verify it, and to hand it to others. The site goes on writing meanwhile."""

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import Engine, RowMapping, select
from sqlalchemy.orm import Session

from recovery_site.adapters.database.audit_chain import BATCH, ChainRows, Sealing, event_of
from recovery_site.adapters.database.tables import audit
from recovery_site.domain.audit_chain import Chain, Entry, Verdict, Verifier

_READINGS = 5
"""How often the record is read again where it was shortened or erased from while it was read."""


def verify(engine: Engine, sealing: Sealing, noted: str = "") -> tuple[Verdict, Chain]:
    """Return what is wrong with the record as it was when this began, and its ends then.

    `noted` is a head that somebody wrote down earlier. What is found while others write is looked at once more.
    """
    for _ in range(_READINGS):
        before = _ends(engine, sealing)
        verdict = _judged(engine, sealing, before, noted)
        if not verdict.findings or _ends(engine, sealing) == before:
            break
    return verdict, before


def entries(engine: Engine, since: datetime | None = None, after: int = -1) -> Iterator[Entry]:
    """Yield the rows of the record in their order: those behind position `after`, at or after `since`."""
    wanted = [audit.c.at >= since] if since else []
    while True:
        query = select(audit).where(audit.c.position > after, *wanted).order_by(audit.c.position).limit(BATCH)
        # a transaction for each batch: nobody who writes waits for the whole of it
        with engine.begin() as connection:
            rows = connection.execute(query).mappings().all()
        yield from map(_entry, rows)
        if len(rows) < BATCH:
            return
        after = rows[-1]["position"]


def _judged(engine: Engine, sealing: Sealing, chain: Chain, noted: str) -> Verdict:
    verifier = Verifier(chain, sealing.seals, noted)
    for entry in entries(engine):
        if entry.position > chain.head_position and _ends(engine, sealing) != chain:
            break  # written since
        verifier.see(entry)
    return verifier.end()


def _ends(engine: Engine, sealing: Sealing) -> Chain:
    with Session(engine) as session, session.begin():
        return ChainRows(session, sealing).read()


def _entry(row: RowMapping) -> Entry:
    own = ("position", "salt", "personal", "link", "key_id", "seal")
    return Entry(event=event_of(row), **{name: row[name] for name in own})
