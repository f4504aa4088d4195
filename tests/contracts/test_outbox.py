"""The contract of `Messages`: every message is leased to one dispatcher alone."""

from datetime import datetime, timedelta

import pytest

from recovery_site.domain.messages import Channel, FaultKind, MessageKind, MessageState
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


# --- codes first ------------------------------------------------------------------------------------------------------


def claimed(begin: Transactions, now: datetime = NOON) -> list[str]:
    """Return the names of everything that is due, in the order in which it is leased."""
    names = []
    while True:
        with begin() as tx:
            one = tx.messages.claim(now, now + MINUTE)
        if one is None:
            return names
        names.append(one.id)


def test_what_matters_more_goes_first_and_within_it_what_is_due_longer(begin: Transactions) -> None:
    put(
        begin, recovery(), message("old notice", priority=1, due_at=NOON - 9 * MINUTE), message("code", due_at=NOON),
        message("notice", priority=1), message("old code", due_at=NOON - SECOND),
        message("code of later", due_at=NOON + SECOND),
    )  # fmt: skip
    assert claimed(begin) == ["old code", "code", "old notice", "notice"]


def test_two_transactions_at_one_time_lease_two_messages(begin: Transactions, request: pytest.FixtureRequest) -> None:
    put(begin, recovery(), message("first", due_at=NOON - SECOND), message("second"))
    if "postgresql" not in request.node.callspec.id:
        assert claimed(begin) == ["first", "second"]  # there is one writer at a time, by the engine itself
        return
    with begin() as one, begin() as other:
        names = [
            found.id for tx in (one, other, other) if (found := tx.messages.claim(NOON, NOON + MINUTE)) is not None
        ]
    assert names == ["first", "second"]


# --- what a gateway keeps ---------------------------------------------------------------------------------------------


def test_withdrawing_makes_what_a_gateway_keeps_due_so_that_it_is_taken_from_it(begin: Transactions) -> None:
    kept = {"state": MessageState.SENDING, "handed_at": NOON, "due_at": NOON + 9 * MINUTE}
    put(
        begin, recovery(), recovery("s"), message("kept", **kept), message("elsewhere", "s", **kept),
        message("in hand", state=MessageState.SENDING, due_at=NOON + MINUTE),
        message("notice", kind=MessageKind.PASSWORD_CHANGED, **kept),
    )  # fmt: skip
    with begin() as tx:
        tx.messages.withdraw("r", NOON + SECOND)
    assert claimed(begin, NOON + SECOND) == ["kept"]


def test_withdrawing_takes_back_codes_and_no_notices(begin: Transactions) -> None:
    put(begin, recovery(), message("code"), message("notice", kind=MessageKind.PASSWORD_CHANGED))
    with begin() as tx:
        tx.messages.withdraw("r", NOON)
    with begin() as tx:
        code, notice = tx.messages.get("code"), tx.messages.get("notice")
    assert code == message("code", state=MessageState.EXPIRED, finished_at=NOON)
    assert notice == message("notice", kind=MessageKind.PASSWORD_CHANGED)


def test_a_carriers_id_finds_the_newest_message_of_its_own_gateway(begin: Transactions) -> None:
    put(
        begin, recovery(), message("older", gateway="main", carrier_id="7", created_at=NOON - MINUTE),
        message("newer", gateway="main", carrier_id="7"), message("other", gateway="backup", carrier_id="7"),
        message("without", gateway="main"),
    )  # fmt: skip
    asked = [("main", "7"), ("backup", "7"), ("main", "8"), ("gone", "7"), ("main", "")]
    with begin() as tx:
        found = [tx.messages.lock_carried(*one) for one in asked]
    assert [one.id if one else None for one in found] == ["newer", "other", None, None, None]


def test_a_locked_message_is_the_one_that_is_stored(begin: Transactions) -> None:
    full = message(
        channel=Channel.MAIL, priority=1, state=MessageState.SENDING, attempts=2, failures=1, gateway="main",
        passed_over="backup,main", carrier_id="7", handed_at=NOON, accepted_at=NOON, finished_at=NOON, fault="f",
        fault_kind=FaultKind.NO_REPORT,
    )  # fmt: skip
    put(begin, recovery(), full)
    with begin() as tx:
        assert tx.messages.lock("m") == tx.messages.lock_carried("main", "7") == full
        assert tx.messages.lock("nobody") is None


@pytest.mark.parametrize("kind", FaultKind)
def test_every_kind_of_fault_can_be_stored(begin: Transactions, kind: FaultKind) -> None:
    put(begin, recovery(), message(fault_kind=kind))
    with begin() as tx:
        found = tx.messages.get("m")
    assert found is not None
    assert found.fault_kind is kind


def test_a_recoverys_messages_come_oldest_first(begin: Transactions) -> None:
    put(
        begin, recovery(), recovery("s"), message("b", ordinal=2, created_at=NOON + SECOND), message("a"),
        message("letter", created_at=NOON + MINUTE, channel=Channel.MAIL),
        message("sms", created_at=NOON + MINUTE), message("elsewhere", "s"),
    )  # fmt: skip
    with begin() as tx:
        assert [one.id for one in tx.messages.of_recovery("r")] == ["a", "b", "letter", "sms"]
        assert tx.messages.of_recovery("nobody") == []


# --- how long the queue is --------------------------------------------------------------------------------------------


def test_the_backlog_counts_the_sms_that_came_before_and_matter_as_much(begin: Transactions) -> None:
    before = NOON - SECOND
    put(
        begin, recovery(), message("mine"), message("waits", created_at=before),
        message("in hand", created_at=before, state=MessageState.SENDING),
        message("sent", created_at=before, state=MessageState.SENT),
        message("letter", created_at=before, channel=Channel.MAIL), message("notice", created_at=before, priority=1),
        message("later", created_at=NOON + SECOND),
    )  # fmt: skip
    with begin() as tx:
        assert tx.messages.backlog(message("mine"), NOON).ahead == 2
        assert tx.messages.backlog(message("a notice", priority=1), NOON).ahead == 3


def accepted(*seconds_ago: float, channel: Channel = Channel.SMS) -> list[object]:
    return [
        message(f"{channel}{ago}", accepted_at=NOON - timedelta(seconds=ago), state=MessageState.SENT, channel=channel)
        for ago in seconds_ago
    ]


@pytest.mark.parametrize(
    ("ago", "rate"),
    [
        ((), 0),
        ((0,), 0),
        ((10,), 0.1),
        ((119, 60), 2 / 119),
        ((120, 130, 500), 0),
        (tuple(range(1, 41)), 1),
        ((100, *range(1, 21)), 1),
    ],
)
def test_the_rate_is_that_of_the_latest_acceptances_of_two_minutes(
    begin: Transactions, ago: tuple[float, ...], rate: float
) -> None:
    put(begin, recovery(), *accepted(*ago), *accepted(1, 2, 3, channel=Channel.MAIL))
    with begin() as tx:
        assert tx.messages.backlog(message(), NOON).per_second == pytest.approx(rate)
