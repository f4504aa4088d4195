"""After a reset: an SMS to every phone and a letter to the mailbox, never before a code, never in its way."""

import pytest

from recovery_site.domain.messages import Channel, FaultKind, Letter, Message, MessageKind, MessageState, Sms
from recovery_site.flow.notices import LIFETIME
from recovery_site.ports import PasswordRefused, PolicyProblem
from tests.fake_site import FakeSite, make_fake_site
from tests.fakes import AN, BINH, GROUP, FakeGateway, FakeMailer
from tests.flow.story import CLIENT, begin, begin_with_code, messages_of, recovery_of, submit


def changed_site(
    typed: str = AN, mailer: FakeMailer | None = None, backup: FakeGateway | None = None, contact_phone: str = ""
) -> FakeSite:
    """Return a site where a password has just been changed; the notices wait."""
    site = make_fake_site(mailer=mailer, backup=backup, contact_phone=contact_phone)
    browser = begin(site, typed)
    choice = site.recover.choices(recovery_of(site, browser))[0]
    site.recover.confirm(browser, choice.phone, CLIENT)
    submit(site, browser, site.gateway.last_code())
    site.gateway.accepted.clear()
    site.gateway.asked.clear()
    return site


def notices(site: FakeSite, channel: Channel = Channel.SMS) -> list[Message]:
    mine = [one for one in messages_of(site) if one.kind is MessageKind.PASSWORD_CHANGED]
    return [one for one in mine if one.channel is channel]


# --- who is told ------------------------------------------------------------------------------------------------------


def test_every_phone_of_the_account_gets_one_sms_with_time_contact_and_reference() -> None:
    site = changed_site(GROUP, contact_phone="0299 3821 001")
    site.deliver_all()
    assert sorted(to.local for to, _ in site.gateway.accepted) == ["0833111222", "0833111333"]
    for text in site.gateway.texts():
        assert text == (
            "Thu cong vu cua ban vua doi mat khau luc 12:00 02/03. Neu khong phai ban, goi ngay 0299 3821 001. "
            f"Ma ho tro: {notices(site)[0].reference}"
        )
    assert not [sms for _, sms in site.gateway.accepted if sms.code.reveal()]


def test_the_mailbox_gets_one_letter_where_there_is_a_mail_server() -> None:
    mailer = FakeMailer()
    site = changed_site(GROUP, mailer)
    site.deliver_all()
    [letter] = mailer.letters
    [row] = notices(site, Channel.MAIL)
    assert (letter.to, letter.message_id) == (GROUP, row.id)
    assert row.reference in letter.text
    assert (row.state, row.gateway, row.phone) == (MessageState.SENT, "mail", "")
    assert len(site.gateway.accepted) == 2


def test_without_a_mail_server_there_is_no_letter() -> None:
    assert notices(changed_site(), Channel.MAIL) == []


def test_a_mail_server_that_was_taken_out_of_the_settings_ends_the_letters_that_wait() -> None:
    site = make_fake_site(over=changed_site(mailer=FakeMailer()))
    site.deliver_all()
    [row] = notices(site, Channel.MAIL)
    assert (row.state, row.fault_kind) == (MessageState.FAILED, FaultKind.GONE)


def test_the_time_in_a_notice_is_the_changes_own_however_late_it_goes() -> None:
    site = changed_site()
    site.clock.pass_by(hours=3)
    site.deliver_all()
    assert "luc 12:00 02/03" in site.gateway.texts()[0]


def test_a_change_that_failed_tells_nobody() -> None:
    site = make_fake_site(mailer=FakeMailer())
    browser, code = begin_with_code(site)
    site.directory.refuses_passwords = PolicyProblem.IN_HISTORY
    with pytest.raises(PasswordRefused):
        submit(site, browser, code)
    assert notices(site) == notices(site, Channel.MAIL) == []


def test_a_number_that_was_replaced_right_after_the_change_is_not_told() -> None:
    site = changed_site()
    site.directory.give_number(AN, "0912999888")
    site.deliver_all()
    assert site.gateway.asked == []
    assert [one.state for one in notices(site)] == [MessageState.FAILED]


# --- codes first ------------------------------------------------------------------------------------------------------


def test_a_code_goes_before_every_notice_however_long_they_have_been_waiting() -> None:
    site = changed_site(GROUP, FakeMailer())
    site.clock.pass_by(60)
    site.clock.others = lambda: None
    site.recover.confirm(begin(site, BINH), "", CLIENT)
    site.deliver.send_next()
    [(to, sms)] = site.gateway.accepted
    assert (to.local, bool(sms.code.reveal())) == ("0912345678", True)
    assert [one.state for one in notices(site)] == [MessageState.QUEUED] * 2


def test_a_second_code_and_a_finished_recovery_withdraw_no_notice() -> None:
    site = changed_site()
    browser, code = begin_with_code(site)
    submit(site, browser, code)
    assert [one.state for one in notices(site)] == [MessageState.QUEUED] * 2


def test_a_mail_server_that_is_down_holds_up_no_code_and_no_other_notice() -> None:
    mailer = FakeMailer()
    mailer.fault = "ConnectionRefusedError"
    site = changed_site(mailer=mailer)
    site.deliver_all()
    assert [one.state for one in notices(site)] == [MessageState.SENT]
    assert begin_with_code(site, BINH)
    mailer.fault = ""
    site.clock.pass_by(5)
    site.deliver_all()
    assert len(mailer.letters) == 1


def test_while_one_letter_is_slow_the_next_one_waits_and_a_code_does_not() -> None:
    class SlowMailer(FakeMailer):
        def send(self, letter: Letter) -> None:
            while site.deliver.send_next():  # another dispatcher works meanwhile
                pass
            self.letters.append(letter)

    mailer = SlowMailer()
    site = changed_site(mailer=mailer)
    browser, code = begin_with_code(site, BINH)
    submit(site, browser, code)
    site.clock.others = lambda: None
    site.recover.confirm(begin(site), "", CLIENT)
    site.deliver_all()
    assert len(mailer.letters) == 1
    assert {one.state for one in messages_of(site) if one.channel is Channel.SMS} == {MessageState.SENT}
    assert [one.failures for one in notices(site, Channel.MAIL)] == [0, 0]
    site.clock.pass_by(1)
    site.deliver_all()
    assert len(mailer.letters) == 2


# --- how long, how often ----------------------------------------------------------------------------------------------


def test_a_letter_is_tried_again_with_the_same_id_for_a_day() -> None:
    mailer = FakeMailer()
    mailer.fault = "timeout"
    site = changed_site(mailer=mailer)
    for _ in range(20):
        site.deliver_all()
        site.clock.pass_by(60)
    [row] = notices(site, Channel.MAIL)
    assert (row.state, row.fault) == (MessageState.QUEUED, "mail: timeout")
    site.clock.pass_by(LIFETIME.total_seconds())
    site.deliver_all()
    [row] = notices(site, Channel.MAIL)
    assert (row.state, row.fault_kind) == (MessageState.FAILED, FaultKind.UNREACHABLE)


def test_a_mailbox_that_is_refused_for_good_is_not_tried_again() -> None:
    mailer = FakeMailer()
    mailer.fault, mailer.kind = "the mailbox is refused (550)", FaultKind.NUMBER
    site = changed_site(mailer=mailer)
    site.deliver_all()
    [row] = notices(site, Channel.MAIL)
    assert (row.state, row.fault_kind, row.failures) == (MessageState.FAILED, FaultKind.NUMBER, 0)


def test_a_notice_fails_over_to_the_second_gateway_as_a_code_does() -> None:
    backup = FakeGateway()
    site = changed_site(backup=backup)
    site.gateway.fault, site.gateway.kind = "no credit", FaultKind.BALANCE
    site.deliver_all()
    assert [one.gateway for one in notices(site)] == ["backup"]


def test_a_notice_tells_a_gateway_how_long_it_is_worth_keeping() -> None:
    site = changed_site()
    site.deliver_all()
    [(_, sms)] = site.gateway.accepted
    assert isinstance(sms, Sms)
    assert sms.life == LIFETIME
