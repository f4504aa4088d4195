"""The document of 2023, screen by screen and word for word, from the sign-in page back to it."""

from tests.fakes import AN, GOOD_PASSWORD, OLD_PASSWORD
from tests.web.client import CheckingClient
from tests.web.page import Page

RULE = "Mật khẩu phải có ít nhất 8 ký tự (Bao gồm các ký tự hoa, thường, đặc biệt và số)"


def says(page: Page, *lines: str) -> bool:
    """Return whether each line stands on the page by itself, byte for byte."""
    shown = page.text.split("\n")
    missing = [line for line in lines if line not in shown]
    assert not missing, f"{missing} not in {shown}"
    return True


def test_step_1_is_the_sign_in_page(browser: CheckingClient) -> None:
    page = browser.open("/dang-nhap")
    assert page.heading == "Đăng nhập"
    assert says(page, "HỆ THỐNG THƯ ĐIỆN TỬ CÔNG VỤ", "TỈNH SÓC TRĂNG")
    assert says(page, "Tên tài khoản", "Mật khẩu", "Nhớ mật khẩu")
    assert page.buttons() == ["Đăng nhập"]
    assert page.link("Quên mật khẩu?") == "/quen-mat-khau"
    assert page.link("Hướng dẫn sử dụng") == "/huong-dan"


def test_the_root_leads_to_the_sign_in_page(browser: CheckingClient) -> None:
    assert browser.open("/").path == "/dang-nhap"


def test_step_2_asks_for_the_address(browser: CheckingClient) -> None:
    browser.open("/dang-nhap")
    page = browser.follow("Quên mật khẩu?")
    assert page.path == "/quen-mat-khau"
    assert page.heading == "Quên mật khẩu"
    assert says(page, "HỆ THỐNG THƯ ĐIỆN TỬ CÔNG VỤ", "TỈNH SÓC TRĂNG", "Email công vụ", "Nhập tài khoản mail công vụ")
    assert page.buttons() == ["Tiếp tục"]


def test_step_3_shows_the_masked_number(browser: CheckingClient) -> None:
    page = browser.begin()
    assert page.path == "/quen-mat-khau/so-dien-thoai"
    assert says(
        page,
        "0393XXX121",
        "Vui lòng kiểm tra lại số điện thoại trước khi lấy mã xác nhận.",
        "Nếu số điện thoại không phải của bạn, vui lòng liên hệ quản trị để được cập nhật.",
    )
    assert page.buttons() == ["Lấy mã xác nhận"]
    assert page.link("Quay lại") == "/quen-mat-khau"


def test_step_4_asks_for_the_code_and_the_new_password(browser: CheckingClient) -> None:
    browser.begin_with_code()
    page = browser.page
    assert page.path == "/quen-mat-khau/dat-lai"
    assert says(
        page,
        "Mã xác nhận đã được gửi tới số điện thoại '0393XXX121'",
        "Bạn vui lòng kiểm tra tin nhắn để lấy mã xác nhận!",
        "Mã xác nhận",
        "Mật khẩu",
        "Nhập lại mật khẩu",
        RULE,
    )
    assert page.buttons() == ["Gửi lại (60)", "Khôi phục mật khẩu"]
    assert page.link("Quay lại") == "/quen-mat-khau/so-dien-thoai"
    browser.website.clock.pass_by(41)
    assert browser.open("/quen-mat-khau/dat-lai").buttons() == ["Gửi lại (19)", "Khôi phục mật khẩu"]


def test_step_5_says_that_it_worked_and_leads_back_to_the_sign_in_page(browser: CheckingClient) -> None:
    page = browser.recover()
    assert page.path == "/quen-mat-khau/thanh-cong"
    assert page.heading == "Thành công!"
    assert says(page, "Thay đổi mật khẩu thành công!")
    assert page.link("Đóng") == "/dang-nhap"
    assert browser.follow("Đóng").heading == "Đăng nhập"
    assert browser.sign_in(AN, GOOD_PASSWORD).heading == "Tài khoản"


def test_the_directory_gets_exactly_the_password_that_was_typed(browser: CheckingClient) -> None:
    browser.recover(AN, GOOD_PASSWORD)
    assert browser.website.directory.changes == [(AN, GOOD_PASSWORD)]
    assert browser.website.opens(AN, GOOD_PASSWORD)
    assert not browser.website.opens(AN, OLD_PASSWORD)


def test_one_sms_with_six_digits_the_minutes_the_warning_and_the_reference(browser: CheckingClient) -> None:
    code = browser.begin_with_code()
    [text] = browser.website.gateway.texts()
    assert text == (
        f"Ma dat lai mat khau thu cong vu: {code}. Hieu luc 10 phut. "
        f"Khong dua ma cho bat ky ai. Ma ho tro: {browser.page.reference}"
    )


def test_every_page_of_a_recovery_shows_the_reference_that_is_in_its_sms(browser: CheckingClient) -> None:
    references = {browser.begin().reference}
    code = browser.get_code()
    references |= {browser.page.reference, browser.open("/quen-mat-khau/so-dien-thoai").reference}
    browser.open("/quen-mat-khau/dat-lai")
    references.add(browser.type_code(code).reference)
    assert len(references) == 1
    assert references.pop() in browser.website.gateway.texts()[0]


def test_the_success_page_shows_nothing_of_the_account(browser: CheckingClient) -> None:
    page = browser.recover()
    assert AN not in page.html
    assert "0393XXX121" not in page.html
    assert not page.all("input", "form")
    assert browser.open("/tai-khoan").path == "/dang-nhap", "nobody is signed in by a recovery"


def test_the_success_page_says_what_to_do_next(browser: CheckingClient) -> None:
    note = " ".join(browser.recover().notes)
    assert "hãy dùng mật khẩu mới" in note
    assert "liên hệ quản trị ngay" in note


def test_the_numbers_of_the_account_are_told_about_the_new_password(browser: CheckingClient) -> None:
    browser.recover()
    browser.website.deliver_all()
    to, sms = browser.website.gateway.accepted[-1]
    assert to.local == "0393070121"
    assert sms.text.reveal().startswith("Thu cong vu cua ban vua doi mat khau luc 12:00 02/03.")


def test_quay_lai_keeps_the_recovery_and_its_code(browser: CheckingClient) -> None:
    code = browser.begin_with_code()
    browser.follow("Quay lại")
    assert browser.follow("Nhập mã xác nhận").path == "/quen-mat-khau/dat-lai"
    browser.follow("Quay lại")
    browser.follow("Quay lại")
    assert browser.follow("Tiếp tục bước đang làm").path == "/quen-mat-khau/dat-lai"
    assert browser.type_code(code).heading == "Thành công!"


def test_the_same_address_again_takes_up_the_same_recovery(browser: CheckingClient) -> None:
    code = browser.begin_with_code()
    reference = browser.page.reference
    page = browser.begin(AN)
    assert page.reference == reference
    assert browser.open("/quen-mat-khau/dat-lai").wait == 60
    assert browser.type_code(code).heading == "Thành công!"


def test_the_guide_tells_the_documented_steps(browser: CheckingClient) -> None:
    page = browser.open("/huong-dan")
    assert page.heading == "Hướng dẫn sử dụng"
    assert len(page.all("ol")[0].all("li")) == 4
    assert "mã gồm 6 số, dùng được trong 10 phút" in page.text
    assert "Không tìm thấy Email hoặc Email bị khoá, vui lòng liên hệ quản trị!" in page.text


def test_a_sign_in_page_of_the_province_takes_the_place_of_ours(make_website) -> None:
    browser = CheckingClient(make_website(site__login_url="https://login.soctrang.gov.vn/"))
    browser.recover()
    link = browser.page.link("Đóng")
    answer = browser.send("GET", link)
    assert (answer.status_code, answer.location) == (303, "https://login.soctrang.gov.vn/")
