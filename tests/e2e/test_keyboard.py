"""Everything can be done, and seen, with a keyboard alone (WCAG 2.1.1, 2.4.3, 2.4.7)."""

from playwright.sync_api import Locator, expect

from tests.e2e.pages.account import AccountPage
from tests.e2e.pages.address import AddressPage
from tests.e2e.pages.done import DonePage
from tests.e2e.pages.number import NumberPage
from tests.e2e.pages.reset import GOOD_PASSWORD, ResetPage
from tests.e2e.pages.sign_in import SignInPage
from tests.e2e.running_site import Mailbox, RunningSite
from tests.e2e.tab import OpenTab, Tab
from tests.e2e.walk import to_reset

_RING = """() => {
  const at = document.activeElement, style = getComputedStyle(at), box = at.getBoundingClientRect();
  return {
    where: at.outerHTML.slice(0, 80),
    ring: style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2,
    inside: box.width > 0 && box.bottom > 0 && box.top < innerHeight,
  };
}"""


def tab_to(tab: Tab, target: Locator) -> None:
    """Press Tab until `target` has the focus; every stop on the way must show where it is."""
    expect(target).to_be_visible()
    for _ in range(20):
        tab.page.keyboard.press("Tab")
        stop = tab.page.evaluate(_RING)
        assert stop["ring"], f"no visible focus on {stop['where']}"
        assert stop["inside"], f"the focus is out of sight on {stop['where']}"
        if target.evaluate("element => element === document.activeElement"):
            return
    raise AssertionError(f"Tab never reaches {target}")


def press_enter_on(tab: Tab, target: Locator) -> None:
    tab_to(tab, target)
    tab.page.keyboard.press("Enter")


def type_into(tab: Tab, target: Locator, text: str) -> None:
    tab_to(tab, target)
    tab.page.keyboard.type(text)


def test_the_whole_flow_works_with_the_keyboard_alone(
    site: RunningSite, mailbox: Mailbox, open_tab: OpenTab, script: bool
) -> None:
    tab = open_tab(script=script, size="desktop")
    press_enter_on(tab, SignInPage(tab).open().link("Quên mật khẩu?"))

    address = AddressPage(tab).shown()
    type_into(tab, address.email, mailbox.name)
    tab.page.keyboard.press("Enter")

    press_enter_on(tab, NumberPage(tab).shown().get_code)

    reset = ResetPage(tab).shown()
    type_into(tab, reset.code, site.carrier.code_to(mailbox.number))
    type_into(tab, reset.password, GOOD_PASSWORD)
    type_into(tab, reset.again, GOOD_PASSWORD)
    tab.page.keyboard.press("Enter")

    press_enter_on(tab, DonePage(tab).shown().link("Đóng"))

    sign_in = SignInPage(tab).shown()
    type_into(tab, sign_in.field("Tên tài khoản"), mailbox.name)
    type_into(tab, sign_in.field("Mật khẩu"), GOOD_PASSWORD)
    tab.page.keyboard.press("Enter")
    AccountPage(tab).shown()


def test_after_every_step_the_focus_is_on_the_heading(site: RunningSite, mailbox: Mailbox, tab: Tab) -> None:
    heading = tab.page.get_by_role("heading", level=1)
    address = SignInPage(tab).open().forgot_password()
    expect(heading).to_be_focused()
    number = address.enter(mailbox.name)
    expect(heading).to_be_focused()
    number.ask_for_code()
    expect(heading).to_be_focused()


def test_after_a_refusal_the_focus_is_on_the_summary(mailbox: Mailbox, open_tab: OpenTab, script: bool) -> None:
    tab = open_tab(script=script)
    reset = to_reset(tab, mailbox)
    reset.try_reset("12345")
    reset.refuses("Mã xác nhận gồm 6 chữ số.")
    expect(reset.summary).to_be_focused()


def test_the_links_of_the_summary_lead_to_the_fields(mailbox: Mailbox, open_tab: OpenTab, script: bool) -> None:
    tab = open_tab(script=script)
    reset = to_reset(tab, mailbox)
    reset.try_reset("12345", again="khác")
    for sentence, field in (("Mã xác nhận gồm 6 chữ số.", reset.code), ("Mật khẩu nhập lại", reset.again)):
        reset.summary.get_by_role("link", name=sentence).click()
        expect(field).to_be_focused()
    ResetPage(tab).shown()


def test_the_toggles_and_the_resend_button_work_with_the_keyboard(mailbox: Mailbox, tab: Tab) -> None:
    tab.watch.allow("429")
    reset = to_reset(tab, mailbox)
    press_enter_on(tab, reset.resend)
    reset.refuses("Vui lòng chờ")
    tab_to(tab, reset.button("Hiện mật khẩu"))
    tab.page.keyboard.press("Space")
    expect(reset.password).to_have_attribute("type", "text")
