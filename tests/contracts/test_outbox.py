"""The contract of `Messages`: every message is leased to one dispatcher alone."""

import pytest

from recovery_site.domain.messages import MessageKind, MessageState
from recovery_site.ports import Transactions
from tests.contracts.rows import MINUTE, SECOND, message, put, recovery
from tests.fakes import NOON


def test_the_earliest_due_message_is_leased_to_one_dispatcher_alone(begin: Transactions) -> None:
    put(begin, recovery(), message("late", due_at=NOON - SECOND), message("early", due_at=NOON - MINUTE))
    names = []
    for _ in range(3):
        with begin() as tx:
            claimed = tx.messages.claim(NOON, NOON + MINUTE)
        names.append(claimed.id if claimed else None)
    assert names == ["early", "late", None]


def test_a_claim_counts_the_attempt_and_says_until_when_it_holds(begin: Transactions) -> None:
    put(begin, recovery(), message())
    with begin() as tx:
        leased = tx.messages.claim(NOON, NOON + MINUTE)
    assert leased == message(state=MessageState.SENDING, attempts=1, due_at=NOON + MINUTE)
    with begin() as tx:
        assert tx.messages.get("m") == leased


def test_a_lease_that_ran_out_is_due_again(begin: Transactions) -> None:
    put(begin, recovery(), message())
    with begin() as tx:
        tx.messages.claim(NOON, NOON + MINUTE)
    with begin() as tx:
        assert tx.messages.claim(NOON + MINUTE - SECOND, NOON + 9 * MINUTE) is None
        again = tx.messages.claim(NOON + MINUTE, NOON + 2 * MINUTE)
    assert again is not None
    assert (again.id, again.attempts) == ("m", 2)


@pytest.mark.parametrize("state", [one for one in MessageState if one.is_final])
def test_what_is_over_is_never_claimed(begin: Transactions, state: MessageState) -> None:
    put(begin, recovery(), message(state=state, due_at=NOON - MINUTE), message("later", due_at=NOON + SECOND))
    with begin() as tx:
        assert tx.messages.claim(NOON, NOON + MINUTE) is None


def test_withdrawing_takes_back_only_what_waits_in_this_recovery(begin: Transactions) -> None:
    put(
        begin, recovery(), recovery("s"), message("waiting"), message("sending", state=MessageState.SENDING),
        message("sent", state=MessageState.SENT), message("elsewhere", recovery_id="s"),
    )  # fmt: skip
    with begin() as tx:
        tx.messages.withdraw("r", NOON)
    with begin() as tx:
        states = {
            name: found.state
            for name in ("waiting", "sending", "sent", "elsewhere")
            if (found := tx.messages.get(name))
        }
    assert states == {"waiting": "expired", "sending": "sending", "sent": "sent", "elsewhere": "queued"}


def test_the_latest_message_is_the_newest_of_its_kind(begin: Transactions) -> None:
    put(
        begin, recovery(), message("first", ordinal=1), message("second", ordinal=2),
        message("notice", ordinal=9, kind=MessageKind.PASSWORD_CHANGED),
    )  # fmt: skip
    with begin() as tx:
        latest = tx.messages.latest("r", MessageKind.CODE)
        assert latest is not None
        assert latest.id == "second"
        assert tx.messages.latest("s", MessageKind.CODE) is None
