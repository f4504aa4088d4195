"""The door as browsers meet it: many behind one address, proof of work, the wait without script, and refusals."""

import base64
from collections.abc import Sequence

import pytest

from tests.fakes import AN, BINH, LOCKED, PHONELESS, UNKNOWN
from tests.web.client import CheckingClient
from tests.web.conftest import MakeWebsite, TakeBrowser
from tests.web.proving import EASY, asks, hidden, solved, type_addresses
from tests.web.website import Website

OFFICE = "203.0.113.7"


@pytest.fixture
def website(make_website: MakeWebsite) -> Website:
    """A site with puzzles that a test solves at once, and thresholds that it reaches soon."""
    return make_website(limits__addresses_until_proof=3, limits__addresses_per_client="6/10 minutes", **EASY)


def test_the_first_addresses_are_asked_nothing_and_load_no_other_script(browser: CheckingClient) -> None:
    page = browser.begin()
    assert page.path == "/quen-mat-khau/so-dien-thoai"
    assert len(page.all("script")) == 1
    assert not asks(page)


def test_an_official_s_browser_proves_work_and_goes_on_with_what_was_typed(browser: CheckingClient) -> None:
    type_addresses(browser, 2)
    page = browser.begin()
    assert page.path == "/quen-mat-khau"
    assert asks(page)
    assert page.values_of(page.form_of(page.button("Tiếp tục")))["email"] == AN
    page = browser.submit("Tiếp tục", tampered={"proof": solved(page)})
    assert page.path == "/quen-mat-khau/so-dien-thoai"


@pytest.mark.parametrize("typed", [AN, UNKNOWN, LOCKED, PHONELESS])
def test_what_asks_for_a_proof_does_not_tell_whether_an_account_exists(browser: CheckingClient, typed: str) -> None:
    type_addresses(browser, 2)
    page = browser.begin(typed)
    assert asks(page)
    assert "Không tìm thấy" not in page.text
    assert "XXX" not in page.text


def test_an_answer_that_was_used_is_asked_again(browser: CheckingClient) -> None:
    type_addresses(browser, 2)
    answer = solved(browser.begin("khong-co"))
    assert "Không tìm thấy" in browser.submit("Tiếp tục", tampered={"proof": answer}).text
    browser.begin("khong-co")
    assert asks(browser.submit("Tiếp tục", tampered={"proof": answer}))


def test_an_answer_that_another_browser_worked_out_opens_nothing(
    browser: CheckingClient, new_browser: TakeBrowser
) -> None:
    type_addresses(browser, 2)
    answer = solved(browser.begin())
    stranger = new_browser()
    stranger.begin()
    assert asks(stranger.submit("Tiếp tục", tampered={"proof": answer}))


@pytest.mark.parametrize("answer", ["x", "e30=", base64.b64encode(b"[" * 8_000).decode(), "AAAA"])
def test_rubbish_in_place_of_a_proof_is_asked_again(browser: CheckingClient, answer: str) -> None:
    type_addresses(browser, 2)
    browser.begin()
    assert asks(browser.submit("Tiếp tục", tampered={"proof": answer, "ticket": answer[:200]}))


def test_without_script_a_wait_of_thirty_seconds_does(browser: CheckingClient) -> None:
    type_addresses(browser, 2)
    page = browser.begin()
    assert "hãy chờ 30 giây (đến 12:00:30) rồi bấm nút bên dưới" in page.text
    browser.website.clock.pass_by(10)
    page = browser.submit("Tiếp tục")
    assert "Hãy chờ thêm 20 giây (đến 12:00:30)" in page.text
    browser.website.clock.pass_by(20)
    assert browser.submit("Tiếp tục").path == "/quen-mat-khau/so-dien-thoai"


def test_after_too_many_addresses_only_work_opens_and_the_page_says_so_with_a_contact(browser: CheckingClient) -> None:
    type_addresses(browser, 5)
    page = browser.begin(status=429)
    assert browser.answers[-1].headers["Retry-After"] == "600"
    assert hidden(page, "ticket").get("value") == ""
    assert "hãy bật JavaScript trong trình duyệt, thử lại sau 10 phút hoặc liên hệ quản trị" in page.text
    assert "Liên hệ" in page.text
    assert browser.submit("Tiếp tục", tampered={"proof": solved(page)}).path == "/quen-mat-khau/so-dien-thoai"


def test_the_day_s_last_refusal_says_what_else_can_be_done(make_website: MakeWebsite) -> None:
    browser = CheckingClient(make_website(limits__addresses_per_client_a_day="2/day"))
    type_addresses(browser, 2)
    page = browser.begin(status=429)
    assert "dùng mạng khác (như 3G, 4G) hoặc liên hệ quản trị" in page.text
    assert browser.answers[-1].headers["Retry-After"] == "86400"


# --- who the client is ------------------------------------------------------------------------------------------------

FORGED = ["X-Forwarded-For", "Forwarded", "X-Real-IP", "X-Client-IP", "CF-Connecting-IP", "True-Client-IP", "Via"]


@pytest.mark.parametrize("name", FORGED)
def test_a_walker_who_makes_up_addresses_in_headers_is_one_client(browser: CheckingClient, name: str) -> None:
    for number in range(5):
        value = f"for=198.51.100.{number}" if name == "Forwarded" else f"198.51.100.{number}"
        fields = {"csrf_token": browser.token(), "email": f"ai-do-{number}"}
        browser.post("/quen-mat-khau", fields, headers={name: value})
    fields = {"csrf_token": browser.token(), "email": AN}
    assert browser.post("/quen-mat-khau", fields, headers={name: "198.51.100.99"}).status_code == 429


def test_behind_a_proxy_only_what_the_proxy_wrote_counts(make_website: MakeWebsite) -> None:
    site = make_website(
        site__trusted_proxies=2,
        limits__addresses_until_proof=1,
        limits__addresses_per_client="2/10 minutes",
        **EASY,
    )
    browser = CheckingClient(site)

    def last(chains: Sequence[str]) -> int:
        for number, chain in enumerate(chains):
            fields = {"csrf_token": browser.token(), "email": f"ai-do-{number}"}
            headers = {"X-Forwarded-For": chain, "Forwarded": "for=1.2.3.4", "X-Real-IP": "1.2.3.4"}
            status = browser.post("/quen-mat-khau", fields, headers=headers).status_code
        return status

    assert last(["10.9.9.9, 203.0.113.1, 10.0.0.1", "203.0.113.1, 10.0.0.1"]) == 429
    assert last(["203.0.113.1, 203.0.113.2, 10.0.0.1"]) == 200


def test_an_ipv6_client_is_its_64(website: Website) -> None:
    statuses = [
        type_addresses(CheckingClient(website, address=f"2001:db8:1:2:{number:x}::1"), 6)[-1] for number in range(2)
    ]
    assert statuses == [429, 429]
    neighbour = CheckingClient(website, address="2001:db8:1:3::1")
    assert not asks(neighbour.begin())


# --- a finished recovery ----------------------------------------------------------------------------------------------


def test_an_office_whose_recoveries_finish_is_asked_nothing_however_many_they_are(
    website: Website, new_browser: TakeBrowser
) -> None:
    for round_ in range(3):
        for typed in (AN, BINH):
            official = new_browser(address=OFFICE)
            assert not asks(official.begin(typed))
            official.type_code(official.get_code(), f"Duong-ve-que-{round_}x-Nga")
        website.clock.pass_by(minutes=1)
