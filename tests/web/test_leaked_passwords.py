"""A password that was leaked somewhere is refused, where the operator has brought a list; without it nothing stops."""

import hashlib
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from tests.fakes import AN, GOOD_PASSWORD, LEAKED
from tests.web.client import CheckingClient
from tests.web.conftest import MakeWebsite
from tests.web.test_changing_passwords import CHECK as CHECK_OF_CHANGE

REASON = "đã nằm trong danh sách mật khẩu bị lộ"
SENTENCE = f"Mật khẩu này quá dễ đoán vì {REASON}. Hãy chọn mật khẩu khác."
CHECK = "/quen-mat-khau/dat-lai/kiem-tra"


@pytest.fixture
def list_of_leaked(tmp_path: Path) -> Path:
    """A list with one password that every rule accepts, and two neighbours."""
    digest = hashlib.sha1(LEAKED.encode(), usedforsecurity=False).hexdigest().upper()
    path = tmp_path / "leaked.txt"
    path.write_text(f"{'0' * 40}:1\n{digest}:28\n{'F' * 40}:5\n")
    return path


@pytest.fixture
def browser(make_website: MakeWebsite, list_of_leaked: Path) -> CheckingClient:
    return CheckingClient(make_website(password__leaked_file=str(list_of_leaked)))


def checked(browser: CheckingClient, path: str, password: str) -> str:
    """Return what the page says of a password while it is typed."""
    return browser.read(browser.post(path, {"csrf_token": browser.token(), "password": password})).text


def test_a_leaked_password_is_refused_alike_while_it_is_typed_and_when_it_is_sent(browser: CheckingClient) -> None:
    code = browser.begin_with_code()
    assert SENTENCE in checked(browser, CHECK, LEAKED)
    assert SENTENCE not in checked(browser, CHECK, GOOD_PASSWORD)
    assert browser.type_code(code, LEAKED).errors_at("password") == [SENTENCE]
    [row] = browser.website.rows()["recoveries"]
    assert (row["attempts_left"], browser.website.directory.changes) == (5, [])
    assert browser.type_code(code).heading == "Thành công!"


def test_who_is_signed_in_cannot_choose_one_either(browser: CheckingClient) -> None:
    browser.sign_in()
    browser.follow("Đổi mật khẩu")
    assert SENTENCE in checked(browser, CHECK_OF_CHANGE, LEAKED)
    assert browser.change_password(password=LEAKED).errors_at("password") == [SENTENCE]
    assert browser.website.directory.changes == []


def test_a_leaked_password_is_called_weak(browser: CheckingClient) -> None:
    browser.begin_with_code()
    assert "Độ mạnh: Yếu" in checked(browser, CHECK, LEAKED)


def test_no_page_carries_the_sentence_until_it_is_true(browser: CheckingClient) -> None:
    browser.recover()
    browser.sign_in(password=GOOD_PASSWORD)
    assert not [answer for answer in browser.answers if REASON in answer.text]


def test_a_list_that_disappears_stops_no_recovery_and_is_in_the_log(
    browser: CheckingClient, list_of_leaked: Path
) -> None:
    code = browser.begin_with_code()
    list_of_leaked.unlink()
    with capture_logs() as logs:
        assert browser.type_code(code, LEAKED).heading == "Thành công!"
    assert browser.website.directory.changes == [(AN, LEAKED)]
    assert [one["log_level"] for one in logs if one["event"] == "leaked_file_unusable"] == ["error"]


def test_a_site_without_a_list_judges_by_the_rules(make_website: MakeWebsite) -> None:
    browser = CheckingClient(make_website())
    code = browser.begin_with_code()
    assert SENTENCE not in checked(browser, CHECK, LEAKED)
    assert browser.type_code(code, LEAKED).heading == "Thành công!"
