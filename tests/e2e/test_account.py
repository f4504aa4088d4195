"""From the slip of paper to a working mailbox, and what somebody who is signed in sees and does."""

import pytest
from playwright.sync_api import expect

from tests.e2e.pages.account import AccountPage
from tests.e2e.pages.change import ChangePage
from tests.e2e.pages.page import Page
from tests.e2e.pages.reset import GOOD_PASSWORD
from tests.e2e.pages.sign_in import SignInPage
from tests.e2e.running_site import OLD_PASSWORD, Mailbox, RunningSite
from tests.e2e.tab import OpenTab, Tab
from tests.e2e.test_accessibility import TARGETS, outgrown, violations


def _at_change(tab: Tab, mailbox: Mailbox) -> ChangePage:
    return SignInPage(tab).open().sign_in(mailbox.address, OLD_PASSWORD).change_password()


def test_an_official_with_a_slip_of_paper_gets_to_a_working_mailbox(
    site: RunningSite, open_tab: OpenTab, script: bool, size: str
) -> None:
    # Given an account that has just been handed out
    mailbox, first = site.hand_out()
    tab = open_tab(script=script, size=size)

    # When its first password is typed
    SignInPage(tab).open().try_password(mailbox.address, first)

    # Then there is no way on but the change page, which tells how long is left
    change = ChangePage(tab).shown()
    change.says("Bạn đang dùng mật khẩu lần đầu. Hãy đổi mật khẩu trước ")
    change.says("(còn 5 giờ 59 phút). Quá hạn, tài khoản sẽ bị khoá.")
    tab.picture("8 first password")
    tab.open(AccountPage.path)
    change.shown()

    # When it is changed
    change.try_change(first)

    # Then the account is open, and the first password opens nothing any more
    account = AccountPage(tab).shown()
    account.says("Thay đổi mật khẩu thành công!")
    account.says("Mật khẩu lần đầu đã được đổi.")
    tab.picture("9 account after the change")
    assert site.opens(mailbox, GOOD_PASSWORD)
    assert not site.opens(mailbox, first)


def test_six_hours_later_the_open_page_leads_to_the_sign_in_page(site: RunningSite, open_tab: OpenTab) -> None:
    mailbox, first = site.hand_out()
    tab = open_tab()
    SignInPage(tab).open().try_password(mailbox.address, first)
    change = ChangePage(tab).shown()
    change.fill(first)
    site.clock.pass_by(6 * 3600)
    change.submit.click()
    sign_in = SignInPage(tab).shown()
    sign_in.says("Phiên đăng nhập đã kết thúc vì lâu không sử dụng.")
    sign_in.try_password(mailbox.address, first)
    sign_in.refuses("Tên tài khoản hoặc mật khẩu không đúng.")
    assert not site.opens(mailbox, GOOD_PASSWORD)


def test_typing_on_after_the_end_of_the_session_leads_to_the_sign_in_page_which_says_why(
    site: RunningSite, open_tab: OpenTab
) -> None:
    mailbox, first = site.hand_out()
    tab = open_tab()
    SignInPage(tab).open().try_password(mailbox.address, first)
    change = ChangePage(tab).shown()
    site.clock.pass_by(600)
    change.password.press_sequentially("Ben")
    SignInPage(tab).shown().says("Phiên đăng nhập đã kết thúc vì lâu không sử dụng.")


def test_the_rules_answer_while_the_password_is_typed(mailbox: Mailbox, tab: Tab) -> None:
    change = _at_change(tab, mailbox)
    change.password.press_sequentially(GOOD_PASSWORD)
    expect(tab.page.locator("#password-rules .met")).to_have_count(5)
    expect(change.main).to_contain_text("Độ mạnh:")
    tab.picture("8 change while typing")


def test_what_was_typed_stays_after_a_mistake(mailbox: Mailbox, tab: Tab) -> None:
    change = _at_change(tab, mailbox)
    change.try_change("Khong-dung-9x")
    change.refuses("Mật khẩu hiện tại không đúng.")
    expect(change.summary).to_be_focused()
    expect(change.current).to_have_value("Khong-dung-9x")
    expect(change.password).to_have_value(GOOD_PASSWORD)
    expect(change.again).to_have_value(GOOD_PASSWORD)


def test_a_press_that_is_made_twice_changes_the_password_once(
    site: RunningSite, mailbox: Mailbox, open_tab: OpenTab, script: bool
) -> None:
    tab = open_tab(script=script)
    change = _at_change(tab, mailbox)
    change.fill(OLD_PASSWORD)
    change.submit.dblclick(no_wait_after=True)
    expect(tab.page.get_by_role("heading", level=1)).not_to_have_text(ChangePage.heading)
    assert site.opens(mailbox, GOOD_PASSWORD)
    if script:
        AccountPage(tab).shown().says("Thay đổi mật khẩu thành công!")


def test_every_other_browser_is_signed_out(mailbox: Mailbox, open_tab: OpenTab, script: bool) -> None:
    here, there = open_tab(script=script), open_tab(script=script)
    SignInPage(there).open().sign_in(mailbox.address, OLD_PASSWORD)
    _at_change(here, mailbox).try_change(OLD_PASSWORD)
    AccountPage(here).shown()
    there.open(AccountPage.path)
    SignInPage(there).shown()


def test_signing_out_everywhere_ends_this_session_and_the_others(
    mailbox: Mailbox, open_tab: OpenTab, script: bool
) -> None:
    here, there = open_tab(script=script), open_tab(script=script)
    SignInPage(there).open().sign_in(mailbox.address, OLD_PASSWORD)
    SignInPage(here).open().sign_in(mailbox.address, OLD_PASSWORD).sign_out_everywhere()
    SignInPage(here).shown().says("Bạn đã đăng xuất khỏi mọi thiết bị.")
    there.open(AccountPage.path)
    SignInPage(there).shown()


def test_password_managers_see_a_name_a_present_and_a_new_password(mailbox: Mailbox, tab: Tab) -> None:
    _at_change(tab, mailbox)
    form = tab.page.locator("main form")
    for purpose, how_many in (("username", 1), ("current-password", 1), ("new-password", 2)):
        expect(form.locator(f"input[autocomplete={purpose}]")).to_have_count(how_many)
    expect(form.locator("input[autocomplete=username]")).to_have_value(mailbox.address)


# --- every state of the pages, as a person sees it --------------------------------------------------------------------


def _account_of_a_group(tab: Tab) -> Page:
    return SignInPage(tab).open().sign_in(tab.site.new_mailbox(members=5).address, OLD_PASSWORD)


def _without_a_number(tab: Tab) -> Page:
    return SignInPage(tab).open().sign_in(tab.site.new_mailbox(phoneless=True).address, OLD_PASSWORD)


def _change(tab: Tab) -> ChangePage:
    return _at_change(tab, tab.site.new_mailbox())


def _everything_refused(tab: Tab) -> Page:
    page = _change(tab)
    page.try_change("", "abc", "abd")
    expect(page.summary.get_by_role("listitem")).to_have_count(4)
    return page


def _first_password(tab: Tab) -> Page:
    mailbox, first = tab.site.hand_out()
    SignInPage(tab).open().try_password(mailbox.address, first)
    return ChangePage(tab).shown()


def _changed(tab: Tab) -> Page:
    _change(tab).try_change(OLD_PASSWORD)
    return AccountPage(tab).shown()


def _signed_out_everywhere(tab: Tab) -> Page:
    SignInPage(tab).open().sign_in(tab.site.new_mailbox().address, OLD_PASSWORD).sign_out_everywhere()
    return SignInPage(tab).shown()


PAGES = {
    "group": _account_of_a_group,
    "without a number": _without_a_number,
    "change": _change,
    "change refused": _everything_refused,
    "first password": _first_password,
    "changed": _changed,
    "signed out everywhere": _signed_out_everywhere,
}


@pytest.mark.parametrize("which", PAGES)
def test_axe_finds_nothing_and_nothing_is_lost_when_it_grows(open_tab: OpenTab, which: str) -> None:
    tab = open_tab(bypass_csp=True)
    PAGES[which](tab)
    for scheme in ("light", "dark"):
        tab.page.emulate_media(color_scheme=scheme)
        assert violations(tab) == []
    assert tab.page.evaluate(TARGETS) == []
    for width in (360, 320, 1280):
        tab.page.set_viewport_size({"width": width, "height": 640})
        assert outgrown(tab) == {}
        tab.picture(f"account pages, {which}, {width}")
    tab.page.add_style_tag(content="html { font-size: 200% !important; }")
    tab.page.set_viewport_size({"width": 360, "height": 640})
    assert outgrown(tab) == {}
