"""The contract of `Recoveries`."""

import pytest

from recovery_site.domain.recovery import Recovery, Step
from recovery_site.ports import Transactions
from tests.contracts.rows import MINUTE, SECOND, put, recovery
from tests.fakes import AN, BINH, NOON


def test_a_browser_s_recoveries_come_with_the_one_it_works_on_first(begin: Transactions) -> None:
    put(
        begin,
        recovery("a", browser="b", resumed_at=NOON),
        recovery("b", browser="b", resumed_at=NOON + MINUTE),
        recovery("c", browser="b", resumed_at=NOON - MINUTE, step=Step.ABANDONED),
        recovery("d", browser="somebody else"),
    )
    with begin() as tx:
        assert [one.id for one in tx.recoveries.of_browser("b")] == ["b", "a", "c"]


def test_only_a_finished_recovery_is_found_by_the_old_browser_id(begin: Transactions) -> None:
    put(
        begin,
        recovery("done", browser="new", previous_browser="old", step=Step.DONE),
        recovery("open", browser="new", previous_browser="old"),
    )
    with begin() as tx:
        assert [one.id for one in tx.recoveries.of_browser("old")] == ["done"]
        assert {one.id for one in tx.recoveries.of_browser("new")} == {"done", "open"}


def test_a_new_browser_id_takes_the_unfinished_recoveries_along(begin: Transactions) -> None:
    put(begin, recovery("open", browser="old"), recovery("done", browser="old", step=Step.DONE))
    with begin() as tx:
        tx.recoveries.move_browser("old", "new")
    with begin() as tx:
        assert [one.id for one in tx.recoveries.of_browser("new")] == ["open"]
        assert [one.id for one in tx.recoveries.of_browser("old")] == ["done"]


def test_an_account_s_unfinished_recoveries(begin: Transactions) -> None:
    put(
        begin, recovery("a"), recovery("b", step=Step.AWAITING_CONFIRMATION), recovery("c", step=Step.DONE),
        recovery("d", step=Step.ABANDONED), recovery("e", address=BINH),
    )  # fmt: skip
    with begin() as tx:
        assert {one.id for one in tx.recoveries.of_account(AN)} == {"a", "b"}


def test_a_lock_gives_the_recovery_as_it_is_now(begin: Transactions) -> None:
    put(begin, recovery("r"), recovery("done", step=Step.DONE), recovery("sibling"))
    with begin() as tx:
        assert tx.recoveries.lock("r") == recovery("r")
        assert tx.recoveries.lock("done") == recovery("done", step=Step.DONE)
        assert tx.recoveries.lock("nobody") is None


def test_tries_are_spent_down_to_none(begin: Transactions) -> None:
    put(begin, recovery(), recovery("other"))
    left = []
    for _ in range(7):
        with begin() as tx:
            paid = tx.recoveries.spend_try("r", NOON)
        left.append(paid.attempts_left if paid else None)
    assert left == [4, 3, 2, 1, 0, None, None]
    with begin() as tx:
        assert tx.recoveries.get("other") == recovery("other")
        assert tx.recoveries.get("r") == recovery(attempts_left=0)


@pytest.mark.parametrize(
    "dead",
    [
        recovery(step=Step.AWAITING_CONFIRMATION),
        recovery(step=Step.DONE),
        recovery(step=Step.ABANDONED),
        recovery(code_expires_at=None),
        recovery(code_expires_at=NOON),
        recovery(expires_at=NOON),
        recovery(claimed_until=NOON + SECOND),
        recovery(attempts_left=0),
    ],
    ids=["unconfirmed", "done", "abandoned", "no code", "code expired", "expired", "claimed", "spent"],
)
def test_no_try_is_spent_where_no_code_may_be_compared(begin: Transactions, dead: Recovery) -> None:
    put(begin, dead)
    with begin() as tx:
        assert tx.recoveries.spend_try("r", NOON) is None
        assert tx.recoveries.spend_try("nobody", NOON) is None
        assert tx.recoveries.get("r") == dead


@pytest.mark.parametrize("left", [0, 3])
def test_a_change_that_a_crash_cut_off_gives_its_try_back_once(begin: Transactions, left: int) -> None:
    put(begin, recovery(attempts_left=left, claimed_until=NOON))
    with begin() as tx:
        assert tx.recoveries.spend_try("r", NOON) == recovery(attempts_left=left, claimed_until=None)
        again = tx.recoveries.spend_try("r", NOON)
        assert (again.attempts_left if again else None) == (2 if left else None)


def test_what_has_run_out_is_abandoned_unless_it_is_being_changed(begin: Transactions) -> None:
    put(
        begin, recovery("old", expires_at=NOON), recovery("live", expires_at=NOON + SECOND),
        recovery("done", expires_at=NOON, step=Step.DONE),
        recovery("changing", expires_at=NOON, claimed_until=NOON + SECOND),
        recovery("crashed", expires_at=NOON, claimed_until=NOON),
    )  # fmt: skip
    with begin() as tx:
        assert tx.recoveries.expire(NOON) == 2
    with begin() as tx:
        steps = {
            name: found.step
            for name in ("old", "live", "done", "changing", "crashed")
            if (found := tx.recoveries.get(name))
        }
        assert [name for name, step in steps.items() if step is Step.ABANDONED] == ["old", "crashed"]
        assert tx.recoveries.expire(NOON) == 0
