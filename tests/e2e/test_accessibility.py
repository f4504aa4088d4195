"""Every page, with and without errors, in both colour schemes: axe finds nothing, and nothing is lost when it grows.

WCAG 2.2: 1.4.4 and 1.4.10 (200 %, 320 px), 1.4.12 (text spacing), 2.5.8 (targets).
"""

from collections.abc import Callable, Mapping

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.e2e.pages.account import AccountPage
from tests.e2e.pages.address import AddressPage
from tests.e2e.pages.page import Page
from tests.e2e.pages.reset import ResetPage
from tests.e2e.pages.sign_in import SignInPage
from tests.e2e.pages.telephone import TelephonePage
from tests.e2e.running_site import OLD_PASSWORD, RunningSite
from tests.e2e.tab import OpenTab, Tab
from tests.e2e.walk import to_number, to_reset, wrong_for

SPACING = "* { line-height: 1.5 !important; letter-spacing: .12em !important; word-spacing: .16em !important; }"
PARAGRAPHS = "p { margin-bottom: 2em !important; }"
WITHIN = """() => {
  const root = document.documentElement;
  const names = (elements) => elements.map((one) => one.outerHTML.slice(0, 90));
  const seen = [...document.querySelectorAll("body *")]
    .filter((one) => !one.closest("svg, .unseen") && one.getClientRects().length);
  const overflows = (one) => one.scrollWidth > one.clientWidth + 1 || one.scrollHeight > one.clientHeight + 1;
  const hides = (one) => ["hidden", "clip"].includes(getComputedStyle(one).overflow);
  return {
    width: root.scrollWidth - root.clientWidth,
    outside: names(seen.filter((one) => one.getBoundingClientRect().right > root.clientWidth + 1)),
    clipped: names(seen.filter((one) => hides(one) && overflows(one) && !one.matches("input"))),
    cut: names(seen.filter((one) => one.matches("button, .button, .say") && one.scrollWidth > one.clientWidth + 1)),
    squeezed: names(seen.filter((one) => one.matches(".field input") && one.clientWidth < 96)),
  };
}"""
TARGETS = """() => {
  const inText = "main p:not(.back) a, .errors a, footer p:not(.more) a";
  return [...document.querySelectorAll("a, button, input:not([type=hidden]), summary, select")]
    .filter((one) => one.getClientRects().length && !one.closest(".unseen") && !one.matches(inText))
    .map((one) => ({ one, box: (one.closest("label.choice") ?? one).getBoundingClientRect() }))
    .filter(({ one, box }) => box.width < 24 || box.height < (one.matches("a:not(.button)") ? 24 : 44))
    .map(({ one, box }) => `${Math.round(box.width)}x${Math.round(box.height)} ${one.outerHTML.slice(0, 80)}`);
}"""
ZOOMED_TEXT = "html { font-size: 200% !important; }"


def _sign_in(tab: Tab) -> Page:
    return SignInPage(tab).open()


def _sign_in_refused(tab: Tab) -> Page:
    page = SignInPage(tab).open()
    page.try_password("ai.do", "sai")
    page.refuses("Tên tài khoản hoặc mật khẩu không đúng.")
    return page


def _address(tab: Tab) -> Page:
    return AddressPage(tab).open()


def _address_refused(tab: Tab) -> Page:
    page = AddressPage(tab).open()
    page.try_address("khong.co.ai")
    page.refuses("Không tìm thấy Email hoặc Email bị khoá, vui lòng liên hệ quản trị!")
    return page


def _number(tab: Tab) -> Page:
    return to_number(tab, tab.site.new_mailbox())


def _group_refused(tab: Tab) -> Page:
    page = to_number(tab, tab.site.new_mailbox(members=5))
    page.get_code.click()
    page.refuses("Hãy chọn số điện thoại nhận mã.")
    return page


def _reset(tab: Tab) -> ResetPage:
    return to_reset(tab, tab.site.new_mailbox())


def _reset_with_verdict(tab: Tab) -> Page:
    page = _reset(tab)
    page.password.press_sequentially("Matkhau@123")
    page.says("quá dễ đoán")
    return page


def _reset_refused(tab: Tab) -> Page:
    page = _reset(tab)
    page.try_reset("12", "abc", "abd")
    expect(page.summary.get_by_role("listitem")).to_have_count(4)
    expect(page.main).to_contain_text("Độ mạnh:")
    return page


def _not_sent(tab: Tab) -> Page:
    mailbox = tab.site.new_mailbox()
    with tab.site.carrier.out_of_order(mailbox.number):
        page = to_reset(tab, mailbox)
        expect(page.delivery).to_contain_text("Chưa gửi được")
    return page


def _wrong_code(tab: Tab) -> Page:
    mailbox = tab.site.new_mailbox()
    page = to_reset(tab, mailbox)
    page.try_reset(wrong_for(tab.site.carrier.code_to(mailbox.number)))
    page.refuses("Mã xác nhận không đúng.")
    return page


def _done(tab: Tab) -> Page:
    mailbox = tab.site.new_mailbox()
    return to_reset(tab, mailbox).set_password(tab.site.carrier.code_to(mailbox.number))


def _account(tab: Tab) -> Page:
    return SignInPage(tab).open().sign_in(tab.site.new_mailbox().address, OLD_PASSWORD)


class GuidePage(Page):
    path = "/huong-dan"
    heading = "Hướng dẫn sử dụng"


class ForwardingPage(Page):
    path = "/huong-dan/chuyen-tiep"
    heading = "Chuyển tiếp thư từ Gmail, Yahoo Mail"


class RegistrationPage(Page):
    path = "/dang-ky"
    heading = "Đăng ký tài khoản thư công vụ"


class MissingPage(Page):
    path = "/khong-co-trang-nay"
    heading = "Không tìm thấy trang"


PAGES: Mapping[str, Callable[[Tab], Page]] = {
    "sign-in": _sign_in,
    "sign-in refused": _sign_in_refused,
    "address": _address,
    "address refused": _address_refused,
    "number": _number,
    "group refused": _group_refused,
    "code": _reset,
    "code and weak password": _reset_with_verdict,
    "everything refused": _reset_refused,
    "wrong code": _wrong_code,
    "not sent": _not_sent,
    "done": _done,
    "account": _account,
    "guide": lambda tab: GuidePage(tab).open(),
    "forwarding": lambda tab: ForwardingPage(tab).open(),
    "registration": lambda tab: RegistrationPage(tab).open(),
    "missing": lambda tab: MissingPage(tab).open(),
}


def violations(tab: Tab) -> list[str]:
    found = Axe().run(tab.page).response["violations"]
    return [f"{one['id']}: {node['html'][:120]}" for one in found for node in one["nodes"]]


def outgrown(tab: Tab) -> dict[str, object]:
    """Return what is wider than the window, clipped, or cut off inside its button."""
    return {name: found for name, found in tab.page.evaluate(WITHIN).items() if found}


@pytest.mark.parametrize("which", PAGES)
def test_axe_finds_nothing_and_every_target_is_large_enough(open_tab: OpenTab, which: str) -> None:
    tab = open_tab()
    tab.watch.allow("404")
    PAGES[which](tab)
    for scheme in ("light", "dark"):
        tab.page.emulate_media(color_scheme=scheme)
        assert violations(tab) == []
    assert tab.page.evaluate(TARGETS) == []
    assert outgrown(tab) == {}
    tab.page.set_viewport_size({"width": 320, "height": 480})
    assert outgrown(tab) == {}


@pytest.mark.parametrize(
    "which", ["sign-in", "group refused", "everything refused", "done", "guide", "forwarding", "registration"]
)
def test_nothing_is_lost_with_large_or_spaced_text(open_tab: OpenTab, which: str) -> None:
    tab = open_tab(bypass_csp=True)
    PAGES[which](tab)
    large = tab.page.add_style_tag(content=ZOOMED_TEXT)
    tab.page.set_viewport_size({"width": 640, "height": 640})  # 200 % of 320 px
    assert outgrown(tab) == {}
    tab.page.set_viewport_size({"width": 360, "height": 640})
    assert outgrown(tab) == {}
    tab.picture(f"large text, {which}")
    large.evaluate("element => element.remove()")
    tab.page.set_viewport_size({"width": 320, "height": 480})
    tab.page.add_style_tag(content=SPACING + PARAGRAPHS)
    assert outgrown(tab) == {}
    tab.picture(f"spaced text, {which}")


def test_the_telephone_of_the_demonstration_is_accessible_too(demonstration: RunningSite, open_tab: OpenTab) -> None:
    tab = open_tab(on=demonstration)
    to_reset(tab, demonstration.new_mailbox())
    TelephonePage(tab).open()
    for scheme in ("light", "dark"):
        tab.page.emulate_media(color_scheme=scheme)
        assert violations(tab) == []
    assert outgrown(tab) == {}


def test_every_page_says_its_language_and_its_name(open_tab: OpenTab) -> None:
    tab = open_tab(script=False)
    titles = set()
    for walk in (_sign_in, _address, _number, _reset, _done):
        page = walk(tab)
        expect(tab.page.locator("html")).to_have_attribute("lang", "vi")
        expect(tab.page.get_by_role("status")).not_to_have_count(0)
        titles.add(tab.page.title())
        assert page.heading in tab.page.title()
    assert len(titles) == 5


def test_colours_without_colours(open_tab: OpenTab) -> None:
    """Forced colours (a high-contrast Windows) keep the buttons' and the fields' outlines."""
    tab = open_tab(forced_colors="active")
    page = _reset_refused(tab)
    tab.picture("4 forced colours")
    expect(page.main).to_be_visible()


def test_the_account_page_has_a_way_out(open_tab: OpenTab) -> None:
    tab = open_tab()
    page = _account(tab)
    page.button("Đăng xuất").click()
    SignInPage(tab).shown()
    tab.open(AccountPage.path)
    SignInPage(tab).shown()
