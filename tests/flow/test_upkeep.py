"""What the clock does by itself: reminded an hour before, locked at six hours, each of it once."""

from datetime import timedelta

import pytest

from recovery_site.domain.activation import ActivationRules
from recovery_site.domain.audit import OWNER, SYSTEM, EventKind
from recovery_site.domain.messages import Channel, MessageKind, MessageState, PasswordChange
from recovery_site.domain.people import AccountStatus
from recovery_site.flow.upkeep import Swept
from tests.fake_site import FakeSite, make_fake_site
from tests.fakes import NOON
from tests.flow.handing_out import (
    NEW,
    OPERATOR,
    change,
    changed_in_the_mail_system,
    events,
    grant,
    kinds,
    make_stumbling_site,
    sign_in,
    team,
    the_clock,
)
from tests.flow.story import messages_of


class FakeHook:
    """Remembers what it was told."""

    def __init__(self) -> None:
        self.told: list[PasswordChange] = []

    def tell(self, change: PasswordChange) -> None:
        self.told.append(change)

    def check(self) -> None:
        pass


@pytest.fixture
def site() -> FakeSite:
    return make_stumbling_site()


def directory_status(site: FakeSite, address: str = NEW) -> AccountStatus:
    """Return what the mail system itself says."""
    return site.directory.accounts[address].status


# --- reminded ---------------------------------------------------------------------------------------------------------


def test_nothing_is_due_in_the_first_five_hours(site: FakeSite) -> None:
    grant(site)
    for _ in range(5):
        assert site.upkeep.sweep() == Swept()
        site.clock.pass_by(minutes=59, seconds=59)
    assert messages_of(site) == []


def test_an_hour_before_the_end_the_contact_phone_is_reminded_once_and_by_when(site: FakeSite) -> None:
    grant(site, team(3))
    site.clock.pass_by(hours=5)
    assert site.upkeep.sweep() == Swept(reminded=1)
    site.clock.pass_by(minutes=1)
    assert site.upkeep.sweep() == Swept()
    site.deliver_all()
    [(to, sms)] = site.gateway.accepted
    assert to == team(3).phones[0].number
    assert "18:00 02/03" in sms.text.reveal()
    assert "doan-kiem-tra" in sms.text.reveal()
    assert sms.life == timedelta(minutes=59)
    reminder = events(site, team(3).address)[-1]
    assert (reminder.kind, reminder.actor) == (EventKind.REMINDED, SYSTEM)


def test_the_contact_is_told_in_whatever_order_the_directory_gives_the_numbers_back(site: FakeSite) -> None:
    group = team(3)
    contact = group.phones[0]
    grant(site, group, by_sms=True)
    site.deliver_all()
    site.directory.set_phones(group.address, tuple(reversed(group.phones)))
    site.clock.pass_by(hours=5)
    site.upkeep.sweep()
    site.deliver_all()
    site.provision.grant_again(group.address, OPERATOR, by_sms=True)
    site.deliver_all()
    assert [to for to, _ in site.gateway.accepted] == [contact.number] * 3


def test_a_contact_who_has_left_is_not_told_and_the_next_one_is(site: FakeSite) -> None:
    group = team(3)
    grant(site, group)
    site.directory.set_phones(group.address, group.phones[1:])
    site.clock.pass_by(hours=5)
    site.upkeep.sweep()
    site.deliver_all()
    assert [to for to, _ in site.gateway.accepted] == [group.phones[1].number]


def test_who_has_changed_the_password_is_not_reminded(site: FakeSite) -> None:
    granted = grant(site)
    change(site, sign_in(site, NEW, granted.password.reveal()), granted.password.reveal())
    site.clock.pass_by(hours=5)
    assert site.upkeep.sweep() == Swept()
    assert MessageKind.REMINDER not in [one.kind for one in messages_of(site)]


def test_a_reminder_that_waits_for_a_gateway_is_not_sent_when_the_password_was_changed_meanwhile(
    site: FakeSite,
) -> None:
    granted = grant(site)
    site.clock.pass_by(hours=5)
    site.upkeep.sweep()
    change(site, sign_in(site, NEW, granted.password.reveal()), granted.password.reveal())
    site.deliver_all()
    [reminder] = [one for one in messages_of(site) if one.kind is MessageKind.REMINDER]
    assert reminder.state is MessageState.EXPIRED


def test_a_clock_shorter_than_the_reminder_reminds_at_once() -> None:
    site = make_fake_site(activation=ActivationRules(timedelta(minutes=30), timedelta(hours=1)))
    grant(site)
    assert site.upkeep.sweep() == Swept(reminded=1)


# --- locked -----------------------------------------------------------------------------------------------------------


def test_at_six_hours_the_account_is_locked_in_the_mail_system_too(site: FakeSite) -> None:
    granted = grant(site)
    site.clock.pass_by(hours=6)
    assert site.upkeep.sweep() == Swept(locked=1)
    assert directory_status(site) is AccountStatus.LOCKED
    assert not site.directory.check_password(NEW, granted.password)


def test_a_lock_is_written_down_once_however_often_is_swept(site: FakeSite) -> None:
    grant(site)
    site.clock.pass_by(hours=6)
    for _ in range(3):
        site.upkeep.sweep()
        site.clock.pass_by(minutes=1)
    assert kinds(site) == [EventKind.GRANTED, EventKind.LOCKED_OVERDUE]
    assert events(site)[-1].actor == SYSTEM
    assert the_clock(site).locked_at == NOON + timedelta(hours=6)


def test_a_lock_ends_the_sessions_and_tells_dovecot_which_may_remember_the_password() -> None:
    dovecot, webhook = FakeHook(), FakeHook()
    site = make_fake_site(hooks={Channel.DOVECOT: dovecot, Channel.WEBHOOK: webhook})
    granted = grant(site)
    sign_in(site, NEW, granted.password.reveal())
    site.clock.pass_by(hours=6)
    site.upkeep.sweep()
    site.deliver_all()
    assert site.transactions.rows.sessions == {}
    assert [told.address for told in dovecot.told] == [NEW]
    assert webhook.told == []


def test_a_process_that_was_down_for_a_day_locks_when_it_comes_back_and_reminds_nobody_any_more(
    site: FakeSite,
) -> None:
    grant(site)
    site.clock.pass_by(hours=30)
    assert site.upkeep.sweep() == Swept(locked=1)
    assert messages_of(site) == []
    assert kinds(site) == [EventKind.GRANTED, EventKind.LOCKED_OVERDUE]


def test_an_account_that_an_operator_had_locked_is_overdue_too(site: FakeSite) -> None:
    grant(site)
    site.directory.lock(NEW)
    site.clock.pass_by(hours=6)
    assert site.upkeep.sweep() == Swept(locked=1)
    site.directory.unlock(NEW)
    found = site.activated.find(NEW)
    assert found is not None
    assert found.status is AccountStatus.OVERDUE


# --- changed elsewhere ------------------------------------------------------------------------------------------------


def test_a_change_in_the_mail_system_itself_counts_and_is_written_down_with_its_time(site: FakeSite) -> None:
    grant(site)
    site.clock.pass_by(hours=2)
    changed_in_the_mail_system(site, NEW)
    site.clock.pass_by(hours=3)
    assert site.upkeep.sweep() == Swept(changed=1)
    assert site.upkeep.sweep() == Swept()
    assert the_clock(site).changed_at == NOON + timedelta(hours=2)
    last = events(site)[-1]
    assert (last.kind, last.actor) == (EventKind.FIRST_PASSWORD_CHANGED, OWNER)
    assert last.at == NOON + timedelta(hours=2)
    site.clock.pass_by(hours=2)
    assert site.upkeep.sweep() == Swept()
    assert directory_status(site) is AccountStatus.ACTIVE


def test_a_change_in_the_mail_system_in_the_last_minute_is_found_by_a_sweep_that_comes_after_the_end(
    site: FakeSite,
) -> None:
    grant(site)
    site.clock.pass_by(hours=6, seconds=-1)
    changed_in_the_mail_system(site, NEW)
    site.clock.pass_by(minutes=2)
    assert site.upkeep.sweep() == Swept(changed=1)
    assert directory_status(site) is AccountStatus.ACTIVE


def test_a_change_in_the_mail_system_after_the_end_is_too_late(site: FakeSite) -> None:
    grant(site)
    site.clock.pass_by(hours=6)
    changed_in_the_mail_system(site, NEW)
    assert site.upkeep.sweep() == Swept(locked=1)
    assert directory_status(site) is AccountStatus.LOCKED
