"""The gateways in their order: who is asked, who is left alone, and what is said where nobody takes a message."""

import pytest

from recovery_site.domain.breaker import FAILURES, RESTS
from recovery_site.domain.messages import FaultKind, Sms
from recovery_site.domain.people import read_number
from recovery_site.domain.secret import Secret
from recovery_site.flow.carriers import PARALLEL, Carriers, NotTaken, Taken
from tests.fakes import FakeClock, FakeGateway

NUMBER = read_number("0393070121")
SMS = Sms("m", Secret("xin chao"))
PASSING = [kind for kind in FaultKind if kind.is_passing]
LASTING = [kind for kind in FaultKind if not kind.is_passing]
OF_THE_SITE = [FaultKind.BALANCE, FaultKind.ACCESS]
OF_THE_MESSAGE = [FaultKind.NUMBER, FaultKind.TEXT, FaultKind.TEMPLATE]


@pytest.fixture(autouse=True)
def _nobody_waits_long_for_a_hand(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("recovery_site.flow.carriers.SLOT_SECONDS", 0.01)


class Lanes:
    """Two gateways, "main" and then "backup", and a clock."""

    def __init__(self, **parallel: int) -> None:
        self.clock = FakeClock()
        self.main, self.backup = FakeGateway(), FakeGateway()
        self.carriers = Carriers({"main": self.main, "backup": self.backup}, self.clock, parallel)

    def give(self, *passed_over: str) -> Taken | NotTaken:
        return self.carriers.hand_over(NUMBER, SMS, passed_over)

    def break_down(self, gateway: FakeGateway, kind: FaultKind = FaultKind.UNREACHABLE, reason: str = "down") -> None:
        gateway.fault, gateway.kind = reason, kind

    def counts(self) -> tuple[int, int]:
        """Return how often each was asked."""
        return len(self.main.asked), len(self.backup.asked)


# --- the order --------------------------------------------------------------------------------------------------------


def test_the_first_gateway_of_the_settings_gets_the_message_and_the_second_is_not_asked() -> None:
    lanes = Lanes()
    taken = lanes.give()
    assert isinstance(taken, Taken)
    assert (taken.gateway, taken.acceptance.carrier_id, lanes.counts()) == ("main", "carrier-1", (1, 0))


@pytest.mark.parametrize("kind", FaultKind)
def test_whatever_the_first_one_says_the_next_one_is_asked_at_once(kind: FaultKind) -> None:
    lanes = Lanes()
    lanes.break_down(lanes.main, kind)
    taken = lanes.give()
    assert isinstance(taken, Taken)
    assert (taken.gateway, lanes.counts()) == ("backup", (1, 1))


def test_a_gateway_that_is_passed_over_is_not_asked() -> None:
    lanes = Lanes()
    taken = lanes.give("main")
    assert isinstance(taken, Taken)
    assert (taken.gateway, lanes.counts()) == ("backup", (0, 1))


def test_where_all_are_passed_over_nobody_is_asked() -> None:
    lanes = Lanes()
    assert lanes.give("main", "backup") == NotTaken()
    assert lanes.counts() == (0, 0)


def test_names_and_gateways_are_found_in_their_order_and_strangers_are_not() -> None:
    lanes = Lanes()
    assert lanes.carriers.names == ["main", "backup"]
    assert lanes.carriers.gateway("backup") is lanes.backup
    assert lanes.carriers.gateway("gone") is None
    assert lanes.carriers.gateway(None) is None
    assert [lanes.carriers.others(over) for over in ((), ("main",), ("main", "backup"))] == [True, True, False]


# --- nobody takes it --------------------------------------------------------------------------------------------------


def test_every_reason_is_told() -> None:
    lanes = Lanes()
    lanes.break_down(lanes.main, FaultKind.BUSY, "status 429")
    lanes.break_down(lanes.backup, FaultKind.UNREACHABLE, "time-out")
    assert lanes.give() == NotTaken("main: status 429; backup: time-out", FaultKind.UNREACHABLE, frozenset())


@pytest.mark.parametrize("lasting", LASTING)
@pytest.mark.parametrize("passing", PASSING)
def test_a_fault_that_may_pass_keeps_the_message_alive_whatever_the_others_said(
    passing: FaultKind, lasting: FaultKind
) -> None:
    for first, second, refuser in ((passing, lasting, "backup"), (lasting, passing, "main")):
        lanes = Lanes()
        lanes.break_down(lanes.main, first)
        lanes.break_down(lanes.backup, second)
        refusal = lanes.give()
        assert isinstance(refusal, NotTaken)
        assert (refusal.kind, refusal.refused_by) == (passing, {refuser})


def test_where_all_refuse_for_good_the_last_reason_counts_and_none_is_asked_again() -> None:
    lanes = Lanes()
    lanes.break_down(lanes.main, FaultKind.BALANCE)
    lanes.break_down(lanes.backup, FaultKind.NUMBER)
    refusal = lanes.give()
    assert isinstance(refusal, NotTaken)
    assert (refusal.kind, refusal.refused_by) == (FaultKind.NUMBER, {"main", "backup"})


# --- hands ------------------------------------------------------------------------------------------------------------


def test_a_gateway_has_as_many_hands_as_the_settings_say() -> None:
    assert Lanes().carriers.hands == 2 * PARALLEL
    assert Lanes(main=1, backup=9).carriers.hands == 10


def test_a_gateway_never_gets_more_at_one_time_than_it_has_hands_and_the_next_one_helps() -> None:
    lanes = Lanes(main=2)
    outcomes: list[Taken | NotTaken] = []

    def another_message() -> None:
        if len(lanes.main.asked) + len(lanes.backup.asked) < 4:
            outcomes.append(lanes.give())

    lanes.main.meanwhile = lanes.backup.meanwhile = another_message
    outcomes.append(lanes.give())
    assert lanes.counts() == (2, 2)
    assert sorted(one.gateway for one in outcomes if isinstance(one, Taken)) == ["backup", "backup", "main", "main"]


def test_where_all_hands_are_full_no_gateway_is_blamed() -> None:
    lanes = Lanes(main=1)
    outcomes: list[Taken | NotTaken] = []
    lanes.main.meanwhile = lambda: outcomes.append(lanes.give("backup"))
    lanes.give()
    assert outcomes == [NotTaken()]


@pytest.mark.parametrize("kind", LASTING)
def test_a_refusal_of_one_is_not_the_end_while_the_other_only_had_no_hand_free(kind: FaultKind) -> None:
    lanes = Lanes(main=1)
    lanes.break_down(lanes.backup, kind)
    outcomes: list[Taken | NotTaken] = []
    lanes.main.meanwhile = lambda: outcomes.append(lanes.give())
    lanes.give()
    assert outcomes == [NotTaken("backup: down", FaultKind.BUSY, frozenset({"backup"}))]


def test_a_hand_is_free_again_after_a_success_a_fault_and_a_bug() -> None:
    lanes = Lanes(main=1)
    lanes.give()
    lanes.break_down(lanes.main, FaultKind.NUMBER)
    lanes.give()
    lanes.main.meanwhile = lambda: 1 / 0
    with pytest.raises(ZeroDivisionError):
        lanes.give()
    lanes.main.meanwhile = lambda: None
    lanes.main.fault = ""
    assert isinstance(lanes.give("backup"), Taken)


# --- the breaker ------------------------------------------------------------------------------------------------------


def opened(kind: FaultKind = FaultKind.UNREACHABLE) -> Lanes:
    """Return lanes whose first gateway has failed until it is left alone."""
    lanes = Lanes()
    lanes.break_down(lanes.main, kind)
    for _ in range(FAILURES):
        lanes.give()
    lanes.main.asked.clear()
    return lanes


def test_a_gateway_that_only_fails_is_left_alone_and_the_next_one_is_asked_without_delay() -> None:
    lanes = opened()
    taken = lanes.give()
    assert isinstance(taken, Taken)
    assert (taken.gateway, lanes.main.asked) == ("backup", [])


def test_the_only_gateway_at_rest_is_a_reason_to_come_back_later() -> None:
    refusal = opened().give("backup")
    assert refusal == NotTaken("main: left alone for a while", FaultKind.BUSY, frozenset(), rested=True)


def test_after_its_rest_one_message_tries_and_its_success_brings_the_gateway_back() -> None:
    lanes = opened()
    lanes.main.fault = ""
    lanes.clock.pass_by(RESTS[0].total_seconds())
    for _ in range(3):
        taken = lanes.give()
        assert isinstance(taken, Taken)
        assert taken.gateway == "main"


def test_while_one_message_tries_the_others_do_not_wait_for_it() -> None:
    lanes = opened()
    lanes.clock.pass_by(RESTS[0].total_seconds())
    outcomes: list[Taken | NotTaken] = []
    lanes.main.meanwhile = lambda: outcomes.append(lanes.give())
    lanes.give()
    [other] = outcomes
    assert isinstance(other, Taken)
    assert (other.gateway, len(lanes.main.asked)) == ("backup", 1)


@pytest.mark.parametrize("kind", OF_THE_SITE)
def test_no_credit_and_no_access_leave_a_gateway_alone_after_the_first_message(kind: FaultKind) -> None:
    lanes = Lanes()
    lanes.break_down(lanes.main, kind)
    for _ in range(5):
        lanes.give()
    assert lanes.counts() == (1, 5)


@pytest.mark.parametrize("kind", OF_THE_MESSAGE)
def test_a_message_that_is_refused_for_itself_tells_nothing_of_the_gateway(kind: FaultKind) -> None:
    lanes = Lanes()
    lanes.break_down(lanes.main, kind)
    for _ in range(3 * FAILURES):
        lanes.give()
    assert lanes.counts() == (3 * FAILURES, 3 * FAILURES)


def test_a_gateway_that_is_left_alone_is_an_alarm_in_the_log_once(capsys: pytest.CaptureFixture[str]) -> None:
    lanes = Lanes()
    lanes.break_down(lanes.main, FaultKind.ACCESS, "status 401")
    for _ in range(5):
        lanes.give()
    logged = capsys.readouterr().out
    assert logged.count("gateway_opened") == 1
    assert "status 401" in logged
