"""The contract of `Limits`: fixed windows that begin with their first use, inside the caller's transaction."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import pytest

from recovery_site.ports import Limit, LimitReached, Transactions
from tests.fakes import AN, BINH, FakeClock

pytestmark = pytest.mark.parametrize("begin", ["fake", "sqlite", "postgresql", "redis"], indirect=True)


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


# --- different members ------------------------------------------------------------------------------------------------

ADDRESSES = Limit.ADDRESSES_PER_CLIENT


def adds(begin: Transactions, member: str, client: str = "one") -> int:
    with begin() as tx:
        return tx.limits.add(ADDRESSES, member, client)


def test_a_member_counts_once_however_often_it_comes_and_each_key_counts_its_own(begin: Transactions) -> None:
    assert [adds(begin, one) for one in (AN, BINH, AN, BINH, "third")] == [1, 2, 2, 2, 3]
    assert adds(begin, AN, "two") == 1
    with begin() as tx:
        assert tx.limits.add(Limit.ADDRESSES_OF_SITE, AN) == 1
        assert (tx.limits.members(ADDRESSES, "one"), tx.limits.members(ADDRESSES, "three")) == (3, 0)


def test_a_member_counts_for_the_period_after_it_came_last(begin: Transactions, clock: FakeClock) -> None:
    adds(begin, AN)
    clock.pass_by(300)
    adds(begin, BINH)
    clock.pass_by(299)
    assert adds(begin, AN) == 2
    clock.pass_by(300)
    assert adds(begin, AN) == 2
    clock.pass_by(1)
    assert adds(begin, AN) == 1


def test_members_say_when_there_will_be_fewer_of_them(begin: Transactions, clock: FakeClock) -> None:
    for member in ("a", "b", "c"):
        adds(begin, member)
        clock.pass_by(60.5)
    with begin() as tx:
        waits = [tx.limits.wait(ADDRESSES, most, "one") for most in (4, 3, 2, 1, 0)]
    assert waits == [0, 0, 419, 479, 540]


def test_a_member_that_is_taken_out_counts_nowhere_any_more(begin: Transactions) -> None:
    for client in ("one", "two"):
        adds(begin, AN, client)
        adds(begin, BINH, client)
    with begin() as tx:
        tx.limits.add(Limit.ADDRESSES_OF_SITE, AN)
        tx.limits.remove(ADDRESSES, AN)
        tx.limits.remove(ADDRESSES, "nobody")
    with begin() as tx:
        assert [tx.limits.members(ADDRESSES, client) for client in ("one", "two")] == [1, 1]
        assert tx.limits.members(Limit.ADDRESSES_OF_SITE) == 1


def test_a_member_of_a_transaction_that_is_rolled_back_never_was(begin: Transactions) -> None:
    with suppress(KeyError), begin() as tx:
        tx.limits.add(ADDRESSES, AN, "one")
        raise KeyError
    assert adds(begin, BINH) == 1


def test_many_at_one_time_get_a_number_each(begin: Transactions) -> None:
    with ThreadPoolExecutor(12) as pool:
        numbers = list(pool.map(lambda number: adds(begin, f"address {number}"), range(60)))
    assert sorted(numbers) == list(range(1, 61))


def test_a_member_that_came_again_in_vain_ends_when_it_would_have(begin: Transactions, clock: FakeClock) -> None:
    adds(begin, AN)
    clock.pass_by(500)
    with suppress(KeyError), begin() as tx:
        tx.limits.add(ADDRESSES, AN, "one")
        raise KeyError
    clock.pass_by(99)
    with begin() as tx:
        assert tx.limits.members(ADDRESSES, "one") == 1
    clock.pass_by(1)
    with begin() as tx:
        assert tx.limits.members(ADDRESSES, "one") == 0


def test_what_a_recovery_takes_out_stays_where_it_fails_in_the_end(begin: Transactions) -> None:
    adds(begin, AN)
    with suppress(KeyError), begin() as tx:
        tx.limits.remove(ADDRESSES, AN)
        raise KeyError
    assert adds(begin, BINH) == 2


def test_uses_of_a_transaction_that_is_rolled_back_never_were(begin: Transactions, clock: FakeClock) -> None:
    with suppress(KeyError), begin() as tx:
        for _ in range(3):
            tx.limits.hit(Limit.SENDS_PER_ACCOUNT, AN)
        raise KeyError
    clock.pass_by(300)
    hits(begin, Limit.SENDS_PER_ACCOUNT, AN, times=2)
    with suppress(KeyError), begin() as tx:
        tx.limits.give_back(Limit.SENDS_PER_ACCOUNT, AN)
        raise KeyError
    clock.pass_by(599)  # the window began with the first use that counted
    hits(begin, Limit.SENDS_PER_ACCOUNT, AN)
    with pytest.raises(LimitReached):
        hits(begin, Limit.SENDS_PER_ACCOUNT, AN)


def test_of_many_uses_at_one_time_as_many_pass_as_the_rule_says(begin: Transactions) -> None:
    def passes(_number: int) -> bool:
        with suppress(LimitReached):
            hits(begin, Limit.SENDS_PER_PHONE, "0912")
            return True
        return False

    with ThreadPoolExecutor(12) as pool:
        assert sum(pool.map(passes, range(60))) == 10
