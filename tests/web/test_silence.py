"""Canaries: a whole day at the site, and then a search for what must be nowhere but where it belongs."""

import io
import json

from tests.fakes import AN, BINH, GOOD_PASSWORD, OLD_PASSWORD, UNKNOWN
from tests.flow.story import wrong
from tests.web.client import CheckingClient
from tests.web.website import NEWCOMER, TRIO, Website

CHANGED_PASSWORD = "Con-duong-3-nhip-xa"


def _a_day(browser: CheckingClient) -> list[str]:
    """Do everything that can be done, right and wrong, and return the ids that the browser had."""
    website, cookies = browser.website, []
    for typed in (UNKNOWN, "'; --", "khoa"):
        browser.begin(typed)
    code = browser.begin_with_code(AN)
    cookies.append(browser.cookie)
    browser.submit("Gửi lại", status=429)
    browser.type_code("12a")
    browser.type_code(wrong(code))
    browser.type_code(code, "Matkhau@123")
    browser.type_code(code, GOOD_PASSWORD, "Khac-voi-o-tren-1")
    website.directory.down_for_changes = True
    browser.type_code(code, status=503)
    website.directory.down_for_changes = False
    website.directory.has_a_bug = True
    browser.type_code(code, status=500)
    website.directory.has_a_bug = False
    browser.post("/quen-mat-khau/dat-lai", {"code": code, "password": GOOD_PASSWORD})
    website.gateway.fault = "503 from the carrier"
    website.clock.pass_by(61)
    browser.open("/quen-mat-khau/dat-lai")
    browser.submit("Gửi lại")
    website.gateway.fault = ""
    website.clock.pass_by(10)
    website.deliver_all()
    browser.type_code(code)
    cookies.append(browser.cookie)
    browser.sign_in(AN, "Sai-roi-9-lan")
    browser.sign_in(AN, GOOD_PASSWORD)
    cookies.append(browser.cookie)
    browser.change_password("Sai-roi-9-lan", CHANGED_PASSWORD)
    browser.change_password(GOOD_PASSWORD, "Matkhau@123")
    browser.change_password(GOOD_PASSWORD, CHANGED_PASSWORD)
    cookies.append(browser.cookie)
    browser.sign_in(NEWCOMER.address, website.hand_out())
    browser.begin(TRIO)
    browser.submit("Lấy mã xác nhận", {"phone": browser.page.all("fieldset")[0].all("input")[2].get("value")})
    website.deliver_all()
    serializer = website.app.session_interface.get_signing_serializer(website.app)
    return [serializer.loads(cookie)["id"] for cookie in cookies]


def _secrets(website: Website) -> set[str]:
    typed = {GOOD_PASSWORD, OLD_PASSWORD, "Matkhau@123", "Khac-voi-o-tren-1", "Sai-roi-9-lan"}
    return website.sent_codes() | set(website.numbers) | typed | {website.first_password, CHANGED_PASSWORD}


def test_the_log_names_no_code_password_number_id_or_mailbox(browser: CheckingClient, log: io.StringIO) -> None:
    ids = _a_day(browser)
    written = log.getvalue()
    events = [json.loads(line) for line in written.splitlines()]
    assert {"password_changed", "recovery_begun", "sms_not_accepted", "fault", "request"} <= {
        one["event"] for one in events
    }
    for secret in (*_secrets(browser.website), *ids, AN, "an.tran", TRIO, UNKNOWN, NEWCOMER.address, "soctrang.gov.vn"):
        assert secret not in written, f"{secret} is in the log"


def test_the_database_holds_no_code_password_id_nor_a_number_outside_the_directory(browser: CheckingClient) -> None:
    ids = _a_day(browser)
    rows = browser.website.rows()
    numbers = str(rows.pop("phones"))
    assert all(number in numbers for number in browser.website.numbers)
    dump = str(rows)
    for secret in (*_secrets(browser.website), *ids):
        assert secret not in dump, f"{secret} is in the database"


def test_the_files_of_the_database_hold_no_code_and_no_password(browser: CheckingClient) -> None:
    _a_day(browser)
    path = browser.website.services.engine.url.database or ""
    content = b"".join(_bytes(f"{path}{ending}") for ending in ("", "-wal"))
    for secret in _secrets(browser.website) - browser.website.numbers:
        assert secret.encode() not in content


def test_no_address_and_no_header_carries_a_mailbox(browser: CheckingClient) -> None:
    _a_day(browser)
    for answer in browser.answers:
        assert "an.tran" not in answer.request.url
        assert "an.tran" not in str(answer.headers)


def test_a_mailbox_stands_only_in_fields_and_behind_the_sign_in(browser: CheckingClient) -> None:
    browser.begin_with_code(AN)
    for path in ("/quen-mat-khau", "/quen-mat-khau/so-dien-thoai", "/quen-mat-khau/dat-lai"):
        assert "an.tran" not in browser.open(path).text


def test_a_fault_is_a_page_with_a_number_that_is_found_in_the_log(browser: CheckingClient, log: io.StringIO) -> None:
    code = browser.begin_with_code()
    browser.website.directory.has_a_bug = True
    page = browser.type_code(code, status=500)
    assert page.heading == "Hệ thống gặp lỗi"
    assert "Chưa có gì thay đổi ngoài những bước đã báo thành công. Vui lòng thử lại sau ít phút." in page.text
    incident = page.text.partition("Mã sự cố: ")[2][:8]
    assert incident.isalnum()
    faults = [json.loads(line) for line in log.getvalue().splitlines() if '"fault"' in line]
    assert [one["request"] for one in faults if one["event"] == "fault"] == [incident]
    assert "a bug" in faults[-1]["exception"]
    for word in ("Traceback", "RuntimeError", "a bug", ".py", "line "):
        assert word not in page.text
    assert "RuntimeError" not in page.html


def test_a_fault_of_the_database_is_logged_without_what_was_to_be_stored(
    browser: CheckingClient, log: io.StringIO
) -> None:
    browser.open("/quen-mat-khau")
    with browser.website.services.engine.begin() as connection:
        connection.exec_driver_sql("DROP TABLE messages")
        connection.exec_driver_sql("ALTER TABLE recoveries RENAME COLUMN reference TO gone")
    browser.submit("Tiếp tục", {"email": AN}, status=500)
    written = log.getvalue()
    assert "OperationalError" in written
    assert AN not in written


def test_two_accounts_leave_nothing_of_each_other(browser: CheckingClient) -> None:
    browser.recover(AN)
    browser.website.clock.pass_by(1)
    page = browser.begin(BINH)
    assert "0393" not in page.text
    assert "0912XXX678" in page.text


def _bytes(path: str) -> bytes:
    try:
        with open(path, "rb") as file:
            return file.read()
    except FileNotFoundError:
        return b""
