"""What a page may tell of a message: when it is likely to go, and whether more may become known."""

from dataclasses import replace
from datetime import timedelta
from itertools import product

import pytest

from recovery_site.domain.messages import Backlog, Channel, FaultKind, Message, MessageState
from recovery_site.flow.outcomes import Delivery
from recovery_site.flow.tracking import REPORTS_FOR
from tests.contracts.rows import message
from tests.fake_site import FakeSite, make_fake_site
from tests.fakes import NOON
from tests.flow.story import queue_code, the_message

S = MessageState
TEN_BEFORE = timedelta(seconds=10)


def told(site: FakeSite, of: Message | None) -> Delivery:
    with site.transactions() as tx:
        return site.tracking.told(tx, of, site.clock.now())


def waiting_site(ahead: int, *, accepted: int, within: int = 60, **rows: object) -> tuple[FakeSite, Message]:
    """Return a site whose queue has `ahead` messages before ours, after `accepted` went in `within` seconds."""
    site = make_fake_site()
    queue_code(site)
    mine = the_message(site)
    now = site.clock.now()
    for number in range(ahead):
        before = message(f"before-{number}", created_at=mine.created_at - TEN_BEFORE, **rows)
        site.transactions.rows.messages[before.id] = before
    for number in range(accepted):
        at = now - timedelta(seconds=within * (number + 1) / accepted)
        gone = message(f"gone-{number}", state=S.SENT, accepted_at=at)
        site.transactions.rows.messages[gone.id] = gone
    return site, mine


# --- when it is likely to go ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ahead", "per_second", "seconds"), [(0, 0, 0), (0, 5, 0), (10, 0, None), (10, 2, 5), (10, 0.5, 20), (1, 3, 0)]
)
def test_a_backlog_takes_as_long_as_the_gateways_real_rate_says(
    ahead: int, per_second: float, seconds: int | None
) -> None:
    assert Backlog(ahead, per_second).seconds == seconds


@pytest.mark.parametrize(("ahead", "expected"), [(0, None), (1, None), (4, 30), (5, 30), (30, 180), (300, 1800)])
def test_the_expectation_is_what_stands_before_it_at_the_latest_rate_rounded_up_to_tens(
    ahead: int, expected: int | None
) -> None:
    site, mine = waiting_site(ahead, accepted=10)  # one in six seconds
    assert told(site, mine).expected == expected


def test_only_the_last_twenty_acceptances_tell_the_rate() -> None:
    site, mine = waiting_site(10, accepted=20, within=100)
    assert told(site, mine).expected == 50
    old = message("old", state=S.SENT, accepted_at=site.clock.now() - timedelta(seconds=110))
    site.transactions.rows.messages["old"] = old
    assert told(site, mine).expected == 50


def test_nothing_is_promised_while_nothing_moves() -> None:
    site, mine = waiting_site(100, accepted=0)
    assert told(site, mine).expected is None


@pytest.mark.parametrize(
    "rows", [{"priority": 1}, {"channel": Channel.MAIL}, {"state": S.SENT}, {"created_at": NOON + TEN_BEFORE}]
)
def test_notices_letters_and_what_is_over_or_came_later_do_not_stand_before_a_code(rows: dict[str, object]) -> None:
    site, mine = waiting_site(0, accepted=10)
    for number in range(50):
        other = message(f"o{number}", **{"created_at": mine.created_at - TEN_BEFORE, **rows})
        site.transactions.rows.messages[other.id] = other
    assert told(site, mine).expected is None


@pytest.mark.parametrize("changed", [{"fault_kind": FaultKind.BUSY}, {"state": S.SENT}, {"state": S.FAILED}])
def test_a_message_with_a_fault_or_an_end_is_promised_nothing(changed: dict[str, object]) -> None:
    site, mine = waiting_site(30, accepted=10)
    assert told(site, replace(mine, **changed)).expected is None


# --- whether more may become known ------------------------------------------------------------------------------------


def may_change(*, reports: bool, later: timedelta = timedelta(), **changed: object) -> bool:
    site = make_fake_site()
    site.gateway.reports = reports
    of = replace(message(gateway="main", deadline=NOON), **changed)
    site.clock.pass_by(later.total_seconds())
    return told(site, of).may_change


@pytest.mark.parametrize("reports", [False, True])
@pytest.mark.parametrize("state", [S.QUEUED, S.SENDING])
def test_what_is_on_its_way_may_always_change(state: MessageState, reports: bool) -> None:
    assert may_change(reports=reports, state=state)


@pytest.mark.parametrize("state", [S.DELIVERED, S.FAILED, S.EXPIRED])
def test_what_has_ended_does_not_change_any_more(state: MessageState) -> None:
    assert not may_change(reports=True, state=state, accepted_at=NOON)


@pytest.mark.parametrize(
    "ended", [{"state": S.SENT, "accepted_at": NOON}, {"state": S.EXPIRED, "fault_kind": FaultKind.NO_REPORT}]
)
def test_a_report_is_awaited_for_three_minutes_from_a_gateway_that_gives_them(ended: dict[str, object]) -> None:
    assert may_change(reports=True, later=REPORTS_FOR - timedelta(seconds=1), **ended)
    assert not may_change(reports=True, later=REPORTS_FOR, **ended)
    assert not may_change(reports=False, **ended)
    assert not may_change(reports=True, gateway="gone", **ended)


def test_a_recovery_without_a_message_has_nothing_to_tell() -> None:
    assert told(make_fake_site(), None) == Delivery(S.EXPIRED)


def test_the_page_is_told_of_fault_and_acceptance() -> None:
    site = make_fake_site()
    of = message(state=S.SENT, accepted_at=NOON, fault_kind=FaultKind.BUSY)
    shown = told(site, of)
    assert (shown.state, shown.accepted_at, shown.fault) == (S.SENT, NOON, FaultKind.BUSY)


# --- the stamp --------------------------------------------------------------------------------------------------------


def test_the_stamp_differs_wherever_the_page_differs() -> None:
    faults = (None, FaultKind.BUSY, FaultKind.NUMBER)
    shown = [
        Delivery(state, fault, expected=expected, may_change=change)
        for state, fault, expected, change in product((S.SENDING, S.SENT, S.FAILED), faults, (None, 10, 20), (0, 1))
    ]
    assert len({one.stamp for one in shown}) == len(shown)


def test_the_stamp_is_the_same_while_the_page_says_the_same() -> None:
    assert Delivery(S.QUEUED).stamp == Delivery(S.SENDING).stamp
    assert Delivery(S.SENT, accepted_at=NOON).stamp == Delivery(S.SENT).stamp


def test_the_stamp_goes_into_an_address_as_it_is_and_names_nobody() -> None:
    for state, fault in product(S, (None, *FaultKind)):
        stamp = Delivery(state, fault, expected=10, may_change=True).stamp
        assert stamp.replace("-", "").replace("_", "").isalnum()
