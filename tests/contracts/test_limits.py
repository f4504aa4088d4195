"""The contract of `Limits`: fixed windows that begin with their first use, inside the caller's transaction."""

import pytest

from recovery_site.ports import Limit, LimitReached, Transactions
from tests.fakes import AN, BINH, FakeClock


def hits(begin: Transactions, limit: Limit, *key: str, times: int = 1) -> None:
    for _ in range(times):
        with begin() as tx:
            tx.limits.hit(limit, *key)


def test_a_limit_refuses_above_its_count_and_says_when_it_ends(begin: Transactions, clock: FakeClock) -> None:
    hits(begin, Limit.SENDS_PER_ACCOUNT, AN, times=3)
    clock.pass_by(100.5)
    for _ in range(3):
        with pytest.raises(LimitReached) as reached, begin() as tx:
            tx.limits.hit(Limit.SENDS_PER_ACCOUNT, AN)
        assert (reached.value.limit, reached.value.retry_after) == (Limit.SENDS_PER_ACCOUNT, 500)
    clock.pass_by(499.5)
    hits(begin, Limit.SENDS_PER_ACCOUNT, AN, times=3)


def test_a_window_begins_with_its_first_use_and_ends_exactly(begin: Transactions, clock: FakeClock) -> None:
    hits(begin, Limit.SENDS_PER_ACCOUNT, AN, times=2)
    clock.pass_by(599)
    hits(begin, Limit.SENDS_PER_ACCOUNT, AN)
    with pytest.raises(LimitReached) as reached:
        hits(begin, Limit.SENDS_PER_ACCOUNT, AN)
    assert reached.value.retry_after == 1
    clock.pass_by(1)
    hits(begin, Limit.SENDS_PER_ACCOUNT, AN, times=3)


def test_every_key_and_every_limit_is_counted_by_itself(begin: Transactions) -> None:
    hits(begin, Limit.SENDS_PER_ACCOUNT, AN, times=3)
    hits(begin, Limit.SENDS_PER_ACCOUNT, BINH, times=3)
    hits(begin, Limit.SENDS_PER_ACCOUNT_AND_CLIENT, AN, "one", times=5)
    hits(begin, Limit.SENDS_PER_ACCOUNT_AND_CLIENT, AN, "two", times=5)


def test_testing_counts_nothing_and_refuses_what_is_used_up(begin: Transactions) -> None:
    with begin() as tx:
        for _ in range(50):
            tx.limits.test(Limit.WRONG_CODES_PER_ACCOUNT, AN)
    hits(begin, Limit.WRONG_CODES_PER_ACCOUNT, AN, times=15)
    with pytest.raises(LimitReached), begin() as tx:
        tx.limits.test(Limit.WRONG_CODES_PER_ACCOUNT, AN)


def test_a_refused_use_that_is_kept_goes_on_counting_without_growing_the_wait(begin: Transactions) -> None:
    hits(begin, Limit.WRONG_CODES_PER_ACCOUNT, AN, times=15)
    for _ in range(3):
        with begin() as tx, pytest.raises(LimitReached) as reached:
            tx.limits.hit(Limit.WRONG_CODES_PER_ACCOUNT, AN)
        assert reached.value.retry_after == 24 * 3600


def test_a_use_that_is_given_back_can_be_used_again(begin: Transactions) -> None:
    hits(begin, Limit.SENDS_PER_ACCOUNT, AN, times=3)
    with begin() as tx:
        tx.limits.give_back(Limit.SENDS_PER_ACCOUNT, AN)
    hits(begin, Limit.SENDS_PER_ACCOUNT, AN)
    with pytest.raises(LimitReached):
        hits(begin, Limit.SENDS_PER_ACCOUNT, AN)


def test_giving_back_never_makes_more_uses_than_the_rule_has(begin: Transactions, clock: FakeClock) -> None:
    hits(begin, Limit.SENDS_PER_ACCOUNT, AN)
    clock.pass_by(600)
    with begin() as tx:
        for _ in range(5):
            tx.limits.give_back(Limit.SENDS_PER_ACCOUNT, AN)
            tx.limits.give_back(Limit.SENDS_PER_ACCOUNT, BINH)
    for address in (AN, BINH):
        hits(begin, Limit.SENDS_PER_ACCOUNT, address, times=3)
        with pytest.raises(LimitReached):
            hits(begin, Limit.SENDS_PER_ACCOUNT, address)
