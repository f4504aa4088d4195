"""A recovery lives thirty minutes: what each page says afterwards."""

import pytest

from tests.fakes import AN, OLD_PASSWORD
from tests.web.client import CheckingClient

EXPIRED = "Phiên khôi phục đã hết hạn. Hãy nhập lại địa chỉ thư để bắt đầu lại."


@pytest.mark.parametrize(
    "path", ["/quen-mat-khau/so-dien-thoai", "/quen-mat-khau/dat-lai", "/quen-mat-khau/thanh-cong"]
)
def test_a_page_of_a_recovery_that_ran_out_leads_to_the_form_and_says_why(browser: CheckingClient, path: str) -> None:
    browser.begin_with_code()
    browser.website.clock.pass_by(minutes=30)
    page = browser.open(path)
    assert page.path == "/quen-mat-khau"
    assert EXPIRED in page.text


def test_a_form_of_a_recovery_that_ran_out_changes_nothing_and_says_why(browser: CheckingClient) -> None:
    code = browser.begin_with_code()
    browser.website.clock.pass_by(minutes=30)
    page = browser.type_code(code)
    assert page.path == "/quen-mat-khau"
    assert EXPIRED in page.text
    assert browser.website.opens(AN, OLD_PASSWORD)


def test_a_press_of_lay_ma_xac_nhan_after_half_an_hour_sends_nothing_and_says_why(browser: CheckingClient) -> None:
    browser.begin()
    browser.website.clock.pass_by(minutes=30)
    page = browser.submit("Lấy mã xác nhận")
    assert EXPIRED in page.text
    assert browser.website.gateway.asked == []


@pytest.mark.parametrize("path", ["so-dien-thoai", "dat-lai", "thanh-cong", "dat-lai/gui-lai", "dat-lai/kiem-tra"])
def test_a_fresh_browser_is_led_to_the_start_from_every_later_address(browser: CheckingClient, path: str) -> None:
    page = browser.open(f"/quen-mat-khau/{path}")
    assert page.path == "/quen-mat-khau"
    assert page.errors == []


@pytest.mark.parametrize("path", ["so-dien-thoai", "dat-lai", "dat-lai/gui-lai", "dat-lai/kiem-tra"])
def test_a_fresh_browser_that_posts_to_a_later_address_is_told_to_begin(browser: CheckingClient, path: str) -> None:
    answer = browser.post(f"/quen-mat-khau/{path}", {"csrf_token": browser.token(), "code": "123456"})
    page = browser.read(answer) if answer.status_code == 200 else browser.open(answer.location)
    assert page.heading == "Quên mật khẩu"
    assert EXPIRED in page.text


def test_after_running_out_a_new_recovery_begins(browser: CheckingClient) -> None:
    first = browser.begin().reference
    browser.website.clock.pass_by(minutes=30)
    assert browser.begin().reference != first
    assert browser.type_code(browser.get_code()).heading == "Thành công!"


def test_the_form_asks_for_no_continuing_of_what_is_over(browser: CheckingClient) -> None:
    browser.recover()
    assert "Tiếp tục bước đang làm" not in browser.open("/quen-mat-khau").text
