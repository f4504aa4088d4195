"""What a serving process writes down: one JSON object a line, in UTC, whatever was typed; refusals are in it.

Sources: OWASP ASVS 5.0 16.2 to 16.4; the OWASP logging vocabulary. That it names nobody is held in `test_silence.py`.
"""

import io
import json
import re
from collections.abc import Callable

import pytest

from tests.fakes import AN, GOOD_PASSWORD
from tests.flow.story import wrong
from tests.web.client import CheckingClient

NASTY = 'x\r\n{"event": "password_changed"}\r\n\x1b[2J\x9b31m\u2028y'


def _events(log: io.StringIO) -> list[dict[str, object]]:
    return [json.loads(line) for line in log.getvalue().split("\n") if line]


def test_every_line_is_one_object_with_event_level_request_and_a_time_in_utc(
    browser: CheckingClient, log: io.StringIO
) -> None:
    browser.recover()
    browser.sign_in(AN, GOOD_PASSWORD)
    events = _events(log)
    assert len(events) > 8
    for one in events:
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z", str(one["timestamp"]))
        assert one["event"]
        assert one["level"] in ("info", "warning", "error")
        assert re.fullmatch("[A-Z2-9]{8}", str(one["request"]))


def test_nothing_that_is_typed_or_sent_along_makes_a_line_or_stands_in_one(
    browser: CheckingClient, log: io.StringIO
) -> None:
    browser.begin("an.tran")
    token = browser.token()
    headers = {"User-Agent": "evil\x1b[2J\x9b31m", "Accept-Language": "evil", "Cookie": "recovery=evil"}
    for field in ("email", "code", "password", "phone"):
        for path in ("/quen-mat-khau", "/quen-mat-khau/so-dien-thoai", "/quen-mat-khau/dat-lai", "/dang-nhap"):
            browser.post(path, {"csrf_token": token, field: NASTY})
    browser.send("GET", "/evil%0d%0a%1b[2J", headers=headers)
    browser.send("GET", "/quen-mat-khau", headers=headers)
    assert "password_changed" not in log.getvalue()
    assert "evil" not in log.getvalue()
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029]", log.getvalue())
    assert _events(log)


def _refused_code(browser: CheckingClient) -> None:
    browser.type_code(wrong(browser.begin_with_code()))


def _stale_form(browser: CheckingClient) -> None:
    browser.post("/quen-mat-khau", {"email": AN})


def _foreign_form(browser: CheckingClient) -> None:
    browser.post("/quen-mat-khau", {"email": AN}, headers={"Origin": "https://evil.example"})


def _twice(browser: CheckingClient) -> None:
    browser.post("/quen-mat-khau", "email=a&email=b", content_type="application/x-www-form-urlencoded")


def _out_of_turn(browser: CheckingClient) -> None:
    browser.post("/quen-mat-khau/dat-lai", {"csrf_token": browser.token(), "code": "123456"})


def _not_signed_in(browser: CheckingClient) -> None:
    browser.post("/tai-khoan/doi-mat-khau", {"csrf_token": browser.token(), "current": "x"})


def _wrong_password(browser: CheckingClient) -> None:
    browser.sign_in(AN, "Sai-roi-9-lan")


def _directory_down(browser: CheckingClient) -> None:
    browser.open("/quen-mat-khau")
    browser.website.directory.down = True
    browser.submit("Tiếp tục", {"email": AN}, status=503)


def _gateway_down(browser: CheckingClient) -> None:
    browser.website.gateway.fault = "503 from the carrier"
    browser.begin()
    browser.submit("Lấy mã xác nhận")


@pytest.mark.parametrize(
    ("happens", "event"),
    [
        (CheckingClient.begin, "recovery_begun"),
        (CheckingClient.begin_with_code, "code_requested"),
        (CheckingClient.recover, "password_changed"),
        (CheckingClient.sign_in, "signed_in"),
        (_refused_code, "code_refused"),
        (_wrong_password, "sign_in_refused"),
        (_out_of_turn, "step_refused"),
        (_not_signed_in, "step_refused"),
        (_stale_form, "malicious_csrf"),
        (_foreign_form, "malicious_csrf"),
        (_twice, "input_validation_fail"),
        (_directory_down, "directory_unavailable"),
        (_gateway_down, "sms_not_accepted"),
    ],
)
def test_what_an_operator_must_see_is_written_down(
    browser: CheckingClient, log: io.StringIO, happens: Callable[[CheckingClient], object], event: str
) -> None:
    happens(browser)
    assert event in {one["event"] for one in _events(log)}
