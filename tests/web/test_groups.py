"""A mailbox of several people: each chooses the number that is theirs."""

from collections.abc import Sequence

from tests.fakes import GOOD_PASSWORD
from tests.web.client import CheckingClient
from tests.web.website import TRIO

NOT_CHOSEN = "Hãy chọn số điện thoại nhận mã."
MASKS = ("0855XXX222", "0777XXX333", "0588XXX444")


def _choices(browser: CheckingClient) -> list[str]:
    return [one.get("value") for one in browser.page.all("input") if one.get("type") == "radio"]


def test_every_number_is_shown_masked_and_whose_it_is_is_not(browser: CheckingClient) -> None:
    """Whoever types a group's address has proved nothing yet: the names of its members are not theirs to read."""
    page = browser.begin(TRIO)
    assert [one.text for one in page.classed("choice")] == list(MASKS)
    assert "Kim Thị Sa Phia" not in page.html
    assert page.all("legend")[0].text == "Số điện thoại nhận mã"
    assert len(set(_choices(browser))) == 3


def test_the_code_goes_to_the_chosen_number_alone(browser: CheckingClient) -> None:
    browser.begin(TRIO)
    page = browser.submit("Lấy mã xác nhận", {"phone": _choices(browser)[1]})
    assert "Mã xác nhận đã được gửi tới số điện thoại '0777XXX333'" in page.text
    assert [to.local for to, _ in browser.website.gateway.accepted] == ["0777222333"]
    assert browser.type_code(browser.website.gateway.last_code()).heading == "Thành công!"
    assert browser.website.directory.changes == [(TRIO, GOOD_PASSWORD)]


def test_everybody_is_told_of_the_new_password(browser: CheckingClient) -> None:
    browser.begin(TRIO)
    browser.submit("Lấy mã xác nhận", {"phone": _choices(browser)[0]})
    browser.type_code(browser.website.gateway.last_code())
    browser.website.deliver_all()
    assert {to.local for to, _ in browser.website.gateway.accepted[1:]} == {"0855111222", "0777222333", "0588333444"}


def test_nothing_is_sent_where_nobody_was_chosen(browser: CheckingClient) -> None:
    browser.begin(TRIO)
    page = browser.submit("Lấy mã xác nhận")
    assert page.errors == [NOT_CHOSEN]
    assert page.classed("errors")[0].all("a")[0].get("href") == "#phone"
    assert browser.website.gateway.asked == []


def test_a_choice_that_was_made_up_sends_nothing(browser: CheckingClient) -> None:
    made_up: Sequence[str] = ("0855111222", "+84855111222", "84999999999", "0", "1", "x" * 32, "'; --")
    for choice in made_up:
        browser.begin(TRIO)
        page = browser.submit("Lấy mã xác nhận", tampered={"phone": choice})
        assert page.errors == [NOT_CHOSEN]
    assert browser.website.gateway.asked == []


def test_the_choice_of_another_account_sends_nothing(browser: CheckingClient) -> None:
    browser.begin("phong-tiep-dan")
    foreign = _choices(browser)[0]
    browser.website.clock.pass_by(1)
    browser.begin(TRIO)
    assert browser.submit("Lấy mã xác nhận", tampered={"phone": foreign}).errors == [NOT_CHOSEN]
    assert browser.website.gateway.asked == []


def test_a_single_number_needs_no_choice_and_takes_none(browser: CheckingClient) -> None:
    browser.begin()
    browser.submit("Lấy mã xác nhận", tampered={"phone": "+84912345678"})
    assert [to.local for to, _ in browser.website.gateway.accepted] == ["0393070121"]


def test_another_member_gets_a_code_of_their_own(browser: CheckingClient) -> None:
    browser.begin(TRIO)
    choices = _choices(browser)
    browser.submit("Lấy mã xác nhận", {"phone": choices[0]})
    first = browser.website.gateway.last_code()
    browser.website.clock.pass_by(61)
    browser.open("/quen-mat-khau/so-dien-thoai")
    browser.submit("Lấy mã xác nhận", {"phone": choices[2]})
    second = browser.website.gateway.last_code()
    assert first != second
    assert "Bạn còn 4 lần thử" in browser.type_code(first).errors[0]
    assert browser.type_code(second).heading == "Thành công!"
