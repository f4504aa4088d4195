"""What nginx hands on, what it says by itself, and what it keeps to itself."""

import re
import ssl

import pytest

from recovery_site.web.guards import security_headers
from scripts.attack.target import DOMAIN, PLAYER, Target
from scripts.attack.wire import FORM, ask, encode, request
from tests.peers import nginx
from tests.peers.nginx import NAME, Nginx
from tests.proxy.conftest import BASE_URL

ADDRESS = f"{PLAYER}-0000@{DOMAIN}"
WRONG_UNTIL_WAIT = 10
FORGED = ("X-Forwarded-For", "X_Forwarded_For", "X-Real-IP", "Forwarded", "X-Client-IP", "True-Client-IP")

ALSO_WHILE_DOWN = {
    name: value
    for name, value in {**security_headers(https=True), "Cache-Control": "no-store"}.items()
    if name not in ("Content-Security-Policy", "Permissions-Policy")
}
"""The page for a site that is down has no script: its policy is narrower, and it asks for no permission."""


def get(path: str, *more: tuple[str, str], host: str = NAME) -> bytes:
    return request("GET", path, (("Host", host), ("Connection", "close"), *more))


def post(path: str, body: bytes, *more: tuple[str, str]) -> bytes:
    usual = (("Host", NAME), ("Connection", "close"), ("Content-Type", FORM), ("Origin", BASE_URL))
    return request("POST", path, (*usual, *more), body)


@pytest.mark.parametrize("path", ["/dang-nhap", "/dang-ky/mau-don.pdf", "/khong-co", "/robots.txt"])
def test_the_headers_of_the_site_reach_the_browser_unchanged(path: str, site: Target, proxy: Nginx) -> None:
    [direct], [behind] = ask(site.ports[0], get(path)), proxy.ask(get(path))
    assert behind.status == direct.status
    for name in (*security_headers(https=True), "Cache-Control"):
        assert behind.header(name) == direct.header(name) != ""
        assert behind.head.lower().count(f"\r\n{name}:".lower().encode()) == 1
    assert behind.header("Server") == "nginx"


def test_http_leads_to_https_and_repeats_no_form(proxy: Nginx) -> None:
    with proxy.clear_line() as line:
        line.send(get("/quen-mat-khau?lang=en"))
        [answer] = line.rest()
    assert (answer.status, answer.header("Location")) == (301, f"{BASE_URL}/quen-mat-khau?lang=en")
    assert not answer.header("Strict-Transport-Security")  # RFC 6797 7.2: never in clear text
    with proxy.clear_line() as line:
        line.send(post("/dang-nhap", b"email=x"))
        [answer] = line.rest()
    assert (answer.status, answer.header("Location")) == (403, "")


@pytest.mark.parametrize("host", ["evil.example", f"{NAME}.evil.example", "127.0.0.1", ""])
def test_another_name_gets_no_answer(host: str, proxy: Nginx) -> None:
    with proxy.clear_line() as line:
        line.send(get("/", host=host))
        assert not [answer for answer in line.rest() if answer.status != 400]
    # a client may ask for the certificate of the site, and then for something else
    assert not [answer for answer in proxy.ask(get("/", host=host)) if answer.status != 400]


def test_another_name_gets_no_certificate(proxy: Nginx) -> None:
    with pytest.raises(ssl.SSLError, match="UNRECOGNIZED_NAME"), proxy.line("evil.example"):
        pass


def test_an_answer_of_nginx_itself_names_no_version(proxy: Nginx) -> None:
    refused = [
        *proxy.ask(b"GET / HTTP/1.1\r\n\r\n"),
        *proxy.ask(b"nonsense\r\n\r\n"),
        *proxy.ask(get("/" + "a" * 40_000)),
        *proxy.ask(get("/", ("Content-Length", "x"))),
        *proxy.ask(get("/", ("Transfer-Encoding", "x"))),
        *proxy.ask(post("/dang-nhap", b"", ("Content-Length", str(65 * 1024)))),
    ]
    with proxy.clear_line() as line:
        line.send(b"nonsense\r\n\r\n")
        refused += line.rest()
    assert {answer.status for answer in refused} == {400, 413, 414, 501}
    for answer in refused:
        assert answer.header("Server") == "nginx"
        assert not re.search(rb"nginx/\d", answer.body)


def test_a_form_that_is_too_large_is_refused_by_the_site_with_its_page(proxy: Nginx) -> None:
    [answer] = proxy.ask(post("/dang-nhap", b"email=" + b"a" * 17 * 1024))
    assert answer.status == 413
    assert "Nội dung quá lớn" in answer.body.decode()


def wrong_password(proxy: Nginx, *forged: tuple[str, str], source: str = "127.0.0.1") -> int:
    """Sign in with a wrong password, as a browser of its own; return the status."""
    [page] = proxy.ask(get("/dang-nhap"), source=source)
    token = re.search(rb'name="csrf_token"[^>]*value="([^"]+)"', page.body)
    assert token is not None
    [(name, value)] = page.cookies()
    body = encode([("csrf_token", token[1]), ("email", ADDRESS), ("password", "Sai-mat-khau-1")])
    [answer] = proxy.ask(post("/dang-nhap", body, ("Cookie", f"{name}={value}"), *forged), source=source)
    return answer.status


def test_who_forges_forwarding_headers_stays_the_same_client(proxy: Nginx) -> None:
    def forged(number: int) -> list[tuple[str, str]]:
        return [(name, f"203.0.113.{number}") for name in FORGED]

    told = [wrong_password(proxy, *forged(number)) for number in range(WRONG_UNTIL_WAIT + 1)]
    assert told == [200] * WRONG_UNTIL_WAIT + [429]
    # somebody else is not that client, and nobody becomes it by saying so
    others = [("X-Forwarded-For", "127.0.0.1"), ("X-Real-IP", "127.0.0.1"), ("Forwarded", "for=127.0.0.1")]
    assert wrong_password(proxy, *others, source="127.0.0.2") == 200


def test_reports_of_gateways_are_in_no_log_of_nginx(proxy: Nginx) -> None:
    [answer] = proxy.ask(get("/sms-reports/main/a-secret-token?to=84912345678"))
    assert answer.status == 404
    assert proxy.ask(get("/dang-nhap?a-mark"))
    assert "a-mark" in proxy.written()
    assert "sms-reports" not in proxy.written()


def test_while_the_site_is_down_a_page_says_so(proxy: Nginx) -> None:
    [port] = nginx.free_ports(1)
    with nginx.running(port) as alone:
        for asked in (get("/dang-nhap"), post("/quen-mat-khau", b"email=x"), get("/khong-co")):
            [answer] = alone.ask(asked)
            assert (answer.status, answer.header("Retry-After")) == (503, "60")
            assert "Vui lòng thử lại sau ít phút" in answer.body.decode()
            for name, value in ALSO_WHILE_DOWN.items():
                assert answer.header(name) == value
            assert answer.header("Content-Security-Policy").startswith("default-src 'none'; base-uri 'none'")
