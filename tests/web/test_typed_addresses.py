"""What people type into "Email công vụ", and the one answer for every address that leads nowhere."""

import re

import pytest

from tests.fakes import AN, BINH, LOCKED, PHONELESS, SHARED, UNKNOWN
from tests.web.client import CheckingClient
from tests.web.conftest import MakeWebsite, TakeBrowser
from tests.web.website import OLD_NUMBER

NOT_FOUND = "Không tìm thấy Email hoặc Email bị khoá, vui lòng liên hệ quản trị!"


@pytest.mark.parametrize(
    "typed",
    [
        "an.tran",
        "an.tran@soctrang.gov.vn",
        "  An.Tran@SocTrang.gov.vn \t",
        "AN.TRAN",
        "ａｎ．ｔｒａｎ＠ｓｏｃｔｒａｎｇ．ｇｏｖ．ｖｎ",
        "an.tran@old.soctrang.gov.vn",
        "an.tran@soctrang.gov.vn.",
        "\u00a0an.tran\u3000",
    ],
)
def test_one_mailbox_is_found_by_everything_that_people_type_for_it(browser: CheckingClient, typed: str) -> None:
    page = browser.begin(typed)
    assert page.path == "/quen-mat-khau/so-dien-thoai"
    assert "0393XXX121" in page.text
    browser.type_code(browser.get_code())
    assert browser.website.directory.changes[0][0] == AN


def test_an_eleven_digit_number_is_shown_and_used_as_its_ten_digits(browser: CheckingClient) -> None:
    assert "0383XXX789" in browser.begin(OLD_NUMBER).text
    browser.get_code()
    to, _ = browser.website.gateway.accepted[-1]
    assert to.international == "84383456789"


@pytest.mark.parametrize("typed", [UNKNOWN, LOCKED, PHONELESS])
def test_unknown_locked_and_phoneless_get_the_documented_sentence(browser: CheckingClient, typed: str) -> None:
    page = browser.begin(typed)
    assert page.path == "/quen-mat-khau"
    assert page.errors == [NOT_FOUND]
    assert page.errors_at("email") == [NOT_FOUND]
    assert NOT_FOUND.encode() in browser.answers[-1].data
    assert re.search("đơn vị .* văn bản đề nghị .*quản trị", " ".join(page.notes)), "what to do next"
    assert browser.website.rows()["recoveries"] == []


def test_unknown_locked_and_phoneless_get_the_same_bytes(new_browser: TakeBrowser) -> None:
    answers = []
    for typed in (UNKNOWN, LOCKED, PHONELESS):
        browser = new_browser()
        browser.begin(typed)
        answers.append(_comparable(browser, typed))
    assert answers[0] == answers[1] == answers[2]


def test_they_stay_the_same_when_they_are_asked_for_again_and_again(new_browser: TakeBrowser) -> None:
    browsers = {typed: new_browser() for typed in (UNKNOWN, LOCKED, PHONELESS)}
    for _ in range(12):
        answers = []
        for typed, browser in browsers.items():
            browser.begin(typed)
            answers.append(_comparable(browser, typed))
        assert answers[0] == answers[1] == answers[2]


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("", "Hãy nhập Email công vụ."),
        ("   ", "Hãy nhập Email công vụ."),
        ("an tran", "Email công vụ chưa đúng dạng. Hãy nhập một địa chỉ, chữ không dấu, không có khoảng trắng."),
        ("trần", "Email công vụ chưa đúng dạng. Hãy nhập một địa chỉ, chữ không dấu, không có khoảng trắng."),
        (f"{AN},{BINH}", "Email công vụ chưa đúng dạng. Hãy nhập một địa chỉ, chữ không dấu, không có khoảng trắng."),
        ("an.tran@gmail.com", "Email công vụ phải có đuôi @soctrang.gov.vn. Hãy kiểm tra lại."),
        ("a" * 300, "Email công vụ không được dài quá 254 ký tự. Hãy kiểm tra lại."),
    ],
)
def test_what_cannot_be_an_address_is_told_so(browser: CheckingClient, typed: str, sentence: str) -> None:
    page = browser.begin(typed)
    assert page.errors_at("email") == [sentence]
    assert page.by_id("email").get("value") == typed, "an address may be corrected, it need not be typed again"


def test_the_mask_is_a_setting(make_website: MakeWebsite) -> None:
    assert "03XXXXXX21" in CheckingClient(make_website(disclosure__mask="2+2")).begin().text


def test_another_address_starts_another_recovery_in_the_same_browser(browser: CheckingClient) -> None:
    first = browser.begin_with_code(AN)
    browser.website.clock.pass_by(1)
    page = browser.begin(BINH)
    assert "0912XXX678" in page.text
    second = browser.get_code()
    browser.type_code(first if first != second else "x")
    assert browser.page.errors, "the code of one recovery opens no other"
    assert browser.type_code(second).heading == "Thành công!"
    assert [address for address, _ in browser.website.directory.changes] == [BINH]


def test_two_accounts_with_one_number_have_codes_of_their_own(
    browser: CheckingClient, new_browser: TakeBrowser
) -> None:
    other = new_browser()
    codes = {browser.begin_with_code(AN), other.begin_with_code(SHARED)}
    assert len(codes) == 2


def _comparable(browser: CheckingClient, typed: str) -> tuple[object, ...]:
    """Return the last answer with everything masked that differs by chance, and nothing else."""
    answer = browser.answers[-1]
    body = re.sub(r'(name="csrf_token" value=")[^"]+', r"\1TOKEN", answer.get_data(as_text=True))
    assert body.count(typed) == 1, "what was typed stands in its field, once"
    headers = [(name, re.sub(r"=[^;]+;", "=VALUE;", value, count=1) if name == "Set-Cookie" else value)
               for name, value in answer.headers if name != "Content-Length"]  # fmt: skip
    same_length = int(answer.headers["Content-Length"]) - len(typed)
    return answer.status, headers, body.replace(typed, "TYPED"), same_length, len(browser.cookie) > 0
