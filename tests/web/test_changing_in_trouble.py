"""Changing one's own password while the directory is in trouble, after the session, or with two accounts at once."""

import pytest

from recovery_site.adapters.directories.embedded import EmbeddedDirectory
from recovery_site.ports import PolicyProblem
from tests.fakes import AN, BINH, GOOD_PASSWORD, OLD_PASSWORD
from tests.web.client import CheckingClient
from tests.web.test_changing_passwords import CHANGE, CHECK, DONE

OVER = "Phiên đăng nhập đã kết thúc. Hãy đăng nhập lại; nếu vừa đổi mật khẩu, hãy dùng mật khẩu mới."


@pytest.fixture
def signed_in(browser: CheckingClient) -> CheckingClient:
    browser.sign_in()
    return browser


# --- the directory ----------------------------------------------------------------------------------------------------


def test_a_directory_that_cannot_write_is_told_honestly_and_counts_as_no_wrong_password(
    signed_in: CheckingClient,
) -> None:
    directory = signed_in.website.directory
    directory.down_for_changes = True
    for _ in range(11):
        page = signed_in.change_password(status=503)
    assert page.path == CHANGE
    assert page.errors == ["Hệ thống thư đang gián đoạn. Mật khẩu chưa thay đổi. Hãy thử lại sau ít phút."]
    assert signed_in.website.opens(AN, OLD_PASSWORD)
    directory.down_for_changes = False
    assert DONE in signed_in.change_password().text


def test_a_directory_that_does_not_answer_at_all_is_told_honestly(signed_in: CheckingClient) -> None:
    signed_in.open(CHANGE)
    signed_in.website.directory.down = True
    assert "Hệ thống thư đang gián đoạn." in signed_in.retype(status=503).text
    assert "Hệ thống thư đang gián đoạn." in signed_in.open("/tai-khoan", status=503).text
    signed_in.website.directory.down = False
    assert signed_in.open("/tai-khoan").path == "/tai-khoan"


@pytest.mark.parametrize("problem", PolicyProblem)
def test_a_password_that_the_directory_refuses_is_told_without_a_word_of_a_code(
    signed_in: CheckingClient, problem: PolicyProblem
) -> None:
    directory = signed_in.website.directory
    directory.refuses_passwords = problem
    for _ in range(11):
        page = signed_in.change_password()
    [sentence] = page.errors_at("password")
    assert sentence.endswith(" Mật khẩu chưa thay đổi.")
    assert "mã" not in sentence
    directory.refuses_passwords = None
    assert signed_in.change_password().path == "/tai-khoan"


# --- who may ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", [CHANGE, CHECK])
def test_nobody_gets_there_without_signing_in(browser: CheckingClient, path: str) -> None:
    assert browser.open(path).path == "/dang-nhap"
    assert browser.page.notes == []
    answer = browser.post(path, {"csrf_token": browser.token(), "current": OLD_PASSWORD, "password": GOOD_PASSWORD})
    assert (answer.status_code, answer.location) == (303, "/dang-nhap")
    assert browser.website.directory.changes == []


def test_a_form_that_comes_after_the_end_of_the_session_is_told_so_once(signed_in: CheckingClient) -> None:
    signed_in.open(CHANGE)
    signed_in.website.clock.pass_by(hours=9)
    page = signed_in.retype()
    assert page.path == "/dang-nhap"
    assert page.notes == [OVER]
    assert signed_in.open("/dang-nhap").notes == []
    assert signed_in.website.directory.changes == []


def test_a_page_that_nobody_sees_does_not_use_the_word_up(signed_in: CheckingClient) -> None:
    """The script's check while typing follows the redirect itself, and only then leads the person there."""
    token = signed_in.token()
    signed_in.website.clock.pass_by(hours=9)
    signed_in.post(CHECK, {"csrf_token": token, "password": "abc"})
    signed_in.send("GET", "/dang-nhap", headers={"HX-Request": "true", "HX-Target": "div#password-rules"})
    assert signed_in.open("/dang-nhap").notes == [OVER]


def test_an_account_that_is_locked_at_the_very_last_moment_is_not_opened(signed_in: CheckingClient) -> None:
    website = signed_in.website
    website.directory.before_change = lambda: EmbeddedDirectory(website.services.engine).lock(AN)
    assert signed_in.change_password().path == "/dang-nhap"
    assert website.directory.changes == []


def test_the_form_of_one_account_never_changes_the_password_of_another(signed_in: CheckingClient) -> None:
    """Two tabs of one browser: the second one signs in to another account, with the same password even."""
    page = signed_in.open(CHANGE)
    form = page.values_of(page.form_of(page.button("Đổi mật khẩu")))
    signed_in.sign_in(BINH)
    fields = {"current": OLD_PASSWORD, "password": GOOD_PASSWORD, "again": GOOD_PASSWORD}
    assert signed_in.post(CHANGE, {**form, **fields}).status_code == 400
    assert signed_in.website.directory.changes == []


def test_an_old_cookie_put_back_changes_nothing_any_more(signed_in: CheckingClient) -> None:
    kept = signed_in.cookie
    signed_in.change_password()
    signed_in.cookie = kept
    fields = {"current": GOOD_PASSWORD, "password": "Con-duong-3-nhip-xa", "again": "Con-duong-3-nhip-xa"}
    signed_in.post(CHANGE, {"csrf_token": signed_in.token(), **fields})
    assert signed_in.website.directory.changes == [(AN, GOOD_PASSWORD)]
