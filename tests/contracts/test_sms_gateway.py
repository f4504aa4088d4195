"""The contract of `SmsGateway`, over every adapter; the HTTP one against a real server that misbehaves in every way."""

import io
import json
import logging
from collections.abc import Callable, Iterator
from urllib.parse import parse_qs, urlsplit

import pytest

from recovery_site.adapters.sms.console import KEPT, ConsoleGateway, DemoPhones
from recovery_site.adapters.sms.http import HttpGateway
from recovery_site.domain.messages import Sms
from recovery_site.domain.people import read_number
from recovery_site.domain.secret import Secret
from recovery_site.ports import GatewayFault, SmsGateway
from recovery_site.settings.gateways import HttpGateway as HttpSettings
from tests.contracts import carrier as behaviour
from tests.contracts.carrier import Asked, Carrier, Handler
from tests.fakes import FakeClock, FakeGateway

NUMBER = read_number("0393070121")
TEXT = 'Ma: 123456. "A" & <B> {to} %26 +\nMa ho tro: K7F3-QX2M'
SMS = Sms("message-id-1", Secret(TEXT), code=Secret("123456"), minutes=10, reference="K7F3-QX2M")
TOKEN = "canary-token"
PATIENCE = 0.5
"""Seconds that a carrier gets which will not answer; the others get plenty, for the sake of busy machines."""

type_json = {"json": {"to": "{to}", "text": "{text}", "id": "{message_id}", "more": [{"local": "{to_local}", "n": 1}]}}
type_form = {"form": {"to": "{to}", "text": "{text}", "id": "{message_id}"}}
type_query = {"query": {"to": "{to}", "text": "{text}", "id": "{message_id}"}, "method": "GET"}
type_xml = {"xml": "<sms><to>{to}</to><text>{text}</text><id>{message_id}</id></sms>"}
VARIANTS = {"json": type_json, "form": type_form, "query": type_query, "xml": type_xml}


@pytest.fixture
def carrier() -> Iterator[Carrier]:
    with behaviour.running() as running:
        yield running


def http_gateway(carrier: Carrier, variant: str = "json", **changed: object) -> HttpGateway:
    settings = {
        "kind": "http",
        "url": carrier.url,
        "headers": {"Authorization": f"Bearer {TOKEN}", "Idempotency-Key": "{message_id}"},
        "timeout_seconds": 20,
        **VARIANTS[variant],
        **changed,
    }
    return HttpGateway(HttpSettings.model_validate(settings))


def fault_of(gateway: SmsGateway) -> str:
    """Return what the gateway says about a message that was not accepted; it must not tell anything."""
    with pytest.raises(GatewayFault) as fault:
        gateway.send(NUMBER, SMS)
    said = f"{fault.value!s} {fault.value!r}"
    for secret in ("123456", "393070121", "0393", TOKEN, "Ma:"):
        assert secret not in said
    return str(fault.value)


def fields_of(variant: str, asked: Asked) -> dict[str, str]:
    match variant:
        case "json":
            body = json.loads(asked.body)
            return {name: body[name] for name in ("to", "text", "id")}
        case "form":
            return {name: values[0] for name, values in parse_qs(asked.body).items()}
        case "query":
            return {name: values[0] for name, values in parse_qs(urlsplit(asked.path).query).items()}
        case _:
            plain = asked.body.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
            inner = {name: plain.split(f"<{name}>")[1].split(f"</{name}>")[0] for name in ("to", "text", "id")}
            assert "&amp; &lt;B&gt;" in asked.body
            return inner


# --- every gateway ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["console", "demo", "fake", *VARIANTS])
def test_a_message_that_is_accepted_is_handed_over_once_under_its_own_id(kind: str, carrier: Carrier) -> None:
    made: dict[str, Callable[[], SmsGateway]] = {
        "console": lambda: ConsoleGateway(io.StringIO()),
        "demo": lambda: DemoPhones(FakeClock()),
        "fake": FakeGateway,
    }
    gateway = made[kind]() if kind in made else http_gateway(carrier, kind)
    gateway.check()
    carrier.asked.clear()
    assert isinstance(gateway.send(NUMBER, SMS), str)
    if kind in VARIANTS:
        [asked] = carrier.asked
        assert fields_of(kind, asked) == {"to": "84393070121", "text": TEXT, "id": "message-id-1"}
        assert asked.headers["idempotency-key"] == "message-id-1"


def test_the_console_shows_number_and_text() -> None:
    stream = io.StringIO()
    ConsoleGateway(stream).send(NUMBER, SMS)
    assert stream.getvalue() == f"SMS 0393070121: {TEXT}\n"


def test_the_demonstration_s_telephones_keep_the_newest_messages_first() -> None:
    phones = DemoPhones(FakeClock())
    for number in range(KEPT + 5):
        phones.send(NUMBER, Sms(str(number), Secret(f"text {number}")))
    received = phones.messages()
    assert len(received) == KEPT
    assert received[0].text.reveal() == f"text {KEPT + 4}"
    assert "text" not in repr(received[0]).replace("text=", "")


# --- the shape of a request -------------------------------------------------------------------------------------------


def test_json_keeps_its_shape_and_its_types(carrier: Carrier) -> None:
    http_gateway(carrier).send(NUMBER, SMS)
    body = json.loads(carrier.asked[0].body)
    assert body["more"] == [{"local": "0393070121", "n": 1}]
    assert carrier.asked[0].headers["authorization"] == f"Bearer {TOKEN}"


def test_a_registered_template_gets_its_parts(carrier: Carrier) -> None:
    parts = {"c": "{code}", "m": "{minutes}", "r": "{reference}"}
    http_gateway(carrier, json=parts).send(NUMBER, SMS)
    assert json.loads(carrier.asked[0].body) == {"c": "123456", "m": "10", "r": "K7F3-QX2M"}


def test_xml_is_named_as_such_unless_the_settings_say_otherwise(carrier: Carrier) -> None:
    http_gateway(carrier, "xml").send(NUMBER, SMS)
    http_gateway(carrier, "xml", headers={"Content-Type": "application/soap+xml"}).send(NUMBER, SMS)
    kinds = [asked.headers["content-type"] for asked in carrier.asked]
    assert kinds == ["text/xml; charset=utf-8", "application/soap+xml"]


# --- what counts as accepted ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [400, 401, 403, 404, 429, 500, 503, 204, 302])
def test_any_other_status_is_a_refusal(carrier: Carrier, status: int) -> None:
    carrier.behave = lambda handler: handler.answer(status)
    assert fault_of(http_gateway(carrier)) == f"status {status}"


@pytest.mark.parametrize(
    ("answer", "accepted"),
    [
        ('{"CodeResult": "100", "SMSID": "abc"}', True),
        ('{"CodeResult": 100, "SMSID": "abc"}', True),
        ('{"CodeResult": "99", "SMSID": "abc"}', False),
        ('{"SMSID": "abc"}', False),
        ("{}", False),
        ("[]", False),
        ("null", False),
        ('"100"', False),
    ],
)
def test_a_success_status_with_another_result_in_the_answer_is_a_refusal(
    carrier: Carrier, answer: str, accepted: bool
) -> None:
    carrier.behave = lambda handler: handler.answer(200, answer)
    gateway = http_gateway(carrier, success={"json": {"CodeResult": "100"}, "id": "SMSID"})
    if accepted:
        assert gateway.send(NUMBER, SMS) == "abc"
    else:
        assert fault_of(gateway) == "CodeResult is not 100"


@pytest.mark.parametrize(("answer", "wanted"), [('{"ok": true}', "true"), ('{"ok": null}', ""), ('{"ok": 0}', "0")])
def test_truth_in_an_answer_is_written_as_json_writes_it(carrier: Carrier, answer: str, wanted: str) -> None:
    carrier.behave = lambda handler: handler.answer(200, answer)
    http_gateway(carrier, success={"json": {"ok": wanted}}).send(NUMBER, SMS)


def test_a_field_deep_in_the_answer_is_found(carrier: Carrier) -> None:
    carrier.behave = lambda handler: handler.answer(200, '{"messages": [{"status": "0", "id": 77}]}')
    success = {"json": {"messages.0.status": "0"}, "id": "messages.0.id"}
    assert http_gateway(carrier, success=success).send(NUMBER, SMS) == "77"


@pytest.mark.parametrize(
    "nonsense", ["", "OK", "<html>", "{", "\x00\ufffd", "[" * 50_000, '{"a":' * 20_000, "9" * 9999]
)
def test_nonsense_where_json_was_promised_is_a_refusal(carrier: Carrier, nonsense: str) -> None:
    carrier.behave = lambda handler: handler.answer(200, nonsense)
    assert fault_of(http_gateway(carrier, success={"json": {"CodeResult": "100"}}))


# --- carriers that misbehave ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "behave",
    [behaviour.hang, behaviour.trickle_the_body, behaviour.trickle_the_headers, behaviour.drop_the_connection],
)
def test_a_carrier_that_does_not_finish_its_answer_is_given_up(
    carrier: Carrier, behave: Callable[[Handler], None]
) -> None:
    carrier.behave = behave
    gateway = http_gateway(carrier, timeout_seconds=PATIENCE)
    # the carrier goes on for ever: a minute is only the patience of this test with a machine that is busy
    assert behaviour.seconds(lambda: fault_of(gateway)) < 60


def test_an_endless_answer_is_cut_off(carrier: Carrier) -> None:
    carrier.behave = behaviour.never_end
    assert fault_of(http_gateway(carrier)) == "the answer is too long"


def test_a_redirect_is_not_followed(carrier: Carrier) -> None:
    carrier.behave = behaviour.redirect
    assert fault_of(http_gateway(carrier)) == "status 302"
    assert [asked.path for asked in carrier.asked] == ["/send"]


def test_a_carrier_that_is_not_there_is_a_fault_of_the_gateway() -> None:
    with behaviour.running() as gone:
        pass
    gateway = http_gateway(gone)
    assert "ConnectError" in fault_of(gateway)
    with pytest.raises(GatewayFault, match=r"127\.0\.0\.1"):
        gateway.check()


@pytest.mark.parametrize("url", ["http://[", "http://a b/", "http://127.0.0.1:99999/", "http://\u0000/"])
def test_an_address_that_cannot_be_asked_is_a_fault_of_the_gateway(url: str) -> None:
    try:
        settings = HttpSettings.model_validate({"kind": "http", "url": url, **type_json})
    except ValueError:
        return  # refused by the settings: better still
    assert fault_of(HttpGateway(settings))


def test_the_settings_of_the_machine_about_proxies_do_not_lead_anywhere(
    carrier: Carrier, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    http_gateway(carrier).send(NUMBER, SMS)
    assert len(carrier.asked) == 1


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("status", [200, 500])
def test_no_log_line_tells_the_number_the_code_or_the_token(
    carrier: Carrier, caplog: pytest.LogCaptureFixture, variant: str, status: int
) -> None:
    caplog.set_level(logging.INFO)
    carrier.behave = lambda handler: handler.answer(status)
    gateway = http_gateway(carrier, variant)
    gateway.check()
    if status == 200:
        gateway.send(NUMBER, SMS)
    else:
        fault_of(gateway)
    for secret in ("123456", "393070121", TOKEN):
        assert secret not in caplog.text
