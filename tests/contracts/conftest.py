"""The units of work that the contracts run over: in memory, on SQLite, on PostgreSQL, and with limits in Redis."""

from collections.abc import Iterator

import pytest

from recovery_site.adapters.database.engine import open_engine
from recovery_site.adapters.database.transaction import transactions as over_database
from recovery_site.adapters.limits.database import DatabaseCounters
from recovery_site.adapters.limits.redis import redis_counters
from recovery_site.ports import Transactions
from tests.fake_transactions import FakeTransactions
from tests.fakes import FakeClock
from tests.limits import limits_of
from tests.sealing import sealing


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture(params=["fake", "sqlite", "postgresql"])
def begin(request: pytest.FixtureRequest, clock: FakeClock) -> Iterator[Transactions]:
    if request.param == "fake":
        yield FakeTransactions(clock)
        return
    # "redis": an SQLite database whose limits are counted in Redis
    kind = "sqlite" if request.param == "redis" else request.param
    counters = redis_counters(request.getfixturevalue("empty_redis").url) if request.param == "redis" else None
    engine = open_engine(request.getfixturevalue(f"migrated_{kind}_url"))
    yield over_database(engine, clock, limits_of(counters=counters or DatabaseCounters), sealing())
    engine.dispose()
