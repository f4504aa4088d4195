"""Every state of a browser, at every address, by every method: nothing breaks, and nothing happens out of its turn."""

from collections.abc import Mapping

import pytest

from tests.fakes import AN, GOOD_PASSWORD, OLD_PASSWORD
from tests.web.client import CheckingClient
from tests.web.states import STATES
from tests.web.website import Rows, Website

SAFE = ("GET", "HEAD", "OPTIONS", "TRACE")
UNUSED = ("PUT", "DELETE", "PATCH")
SUCCESS = ">Thành công!</h1>"

RECORD = {"audit", "audit_chain"}

ALWAYS = {
    "recovery.begin": {"recoveries", "sessions", "limit_counters", "limit_members", *RECORD},
    "sign_in.sign_in": {"recoveries", "sessions", "limit_counters", *RECORD},
}
"""What may be done in any state, with the tables that it may change: begin again, and sign in."""

SENDING = {"recoveries", "messages", "limit_counters", *RECORD}
JUDGING = {"recovery.check": {"limit_counters"}, "recovery.submit": {"limit_counters"}}
"""A password may be judged, which is counted; nothing comes of it where the code is spent or expired."""

SIGNED_IN = {
    "sign_in.sign_out": {"sessions"},
    "account.check": {"limit_counters"},
    "account.submit": {"accounts", "sessions", "messages", "limit_counters", *RECORD},
    "account.sign_out_everywhere": {"sessions", *RECORD},
}

ALLOWED: Mapping[str, Mapping[str, set[str]]] = {
    "no cookie": {},
    "awaiting confirmation": {"recovery.confirm": SENDING},
    "awaiting code": {
        "recovery.submit": {
            "recoveries",
            "messages",
            "accounts",
            "sessions",
            "limit_counters",
            "limit_members",
            *RECORD,
        },
        "recovery.check": {"limit_counters"},
    },
    "code spent": JUDGING,
    "code expired": {
        "recovery.confirm": SENDING,
        "recovery.resend": SENDING,
        **JUDGING,
    },
    "done": {},
    "abandoned": {},
    "run out": {},
    "signed in": SIGNED_IN,
    "first password": {**SIGNED_IN, "account.submit": {*SIGNED_IN["account.submit"], "activations"}},
    "overdue": {"sign_in.sign_out": {"sessions"}, "account.sign_out_everywhere": {"sessions", *RECORD}},
}
"""What else may be done, by state; everything that is not here changes nothing at all."""


def addresses(website: Website) -> dict[str, set[str]]:
    """Return every address of the site with the names of its POST endpoints."""
    found: dict[str, set[str]] = {}
    for rule in website.app.url_map.iter_rules():
        posts = found.setdefault(rule.rule, set())
        if "POST" in (rule.methods or ()):
            posts.add(rule.endpoint)
    return found


def changed(before: Rows, after: Rows) -> set[str]:
    return {table for table in before if before[table] != after[table]}


def form(browser: CheckingClient, endpoint: str) -> dict[str, str]:
    """Return the best that somebody could send: right codes, right passwords, a valid token."""
    codes = sorted(browser.website.sent_codes())
    password = OLD_PASSWORD if endpoint.startswith("sign_in") else GOOD_PASSWORD
    current = browser.website.first_password or OLD_PASSWORD
    fields = {"email": AN, "code": codes[-1] if codes else "123456", "password": password, "again": password}
    return {**fields, "current": current, "csrf_token": browser.token()}


@pytest.mark.parametrize("state", STATES)
def test_reading_changes_nothing_and_sends_nothing(browser: CheckingClient, state: str) -> None:
    website = browser.website
    STATES[state](browser)
    before, asked = website.rows(), len(website.gateway.asked)
    for path in addresses(website):
        for method in SAFE:
            answer = browser.send(method, path)
            assert answer.status_code < 500, f"{method} {path}: {answer.status}"
            assert SUCCESS.encode() not in answer.data or (state, path) == ("done", "/quen-mat-khau/thanh-cong")
            if answer.status_code == 303:
                assert browser.open(answer.location).path == answer.location, "a redirect leads to where one can stay"
        assert changed(before, website.rows()) == set(), f"reading {path} changed rows"
    assert len(website.gateway.asked) == asked


@pytest.mark.parametrize("state", STATES)
def test_methods_that_no_form_uses_change_nothing(browser: CheckingClient, state: str) -> None:
    website = browser.website
    STATES[state](browser)
    before, token = website.rows(), browser.token()
    for path in addresses(website):
        for method in UNUSED:
            answer = browser.send(method, path, data={"csrf_token": token, "email": AN})
            assert answer.status_code == 405, f"{method} {path}: {answer.status}"
        assert browser.read(browser.answers[-1]).heading == "Thao tác không được hỗ trợ"
    assert changed(before, website.rows()) == set()


@pytest.mark.parametrize("state", STATES)
def test_a_form_out_of_its_turn_changes_nothing(browser: CheckingClient, state: str) -> None:
    website = browser.website
    STATES[state](browser)
    website.clock.pass_by(1)
    before, cookie, asked = website.rows(), browser.cookie, len(website.gateway.asked)
    allowed = {**ALWAYS, **ALLOWED[state]}
    for path, endpoints in addresses(website).items():
        for endpoint in endpoints or {""}:
            answer = browser.post(path, form(browser, endpoint))
            may_change = allowed.get(endpoint, set())
            assert answer.status_code < 500, f"POST {path}: {answer.status}"
            assert SUCCESS not in answer.text, "success is a page of its own"
            assert changed(before, website.rows()) <= may_change, f"POST {path} in “{state}”"
            assert bool(website.directory.changes) is (state == "done" or "accounts" in may_change)
            assert len(website.gateway.asked) == asked or may_change == SENDING
            if 300 <= answer.status_code < 400:
                page = browser.open(answer.location)
                assert (SUCCESS in page.html) is (page.path == "/quen-mat-khau/thanh-cong")
                assert SUCCESS not in page.html or state == "done" or endpoint == "recovery.submit"
            else:
                browser.read(answer)
            website.put_back(before)
            website.directory.changes[:] = website.directory.changes if state == "done" else []
            del website.gateway.asked[asked:]
            browser.cookie = cookie


@pytest.mark.parametrize("state", STATES)
def test_what_is_allowed_does_happen(browser: CheckingClient, state: str) -> None:
    """Without this the test above would pass over a site that does nothing."""
    website = browser.website
    STATES[state](browser)
    website.clock.pass_by(1)
    before, cookie = website.rows(), browser.cookie
    by_endpoint = {endpoint: path for path, endpoints in addresses(website).items() for endpoint in endpoints}
    for endpoint, tables in ALLOWED[state].items():
        right = browser.website.gateway.last_code() if website.sent_codes() else ""
        browser.post(by_endpoint[endpoint], {**form(browser, endpoint), "code": right})
        website.deliver_all()
        assert changed(before, website.rows()) & tables, f"POST {endpoint} in “{state}” did nothing"
        website.put_back(before)
        browser.cookie = cookie


@pytest.mark.parametrize(
    ("state", "leads_to"),
    [
        ("no cookie", "/quen-mat-khau"),
        ("awaiting confirmation", "/quen-mat-khau/so-dien-thoai"),
        ("awaiting code", "/quen-mat-khau/dat-lai"),
        ("code spent", "/quen-mat-khau/dat-lai"),
        ("code expired", "/quen-mat-khau/dat-lai"),
        ("done", "/quen-mat-khau/thanh-cong"),
        ("abandoned", "/quen-mat-khau"),
        ("run out", "/quen-mat-khau"),
    ],
)
def test_later_addresses_lead_to_the_step_that_the_recovery_is_at(
    browser: CheckingClient, state: str, leads_to: str
) -> None:
    STATES[state](browser)
    back_is_open = {"awaiting code", "code spent", "code expired"}
    for path in ("/quen-mat-khau/dat-lai", "/quen-mat-khau/thanh-cong", "/quen-mat-khau/so-dien-thoai"):
        stays = path.endswith("so-dien-thoai") and state in back_is_open
        assert browser.open(path).path == (path if stays else leads_to)


@pytest.mark.parametrize("path", ["dat-lai", "dat-lai/gui-lai", "dat-lai/kiem-tra"])
def test_a_form_of_the_code_page_before_there_is_a_code_leads_to_the_number(browser: CheckingClient, path: str) -> None:
    browser.begin()
    answer = browser.post(f"/quen-mat-khau/{path}", form(browser, "recovery.submit"))
    assert (answer.status_code, answer.location) == (303, "/quen-mat-khau/so-dien-thoai")
