"""The contract of `Bell`: a message queued by whichever process rings, and nothing rings by itself."""

import threading
from collections.abc import Iterator

import pytest
from sqlalchemy import Engine

from recovery_site.adapters.database.bell import LOOK_SECONDS, open_bell
from recovery_site.adapters.database.engine import open_engine
from recovery_site.adapters.database.transaction import transactions
from recovery_site.adapters.system import SystemClock
from recovery_site.ports import Bell, Transactions
from tests.contracts.rows import message, put, recovery
from tests.limits import limits_of
from tests.sealing import sealing

LONG = 60
"""Seconds that no test waits for: what rings comes back at once."""


def opened(engine: Engine) -> Transactions:
    return transactions(engine, SystemClock(), limits_of(), sealing())


@pytest.fixture
def elsewhere(migrated_url: str) -> Iterator[Transactions]:
    """The database as another process has it: over connections of its own."""
    engine = open_engine(migrated_url)
    yield opened(engine)
    engine.dispose()


@pytest.fixture
def bell(engine: Engine) -> Iterator[Bell]:
    """A bell that has heard of everything so far."""
    made = open_bell(engine, SystemClock())
    assert made.wait(0), "what was queued before anybody listened must be looked for"
    yield made
    made.close()


def is_silent(bell: Bell) -> bool:
    return not bell.wait(2 * LOOK_SECONDS)


def test_a_message_that_another_process_queued_rings_once(bell: Bell, elsewhere: Transactions) -> None:
    put(elsewhere, recovery(), message())
    assert bell.wait(LONG)
    assert is_silent(bell)


def test_a_message_that_this_process_queued_rings_too(bell: Bell, engine: Engine) -> None:
    put(opened(engine), recovery(), message())
    assert bell.wait(LONG)


def test_it_rings_while_somebody_waits(bell: Bell, elsewhere: Transactions) -> None:
    heard: list[bool] = []
    waiting = threading.Thread(target=lambda: heard.append(bell.wait(LONG)))
    waiting.start()
    put(elsewhere, recovery(), message())
    waiting.join(LONG / 2)
    assert heard == [True]


def test_nothing_rings_by_itself(bell: Bell) -> None:
    assert is_silent(bell)
    assert is_silent(bell)


def test_reading_rings_nothing(bell: Bell, elsewhere: Transactions) -> None:
    with elsewhere() as tx:
        assert tx.messages.get("m") is None
    assert is_silent(bell)


def test_it_does_not_ring_before_the_message_is_committed(bell: Bell, elsewhere: Transactions) -> None:
    with elsewhere() as tx:
        tx.recoveries.add(recovery())
        tx.messages.add(message())
        assert is_silent(bell)
    assert bell.wait(LONG)


def test_a_message_that_was_rolled_back_rings_nothing(bell: Bell, elsewhere: Transactions) -> None:
    def queue_and_fail() -> None:
        with elsewhere() as tx:
            tx.recoveries.add(recovery())
            tx.messages.add(message())
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        queue_and_fail()
    assert is_silent(bell)


def test_many_messages_at_one_time_leave_it_silent_after_they_were_heard(bell: Bell, elsewhere: Transactions) -> None:
    put(elsewhere, recovery(), *(message(f"m{number}") for number in range(20)))
    assert bell.wait(LONG)
    assert is_silent(bell)


def test_two_bells_hear_the_same_message(engine: Engine, bell: Bell, elsewhere: Transactions) -> None:
    other = open_bell(engine, SystemClock())
    other.wait(0)
    put(elsewhere, recovery(), message())
    assert bell.wait(LONG)
    assert other.wait(LONG)
    other.close()


def test_a_closed_bell_may_be_closed_again_and_used_again(bell: Bell, elsewhere: Transactions) -> None:
    bell.close()
    bell.close()
    bell.wait(0)
    put(elsewhere, recovery(), message())
    assert bell.wait(LONG)


def test_a_listener_leaves_the_connections_of_the_others_alone(bell: Bell, engine: Engine) -> None:
    bell.close()
    with engine.begin() as connection:
        assert connection.exec_driver_sql("SELECT 1").scalar_one() == 1
        assert connection.in_transaction()


@pytest.mark.parametrize("database_kind", ["postgresql"], indirect=True)
def test_a_lost_connection_is_told_and_then_made_anew(bell: Bell, engine: Engine, elsewhere: Transactions) -> None:
    with engine.begin() as connection:
        connection.exec_driver_sql(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND query LIKE 'LISTEN%%'"
        )
    with pytest.raises(Exception, match=r"terminat|closed"):
        bell.wait(LONG)
    put(elsewhere, recovery(), message())
    assert bell.wait(LONG), "what was queued while nobody listened must be looked for"
    assert is_silent(bell)
    put(elsewhere, message("after"))
    assert bell.wait(LONG)
