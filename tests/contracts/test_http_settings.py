"""The settings of the HTTP gateway: what contradicts itself is refused at the start, and no value is shown."""

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from recovery_site.settings.gateways import HttpGateway as HttpSettings
from recovery_site.settings.gateways.http_token import FetchedToken

SECRET = "secret-canary"
MESSAGE = {"to": "{to}", "text": "{text}", "id": "{message_id}"}
AUTHORISED = {"headers": {"Authorization": "Bearer {token}"}}
TOKEN = {"url": "https://carrier.vn/token", "json": {"client_secret": SECRET}}


def read(**tables: Any) -> HttpSettings:
    """Return the settings; a table that is None is left out."""
    given = {"kind": "http", "url": "https://carrier.vn/send", "json": MESSAGE, **tables}
    return HttpSettings.model_validate({name: value for name, value in given.items() if value is not None})


REFUSED: list[tuple[dict[str, Any], str]] = [
    # the request
    ({"url": f"ftp://{SECRET}"}, "url must start with http:// or https://"),
    ({"json": None}, "give the message"),
    ({"form": MESSAGE}, "give one of json, form and xml"),
    ({"method": "GET"}, "GET carries its parameters in query"),
    ({"url": f"https://carrier.vn/send?key={SECRET}", "query": {"to": "{to}"}}, "move them into query"),
    ({"json": {"a": [{"b": "{nobody}"}]}}, "no such placeholder: nobody"),
    ({"headers": {"X": "{number}"}}, "no such placeholder: number"),
    ({"headers": {"Authorization": f"{SECRET}\r\nX: y"}}, "headers: Authorization"),
    ({"headers": {"Authorization": f"{SECRET}é"}}, "headers: Authorization"),
    ({"headers": {"two words": "x"}}, "headers: two words"),
    ({"headers": {"X_file": "/nowhere"}}, "X_file: the file cannot be read"),
    ({"json": {"RQST": {"APIPASS_file": "/nowhere"}}}, "APIPASS_file: the file cannot be read"),
    ({"json": {"RQST": {"APIPASS": SECRET, "APIPASS_file": "/nowhere"}}}, "APIPASS and APIPASS_file are both set"),
    # the answer
    ({"answer": "yaml"}, "Input should be 'json', 'xml' or 'text'"),
    ({"success": {"xml": {"result": "1"}}}, 'success.xml needs answer = "xml"'),
    ({"success": {"text": "OK"}}, 'success.text needs answer = "text"'),
    ({"success": {"json": {"a": "1"}}, "answer": "xml"}, 'success.json needs answer = "json"'),
    ({"success": {"id": "id"}, "answer": "text"}, "success.id cannot be read from a text"),
    ({"success": {"status": []}}, "at least 1 item"),
    ({"faults": {"number": ["1"]}}, "faults.field and the values that it may have belong together"),
    ({"faults": {"field": "code"}}, "faults.field and the values that it may have belong together"),
    ({"success": {"duplicate": ["124"]}}, "faults.field and the values that it may have belong together"),
    ({"faults": {"field": "code", "busy": ["1"]}, "answer": "text"}, "faults.field cannot be read from a text"),
    ({"faults": {"field": "code", "busy": ["1"], "access": ["1"]}}, "several lists: access, busy"),
    ({"faults": {"field": "code", "busy": ["*"]}}, "should match pattern"),
    ({"faults": {"field": "code", "busy": [""]}}, "should match pattern"),
    ({"faults": {"field": "code", "bussy": ["1"]}}, "Extra inputs are not permitted"),
    (
        {"success": {"json": {"code": "100"}}, "faults": {"field": "code", "number": ["10*"]}},
        "one value means success and a fault",
    ),
    (
        {"success": {"duplicate": ["124"]}, "faults": {"field": "code", "number": ["12*"]}},
        "one value stands in success.duplicate and in faults.number",
    ),
    # the token
    ({"token": TOKEN}, "{token} and the table token belong together"),
    (AUTHORISED, "{token} and the table token belong together"),
    ({**AUTHORISED, "token": {"kind": "oauth"}}, "'http', 'jwt'"),
    ({**AUTHORISED, "token": {}}, "url"),
    ({**AUTHORISED, "token": {**TOKEN, "form": {}}}, "give one of json and form"),
    ({**AUTHORISED, "token": {**TOKEN, "method": "GET"}}, "GET has no body"),
    ({**AUTHORISED, "token": {**TOKEN, "json": {"to": "{to}"}}}, "no such placeholder: to"),
    ({**AUTHORISED, "token": {**TOKEN, "json": {"r": "{refresh_token}"}}}, "and the table rotates belong together"),
    ({**AUTHORISED, "token": {**TOKEN, "rotates": {"file": "/nowhere"}}}, "there is no refresh token in it"),
    ({**AUTHORISED, "token": {**TOKEN, "lifetime_seconds": 5}}, "greater than or equal to 10"),
    ({**AUTHORISED, "token": {**TOKEN, "renew_on": ["-124"]}}, "faults.field and the values that it may have"),
    ({**AUTHORISED, "token": {"kind": "jwt", "secret": SECRET}}, "at least 32 characters"),
    ({**AUTHORISED, "token": {"kind": "jwt", "secret": SECRET * 3, "claims": {"exp": 1}}}, "exp and alg are set"),
    ({**AUTHORISED, "token": {"kind": "jwt", "secret": SECRET * 3, "claims": {"a": "{to}"}}}, "no such placeholder"),
    # the reports
    ({"report": {"delivered": {"s": ["1"]}}}, "give message_id or carrier_id"),
    ({"report": {"message_id": "id"}}, "give delivered or failed"),
    ({"report": {"message_id": "id", "delivered": {"s": []}}}, "needs at least one value"),
    (
        {"report": {"message_id": "id", "delivered": {"s": ["1"]}, "taken": {"s": ["1"]}}},
        "delivered, failed and taken have to differ",
    ),
    (
        {"json": {"to": "{to}"}, "report": {"message_id": "id", "delivered": {"s": ["1"]}}},
        "report.message_id needs {message_id}",
    ),
    ({"report": {"carrier_id": "id", "delivered": {"s": ["1"]}}}, "report.carrier_id needs success.id"),
]


@pytest.mark.parametrize(("tables", "said"), REFUSED)
def test_what_cannot_be_meant_is_refused_without_a_value(tables: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError) as refused:
        read(**tables)
    assert said in str(refused.value)
    assert SECRET not in str(refused.value)


def test_neither_a_key_nor_a_template_is_in_what_settings_look_like() -> None:
    tables = {"url": f"https://{SECRET}.vn", "headers": {"a": f"{SECRET}{{token}}"}, "json": {"a": SECRET}}
    assert SECRET not in repr(read(**tables, token={**TOKEN, "headers": {"a": SECRET}}))
    assert SECRET not in repr(read(**tables, token={"kind": "jwt", "secret": SECRET * 3, "claims": {"a": SECRET}}))


def test_every_key_can_come_from_a_file_at_any_depth(tmp_path: Path) -> None:
    file = tmp_path / "key"
    file.write_text(f"{SECRET}\n")
    path = str(file)
    settings = read(
        headers={"Authorization_file": path, "X": "{token}"},
        json={"RQST": {"APIPASS_file": path, "PARAMS": [{"KEY_file": path}]}, "to": "{to}"},
        token={**TOKEN, "json": {"client_secret_file": path}},
    )
    assert settings.headers["Authorization"] == SECRET
    assert settings.json_ == {"RQST": {"APIPASS": SECRET, "PARAMS": [{"KEY": SECRET}]}, "to": "{to}"}
    assert isinstance(settings.token, FetchedToken)
    assert settings.token.json_ == {"client_secret": SECRET}


def test_one_table_may_say_what_another_kind_of_answer_does_not() -> None:
    assert read(answer="text", success={"text": "OK*"}, faults={"busy": ["ERR 7*"]}).success.fields == {"": "OK*"}
    assert read(answer="xml", success={"xml": {"a.b": "1"}, "id": "c"}).success.fields == {"a.b": "1"}
