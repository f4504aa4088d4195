"""Where the site leads: to its own steps alone, whatever somebody wrote into the link or the form.

Sources: OWASP ASVS 5.0 3.4.2, 3.7.2; CLNT-04 and CLNT-07 of the OWASP testing guide.
"""

import re

import pytest

from tests.web.client import CheckingClient
from tests.web.states import STATES

ELSEWHERE = ("//evil.example", "https://evil.example/", "/\\evil.example", "javascript:alert(1)")
NAMES = ("next", "return", "return_to", "url", "redirect", "redirect_uri", "continue", "dest", "target")


@pytest.mark.parametrize("state", STATES)
def test_no_link_makes_the_site_lead_elsewhere(browser: CheckingClient, state: str) -> None:
    STATES[state](browser)
    for elsewhere in ELSEWHERE:
        query = dict.fromkeys(NAMES, elsewhere)
        for rule in browser.website.app.url_map.iter_rules():
            answer = browser.send("GET", rule.rule, query_string=query)
            assert b"evil" not in answer.data
            assert re.fullmatch(r"/[a-z/-]+", answer.location or "/x")


@pytest.mark.parametrize("elsewhere", ELSEWHERE)
def test_no_field_makes_a_form_lead_elsewhere(browser: CheckingClient, elsewhere: str) -> None:
    fields = dict.fromkeys(NAMES, elsewhere)
    browser.open("/dang-nhap")
    browser.sign_in()
    browser.submit("Đăng xuất", tampered=fields)
    browser.open("/quen-mat-khau")
    browser.submit("Tiếp tục", {"email": "an.tran"}, tampered=fields)
    browser.submit("Lấy mã xác nhận", tampered=fields)
    locations = [answer.location for answer in browser.answers if answer.location]
    assert len(locations) >= 4
    assert not [one for one in locations if "evil" in one or "javascript" in one]


@pytest.mark.parametrize("origin", ["https://evil.example", "null"])
def test_no_other_origin_is_let_in_to_read(browser: CheckingClient, origin: str) -> None:
    script = browser.open("/dang-nhap").all("script")[0].get("src")
    paths = [(rule.rule, False) for rule in browser.website.app.url_map.iter_rules()] + [(script, True)]
    asking = {"Origin": origin, "Access-Control-Request-Method": "POST"}
    for path, is_static in paths:
        for method in ("GET",) if is_static else ("GET", "OPTIONS"):
            answer = browser.send(method, path, headers=asking, is_static=is_static)
            assert not [name for name, _ in answer.headers if name.lower().startswith("access-control-")]
            assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"
