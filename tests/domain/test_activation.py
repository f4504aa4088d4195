"""The clock of first passwords: six hours, true to the second, and what counts as a change in time."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recovery_site.domain.activation import SETTLING, Activation, ActivationRules, ActivationState, AskedBy, Asking
from tests.fakes import AN, NOON

HOUR = timedelta(hours=1)
SECOND = timedelta(seconds=1)
TICK = timedelta(microseconds=1)
END = NOON + 6 * HOUR

ASKING = Asking(AskedBy.DOCUMENT, "412/STTTT-CNTT", date(2026, 2, 27))


def begun(rules: ActivationRules | None = None, **changed: object) -> Activation:
    made = Activation.begin(
        ASKING, rules or ActivationRules(), NOON, activation_id="a", address=AN, reference="ABCD-2345", key_id="k",
        actor="quản trị",
    )  # fmt: skip
    return replace(made, **changed)  # type: ignore[arg-type]  # fields by name


def handed_out(**changed: object) -> Activation:
    return begun(password_set_at=NOON, **changed)


def test_an_account_has_six_hours_from_its_activation() -> None:
    assert begun().started_at == NOON
    assert begun().ends_at == NOON + timedelta(hours=6)


@pytest.mark.parametrize(
    ("at", "state"),
    [
        (NOON, ActivationState.RUNNING),
        (END - TICK, ActivationState.RUNNING),
        (END, ActivationState.OVERDUE),
        (END + TICK, ActivationState.OVERDUE),
        (END + timedelta(days=400), ActivationState.OVERDUE),
    ],
)
def test_the_clock_is_over_at_its_last_second_and_not_a_moment_before(at: datetime, state: ActivationState) -> None:
    assert handed_out().state(at, None) is state
    assert handed_out().state(at, NOON) is state


def test_a_clock_does_not_mind_in_which_zone_it_is_read() -> None:
    for zone in (ZoneInfo("Asia/Ho_Chi_Minh"), ZoneInfo("Europe/Berlin"), timezone(timedelta(hours=-11))):
        assert handed_out().state((END - TICK).astimezone(zone), None) is ActivationState.RUNNING
        assert handed_out().state(END.astimezone(zone), None) is ActivationState.OVERDUE


def test_a_night_on_which_summer_time_begins_is_no_shorter() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    begin = datetime(2026, 3, 29, 0, 30, tzinfo=berlin).astimezone(UTC)
    running = replace(handed_out(), started_at=begin, ends_at=ActivationRules().ends_at(begin), password_set_at=begin)
    # six hours by the sun are seven by the clock on the wall
    assert running.ends_at.astimezone(berlin).hour == 7
    assert running.state(running.ends_at - SECOND, None) is ActivationState.RUNNING


@pytest.mark.parametrize("changed_at", [NOON + SECOND, NOON + HOUR, END - TICK])
def test_a_change_in_the_mail_system_before_the_end_stops_the_clock_for_ever(changed_at: datetime) -> None:
    for now in (changed_at, END, END + timedelta(days=30)):
        assert handed_out().state(now, changed_at) is ActivationState.CHANGED


@pytest.mark.parametrize("changed_at", [END, END + SECOND, END + timedelta(days=3)])
def test_a_change_in_the_mail_system_after_the_end_came_too_late(changed_at: datetime) -> None:
    assert handed_out().state(changed_at, changed_at) is ActivationState.OVERDUE


@pytest.mark.parametrize("off", [timedelta(seconds=-7), timedelta(seconds=7), timedelta(minutes=-20)])
def test_a_directory_whose_clock_is_off_does_not_take_its_own_first_password_for_a_change(off: timedelta) -> None:
    told = NOON + off
    running = begun(password_set_at=told)
    assert running.state(NOON + HOUR, told) is ActivationState.RUNNING
    assert running.state(NOON + HOUR, told + SECOND) is ActivationState.CHANGED


def test_while_nobody_knows_when_the_first_password_was_set_a_minute_is_left_for_it_to_settle() -> None:
    unfinished = begun()
    assert unfinished.password_set_at is None
    for told in (NOON - timedelta(days=9), NOON, NOON + timedelta(seconds=8), NOON + SETTLING):
        assert unfinished.state(NOON + HOUR, told) is ActivationState.RUNNING
    assert unfinished.state(NOON + HOUR, NOON + SETTLING + SECOND) is ActivationState.CHANGED


def test_a_directory_that_tells_no_time_leaves_the_clock_to_the_site() -> None:
    assert handed_out().state(END, None) is ActivationState.OVERDUE
    assert handed_out().changed(NOON + HOUR).state(END, None) is ActivationState.CHANGED


def test_a_replaced_first_password_is_neither_running_nor_overdue_any_more() -> None:
    replaced = handed_out().replaced(NOON + HOUR)
    for now in (NOON + HOUR, END, END + HOUR):
        assert replaced.state(now, NOON + 2 * HOUR) is ActivationState.REPLACED


def test_one_that_was_locked_stays_overdue_though_the_clock_be_set_back() -> None:
    locked = handed_out(locked_at=END)
    assert locked.state(NOON + HOUR, NOON) is ActivationState.OVERDUE


@pytest.mark.parametrize(
    ("at", "wanted"),
    [
        (END - HOUR - TICK, False),
        (END - HOUR, True),
        (END - TICK, True),
        (END, False),
        (END + HOUR, False),
    ],
)
def test_the_reminder_belongs_to_the_last_hour(at: datetime, wanted: bool) -> None:
    assert handed_out().wants_reminder(at) is wanted


@pytest.mark.parametrize("done", ["reminded_at", "changed_at", "replaced_at"])
def test_nobody_is_reminded_twice_or_of_what_is_over(done: str) -> None:
    assert not handed_out(**{done: NOON + HOUR}).wants_reminder(END - SECOND)


def test_a_lifetime_shorter_than_the_reminder_reminds_at_once_and_not_before_the_beginning() -> None:
    short = ActivationRules(lifetime=timedelta(minutes=20), reminder=timedelta(hours=1))
    activation = begun(short)
    assert activation.reminds_at == NOON
    assert activation.wants_reminder(NOON)
    assert not activation.wants_reminder(NOON + timedelta(minutes=20))


def test_a_reminder_of_nothing_is_none() -> None:
    activation = begun(ActivationRules(reminder=timedelta(0)))
    assert not any(activation.wants_reminder(at) for at in (NOON, END - TICK, END))


@given(seconds=st.integers(-10 * 3600, 10 * 3600))
def test_what_is_left_and_the_state_never_contradict_each_other(seconds: int) -> None:
    now = NOON + seconds * SECOND
    left = handed_out().left(now)
    assert left == max(timedelta(0), END - now)
    assert (left == timedelta(0)) == (handed_out().state(now, None) is ActivationState.OVERDUE)


def test_how_an_account_was_asked_for_is_kept_word_for_word() -> None:
    by_telephone = Asking(AskedBy.TELEPHONE, caller="Lê Thị Bình, Văn phòng", called_at=NOON - HOUR)
    made = Activation.begin(
        by_telephone, ActivationRules(), NOON, activation_id="a", address=AN, reference="r", key_id="k", actor="op"
    )
    assert made.asking == by_telephone
    assert begun().asking == ASKING
