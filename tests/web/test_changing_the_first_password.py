"""With a first password the only way on is to change it, and after six hours there is none."""

import re

import pytest

from recovery_site.adapters.directories.embedded import EmbeddedDirectory
from recovery_site.domain.audit import EventKind
from recovery_site.domain.secret import Secret
from tests.fakes import GOOD_PASSWORD
from tests.web.client import CheckingClient
from tests.web.conftest import TakeBrowser
from tests.web.test_signing_in import REFUSED, WRONG
from tests.web.website import NEWCOMER

NEW = NEWCOMER.address
CHANGE = "/tai-khoan/doi-mat-khau"
NOT_FOUND = "Không tìm thấy Email hoặc Email bị khoá, vui lòng liên hệ quản trị!"


@pytest.fixture
def newcomer(browser: CheckingClient) -> CheckingClient:
    """Somebody who signed in with the password of the slip, at noon, on a machine of their own."""
    browser.sign_in(NEW, browser.website.hand_out(), remember=True)
    return browser


def _told(deadline: str, left: str) -> str:
    return (
        f"Bạn đang dùng mật khẩu lần đầu. Hãy đổi mật khẩu trước {deadline} ngày 02/03/2026 (còn {left}). "
        "Quá hạn, tài khoản sẽ bị khoá."
    )


def test_signing_in_leads_to_the_change_page_which_tells_how_long_is_left(newcomer: CheckingClient) -> None:
    assert newcomer.page.path == CHANGE
    assert newcomer.page.notes == [_told("18:00", "6 giờ")]


@pytest.mark.parametrize(
    ("seconds", "left"),
    [
        (1, "5 giờ 59 phút"),
        (48 * 60, "5 giờ 12 phút"),
        (5 * 3600, "1 giờ"),
        (5 * 3600 + 1, "59 phút"),
        (6 * 3600 - 60, "1 phút"),
        (6 * 3600 - 1, "chưa đến 1 phút"),
    ],
)
def test_what_is_left_is_never_more_than_there_is(newcomer: CheckingClient, seconds: int, left: str) -> None:
    newcomer.website.clock.pass_by(seconds)
    assert newcomer.open(CHANGE).notes == [_told("18:00", left)]


def test_every_other_page_behind_the_sign_in_leads_there_and_the_one_way_out_is_signing_out(
    newcomer: CheckingClient,
) -> None:
    assert newcomer.open("/tai-khoan").path == CHANGE
    assert newcomer.open("/tai-khoan/doi-mat-khau/kiem-tra").path == CHANGE
    links = {link.get("href") for link in newcomer.page.all("a")}
    assert "/tai-khoan" not in links
    assert newcomer.page.buttons() == ["Đổi mật khẩu", "Đăng xuất"]
    assert newcomer.submit("Đăng xuất").path == "/dang-nhap"


def test_a_refused_form_still_tells_how_long_is_left(newcomer: CheckingClient) -> None:
    page = newcomer.change_password(WRONG)
    assert page.errors_at("current")
    assert page.notes == [_told("18:00", "6 giờ")]


def test_the_first_password_itself_is_not_a_new_one(newcomer: CheckingClient) -> None:
    first = newcomer.website.first_password
    page = newcomer.change_password(first, first)
    assert page.errors == ["Mật khẩu mới giống mật khẩu hiện tại. Hãy chọn mật khẩu khác."]


def test_after_the_change_the_account_is_like_any_other_for_good(newcomer: CheckingClient) -> None:
    page = newcomer.change_password(newcomer.website.first_password)
    assert page.path == "/tai-khoan"
    assert "Mật khẩu lần đầu đã được đổi." in page.text
    kinds = [row["kind"] for row in newcomer.website.rows()["audit"]]
    assert kinds == [EventKind.GRANTED, EventKind.SIGNED_IN, EventKind.FIRST_PASSWORD_CHANGED]
    newcomer.website.clock.pass_by(hours=7)
    assert newcomer.open("/tai-khoan").path == "/tai-khoan"
    assert newcomer.sign_in(NEW, GOOD_PASSWORD).path == "/tai-khoan"


def test_a_recovery_changes_the_first_password_as_well(newcomer: CheckingClient) -> None:
    newcomer.recover(NEW)
    newcomer.website.clock.pass_by(hours=7)
    page = newcomer.sign_in(NEW, GOOD_PASSWORD)
    assert page.path == "/tai-khoan"
    assert "mã gửi tới số 0369XXX147" in page.text


def test_a_change_in_the_mail_system_itself_counts(newcomer: CheckingClient) -> None:
    website = newcomer.website
    website.clock.pass_by(hours=1)
    EmbeddedDirectory(website.services.engine).set_password(NEW, Secret(GOOD_PASSWORD), website.clock.now())
    assert newcomer.open("/tai-khoan").path == "/tai-khoan"
    website.clock.pass_by(hours=6)
    assert newcomer.open("/tai-khoan").path == "/tai-khoan"


# --- overdue ----------------------------------------------------------------------------------------------------------


def test_an_open_session_is_over_with_the_last_second_though_nothing_has_run(newcomer: CheckingClient) -> None:
    newcomer.website.clock.pass_by(6 * 3600 - 1)
    assert newcomer.open("/tai-khoan").path == CHANGE
    newcomer.website.clock.pass_by(1)
    assert newcomer.retype(newcomer.website.first_password).path == "/dang-nhap"
    assert newcomer.website.directory.changes == []
    for path in ("/tai-khoan", CHANGE):
        assert newcomer.open(path).path == "/dang-nhap"


@pytest.mark.parametrize("swept", [False, True], ids=["not swept", "swept"])
def test_an_overdue_account_is_refused_with_the_same_bytes_as_a_wrong_password(
    new_browser: TakeBrowser, swept: bool
) -> None:
    browser = new_browser()
    first = browser.website.hand_out()
    browser.website.clock.pass_by(hours=6)
    if swept:
        assert browser.website.services.upkeep.sweep().locked == 1
    answers = []
    for typed, password in ((NEW, first), ("an.tran@soctrang.gov.vn", WRONG)):
        stranger = new_browser()
        assert stranger.sign_in(typed, password).errors == [REFUSED]
        body = re.sub(r'(name="csrf_token" value=")[^"]+', r"\1TOKEN", stranger.answers[-1].get_data(as_text=True))
        answers.append(body.replace(typed, "TYPED"))
    assert answers[0] == answers[1]


def test_an_overdue_account_is_not_recovered_and_the_page_does_not_say_why(browser: CheckingClient) -> None:
    browser.website.hand_out()
    browser.website.clock.pass_by(hours=6)
    assert browser.begin(NEW).errors == [NOT_FOUND]
    assert browser.website.gateway.asked == []


def test_a_recovery_that_was_under_way_does_not_open_an_account_whose_time_is_over(browser: CheckingClient) -> None:
    browser.website.hand_out()
    browser.website.clock.pass_by(hours=5.9)
    code = browser.begin_with_code(NEW)
    browser.website.clock.pass_by(minutes=6)
    assert browser.type_code(code).errors == [NOT_FOUND]
    assert browser.website.directory.changes == []


def test_the_same_account_handed_out_again_begins_anew_and_the_old_session_is_over(newcomer: CheckingClient) -> None:
    website = newcomer.website
    old = website.first_password
    website.clock.pass_by(hours=2)
    again = website.services.provision.grant_again(NEW, "quan.tri").password.reveal()
    assert newcomer.open("/tai-khoan").path == "/dang-nhap"
    assert newcomer.sign_in(NEW, old).errors == [REFUSED]
    assert newcomer.sign_in(NEW, again).notes == [_told("20:00", "6 giờ")]
