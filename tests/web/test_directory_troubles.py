"""When the directory is down, refuses, or changes its mind half-way: honest words, and nothing is lost."""

from dataclasses import replace

import pytest

from recovery_site.adapters.directories.embedded import EmbeddedDirectory
from recovery_site.domain.people import AccountStatus, NewAccount
from recovery_site.ports import PolicyProblem
from tests.fakes import ACCOUNTS, AN, GOOD_PASSWORD, OLD_PASSWORD
from tests.web.client import CheckingClient
from tests.web.website import Website

DOWN = "Hệ thống thư đang gián đoạn. Mật khẩu chưa thay đổi, mã của bạn vẫn còn hiệu lực. Hãy thử lại sau ít phút."
KEPT = "Mật khẩu chưa thay đổi, mã của bạn vẫn còn hiệu lực."
NOT_FOUND = "Không tìm thấy Email hoặc Email bị khoá, vui lòng liên hệ quản trị!"


def _lock(website: Website) -> None:
    locked = replace(ACCOUNTS[AN], status=AccountStatus.LOCKED)
    EmbeddedDirectory(website.services.engine).put([NewAccount(locked)], website.clock.now())


def test_a_directory_that_cannot_write_is_told_honestly_and_the_code_still_works(browser: CheckingClient) -> None:
    directory = browser.website.directory
    code = browser.begin_with_code()
    directory.down_for_changes = True
    page = browser.type_code(code, status=503)
    assert page.path == "/quen-mat-khau/dat-lai"
    assert page.errors == [DOWN]
    assert browser.website.opens(AN, OLD_PASSWORD)
    assert [row["attempts_left"] for row in browser.website.rows()["recoveries"]] == [5]
    directory.down_for_changes = False
    assert browser.type_code(code).heading == "Thành công!"


def test_five_outages_cost_no_try(browser: CheckingClient) -> None:
    directory = browser.website.directory
    code = browser.begin_with_code()
    directory.down_for_changes = True
    for _ in range(6):
        browser.type_code(code, status=503)
    directory.down_for_changes = False
    assert browser.type_code(code).heading == "Thành công!"


def test_a_directory_that_does_not_answer_at_all_is_told_honestly(browser: CheckingClient) -> None:
    directory = browser.website.directory
    code = browser.begin_with_code()
    directory.down = True
    assert browser.type_code(code, status=503).errors == [DOWN]
    directory.down = False
    assert browser.type_code(code).heading == "Thành công!"


def test_signing_in_during_an_outage_counts_as_no_wrong_password(browser: CheckingClient) -> None:
    browser.website.directory.down = True
    for _ in range(11):
        browser.sign_in(status=503)
    browser.website.directory.down = False
    assert browser.sign_in().path == "/tai-khoan"


@pytest.mark.parametrize("step", ["the address", "the number", "signing in"])
def test_every_step_says_that_the_directory_is_down(browser: CheckingClient, step: str) -> None:
    directory = browser.website.directory
    if step == "the number":
        browser.begin()
    directory.down = True
    if step == "the address":
        page = browser.begin(status=503)
    elif step == "the number":
        page = browser.submit("Lấy mã xác nhận", status=503)
    else:
        page = browser.sign_in(status=503)
    assert "Hệ thống thư đang gián đoạn." in page.text
    assert page.link("Quên mật khẩu") == "/quen-mat-khau"
    assert browser.website.gateway.asked == []
    directory.down = False
    assert browser.recover().heading == "Thành công!"


@pytest.mark.parametrize(
    ("problem", "sentence"),
    [
        (PolicyProblem.TOO_SHORT, "Hệ thống thư không nhận mật khẩu ngắn như vậy. Hãy chọn mật khẩu dài hơn."),
        (PolicyProblem.TOO_LONG, "Hệ thống thư không nhận mật khẩu dài như vậy. Hãy chọn mật khẩu ngắn hơn."),
        (PolicyProblem.TOO_WEAK, "Hệ thống thư không nhận mật khẩu này vì quá đơn giản. Hãy chọn mật khẩu khác."),
        (PolicyProblem.IN_HISTORY, "Bạn đã dùng mật khẩu này trước đây. Hãy chọn mật khẩu chưa từng dùng."),
        (
            PolicyProblem.TOO_YOUNG,
            "Mật khẩu vừa được thay đổi nên hệ thống thư chưa cho đổi tiếp. Hãy thử lại sau hoặc liên hệ quản trị.",
        ),
        (PolicyProblem.OTHER, "Hệ thống thư không nhận mật khẩu này. Hãy chọn mật khẩu khác."),
    ],
)
def test_a_password_that_the_directory_refuses_can_be_replaced_by_another(
    browser: CheckingClient, problem: PolicyProblem, sentence: str
) -> None:
    directory = browser.website.directory
    code = browser.begin_with_code()
    directory.refuses_passwords = problem
    page = browser.type_code(code)
    assert page.errors_at("password") == [f"{sentence} {KEPT}"]
    assert browser.website.opens(AN, OLD_PASSWORD)
    assert [row["attempts_left"] for row in browser.website.rows()["recoveries"]] == [5]
    directory.refuses_passwords = None
    assert browser.type_code(code, "Con-duong-3-nhip-xa").heading == "Thành công!"
    assert directory.changes == [(AN, "Con-duong-3-nhip-xa")]


def test_an_account_that_is_locked_before_the_code_is_asked_for_gets_none(browser: CheckingClient) -> None:
    browser.begin()
    _lock(browser.website)
    page = browser.submit("Lấy mã xác nhận")
    assert page.errors == [NOT_FOUND]
    assert browser.website.gateway.asked == []


def test_an_account_that_is_locked_while_its_code_travels_is_not_opened(browser: CheckingClient) -> None:
    code = browser.begin_with_code()
    form = browser.page
    _lock(browser.website)
    page = browser.type_code(code)
    assert page.errors == [NOT_FOUND]
    assert browser.website.directory.changes == []
    answer = browser.post("/quen-mat-khau/dat-lai", {**form.values_of(form.all("form")[1]), "code": code})
    assert answer.status_code in (303, 400)


def test_an_account_that_is_locked_at_the_very_last_moment_is_not_opened(browser: CheckingClient) -> None:
    code = browser.begin_with_code()
    browser.website.directory.before_change = lambda: _lock(browser.website)
    assert browser.type_code(code).errors == [NOT_FOUND]
    assert browser.website.directory.changes == []


@pytest.mark.parametrize("path", ["/quen-mat-khau/so-dien-thoai", "/quen-mat-khau/dat-lai", "/quen-mat-khau"])
def test_the_pages_of_a_recovery_whose_account_was_locked_are_pages(browser: CheckingClient, path: str) -> None:
    browser.begin_with_code()
    _lock(browser.website)
    assert browser.open(path).status == 200
    assert browser.website.directory.changes == []


def test_a_fault_in_the_middle_of_the_change_leaves_the_password_the_code_and_the_try(browser: CheckingClient) -> None:
    def broken() -> None:
        raise RuntimeError("a bug")

    code = browser.begin_with_code()
    browser.website.directory.before_change = broken
    assert browser.type_code(code, status=503).errors == [DOWN]
    assert browser.website.opens(AN, OLD_PASSWORD)
    assert [row["attempts_left"] for row in browser.website.rows()["recoveries"]] == [5]
    browser.website.directory.before_change = lambda: None
    assert browser.type_code(code).heading == "Thành công!"


def test_a_fault_of_the_site_before_the_change_leaves_them_too(browser: CheckingClient) -> None:
    code = browser.begin_with_code()
    browser.website.directory.has_a_bug = True
    assert browser.type_code(code, status=500).heading == "Hệ thống gặp lỗi"
    browser.website.directory.has_a_bug = False
    browser.open("/quen-mat-khau/dat-lai")
    assert browser.type_code(code, GOOD_PASSWORD).heading == "Thành công!"
