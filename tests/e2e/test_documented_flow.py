"""The documented flow, from the sign-in page to signing in with the new password, with its exact words."""

import pytest
from playwright.sync_api import expect

from tests.e2e.pages.reset import GOOD_PASSWORD
from tests.e2e.pages.sign_in import SignInPage
from tests.e2e.pages.telephone import TelephonePage
from tests.e2e.running_site import OLD_PASSWORD, Mailbox, RunningSite
from tests.e2e.tab import OpenTab


def test_an_official_gets_back_into_the_mailbox(
    site: RunningSite, mailbox: Mailbox, open_tab: OpenTab, script: bool, size: str
) -> None:
    # Given the sign-in page of an official who forgot the password
    tab = open_tab(script=script, size=size)
    sign_in = SignInPage(tab).open()
    tab.picture("1 sign-in")

    # When the four steps are followed
    address = sign_in.forgot_password()
    expect(tab.page.get_by_text("HỆ THỐNG THƯ ĐIỆN TỬ CÔNG VỤ")).to_be_visible()
    expect(tab.page.get_by_role("banner")).to_contain_text("TỈNH SÓC TRĂNG")
    address.says("Nhập tài khoản mail công vụ")
    tab.picture("2 address")

    number = address.enter(mailbox.name)
    number.says(mailbox.mask)
    number.says("Vui lòng kiểm tra lại số điện thoại trước khi lấy mã xác nhận.")
    number.says("Nếu số điện thoại không phải của bạn, vui lòng liên hệ quản trị để được cập nhật.")
    tab.picture("3 number")

    reset = number.ask_for_code()
    reset.says(f"Mã xác nhận đã được gửi tới số điện thoại '{mailbox.mask}'")
    reset.says("Bạn vui lòng kiểm tra tin nhắn để lấy mã xác nhận!")
    reset.says("Mật khẩu phải có ít nhất 8 ký tự (Bao gồm các ký tự hoa, thường, đặc biệt và số)")
    tab.picture("4 code and password")
    done = reset.set_password(site.carrier.code_to(mailbox.number))
    done.says("Thay đổi mật khẩu thành công!")
    tab.picture("5 done")

    # Then the new password opens the mailbox, and the old one does not
    done.close()
    account = SignInPage(tab).shown().sign_in(mailbox.address, GOOD_PASSWORD)
    account.says(mailbox.address)
    tab.picture("6 account")
    assert not site.opens(mailbox, OLD_PASSWORD)
    assert len(site.carrier.codes_to(mailbox.number)) == 1


def test_one_member_of_a_group_chooses_the_own_number(site: RunningSite, open_tab: OpenTab, script: bool) -> None:
    # Given a group of three
    group = site.new_mailbox(members=3)
    tab = open_tab(script=script)
    number = SignInPage(tab).open().forgot_password().enter(group.name)
    tab.picture("3 number of a group")

    # When nobody is chosen
    number.get_code.click()

    # Then the page asks who it is, and sends nothing
    number.refuses("Hãy chọn số điện thoại nhận mã.")
    tab.picture("3 number of a group, error")
    assert not any(site.carrier.codes_to(one) for one in group.numbers)

    # When the second one is chosen, then that number alone gets the code, and it works
    number.choose(group.masks[1])
    number.ask_for_code().set_password(site.carrier.code_to(group.numbers[1]))
    assert [len(site.carrier.codes_to(one)) for one in group.numbers] == [0, 1, 0]
    assert site.opens(group, GOOD_PASSWORD)


@pytest.mark.parametrize("typed", ["  {0}  ", "{1}", "{1}@SOCTRANG.GOV.VN"])
def test_an_address_may_be_typed_as_people_type(mailbox: Mailbox, open_tab: OpenTab, script: bool, typed: str) -> None:
    full_width = "".join(chr(ord(char) + 0xFEE0) for char in mailbox.name)
    number = SignInPage(open_tab(script=script)).open().forgot_password()
    number.enter(typed.format(mailbox.address, full_width)).says(mailbox.mask)


def test_the_demonstration_shows_the_sms_on_a_drawn_telephone(demonstration: RunningSite, open_tab: OpenTab) -> None:
    # Given the telephone in one tab and the recovery in another
    mailbox = demonstration.new_mailbox()
    tab = open_tab(on=demonstration)
    telephone = TelephonePage(tab.second()).open()
    telephone.says("Chưa có tin nhắn.")
    number = SignInPage(tab).open().forgot_password().enter(mailbox.name)

    # When the code is asked for
    reset = number.ask_for_code()

    # Then the telephone shows it without being touched, and it works
    expect(telephone.messages).to_have_count(1)
    telephone.tab.picture("7 telephone")
    text = telephone.messages.inner_text()
    reset.set_password(text.partition("Ma dat lai mat khau thu cong vu: ")[2][:6])
    assert demonstration.opens(mailbox, GOOD_PASSWORD)


def test_the_telephone_is_nowhere_but_in_the_demonstration(open_tab: OpenTab) -> None:
    tab = open_tab()
    tab.watch.allow("404")
    SignInPage(tab).open()
    expect(tab.page.get_by_role("link", name="Điện thoại trình diễn")).to_have_count(0)
    answer = tab.page.goto(tab.site.url + TelephonePage.path)
    assert answer is not None
    assert answer.status == 404
