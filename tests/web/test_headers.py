"""The headers of every kind of answer. `CheckingClient` checks them; this file makes sure that each kind is met.

Sources: OWASP ASVS 5.0 V3.4, 14.3; DESIGN section 8.
"""

import gzip
import re
from pathlib import Path

import brotli
import pytest

from recovery_site.web.guards import security_headers
from tests.fakes import GOOD_PASSWORD
from tests.flow.story import wrong
from tests.web.client import CheckingClient

PROXY = Path(__file__).parents[2] / "deploy/nginx/recovery-site.conf"


def test_every_kind_of_answer_carries_the_headers(browser: CheckingClient) -> None:
    """200, 303, 400, 403, 404, 405, 411, 413, 415, 429, 500, 503: each is checked by the client as it comes in."""
    website = browser.website
    browser.begin_with_code()
    browser.submit("Gửi lại", status=429)
    browser.send("GET", "/khong-co")
    browser.send("PUT", "/quen-mat-khau")
    browser.send("OPTIONS", "/quen-mat-khau")
    browser.send("HEAD", "/quen-mat-khau")
    browser.post("/quen-mat-khau", {"email": "x"})
    browser.post("/quen-mat-khau", {"email": "x"}, headers={"Origin": "https://evil.example"})
    browser.post("/quen-mat-khau", b"x" * 20_000, content_type="text/plain")
    browser.post("/quen-mat-khau", b"{}", content_type="application/json")
    browser.post("/quen-mat-khau", environ={"HTTP_TRANSFER_ENCODING": "chunked"})
    browser.send("GET", "/health")
    browser.send("GET", "/robots.txt")
    browser.open("/quen-mat-khau/dat-lai")
    website.directory.down = True
    browser.type_code(website.gateway.last_code(), status=503)
    website.directory.down = False
    website.directory.has_a_bug = True
    browser.type_code(website.gateway.last_code(), status=500)
    met = {answer.status_code for answer in browser.answers}
    assert met == {200, 303, 400, 403, 404, 405, 411, 413, 415, 429, 500, 503}


def _script(browser: CheckingClient) -> str:
    return browser.open("/dang-nhap").all("script")[0].get("src")


@pytest.mark.parametrize(
    ("accepted", "encoding", "unpack"),
    [("br, gzip", "br", brotli.decompress), ("gzip", "gzip", gzip.decompress), ("", None, bytes)],
)
def test_the_script_is_hashed_immutable_and_compressed(browser: CheckingClient, accepted, encoding, unpack) -> None:
    path = _script(browser)
    assert re.fullmatch(r"/static/site\.[0-9a-f]{12}\.js", path)
    answer = browser.send("GET", path, headers={"Accept-Encoding": accepted}, is_static=True)
    assert answer.status_code == 200
    assert answer.headers.get("Content-Encoding") == encoding
    assert answer.headers["Content-Type"] == 'text/javascript; charset="utf-8"'
    assert "max-age=315360000" in answer.headers["Cache-Control"]
    assert answer.headers["Vary"] == "Accept-Encoding"
    plain = browser.send("GET", path, is_static=True)
    assert unpack(answer.data) == plain.data


def test_a_script_that_is_there_already_is_not_sent_again(browser: CheckingClient) -> None:
    path = _script(browser)
    first = browser.send("GET", path, is_static=True)
    validators = (
        {"If-None-Match": first.headers["ETag"]}
        if "ETag" in first.headers
        else {"If-Modified-Since": first.headers["Last-Modified"]}
    )
    again = browser.send("GET", path, headers=validators, is_static=True)
    assert (again.status_code, again.data) == (304, b"")


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS"])
def test_a_script_can_only_be_read(browser: CheckingClient, method: str) -> None:
    answer = browser.send(method, _script(browser))
    assert answer.status_code in (404, 405)
    browser.read(answer)


def test_another_host_gets_no_script(browser: CheckingClient) -> None:
    answer = browser.send("GET", _script(browser), headers={"Host": "evil.example"})
    assert answer.status_code == 400
    browser.read(answer)


def test_a_script_is_sent_whole(browser: CheckingClient) -> None:
    path = _script(browser)
    whole = browser.send("GET", path, is_static=True)
    for part in ("bytes=0-9", "bytes=9999999-"):
        answer = browser.send("GET", path, headers={"Range": part}, is_static=True)
        assert (answer.status_code, answer.data) == (200, whole.data)


@pytest.mark.parametrize("encoding", ["br", "gzip"])
def test_pages_are_compressed(browser: CheckingClient, encoding: str) -> None:
    answer = browser.send("GET", "/dang-nhap", headers={"Accept-Encoding": encoding})
    assert answer.headers["Content-Encoding"] == encoding
    assert "Accept-Encoding" in answer.headers["Vary"]
    unpacked = (brotli if encoding == "br" else gzip).decompress(answer.data)
    assert b"</html>" in unpacked


def test_machines_get_plain_words(browser: CheckingClient) -> None:
    health, robots = browser.send("GET", "/health"), browser.send("GET", "/robots.txt")
    assert (health.data, health.mimetype) == (b"ok\n", "text/plain")
    assert b"Disallow: /" in robots.data


HSTS = "max-age=31536000; includeSubDomains"


def test_every_address_carries_the_headers_by_every_method(browser: CheckingClient) -> None:
    """The client checks each answer: a new route that goes round the guards is found here."""
    for rule in browser.website.app.url_map.iter_rules():
        for method in ("GET", "HEAD", "OPTIONS", "POST", "PUT"):
            assert browser.send(method, rule.rule).headers.get("Strict-Transport-Security") == HSTS


def test_a_kept_script_is_confirmed_with_the_headers_too(browser: CheckingClient) -> None:
    path = _script(browser)
    first = browser.send("GET", path, is_static=True)
    again = browser.send("GET", path, headers={"If-None-Match": first.headers["ETag"]}, is_static=True)
    assert again.status_code == 304
    assert again.headers["Strict-Transport-Security"] == HSTS


def test_no_header_stands_twice(browser: CheckingClient) -> None:
    browser.open("/dang-nhap")
    browser.send("GET", _script(browser), is_static=True)
    browser.send("GET", "/khong-co")
    for answer in browser.answers:
        names = [name.lower() for name, _ in answer.headers if name.lower() != "vary"]
        assert len(names) == len(set(names)), names


def test_the_end_of_a_visit_leaves_nothing_in_the_browser(browser: CheckingClient) -> None:
    """Neither the cookies of the whole domain nor the script of the next visitor: see `guards.clear_storage`."""
    browser.recover()
    assert browser.answers[-1].request.path == "/quen-mat-khau/thanh-cong"
    assert browser.answers[-1].headers["Clear-Site-Data"] == '"storage"'
    for button in ("Đăng xuất", "Đăng xuất khỏi mọi thiết bị"):
        browser.sign_in(password=GOOD_PASSWORD)
        browser.submit(button)
        assert browser.answers[-2].headers["Clear-Site-Data"] == '"storage"'
        assert browser.page.path == "/dang-nhap"


def test_in_the_middle_of_a_visit_nothing_is_cleared(browser: CheckingClient) -> None:
    browser.type_code(wrong(browser.begin_with_code()))
    browser.sign_in()
    assert not [answer for answer in browser.answers if "Clear-Site-Data" in answer.headers]


def test_nothing_is_echoed_to_trace(browser: CheckingClient) -> None:
    for path in ("/quen-mat-khau", "/dang-nhap", "/khong-co"):
        answer = browser.send("TRACE", path, headers={"X-Secret": "echo"})
        assert answer.status_code in (404, 405)
        assert "echo" not in answer.text


def test_the_page_for_a_site_that_is_down_carries_them_too() -> None:
    """It is nginx's: the site is not there to send them. A page without scripts asks for no permission."""
    down = PROXY.read_text("utf-8").partition("location @down {")[2]
    for name, value in security_headers(https=True).items():
        if name not in ("Content-Security-Policy", "Permissions-Policy"):
            assert f'add_header {name} "{value}" always;' in down
    assert """Content-Security-Policy "default-src 'none'; base-uri 'none'; form-action 'none';""" in down
    assert 'Cache-Control "no-store"' in down
