"""The last step: what a right code, a wrong code and a bad password do."""

import unicodedata

import pytest

from recovery_site.domain.recovery import CodeState, Step
from recovery_site.flow.outcomes import Changed, CodeGone, CodeSpent, NoRecovery, NoUsableAccount, WrongCode
from recovery_site.ports import DirectoryUnavailable, PasswordRefused, PolicyProblem
from tests.fake_site import make_fake_site
from tests.fakes import AN, BINH, GROUP, OLD_PASSWORD
from tests.flow.story import CLIENT, begin, begin_with_code, recovery_of, submit, wrong


def test_the_right_code_changes_the_password_to_exactly_what_was_typed() -> None:
    site = make_fake_site()
    browser, code = begin_with_code(site)
    password = "  Ben  pha 9: vang khach! "
    outcome = submit(site, browser, code, password)
    assert isinstance(outcome, Changed)
    assert site.directory.changes == [(AN, password)]
    assert outcome.browser not in (None, browser)
    assert recovery_of(site, outcome.browser or "").step is Step.DONE


def test_the_owner_is_told_by_sms_on_every_number_of_the_account() -> None:
    site = make_fake_site()
    browser = begin(site, GROUP)
    site.recover.confirm(browser, site.recover.choices(recovery_of(site, browser))[0].phone, CLIENT)
    submit(site, browser, site.gateway.last_code())
    site.deliver_all()
    notices = [(to.local, sms) for to, sms in site.gateway.accepted[1:]]
    assert sorted(number for number, _ in notices) == ["0833111222", "0833111333"]
    assert all("vua doi mat khau" in sms.text.reveal() and not sms.code.reveal() for _, sms in notices)


def test_a_finished_recovery_answers_done_and_changes_nothing_more() -> None:
    site = make_fake_site()
    browser, code = begin_with_code(site)
    submit(site, browser, code)
    assert submit(site, browser, code, "Mot-mat-khau-9-khac") == Changed(browser=None)
    assert submit(site, browser, wrong(code)) == Changed(browser=None)
    assert len(site.directory.changes) == 1
    with pytest.raises(NoRecovery):
        site.recover.resend(browser, CLIENT)


def test_both_ways_to_type_a_letter_are_the_same_password() -> None:
    site = make_fake_site()
    browser, code = begin_with_code(site)
    typed = "Bến-phà-9-vắng"
    outcome = submit(
        site, browser, code, unicodedata.normalize("NFD", typed), unicodedata.normalize("NFC", typed),
        diacritics_seen=True,
    )  # fmt: skip
    assert isinstance(outcome, Changed)
    assert site.directory.passwords[AN] == unicodedata.normalize("NFC", typed)


# --- wrong codes ------------------------------------------------------------------------------------------------------


def test_each_wrong_code_costs_a_try_and_the_fifth_ends_it_even_for_the_right_one() -> None:
    site = make_fake_site()
    browser, code = begin_with_code(site)
    assert [submit(site, browser, wrong(code)) for _ in range(5)] == [WrongCode(left) for left in (4, 3, 2, 1, 0)]
    assert submit(site, browser, code) == CodeGone(CodeState.SPENT)
    assert site.directory.changes == []


def test_after_the_last_try_no_more_sms_are_sent() -> None:
    site = make_fake_site()
    browser, code = begin_with_code(site)
    for _ in range(5):
        submit(site, browser, wrong(code))
    site.clock.pass_by(60)
    with pytest.raises(CodeSpent):
        site.recover.resend(browser, CLIENT)
    again = begin(site, AN, browser)
    with pytest.raises(CodeSpent):
        site.recover.confirm(again, "", CLIENT)
    assert len(site.gateway.accepted) == 1


def test_resending_and_going_back_buy_no_try() -> None:
    site = make_fake_site()
    browser, code = begin_with_code(site)
    for left in (4, 3):
        assert submit(site, browser, wrong(code)) == WrongCode(left)
        site.clock.pass_by(60)
        browser = begin(site, AN, browser)
        site.recover.resend(browser, CLIENT)
    site.clock.pass_by(minutes=10)
    site.recover.resend(browser, CLIENT)
    assert recovery_of(site, browser).attempts_left == 3


def test_the_right_code_still_works_on_the_last_try() -> None:
    site = make_fake_site()
    browser, code = begin_with_code(site)
    for _ in range(4):
        submit(site, browser, wrong(code))
    assert isinstance(submit(site, browser, code), Changed)


def test_the_code_of_one_account_fails_for_another_and_costs_a_try() -> None:
    site = make_fake_site()
    _, code_of_an = begin_with_code(site, AN)
    browser_of_binh, _ = begin_with_code(site, BINH)
    assert submit(site, browser_of_binh, code_of_an) == WrongCode(4)
    assert site.directory.changes == []


def test_each_recovery_of_one_account_has_its_own_code_and_tries() -> None:
    site = make_fake_site()
    mine, my_code = begin_with_code(site)
    stranger, stranger_code = begin_with_code(site)
    assert submit(site, stranger, my_code) == WrongCode(4)
    assert submit(site, mine, stranger_code) == WrongCode(4)
    for _ in range(4):
        submit(site, stranger, wrong(stranger_code))
    assert isinstance(submit(site, mine, my_code), Changed)


def test_one_change_ends_every_other_recovery_of_the_account() -> None:
    site = make_fake_site()
    mine, my_code = begin_with_code(site)
    other, other_code = begin_with_code(site)
    elsewhere, code_elsewhere = begin_with_code(site, BINH)
    submit(site, mine, my_code)
    with pytest.raises(NoRecovery):
        submit(site, other, other_code)
    with pytest.raises(NoRecovery):
        site.recover.resend(other, CLIENT)
    assert isinstance(submit(site, elsewhere, code_elsewhere), Changed)


def test_a_change_sends_no_code_that_still_waits_in_another_recovery() -> None:
    site = make_fake_site()
    mine, my_code = begin_with_code(site)
    site.gateway.fault = "status 500"
    other = begin(site)
    site.recover.confirm(other, "", CLIENT)
    site.gateway.fault = ""
    submit(site, mine, my_code)
    site.clock.pass_by(60)
    site.deliver_all()
    assert [sms.code.reveal() for _, sms in site.gateway.accepted] == [my_code, ""]


def test_the_other_recovery_of_the_same_browser_moves_along_to_the_new_id() -> None:
    site = make_fake_site()
    browser, code_of_binh = begin_with_code(site, BINH)
    site.clock.pass_by(5)
    browser = begin(site, AN, browser)
    site.recover.confirm(browser, "", CLIENT)
    outcome = submit(site, browser, site.gateway.last_code())
    assert isinstance(outcome, Changed)
    site.clock.pass_by(5)
    browser = begin(site, BINH, outcome.browser)
    assert isinstance(submit(site, browser, code_of_binh), Changed)


# --- a code that is no longer, or not yet, good -----------------------------------------------------------------------


def test_a_code_dies_after_ten_minutes() -> None:
    site = make_fake_site()
    browser, code = begin_with_code(site)
    site.clock.pass_by(minutes=10)
    assert submit(site, browser, code) == CodeGone(CodeState.EXPIRED)
    assert recovery_of(site, browser).attempts_left == 5


def test_a_recovery_dies_after_thirty_minutes() -> None:
    site = make_fake_site()
    browser, code = begin_with_code(site)
    site.clock.pass_by(minutes=30)
    with pytest.raises(NoRecovery):
        submit(site, browser, code)


def test_before_a_code_was_sent_there_is_nothing_to_submit() -> None:
    site = make_fake_site()
    browser = begin(site)
    with pytest.raises(NoRecovery):
        submit(site, browser, "123456")
    with pytest.raises(NoRecovery):
        submit(site, "made up", "123456")


# --- the directory fails at the last moment ---------------------------------------------------------------------------


def test_a_directory_that_fails_gives_the_try_back_and_the_code_still_works() -> None:
    site = make_fake_site()
    browser, code = begin_with_code(site)
    submit(site, browser, wrong(code))
    site.directory.down_for_changes = True
    for _ in range(7):
        with pytest.raises(DirectoryUnavailable):
            submit(site, browser, code)
    assert recovery_of(site, browser).attempts_left == 4
    assert site.directory.passwords[AN] == OLD_PASSWORD
    site.directory.down_for_changes = False
    assert isinstance(submit(site, browser, code), Changed)


def test_a_directory_that_refuses_the_password_gives_the_try_back() -> None:
    site = make_fake_site()
    browser, code = begin_with_code(site)
    site.directory.refuses_passwords = PolicyProblem.IN_HISTORY
    with pytest.raises(PasswordRefused):
        submit(site, browser, code)
    assert recovery_of(site, browser).attempts_left == 5
    site.directory.refuses_passwords = None
    assert isinstance(submit(site, browser, code), Changed)


def test_a_directory_that_is_down_from_the_start_spends_nothing() -> None:
    site = make_fake_site()
    browser, code = begin_with_code(site)
    site.directory.down = True
    with pytest.raises(DirectoryUnavailable):
        submit(site, browser, code)
    assert recovery_of(site, browser).attempts_left == 5


def test_a_failure_that_nobody_thought_of_gives_the_try_back_too() -> None:
    site = make_fake_site()
    browser, code = begin_with_code(site)
    site.directory.passwords = None
    with pytest.raises(TypeError):
        submit(site, browser, code)
    recovery = recovery_of(site, browser)
    assert (recovery.attempts_left, recovery.claimed_until) == (5, None)


def test_an_account_locked_meanwhile_ends_the_recovery() -> None:
    site = make_fake_site()
    browser, code = begin_with_code(site)
    site.directory.lock(AN)
    with pytest.raises(NoUsableAccount):
        submit(site, browser, code)
    assert recovery_of(site, browser).step is Step.ABANDONED
    assert site.directory.passwords[AN] == OLD_PASSWORD
