"""What only counters outside the database meet: a use is seen by others before its transaction ends."""

from contextlib import suppress

import pytest

from recovery_site.ports import Limit, LimitReached, Transactions
from tests.fakes import AN, FakeClock

pytestmark = pytest.mark.parametrize("begin", ["redis"], indirect=True)


def test_a_use_that_is_undone_late_takes_nothing_from_the_next_window(begin: Transactions, clock: FakeClock) -> None:
    with suppress(KeyError), begin() as slow:
        slow.limits.hit(Limit.SENDS_PER_ACCOUNT, AN)
        clock.pass_by(600)
        for _ in range(3):
            with begin() as other:
                other.limits.hit(Limit.SENDS_PER_ACCOUNT, AN)
        raise KeyError
    with pytest.raises(LimitReached), begin() as tx:
        tx.limits.hit(Limit.SENDS_PER_ACCOUNT, AN)


def test_others_are_refused_rather_than_let_in_while_a_transaction_is_open(begin: Transactions) -> None:
    with suppress(KeyError), begin() as slow:
        for _ in range(3):
            slow.limits.hit(Limit.SENDS_PER_ACCOUNT, AN)
        with pytest.raises(LimitReached), begin() as other:
            other.limits.hit(Limit.SENDS_PER_ACCOUNT, AN)
        raise KeyError
    with begin() as tx:
        assert tx.limits.left(Limit.SENDS_PER_ACCOUNT, AN) == 3
