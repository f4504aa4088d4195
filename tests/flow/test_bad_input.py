"""What is wrong with the form itself costs no try, and what the live check may tell."""

import pytest

from recovery_site.domain.codes import CodeProblem
from recovery_site.flow.outcomes import Changed, NoRecovery, Refused, WrongCode
from recovery_site.ports import LimitReached
from tests.fake_site import make_fake_site
from tests.fakes import GOOD_PASSWORD
from tests.flow.story import begin, begin_with_code, recovery_of, submit, wrong

# --- what costs nothing -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "problem"),
    [("", CodeProblem.EMPTY), ("12345", CodeProblem.TOO_SHORT), ("abcdef", CodeProblem.NOT_DIGITS)],
)
def test_a_malformed_code_costs_no_try(typed: str, problem: CodeProblem) -> None:
    site = make_fake_site()
    browser, _ = begin_with_code(site)
    outcome = submit(site, browser, typed)
    assert isinstance(outcome, Refused)
    assert outcome.code is problem
    assert recovery_of(site, browser).attempts_left == 5


@pytest.mark.parametrize("password", ["kort", "khong-co-chu-hoa-9", "Matkhau@123", "Antran@2024", "aA1!" * 40, ""])
def test_a_bad_password_costs_no_try_even_with_the_right_code(password: str) -> None:
    site = make_fake_site()
    browser, code = begin_with_code(site)
    outcome = submit(site, browser, code, password)
    assert isinstance(outcome, Refused)
    assert not outcome.verdict.acceptable
    assert recovery_of(site, browser).attempts_left == 5
    assert isinstance(submit(site, browser, code), Changed)


def test_the_person_s_own_number_is_refused_after_the_right_code_and_costs_no_try() -> None:
    site = make_fake_site()
    browser, code = begin_with_code(site)
    assert submit(site, browser, wrong(code), "Xk-3070121-q") == WrongCode(4)
    outcome = submit(site, browser, code, "Xk-3070121-q")
    assert isinstance(outcome, Refused)
    assert not outcome.verdict.acceptable
    assert recovery_of(site, browser).attempts_left == 4
    assert site.directory.changes == []
    assert isinstance(submit(site, browser, code), Changed)


def test_a_bad_password_does_not_tell_whether_the_code_was_right() -> None:
    site = make_fake_site()
    browser, code = begin_with_code(site)
    assert submit(site, browser, code, "kort") == submit(site, browser, wrong(code), "kort")


def test_two_different_passwords_cost_no_try() -> None:
    site = make_fake_site()
    browser, code = begin_with_code(site)
    outcome = submit(site, browser, code, GOOD_PASSWORD, GOOD_PASSWORD + " ")
    assert isinstance(outcome, Refused)
    assert outcome.mismatch
    assert recovery_of(site, browser).attempts_left == 5


def test_letters_with_diacritics_are_warned_of_once_and_then_accepted() -> None:
    site = make_fake_site()
    browser, code = begin_with_code(site)
    warned = submit(site, browser, code, "Bến-phà-9-vắng")
    assert isinstance(warned, Refused)
    assert warned.diacritics_unseen
    assert warned.verdict.acceptable
    assert isinstance(submit(site, browser, code, "Bến-phà-9-vắng", diacritics_seen=True), Changed)


def test_everything_that_is_wrong_with_the_form_is_told_at_once() -> None:
    site = make_fake_site()
    browser, _ = begin_with_code(site)
    outcome = submit(site, browser, "12", "ngắn", "khác")
    assert isinstance(outcome, Refused)
    assert outcome.code is CodeProblem.TOO_SHORT
    assert outcome.mismatch
    assert outcome.verdict.too_short
    assert len(outcome.verdict.missing) == 3


# --- the live check ---------------------------------------------------------------------------------------------------


def test_the_live_check_knows_the_address_but_tells_a_stranger_nothing_of_the_person() -> None:
    site = make_fake_site()
    browser, _ = begin_with_code(site)
    assert site.reset.judge(browser, GOOD_PASSWORD).acceptable
    assert not site.reset.judge(browser, "Antran@9Aa").acceptable
    assert site.reset.judge(browser, "Xk-3070121-q").acceptable


def test_before_the_code_was_sent_there_is_no_live_check() -> None:
    site = make_fake_site()
    for browser in (None, "made up", begin(site)):
        with pytest.raises(NoRecovery):
            site.reset.judge(browser, GOOD_PASSWORD)


def test_the_live_check_is_limited() -> None:
    site = make_fake_site()
    browser, _ = begin_with_code(site)
    for _ in range(200):
        site.reset.judge(browser, "x")
    with pytest.raises(LimitReached):
        site.reset.judge(browser, "x")
