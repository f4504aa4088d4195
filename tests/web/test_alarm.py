"""The pages while somebody guesses codes on the whole site: slower for everybody, and shut to nobody."""

import re

import pytest

from tests.fakes import AN, BINH, LOCKED, OLD_PASSWORD, PHONELESS, UNKNOWN
from tests.flow.story import wrong
from tests.web.client import CheckingClient
from tests.web.conftest import MakeWebsite
from tests.web.proving import EASY, asks, hidden, solved
from tests.web.visitors import compare
from tests.web.website import TRIO, Website

PRESS = "Lấy mã xác nhận"
ALARM = {**EASY, "limits__wrong_codes_of_site": "3/10 minutes"}
_TOKEN = re.compile(r'name="csrf_token" (?:type="hidden" )?value="[^"]*"')
SLOWER = "Mã đang được kiểm tra chậm hơn để bảo vệ các hộp thư. Hãy thử lại sau {}."


@pytest.fixture
def website(make_website: MakeWebsite) -> Website:
    return make_website(**ALARM)


def guess(website: Website, codes: int = 4) -> None:
    """Try wrong codes from somewhere else; the fourth is one too many."""
    guesser = CheckingClient(website, address="198.51.100.1")
    guesser.begin(BINH)
    before = website.codes_received()
    guesser.submit(PRESS)
    while website.codes_received() == before:  # in private mode the page waits for no gateway
        website.clock.pass_by(1)
        website.deliver_all()
    code = website.gateway.last_code()
    for _ in range(codes):
        guesser.type_code(wrong(code))


# --- asking for a code ------------------------------------------------------------------------------------------------


def test_before_the_alarm_a_press_sends_at_once(browser: CheckingClient) -> None:
    guess(browser.website, 3)
    assert browser.begin_with_code()


def test_a_press_asks_for_a_proof_first_and_sends_nothing(browser: CheckingClient) -> None:
    guess(browser.website)
    before = browser.website.codes_received()
    browser.begin()
    page = browser.submit(PRESS)
    assert page.path == "/quen-mat-khau/so-dien-thoai"
    assert "0393XXX121" in page.text
    assert asks(page)
    assert page.errors == []
    assert browser.website.codes_received() == before
    page = browser.submit(PRESS, tampered={"proof": solved(page)})
    assert page.path == "/quen-mat-khau/dat-lai"
    assert browser.website.codes_received() == before + 1


def test_a_proof_sends_one_code_and_a_second_press_needs_another(browser: CheckingClient) -> None:
    guess(browser.website)
    browser.begin()
    answer = solved(browser.submit(PRESS))
    browser.submit(PRESS, tampered={"proof": answer})
    before = browser.website.codes_received()
    browser.website.clock.pass_by(61)
    browser.open("/quen-mat-khau/so-dien-thoai")
    assert asks(browser.submit(PRESS, tampered={"proof": answer, "ticket": ""}))
    assert browser.website.codes_received() == before


def test_the_number_that_was_chosen_stays_chosen(browser: CheckingClient) -> None:
    guess(browser.website)
    page = browser.begin(TRIO)
    second = page.all("fieldset")[0].all("input")[1].get("value")
    page = browser.submit(PRESS, {"phone": second})
    assert page.values_of(page.form_of(page.button(PRESS)))["phone"] == second
    browser.submit(PRESS, tampered={"proof": solved(page)})
    number, _ = browser.website.gateway.accepted[-1]
    assert number.local == "0777222333"


def test_without_script_a_wait_of_thirty_seconds_does(browser: CheckingClient) -> None:
    guess(browser.website)
    browser.begin()
    assert "hãy chờ 30 giây (đến 12:00:30) rồi bấm nút bên dưới" in browser.submit(PRESS).text
    browser.website.clock.pass_by(29)
    assert "Hãy chờ thêm 1 giây (đến 12:00:30)" in browser.submit(PRESS).text
    browser.website.clock.pass_by(1)
    assert browser.submit(PRESS).path == "/quen-mat-khau/dat-lai"


def test_sending_again_asks_on_the_page_with_the_number(browser: CheckingClient) -> None:
    browser.begin_with_code()
    guess(browser.website)
    browser.website.clock.pass_by(61)
    browser.open("/quen-mat-khau/dat-lai")
    page = browser.submit("Gửi lại")
    assert page.heading == "Xác nhận số điện thoại"
    assert browser.submit(PRESS, tampered={"proof": solved(page)}).path == "/quen-mat-khau/dat-lai"
    first, second = (sms.code for number, sms in browser.website.gateway.accepted if number.local == "0393070121")
    assert first == second


def test_a_proof_for_an_address_sends_no_code(make_website: MakeWebsite) -> None:
    browser = CheckingClient(make_website(**ALARM, limits__addresses_until_proof=3))
    guess(browser.website)
    browser.begin()
    other = CheckingClient(browser.website)
    other.begin(TRIO)
    other.begin("khong-co")
    answer = solved(other.begin(UNKNOWN))
    other.open("/quen-mat-khau/so-dien-thoai")
    assert asks(other.submit(PRESS, tampered={"proof": answer}))


# --- typing a code ----------------------------------------------------------------------------------------------------


def test_who_holds_a_code_finishes(browser: CheckingClient) -> None:
    code = browser.begin_with_code()
    guess(browser.website)
    assert browser.type_code(code).heading == "Thành công!"


def test_a_code_that_is_checked_too_soon_is_told_the_wait_and_costs_no_try(browser: CheckingClient) -> None:
    code = browser.begin_with_code()
    guess(browser.website)
    assert "Bạn còn 4 lần thử" in browser.type_code(wrong(code)).errors[0]
    browser.website.clock.pass_by(3)
    for _ in range(5):
        page = browser.type_code(wrong(code), status=429)
        assert page.errors == [SLOWER.format("7 giây")]
        assert browser.answers[-1].headers["Retry-After"] == "7"
    browser.website.clock.pass_by(7)
    assert "Bạn còn 3 lần thử" in browser.type_code(wrong(code)).errors[0]
    browser.website.clock.pass_by(10)
    assert browser.type_code(code).heading == "Thành công!"


# --- what nobody notices, and the end ---------------------------------------------------------------------------------


def test_it_is_over_when_it_is_calm(browser: CheckingClient) -> None:
    guess(browser.website)
    browser.website.clock.pass_by(minutes=9, seconds=59)
    browser.begin()
    assert asks(browser.submit(PRESS))
    browser.website.clock.pass_by(1)
    assert browser.submit(PRESS).path == "/quen-mat-khau/dat-lai"
    code = browser.website.gateway.last_code()
    assert [len(browser.type_code(wrong(code)).errors) for _ in range(2)] == [1, 1]
    assert browser.type_code(code).heading == "Thành công!"


@pytest.mark.parametrize("path", ["/health", "/quen-mat-khau", "/dang-nhap", "/robots.txt"])
def test_who_only_looks_learns_nothing_of_it(website: Website, path: str) -> None:
    def seen() -> tuple[int, str, list[tuple[str, str]]]:
        answer = CheckingClient(website).send("GET", path)
        headers = [(name, value) for name, value in answer.headers if name != "Set-Cookie"]
        return answer.status_code, _TOKEN.sub("", answer.get_data(as_text=True)), headers

    before = seen()
    guess(website)
    assert seen() == before


def test_signing_in_is_as_it_was(browser: CheckingClient) -> None:
    guess(browser.website)
    assert browser.sign_in(AN, OLD_PASSWORD).path == "/tai-khoan"


def test_the_page_that_asks_loads_the_worker_and_keeps_its_policy(browser: CheckingClient) -> None:
    guess(browser.website)
    browser.begin()
    page = browser.submit(PRESS)
    assert hidden(page, "proof").get("data-worker").startswith("/static/")
    assert "unsafe" not in browser.answers[-1].headers["Content-Security-Policy"]


def test_in_private_mode_the_alarm_tells_an_account_from_none_as_little_as_ever(make_website: MakeWebsite) -> None:
    website = make_website(**ALARM, disclosure__mode="private")
    guess(website)
    script = ["type the address", "get a code", "get a code", "have a password judged", "try a wrong code"]
    compare(website, [AN, UNKNOWN, LOCKED, PHONELESS], script)


def test_in_private_mode_codes_are_checked_as_slowly_for_nobody(make_website: MakeWebsite) -> None:
    website = make_website(**ALARM, disclosure__mode="private")
    ring = ["try a wrong code", "try a wrong code", "a minute passes", "try a wrong code", "send it again"]
    compare(website, [AN, UNKNOWN, LOCKED, PHONELESS], ["type the address", "get a code", *ring], statements=False)
