"""`disclosure.mode = "private"`: no page tells whether an address has an account (ADR 0023)."""

import re
from collections.abc import Sequence

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.fakes import AN, GOOD_PASSWORD, GROUP, LOCKED, PHONELESS, SHARED, UNKNOWN
from tests.flow.story import wrong
from tests.web.client import CheckingClient
from tests.web.conftest import MakeWebsite
from tests.web.visitors import ACTIONS, EVENTS, compare
from tests.web.website import NEWCOMER, Website

OVERDUE = NEWCOMER.address
REFUSED = [UNKNOWN, LOCKED, PHONELESS, OVERDUE]
EVERYBODY = [AN, GROUP, *REFUSED]
DELIVERED = "Mã xác nhận đã được gửi tới số điện thoại"
TO_THE_END = [
    "type the address", "look at the number", "get a code", "ask for the message", "a second passes",
    "send it again", "go back", "type the address", "look at the number", "get a code", "try what is no code",
    "try a weak password", "type two passwords", "have a password judged", "try a wrong code", "a minute passes",
    "send it again", "try a wrong code", "a minute passes", "get a code", "a minute passes", "send it again",
    "try a wrong code", "try a wrong code", "look at the code's page", "try a wrong code", "try a wrong code",
    "send it again", "get a code", "look whether it is done", "half an hour passes", "look at the code's page",
    "look at the number", "type the address", "get a code", "eleven minutes pass", "try a wrong code", "send it again",
]  # fmt: skip
"""All tries, all sends and all waits of a recovery, its end, and the next one."""

SCRIPTS = st.lists(st.sampled_from([*ACTIONS, *EVENTS]), min_size=1, max_size=12).map(
    lambda script: ["type the address", "get a code", *script]
)


@pytest.fixture
def private(make_website: MakeWebsite) -> Website:
    return _with_overdue(make_website(disclosure__mode="private"))


@pytest.fixture
def documented(make_website: MakeWebsite) -> Website:
    return _with_overdue(make_website())


def _with_overdue(website: Website) -> Website:
    website.hand_out()
    website.deliver_all()
    website.clock.pass_by(hours=7)
    return website


@pytest.mark.parametrize("also", [[], ["the carrier refuses"], ["the directory is gone"]])
def test_in_private_mode_no_answer_of_a_whole_journey_tells_an_account_from_none(
    private: Website, also: Sequence[str]
) -> None:
    compare(private, EVERYBODY, [*TO_THE_END[:4], *also, *TO_THE_END[4:]])


def test_in_private_mode_a_day_of_sends_and_wrong_codes_ends_alike_for_all(private: Website) -> None:
    recovery = ["type the address", "get a code", *["try a wrong code"] * 5, "half an hour passes"]
    compare(private, EVERYBODY, [*recovery * 4, "a day passes", *recovery])


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(script=SCRIPTS)
def test_in_private_mode_no_order_of_steps_tells_an_account_from_none(private: Website, script: list[str]) -> None:
    _from_the_same_start(private, EVERYBODY, script)


def test_in_documented_mode_the_refusals_are_one_and_the_same(documented: Website) -> None:
    compare(documented, REFUSED, TO_THE_END)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(script=SCRIPTS)
def test_in_documented_mode_no_order_of_steps_tells_one_refusal_from_another(
    documented: Website, script: list[str]
) -> None:
    _from_the_same_start(documented, REFUSED, script)


def _from_the_same_start(website: Website, addresses: Sequence[str], script: Sequence[str]) -> None:
    begun = website.rows()
    website.gateway.fault, website.directory.down = "", False
    compare(website, addresses, script)
    website.put_back(begun)


def test_only_accounts_that_can_recover_get_an_sms(private: Website) -> None:
    before = len(private.gateway.asked)
    compare(private, EVERYBODY, ["type the address", "get a code", "a minute passes", "send it again"])
    EVENTS["a minute passes"](private)
    to = [number.local for number, _ in private.gateway.asked[before:]]
    assert sorted(to) == ["0393070121"] * 2 + ["0833111222"] * 2


def test_the_owner_recovers_as_ever(private: Website) -> None:
    browser = CheckingClient(private)
    assert browser.begin(AN).path == "/quen-mat-khau/so-dien-thoai"
    assert "0393XXX121" in browser.page.text
    code = _get_code(browser)
    assert "Nếu địa chỉ đã nhập có tài khoản đang hoạt động và có số điện thoại, mã xác nhận được gửi" in (
        browser.page.text
    )
    assert browser.type_code(wrong(code)).errors
    assert browser.type_code(code).heading == "Thành công!"
    assert private.opens(AN, GOOD_PASSWORD)


def test_the_page_never_says_that_an_sms_was_sent(private: Website) -> None:
    for address in EVERYBODY:
        browser = CheckingClient(private)
        browser.begin(address)
        browser.submit("Lấy mã xác nhận")
        assert DELIVERED not in browser.page.text
        private.clock.pass_by(5)
        private.deliver_all()
        assert DELIVERED not in browser.open("/quen-mat-khau/dat-lai").text


def test_the_number_of_an_address_without_an_account_never_changes_and_has_the_shape_of_any_other(
    private: Website,
) -> None:
    shown = {address: _number(CheckingClient(private), address) for address in (*REFUSED, "khac@soctrang.gov.vn")}
    assert {address: _number(CheckingClient(private), address.upper()) for address in shown} == shown
    assert len(set(shown.values())) == len(shown)
    assert all(re.fullmatch(r"0[35789]\d\dXXX\d{3}", number) for number in shown.values())


def test_a_group_shows_one_number_and_its_first_member_gets_the_code(private: Website) -> None:
    browser = CheckingClient(private)
    assert browser.begin(GROUP).all("fieldset") == []
    assert _get_code(browser)
    assert private.gateway.accepted[-1][0].local == "0833111222"


def test_the_page_names_the_account_only_as_it_was_typed(private: Website) -> None:
    browser = CheckingClient(private)
    browser.begin(AN)
    browser.submit("Lấy mã xác nhận")
    assert AN not in browser.page.html


def test_a_used_up_number_that_two_accounts_share_looks_like_any_other(make_website: MakeWebsite) -> None:
    website = make_website(disclosure__mode="private", limits__sends_per_phone="3/day")
    script = ["type the address", *["get a code", "a minute passes"] * 2]
    compare(website, [AN, SHARED, UNKNOWN], script, statements=False)  # to read when a limit ends is one more
    assert len(website.gateway.accepted) == 3
    assert {number.local for number, _ in website.gateway.accepted} == {"0393070121"}


def test_a_spent_budget_is_told_to_all_and_is_not_spent_by_addresses_without_an_account(
    make_website: MakeWebsite,
) -> None:
    website = _with_overdue(make_website(disclosure__mode="private", sms__daily_budget=2))
    compare(website, [UNKNOWN, LOCKED, PHONELESS], ["type the address", "get a code", "a minute passes"])
    compare(website, [AN, GROUP], ["type the address", "get a code", "a minute passes"])
    assert len(website.gateway.accepted) == 2
    [browser, *_] = compare(website, EVERYBODY[:-1], ["type the address", "get a code"], statements=False)
    assert "Hôm nay hệ thống đã gửi hết số tin nhắn cho phép." in browser.post("/quen-mat-khau/so-dien-thoai").text


def test_no_column_of_the_recoveries_tells_which_of_them_has_no_account(private: Website) -> None:
    compare(private, EVERYBODY, ["type the address", "get a code", "try a wrong code"])
    own = {"id", "browser", "reference", "address", "phone", "masked_phone", "previous_browser"}
    shapes = [
        {name: value is None if name in own else value for name, value in row.items()}
        for row in private.rows()["recoveries"]
    ]
    assert len(shapes) == len(EVERYBODY)
    assert all(shape == shapes[0] for shape in shapes)


def _number(browser: CheckingClient, typed: str) -> str:
    found = re.search(r"0\d{3}X+\d{3}", browser.begin(typed).text)
    assert found
    return found[0]


def _get_code(browser: CheckingClient) -> str:
    browser.submit("Lấy mã xác nhận")
    browser.website.clock.pass_by(5)
    browser.website.deliver_all()
    return browser.website.gateway.last_code()
