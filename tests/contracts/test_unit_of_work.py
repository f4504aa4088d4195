"""The contract of `Transaction`: everything or nothing."""

from datetime import timedelta

import pytest

from recovery_site.domain.messages import MessageState
from recovery_site.ports import Limit, Session, Transactions
from tests.contracts.rows import MINUTE, message, put, recovery
from tests.fakes import AN, BINH, NOON


class Changed(Exception):
    """Somebody changed their mind inside a transaction."""


def test_what_was_written_is_there_in_the_next_transaction_to_the_last_field(begin: Transactions) -> None:
    full = recovery(
        previous_browser="before", claimed_until=NOON + MINUTE, finished_at=NOON + timedelta(microseconds=123456)
    )
    sent = message(
        state=MessageState.SENT, attempts=2, gateway="main", carrier_id="c", finished_at=NOON,
        fault="f",
    )  # fmt: skip
    put(begin, full, sent)
    with begin() as tx:
        assert tx.recoveries.get("r") == full
        assert tx.messages.get("m") == sent
        assert (tx.recoveries.get("nobody"), tx.messages.get("nobody"), tx.sessions.get("nobody")) == (None, None, None)


def test_an_exception_takes_everything_back(begin: Transactions) -> None:
    put(begin, recovery())

    def change_everything_and_fail() -> None:
        with begin() as tx:
            tx.recoveries.save(recovery(attempts_left=1))
            tx.recoveries.add(recovery("s"))
            tx.messages.add(message())
            tx.sessions.add(Session("b", AN, NOON, NOON, NOON))
            tx.recoveries.spend_try("r", NOON)
            tx.limits.hit(Limit.WRONG_CODES_PER_ACCOUNT, AN)
            raise Changed

    with pytest.raises(Changed):
        change_everything_and_fail()
    with begin() as tx:
        assert tx.recoveries.get("r") == recovery()
        assert tx.recoveries.get("s") is None
        assert tx.messages.get("m") is None
        assert tx.sessions.get("b") is None
        for _ in range(15):
            tx.limits.hit(Limit.WRONG_CODES_PER_ACCOUNT, AN)


def test_what_waits_for_the_commit_is_done_once_and_finds_what_was_written(begin: Transactions) -> None:
    found = []

    def look() -> None:
        with begin() as later:
            found.append(later.recoveries.get("r"))

    with begin() as tx:
        tx.once_committed(look)
        tx.recoveries.add(recovery())
        assert found == []
    assert found == [recovery()]
    put(begin, recovery("s"))
    assert len(found) == 1


def test_what_waits_for_the_commit_is_never_done_after_a_rollback(begin: Transactions) -> None:
    done: list[str] = []

    def fail() -> None:
        with begin() as tx:
            tx.once_committed(lambda: done.append("done"))
            raise Changed

    with pytest.raises(Changed):
        fail()
    put(begin, recovery())
    assert done == []


def test_a_transaction_sees_its_own_writes(begin: Transactions) -> None:
    with begin() as tx:
        tx.recoveries.add(recovery())
        tx.recoveries.save(recovery(attempts_left=2))
        found = tx.recoveries.get("r")
        assert found is not None
        assert found.attempts_left == 2


def test_one_id_and_one_reference_exist_once(begin: Transactions) -> None:
    put(begin, recovery())
    for twin in (recovery(), recovery("s", reference="REF-r")):
        with pytest.raises(Exception, match=r".+"):
            put(begin, twin)


def test_sessions_end_one_by_one_or_all_of_an_account(begin: Transactions) -> None:
    with begin() as tx:
        for browser, address in (("a", AN), ("b", AN), ("c", AN), ("d", BINH)):
            tx.sessions.add(Session(browser, address, NOON, NOON + MINUTE, NOON, remembered=browser == "b"))
    with begin() as tx:
        assert tx.sessions.get("a") == Session("a", AN, NOON, NOON + MINUTE, NOON)
        tx.sessions.see("b", NOON + MINUTE)
        tx.sessions.see("nobody", NOON + MINUTE)
        seen = Session("b", AN, NOON, NOON + MINUTE, NOON + MINUTE, remembered=True)
        assert tx.sessions.get("b") == seen
        tx.sessions.remove("a")
        tx.sessions.remove("nobody")
        assert tx.sessions.get("a") is None
        tx.sessions.remove_account(AN)
    with begin() as tx:
        assert [tx.sessions.get(browser) is not None for browser in "abcd"] == [False, False, False, True]
