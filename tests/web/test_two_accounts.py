"""Two accounts in one browser: whatever is begun, typed and finished in whichever order, they never mix.

Sources: OWASP testing guide SESS-08 (session puzzling), LTB Self Service Password #520 and #816, PWM #556.
"""

import pytest

from tests.fakes import AN, BINH, GOOD_PASSWORD, OLD_PASSWORD
from tests.web.client import CheckingClient

BINHS_MASK = "0912XXX678"


def _codes_of_both(browser: CheckingClient) -> tuple[str, str]:
    """Begin for one and then for the other, and read both telephones; the browser is left at the second."""
    first = browser.begin_with_code(AN)
    browser.website.clock.pass_by(1)
    return first, browser.begin_with_code(BINH)


def _reset(browser: CheckingClient, code: str, **more: str) -> None:
    fields = {"csrf_token": browser.token(), "code": code, "password": GOOD_PASSWORD, "again": GOOD_PASSWORD}
    browser.post("/quen-mat-khau/dat-lai", {**fields, **more})


def test_the_first_ones_code_in_the_second_ones_recovery_is_a_wrong_code(browser: CheckingClient) -> None:
    first, _ = _codes_of_both(browser)
    assert browser.type_code(first).errors[0].startswith("Mã xác nhận không đúng. Bạn còn 4 lần thử.")
    assert browser.website.directory.changes == []


def test_a_page_of_the_first_that_is_still_open_finishes_neither(browser: CheckingClient) -> None:
    """Its form is of before the second began; sent with both right codes it changes nothing."""
    first = browser.begin_with_code(AN)
    old = browser.page.values_of(browser.page.all("form")[1])
    browser.website.clock.pass_by(1)
    second = browser.begin_with_code(BINH)
    for code in (first, second):
        fields = {**old, "code": code, "password": GOOD_PASSWORD, "again": GOOD_PASSWORD}
        answer = browser.post("/quen-mat-khau/dat-lai", fields)
        assert browser.read(answer).heading == "Trang đã hết hạn"
    assert browser.website.directory.changes == []


@pytest.mark.parametrize("field", ["email", "username", "address", "account", "login", "phone"])
def test_no_field_names_whose_password_is_set(browser: CheckingClient, field: str) -> None:
    _, second = _codes_of_both(browser)
    _reset(browser, second, **{field: AN})
    assert browser.website.directory.changes == [(BINH, GOOD_PASSWORD)]


def test_after_the_second_is_done_the_first_goes_on_with_its_own_code(browser: CheckingClient) -> None:
    first, second = _codes_of_both(browser)
    browser.type_code(second)
    browser.website.clock.pass_by(1)
    browser.begin(AN)
    assert BINHS_MASK not in browser.open("/quen-mat-khau/dat-lai").text
    browser.type_code(first, "Ba-con-vit-troi-9")
    assert browser.website.directory.changes == [(BINH, GOOD_PASSWORD), (AN, "Ba-con-vit-troi-9")]


def test_who_begins_a_recovery_is_signed_in_no_more(browser: CheckingClient) -> None:
    """The next person at a shared computer must not find the one before behind the sign-in page."""
    browser.sign_in(AN)
    browser.recover(BINH)
    assert browser.open("/tai-khoan").path == "/dang-nhap"
    assert browser.website.rows()["sessions"] == []


def test_signing_in_as_another_ends_the_session_of_the_first(browser: CheckingClient) -> None:
    browser.sign_in(AN)
    kept = browser.cookie
    assert "Bình" in browser.sign_in(BINH).text
    assert "Trần Văn An" not in browser.page.text
    browser.cookie = kept
    assert browser.open("/tai-khoan").path == "/dang-nhap"


def test_a_recovery_of_one_is_finished_by_nobody_who_is_signed_in_as_another(browser: CheckingClient) -> None:
    code = browser.begin_with_code(AN)
    browser.sign_in(BINH)
    browser.open("/quen-mat-khau/dat-lai")
    browser.type_code(code)
    assert browser.website.directory.changes == [(AN, GOOD_PASSWORD)]
    assert browser.website.opens(BINH, OLD_PASSWORD)
    shown = browser.open("/tai-khoan")
    assert "Trần Văn An" not in shown.text
