"""Every limit that refuses leaves one line in the log and an event of the record, which strangers cannot flood.

Sources: OWASP ASVS 5.0 16.3.3; the OWASP logging vocabulary (`excess_rate_limit_exceeded`).
"""

import io
import json
from collections.abc import Callable
from typing import Any

import pytest

from recovery_site.domain.audit import MOST_OF_SUBJECT
from recovery_site.ports import Limit
from tests.fakes import AN, BINH, SHARED
from tests.flow.story import wrong
from tests.web.client import CheckingClient
from tests.web.conftest import MakeWebsite, TakeBrowser
from tests.web.proving import EASY, solved, type_addresses
from tests.web.website import Website

NETWORK = "192.0.2.0/24"
SECRET_LOOKING = "Sai-roi-9-lan"
NO_NAME = "Mat khau go nham o"
Act = Callable[[CheckingClient], object]

REFUSES_NOTHING = {
    Limit.ADDRESSES_OF_SITE,  # from there on everybody proves work
    Limit.WRONG_CODES_OF_SITE,  # raises the alarm
    Limit.ALARM,
    Limit.ALARM_OF_WALK,
    Limit.USES_OF_PROOF,  # a second use is a proof that was not shown
    Limit.GRANTS_UNDER_WAY,  # of operators
}


def lines(log: io.StringIO, event: str = "limit_reached") -> list[dict[str, Any]]:
    return [one for one in map(json.loads, log.getvalue().splitlines()) if one["event"] == event]


def written_of(website: Website, limit: str) -> list[dict[str, Any]]:
    """Return the rows of the record that name a limit."""
    return [row for row in website.rows()["audit"] if row["detail"] == limit]


# --- what reaches each limit, the last request of it alone ------------------------------------------------------------


def send_twice(browser: CheckingClient) -> None:
    browser.begin_with_code()
    browser.website.clock.pass_by(61)
    browser.open("/quen-mat-khau/dat-lai")
    browser.submit("Gửi lại", status=429)


def press_in_another_browser(browser: CheckingClient) -> None:
    browser.begin_with_code()
    other = CheckingClient(browser.website)
    other.begin()
    other.submit("Lấy mã xác nhận", status=429)


def send_after_a_wrong_code(browser: CheckingClient) -> None:
    browser.type_code(wrong(browser.begin_with_code()))
    browser.website.clock.pass_by(61)
    browser.open("/quen-mat-khau/dat-lai")
    browser.submit("Gửi lại", status=429)


def type_another_address(browser: CheckingClient) -> None:
    type_addresses(browser, 1)
    browser.begin(status=429)


def wait_twice(browser: CheckingClient) -> None:
    for typed, status in ((AN, 200), (BINH, 429)):
        browser.begin(typed)
        browser.website.clock.pass_by(31)
        browser.submit("Tiếp tục", status=status)


def wait_twice_for_a_code(browser: CheckingClient) -> None:
    ring(browser)
    for number, status in enumerate((200, 429)):
        waiting = CheckingClient(browser.website, address=f"192.0.2.{100 + number}")
        waiting.begin(BINH)
        waiting.submit("Lấy mã xác nhận")
        browser.website.clock.pass_by(31)
        waiting.submit("Lấy mã xác nhận", status=status)


def ring(browser: CheckingClient) -> str:
    """Raise the alarm, where one wrong code too many does; return the right code."""
    code = browser.begin_with_code()
    for _ in range(2):
        browser.type_code(wrong(code))
    return code


def check_too_soon(browser: CheckingClient) -> None:
    code = ring(browser)
    browser.type_code(wrong(code))
    browser.type_code(code, status=429)


def sign_in_twice(browser: CheckingClient) -> None:
    browser.sign_in(AN, SECRET_LOOKING)
    browser.sign_in(AN, SECRET_LOOKING, status=429)


def sign_in_with_what_is_no_name(browser: CheckingClient) -> None:
    browser.sign_in(NO_NAME, SECRET_LOOKING)
    browser.sign_in(NO_NAME, SECRET_LOOKING, status=429)


def guess_the_present_password(browser: CheckingClient) -> None:
    browser.sign_in()
    browser.change_password(SECRET_LOOKING)
    browser.change_password(SECRET_LOOKING, status=429)


def check(path: str) -> Act:
    def twice(browser: CheckingClient) -> None:
        if path.startswith("/tai-khoan"):
            browser.sign_in()
        else:
            browser.begin_with_code()
        for status in (200, 429):
            fields = {"csrf_token": browser.token(), "password": SECRET_LOOKING}
            assert browser.post(path, fields).status_code == status

    return twice


def submit_twice(browser: CheckingClient) -> None:
    code = browser.begin_with_code()
    browser.type_code(wrong(code))
    browser.type_code(code, status=429)


def change_twice(browser: CheckingClient) -> None:
    browser.sign_in()
    browser.change_password("", "x")
    browser.change_password(status=429)


PROOF = {**EASY, "limits__addresses_until_proof": 1}
ALARM = {**EASY, "limits__wrong_codes_of_site": "1/10 minutes"}
CASES: list[tuple[Limit, dict[str, object], Act, str]] = [
    (Limit.SENDS_PER_ACCOUNT, {"limits__sends_per_account": "1/10 minutes"}, send_twice, AN),
    (Limit.SENDS_PER_ACCOUNT, {"limits__sends_per_account": "1/10 minutes"}, press_in_another_browser, AN),
    (Limit.SENDS_PER_ACCOUNT_A_DAY, {"limits__sends_per_account_a_day": "1/day"}, send_twice, AN),
    (Limit.SENDS_PER_ACCOUNT_AND_CLIENT, {"limits__sends_per_account_and_client": "1/day"}, send_twice, AN),
    (Limit.SENDS_PER_PHONE, {"limits__sends_per_phone": "1/day"}, send_twice, AN),
    (Limit.SENDS_OF_SITE, {"sms__daily_budget": 1}, send_twice, AN),
    (Limit.WRONG_CODES_PER_ACCOUNT, {"limits__wrong_codes_per_account": "1/day"}, send_after_a_wrong_code, AN),
    (Limit.ADDRESSES_PER_CLIENT, {**PROOF, "limits__addresses_per_client": "2/day"}, type_another_address, ""),
    (Limit.ADDRESSES_PER_CLIENT_A_DAY, {"limits__addresses_per_client_a_day": "1/day"}, type_another_address, ""),
    (Limit.WAITS_OF_SITE, {**PROOF, "limits__waits_of_site": "1/day"}, wait_twice, ""),
    (Limit.WAITS_OF_SITE, {**ALARM, "limits__waits_of_site": "1/day"}, wait_twice_for_a_code, ""),
    (Limit.CHECKS_IN_ALARM, ALARM, check_too_soon, AN),
    (Limit.WRONG_PASSWORDS, {"limits__wrong_passwords": "1/day"}, sign_in_twice, "~"),
    (Limit.WRONG_PASSWORDS, {"limits__wrong_passwords": "1/day"}, sign_in_with_what_is_no_name, ""),
    (Limit.WRONG_PASSWORDS, {"limits__wrong_passwords": "1/day"}, guess_the_present_password, AN),
    (Limit.PASSWORD_CHECKS, {"limits__password_checks": "1/day"}, check("/quen-mat-khau/dat-lai/kiem-tra"), AN),
    (Limit.PASSWORD_CHECKS, {"limits__password_checks": "1/day"}, submit_twice, AN),
    (Limit.PASSWORD_CHECKS, {"limits__password_checks": "1/day"}, check("/tai-khoan/doi-mat-khau/kiem-tra"), AN),
    (Limit.PASSWORD_CHECKS, {"limits__password_checks": "1/day"}, change_twice, AN),
]


@pytest.mark.parametrize(
    ("limit", "settings", "act", "subject"),
    CASES,
    ids=[f"{limit.name.lower()}-{number}" for number, (limit, *_) in enumerate(CASES)],
)
def test_a_limit_that_refuses_leaves_one_line_and_one_event(
    make_website: MakeWebsite,
    log: io.StringIO,
    limit: Limit,
    settings: dict[str, object],
    act: Act,
    subject: str,
) -> None:
    browser = CheckingClient(make_website(**settings))
    act(browser)
    [line] = lines(log)
    assert (line["limit"], line["client"], line["level"]) == (limit.name.lower(), NETWORK, "warning")
    assert set(line) - {"reference"} == {"event", "level", "timestamp", "request", "limit", "client"}
    [row] = written_of(browser.website, limit.name.lower())
    assert row["kind"] == (
        "sign_in_refused" if act in (sign_in_twice, sign_in_with_what_is_no_name) else "limit_reached"
    )
    assert row["client"] == NETWORK
    assert row["address"] == subject or (subject == "~" and row["address"].startswith("~"))
    assert row["reference"] == line.get("reference", "")
    for typed in (SECRET_LOOKING, NO_NAME, AN, BINH, AN.partition("@")[0], "ai-do"):
        assert typed not in json.dumps(line)
    for typed in (SECRET_LOOKING, NO_NAME):
        assert typed not in json.dumps(row, default=str)


def test_every_limit_is_reached_above_or_refuses_nothing() -> None:
    assert {limit for limit, *_ in CASES} == set(Limit) - REFUSES_NOTHING


def test_who_is_refused_nothing_leaves_no_line(make_website: MakeWebsite, log: io.StringIO) -> None:
    browser = CheckingClient(make_website())
    browser.recover()
    browser.sign_in(AN, SECRET_LOOKING)
    assert not lines(log)
    assert not [row for row in browser.website.rows()["audit"] if row["kind"] == "limit_reached"]


def test_a_stranger_who_is_refused_all_day_fills_the_log_and_not_the_record(
    make_website: MakeWebsite, log: io.StringIO
) -> None:
    website = make_website(limits__addresses_per_client_a_day="1/day")
    refused = type_addresses(CheckingClient(website), MOST_OF_SUBJECT + 11).count(429)
    assert len(lines(log)) == refused == MOST_OF_SUBJECT + 10
    assert len(written_of(website, "addresses_per_client_a_day")) == MOST_OF_SUBJECT


def test_in_private_mode_a_number_s_limit_is_seen_in_the_log_alone(make_website: MakeWebsite, log: io.StringIO) -> None:
    website = make_website(disclosure__mode="private", limits__sends_per_phone="1/day")
    for typed in (AN, SHARED):
        browser = CheckingClient(website)
        browser.begin(typed)
        browser.submit("Lấy mã xác nhận")
        website.deliver_all()
    [line] = lines(log)
    assert (line["limit"], line["client"]) == ("sends_per_phone", NETWORK)
    assert not written_of(website, "sends_per_phone")


def test_what_a_later_limit_takes_back_is_not_in_the_log(make_website: MakeWebsite, log: io.StringIO) -> None:
    website = make_website(disclosure__mode="private", limits__sends_per_phone="1/day", sms__daily_budget=1)
    for typed, status in ((AN, 200), (SHARED, 429)):
        browser = CheckingClient(website)
        browser.begin(typed)
        browser.submit("Lấy mã xác nhận", status=status)
    assert [line["limit"] for line in lines(log)] == ["sends_of_site"]


# --- proofs -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def website(make_website: MakeWebsite) -> Website:
    """A site that asks everybody for a proof."""
    return make_website(**PROOF)


def test_a_proof_that_is_made_up_worked_out_elsewhere_or_used_before_leaves_a_line(
    browser: CheckingClient, new_browser: TakeBrowser, log: io.StringIO
) -> None:
    answer = solved(browser.begin("khong-co"))
    browser.submit("Tiếp tục", tampered={"proof": answer})
    assert not lines(log, "proof_refused")
    for number, (stranger, shown) in enumerate(((browser, answer), (browser, "e30="), (new_browser(), answer)), 1):
        stranger.begin("khong-co")
        stranger.submit("Tiếp tục", tampered={"proof": shown, "ticket": ""})
        assert len(lines(log, "proof_refused")) == number
    for line in lines(log, "proof_refused"):
        assert (line["purpose"], line["client"], line["level"]) == ("look_up", NETWORK, "warning")
        assert set(line) == {"event", "level", "timestamp", "request", "purpose", "client"}


def test_what_is_asked_for_is_in_the_log_and_a_ticket_that_is_early_is_no_attempt(
    browser: CheckingClient, log: io.StringIO
) -> None:
    browser.begin()
    browser.submit("Tiếp tục")
    assert [line["purpose"] for line in lines(log, "proof_wanted")] == ["look_up", "look_up"]
    assert not lines(log, "proof_refused")
