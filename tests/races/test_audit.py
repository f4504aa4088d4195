"""Many writers at once: the record stays one chain, and no two transactions wait for each other."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from recovery_site.adapters.database.audit_chain import ChainRows
from recovery_site.adapters.database.audit_reading import entries, verify
from recovery_site.adapters.database.engine import open_engine
from recovery_site.adapters.database.tables import audit
from recovery_site.adapters.database.transaction import transactions
from recovery_site.domain.audit import OWNER, Event, EventKind
from recovery_site.ports import Limit, Transactions
from tests.fake_transactions import default_rules
from tests.fakes import AN, BINH, NOON, FakeClock
from tests.limits import limits_of
from tests.sealing import sealing

THREADS, EACH, PROCESSES = 8, 12, 3
EVENT = Event(NOON, EventKind.SIGNED_IN, AN, OWNER)

WRITER = """
import sys
from tests.races.test_audit import opened, write_many
write_many(opened(sys.argv[1]), sys.argv[2])
"""


def opened(engine: Engine | str) -> Transactions:
    engine = open_engine(engine) if isinstance(engine, str) else engine
    rules = {**default_rules(), Limit.SENDS_OF_SITE: "999999/day"}
    return transactions(engine, FakeClock(), limits_of(rules), sealing())


def write_many(begin: Transactions, name: str) -> None:
    for number in range(EACH):
        with begin() as tx:
            # counters that everybody shares, before and after: the order in which locks are asked for must not matter
            if number % 2:
                tx.limits.hit(Limit.SENDS_OF_SITE)
            tx.audit.add(replace(EVENT, detail=f"{name} {number}"))
            if not number % 2:
                tx.limits.hit(Limit.SENDS_OF_SITE)


def written(engine: Engine) -> list[str]:
    """Return who wrote, in the order of the chain, which must be whole."""
    assert verify(engine, sealing())[0].findings == []
    rows = list(entries(engine))
    assert [row.position for row in rows] == list(range(1, len(rows) + 1))
    return [row.event.detail for row in rows]


def test_threads_that_write_at_once_make_one_chain(engine: Engine) -> None:
    begin = opened(engine)
    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(lambda number: write_many(begin, str(number)), range(THREADS)))
    found = written(engine)
    assert sorted(found) == sorted(f"{writer} {number}" for writer in range(THREADS) for number in range(EACH))
    for writer in range(THREADS):
        own = [one for one in found if one.startswith(f"{writer} ")]
        assert own == [f"{writer} {number}" for number in range(EACH)], "each one's events are in their order"


def test_processes_that_write_at_once_make_one_chain(engine: Engine, migrated_url: str) -> None:
    started = [
        subprocess.Popen([sys.executable, "-c", WRITER, migrated_url, str(number)]) for number in range(PROCESSES)
    ]
    assert [one.wait(120) for one in started] == [0] * PROCESSES
    assert len(written(engine)) == PROCESSES * EACH


def test_it_is_erased_from_and_verified_while_others_write(engine: Engine) -> None:
    begin = opened(engine)

    def disturb() -> None:
        for _ in range(EACH):
            with begin() as tx:
                tx.audit.add(replace(EVENT, address=BINH))
            with Session(engine) as session, session.begin():
                ChainRows(session, sealing()).erase(lambda: audit.c.address == BINH, "Nghị", NOON)
            assert verify(engine, sealing())[0].findings == []

    with ThreadPoolExecutor(4) as pool:
        jobs = [pool.submit(write_many, begin, str(number)) for number in range(3)] + [pool.submit(disturb)]
        for job in jobs:
            job.result()
    assert len(written(engine)) == 5 * EACH
