"""What a report makes of a message, in whichever state and order it comes."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recovery_site.domain.messages import FaultKind, Message, MessageState, Report
from recovery_site.domain.reports import after_report, passing_over
from tests.contracts.rows import MINUTE, message
from tests.fakes import NOON

S = MessageState
LATER = NOON + timedelta(seconds=20)
REPORTED = (S.SENT, S.DELIVERED, S.FAILED)


def held(state: MessageState, **changed: object) -> Message:
    """Return a message that "main" has, or had."""
    common = {"gateway": "main", "attempts": 1, "due_at": NOON + MINUTE, **changed}
    if state is S.SENT:
        common = {"accepted_at": NOON, "finished_at": NOON, **common}
    return message(state=state, **common)


def after(
    before: Message, state: MessageState, gateway: str = "main", *, others: bool = False, **report: object
) -> Message:
    """Return the message after the report, whether or not it told anything new."""
    return after_report(before, gateway, Report(state, "m", **report), LATER, others=others) or before


# --- every state, every report ----------------------------------------------------------------------------------------

OUTCOMES = {
    (S.QUEUED, S.SENT): S.QUEUED, (S.QUEUED, S.DELIVERED): S.DELIVERED, (S.QUEUED, S.FAILED): S.QUEUED,
    (S.SENDING, S.SENT): S.SENT, (S.SENDING, S.DELIVERED): S.DELIVERED, (S.SENDING, S.FAILED): S.FAILED,
    (S.SENT, S.SENT): S.SENT, (S.SENT, S.DELIVERED): S.DELIVERED, (S.SENT, S.FAILED): S.FAILED,
    (S.DELIVERED, S.SENT): S.DELIVERED, (S.DELIVERED, S.DELIVERED): S.DELIVERED, (S.DELIVERED, S.FAILED): S.DELIVERED,
    (S.FAILED, S.SENT): S.FAILED, (S.FAILED, S.DELIVERED): S.DELIVERED, (S.FAILED, S.FAILED): S.FAILED,
    (S.EXPIRED, S.SENT): S.SENT, (S.EXPIRED, S.DELIVERED): S.DELIVERED, (S.EXPIRED, S.FAILED): S.EXPIRED,
}  # fmt: skip
"""After a report of the message's own gateway, where no other gateway is left and the fault stays."""


@pytest.mark.parametrize(("before", "reported"), OUTCOMES)
def test_each_report_leads_from_each_state_where_it_should(before: MessageState, reported: MessageState) -> None:
    assert after(held(before), reported, kind=FaultKind.NUMBER).state is OUTCOMES[before, reported]


def test_the_table_above_leaves_nothing_out() -> None:
    assert set(OUTCOMES) == {(before, reported) for before in S for reported in REPORTED}


@pytest.mark.parametrize("reported", [S.QUEUED, S.SENDING, S.EXPIRED])
@pytest.mark.parametrize("before", S)
def test_a_report_of_something_that_no_gateway_can_know_tells_nothing(
    before: MessageState, reported: MessageState
) -> None:
    assert after_report(held(before), "main", Report(reported, "m"), LATER, others=True) is None


@pytest.mark.parametrize("reported", REPORTED)
@pytest.mark.parametrize("before", S)
def test_the_second_of_two_equal_reports_tells_nothing(before: MessageState, reported: MessageState) -> None:
    once = after(held(before), reported, kind=FaultKind.NUMBER)
    assert after_report(once, "main", Report(reported, "m", kind=FaultKind.NUMBER), LATER, others=False) is None


# --- what is written down ---------------------------------------------------------------------------------------------


def test_the_acceptance_is_written_down_with_its_time_and_an_old_fault_is_forgotten() -> None:
    told = after(held(S.SENDING, handed_at=NOON, fault="backup: busy", fault_kind=FaultKind.BUSY), S.SENT)
    assert (told.state, told.accepted_at, told.finished_at) == (S.SENT, LATER, LATER)
    assert (told.fault, told.fault_kind) == (None, None)


def test_the_acceptance_is_written_down_with_the_gateway_that_reports_it() -> None:
    assert after(held(S.SENDING, gateway=None), S.SENT, "backup").gateway == "backup"


def test_an_arrival_keeps_the_time_of_the_acceptance() -> None:
    told = after(held(S.SENT), S.DELIVERED)
    assert (told.accepted_at, told.finished_at) == (NOON, LATER)


def test_an_arrival_without_a_report_of_the_acceptance_counts_as_both() -> None:
    told = after(held(S.SENDING, handed_at=NOON), S.DELIVERED)
    assert (told.accepted_at, told.finished_at) == (LATER, LATER)


def test_a_failure_says_which_gateway_and_why_and_is_cut_to_what_the_table_holds() -> None:
    told = after(held(S.SENT), S.FAILED, kind=FaultKind.NUMBER, reason="x" * 500)
    assert (told.fault_kind, told.failures, told.accepted_at, told.finished_at) == (FaultKind.NUMBER, 1, None, LATER)
    assert told.fault == f"main: {'x' * 194}"
    assert after(held(S.SENT), S.FAILED, kind=FaultKind.TEXT).fault == "main: text"


# --- the next gateway -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("before", [S.SENDING, S.SENT])
@pytest.mark.parametrize("kind", FaultKind)
def test_a_failure_sends_the_message_on_at_once_to_a_gateway_that_is_left(
    before: MessageState, kind: FaultKind
) -> None:
    told = after(held(before, handed_at=NOON), S.FAILED, others=True, kind=kind)
    assert (told.state, told.due_at, told.refused_by) == (S.QUEUED, LATER, {"main"})
    assert (told.handed_at, told.accepted_at, told.finished_at) == (None, None, None)


@pytest.mark.parametrize("kind", FaultKind)
def test_without_another_gateway_only_a_fault_that_may_pass_is_tried_again_and_later(kind: FaultKind) -> None:
    told = after(held(S.SENDING, handed_at=NOON), S.FAILED, kind=kind)
    if not kind.is_passing:
        assert told.state is S.FAILED
        return
    assert (told.state, told.refused_by) == (S.QUEUED, frozenset())
    assert LATER < told.due_at <= LATER + timedelta(seconds=10)


@pytest.mark.parametrize("kind", FaultKind)
def test_what_a_carrier_had_is_never_given_to_the_same_one_again(kind: FaultKind) -> None:
    assert after(held(S.SENT), S.FAILED, kind=kind).state is S.FAILED


@pytest.mark.parametrize("others", [False, True])
@pytest.mark.parametrize("before", [S.SENDING, S.SENT])
def test_nothing_is_tried_again_after_the_deadline(before: MessageState, others: bool) -> None:
    told = after(held(before, deadline=LATER), S.FAILED, others=others, kind=FaultKind.BUSY)
    assert (told.state, told.finished_at) == (S.FAILED, LATER)


# --- out of order -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("reported", [S.SENT, S.FAILED])
def test_a_late_report_of_a_gateway_that_lost_the_message_tells_nothing(reported: MessageState) -> None:
    with_backup = held(S.SENT, gateway="backup", passed_over="main")
    assert after_report(with_backup, "main", Report(reported, "m"), LATER, others=False) is None


def test_a_late_arrival_from_a_gateway_that_lost_the_message_is_the_truth_all_the_same() -> None:
    told = after(held(S.SENDING, gateway="backup", passed_over="main"), S.DELIVERED, "main")
    assert (told.state, told.gateway) == (S.DELIVERED, "main")


@pytest.mark.parametrize(("reported", "state"), [(S.SENT, S.SENT), (S.FAILED, S.FAILED)])
def test_a_report_may_overtake_the_first_acceptance(reported: MessageState, state: MessageState) -> None:
    told = after(held(S.SENDING, gateway=None), reported, kind=FaultKind.NUMBER)
    assert told.state is state


@pytest.mark.parametrize(("reported", "state"), [(S.SENT, S.SENT), (S.FAILED, S.FAILED)])
def test_a_report_of_the_next_gateway_may_overtake_its_acceptance(reported: MessageState, state: MessageState) -> None:
    handing_on = held(S.SENDING, gateway="main", passed_over="main", handed_at=None)
    assert after(handing_on, reported, "backup", kind=FaultKind.NUMBER).state is state


def test_a_failure_of_a_gateway_that_was_passed_over_does_not_stop_the_next_one() -> None:
    handing_on = held(S.SENDING, gateway="main", passed_over="main", handed_at=None)
    assert after_report(handing_on, "main", Report(S.FAILED, "m"), LATER, others=True) is None


def test_a_gateway_that_does_not_have_the_message_cannot_say_what_becomes_of_it() -> None:
    kept = held(S.SENDING, handed_at=NOON)
    for reported in (S.SENT, S.FAILED):
        assert after_report(kept, "backup", Report(reported, "m"), LATER, others=True) is None


REPORTS = st.tuples(st.sampled_from(REPORTED), st.sampled_from(["main", "backup"]), st.sampled_from(FaultKind))


@given(st.sampled_from(S), st.lists(REPORTS, max_size=8), st.booleans())
def test_whatever_is_reported_an_arrival_stays_and_the_times_agree_with_the_state(
    state: MessageState, told: Sequence[tuple[MessageState, str, FaultKind]], others: bool
) -> None:
    now, arrived = held(state), state is S.DELIVERED
    if arrived:
        now = replace(now, accepted_at=NOON, finished_at=NOON)
    for reported, gateway, kind in told:
        changed = after_report(now, gateway, Report(reported, "m", kind=kind), LATER, others=others)
        assert changed is None or changed != now
        now = changed or now
        arrived = arrived or reported is S.DELIVERED
        assert (now.state is S.DELIVERED) is arrived
        if changed is not None:
            assert (now.finished_at is not None) is now.state.is_final
            assert (now.accepted_at is not None) is (now.state in (S.SENT, S.DELIVERED))


def test_an_arrival_forgets_the_fault_of_an_earlier_attempt() -> None:
    arrived = after(held(S.FAILED, fault="main: status 500", fault_kind=FaultKind.BUSY), S.DELIVERED)
    assert (arrived.fault, arrived.fault_kind) == (None, None)


def test_gateways_that_are_passed_over_are_listed_by_name() -> None:
    once = replace(held(S.SENDING), passed_over=passing_over(held(S.SENDING), "second"))
    assert once.passed_over == "second"
    assert passing_over(once, "main") == "main,second"
