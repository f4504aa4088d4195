"""The truth about the SMS: on its way, sent, or not yet."""

from playwright.sync_api import expect

from tests.e2e.pages.address import AddressPage
from tests.e2e.pages.number import NumberPage
from tests.e2e.pages.reset import GOOD_PASSWORD, ResetPage
from tests.e2e.running_site import Mailbox, RunningSite
from tests.e2e.tab import OpenTab, Tab
from tests.e2e.walk import to_number, to_reset


def polls(tab: Tab) -> int:
    """How often the page has asked what became of the SMS."""
    return sum("/tin-nhan?" in request.url for request in tab.watch.requests)


def test_the_page_tells_by_itself_when_the_message_has_gone(site: RunningSite, mailbox: Mailbox, tab: Tab) -> None:
    # Given a slow carrier
    with site.carrier.held(mailbox.number) as gate:
        reset = to_reset(tab, mailbox)
        expect(reset.delivery).to_have_text(f"Đang gửi mã xác nhận tới số điện thoại '{mailbox.mask}'…")
        tab.picture("4 being sent")

        # When somebody types meanwhile, and the carrier takes the message
        reset.fill("12", GOOD_PASSWORD)
        title = tab.page.title()
        gate.set()

        # Then the sentence changes, and nothing else
        expect(reset.delivery).to_contain_text(f"Mã xác nhận đã được gửi tới số điện thoại '{mailbox.mask}'")
    reset.has_typed("12", GOOD_PASSWORD, GOOD_PASSWORD)
    expect(reset.again).to_be_focused()
    assert tab.page.title() == title
    tab.has_address(reset.path)

    # And the page asks no more
    asked = polls(tab)
    assert asked > 0
    tab.page.wait_for_timeout(4500)
    assert polls(tab) == asked


def test_a_page_of_a_sent_message_never_asks(mailbox: Mailbox, tab: Tab) -> None:
    reset = to_reset(tab, mailbox)
    expect(reset.delivery).to_contain_text("đã được gửi")
    asked = polls(tab)
    tab.page.wait_for_timeout(2500)
    assert polls(tab) == asked


def test_a_fault_of_the_carrier_is_told_and_mended_by_itself(
    site: RunningSite, mailbox: Mailbox, open_tab: OpenTab, script: bool
) -> None:
    tab = open_tab(script=script)
    with site.carrier.out_of_order(mailbox.number):
        reset = to_reset(tab, mailbox)
        expect(reset.delivery).to_contain_text(f"Chưa gửi được mã xác nhận tới số điện thoại '{mailbox.mask}'.")
        expect(reset.delivery).to_contain_text("Hệ thống đang tự gửi lại")
        expect(reset.delivery).not_to_contain_text("đã được gửi")
        tab.picture("4 not sent yet")
    site.clock.pass_by(4)
    code = site.carrier.code_to(mailbox.number)
    if not script:
        tab.page.reload()
    expect(reset.delivery).to_contain_text("đã được gửi")
    reset.set_password(code)


def test_a_message_that_ran_out_is_told(site: RunningSite, mailbox: Mailbox, tab: Tab) -> None:
    with site.carrier.out_of_order(mailbox.number):
        reset = to_reset(tab, mailbox)
        expect(reset.delivery).to_contain_text("Chưa gửi được")
        site.clock.pass_by(590)
        expect(reset.delivery).to_contain_text("Không gửi được mã xác nhận")
        tab.picture("4 not sent")


def test_polling_survives_a_server_that_is_away_for_a_moment(site: RunningSite, mailbox: Mailbox, tab: Tab) -> None:
    # Given a message on its way and a proxy that answers for the site
    tab.watch.allow("502")
    with site.carrier.held(mailbox.number) as gate:
        reset = to_reset(tab, mailbox)
        reset.fill("12")
        question = f"**{reset.path}/tin-nhan?*"
        tab.page.route(question, lambda route: route.fulfill(status=502, body="<html><h1>Bad Gateway</h1></html>"))
        with tab.page.expect_response(question):
            gate.set()

        # When the site is back
        tab.page.unroute(question)

        # Then the page goes on as if nothing had been
        expect(reset.delivery).to_contain_text("đã được gửi")
    reset.has_typed("12", GOOD_PASSWORD, GOOD_PASSWORD)
    assert tab.say == ""


def test_a_double_click_sends_one_message(site: RunningSite, mailbox: Mailbox, open_tab: OpenTab, script: bool) -> None:
    tab = open_tab(script=script)
    number = to_number(tab, mailbox)
    number.get_code.dblclick()
    ResetPage(tab).shown()
    tab.page.wait_for_load_state("networkidle")
    assert len(site.carrier.codes_to(mailbox.number)) == 1
    if script:
        assert len(tab.watch.sent("POST", number.path)) == 1


def test_a_double_click_on_the_address_makes_one_recovery(mailbox: Mailbox, open_tab: OpenTab, script: bool) -> None:
    tab = open_tab(script=script)
    address = AddressPage(tab).open()
    address.email.fill(mailbox.name)
    address.go_on.dblclick()
    number = NumberPage(tab).shown()
    if script:
        assert len(tab.watch.sent("POST", address.path)) == 1
    number.ask_for_code()
    assert len(tab.site.carrier.codes_to(mailbox.number)) == 1


def test_neither_reload_nor_back_sends_again(
    site: RunningSite, mailbox: Mailbox, open_tab: OpenTab, script: bool
) -> None:
    tab = open_tab(script=script)
    reset = to_reset(tab, mailbox)
    tab.page.reload()
    reset.shown().back()
    NumberPage(tab).shown()
    tab.page.go_back()
    reset.shown()
    assert len(site.carrier.codes_to(mailbox.number)) == 1
