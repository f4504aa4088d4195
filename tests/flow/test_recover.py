"""From the address to the code: begin, confirm, resend."""

from datetime import timedelta

import pytest

from recovery_site.domain.messages import FaultKind, MessageState
from recovery_site.domain.people import AddressRefused
from recovery_site.domain.recovery import CodeState, Step
from recovery_site.flow.outcomes import Changed, NoRecovery, NoUsableAccount, PhoneNotChosen, TooEarly
from recovery_site.ports import DirectoryUnavailable
from tests.fake_site import make_fake_site
from tests.fakes import AN, BINH, GROUP, LOCKED, PHONELESS, SHARED, UNKNOWN
from tests.flow.story import CLIENT, begin, begin_with_code, get_code, messages_of, recovery_of, submit, wrong


def test_the_code_reaches_the_number_on_file() -> None:
    site = make_fake_site()
    code = get_code(site, begin(site))
    [(number, sms)] = site.gateway.accepted
    assert number.local == "0393070121"
    assert code in sms.text.reveal()
    assert len(code) == 6


@pytest.mark.parametrize("typed", [UNKNOWN, LOCKED, PHONELESS])
def test_unknown_locked_and_without_a_number_are_one_refusal_that_leaves_no_trace(typed: str) -> None:
    site = make_fake_site()
    with pytest.raises(NoUsableAccount) as refused:
        begin(site, typed)
    assert refused.value.args == ()
    assert site.transactions.rows.recoveries == {}


def test_what_is_no_address_is_refused_before_the_directory_is_asked() -> None:
    site = make_fake_site()
    site.directory.down = True
    with pytest.raises(AddressRefused):
        begin(site, "a@b")
    with pytest.raises(DirectoryUnavailable):
        begin(site)


def test_the_browser_gets_a_new_id_each_time_and_the_old_one_opens_nothing() -> None:
    site = make_fake_site()
    first = begin(site)
    second = begin(site, AN, first)
    assert first != second
    assert site.under_way.current(first) is None
    assert site.under_way.current("made up") is None
    assert site.under_way.current(None) is None


def test_the_database_holds_neither_the_browser_s_id_nor_the_code_nor_the_number() -> None:
    site = make_fake_site()
    browser, code = begin_with_code(site)
    stored = repr(site.transactions.rows)
    for secret in (browser, code, "393070121"):
        assert secret not in stored


# --- taking up again --------------------------------------------------------------------------------------------------


def test_the_same_address_in_the_same_browser_takes_up_the_same_recovery() -> None:
    site = make_fake_site()
    browser, code = begin_with_code(site)
    submit(site, browser, wrong(code))
    before = recovery_of(site, browser)
    again = begin(site, f"  {AN.upper()} ", browser)
    after = recovery_of(site, again)
    assert (after.id, after.attempts_left, after.generation) == (before.id, 4, 1)
    with pytest.raises(TooEarly) as early:
        site.recover.confirm(again, "", CLIENT)
    assert early.value.wait == 60
    assert len(site.gateway.accepted) == 1


def test_another_browser_has_a_recovery_of_its_own() -> None:
    site = make_fake_site()
    mine, mine_code = begin_with_code(site)
    other, other_code = begin_with_code(site)
    assert recovery_of(site, mine).id != recovery_of(site, other).id
    assert recovery_of(site, mine).reference != recovery_of(site, other).reference
    assert mine_code != other_code


def test_one_browser_may_work_on_two_accounts_in_turn() -> None:
    site = make_fake_site()
    browser = begin(site, AN)
    get_code(site, browser)
    site.clock.pass_by(5)
    browser = begin(site, BINH, browser)
    assert recovery_of(site, browser).address == BINH
    site.clock.pass_by(5)
    browser = begin(site, AN, browser)
    assert recovery_of(site, browser).address == AN
    assert recovery_of(site, browser).sends == 1


def test_a_recovery_that_ran_out_is_not_taken_up_again() -> None:
    site = make_fake_site()
    browser = begin(site)
    first = recovery_of(site, browser)
    site.clock.pass_by(minutes=30)
    assert site.recover.has_run_out(first)
    with pytest.raises(NoRecovery):
        site.recover.confirm(browser, "", CLIENT)
    again = begin(site, AN, browser)
    assert recovery_of(site, again).id != first.id
    assert recovery_of(site, again).attempts_left == 5


def test_an_old_domain_and_a_bare_name_lead_to_the_same_account() -> None:
    site = make_fake_site(aliases={"old.gov.vn": "soctrang.gov.vn"})
    for typed in ("an.tran", "an.tran@old.gov.vn", "ＡＮ.TRAN@soctrang.gov.vn."):
        assert recovery_of(site, begin(site, typed)).address == AN


# --- resending --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seconds", [0, 1, 30, 59])
def test_a_resend_too_early_sends_nothing_and_says_how_long_to_wait(seconds: int) -> None:
    site = make_fake_site()
    browser, _ = begin_with_code(site)
    site.clock.pass_by(seconds)
    with pytest.raises(TooEarly) as early:
        site.recover.resend(browser, CLIENT)
    assert early.value.wait == 60 - seconds
    assert len(site.gateway.accepted) == 1
    site.clock.pass_by(60 - seconds)
    site.recover.resend(browser, CLIENT)
    assert len(site.gateway.accepted) == 2


def test_a_resend_within_seven_minutes_brings_the_same_code_in_another_text() -> None:
    site = make_fake_site()
    browser, code = begin_with_code(site)
    site.clock.pass_by(minutes=6, seconds=59)
    site.recover.resend(browser, CLIENT)
    assert site.gateway.last_code() == code
    first, second = site.gateway.texts()
    assert "Hieu luc 10 phut" in first
    assert "Hieu luc 4 phut" in second
    assert second.endswith("(lan 2)")
    assert len({sms.message_id for _, sms in site.gateway.accepted}) == 2


def test_a_later_resend_brings_a_new_code_and_the_old_one_is_dead() -> None:
    site = make_fake_site()
    browser, old = begin_with_code(site)
    site.clock.pass_by(minutes=7, seconds=1)
    site.recover.resend(browser, CLIENT)
    new = site.gateway.last_code()
    assert new != old
    submit(site, browser, old)
    assert recovery_of(site, browser).attempts_left == 4
    submit(site, browser, new)
    assert recovery_of(site, browser).step is Step.DONE


def test_before_the_first_code_there_is_nothing_to_resend() -> None:
    site = make_fake_site()
    with pytest.raises(PhoneNotChosen):
        site.recover.resend(begin(site), CLIENT)
    assert site.gateway.asked == []


@pytest.mark.parametrize("browser", [None, "", "made up"])
def test_without_a_recovery_nothing_is_sent(browser: str | None) -> None:
    site = make_fake_site()
    begin(site)
    for verb in (lambda: site.recover.confirm(browser, "", CLIENT), lambda: site.recover.resend(browser, CLIENT)):
        with pytest.raises(NoRecovery):
            verb()
    assert site.gateway.asked == []


# --- group accounts ---------------------------------------------------------------------------------------------------


def test_a_group_chooses_one_of_its_numbers_by_a_name_that_tells_nothing() -> None:
    site = make_fake_site()
    browser = begin(site, GROUP)
    first, second = site.recover.choices(recovery_of(site, browser))
    assert (first.mask, second.mask) == ("0833XXX222", "0833XXX333")
    assert "833111" not in repr([first, second])
    assert "Thành viên" not in repr([first, second])
    site.recover.confirm(browser, second.phone, CLIENT)
    [(number, _)] = site.gateway.accepted
    assert number.local == "0833111333"
    site.clock.pass_by(60)
    site.recover.resend(browser, CLIENT)
    assert [number.local for number, _ in site.gateway.accepted] == ["0833111333"] * 2


def test_two_recoveries_name_one_telephone_differently() -> None:
    site = make_fake_site()
    names = {site.recover.choices(recovery_of(site, begin(site, typed)))[0].phone for typed in (AN, AN, SHARED)}
    assert len(names) == 3


@pytest.mark.parametrize("chosen", ["", "0833111222", "0912345678", "f" * 32])
def test_a_number_that_is_not_among_the_choices_gets_nothing(chosen: str) -> None:
    site = make_fake_site()
    browser = begin(site, GROUP)
    with pytest.raises(PhoneNotChosen):
        site.recover.confirm(browser, chosen, CLIENT)
    assert messages_of(site) == []


def test_the_other_member_gets_another_code() -> None:
    site = make_fake_site()
    browser = begin(site, GROUP)
    first, second = site.recover.choices(recovery_of(site, browser))
    site.recover.confirm(browser, first.phone, CLIENT)
    old = site.gateway.last_code()
    site.clock.pass_by(60)
    site.recover.confirm(browser, second.phone, CLIENT)
    assert site.gateway.last_code() != old


# --- what the page shows ----------------------------------------------------------------------------------------------


def test_the_status_tells_the_truth_about_the_message_the_wait_and_the_code() -> None:
    site = make_fake_site()
    browser, _ = begin_with_code(site)
    site.clock.pass_by(20)
    status = site.recover.status(recovery_of(site, browser))
    assert (status.delivery.state, status.delivery.fault, status.wait) == (MessageState.SENT, None, 40)
    assert status.delivery.accepted_at == site.clock.now() - timedelta(seconds=20)
    assert status.recovery.masked_phone == "0393XXX121"


def test_a_gateway_that_refuses_is_never_called_sent() -> None:
    site = make_fake_site()
    site.gateway.fault = "status 500"
    browser = begin(site)
    site.recover.confirm(browser, "", CLIENT)
    status = site.recover.status(recovery_of(site, browser))
    assert (status.delivery.state, status.delivery.fault) == (MessageState.QUEUED, FaultKind.REFUSED)
    assert status.delivery.accepted_at is None


def test_an_account_locked_before_the_send_ends_the_recovery() -> None:
    site = make_fake_site()
    browser = begin(site)
    site.directory.lock(AN)
    with pytest.raises(NoUsableAccount):
        site.recover.confirm(browser, "", CLIENT)
    assert recovery_of(site, browser).step is Step.ABANDONED
    assert messages_of(site) == []


def test_a_directory_that_is_down_costs_nothing() -> None:
    site = make_fake_site()
    browser = begin(site)
    site.directory.down = True
    with pytest.raises(DirectoryUnavailable):
        site.recover.confirm(browser, "", CLIENT)
    site.directory.down = False
    assert get_code(site, browser)


def test_a_recovery_has_run_out_only_where_it_ended_without_a_new_password() -> None:
    site = make_fake_site()
    live = begin(site)
    assert not site.recover.has_run_out(recovery_of(site, live))
    done, code = begin_with_code(site, BINH)
    changed = submit(site, done, code)
    assert isinstance(changed, Changed)
    assert not site.recover.has_run_out(recovery_of(site, done))
    site.clock.pass_by(minutes=30)
    assert site.recover.has_run_out(recovery_of(site, live))
    assert not site.recover.has_run_out(recovery_of(site, done))


def test_the_page_is_told_whether_the_code_may_still_be_tried() -> None:
    site = make_fake_site()
    browser = begin(site)
    assert site.recover.status(recovery_of(site, browser)).code is CodeState.NEVER_SENT
    get_code(site, browser)
    assert site.recover.status(recovery_of(site, browser)).code is CodeState.LIVE
    site.clock.pass_by(minutes=10)
    assert site.recover.status(recovery_of(site, browser)).code is CodeState.EXPIRED
