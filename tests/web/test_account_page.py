"""The account page: what it tells, in words and with masks, and the way out of every device."""

from datetime import timedelta

import pytest

from recovery_site.domain.audit import OF_STRANGERS, OF_THE_RECORD, OWNER, SYSTEM, Event, EventKind
from recovery_site.flow.account_page import RECENT
from tests.fakes import AN, BINH, GOOD_PASSWORD, PHONELESS
from tests.web.client import CheckingClient
from tests.web.conftest import MakeWebsite, TakeBrowser
from tests.web.test_house_rules import VIETNAMESE
from tests.web.test_signing_in import WRONG
from tests.web.website import TRIO, Website

PAGE = "/tai-khoan"
SENTENCES = {
    EventKind.GRANTED: "Tài khoản được cấp kèm mật khẩu lần đầu.",
    EventKind.GRANTED_AGAIN: "Tài khoản được cấp lại mật khẩu lần đầu.",
    EventKind.REMINDED: "Hệ thống gửi tin nhắn nhắc đổi mật khẩu lần đầu.",
    EventKind.LOCKED_OVERDUE: "Tài khoản bị khoá vì quá hạn đổi mật khẩu lần đầu.",
    EventKind.FIRST_PASSWORD_CHANGED: "Mật khẩu lần đầu đã được đổi.",
    EventKind.PASSWORD_CHANGED: "Mật khẩu được đổi sau khi đăng nhập.",
    EventKind.PASSWORD_RECOVERED: "Mật khẩu được đặt lại bằng mã gửi tới số 0393XXX121.",
    EventKind.SIGNED_IN: "Đăng nhập vào trang này.",
    EventKind.SIGNED_OUT_EVERYWHERE: "Đăng xuất khỏi mọi thiết bị.",
    EventKind.MEMBER_ADDED: "Nhóm có thêm thành viên dùng số 0393XXX121.",
    EventKind.MEMBER_REMOVED: "Thành viên dùng số 0393XXX121 được đưa ra khỏi nhóm.",
    EventKind.LOCKED: "Tài khoản bị quản trị khoá.",
    EventKind.UNLOCKED: "Tài khoản được quản trị mở khoá.",
    EventKind.RENAMED: "Địa chỉ thư được đổi, địa chỉ trước đây là an.tran@caobang.gov.vn.",
    EventKind.DATA_EXPORTED: "Dữ liệu lưu về tài khoản được trích xuất theo yêu cầu.",
}
NOT_SHOWN = OF_STRANGERS | OF_THE_RECORD | {EventKind.MOVED_AWAY}


def _after(page_text: str, label: str) -> str:
    lines = page_text.split("\n")
    return lines[lines.index(label) + 1]


def _write_down(website: Website, kind: EventKind, detail: str = "", address: str = AN) -> None:
    with website.services.transactions() as tx:
        tx.audit.add(Event(website.clock.now(), kind, address, SYSTEM, detail))


def _events(browser: CheckingClient) -> list[tuple[str, str]]:
    [listed] = browser.open(PAGE).classed("events")
    return list(zip((one.text for one in listed.all("dt")), (one.text for one in listed.all("dd")), strict=True))


# --- what it tells ----------------------------------------------------------------------------------------------------


def test_it_tells_when_the_password_was_last_changed_and_that_it_was_never_recovered(browser: CheckingClient) -> None:
    page = browser.sign_in()
    assert _after(page.text, "Đổi mật khẩu lần cuối") == "12:00 02/03/2026"
    assert _after(page.text, "Khôi phục mật khẩu lần cuối") == "Chưa lần nào"


def test_it_tells_when_the_password_was_recovered_and_to_which_masked_number_the_code_went(
    browser: CheckingClient,
) -> None:
    browser.begin(TRIO)
    browser.submit("Lấy mã xác nhận", {"phone": browser.page.all("fieldset")[0].all("input")[1].get("value")})
    browser.type_code(browser.website.gateway.last_code())
    browser.website.clock.pass_by(hours=24)
    for _ in range(RECENT + 1):  # however much has happened since
        browser.sign_in(TRIO, GOOD_PASSWORD)
    assert _after(browser.page.text, "Khôi phục mật khẩu lần cuối") == "12:00 02/03/2026, mã gửi tới số 0777XXX333"


def test_an_own_number_is_shown_masked(browser: CheckingClient) -> None:
    page = browser.sign_in()
    assert [one.text for one in page.classed("plain")[0].all("li")] == ["0393XXX121"]
    assert "Nếu có số không đúng, hãy liên hệ quản trị" in page.text


def test_a_group_sees_whose_each_masked_number_is(browser: CheckingClient) -> None:
    page = browser.sign_in(TRIO)
    assert [one.text for one in page.classed("plain")[0].all("li")] == [
        "0855XXX222 (Kim Thị Sa Phia)",
        "0777XXX333 (Lý Thị Mơ)",
        "0588XXX444 (Võ Gia Bảo)",
    ]


def test_the_mask_is_the_one_of_the_settings(make_website: MakeWebsite) -> None:
    page = CheckingClient(make_website(disclosure__mask="2+2")).sign_in()
    assert "03XXXXXX21" in page.text
    assert "0393" not in page.text


def test_an_account_without_a_number_is_told_so_before_it_is_needed(browser: CheckingClient) -> None:
    page = browser.sign_in(PHONELESS)
    assert "Chưa có số điện thoại nào, nên bạn không tự khôi phục được mật khẩu." in page.text


def test_whom_to_ask_about_a_wrong_number_comes_from_the_settings(make_website: MakeWebsite) -> None:
    contact = {"name": "Trung tâm CNTT", "phone": "0299 3821 001"}
    page = CheckingClient(make_website(site__contact=contact)).sign_in()
    [main] = page.all("main")
    assert "Trung tâm CNTT: 0299 3821 001" in main.text
    assert [link.get("href") for link in main.all("a") if link.get("href").startswith("tel:")] == ["tel:02993821001"]


def test_it_leads_to_the_change_page_and_to_the_guides(browser: CheckingClient) -> None:
    page = browser.sign_in()
    assert page.link("Đổi mật khẩu") == "/tai-khoan/doi-mat-khau"
    assert page.link("Hướng dẫn sử dụng") == "/huong-dan"
    assert page.link("Chuyển tiếp thư từ Gmail, Yahoo Mail") == "/huong-dan/chuyen-tiep"


def test_it_is_whole_in_english_too(make_website: MakeWebsite) -> None:
    website = make_website(site__system_name="Official mail", site__province="Soc Trang")
    for kind in SENTENCES:
        _write_down(website, kind, "0393XXX121", PHONELESS)
    browser = CheckingClient(website)
    browser.sign_in(PHONELESS)
    browser.lang = "en"
    browser.open(f"{PAGE}?lang=en")
    left = browser.page.text.replace("Văn phòng UBND", "")
    assert not VIETNAMESE.search(left), left


# --- events -----------------------------------------------------------------------------------------------------------


def test_every_kind_of_event_has_its_sentence() -> None:
    assert set(SENTENCES) == set(EventKind) - NOT_SHOWN
    assert len(set(SENTENCES.values())) == len(SENTENCES)


@pytest.mark.parametrize("kind", SENTENCES)
def test_an_event_is_told_in_words(browser: CheckingClient, kind: EventKind) -> None:
    browser.sign_in()
    browser.website.clock.pass_by(minutes=1)
    detail = "an.tran@caobang.gov.vn" if kind is EventKind.RENAMED else "0393XXX121"
    _write_down(browser.website, kind, detail)
    assert _events(browser)[0] == ("12:01 02/03/2026", SENTENCES[kind])


@pytest.mark.parametrize("kind", SENTENCES)
def test_an_event_without_a_detail_is_a_sentence_too(browser: CheckingClient, kind: EventKind) -> None:
    browser.sign_in()
    _write_down(browser.website, kind)
    sentence = _events(browser)[0][1]
    assert sentence.endswith(".")
    assert "%" not in sentence
    assert "()" not in sentence


def test_what_an_operator_typed_about_a_caller_is_not_shown(browser: CheckingClient) -> None:
    browser.sign_in()
    _write_down(browser.website, EventKind.GRANTED, "chị Hoa, 0912 345 678")
    assert "chị Hoa" not in browser.open(PAGE).text


def test_the_newest_stands_first_and_only_the_latest_are_shown(browser: CheckingClient) -> None:
    for _ in range(RECENT + 3):
        browser.sign_in()
        browser.website.clock.pass_by(minutes=1)
    shown = [at for at, _ in _events(browser)]
    assert len(shown) == RECENT
    assert shown[:2] == ["12:14 02/03/2026", "12:13 02/03/2026"]


def test_times_are_the_provinces_also_past_midnight(browser: CheckingClient) -> None:
    browser.website.clock.pass_by(timedelta(hours=12, minutes=30).total_seconds())
    browser.sign_in()
    assert _events(browser)[0] == ("00:30 03/03/2026", "Đăng nhập vào trang này.")


def test_nobody_sees_the_events_of_another_account(browser: CheckingClient) -> None:
    _write_down(browser.website, EventKind.UNLOCKED, address=BINH)
    browser.sign_in()
    assert [sentence for _, sentence in _events(browser)] == ["Đăng nhập vào trang này."]


@pytest.mark.parametrize("kind", sorted(OF_STRANGERS))
def test_what_strangers_do_pushes_nothing_off_the_page(browser: CheckingClient, kind: EventKind) -> None:
    browser.sign_in()
    for _ in range(RECENT + 1):
        _write_down(browser.website, kind)
    assert [sentence for _, sentence in _events(browser)] == ["Đăng nhập vào trang này."]


def test_a_refused_sign_in_is_written_down_under_a_name_that_only_the_key_tells(browser: CheckingClient) -> None:
    browser.sign_in(AN, WRONG)
    [row] = browser.website.rows()["audit"]
    assert row["kind"] is EventKind.SIGN_IN_REFUSED
    assert row["address"].startswith("~")
    with browser.website.services.transactions() as tx:
        assert [one.address for one in tx.audit.of_account(AN, 9)] == [AN]


def test_an_event_keeps_the_network_that_it_came_from_and_not_the_address(browser: CheckingClient) -> None:
    browser.sign_in()
    [row] = browser.website.rows()["audit"]
    assert row["client"] == "192.0.2.0/24"


# --- signing out everywhere -------------------------------------------------------------------------------------------


def test_every_browser_of_the_account_is_signed_out(browser: CheckingClient, new_browser: TakeBrowser) -> None:
    elsewhere, other = new_browser(), new_browser()
    elsewhere.sign_in(remember=True)
    other.sign_in(BINH)
    browser.sign_in()
    page = browser.submit("Đăng xuất khỏi mọi thiết bị")
    assert page.path == "/dang-nhap"
    assert page.notes == ["Bạn đã đăng xuất khỏi mọi thiết bị."]
    assert browser.open("/dang-nhap").notes == []
    for one in (browser, elsewhere):
        assert one.open(PAGE).path == "/dang-nhap"
    assert other.open(PAGE).path == PAGE
    last = browser.website.rows()["audit"][-1]
    assert (last["kind"], last["address"], last["actor"]) == (EventKind.SIGNED_OUT_EVERYWHERE, AN, OWNER)


def test_it_works_while_the_mail_system_is_down(browser: CheckingClient, new_browser: TakeBrowser) -> None:
    elsewhere = new_browser()
    elsewhere.sign_in()
    browser.sign_in()
    browser.website.directory.down = True
    browser.submit("Đăng xuất khỏi mọi thiết bị")
    browser.website.directory.down = False
    assert elsewhere.open(PAGE).path == "/dang-nhap"


@pytest.mark.parametrize("hours", [0, 0.5, 9], ids=["never signed in", "session idle", "session over"])
def test_whoever_is_signed_in_nowhere_signs_nobody_out(
    browser: CheckingClient, new_browser: TakeBrowser, hours: float
) -> None:
    remembered = new_browser()
    remembered.sign_in(remember=True)
    if hours:
        browser.sign_in()
        browser.website.clock.pass_by(hours=hours)
    browser.post("/tai-khoan/dang-xuat-moi-noi", {"csrf_token": browser.token()})
    assert remembered.open(PAGE).path == PAGE
    kinds = [row["kind"] for row in browser.website.rows()["audit"]]
    assert EventKind.SIGNED_OUT_EVERYWHERE not in kinds
