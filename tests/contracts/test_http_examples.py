"""The examples for carriers in the manual: each is loaded and sends what its carrier's documentation asks for."""

import base64
import json
import re
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import jwt
import pytest
from defusedxml.ElementTree import fromstring

from recovery_site.adapters.sms.http import HttpGateway
from tests.contracts import carrier as behaviour
from tests.contracts import examples
from tests.contracts.carrier import NUMBER, SMS, TEXT, Carrier, Handler
from tests.contracts.examples import KEY, REPORT_URL, SECTIONS, answering, block, soap


@pytest.fixture
def carrier() -> Iterator[Carrier]:
    with behaviour.running() as running:
        yield running


@pytest.fixture
def sending(carrier: Carrier, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], HttpGateway]:
    """Make the gateway of an example, by the gateway's name."""
    return lambda name: examples.gateway(name, carrier, tmp_path, monkeypatch)


# --- the documents ----------------------------------------------------------------------------------------------------


def test_the_manual_has_an_example_for_every_carrier_that_the_provinces_are_offered() -> None:
    assert list(SECTIONS) == ["esms", "speedsms", "vnpt", "viettel", "zalo", "fpt", "stringee"]


@pytest.mark.parametrize("name", SECTIONS)
def test_every_example_says_where_it_is_from_and_that_it_was_not_tried(name: str) -> None:
    assert re.search(r"\n\nWritten from [^.]*(?:\.\w[^.]*)*; not\s+tried\s+with\s+the\s+carrier", SECTIONS[name])


@pytest.mark.parametrize("name", SECTIONS)
def test_no_example_holds_a_key(name: str) -> None:
    tables = tomllib.loads(block(SECTIONS[name], "toml"))["sms"]["gateway"][name]
    words = re.findall(r'"(\w*(?:pass|secret|api_?key)\w*)":', json.dumps(tables).lower())
    assert all(word.endswith("_file") for word in words)


# --- the request ------------------------------------------------------------------------------------------------------


def request(carrier: Carrier, behave: Callable[[Handler], None], gateway: HttpGateway) -> dict[str, Any]:
    """Send one message; return the body of its request, which came last."""
    carrier.behave = behave
    gateway.send(NUMBER, SMS)
    asked = carrier.asked[-1]
    assert asked.method == "POST"
    if asked.headers["content-type"] == "application/json":
        body = json.loads(asked.body)
        assert isinstance(body, dict)
        return body
    return {str(element.tag): element.text for element in fromstring(asked.body).iter()}


def test_esms_gets_its_request(carrier: Carrier, sending: Callable[[str], HttpGateway]) -> None:
    assert request(carrier, answering({"CodeResult": "100", "SMSID": "d533459e-156"}), sending("esms")) == {
        "ApiKey": KEY, "SecretKey": KEY, "Brandname": "…", "Phone": "84393070121", "Content": TEXT, "SmsType": "2",
        "IsUnicode": "0", "Sandbox": "0", "RequestId": "message-id-1", "CallbackUrl": REPORT_URL,
    }  # fmt: skip
    assert carrier.asked[-1].path == "/MainService.svc/json/SendMultipleMessage_V4_post_json/"


def test_speedsms_gets_its_request(carrier: Carrier, sending: Callable[[str], HttpGateway]) -> None:
    taken = {"status": "success", "code": "00", "data": {"tranId": 123, "totalSMS": 1}}
    assert request(carrier, answering(taken), sending("speedsms")) == {
        "to": ["84393070121"], "content": TEXT, "sms_type": 3, "sender": "…",
    }  # fmt: skip
    assert carrier.asked[-1].headers["authorization"] == KEY


def test_vnpt_gets_its_request(carrier: Carrier, sending: Callable[[str], HttpGateway]) -> None:
    taken = {"RPLY": {"name": "send_sms_list", "ERROR": "0", "ERROR_DESC": "success"}}
    body = request(carrier, answering(taken), sending("vnpt"))["RQST"]
    assert [(one["NUM"], one["CONTENT"]) for one in body.pop("PARAMS")] == [
        ("1", "123456"), ("2", "10"), ("3", "K7F3-QX2M"),
    ]  # fmt: skip
    assert body == {
        "name": "send_sms_list", "REQID": "message-id-1", "LABELID": "…", "CONTRACTTYPEID": "1", "CONTRACTID": "…",
        "TEMPLATEID": "…", "SCHEDULETIME": "", "MOBILELIST": "84393070121", "ISTELCOSUB": "0", "AGENTID": "…",
        "APIUSER": "…", "APIPASS": KEY, "USERNAME": "…", "DATACODING": "0",
    }  # fmt: skip


def test_viettel_gets_its_request(carrier: Carrier, sending: Callable[[str], HttpGateway]) -> None:
    body = request(carrier, answering(soap("Insert MT_QUEUE: OK", 1)), sending("viettel"))
    assert "{http://impl.bulkSms.ws/}wsCpMt" in body
    assert {name: text for name, text in body.items() if "}" not in name} == {
        "User": "…", "Password": "…", "CPCode": "…", "RequestID": "1", "UserID": "84393070121",
        "ReceiverID": "84393070121", "ServiceID": "…", "CommandCode": "bulksms", "Content": TEXT, "ContentType": "0",
    }  # fmt: skip
    assert carrier.asked[-1].headers["content-type"] == "text/xml; charset=utf-8"


def test_zalo_gets_its_request_after_a_token(
    carrier: Carrier, sending: Callable[[str], HttpGateway], tmp_path: Path
) -> None:
    taken = {"error": 0, "message": "Success", "data": {"msg_id": "m1", "sent_time": "1", "quota": {}}}
    assert request(carrier, answering(taken), sending("zalo")) == {
        "phone": "84393070121", "template_id": "…", "template_data": {"otp": "123456"}, "tracking_id": "message-id-1",
    }  # fmt: skip
    token, message = carrier.asked
    assert message.headers["access_token"] == KEY
    assert token.headers["secret_key"] == KEY
    assert parse_qs(token.body) == {"refresh_token": [KEY], "app_id": ["…"], "grant_type": ["refresh_token"]}
    assert (tmp_path / "zalo_refresh_token").read_text() == "next-refresh-token\n"


def test_fpt_gets_its_request_after_a_token(carrier: Carrier, sending: Callable[[str], HttpGateway]) -> None:
    body = request(carrier, answering({"MessageId": 77, "Phone": "84393070121"}), sending("fpt"))
    assert base64.b64decode(body.pop("Message")).decode() == TEXT
    assert body == {
        "access_token": KEY, "session_id": "recovery-site", "BrandName": "…", "Phone": "84393070121",
        "RequestId": "message-id-1",
    }  # fmt: skip
    assert json.loads(carrier.asked[0].body) == {
        "client_id": "…", "client_secret": KEY, "grant_type": "client_credentials", "scope": "send_brandname_otp",
        "session_id": "recovery-site",
    }  # fmt: skip


def test_stringee_gets_its_request_with_a_signed_token(carrier: Carrier, sending: Callable[[str], HttpGateway]) -> None:
    taken = {"smsSent": 1, "result": [{"price": "830", "smsType": 1, "r": 0, "msg": "Success"}]}
    body = request(carrier, answering(taken), sending("stringee"))
    assert body == {"sms": [{"from": "…", "to": "84393070121", "text": TEXT}]}
    claims = jwt.decode(carrier.asked[-1].headers["x-stringee-auth"], KEY, algorithms=["HS256"])
    assert claims == {"iss": "SK…", "jti": f"SK…-{claims['exp'] - 3600}", "rest_api": True, "exp": claims["exp"]}
