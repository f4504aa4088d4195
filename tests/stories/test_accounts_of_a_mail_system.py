"""Accounts that are handed out in a mail system of its own mind: its people and its operators change things there."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.fakes import AN, BINH, GOOD_PASSWORD, OLD_PASSWORD
from tests.peers import slapd
from tests.peers.kannel import until
from tests.stories.accounts import (
    ACCOUNT,
    CALLED,
    CHANGE,
    NGOC,
    NGOCS_PHONE,
    OVERDUE,
    PERSON,
    REFUSED,
    WRITTEN,
    LdapMail,
    Province,
)


@pytest.fixture(params=["OpenLDAP"])
def place(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def database_kind() -> str:
    """The accounts are not in it."""
    return "sqlite"


@pytest.fixture
def mail(province: Province) -> LdapMail:
    assert isinstance(province.mail, LdapMail)
    return province.mail


def changed_at(mail: LdapMail, address: str) -> datetime:
    [stamp] = mail.server.read(slapd.dn_of(address), "pwdChangedTime")
    return datetime.strptime(stamp.decode()[:14], "%Y%m%d%H%M%S").replace(tzinfo=UTC)


def change_there(mail: LdapMail, old: str) -> None:
    """Change the password where the mail system is, a second later than it was set by that system's own clock."""
    given_out = changed_at(mail, NGOC)
    until("its clock goes on", lambda: datetime.now(UTC) >= given_out + timedelta(seconds=1))
    mail.change_password(NGOC, old, GOOD_PASSWORD)
    assert changed_at(mail, NGOC) > given_out


def test_a_password_changed_in_the_mail_system_itself_counts_as_changed(province: Province, mail: LdapMail) -> None:
    slip = province.handed_out(*PERSON, *WRITTEN)
    browser = province.browser()
    assert browser.sign_in(NGOC, slip.password).path == CHANGE
    change_there(mail, slip.password)
    assert browser.open(ACCOUNT).path == ACCOUNT
    province.clock.pass_by(hours=5)
    assert "0 reminded of, 1 changed in the mail system, 0 accounts locked" in province.sweep()
    province.clock.pass_by(hours=5)
    assert "0 reminded of, 0 changed in the mail system, 0 accounts locked" in province.sweep()
    assert province.reads(NGOCS_PHONE) == []
    assert mail.lets_in(NGOC, GOOD_PASSWORD)
    assert province.browser().sign_in(NGOC, GOOD_PASSWORD).path == ACCOUNT


def test_one_changed_there_is_not_locked_though_nobody_looked_before_the_end(
    province: Province, mail: LdapMail
) -> None:
    slip = province.handed_out(*PERSON, *WRITTEN)
    change_there(mail, slip.password)
    province.clock.pass_by(hours=30)
    province.restart()
    assert province.browser().sign_in(NGOC, GOOD_PASSWORD).path == ACCOUNT
    assert "1 changed in the mail system, 0 accounts locked" in province.sweep()
    assert "can recover:           yes\n" in province.shown(NGOC)


def test_one_changed_there_after_the_end_comes_too_late(province: Province, mail: LdapMail) -> None:
    slip = province.handed_out(*PERSON, *WRITTEN)
    province.clock.pass_by(hours=7)
    mail.change_password(NGOC, slip.password, GOOD_PASSWORD)
    mail.server.change(slapd.dn_of(NGOC), pwdChangedTime=f"{province.clock.now():%Y%m%d%H%M%SZ}")
    assert province.browser().sign_in(NGOC, GOOD_PASSWORD).errors == [REFUSED]
    assert "1 accounts locked" in province.sweep()
    assert not mail.lets_in(NGOC, GOOD_PASSWORD)
    assert OVERDUE in province.shown(NGOC)


def test_an_entry_that_is_there_already_and_tells_of_no_password_change_may_be_handed_out(
    province: Province, mail: LdapMail
) -> None:
    words = (AN, "--name", "Trần Văn An", "--unit", "Văn phòng UBND", "--phone", NGOCS_PHONE)
    slip = province.handed_out(*words, *WRITTEN)
    assert not mail.lets_in(AN, OLD_PASSWORD)
    assert province.browser().sign_in(AN, slip.password).path == CHANGE
    assert "phones:                0369XXX147\n" in province.shown(AN), "the number of the request"
    province.clock.pass_by(hours=6)
    assert "1 accounts locked" in province.sweep()
    assert not mail.lets_in(AN, slip.password)
    assert province.mail.lets_in(BINH, OLD_PASSWORD)


def test_an_account_that_is_in_use_is_not_handed_out(province: Province, mail: LdapMail) -> None:
    mail.change_password(AN, OLD_PASSWORD, GOOD_PASSWORD)
    for asked in (WRITTEN, CALLED):
        reasons = province.refused("accounts", "grant", AN, *PERSON[1:], *asked, "--sms")
        assert reasons == f"{AN}: it is in use, with a password of its own\n"
    assert mail.lets_in(AN, GOOD_PASSWORD)
    assert "phones:                0393XXX121\n" in province.shown(AN)
    assert province.reads(NGOCS_PHONE) == []
