"""Forms that another site, or nobody, made: refused before anything runs, with a page that lets a person go on."""

from collections.abc import Mapping

import pytest

from tests.web.client import CheckingClient
from tests.web.conftest import MakeWebsite, TakeBrowser

STALE = "Trang này đã mở quá lâu hoặc trình duyệt không lưu cookie. Hãy bấm “Quên mật khẩu” để làm tiếp."
FOREIGN = "Yêu cầu này đến từ một trang khác. Hãy mở trang khôi phục mật khẩu và làm lại từ đó."
POSTS = (
    "/quen-mat-khau",
    "/quen-mat-khau/so-dien-thoai",
    "/quen-mat-khau/dat-lai",
    "/quen-mat-khau/dat-lai/gui-lai",
    "/quen-mat-khau/dat-lai/kiem-tra",
    "/dang-nhap",
    "/dang-xuat",
)


@pytest.mark.parametrize("path", POSTS)
def test_a_form_without_a_token_gets_a_page_that_lets_the_person_go_on(browser: CheckingClient, path: str) -> None:
    browser.begin()
    before = browser.website.rows()
    page = browser.read(browser.post(path, {"email": "an.tran"}))
    assert page.status == 400
    assert page.heading == "Trang đã hết hạn"
    assert STALE in page.text
    assert page.link("Quên mật khẩu") == "/quen-mat-khau"
    assert browser.website.rows() == before
    assert browser.website.gateway.asked == []


@pytest.mark.parametrize("token", ["", "x", "IjEi.aaaa.bbbb", "null", "\u202e", "A" * 5000])
def test_a_token_that_was_made_up_is_refused(browser: CheckingClient, token: str) -> None:
    browser.begin()
    browser.submit("Lấy mã xác nhận", tampered={"csrf_token": token}, status=400)
    assert browser.website.gateway.asked == []


def test_a_token_of_another_browser_is_refused(browser: CheckingClient, new_browser: TakeBrowser) -> None:
    browser.begin()
    browser.submit("Lấy mã xác nhận", tampered={"csrf_token": new_browser().token()}, status=400)
    assert browser.website.gateway.asked == []


def test_a_token_in_a_header_alone_or_in_the_query_is_no_token(browser: CheckingClient) -> None:
    browser.begin()
    token = browser.token()
    answer = browser.post(f"/quen-mat-khau/so-dien-thoai?csrf_token={token}")
    assert answer.status_code == 400
    assert browser.website.gateway.asked == []


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "cross-site", "Origin": ""},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://quenmatkhau.soctrang.gov.vn"},
        {"Origin": "https://quenmatkhau.soctrang.gov.vn.evil.example"},
        {"Origin": "https://quenmatkhau.soctrang.gov.vn:8443"},
        {"Origin": "https://evil.example", "Sec-Fetch-Site": ""},
    ],
    ids=str,
)
@pytest.mark.parametrize("path", ["/quen-mat-khau/so-dien-thoai", "/dang-nhap"])
def test_a_form_from_another_site_is_refused(browser: CheckingClient, headers: Mapping[str, str], path: str) -> None:
    browser.begin()
    before = browser.website.rows()
    fields = {"csrf_token": browser.token(), "email": "an.tran", "password": "x"}
    page = browser.read(browser.post(path, fields, headers=headers))
    assert page.status == 403
    assert FOREIGN in page.text
    assert page.link("Quên mật khẩu") == "/quen-mat-khau"
    assert browser.website.rows() == before
    assert browser.website.gateway.asked == []


def test_an_old_browser_that_sends_neither_header_is_served(browser: CheckingClient) -> None:
    browser.begin()
    browser.submit("Lấy mã xác nhận", headers={"Origin": "", "Sec-Fetch-Site": "", "Referer": ""})
    assert len(browser.website.gateway.accepted) == 1


def test_an_address_typed_by_hand_and_a_link_from_elsewhere_open_pages(browser: CheckingClient) -> None:
    for origin in ("none", "cross-site"):
        assert browser.send("GET", "/quen-mat-khau", headers={"Sec-Fetch-Site": origin}).status_code == 200


def test_a_site_on_a_port_compares_the_origin_with_its_port(make_website: MakeWebsite) -> None:
    browser = CheckingClient(make_website(site__base_url="http://127.0.0.1:8000"))
    browser.begin()
    browser.submit("Lấy mã xác nhận", headers={"Origin": "http://127.0.0.1:9000"}, status=403)
    browser.begin()
    assert browser.get_code()


def test_a_page_that_was_open_before_the_recovery_began_is_stale_and_says_so(browser: CheckingClient) -> None:
    old = browser.open("/quen-mat-khau")
    browser.begin()
    answer = browser.post("/quen-mat-khau", {**old.values_of(old.all("form")[0]), "email": "an.tran"})
    assert browser.read(answer).heading == "Trang đã hết hạn"
