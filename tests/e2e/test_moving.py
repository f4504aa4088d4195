"""Moving about: the address bar, Back, and two tabs."""

from playwright.sync_api import expect

from tests.e2e.pages.address import AddressPage
from tests.e2e.pages.done import DonePage
from tests.e2e.pages.number import NumberPage
from tests.e2e.pages.reset import GOOD_PASSWORD, ResetPage
from tests.e2e.pages.sign_in import SignInPage
from tests.e2e.running_site import OLD_PASSWORD, Mailbox, RunningSite
from tests.e2e.tab import OpenTab, Tab
from tests.e2e.walk import to_number, to_reset


def test_back_and_forward_follow_the_steps(mailbox: Mailbox, open_tab: OpenTab, script: bool) -> None:
    tab = open_tab(script=script)
    SignInPage(tab).open().forgot_password().enter(mailbox.name)
    tab.page.go_back()
    AddressPage(tab).shown().says("Bạn đang khôi phục mật khẩu.")
    tab.page.go_back()
    SignInPage(tab).shown()
    tab.page.go_forward()
    AddressPage(tab).shown()
    tab.page.go_forward()
    NumberPage(tab).shown().ask_for_code()


def test_the_form_leads_back_to_the_step_under_way(mailbox: Mailbox, open_tab: OpenTab, script: bool) -> None:
    tab = open_tab(script=script)
    to_reset(tab, mailbox)
    address = AddressPage(tab).open()
    tab.picture("2 address, under way")
    address.link("Tiếp tục bước đang làm").click()
    ResetPage(tab).shown()


def test_a_step_that_is_under_way_can_be_reloaded(mailbox: Mailbox, open_tab: OpenTab, script: bool) -> None:
    tab = open_tab(script=script)
    number = to_number(tab, mailbox)
    tab.page.reload()
    number.shown().ask_for_code()
    tab.page.reload()
    ResetPage(tab).shown()


def test_reloading_after_a_refusal_shows_the_step_again(mailbox: Mailbox, tab: Tab) -> None:
    tab.watch.allow("429")
    reset = to_reset(tab, mailbox)
    for refusal, press in (("Mã xác nhận gồm", reset.submit.click), ("Vui lòng chờ", reset.press_resend)):
        reset.fill("12")
        press()
        reset.refuses(*([refusal] if press == reset.press_resend else ["Mã xác nhận gồm 6 chữ số."]))
        tab.page.goto(tab.page.url)
        reset.shown()


def test_back_after_success_shows_nothing_secret(
    site: RunningSite, mailbox: Mailbox, open_tab: OpenTab, script: bool
) -> None:
    # Given a recovery that is done
    tab = open_tab(script=script)
    SignInPage(tab).open()
    reset = to_reset(tab, mailbox)
    code = site.carrier.code_to(mailbox.number)
    reset.set_password(code)

    # When Back is pressed, again and again
    for _ in range(5):
        tab.page.go_back()
        tab.page.wait_for_load_state("networkidle")

        # Then no page has the code, a password or the number
        seen = tab.page.content() + "".join(
            field.input_value() for field in tab.page.locator("input:not([type=checkbox])").all()
        )
        for secret in (code, GOOD_PASSWORD, mailbox.number, mailbox.mask):
            assert secret not in seen


def test_an_address_of_a_finished_recovery_leads_to_its_end(
    site: RunningSite, mailbox: Mailbox, open_tab: OpenTab, script: bool
) -> None:
    tab = open_tab(script=script)
    to_reset(tab, mailbox).set_password(site.carrier.code_to(mailbox.number))
    for page in (NumberPage, ResetPage):
        tab.open(page.path)
        DonePage(tab).shown()


def test_the_success_page_names_nobody_and_signs_nobody_in(
    site: RunningSite, mailbox: Mailbox, open_tab: OpenTab, script: bool
) -> None:
    tab = open_tab(script=script)
    to_reset(tab, mailbox).set_password(site.carrier.code_to(mailbox.number))
    for told in (mailbox.name, mailbox.mask, mailbox.number, GOOD_PASSWORD):
        assert told not in tab.page.content()
    tab.open("/tai-khoan")
    SignInPage(tab).shown()


def test_two_browsers_with_two_accounts_do_not_mix(site: RunningSite, open_tab: OpenTab) -> None:
    first, second = site.new_mailbox(), site.new_mailbox()
    mine, theirs = to_reset(open_tab(), first), to_reset(open_tab(), second)
    mine.try_reset(site.carrier.code_to(second.number))
    mine.refuses("Mã xác nhận không đúng.")
    theirs.set_password(site.carrier.code_to(second.number))
    assert site.opens(first, OLD_PASSWORD)
    mine.set_password(site.carrier.code_to(first.number))


def test_two_tabs_with_two_accounts_do_not_mix(site: RunningSite, open_tab: OpenTab, script: bool) -> None:
    # Given a tab at the code of one account, and a second tab where another account is begun
    first, second = site.new_mailbox(), site.new_mailbox()
    tab = open_tab(script=script)
    tab.watch.allow("400")
    old = to_reset(tab, first)
    old.fill(site.carrier.code_to(first.number), "Cua-song 8 rong mo")
    newer = to_reset(tab.second(), second)

    # When the first tab sends the first account's code
    old.submit.click()
    expect(tab.page.get_by_role("heading", level=1)).to_have_text("Trang đã hết hạn")

    # Then no password has been changed for the wrong account, and the second tab finishes its own
    assert not site.opens(second, "Cua-song 8 rong mo")
    newer.browser.reload()
    newer.shown().set_password(site.carrier.code_to(second.number))
    assert site.opens(second, GOOD_PASSWORD)
    assert site.opens(first, OLD_PASSWORD)
