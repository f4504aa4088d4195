"""Changing one's own password while signed in: what it asks, what it refuses, and who is signed in afterwards."""

import re
from itertools import pairwise

import pytest

from recovery_site.domain.audit import OWNER, EventKind
from tests.fakes import AN, BINH, GOOD_PASSWORD, OLD_PASSWORD
from tests.web.client import CheckingClient
from tests.web.conftest import MakeWebsite, TakeBrowser
from tests.web.website import TRIO

CHANGE = "/tai-khoan/doi-mat-khau"
CHECK = "/tai-khoan/doi-mat-khau/kiem-tra"
DONE = "Thay đổi mật khẩu thành công!"
WRONG = "Khong-phai-mat-khau-9"
WRONG_CURRENT = (
    "Mật khẩu hiện tại không đúng. Hãy nhập lại, hoặc đăng xuất rồi chọn “Quên mật khẩu?” để đặt mật khẩu mới."
)
SAME = "Mật khẩu mới giống mật khẩu hiện tại. Hãy chọn mật khẩu khác."
WARNED = (
    "Mật khẩu có chữ có dấu. Hãy tắt bộ gõ tiếng Việt (Unikey) rồi nhập lại; "
    "nếu vẫn muốn dùng mật khẩu có dấu, hãy bấm “Đổi mật khẩu” lần nữa."
)
WITH_DIACRITICS = "Bến-phà-9-vắng-khách"


@pytest.fixture
def signed_in(browser: CheckingClient) -> CheckingClient:
    browser.sign_in()
    return browser


# --- the right way ----------------------------------------------------------------------------------------------------


def test_a_new_password_opens_the_mailbox_and_the_old_one_does_not(signed_in: CheckingClient) -> None:
    signed_in.follow("Đổi mật khẩu")
    page = signed_in.retype()
    assert page.path == "/tai-khoan"
    assert DONE in page.text
    assert "Từ bây giờ hãy dùng mật khẩu mới trên điện thoại và phần mềm thư." in page.text
    website = signed_in.website
    assert website.opens(AN, GOOD_PASSWORD)
    assert not website.opens(AN, OLD_PASSWORD)
    assert website.directory.changes == [(AN, GOOD_PASSWORD)]


def test_the_success_is_told_once(signed_in: CheckingClient) -> None:
    signed_in.change_password()
    assert DONE not in signed_in.open("/tai-khoan").text


def test_the_answer_to_the_form_is_a_plain_redirect_which_password_managers_notice(signed_in: CheckingClient) -> None:
    signed_in.change_password()
    answer = signed_in.answers[-2]
    assert (answer.status_code, answer.location) == (303, "/tai-khoan")


def test_password_managers_find_the_name_and_both_kinds_of_password(signed_in: CheckingClient) -> None:
    page = signed_in.open(CHANGE)
    form = page.form_of(page.button("Đổi mật khẩu"))
    fields = {one.get("name"): (one.get("autocomplete"), one.get("value")) for one in page.inputs_of(form)}
    assert fields["username"] == ("username", AN)
    assert fields["current"] == ("current-password", "")
    assert fields["password"] == fields["again"] == ("new-password", "")
    labels = [one.text for one in form.all("label")]
    assert labels[1:] == ["Mật khẩu hiện tại", "Mật khẩu mới", "Nhập lại mật khẩu mới"]
    assert "Mật khẩu phải có ít nhất 8 ký tự (Bao gồm các ký tự hoa, thường, đặc biệt và số)" in page.text


def test_this_browser_stays_signed_in_under_a_new_id_and_every_other_is_signed_out(
    signed_in: CheckingClient, new_browser: TakeBrowser
) -> None:
    elsewhere = new_browser()
    elsewhere.sign_in()
    kept = signed_in.cookie
    signed_in.change_password()
    assert signed_in.open("/tai-khoan").path == "/tai-khoan"
    assert elsewhere.open("/tai-khoan").path == "/dang-nhap"
    signed_in.cookie = kept
    assert signed_in.open("/tai-khoan").path == "/dang-nhap"


def test_a_session_of_another_account_lives_on(signed_in: CheckingClient, new_browser: TakeBrowser) -> None:
    other = new_browser()
    other.sign_in(BINH)
    signed_in.change_password()
    assert BINH in other.open("/tai-khoan").text


def test_a_remembered_browser_stays_remembered_and_not_for_longer(browser: CheckingClient) -> None:
    browser.sign_in(remember=True)
    for _ in range(4):
        browser.website.clock.pass_by(hours=5 * 24)
        browser.open("/tai-khoan")
    browser.change_password()
    assert "Expires=" in browser.answers[-2].headers["Set-Cookie"]
    for _ in range(3):
        browser.website.clock.pass_by(hours=3 * 24)
        assert browser.open("/tai-khoan").path == "/tai-khoan"
    browser.website.clock.pass_by(hours=2 * 24)
    assert browser.open("/tai-khoan").path == "/dang-nhap"


def test_a_browser_that_is_not_remembered_is_not_remembered_afterwards_either(signed_in: CheckingClient) -> None:
    signed_in.change_password()
    assert not re.search("expires|max-age", signed_in.answers[-2].headers["Set-Cookie"], re.IGNORECASE)


def test_every_phone_of_the_account_is_told(browser: CheckingClient) -> None:
    browser.sign_in(TRIO)
    browser.change_password()
    browser.website.deliver_all()
    assert len({number.e164 for number, _ in browser.website.gateway.accepted}) == 3


def test_it_is_written_down(signed_in: CheckingClient) -> None:
    signed_in.change_password()
    events = [(row["kind"], row["address"], row["actor"]) for row in signed_in.website.rows()["audit"]]
    assert events == [(EventKind.SIGNED_IN, AN, OWNER), (EventKind.PASSWORD_CHANGED, AN, OWNER)]


def test_a_recovery_of_the_account_ends_and_one_of_another_account_in_this_browser_goes_on(
    browser: CheckingClient, new_browser: TakeBrowser
) -> None:
    elsewhere = new_browser()
    code = elsewhere.begin_with_code(AN)
    browser.begin(BINH)
    browser.sign_in(AN)
    browser.change_password()
    elsewhere.type_code(code, "Con-duong-3-nhip-xa")
    assert browser.website.opens(AN, GOOD_PASSWORD)
    assert browser.open("/quen-mat-khau/dat-lai").path == "/quen-mat-khau/so-dien-thoai"
    browser.get_code()


# --- what is refused --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("current", "password", "again", "field", "sentence"),
    [
        ("", GOOD_PASSWORD, GOOD_PASSWORD, "current", "Hãy nhập mật khẩu hiện tại."),
        (WRONG, GOOD_PASSWORD, GOOD_PASSWORD, "current", WRONG_CURRENT),
        (OLD_PASSWORD, OLD_PASSWORD, OLD_PASSWORD, "password", SAME),
        (OLD_PASSWORD, "", "", "password", "Hãy nhập mật khẩu mới."),
        (OLD_PASSWORD, "Ngan-1", "Ngan-1", "password", "Mật khẩu phải có ít nhất 8 ký tự."),
        (
            OLD_PASSWORD, "ben-pha-vang", "ben-pha-vang",
            "password", "Mật khẩu còn thiếu: chữ hoa, chữ số.",
        ),
        (
            OLD_PASSWORD, "TranVanAn@1", "TranVanAn@1", "password",
            "Mật khẩu này quá dễ đoán vì dựa trên tên, địa chỉ thư hoặc số điện thoại của bạn. Hãy chọn mật khẩu khác.",
        ),
        (
            OLD_PASSWORD, GOOD_PASSWORD, "Khac-voi-o-tren-1",
            "again", "Mật khẩu nhập lại không khớp. Hãy nhập lại cho giống mật khẩu ở trên.",
        ),
    ],
)  # fmt: skip
def test_what_is_wrong_stands_at_its_field_and_nothing_changes(
    signed_in: CheckingClient, current: str, password: str, again: str, field: str, sentence: str
) -> None:
    page = signed_in.change_password(current, password, again)
    assert page.path == CHANGE
    assert page.errors == page.errors_at(field) == [sentence]
    assert signed_in.website.directory.changes == []
    assert signed_in.open("/tai-khoan").path == "/tai-khoan"


def test_everything_that_is_wrong_is_told_at_once(signed_in: CheckingClient) -> None:
    page = signed_in.change_password("", "abc", "abd")
    assert [len(page.errors_at(field)) for field in ("current", "password", "again")] == [1, 2, 1]


def test_an_empty_form_is_told_what_to_type_and_nothing_else(signed_in: CheckingClient) -> None:
    page = signed_in.change_password("", "")
    assert page.errors == ["Hãy nhập mật khẩu hiện tại.", "Hãy nhập mật khẩu mới."]


def test_a_form_that_could_not_change_anything_is_no_guess(signed_in: CheckingClient) -> None:
    for _ in range(12):
        signed_in.change_password(WRONG, "abc", "abc")
    assert signed_in.change_password().path == "/tai-khoan"


def test_wrong_present_passwords_are_slowed_like_wrong_sign_ins(
    signed_in: CheckingClient, new_browser: TakeBrowser
) -> None:
    for _ in range(10):
        signed_in.change_password(WRONG)
    page = signed_in.change_password(OLD_PASSWORD, status=429)
    assert page.path == CHANGE
    assert page.errors == ["Bạn đã nhập sai mật khẩu quá số lần cho phép. Hãy thử lại sau 10 phút."]
    assert signed_in.answers[-1].headers["Retry-After"] == "600"
    assert new_browser().sign_in(status=429).errors == page.errors
    assert new_browser(address="203.0.113.5").sign_in().path == "/tai-khoan"
    signed_in.stay(hours=10 / 60)
    assert signed_in.change_password().path == "/tai-khoan"


def test_right_present_passwords_do_not_count(signed_in: CheckingClient) -> None:
    passwords = [OLD_PASSWORD, *(f"Ben-pha-{number}-vang-khach" for number in range(12))]
    for current, password in pairwise(passwords):
        assert signed_in.change_password(current, password).path == "/tai-khoan"


def test_letters_with_diacritics_are_refused_once_with_the_warning(signed_in: CheckingClient) -> None:
    page = signed_in.change_password(OLD_PASSWORD, WITH_DIACRITICS)
    assert page.errors == [WARNED]
    assert signed_in.retype(WRONG, WITH_DIACRITICS).errors == [WRONG_CURRENT]
    assert signed_in.retype(OLD_PASSWORD, WITH_DIACRITICS).path == "/tai-khoan"
    assert signed_in.website.opens(AN, WITH_DIACRITICS)


def test_the_warning_about_one_password_is_not_the_warning_about_the_next(signed_in: CheckingClient) -> None:
    signed_in.change_password(OLD_PASSWORD, WITH_DIACRITICS)
    signed_in.retype(WRONG, GOOD_PASSWORD)
    assert signed_in.retype(OLD_PASSWORD, WITH_DIACRITICS).errors == [WARNED]


# --- while it is typed ------------------------------------------------------------------------------------------------


def test_the_rules_are_judged_while_the_password_is_typed(signed_in: CheckingClient) -> None:
    page = signed_in.open(CHANGE)
    field = page.by_id("password")
    assert field is not None
    assert field.get("hx-post") == CHECK
    answer = signed_in.post(CHECK, {"csrf_token": signed_in.token(), "password": "tranvanan"})
    judged = signed_in.read(answer)
    assert [one.text.endswith("(đạt)") for one in judged.classed("rules")[0].all("li")] == [
        True, False, True, False, False,
    ]  # fmt: skip
    assert "Độ mạnh:" in judged.text
    assert judged.errors == []


def test_whoever_is_signed_in_is_told_of_the_own_name_while_typing(signed_in: CheckingClient) -> None:
    answer = signed_in.post(CHECK, {"csrf_token": signed_in.token(), "password": "TranVanAn@1"})
    assert "dựa trên tên, địa chỉ thư hoặc số điện thoại của bạn" in signed_in.read(answer).text


def test_checks_are_limited(make_website: MakeWebsite) -> None:
    browser = CheckingClient(make_website(limits__password_checks="3/10 minutes"))
    browser.sign_in()
    for status in (200, 200, 200, 429):
        answer = browser.post(CHECK, {"csrf_token": browser.token(), "password": "abc"})
        assert answer.status_code == status
    assert int(answer.headers["Retry-After"]) == 600
    assert browser.change_password(status=429).errors == [
        "Mật khẩu đã được kiểm tra quá nhiều lần. Hãy thử lại sau 10 phút."
    ]
