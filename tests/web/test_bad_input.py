"""What no browser sends and what no person types: a clean refusal in Vietnamese, a way back, and nothing changed."""

from collections.abc import Callable

import pytest

from tests.fakes import AN, BINH, GOOD_PASSWORD
from tests.web.client import CheckingClient
from tests.web.conftest import MakeWebsite
from tests.web.page import Page

FORM = "application/x-www-form-urlencoded"
INVALID = "Trình duyệt đã gửi một yêu cầu mà hệ thống không hiểu. Hãy quay lại và thử lại."


def _refused(browser: CheckingClient, status: int, send: Callable[[], object]) -> Page:
    """Send something, and hold the answer to be a page with a way back, over a database that stays as it was."""
    before = browser.website.rows()
    send()
    page = browser.read(browser.answers[-1])
    assert page.status == status, page
    assert page.link("Quên mật khẩu") == "/quen-mat-khau"
    assert page.link("Về trang đăng nhập") == "/dang-nhap"
    assert browser.website.rows() == before
    assert browser.website.sms_count() == 0
    return page


@pytest.mark.parametrize(
    "body",
    [
        f"email={AN}&email={BINH}",
        f"email={AN}&email={AN}",
        f"email={AN}%00",
        "email=an%00.tran",
        f"email={AN}%0d%0aBcc:%20evil@example.com&x=1%0d%0a2",
        "email=an.tran%0d%0aX: y",
        "email=%ff%fe%41",
        "email=%C0%AEan.tran",
        "email=an.tran%ED%A0%80",
        "%ff=1&email=an.tran",
        "email=an%1b[2Jtran",
    ],
)
def test_a_field_twice_or_with_what_cannot_be_typed_is_refused(browser: CheckingClient, body: str) -> None:
    token = browser.token()

    def send() -> object:
        return browser.post("/quen-mat-khau", f"{body}&csrf_token={token}".encode(), content_type=FORM)

    assert INVALID in _refused(browser, 400, send).text


@pytest.mark.parametrize("body", ["email[]=an.tran", "email[0]=an.tran", "email.address=an.tran", "Email=an.tran"])
def test_a_field_of_another_name_is_no_address(browser: CheckingClient, body: str) -> None:
    before = browser.website.rows()
    page = browser.read(browser.post("/quen-mat-khau", f"{body}&csrf_token={browser.token()}", content_type=FORM))
    assert page.errors == ["Hãy nhập Email công vụ."]
    assert browser.website.rows() == before


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("application/json", b'{"email": ["an.tran", "binh.le"]}'),
        ("application/json", b'{"email": "an.tran", "csrf_token": 1}'),
        ("text/plain", b"email=an.tran"),
        ("application/xml", b"<email>an.tran</email>"),
        (
            "multipart/form-data; boundary=x",
            b'--x\r\nContent-Disposition: form-data; name="email"\r\n\r\nan.tran\r\n--x--\r\n',
        ),
        ("", b"email=an.tran"),
        ("application/x-www-form-urlencoded; charset=utf-16", b"email=an.tran"),
    ],
    ids=["json list", "json", "text", "xml", "multipart", "none", "charset"],
)
def test_a_body_of_another_kind_is_refused(browser: CheckingClient, content_type: str, body: bytes) -> None:
    browser.token()
    before = browser.website.rows()
    page = browser.read(browser.post("/quen-mat-khau", body, content_type=content_type))
    assert page.status in (400, 415)
    assert browser.website.rows() == before


def test_a_megabyte_is_too_much(browser: CheckingClient) -> None:
    body = b"email=" + b"a" * 1024 * 1024
    page = _refused(browser, 413, lambda: browser.post("/quen-mat-khau", body, content_type=FORM))
    assert "Nội dung gửi lên quá lớn. Hãy quay lại và nhập ngắn hơn." in page.text


def test_a_body_that_does_not_say_how_long_it_is_is_refused(browser: CheckingClient) -> None:
    """Werkzeug reads such a body up to the limit and says nothing of the rest."""
    body = f"csrf_token={browser.token()}&email=".encode() + b"a" * 1024 * 1024
    environ = {"wsgi.input_terminated": True, "CONTENT_LENGTH": "", "HTTP_TRANSFER_ENCODING": "chunked"}
    _refused(browser, 411, lambda: browser.post("/quen-mat-khau", body, content_type=FORM, environ=environ))


def test_ten_kilobytes_of_address_are_told_to_be_too_long(browser: CheckingClient) -> None:
    page = browser.begin("a" * 10_000)
    assert page.errors == ["Email công vụ không được dài quá 254 ký tự. Hãy kiểm tra lại."]
    assert browser.website.rows()["recoveries"] == []


def test_a_thousand_fields_are_refused_or_ignored(browser: CheckingClient) -> None:
    fields = {f"f{number}": "x" for number in range(1200)}
    before = browser.website.rows()
    answer = browser.post("/quen-mat-khau", {**fields, "csrf_token": browser.token(), "email": "khong-co"})
    assert answer.status_code in (200, 400, 413)
    browser.read(answer)
    after = browser.website.rows()
    assert {name for name in after if after[name] != before[name]} <= {"limit_counters", "limit_members"}


@pytest.mark.parametrize(
    "payload",
    [
        "<script>alert(1)</script>",
        '"><img src=x onerror=alert(1)>',
        "' OR 1=1 --",
        "an.tran'; DROP TABLE accounts; --",
        "*)(uid=*))(|(uid=*",
        "an.tran)(&",
        "{{ 7*7 }}{% raw %}",
        "${7*7}#{7*7}<%= 7*7 %>",
        "../../etc/passwd",
        "%s%s%n%d %(left)d",
        "an.tran\u202e@soctrang.gov.vn",
        "аn.tran@soctrang.gov.vn",
        "-oProxyCommand=id@soctrang.gov.vn",
        "an.tran@[127.0.0.1]",
        "an.tran@soctrang.gov.vn@evil.example",
        '"an.tran"@soctrang.gov.vn',
    ],
)
def test_a_payload_is_text_that_names_no_mailbox(browser: CheckingClient, payload: str) -> None:
    before = browser.website.rows()
    page = browser.begin(payload)
    assert page.path == "/quen-mat-khau"
    assert len(page.errors) == 1
    field = page.by_id("email")
    assert field is not None
    assert field.get("value") == payload, "it comes back as it was typed, and harmless"
    assert "49" not in page.errors[0]
    assert browser.website.rows() == before
    assert browser.sign_in(payload, "Khong-dung-9x").path == "/dang-nhap"


@pytest.mark.parametrize("payload", ["<script>alert(1)</script>", "{{7*7}}", "' OR 1=1 --", "123456; --"])
def test_a_payload_for_a_code_costs_no_try_and_is_not_shown(browser: CheckingClient, payload: str) -> None:
    browser.begin_with_code()
    page = browser.type_code(payload)
    assert page.errors == ["Mã xác nhận gồm 6 chữ số. Hãy chỉ nhập chữ số."]
    assert [row["attempts_left"] for row in browser.website.rows()["recoveries"]] == [5]


def test_hidden_and_extra_fields_name_nothing(browser: CheckingClient) -> None:
    """LTB #24, CVE-2023-49032, keycloak CVE-2026-18963: what a browser says of account, number or step."""
    extra = {
        "account": BINH, "email": BINH, "username": BINH, "address": BINH, "phone": "0912345678", "to": "84912345678",
        "step": "done", "is_verified": "true", "id": "1", "generation": "0", "attempts_left": "99", "reference": "X",
    }  # fmt: skip
    browser.begin(AN)
    browser.submit("Lấy mã xác nhận", tampered=extra)
    assert [to.local for to, _ in browser.website.gateway.accepted] == ["0393070121"]
    code = browser.website.gateway.last_code()
    fields = {"code": code, "password": GOOD_PASSWORD, "again": GOOD_PASSWORD}
    browser.submit("Khôi phục mật khẩu", fields, tampered=extra)
    assert browser.website.directory.changes == [(AN, GOOD_PASSWORD)]


def test_a_verified_flag_opens_nothing(browser: CheckingClient) -> None:
    browser.begin_with_code()
    fields = {"code": "", "password": GOOD_PASSWORD, "again": GOOD_PASSWORD}
    for extra in ({"is_verified": "1"}, {"step": "done"}, {"diacritics": "seen", "verified": "true"}):
        assert browser.submit("Khôi phục mật khẩu", fields, tampered=extra).errors == ["Hãy nhập mã xác nhận."]
    assert browser.website.directory.changes == []


def test_answers_in_the_query_are_not_read(browser: CheckingClient) -> None:
    code = browser.begin_with_code()
    browser.send("GET", "/quen-mat-khau/dat-lai", query_string=f"code={code}&password=x&again=x", may_show_codes=True)
    answer = browser.send("GET", "/quen-mat-khau?email=an.tran&step=done")
    assert "an.tran" not in answer.text
    assert browser.website.directory.changes == []


def test_a_password_of_broken_bytes_is_refused_not_changed(browser: CheckingClient) -> None:
    code = browser.begin_with_code()
    password = "Ben-pha-9-vang%ff"
    body = f"csrf_token={browser.token()}&code={code}&password={password}&again={password}"
    answer = browser.post("/quen-mat-khau/dat-lai", body.encode(), content_type=FORM)
    assert browser.read(answer).status == 400
    assert browser.website.directory.changes == []


@pytest.mark.parametrize("query", ["x=1&x=2", "lang=vi&lang=vi", "lang=%00", "x=%ff", "%00=1"])
def test_a_query_that_nobody_wrote_is_refused(browser: CheckingClient, query: str) -> None:
    _refused(browser, 400, lambda: browser.send("GET", "/quen-mat-khau", query_string=query))


@pytest.mark.parametrize("lang", ["../../etc", "xx", "en-US", "<b>", "vi;q=0"])
def test_a_language_that_is_not_there_is_vietnamese(browser: CheckingClient, lang: str) -> None:
    assert browser.read(browser.send("GET", "/quen-mat-khau", query_string={"lang": lang})).heading == "Quên mật khẩu"


@pytest.mark.parametrize(
    "path",
    [
        "/khong-co",
        "/quen-mat-khau/khong-co",
        "/quen-mat-khau/%2e%2e/tai-khoan",
        "/quen-mat-khau;jsessionid=1",
        "/.env",
        "/.git/config",
        "/recovery_site/web/app.py",
        "/wp-login.php",
        "/%00",
        "/%ff%fe",
        "/quen-mat-khau/dat-lai/123456",
        "/static/../wsgi.py",
        "/static/%2e%2e/wsgi.py",
        "/dien-thoai",
    ],
)
def test_an_address_that_is_not_there_is_a_page_with_a_way_on(browser: CheckingClient, path: str) -> None:
    page = _refused(browser, 404, lambda: browser.send("GET", path))
    assert page.heading == "Không tìm thấy trang"
    assert "Địa chỉ này không có trên hệ thống. Hãy kiểm tra lại địa chỉ hoặc bắt đầu lại." in page.text


@pytest.mark.parametrize(
    "cookie",
    ["x", "a.b.c", "eyJpZCI6IngifQ.x.y", ".eJx", "null", "e30.aaaa.bbbb", "A" * 4000, "'; --"],
)
def test_a_cookie_that_was_made_up_is_no_cookie(browser: CheckingClient, cookie: str) -> None:
    browser.cookie = cookie
    assert browser.open("/quen-mat-khau/dat-lai").path == "/quen-mat-khau"
    assert browser.recover().heading == "Thành công!"


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "quenmatkhau.soctrang.gov.vn:8443",
        "quenmatkhau.soctrang.gov.vn.evil.example",
        "127.0.0.1",
        "evil.example:443@quenmatkhau.soctrang.gov.vn",
        "..",  # of what is no name at all no page could make an address, not even the one that refuses it
        "a..b",
        "x" * 70 + ".example",
    ],
)
@pytest.mark.parametrize("path", ["/quen-mat-khau", "/", "/health", "/khong-co"])
def test_another_host_is_refused_and_not_repeated(browser: CheckingClient, host: str, path: str) -> None:
    answer = browser.send("GET", path, headers={"Host": host})
    assert answer.status_code == 400
    assert "evil.example" not in answer.text
    assert "evil.example" not in str(answer.headers)
    browser.read(answer)


@pytest.mark.parametrize(
    "name", ["X-Forwarded-Host", "Forwarded", "X-Original-Host", "X-Host", "X-Rewrite-URL", "X-HTTP-Method-Override"]
)
def test_headers_that_proxies_write_are_not_believed(browser: CheckingClient, name: str) -> None:
    value = "host=evil.example;for=198.51.100.1" if name == "Forwarded" else "evil.example"
    for path in ("/quen-mat-khau", "/quen-mat-khau/dat-lai", "/"):
        answer = browser.send(
            "GET", path, headers={name: value, "X-Forwarded-Proto": "http", "X-Forwarded-Prefix": "/x"}
        )
        assert answer.status_code in (200, 303)
        assert "evil.example" not in answer.text + str(answer.headers)
        assert not answer.location or answer.location.startswith(("/quen", "/dang"))


@pytest.mark.parametrize(
    "name", ["X-Forwarded-For", "Forwarded", "X-Real-IP", "X-Client-IP", "CF-Connecting-IP", "True-Client-IP"]
)
def test_a_made_up_client_address_moves_no_limit(browser: CheckingClient, name: str) -> None:
    for number in range(11):
        value = f"for=198.51.100.{number}" if name == "Forwarded" else f"198.51.100.{number}"
        fields = {"csrf_token": browser.token(), "email": "an.tran", "password": "Khong-dung-9x"}
        answer = browser.post("/dang-nhap", fields, headers={name: value})
    assert answer.status_code == 429


def test_behind_one_proxy_the_last_address_that_it_wrote_counts(make_website: MakeWebsite) -> None:
    browser = CheckingClient(make_website(site__trusted_proxies=1))

    def wrong_password(forwarded: str) -> int:
        fields = {"csrf_token": browser.token(), "email": "an.tran", "password": "Khong-dung-9x"}
        return browser.post("/dang-nhap", fields, headers={"X-Forwarded-For": forwarded}).status_code

    statuses = [wrong_password(f"198.51.100.{number}, 203.0.113.7") for number in range(11)]
    assert statuses == [200] * 10 + [429], "the client writes the left part as it likes"
    assert wrong_password("203.0.113.7, 203.0.113.8") == 200
