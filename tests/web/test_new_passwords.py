"""The new password: everything that is wrong at once, nothing spent, and every byte as it was typed."""

import unicodedata

import pytest

from recovery_site.domain.secret import Secret
from tests.fakes import AN, GOOD_PASSWORD, OLD_PASSWORD
from tests.web.client import CheckingClient
from tests.web.conftest import MakeWebsite

MISMATCH = "Mật khẩu nhập lại không khớp. Hãy nhập lại cho giống mật khẩu ở trên."
TOO_LONG = "Mật khẩu không được dài quá 128 ký tự. Hãy chọn mật khẩu ngắn hơn."
DIACRITICS = "Mật khẩu có chữ có dấu. Hãy tắt bộ gõ tiếng Việt"
LONG = (
    "Chín con rồng uốn khúc qua 9 nhánh sông! Mưa tháng bảy, gãy cành trám; "
    "nắng tháng tám, rám cành bưởi. Quế sơn trà 27 lá xanh..."
)


def _nothing_was_spent(browser: CheckingClient) -> bool:
    [row] = browser.website.rows()["recoveries"]
    return (row["attempts_left"], row["sends"], browser.website.directory.changes) == (5, 1, [])


@pytest.mark.parametrize(
    ("password", "sentences"),
    [
        ("", ["Hãy nhập mật khẩu mới."]),
        ("Ab1!xyz", ["Mật khẩu phải có ít nhất 8 ký tự."]),
        ("abc", ["Mật khẩu phải có ít nhất 8 ký tự.", "Mật khẩu còn thiếu: chữ hoa, chữ số, ký tự đặc biệt."]),
        ("............", ["Mật khẩu còn thiếu: chữ hoa, chữ thường, chữ số."]),
        ("vang-khach-9-pha", ["Mật khẩu còn thiếu: chữ hoa."]),
        ("VANG-KHACH-9-PHA", ["Mật khẩu còn thiếu: chữ thường."]),
        ("Vang-Khach-Pha", ["Mật khẩu còn thiếu: chữ số."]),
        ("VangKhach9Pha", ["Mật khẩu còn thiếu: ký tự đặc biệt."]),
    ],
)
def test_every_missing_rule_is_named_at_once(browser: CheckingClient, password: str, sentences: list[str]) -> None:
    code = browser.begin_with_code()
    assert browser.type_code(code, password).errors_at("password") == sentences
    assert _nothing_was_spent(browser)
    assert browser.type_code(code).heading == "Thành công!"


@pytest.mark.parametrize(
    "password",
    ["P@ssw0rd1", "Abc@1234", "Abc@12345", "Matkhau@123", "Soctrang@123", "Anhyeuem@1", "An.tran@1Aa", "Admin@123"],
)
def test_a_habit_is_refused_with_its_reason(browser: CheckingClient, password: str) -> None:
    code = browser.begin_with_code()
    [sentence] = browser.type_code(code, password).errors_at("password")
    assert sentence.startswith("Mật khẩu này quá dễ đoán vì ")
    assert sentence.endswith(". Hãy chọn mật khẩu khác.")
    assert _nothing_was_spent(browser)


def test_everything_that_is_wrong_with_the_form_is_said_at_once(browser: CheckingClient) -> None:
    browser.begin_with_code()
    page = browser.type_code("12", "ngan", "khac")
    assert page.errors_at("code")[0].startswith("Mã xác nhận gồm 6 chữ số.")
    assert len(page.errors_at("password")) == 2
    assert page.errors_at("again") == [MISMATCH]
    assert page.classed("errors")[0].all("h2")[0].text == "Có 4 chỗ cần sửa"
    assert [link.get("href") for link in page.classed("errors")[0].all("a")] == [
        "#code",
        "#password",
        "#password",
        "#again",
    ]
    assert _nothing_was_spent(browser)


def test_a_mismatch_is_told_at_the_field_where_it_is(browser: CheckingClient) -> None:
    code = browser.begin_with_code()
    page = browser.type_code(code, GOOD_PASSWORD, GOOD_PASSWORD + " ")
    assert page.errors == page.errors_at("again") == [MISMATCH]
    assert _nothing_was_spent(browser)


@pytest.mark.parametrize("length", [8, 64, 128])
def test_long_passwords_are_welcome_and_not_cut(browser: CheckingClient, length: int) -> None:
    password = ("xK7#mQ2v" + "một hai ba".encode("ascii", "ignore").decode() * 20)[:length]
    assert browser.recover(AN, password).heading == "Thành công!"
    assert browser.website.directory.changes == [(AN, password)]
    assert browser.website.opens(AN, password)
    assert not browser.website.opens(AN, password[:-1])


@pytest.mark.parametrize("length", [129, 1000, 5000])
def test_129_characters_are_refused_not_cut(browser: CheckingClient, length: int) -> None:
    code = browser.begin_with_code()
    password = ("xK7#mQ2v" * 700)[:length]
    assert browser.type_code(code, password).errors_at("password") == [TOO_LONG]
    assert _nothing_was_spent(browser)
    assert browser.website.opens(AN, OLD_PASSWORD)


def test_letters_with_diacritics_are_refused_once_and_then_taken(browser: CheckingClient) -> None:
    password = "Sông nước 9 nhánh!"
    code = browser.begin_with_code()
    page = browser.type_code(code, password)
    [sentence] = page.errors_at("password")
    assert sentence.startswith(DIACRITICS)
    assert _nothing_was_spent(browser)
    assert browser.type_code(code, password).heading == "Thành công!"
    assert browser.website.directory.changes == [(AN, password)]


def test_a_password_reaches_the_directory_in_nfc_and_otherwise_as_typed(browser: CheckingClient) -> None:
    password = "  Sông nước 9 nhánh! <b>&amp;'\"\\ $(id) %00 +  "
    code = browser.begin_with_code()
    browser.type_code(code, unicodedata.normalize("NFD", password), password)
    browser.type_code(code, unicodedata.normalize("NFD", password), password)
    assert browser.website.directory.changes == [(AN, password)]
    assert browser.website.services.directory.check_password(AN, Secret(password))


def test_one_hundred_and_twenty_eight_letters_with_diacritics_fit_into_a_request(browser: CheckingClient) -> None:
    password = LONG[:128]
    code = browser.begin_with_code()
    browser.type_code(code, unicodedata.normalize("NFD", password))
    assert browser.type_code(code, unicodedata.normalize("NFD", password)).heading == "Thành công!"


def test_the_live_check_names_what_is_met_and_spends_nothing(browser: CheckingClient) -> None:
    browser.begin_with_code()
    form = browser.page.values_of(browser.page.all("form")[1])
    answer = browser.post("/quen-mat-khau/dat-lai/kiem-tra", {**form, "password": "matkhau9"})
    page = browser.read(answer)
    met = [item.text for item in page.by_id("password-rules").all("li") if item.has_class("met")]
    assert met == ["✓ Ít nhất 8 ký tự (đạt)", "✓ Chữ thường (đạt)", "✓ Chữ số (đạt)"]
    assert page.errors == []
    assert "matkhau9" not in page.html
    assert _nothing_was_spent(browser)


def test_the_live_check_is_limited(make_website: MakeWebsite) -> None:
    browser = CheckingClient(make_website(limits__password_checks="3/10 minutes"))
    browser.begin_with_code()
    fields = {**browser.page.values_of(browser.page.all("form")[1]), "password": "x"}
    statuses = [browser.post("/quen-mat-khau/dat-lai/kiem-tra", fields).status_code for _ in range(4)]
    assert statuses == [200, 200, 200, 429]
    page = browser.read(browser.answers[-1])
    assert page.text.count("Mật khẩu đã được kiểm tra quá nhiều lần. Hãy thử lại sau 10 phút.") == 1
    assert int(browser.answers[-1].headers["Retry-After"]) > 0


def test_the_fields_tell_a_password_manager_what_they_are(browser: CheckingClient) -> None:
    browser.begin_with_code()
    fields = {one.get("name"): one for one in browser.page.all("input")}
    assert fields["username"].get("autocomplete") == "username"
    assert fields["username"].get("value") == AN
    assert fields["code"].get("autocomplete") == "one-time-code"
    assert fields["code"].get("inputmode") == "numeric"
    assert [fields[name].get("autocomplete") for name in ("password", "again")] == ["new-password"] * 2
    assert [fields[name].get("type") for name in ("password", "again")] == ["password"] * 2
