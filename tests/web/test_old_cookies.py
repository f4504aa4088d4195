"""A cookie jar that was kept and is put back: the server decides, and what ended stays ended.

A site that keeps its state in a signed cookie fails here: every copy of the cookie is a way back in time.
Sources: OWASP ASVS 5.0 7.4.1; ATHN-11, SESS-08 of the OWASP testing guide.
"""

from collections.abc import Callable

import pytest

from recovery_site.domain.secret import Secret
from tests.fakes import AN, BINH, GOOD_PASSWORD, OLD_PASSWORD
from tests.flow.story import wrong
from tests.web.client import CheckingClient
from tests.web.conftest import TakeBrowser
from tests.web.test_matrix import ALWAYS, addresses, changed, form

THIRD_PASSWORD = "Ba-con-vit-troi-9"


def _whole_life(browser: CheckingClient) -> list[str]:
    """Recover, sign in, change the password and sign out; return every cookie that the browser held on the way."""
    jars: list[str] = []

    def keep(step: Callable[[], object]) -> None:
        step()
        jars.append(browser.cookie)

    keep(browser.begin)
    keep(browser.get_code)
    code = browser.website.gateway.last_code()
    keep(lambda: browser.type_code(wrong(code)))
    keep(lambda: browser.type_code(code))
    keep(lambda: browser.sign_in(AN, GOOD_PASSWORD))
    keep(lambda: browser.change_password(GOOD_PASSWORD, THIRD_PASSWORD))
    browser.open("/tai-khoan")
    keep(lambda: browser.submit("Đăng xuất"))
    browser.website.deliver_all()
    return list(dict.fromkeys(jars))


def test_no_cookie_of_the_past_changes_or_sends_anything_once_all_is_over(browser: CheckingClient) -> None:
    website = browser.website
    jars = _whole_life(browser)
    assert len(jars) >= 5
    before, sent, changes = website.rows(), len(website.gateway.asked), list(website.directory.changes)
    for jar in jars:
        for path, endpoints in addresses(website).items():
            for endpoint in endpoints - set(ALWAYS):
                browser.cookie = jar
                fields = {**form(browser, endpoint), "current": THIRD_PASSWORD}
                browser.post(path, fields)
                assert changed(before, website.rows()) == set(), f"POST {path}"
    assert len(website.gateway.asked) == sent
    assert website.directory.changes == changes
    assert website.opens(AN, THIRD_PASSWORD)


def test_no_cookie_of_the_past_opens_more_than_the_end_of_its_recovery(browser: CheckingClient) -> None:
    jars = _whole_life(browser)
    seen = set()
    for jar in jars:
        for path in addresses(browser.website):
            browser.cookie = jar
            answer = browser.send("GET", path)
            seen.add(answer.location)
            assert "tai-khoan" not in (answer.location or "")
            assert b"an.tran" not in answer.data
            assert b"0393" not in answer.data
    assert "/dang-nhap" in seen


def _sign_out(browser: CheckingClient, _other: CheckingClient) -> None:
    browser.open("/tai-khoan")
    browser.submit("Đăng xuất")


def _sign_out_everywhere(browser: CheckingClient, other: CheckingClient) -> None:
    other.sign_in()
    other.submit("Đăng xuất khỏi mọi thiết bị")


def _change(_browser: CheckingClient, other: CheckingClient) -> None:
    other.sign_in()
    other.change_password(OLD_PASSWORD, GOOD_PASSWORD)
    other.website.services.directory.set_password(AN, Secret(OLD_PASSWORD), other.website.clock.now())


def _recover(_browser: CheckingClient, other: CheckingClient) -> None:
    other.recover(AN, GOOD_PASSWORD)
    other.website.services.directory.set_password(AN, Secret(OLD_PASSWORD), other.website.clock.now())


def _begin_another(browser: CheckingClient, _other: CheckingClient) -> None:
    browser.begin(BINH)


def _sign_in_again(browser: CheckingClient, _other: CheckingClient) -> None:
    browser.sign_in()


def _lunch(browser: CheckingClient, _other: CheckingClient) -> None:
    browser.website.clock.pass_by(minutes=30)


def _night(browser: CheckingClient, _other: CheckingClient) -> None:
    browser.website.clock.pass_by(hours=8)


ENDS = {
    "signed out": _sign_out,
    "signed out everywhere from elsewhere": _sign_out_everywhere,
    "password changed elsewhere": _change,
    "password recovered elsewhere": _recover,
    "a recovery begun": _begin_another,
    "signed in again": _sign_in_again,
    "not used for half an hour": _lunch,
    "a night later": _night,
}


@pytest.mark.parametrize("end", ENDS)
def test_a_session_that_ended_stays_ended(browser: CheckingClient, new_browser: TakeBrowser, end: str) -> None:
    """Whatever happens after: the same account signs in again, here and elsewhere, with the same password."""
    browser.sign_in()
    kept = browser.cookie
    assert browser.open("/tai-khoan").path == "/tai-khoan"
    ENDS[end](browser, new_browser())
    for later in (browser, new_browser()):
        thief = new_browser()
        thief.cookie = kept
        assert thief.open("/tai-khoan").path == "/dang-nhap"
        later.sign_in()
        thief.cookie = kept
        assert thief.open("/tai-khoan").path == "/dang-nhap"
        assert thief.open("/tai-khoan/doi-mat-khau").path == "/dang-nhap"


def test_a_session_of_a_locked_account_is_over_though_its_cookie_is_kept(browser: CheckingClient) -> None:
    browser.sign_in()
    browser.website.services.directory.lock(AN)
    assert browser.open("/tai-khoan").path == "/dang-nhap"


def test_a_recovery_that_ran_out_is_not_brought_back_by_its_cookie(browser: CheckingClient) -> None:
    code = browser.begin_with_code()
    kept = browser.cookie
    browser.website.clock.pass_by(minutes=31)
    browser.begin()
    browser.cookie = kept
    fields = {"csrf_token": browser.token(), "code": code, "password": GOOD_PASSWORD, "again": GOOD_PASSWORD}
    browser.post("/quen-mat-khau/dat-lai", fields)
    assert browser.website.directory.changes == []
    assert browser.open("/quen-mat-khau/dat-lai").path == "/quen-mat-khau"


def test_an_old_form_token_is_worth_nothing_after_each_step_up(browser: CheckingClient) -> None:
    """The token goes with the id: one that was read off a page before a sign-in sends no form after it."""
    tokens = [browser.token()]
    browser.begin()
    tokens.append(browser.token())
    browser.recover()
    tokens.append(browser.token())
    browser.sign_in(AN, GOOD_PASSWORD)
    tokens.append(browser.token())
    browser.change_password(GOOD_PASSWORD, THIRD_PASSWORD)
    for token in tokens:
        assert browser.post("/dang-xuat", {"csrf_token": token}).status_code == 400
    assert browser.open("/tai-khoan").path == "/tai-khoan"
