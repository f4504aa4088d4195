"""What the script adds while somebody types: the live check, the toggles, the code from the message."""

import re

from playwright.sync_api import Locator, expect

from tests.e2e.pages.done import DonePage
from tests.e2e.pages.reset import GOOD_PASSWORD
from tests.e2e.pages.sign_in import SignInPage
from tests.e2e.running_site import Mailbox, RunningSite
from tests.e2e.tab import OpenTab, Tab
from tests.e2e.walk import to_reset, wrong_for

CHECK = "/quen-mat-khau/dat-lai/kiem-tra"


def rules_met(tab: Tab) -> Locator:
    return tab.page.locator("#password-rules .met")


def test_the_live_check_ticks_rules_and_touches_nothing_else(mailbox: Mailbox, tab: Tab) -> None:
    # Given a code and a repetition that were typed first
    reset = to_reset(tab, mailbox)
    reset.code.fill("12")
    reset.again.fill("Ben-pha")
    reset.says("Ít nhất 8 ký tự")
    title = tab.page.title()

    # When a password is typed, letter by letter
    reset.password.press_sequentially("Benpha12", delay=20)

    # Then the rules that hold are ticked
    expect(rules_met(tab)).to_contain_text(["Ít nhất 8 ký tự", "Chữ hoa", "Chữ thường", "Chữ số"])
    reset.says("Độ mạnh:")

    # And when it is finished, all of them are
    reset.password.press_sequentially("-vang khach", delay=20)
    expect(rules_met(tab)).to_have_count(5)
    tab.picture("4 live check")

    # And nothing else has moved
    expect(reset.password).to_be_focused()
    reset.has_typed("12", "Benpha12-vang khach", "Ben-pha")
    assert tab.page.title() == title
    tab.has_address(reset.path)
    assert tab.say == ""


def test_the_live_check_gives_the_reason_of_a_weak_password(mailbox: Mailbox, tab: Tab) -> None:
    reset = to_reset(tab, mailbox)
    reset.password.press_sequentially("Matkhau@123")
    reset.says("Mật khẩu này quá dễ đoán vì")
    tab.picture("4 live check, weak")


def test_fast_typing_does_not_ask_the_server_at_every_letter(mailbox: Mailbox, tab: Tab) -> None:
    reset = to_reset(tab, mailbox)
    reset.password.press_sequentially("Ben-pha 9 vang", delay=5)
    expect(rules_met(tab)).to_have_count(5)
    # one on a machine that has time; a starved one types with pauses longer than the delay
    assert len(tab.watch.sent("POST", CHECK)) < len("Ben-pha 9 vang") / 2


def test_a_live_check_that_the_server_refuses_leaves_the_form_alone(mailbox: Mailbox, tab: Tab) -> None:
    # Given a limit on the live check that is used up
    tab.watch.allow("429")
    reset = to_reset(tab, mailbox)
    for place in range(41):
        answer = tab.page.request.post(
            tab.site.url + CHECK,
            headers={"Origin": tab.site.url},
            form={
                "csrf_token": tab.page.locator("#reset [name=csrf_token]").input_value(),
                "password": f"Ben-pha {place}",
            },
        )
    assert answer.status == 429

    # When somebody types on
    reset.code.fill("123456")
    with tab.page.expect_response(f"**{CHECK}"):
        reset.password.press_sequentially(GOOD_PASSWORD)

    # Then what was typed stays
    tab.page.wait_for_load_state("networkidle")
    reset.shown().has_typed("123456", GOOD_PASSWORD, "")


def test_a_live_check_after_the_end_leaves_the_form_alone(mailbox: Mailbox, tab: Tab) -> None:
    reset = to_reset(tab, mailbox)
    tab.site.clock.pass_by(1801)
    with tab.page.expect_response(f"**{CHECK}"):
        reset.password.press_sequentially(GOOD_PASSWORD)
    tab.page.wait_for_load_state("networkidle")
    expect(tab.page.get_by_role("main")).not_to_contain_text("không được hỗ trợ")


def test_each_password_is_shown_and_hidden_on_its_own(mailbox: Mailbox, tab: Tab) -> None:
    reset = to_reset(tab, mailbox)
    reset.fill("12")
    first, second = reset.button("Hiện mật khẩu"), reset.button("Hiện mật khẩu nhập lại")
    for toggle in (first, second):
        expect(toggle).to_have_attribute("aria-pressed", "false")
    first.click()
    expect(first).to_have_attribute("aria-pressed", "true")
    expect(reset.password).to_have_attribute("type", "text")
    expect(reset.again).to_have_attribute("type", "password")
    second.click()
    expect(reset.again).to_have_attribute("type", "text")
    tab.picture("4 passwords shown")
    first.click()
    expect(first).to_have_attribute("aria-pressed", "false")
    expect(reset.password).to_have_attribute("type", "password")
    assert tab.watch.sent("POST", reset.path) == []


def test_passwords_are_hidden_again_when_the_form_leaves(mailbox: Mailbox, tab: Tab) -> None:
    # Given a password that is shown, and a line that breaks: the same form stays on the page
    tab.watch.allow("ERR_INTERNET_DISCONNECTED", "Failed to fetch")
    reset = to_reset(tab, mailbox)
    reset.fill("123456")
    reset.button("Hiện mật khẩu").click()
    tab.page.context.set_offline(True)

    # When it is sent, then it is hidden
    reset.submit.click()
    tab.hears("Không kết nối được.")
    expect(reset.password).to_have_attribute("type", "password")
    expect(reset.button("Hiện mật khẩu")).to_have_attribute("aria-pressed", "false")


def test_a_password_that_stays_after_an_error_is_judged_again(site: RunningSite, mailbox: Mailbox, tab: Tab) -> None:
    reset = to_reset(tab, mailbox)
    reset.try_reset(wrong_for(site.carrier.code_to(mailbox.number)))
    reset.refuses("Mã xác nhận không đúng.")
    expect(rules_met(tab)).to_have_count(5)
    expect(reset.summary).to_be_focused()


def test_the_sign_in_page_has_its_toggle_only_with_script(open_tab: OpenTab, script: bool) -> None:
    sign_in = SignInPage(open_tab(script=script)).open()
    expect(sign_in.button("Hiện mật khẩu")).to_have_count(1 if script else 0)


def test_nothing_hinders_pasting_or_password_managers(mailbox: Mailbox, open_tab: OpenTab, script: bool) -> None:
    reset = to_reset(open_tab(script=script), mailbox)
    expect(reset.code).to_have_attribute("autocomplete", "one-time-code")
    expect(reset.code).to_have_attribute("inputmode", "numeric")
    for field in (reset.password, reset.again):
        expect(field).to_have_attribute("autocomplete", "new-password")
        assert field.get_attribute("maxlength") is None
    username = reset.browser.locator("#reset [autocomplete=username]")
    expect(username).to_have_value(mailbox.address)
    if script:
        for field in (reset.code, reset.password, reset.again):
            field.evaluate("element => element.focus()")
            reset.browser.keyboard.insert_text("Dán-vào 1")
            expect(field).to_have_value("Dán-vào 1")


def test_a_code_pasted_with_spaces_and_full_width_digits_is_accepted(
    site: RunningSite, mailbox: Mailbox, open_tab: OpenTab, script: bool
) -> None:
    reset = to_reset(open_tab(script=script), mailbox)
    code = site.carrier.code_to(mailbox.number)
    wide = "".join(chr(ord(digit) + 0xFEE0) for digit in code[3:])
    reset.set_password(f" {code[:2]} {code[2:3]}-{wide} ")


def test_the_browser_fills_in_the_code_of_the_message_and_sends_nothing(mailbox: Mailbox, tab: Tab) -> None:
    # Given a browser that can read the message (WebOTP)
    tab.page.add_init_script("""
      window.OTPCredential = class {};
      window.asked = new Promise((told) => {
        navigator.credentials.get = (options) => {
          told(JSON.stringify(options.otp));
          return new Promise((resolve) => { window.smsCame = (code) => resolve({ code }); });
        };
      });
    """)
    reset = to_reset(tab, mailbox)
    # the walk may have swapped pages without a new document: a reload reads the page as a new one
    tab.page.reload()
    assert tab.page.evaluate("window.asked") == '{"transport":["sms"]}'

    # When the message comes
    tab.page.evaluate("window.smsCame('024680')")

    # Then the field has the code, and the person still presses the button
    expect(reset.code).to_have_value("024680")
    reset.shown()
    assert tab.watch.sent("POST", reset.path) == []


def test_password_managers_see_a_real_navigation_at_the_end(site: RunningSite, mailbox: Mailbox, tab: Tab) -> None:
    reset = to_reset(tab, mailbox)
    tab.page.evaluate("window.sameDocument = true")
    reset.try_reset(site.carrier.code_to(mailbox.number))
    DonePage(tab).shown()
    assert tab.page.evaluate("window.sameDocument") is None
    expect(tab.page).to_have_title(re.compile("^Thành công!"))
