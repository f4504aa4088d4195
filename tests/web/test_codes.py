"""The code: read generously, compared strictly, five tries and not one more."""

import pytest

from tests.fakes import AN, BINH, GOOD_PASSWORD, OLD_PASSWORD
from tests.flow.story import wrong
from tests.web.client import CheckingClient
from tests.web.conftest import TakeBrowser

SPENT = "Bạn đã nhập sai mã quá số lần cho phép. Hãy bắt đầu lại sau 30 phút hoặc liên hệ quản trị để được hỗ trợ."
EXPIRED = "Mã xác nhận đã hết hiệu lực. Hãy bấm “Gửi lại” để nhận mã mới."
FULL_WIDTH = str.maketrans("0123456789", "０１２３４５６７８９")


def _wrong_code(left: int) -> str:
    return f"Mã xác nhận không đúng. Bạn còn {left} lần thử. Hãy xem lại tin nhắn mới nhất."


def _tries_left(browser: CheckingClient) -> list[int]:
    return [int(row["attempts_left"]) for row in browser.website.rows()["recoveries"]]


@pytest.mark.parametrize(
    "write",
    [
        lambda code: f"{code[:2]} {code[2:4]} {code[4:]}",
        lambda code: f"{code[:3]}-{code[3:]}",
        lambda code: f"{code}\r\n",
        lambda code: f" {code}\n",
        lambda code: code.translate(FULL_WIDTH),
        lambda code: f"{code[:3]}\u00a0{code[3:]}",
    ],
    ids=["spaced", "hyphened", "newline", "padded", "full-width", "no-break space"],
)
def test_a_right_code_is_right_however_it_is_written(browser: CheckingClient, write) -> None:
    code = browser.begin_with_code()
    assert browser.type_code(write(code)).heading == "Thành công!"


@pytest.mark.parametrize("typed", ["12345", "1234567", "12345a", "mã của tôi", "+12345", "१२३४५६"])
def test_what_cannot_be_a_code_is_told_so_and_costs_no_try(browser: CheckingClient, typed: str) -> None:
    browser.begin_with_code()
    [sentence] = browser.type_code(typed).errors_at("code")
    assert sentence.startswith("Mã xác nhận gồm 6 chữ số. ")
    assert browser.page.errors == [sentence]
    assert _tries_left(browser) == [5]


def test_too_short_too_long_letters_and_nothing_are_told_apart(browser: CheckingClient) -> None:
    browser.begin_with_code()
    sentences = [browser.type_code(typed).errors_at("code")[0] for typed in ("12345", "1234567", "12345a", "")]
    assert len(set(sentences)) == 4
    assert sentences[-1] == "Hãy nhập mã xác nhận."
    assert _tries_left(browser) == [5]


def test_wrong_codes_count_down_and_then_the_right_one_is_refused_with_the_wait(browser: CheckingClient) -> None:
    code = browser.begin_with_code()
    said = [browser.type_code(wrong(code)).errors_at("code") for _ in range(5)]
    assert said == [[_wrong_code(4)], [_wrong_code(3)], [_wrong_code(2)], [_wrong_code(1)], [SPENT]]
    assert browser.type_code(code).errors_at("code") == [SPENT]
    assert browser.website.directory.changes == []
    assert browser.website.opens(AN, OLD_PASSWORD)


def test_a_page_that_is_opened_after_the_last_try_says_so(browser: CheckingClient) -> None:
    code = browser.begin_with_code()
    for _ in range(5):
        browser.type_code(wrong(code))
    assert browser.open("/quen-mat-khau/dat-lai").errors == [SPENT]


def test_the_wait_is_over_when_it_was_said_to_be(browser: CheckingClient) -> None:
    code = browser.begin_with_code()
    for _ in range(5):
        browser.type_code(wrong(code))
    browser.website.clock.pass_by(minutes=30)
    assert browser.recover().heading == "Thành công!"


def test_neither_a_resend_nor_going_back_buys_a_try(browser: CheckingClient) -> None:
    code = browser.begin_with_code()
    for left in (4, 3):
        assert browser.type_code(wrong(code)).errors_at("code") == [_wrong_code(left)]
        browser.website.clock.pass_by(61)
        browser.submit("Gửi lại")
        code = browser.website.gateway.last_code()
    browser.open("/quen-mat-khau/so-dien-thoai")
    browser.begin(AN)
    browser.open("/quen-mat-khau/dat-lai")
    assert browser.type_code(wrong(code)).errors_at("code") == [_wrong_code(2)]


def test_a_spent_recovery_gets_no_new_sms(browser: CheckingClient) -> None:
    code = browser.begin_with_code()
    for _ in range(5):
        browser.type_code(wrong(code))
    browser.website.clock.pass_by(61)
    page = browser.submit("Gửi lại")
    assert page.errors[0].startswith("Bạn đã nhập sai mã quá số lần cho phép. Hãy bắt đầu lại sau 29 phút")
    browser.open("/quen-mat-khau/so-dien-thoai")
    page = browser.submit("Lấy mã xác nhận")
    assert page.errors[0].startswith("Bạn đã nhập sai mã quá số lần cho phép.")
    assert len(browser.website.gateway.asked) == 1


def test_a_new_address_and_forged_proxies_buy_no_try(browser: CheckingClient) -> None:
    code = browser.begin_with_code()
    for number in range(5):
        browser.address = f"203.0.113.{number}"
        headers = {"X-Forwarded-For": f"198.51.100.{number}", "X-Real-IP": f"198.51.100.{number}"}
        fields = {"code": wrong(code), "password": GOOD_PASSWORD, "again": GOOD_PASSWORD}
        browser.submit("Khôi phục mật khẩu", fields, headers=headers)
    assert browser.type_code(code).errors_at("code") == [SPENT]


def test_the_code_of_one_account_is_refused_for_another(browser: CheckingClient, new_browser: TakeBrowser) -> None:
    other = new_browser()
    code, others_code = browser.begin_with_code(AN), other.begin_with_code(BINH)
    assert code != others_code
    assert other.type_code(code).errors_at("code") == [_wrong_code(4)]


def test_the_code_of_an_older_request_is_refused(browser: CheckingClient, new_browser: TakeBrowser) -> None:
    old_code = browser.begin_with_code()
    browser.website.clock.pass_by(61)
    newer = new_browser()
    newer.begin_with_code()
    assert newer.type_code(old_code).errors_at("code") == [_wrong_code(4)]


def test_a_used_code_opens_nothing_more(browser: CheckingClient) -> None:
    code = browser.begin_with_code()
    form = browser.page
    browser.type_code(code)
    fields = {
        **form.values_of(form.all("form")[1]),
        "code": code,
        "password": "Mot-hai-3-bon!",
        "again": "Mot-hai-3-bon!",
    }
    answer = browser.post("/quen-mat-khau/dat-lai", {**fields, "csrf_token": browser.token()})
    assert (answer.status_code, answer.location) == (303, "/quen-mat-khau/thanh-cong")
    assert browser.website.directory.changes == [(AN, GOOD_PASSWORD)]


def test_an_expired_code_says_so_and_a_resend_helps(browser: CheckingClient) -> None:
    code = browser.begin_with_code()
    browser.website.clock.pass_by(minutes=10)
    assert browser.open("/quen-mat-khau/dat-lai").errors == [EXPIRED]
    assert browser.type_code(code).errors_at("code") == [EXPIRED]
    assert _tries_left(browser) == [5]
    browser.submit("Gửi lại")
    assert browser.website.gateway.last_code() != code
    assert browser.type_code(browser.website.gateway.last_code()).heading == "Thành công!"


def test_a_code_is_good_until_the_last_second_of_its_ten_minutes(browser: CheckingClient) -> None:
    code = browser.begin_with_code()
    browser.website.clock.pass_by(599)
    assert browser.type_code(code).heading == "Thành công!"
