"""Signing in, the page behind it, being remembered, and signing out."""

import re

import pytest

from recovery_site.domain.audit import OWNER, VISITOR, EventKind
from tests.fakes import AN, GOOD_PASSWORD, LOCKED, OLD_PASSWORD, PHONELESS, UNKNOWN
from tests.web.client import CheckingClient
from tests.web.conftest import TakeBrowser
from tests.web.page_rules import opened

REFUSED = "Tên tài khoản hoặc mật khẩu không đúng. Hãy kiểm tra lại, hoặc chọn “Quên mật khẩu?” để đặt mật khẩu mới."
IDLE = "Phiên đăng nhập đã kết thúc vì lâu không sử dụng. Hãy đăng nhập lại."
OVER = "Phiên đăng nhập đã kết thúc. Hãy đăng nhập lại; nếu vừa đổi mật khẩu, hãy dùng mật khẩu mới."
WRONG = "Khong-phai-mat-khau-9"


def test_the_page_has_the_words_of_the_documents_picture(browser: CheckingClient) -> None:
    page = browser.open("/dang-nhap")
    assert [one.text for one in page.all("label")] == ["Tên tài khoản", "Mật khẩu", "Nhớ mật khẩu"]
    assert page.link("Quên mật khẩu?") == "/quen-mat-khau"
    assert page.link("Hướng dẫn sử dụng") == "/huong-dan"


@pytest.mark.parametrize("typed", ["an.tran", "  AN.TRAN@soctrang.gov.vn ", "an.tran@old.soctrang.gov.vn"])
def test_the_right_password_shows_whose_mailbox_it_is(browser: CheckingClient, typed: str) -> None:
    page = browser.sign_in(typed)
    assert page.path == "/tai-khoan"
    assert page.heading == "Tài khoản"
    lines = page.text.split("\n")
    assert lines[lines.index("Email công vụ") + 1] == AN
    assert lines[lines.index("Họ và tên") + 1] == "Trần Văn An"
    assert lines[lines.index("Đổi mật khẩu lần cuối") + 1] == "12:00 02/03/2026"


def test_the_page_shows_when_the_password_was_recovered(browser: CheckingClient) -> None:
    browser.website.clock.pass_by(hours=3)
    browser.recover()
    assert "15:00 02/03/2026" in browser.sign_in(AN, GOOD_PASSWORD).text


def test_signing_in_is_written_down_without_the_address_that_it_came_from(browser: CheckingClient) -> None:
    browser.sign_in(AN, WRONG)
    browser.sign_in()
    refused, row = browser.website.rows()["audit"]
    written = (row["kind"], row["address"], row["actor"], row["detail"])
    assert written == (EventKind.SIGNED_IN, AN, OWNER, "")
    assert (refused["kind"], refused["actor"]) == (EventKind.SIGN_IN_REFUSED, VISITOR)
    assert browser.address not in str((refused, row))


def test_a_password_typed_as_the_name_is_written_down_nowhere(browser: CheckingClient) -> None:
    for typed in (OLD_PASSWORD, "matkhau-cua-toi", f"{OLD_PASSWORD}@soctrang.gov.vn"):
        browser.sign_in(typed, WRONG)
    rows = str(browser.website.rows())
    assert OLD_PASSWORD not in rows
    assert "matkhau-cua-toi" not in rows


def test_the_password_is_remembered_nowhere(browser: CheckingClient) -> None:
    browser.sign_in(remember=True)
    assert OLD_PASSWORD not in opened(f"x={browser.cookie}")
    assert OLD_PASSWORD not in str(browser.website.rows())


def test_signing_out_ends_the_session_for_every_copy_of_its_cookie(browser: CheckingClient) -> None:
    browser.sign_in()
    kept = browser.cookie
    assert browser.submit("Đăng xuất").path == "/dang-nhap"
    assert browser.open("/tai-khoan").path == "/dang-nhap"
    browser.cookie = kept
    assert browser.open("/tai-khoan").path == "/dang-nhap"


def test_nobody_is_signed_in_without_a_password(browser: CheckingClient) -> None:
    assert browser.open("/tai-khoan").path == "/dang-nhap"
    browser.begin_with_code()
    assert browser.open("/tai-khoan").path == "/dang-nhap"


def test_a_session_ends_after_a_working_day(browser: CheckingClient) -> None:
    browser.sign_in()
    browser.stay(hours=7.9)
    assert browser.open("/tai-khoan").path == "/tai-khoan"
    browser.website.clock.pass_by(minutes=6)
    page = browser.open("/tai-khoan")
    assert (page.path, page.notes) == ("/dang-nhap", [])


@pytest.mark.parametrize("path", ["/tai-khoan", "/tai-khoan/doi-mat-khau"])
def test_a_session_that_nobody_used_for_ten_minutes_ends_with_a_plain_sentence(
    browser: CheckingClient, path: str
) -> None:
    browser.sign_in()
    browser.website.clock.pass_by(minutes=10, seconds=-1)
    assert browser.open(path).path == path
    browser.website.clock.pass_by(minutes=10)
    page = browser.open(path)
    assert (page.path, page.notes) == ("/dang-nhap", [IDLE])
    assert browser.open("/dang-nhap").notes == []
    assert browser.sign_in().path == "/tai-khoan"


def test_a_form_of_a_session_that_nobody_used_changes_nothing_and_says_why(browser: CheckingClient) -> None:
    browser.sign_in()
    browser.open("/tai-khoan/doi-mat-khau")
    browser.website.clock.pass_by(minutes=10)
    page = browser.retype()
    assert (page.path, page.notes) == ("/dang-nhap", [IDLE])
    assert browser.website.directory.changes == []


@pytest.mark.parametrize(("minutes", "note"), [(10, IDLE), (8 * 60, OVER)])
def test_nobody_is_told_that_all_devices_are_signed_out_when_none_was(
    browser: CheckingClient, new_browser: TakeBrowser, minutes: int, note: str
) -> None:
    remembered = new_browser()
    remembered.sign_in(remember=True)
    browser.sign_in()
    browser.website.clock.pass_by(minutes=minutes)
    page = browser.submit("Đăng xuất khỏi mọi thiết bị")
    assert (page.path, page.notes) == ("/dang-nhap", [note])
    assert remembered.open("/tai-khoan").path == "/tai-khoan"


def test_an_idle_session_stays_ended_for_every_copy_of_its_cookie(browser: CheckingClient) -> None:
    browser.sign_in()
    kept = browser.cookie
    browser.website.clock.pass_by(minutes=10)
    browser.open("/tai-khoan")
    browser.cookie = kept
    assert browser.open("/tai-khoan").path == "/dang-nhap"


def test_a_use_is_written_down_once_a_minute_at_most(browser: CheckingClient) -> None:
    browser.sign_in()
    [signed_in] = browser.website.rows()["sessions"]
    for _ in range(5):
        browser.website.clock.pass_by(11)
        browser.open("/tai-khoan")
    assert browser.website.rows()["sessions"] == [signed_in]
    browser.website.clock.pass_by(5)
    browser.open("/tai-khoan")
    [seen] = browser.website.rows()["sessions"]
    assert (seen["seen_at"] - signed_in["seen_at"]).total_seconds() == 60


def test_a_remembered_session_that_nobody_used_for_a_week_ends_too(browser: CheckingClient) -> None:
    browser.sign_in(remember=True)
    for _ in range(2):
        browser.website.clock.pass_by(hours=7 * 24 - 1)
        assert browser.open("/tai-khoan").path == "/tai-khoan"
    browser.website.clock.pass_by(hours=7 * 24)
    assert browser.open("/tai-khoan").notes == [IDLE]


def test_a_remembered_session_lives_thirty_days_and_its_cookie_too(browser: CheckingClient) -> None:
    browser.sign_in(remember=True)
    cookie = browser.answers[-2].headers["Set-Cookie"]
    assert "Expires=" in cookie
    for _ in range(4):
        browser.website.clock.pass_by(hours=6 * 24)
        assert browser.open("/tai-khoan").path == "/tai-khoan"
    browser.website.clock.pass_by(hours=6 * 24)
    page = browser.open("/tai-khoan")
    assert (page.path, page.notes) == ("/dang-nhap", [])


def test_a_session_that_is_not_remembered_ends_with_the_browser(browser: CheckingClient) -> None:
    browser.sign_in()
    cookie = browser.answers[-2].headers["Set-Cookie"]
    assert not re.search("expires|max-age", cookie, re.IGNORECASE)


def test_unknown_locked_phoneless_and_wrong_get_the_same_bytes(new_browser: TakeBrowser) -> None:
    answers = []
    for typed, password in (
        (UNKNOWN, WRONG),
        (LOCKED, OLD_PASSWORD),
        (PHONELESS, WRONG),
        (AN, WRONG),
        ("an tran", WRONG),
    ):
        browser = new_browser()
        page = browser.sign_in(typed, password)
        assert page.errors == [REFUSED]
        answer = browser.answers[-1]
        body = re.sub(r'(name="csrf_token" value=")[^"]+', r"\1TOKEN", answer.get_data(as_text=True))
        headers = [name for name, _ in answer.headers]
        answers.append((answer.status, headers, body.replace(typed, "TYPED")))
    assert all(answer == answers[0] for answer in answers)


@pytest.mark.parametrize("typed", [AN, UNKNOWN, LOCKED])
def test_after_ten_wrong_passwords_everybody_waits(browser: CheckingClient, typed: str) -> None:
    for _ in range(10):
        browser.sign_in(typed, WRONG)
    page = browser.sign_in(typed, OLD_PASSWORD, status=429)
    assert page.errors == ["Bạn đã nhập sai mật khẩu quá số lần cho phép. Hãy thử lại sau 10 phút."]
    assert int(browser.answers[-1].headers["Retry-After"]) == 600
    browser.website.clock.pass_by(minutes=10)
    assert browser.sign_in(AN, OLD_PASSWORD).path == "/tai-khoan"


def test_the_wait_of_one_client_is_not_the_wait_of_another(browser: CheckingClient, new_browser: TakeBrowser) -> None:
    for _ in range(10):
        browser.sign_in(AN, WRONG)
    browser.sign_in(AN, WRONG, status=429)
    assert new_browser(address="203.0.113.5").sign_in().path == "/tai-khoan"


def test_right_passwords_do_not_count(browser: CheckingClient) -> None:
    for _ in range(12):
        browser.sign_in()
        browser.submit("Đăng xuất")


def test_spellings_of_one_name_share_their_limit(browser: CheckingClient) -> None:
    spellings = ("an.tran", "AN.TRAN", " an.tran@soctrang.gov.vn", "an.tran@old.soctrang.gov.vn", "ａｎ.tran")
    for number in range(10):
        browser.sign_in(spellings[number % 5], WRONG)
    browser.sign_in(spellings[2], WRONG, status=429)


def test_a_recovery_ends_every_session_of_its_account(browser: CheckingClient, new_browser: TakeBrowser) -> None:
    elsewhere = new_browser()
    elsewhere.sign_in()
    browser.recover()
    assert elsewhere.open("/tai-khoan").path == "/dang-nhap"


def test_a_name_is_kept_after_a_mistake_and_a_password_is_not(browser: CheckingClient) -> None:
    page = browser.sign_in(AN, WRONG, remember=True)
    fields = {one.get("name"): one for one in page.all("input")}
    assert fields["email"].get("value") == AN
    assert fields["remember"].has("checked")
    assert not fields["password"].has("value")
