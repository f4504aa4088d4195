"""The document of 2015, sentence by sentence: the first password is changed at once, or the account is locked.

Each test has the words of the document that it holds the site to.
"""

import re

import pytest

from recovery_site.bootstrap import start_dispatchers
from recovery_site.domain.messages import FaultKind
from tests.fakes import GOOD_PASSWORD
from tests.peers.kannel import until
from tests.stories.accounts import (
    ACCOUNT,
    CALLED,
    CHANGE,
    NGOC,
    NGOCS_PHONE,
    NOT_FOUND,
    OVERDUE,
    PERSON,
    PLACES,
    REFUSED,
    SIGN_IN,
    WRITTEN,
    Province,
    on_both_directories,
    on_one_directory,
    password_in,
)


@pytest.fixture
def database_kind(place: str) -> str:
    return PLACES[place]


# --- "người dùng có trách nhiệm đổi ngay mật khẩu" --------------------------------------------------------------------


def test_with_the_first_password_the_one_way_on_is_to_change_it(province: Province) -> None:
    """Khi nhận được tài khoản, người dùng có trách nhiệm đổi ngay mật khẩu hộp thư."""
    slip = province.handed_out(*PERSON, *WRITTEN)
    province.clock.pass_by(minutes=48)
    browser = province.browser()
    browser.sign_in(NGOC, slip.password)
    for path in (CHANGE, ACCOUNT):
        page = browser.open(path)
        assert page.path == CHANGE
        assert "(còn 5 giờ 12 phút)" in page.notes[0]
    [deadline] = re.findall(r"trước (.+?);", slip.deadline)
    assert deadline in page.notes[0]
    same = browser.retype(slip.password, slip.password)
    assert same.errors == ["Mật khẩu mới giống mật khẩu hiện tại. Hãy chọn mật khẩu khác."]
    assert browser.retype(slip.password).path == ACCOUNT


def test_changed_within_the_hour_it_is_never_reminded_and_never_locked(province: Province) -> None:
    """… đổi ngay mật khẩu hộp thư."""
    slip = province.handed_out(*PERSON, *WRITTEN)
    province.clock.pass_by(minutes=59)
    browser = province.browser()
    browser.sign_in(NGOC, slip.password)
    browser.retype(slip.password)
    for _ in range(8):
        assert "0 reminded of, 0 changed in the mail system, 0 accounts locked" in province.sweep()
        province.clock.pass_by(hours=1)
    assert [text for text in province.reads(NGOCS_PHONE) if "mat khau dau tien" in text] == []
    assert browser.sign_in(NGOC, GOOD_PASSWORD).path == ACCOUNT
    assert province.mail.lets_in(NGOC, GOOD_PASSWORD)
    assert "can recover:           yes\n" in province.shown(NGOC)


def test_who_has_not_changed_it_is_reminded_once_an_hour_before_the_end(province: Province) -> None:
    """… có trách nhiệm đổi ngay mật khẩu hộp thư."""
    slip = province.handed_out(*PERSON, *WRITTEN)
    province.clock.pass_by(5 * 3600 - 1)
    assert "0 reminded of" in province.sweep()
    assert province.reads(NGOCS_PHONE) == []
    province.clock.pass_by(1)
    assert "1 reminded of" in province.sweep()
    assert "0 reminded of" in province.sweep()
    province.clock.pass_by(minutes=30)
    assert "0 reminded of" in province.sweep()
    [text] = province.reads(NGOCS_PHONE)
    assert text.startswith("Thu cong vu ngoc.thach: hay doi mat khau dau tien truoc ")
    assert slip.password not in text
    browser = province.browser()
    browser.sign_in(NGOC, slip.password)
    assert browser.retype(slip.password).path == ACCOUNT


@on_both_directories
def test_who_lost_the_slip_recovers_in_time_by_the_contact_phone_and_that_counts(province: Province) -> None:
    """… đổi ngay mật khẩu hộp thư."""
    slip = province.handed_out(*PERSON, *WRITTEN)
    province.clock.pass_by(hours=5.9)
    browser = province.browser()
    assert browser.recover(NGOC).heading == "Thành công!"
    province.clock.pass_by(hours=2)
    assert "0 accounts locked" in province.sweep()
    assert browser.sign_in(NGOC, GOOD_PASSWORD).path == ACCOUNT
    assert not province.mail.lets_in(NGOC, slip.password)


@on_both_directories
def test_a_first_password_that_a_carrier_kept_waiting_is_not_sent_once_there_is_a_newer_one(province: Province) -> None:
    """Khi nhận được tài khoản …: what is received is the account's password."""
    province.gateway.fault, province.gateway.kind = "busy", FaultKind.UNREACHABLE
    province.done("accounts", "grant", *PERSON, *CALLED, "--sms")
    assert province.reads(NGOCS_PHONE) == []
    province.clock.pass_by(hours=1)
    province.done("accounts", "grant-again", NGOC, "--sms")
    province.gateway.fault = ""
    [text] = province.reads(NGOCS_PHONE)
    assert province.browser().sign_in(NGOC, password_in(text)).path == CHANGE


@on_one_directory
def test_a_first_password_is_not_sent_any_more_after_its_end(province: Province) -> None:
    """Sau 6 tiếng đồng hồ từ khi kích hoạt …"""
    province.gateway.fault, province.gateway.kind = "busy", FaultKind.UNREACHABLE
    province.done("accounts", "grant", *PERSON, *CALLED, "--sms")
    assert province.reads(NGOCS_PHONE) == []
    province.clock.pass_by(hours=6)
    province.gateway.fault = ""
    assert province.reads(NGOCS_PHONE) == []


# --- "Sau 6 tiếng đồng hồ … sẽ bị khóa lại" ---------------------------------------------------------------------------


def test_it_is_locked_at_six_hours_to_the_second_though_nothing_has_run(province: Province) -> None:
    """Sau 6 tiếng đồng hồ từ khi kích hoạt, tài khoản không được thay mật khẩu mới sẽ bị khóa lại."""
    slip = province.handed_out(*PERSON, *WRITTEN)
    province.clock.pass_by(6 * 3600 - 1)
    province.restart()
    browser = province.browser()
    assert browser.sign_in(NGOC, slip.password).path == CHANGE
    province.clock.pass_by(1)
    assert province.mail.lets_in(NGOC, slip.password), "nothing has run that could have told the mail system"
    assert browser.retype(slip.password).path == SIGN_IN
    assert province.browser().sign_in(NGOC, slip.password).errors == [REFUSED]
    assert province.browser().begin(NGOC).errors == [NOT_FOUND]
    assert province.gateway.asked == []
    shown = province.shown(NGOC)
    assert "status:                overdue\n" in shown
    assert f"can recover:           no: {OVERDUE}\n" in shown
    assert province.mail.lets_in(NGOC, slip.password)


def test_a_site_that_was_down_for_a_day_locks_the_mail_system_when_it_starts(province: Province) -> None:
    """… sẽ bị khóa lại."""
    slip = province.handed_out(*PERSON, *WRITTEN)
    province.clock.pass_by(hours=24)
    assert province.mail.lets_in(NGOC, slip.password)
    province.restart()
    stop = start_dispatchers(province.website.services)
    try:
        until("the mail system is locked", lambda: not province.mail.lets_in(NGOC, slip.password))
    finally:
        stop()
    assert province.browser().sign_in(NGOC, slip.password).errors == [REFUSED]
    assert province.browser().begin(NGOC).errors == [NOT_FOUND]
    assert f"can recover:           no: {OVERDUE}\n" in province.shown(NGOC)
    assert "first password overdue: 1" in province.done("accounts", "check")
    assert province.reads(NGOCS_PHONE) == [], "it is too late to remind anybody"
    assert "0 accounts locked" in province.sweep()


@on_both_directories
def test_once_locked_it_stays_so_though_the_clock_of_the_machine_be_set_back(province: Province) -> None:
    """… sẽ bị khóa lại."""
    slip = province.handed_out(*PERSON, *WRITTEN)
    province.clock.pass_by(hours=6)
    assert "1 accounts locked" in province.sweep()
    province.clock.pass_by(hours=-3)
    assert province.browser().sign_in(NGOC, slip.password).errors == [REFUSED]
    assert province.browser().begin(NGOC).errors == [NOT_FOUND]
    assert not province.mail.lets_in(NGOC, slip.password)


@on_both_directories
def test_one_that_an_operator_locked_gets_the_same_answers_and_the_help_desk_another_reason(
    province: Province,
) -> None:
    """… sẽ bị khóa lại: for whoever asks, locked is locked; who helps has to know why."""
    slip = province.handed_out(*PERSON, *WRITTEN)
    browser = province.browser()
    browser.sign_in(NGOC, slip.password)
    browser.retype(slip.password)
    province.website.services.adapters.directory.lock(NGOC)
    assert browser.open(ACCOUNT).path == SIGN_IN
    assert browser.sign_in(NGOC, GOOD_PASSWORD).errors == [REFUSED]
    assert browser.begin(NGOC).errors == [NOT_FOUND]
    assert "can recover:           no: the account is locked\n" in province.shown(NGOC)


def test_granted_again_it_opens_with_the_new_slip_for_another_six_hours(province: Province) -> None:
    """… tài khoản không được thay mật khẩu mới sẽ bị khóa lại: until it is handed out again."""
    old = province.handed_out(*PERSON, *WRITTEN)
    province.clock.pass_by(hours=7)
    assert "1 accounts locked" in province.sweep()
    new = province.handed_out(NGOC, command="grant-again")
    assert new.password != old.password
    browser = province.browser()
    assert browser.sign_in(NGOC, old.password).errors == [REFUSED]
    assert not province.mail.lets_in(NGOC, old.password)
    province.clock.pass_by(hours=5)
    assert "1 reminded of" in province.sweep()
    assert browser.sign_in(NGOC, new.password).path == CHANGE
    assert browser.retype(new.password).path == ACCOUNT
    province.clock.pass_by(hours=7)
    assert "0 accounts locked" in province.sweep()
    assert province.mail.lets_in(NGOC, GOOD_PASSWORD)


def test_granted_again_and_not_changed_again_it_is_locked_again(province: Province) -> None:
    """Sau 6 tiếng đồng hồ từ khi kích hoạt …"""
    province.handed_out(*PERSON, *WRITTEN)
    province.clock.pass_by(hours=5.5)
    province.done("accounts", "grant-again", NGOC, *CALLED, "--sms")
    first = password_in(province.reads(NGOCS_PHONE)[-1])
    province.clock.pass_by(hours=1)
    assert "0 accounts locked" in province.sweep()
    assert province.browser().sign_in(NGOC, first).path == CHANGE
    province.clock.pass_by(hours=5)
    assert "1 accounts locked" in province.sweep()
    assert not province.mail.lets_in(NGOC, first)
