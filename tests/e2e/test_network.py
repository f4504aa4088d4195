"""Bad lines: offline, a proxy's own error page, a script that never comes, a slow network."""

import pytest
from playwright.sync_api import Route, expect

from tests.e2e.pages.address import AddressPage
from tests.e2e.pages.number import NumberPage
from tests.e2e.pages.reset import GOOD_PASSWORD, ResetPage
from tests.e2e.running_site import Mailbox, RunningSite
from tests.e2e.tab import Tab
from tests.e2e.walk import to_number, to_reset

OFFLINE = "Không kết nối được."
BROKEN = "Máy chủ"
BUSY = "Đang xử lý"


def test_offline_is_told_and_nothing_typed_is_lost(site: RunningSite, mailbox: Mailbox, tab: Tab) -> None:
    # Given a filled form and a line that breaks
    tab.watch.allow("ERR_INTERNET_DISCONNECTED", "Failed to fetch")
    reset = to_reset(tab, mailbox)
    code = site.carrier.code_to(mailbox.number)
    reset.fill(code)
    tab.page.context.set_offline(True)

    # When it is sent
    reset.submit.click()

    # Then the page says so, stays as it is, and works again when the line is back
    tab.hears(OFFLINE)
    tab.picture("4 offline")
    reset.has_typed(code, GOOD_PASSWORD, GOOD_PASSWORD)
    expect(reset.submit).to_be_enabled()
    tab.page.context.set_offline(False)
    reset.set_password(code)


def test_a_proxys_error_page_is_told_and_nothing_typed_is_lost(site: RunningSite, mailbox: Mailbox, tab: Tab) -> None:
    tab.watch.allow("502")
    reset = to_reset(tab, mailbox)
    code = site.carrier.code_to(mailbox.number)
    reset.fill(code)
    tab.page.route(f"**{reset.path}", _bad_gateway)
    reset.submit.click()
    tab.hears(BROKEN)
    tab.picture("4 bad gateway")
    reset.has_typed(code, GOOD_PASSWORD, GOOD_PASSWORD)
    tab.page.unroute(f"**{reset.path}")
    reset.set_password(code)


def test_a_failing_live_check_disturbs_nobody(mailbox: Mailbox, tab: Tab) -> None:
    tab.watch.allow("502", "ERR_INTERNET_DISCONNECTED", "Failed to fetch")
    reset = to_reset(tab, mailbox)
    tab.page.route("**/kiem-tra", _bad_gateway)
    with tab.page.expect_response("**/kiem-tra"):
        reset.password.press_sequentially("Ben-pha")
    tab.page.unroute("**/kiem-tra")
    tab.page.context.set_offline(True)
    with tab.page.expect_event("requestfailed"):
        reset.password.press_sequentially(" 9 vang")
    reset.shown()
    expect(reset.password).to_have_value("Ben-pha 9 vang")
    assert tab.say == ""
    tab.page.context.set_offline(False)


def test_without_the_script_file_everything_works_natively(site: RunningSite, mailbox: Mailbox, tab: Tab) -> None:
    tab.watch.allow("ERR_FAILED")
    tab.page.route("**/static/**", lambda route: route.abort())
    reset = to_reset(tab, mailbox)
    reset.try_reset("12")
    reset.refuses("Mã xác nhận gồm 6 chữ số.")
    reset.set_password(site.carrier.code_to(mailbox.number))


@pytest.mark.parametrize("pressed_again", ["with the mouse", "with Enter"])
def test_on_a_slow_line_the_page_is_busy_and_sends_once(
    site: RunningSite, mailbox: Mailbox, tab: Tab, pressed_again: str
) -> None:
    # Given a line with a delay of a second
    number = to_number(tab, mailbox)
    _slow(tab)

    # When the button is pressed twice
    number.get_code.click(no_wait_after=True)

    # Then it is disabled, the page says that it works, and one message goes out
    expect(number.get_code).to_be_disabled()
    tab.hears(BUSY)
    tab.picture("3 busy")
    if pressed_again == "with Enter":
        tab.page.keyboard.press("Enter")
    else:
        number.get_code.click(force=True, no_wait_after=True)
    ResetPage(tab).shown()
    assert tab.say == ""
    assert len(tab.watch.sent("POST", number.path)) == 1
    assert len(site.carrier.codes_to(mailbox.number)) == 1


def test_on_a_slow_line_the_address_is_sent_once(mailbox: Mailbox, tab: Tab) -> None:
    address = AddressPage(tab).open()
    _slow(tab)
    address.email.fill(mailbox.name)
    address.email.press("Enter")
    address.email.press("Enter")
    expect(address.go_on).to_be_disabled()
    NumberPage(tab).shown()
    assert len(tab.watch.sent("POST", address.path)) == 1


def test_on_a_slow_line_the_resend_button_sends_once(site: RunningSite, mailbox: Mailbox, tab: Tab) -> None:
    reset = to_reset(tab, mailbox)
    site.clock.pass_by(60)
    _slow(tab)
    reset.press_resend()
    tab.hears(BUSY)
    reset.press_resend()
    expect(tab.page.locator("#say")).to_have_text("")
    assert len(tab.watch.sent("POST", f"{reset.path}/gui-lai")) == 1
    assert len(site.carrier.codes_to(mailbox.number)) == 2


def _bad_gateway(route: Route) -> None:
    route.fulfill(status=502, content_type="text/html", body="<html><body><h1>502 Bad Gateway</h1></body></html>")


def _slow(tab: Tab) -> None:
    line = tab.page.context.new_cdp_session(tab.page)
    line.send("Network.enable")
    line.send(
        "Network.emulateNetworkConditions",
        {"offline": False, "latency": 700, "downloadThroughput": 50_000, "uploadThroughput": 50_000},
    )
