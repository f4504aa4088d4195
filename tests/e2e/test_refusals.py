"""Every refusal, with its words, with and without script."""

import re

import pytest
from playwright.sync_api import expect

from tests.e2e.pages.address import AddressPage
from tests.e2e.pages.number import NumberPage
from tests.e2e.pages.reset import GOOD_PASSWORD, ResetPage
from tests.e2e.pages.sign_in import SignInPage
from tests.e2e.running_site import CONTACT, RESEND_SECONDS, Mailbox, RunningSite
from tests.e2e.tab import OpenTab
from tests.e2e.walk import to_reset, wrong_for

NOT_FOUND = "Không tìm thấy Email hoặc Email bị khoá, vui lòng liên hệ quản trị!"


@pytest.mark.parametrize("who", ["unknown", "locked", "phoneless"])
def test_unknown_locked_and_phoneless_accounts_get_one_answer(
    site: RunningSite, open_tab: OpenTab, script: bool, who: str
) -> None:
    mailbox = site.new_mailbox(locked=who == "locked", phoneless=who == "phoneless")
    typed = "khong.co.ai" if who == "unknown" else mailbox.name
    tab = open_tab(script=script)
    address = AddressPage(tab).open()
    address.try_address(typed)
    address.refuses(NOT_FOUND)
    address.shown()
    expect(address.email).to_have_value(typed)
    expect(address.email).to_have_accessible_description(re.compile(re.escape(NOT_FOUND)))
    expect(tab.page.get_by_role("contentinfo")).to_contain_text(CONTACT)
    tab.picture("2 address, not found")


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("", "Hãy nhập Email công vụ."),
        ("ai.do@gmail.com", "Email công vụ phải có đuôi @soctrang.gov.vn."),
        ("hai dia chi", "Email công vụ chưa đúng dạng."),
        ('"><svg onload=1>', "Email công vụ chưa đúng dạng."),
    ],
)
def test_what_cannot_be_an_address_is_told(open_tab: OpenTab, script: bool, typed: str, words: str) -> None:
    address = AddressPage(open_tab(script=script)).open()
    address.try_address(typed)
    address.refuses(words)
    expect(address.email).to_have_value(typed)


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("", "Hãy nhập mã xác nhận."),
        ("12345", "Mã xác nhận gồm 6 chữ số."),
        ("1234567", "Mã xác nhận gồm 6 chữ số."),
        ("12a456", "Mã xác nhận gồm 6 chữ số."),
    ],
)
def test_a_malformed_code_is_told_and_costs_nothing(
    site: RunningSite, mailbox: Mailbox, open_tab: OpenTab, script: bool, typed: str, words: str
) -> None:
    reset = to_reset(open_tab(script=script), mailbox)
    for _ in range(2):
        reset.try_reset(typed)
        reset.refuses(words)
    reset.try_reset(wrong_for(site.carrier.code_to(mailbox.number)))
    reset.refuses("Mã xác nhận không đúng. Bạn còn 4 lần thử.")


def test_a_refusal_keeps_what_was_typed_only_where_a_script_can(
    site: RunningSite, mailbox: Mailbox, open_tab: OpenTab, script: bool
) -> None:
    # Given a wrong code with a good password
    tab = open_tab(script=script)
    reset = to_reset(tab, mailbox)
    code = site.carrier.code_to(mailbox.number)
    reset.try_reset(wrong_for(code))

    # When it is refused
    reset.refuses("Mã xác nhận không đúng. Bạn còn 4 lần thử.")
    tab.picture("4 wrong code")

    # Then the script keeps what was typed; the server never writes it back
    kept = (wrong_for(code), GOOD_PASSWORD, GOOD_PASSWORD) if script else ("", "", "")
    reset.has_typed(*kept)
    reset.set_password(code)


def test_everything_that_is_wrong_is_told_at_once(mailbox: Mailbox, open_tab: OpenTab, script: bool) -> None:
    tab = open_tab(script=script)
    reset = to_reset(tab, mailbox)
    reset.try_reset("12", "abc", "abd")
    reset.refuses(
        "Mã xác nhận gồm 6 chữ số.",
        "Mật khẩu phải có ít nhất 8 ký tự.",
        "Mật khẩu còn thiếu: chữ hoa, chữ số, ký tự đặc biệt.",
        "Mật khẩu nhập lại không khớp.",
    )
    for field in (reset.code, reset.password, reset.again):
        expect(field).to_have_attribute("aria-invalid", "true")
    tab.picture("4 every error")


@pytest.mark.parametrize(
    ("password", "words"),
    [
        ("", "Hãy nhập mật khẩu mới."),
        ("P@ssw0rd1", "Mật khẩu này quá dễ đoán vì"),
        ("Soctrang@2026", "Mật khẩu này quá dễ đoán vì"),
        ("Aa1-" * 32 + "x", "Mật khẩu không được dài quá 128 ký tự."),
    ],
)
def test_a_password_is_refused_with_the_reason(
    mailbox: Mailbox, open_tab: OpenTab, script: bool, password: str, words: str
) -> None:
    reset = to_reset(open_tab(script=script), mailbox)
    reset.try_reset("123456", password)
    expect(reset.summary.get_by_role("listitem").first).to_contain_text(words)
    expect(reset.password).to_have_accessible_description(re.compile(re.escape(words)))


def test_a_password_with_diacritics_is_questioned_once(
    site: RunningSite, mailbox: Mailbox, open_tab: OpenTab, script: bool
) -> None:
    reset = to_reset(open_tab(script=script), mailbox)
    code = site.carrier.code_to(mailbox.number)
    password = "Bến phà 9 vắng-khách"
    reset.try_reset(code, password)
    reset.refuses("Mật khẩu có chữ có dấu.")
    reset.set_password(code, password)
    assert site.opens(mailbox, password)


def test_an_early_resend_tells_how_long_to_wait(
    site: RunningSite, mailbox: Mailbox, open_tab: OpenTab, script: bool
) -> None:
    tab = open_tab(script=script)
    tab.watch.allow("429")
    reset = to_reset(tab, mailbox)
    reset.fill("12")
    reset.press_resend()
    reset.refuses("Vui lòng chờ")
    assert re.search(r"chờ (5\d|60) giây để gửi lại", reset.summary.inner_text())
    reset.has_typed(*(("12", GOOD_PASSWORD, GOOD_PASSWORD) if script else ("", "", "")))
    tab.picture("4 early resend")
    assert len(site.carrier.codes_to(mailbox.number)) == 1


def test_a_resend_in_time_sends_the_same_code_again(
    site: RunningSite, mailbox: Mailbox, open_tab: OpenTab, script: bool
) -> None:
    reset = to_reset(open_tab(script=script), mailbox)
    site.clock.pass_by(RESEND_SECONDS)
    reset.send_again()
    reset.shown()
    expect(reset.delivery).to_contain_text("đã được gửi")
    first, second = site.carrier.codes_to(mailbox.number)
    assert first == second
    reset.set_password(first)


def test_after_five_wrong_codes_the_right_one_is_refused_too(
    site: RunningSite, mailbox: Mailbox, open_tab: OpenTab, script: bool
) -> None:
    tab = open_tab(script=script)
    reset = to_reset(tab, mailbox)
    code = site.carrier.code_to(mailbox.number)
    for left in (4, 3, 2, 1):
        reset.try_reset(wrong_for(code))
        reset.refuses(f"Mã xác nhận không đúng. Bạn còn {left} lần thử.")
    for typed in (wrong_for(code), code):
        reset.try_reset(typed)
        reset.refuses("Bạn đã nhập sai mã quá số lần cho phép. Hãy bắt đầu lại sau 30 phút")
    tab.picture("4 spent")
    assert not site.opens(mailbox, GOOD_PASSWORD)


def test_an_old_code_is_refused_and_a_new_one_can_be_had(
    site: RunningSite, mailbox: Mailbox, open_tab: OpenTab, script: bool
) -> None:
    reset = to_reset(open_tab(script=script), mailbox)
    old = site.carrier.code_to(mailbox.number)
    site.clock.pass_by(600)
    reset.try_reset(old)
    reset.refuses("Mã xác nhận đã hết hiệu lực. Hãy bấm “Gửi lại” để nhận mã mới.")
    reset.send_again()
    expect(reset.summary).to_have_count(0)
    assert len(site.carrier.codes_to(mailbox.number)) == 2
    reset.set_password(site.carrier.code_to(mailbox.number))


@pytest.mark.parametrize("left_for", ["half an hour", "a day and more"])
def test_a_recovery_that_ran_out_begins_again(
    site: RunningSite, mailbox: Mailbox, open_tab: OpenTab, script: bool, left_for: str
) -> None:
    tab = open_tab(script=script)
    reset = to_reset(tab, mailbox)
    code = site.carrier.code_to(mailbox.number)
    site.clock.pass_by(1801)
    if left_for != "half an hour":
        tab.page.context.clear_cookies()
        tab.watch.allow("400")
    reset.try_reset(code)
    expect(tab.page.get_by_role("main")).to_contain_text("hết hạn")
    tab.picture(f"2 after {left_for}")
    tab.page.goto(tab.page.url)
    expect(tab.page.get_by_role("main")).not_to_contain_text("không được hỗ trợ")


def test_while_the_directory_is_down_nothing_is_claimed_and_the_code_lives(
    site: RunningSite, mailbox: Mailbox, open_tab: OpenTab, script: bool
) -> None:
    tab = open_tab(script=script)
    tab.watch.allow("503")
    reset = to_reset(tab, mailbox)
    code = site.carrier.code_to(mailbox.number)
    with site.directory_down():
        reset.try_reset(code)
        reset.refuses("Hệ thống thư đang gián đoạn. Mật khẩu chưa thay đổi, mã của bạn vẫn còn hiệu lực.")
        tab.picture("4 directory down")
    reset.set_password(code)


def test_too_many_codes_are_refused_with_the_wait_and_the_contact(
    site: RunningSite, mailbox: Mailbox, open_tab: OpenTab, script: bool
) -> None:
    tab = open_tab(script=script)
    tab.watch.allow("429")
    reset = to_reset(tab, mailbox)
    for sends in (2, 3, 4, 5, 6):
        site.clock.pass_by(RESEND_SECONDS)
        reset.send_again()
        expect(reset.summary).to_have_count(1 if sends == 6 else 0)
    reset.refuses("Bạn đã yêu cầu mã quá số lần cho phép. Hãy thử lại sau")
    assert len(site.carrier.codes_to(mailbox.number)) == 5
    tab.picture("4 too many codes")


def test_a_wrong_password_is_refused_alike_for_everybody(mailbox: Mailbox, open_tab: OpenTab, script: bool) -> None:
    tab = open_tab(script=script)
    sign_in = SignInPage(tab).open()
    for who in (mailbox.name, "khong.co.ai"):
        sign_in.try_password(who, "sai-mat-khau")
        sign_in.refuses("Tên tài khoản hoặc mật khẩu không đúng.")
        expect(sign_in.field("Tên tài khoản")).to_have_value(who)
    tab.picture("1 sign-in refused")


@pytest.mark.parametrize("later", ["so-dien-thoai", "dat-lai", "thanh-cong"])
def test_a_later_address_without_a_recovery_leads_to_the_form(open_tab: OpenTab, script: bool, later: str) -> None:
    tab = open_tab(script=script)
    tab.open(f"/quen-mat-khau/{later}")
    AddressPage(tab).shown()


@pytest.mark.parametrize("posted", ["dat-lai/gui-lai", "dat-lai/kiem-tra"])
def test_the_address_of_a_button_leads_back_to_its_page(mailbox: Mailbox, open_tab: OpenTab, posted: str) -> None:
    """It stands in the address bar after a refusal without script; Enter there must not end in an error page."""
    tab = open_tab(script=False)
    to_reset(tab, mailbox)
    tab.open(f"/quen-mat-khau/{posted}")
    ResetPage(tab).shown()


def test_the_number_page_tells_a_spent_recovery(
    site: RunningSite, mailbox: Mailbox, open_tab: OpenTab, script: bool
) -> None:
    tab = open_tab(script=script)
    reset = to_reset(tab, mailbox)
    code = site.carrier.code_to(mailbox.number)
    for left in (4, 3, 2, 1, 0):
        reset.try_reset(wrong_for(code))
        expect(reset.summary).to_contain_text(f"còn {left} lần" if left else "quá số lần cho phép")
    reset.back()
    number = NumberPage(tab).shown()
    site.clock.pass_by(RESEND_SECONDS)
    number.get_code.click()
    number.refuses("Bạn đã nhập sai mã quá số lần cho phép.")
