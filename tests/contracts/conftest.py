"""The units of work that the contracts run over: in memory, on SQLite and on PostgreSQL."""

from collections.abc import Iterator

import pytest

from recovery_site.adapters.database.engine import open_engine
from recovery_site.adapters.database.transaction import transactions as over_database
from recovery_site.adapters.limits import read_rules
from recovery_site.ports import Transactions
from tests.fake_transactions import FakeTransactions, default_rules
from tests.fakes import FakeClock
from tests.sealing import sealing


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture(params=["fake", "sqlite", "postgresql"])
def begin(request: pytest.FixtureRequest, clock: FakeClock) -> Iterator[Transactions]:
    if request.param == "fake":
        yield FakeTransactions(clock)
        return
    engine = open_engine(request.getfixturevalue(f"migrated_{request.param}_url"))
    yield over_database(engine, clock, read_rules(default_rules()), b"l" * 32, sealing())
    engine.dispose()
