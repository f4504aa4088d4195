"""The pages of the guide: forwarding from Gmail and Yahoo, and how an account is asked for."""

import pytest

from tests.web.client import CheckingClient
from tests.web.conftest import MakeWebsite

CONTACT = {"name": "Trung tâm Công nghệ thông tin", "phone": "0909 834 888", "address": "Số 9 Hoàng Văn Thụ"}
FORWARDING, REGISTRATION = "/huong-dan/chuyen-tiep", "/dang-ky"


@pytest.mark.parametrize(
    ("label", "path"),
    [("Chuyển tiếp thư từ Gmail, Yahoo Mail", FORWARDING), ("Đăng ký tài khoản thư công vụ", REGISTRATION)],
)
def test_the_sign_in_page_leads_there_by_the_guide(browser: CheckingClient, label: str, path: str) -> None:
    browser.open("/dang-nhap")
    assert browser.follow("Hướng dẫn sử dụng").path == "/huong-dan"
    page = browser.follow(label)
    assert (page.path, page.heading) == (path, label)
    assert browser.follow("Hướng dẫn sử dụng").path == "/huong-dan"


# --- forwarding -------------------------------------------------------------------------------------------------------


def test_forwarding_goes_to_the_first_domain_of_the_settings(make_website: MakeWebsite) -> None:
    website = make_website(site__mail_domains=["caobang.gov.vn", "soctrang.gov.vn"])
    page = CheckingClient(website).open(FORWARDING)
    assert "taikhoan@caobang.gov.vn" in page.text
    assert "soctrang" not in page.text


def test_forwarding_says_why_as_the_document_does(browser: CheckingClient) -> None:
    text = browser.open(FORWARDING).text
    assert "cáp quang biển" in text
    assert "đến 10 ngày" in text


def test_gmail_is_explained_in_numbered_steps_by_the_names_on_its_buttons(browser: CheckingClient) -> None:
    steps = [item.text for item in browser.open(FORWARDING).classed("guide")[0].all("li")]
    names = [
        "Xem tất cả chế độ cài đặt (See all settings)",
        "Chuyển tiếp và POP/IMAP (Forwarding and POP/IMAP)",
        "Thêm địa chỉ chuyển tiếp (Add a forwarding address)",
        "Tiếp theo (Next)",
        "thư xác nhận",
        "Chuyển tiếp bản sao của thư đến tới (Forward a copy of incoming mail to)",
        "Lưu thay đổi (Save Changes)",
    ]
    assert len(steps) == len(names)
    for step, name in zip(steps, names, strict=True):
        assert name in step


def test_yahoo_is_told_honestly_with_three_ways_round(browser: CheckingClient) -> None:
    page = browser.open(FORWARDING)
    assert "hộp thư miễn phí không còn làm được việc này" in page.text
    assert [one.text.partition(":")[0] for one in page.all("h3")] == ["Cách 1", "Cách 2", "Cách 3"]
    for words in ("Export contacts", "Vacation response", "Tạo mật khẩu ứng dụng", "imap.mail.yahoo.com", "993"):
        assert words in page.text


def test_in_english_the_buttons_have_one_name(browser: CheckingClient) -> None:
    browser.lang = "en"
    text = browser.open(f"{FORWARDING}?lang=en").text
    assert "Open the tab Forwarding and POP/IMAP." in text


# --- registration -----------------------------------------------------------------------------------------------------


def test_registration_tells_who_how_and_where(make_website: MakeWebsite) -> None:
    page = CheckingClient(make_website(site__contact=CONTACT)).open(REGISTRATION)
    assert "@soctrang.gov.vn" in page.text
    assert "Nhóm từ 2 đến 5 người" in page.text
    assert "Bằng văn bản" in page.text
    assert "qua điện thoại" in page.text
    for part in CONTACT.values():
        assert part in page.text
    assert page.link(CONTACT["phone"]) == "tel:0909834888"


def test_registration_without_a_contact_still_says_whom_to_ask(browser: CheckingClient) -> None:
    text = browser.open(REGISTRATION).text
    assert "quản trị thư công vụ của tỉnh" in text
    assert "Địa chỉ\n" not in text


@pytest.mark.parametrize(
    ("seconds", "words"), [(6 * 3600, "6 giờ"), (90 * 60, "90 phút"), (3600, "1 giờ"), (3659, "60 phút")]
)
def test_the_deadline_is_the_settings_and_never_longer(make_website: MakeWebsite, seconds: int, words: str) -> None:
    page = CheckingClient(make_website(activation__lifetime_seconds=seconds)).open(REGISTRATION)
    assert f"Thời hạn là {words} kể từ khi kích hoạt" in page.text
    assert f"Sau {words}, tài khoản chưa được đổi mật khẩu sẽ bị khoá" in page.text


def test_the_reminder_is_told_where_there_is_one(make_website: MakeWebsite) -> None:
    assert "trước khi hết hạn 1 giờ" in CheckingClient(make_website()).open(REGISTRATION).text
    assert (
        "trước khi hết hạn" not in CheckingClient(make_website(activation__reminder_seconds=0)).open(REGISTRATION).text
    )


def test_a_contact_with_marks_of_html_stays_text(make_website: MakeWebsite) -> None:
    contact = {"name": "<b>Phòng & Ban</b>", "address": "<script>alert(1)</script>"}
    page = CheckingClient(make_website(site__contact=contact)).open(REGISTRATION)
    assert "<b>Phòng & Ban</b>" in page.text
    assert "<script>alert(1)</script>" in page.text


def test_the_size_of_each_form_stands_on_its_link(browser: CheckingClient) -> None:
    page = browser.open(REGISTRATION)
    links = [link for link in page.all("a") if link.has("download")]
    assert [link.get("href") for link in links] == ["/dang-ky/mau-don.docx", "/dang-ky/mau-don.pdf"]
    for link in links:
        size = len(browser.send("GET", link.get("href")).data)
        assert f"({-(-size // 1000)} KB)" in link.text


@pytest.mark.parametrize("path", [FORWARDING, REGISTRATION])
def test_the_pages_are_light(browser: CheckingClient, path: str) -> None:
    assert len(browser.send("GET", path, headers={"Accept-Encoding": "br"}).data) <= 7 * 1024
