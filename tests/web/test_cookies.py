"""The cookie: one opaque id, renewed where rights change; an old or planted one opens nothing."""

import pytest

from tests.fakes import AN, GOOD_PASSWORD, OLD_PASSWORD
from tests.flow.story import wrong
from tests.web.client import CheckingClient
from tests.web.conftest import MakeWebsite, TakeBrowser
from tests.web.page_rules import check_cookie, opened


def _id(browser: CheckingClient) -> str:
    """Return what the site reads out of this browser's cookie."""
    interface = browser.website.app.session_interface
    serializer = interface.get_signing_serializer(browser.website.app)
    return str(serializer.loads(browser.cookie).get("id", ""))


def test_the_id_is_new_when_a_recovery_begins_when_it_succeeds_and_at_sign_in(browser: CheckingClient) -> None:
    ids = [_id_or_none(browser)]
    browser.begin()
    ids.append(_id(browser))
    browser.type_code(browser.get_code())
    ids.append(_id(browser))
    browser.sign_in(AN, GOOD_PASSWORD)
    ids.append(_id(browser))
    assert len(set(ids)) == 4
    assert all(len(one) >= 43 for one in ids[1:]), "256 bits"


def _id_or_none(browser: CheckingClient) -> str:
    browser.open("/quen-mat-khau")
    return _id(browser)


def test_taking_a_recovery_up_again_renews_the_id_too(browser: CheckingClient) -> None:
    browser.begin()
    first = _id(browser)
    browser.begin()
    assert _id(browser) != first


def test_a_cookie_holds_an_id_and_a_token_and_nothing_of_the_person(browser: CheckingClient) -> None:
    browser.begin_with_code()
    browser.open("/quen-mat-khau/dat-lai")
    content = opened(f"x={browser.cookie}")
    assert '"id"' in content
    for secret in (AN, "an.tran", "0393XXX121", "393070121", browser.website.rows()["recoveries"][0]["id"]):
        assert secret not in content
    assert _id(browser) not in str(browser.website.rows()), "the database keeps a hash of it"


def test_a_planted_cookie_is_not_adopted(browser: CheckingClient, new_browser: TakeBrowser) -> None:
    """Keycloak CVE-2026-7507: the attacker begins, plants the cookie, and waits for the victim's code."""
    attacker = new_browser()
    attacker.begin()
    planted = attacker.cookie
    browser.cookie = planted
    code = browser.begin_with_code()
    assert browser.cookie != planted
    attacker.cookie = planted
    assert attacker.open("/quen-mat-khau/dat-lai").path == "/quen-mat-khau"
    browser.type_code(code)
    assert attacker.open("/quen-mat-khau/thanh-cong").path == "/quen-mat-khau"


def test_a_cookie_that_was_planted_before_signing_in_is_not_signed_in(
    browser: CheckingClient, new_browser: TakeBrowser
) -> None:
    attacker = new_browser()
    attacker.begin()
    browser.cookie = attacker.cookie
    browser.sign_in()
    assert attacker.open("/tai-khoan").path == "/dang-nhap"


def test_an_old_cookie_put_back_buys_no_tries(browser: CheckingClient) -> None:
    code = browser.begin_with_code()
    kept = browser.cookie
    for _ in range(5):
        browser.type_code(wrong(code))
        browser.cookie = kept
        browser.open("/quen-mat-khau/dat-lai")
    assert browser.type_code(code).errors[0].startswith("Bạn đã nhập sai mã quá số lần cho phép.")
    assert browser.website.opens(AN, OLD_PASSWORD)


def test_an_old_cookie_put_back_after_success_shows_the_success_page_at_most(browser: CheckingClient) -> None:
    code = browser.begin_with_code()
    kept = browser.cookie
    browser.type_code(code)
    browser.cookie = kept
    for path in ("/quen-mat-khau/so-dien-thoai", "/quen-mat-khau/dat-lai"):
        assert browser.open(path).path == "/quen-mat-khau/thanh-cong"
    fields = {"csrf_token": browser.token(), "code": code, "password": "Khac-han-4-sao", "again": "Khac-han-4-sao"}
    browser.post("/quen-mat-khau/dat-lai", fields)
    assert browser.website.directory.changes == [(AN, GOOD_PASSWORD)]
    assert browser.open("/tai-khoan").path == "/dang-nhap"


def test_a_cookie_without_its_signature_is_nothing(browser: CheckingClient) -> None:
    browser.begin_with_code()
    payload, _, signature = browser.cookie.rpartition(".")
    browser.cookie = f"{payload}.{'A' * len(signature)}"
    assert browser.open("/quen-mat-khau/dat-lai").path == "/quen-mat-khau"


@pytest.mark.parametrize(
    ("base_url", "name", "https"),
    [
        ("https://quenmatkhau.soctrang.gov.vn", "__Host-recovery", True),
        ("https://quenmatkhau.soctrang.gov.vn:8443", "__Host-recovery", True),
        ("http://127.0.0.1:8000", "recovery", False),
    ],
)
def test_cookies_and_hsts_follow_the_address_of_the_site(
    make_website: MakeWebsite, base_url: str, name: str, https: bool
) -> None:
    browser = CheckingClient(make_website(site__base_url=base_url))
    browser.recover()
    cookies = [cookie for answer in browser.answers for cookie in answer.headers.getlist("Set-Cookie")]
    assert cookies
    for cookie in cookies:
        assert cookie.startswith(f"{name}=")
        check_cookie(cookie, https=https)
    hsts = {answer.headers.get("Strict-Transport-Security") for answer in browser.answers}
    assert hsts == {"max-age=31536000; includeSubDomains" if https else None}


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.1:80", "127.0.0.1:8001", "localhost:8000"])
def test_the_port_belongs_to_the_host(make_website: MakeWebsite, host: str) -> None:
    browser = CheckingClient(make_website(site__base_url="http://127.0.0.1:8000"))
    assert browser.send("GET", "/quen-mat-khau", headers={"Host": host}).status_code == 400
    assert browser.send("GET", "/quen-mat-khau", headers={"Host": "127.0.0.1:8000"}).status_code == 200


def test_the_host_is_compared_without_regard_to_case(browser: CheckingClient) -> None:
    assert browser.send("GET", "/quen-mat-khau", headers={"Host": "QuenMatKhau.SocTrang.gov.vn"}).status_code == 200
