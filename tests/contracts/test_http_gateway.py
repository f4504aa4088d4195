"""The general HTTP gateway: what every gateway keeps to, the shape of its requests, and carriers that misbehave."""

import base64
import json
import logging
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from recovery_site.adapters.sms.http import HttpGateway
from recovery_site.domain.messages import FaultKind, Sms
from recovery_site.domain.secret import Secret
from recovery_site.ports import GatewayFault
from recovery_site.settings.gateways import HttpGateway as HttpSettings
from tests.contracts import carrier as behaviour
from tests.contracts.carrier import KEY, NUMBER, SMS, TEXT, VARIANTS, Carrier, Handler, fault_of, gateway
from tests.contracts.gateway_contract import GatewayContract
from tests.peers.certificates import self_signed, server_context

PATIENCE = 0.5
"""Seconds that a carrier gets which will not answer; the others get plenty, for the sake of busy machines."""


@pytest.fixture
def carrier() -> Iterator[Carrier]:
    with behaviour.running() as running:
        yield running


class HttpPeer:
    """A gateway and its carrier, which takes the message in one of the four ways."""

    secrets = (KEY,)

    def __init__(self, variant: str, running: ExitStack) -> None:
        self._variant = variant
        self._running = running
        self._carrier = running.enter_context(behaviour.running())
        self.gateway = gateway(self._carrier, variant)

    def received(self, count: int) -> list[tuple[str, str]]:
        messages = [asked.fields(self._variant) for asked in self._carrier.asked if asked.method != "HEAD"]
        assert len(messages) == count
        return [(fields["to"], fields["text"]) for fields in messages]

    def go_away(self) -> None:
        self._running.close()


class TestTheContract(GatewayContract):
    """In all four ways."""

    @pytest.fixture(params=VARIANTS)
    def peer(self, request: pytest.FixtureRequest) -> Iterator[HttpPeer]:
        with ExitStack() as running:
            yield HttpPeer(str(request.param), running)


# --- the shape of a request -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("variant", VARIANTS)
def test_what_a_value_brings_with_it_changes_nothing_in_the_request(carrier: Carrier, variant: str) -> None:
    gateway(carrier, variant).send(NUMBER, SMS)
    [asked] = carrier.asked
    assert asked.fields(variant) == {"to": "84393070121", "text": TEXT, "id": "message-id-1"}
    assert asked.headers["idempotency-key"] == "message-id-1"


def test_json_keeps_its_shape_and_its_types(carrier: Carrier) -> None:
    gateway(carrier).send(NUMBER, SMS)
    body = json.loads(carrier.asked[0].body)
    assert body["more"] == [{"local": "0393070121", "n": 1}]
    assert carrier.asked[0].headers["authorization"] == f"Bearer {KEY}"


def test_every_placeholder_is_filled_in_headers_and_bodies(carrier: Carrier) -> None:
    words = [word for word in HttpSettings.PLACEHOLDERS if word not in ("token", "text")]
    template = {word: f"<{{{word}}}>" for word in words}
    gateway(carrier, report_url="https://site.vn/r", json=template, headers=template).send(NUMBER, SMS)
    expected = {
        "to": "<84393070121>",
        "to_local": "<0393070121>",
        "text_base64": f"<{base64.b64encode(TEXT.encode()).decode()}>",
        "message_id": "<message-id-1>",
        "code": "<123456>",
        "minutes": "<10>",
        "reference": "<K7F3-QX2M>",
        "report_url": "<https://site.vn/r>",
    }
    [asked] = carrier.asked
    assert json.loads(asked.body) == expected
    assert {word: asked.headers[word] for word in words} == expected


def test_a_text_may_stand_in_a_header_as_long_as_it_is_one_line(carrier: Carrier) -> None:
    sending = gateway(carrier, headers={"X-Text": "{text}"})
    sending.send(NUMBER, Sms("id", Secret("Ma: 1")))
    assert carrier.asked[0].headers["x-text"] == "Ma: 1"
    assert fault_of(sending) == (FaultKind.TEXT, "the message does not fit into an HTTP request")
    assert len(carrier.asked) == 1


def test_xml_is_named_as_such_unless_the_settings_say_otherwise(carrier: Carrier) -> None:
    gateway(carrier, "xml").send(NUMBER, SMS)
    gateway(carrier, "xml", headers={"Content-Type": "application/soap+xml"}).send(NUMBER, SMS)
    kinds = [asked.headers["content-type"] for asked in carrier.asked]
    assert kinds == ["text/xml; charset=utf-8", "application/soap+xml"]


# --- carriers that misbehave ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "behave", [behaviour.hang, behaviour.trickle_the_body, behaviour.trickle_the_headers, behaviour.trickle_hints]
)
def test_a_carrier_that_does_not_finish_its_answer_is_given_up(
    carrier: Carrier, behave: Callable[[Handler], None]
) -> None:
    carrier.behave = behave
    slow = gateway(carrier, timeout_seconds=PATIENCE)
    faults = []
    # the carrier goes on for ever: a minute is only the patience of this test with a machine that is busy
    assert behaviour.seconds(lambda: faults.append(fault_of(slow))) < 60
    assert faults == [(FaultKind.UNREACHABLE, "the answer is too slow")]
    assert ends(exchanges), "its connection is still open"


def exchanges() -> list[threading.Thread]:
    """Return what is still being waited for."""
    return [thread for thread in threading.enumerate() if thread.name == "http-exchange"]


def ends(things: Callable[[], object]) -> bool:
    """True when there are none of these any more, within half a minute."""
    return any(not things() or time.sleep(0.05) for _ in range(600))


def test_a_name_server_that_does_not_answer_costs_no_more_than_a_carrier(
    carrier: Carrier, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("socket.getaddrinfo", lambda *_, **__: carrier.closing.wait(30))
    slow = gateway(carrier, timeout_seconds=PATIENCE)
    assert behaviour.seconds(lambda: fault_of(slow)) < 20


def test_a_message_that_was_given_up_does_not_go_out_when_the_name_is_found_at_last(
    carrier: Carrier, monkeypatch: pytest.MonkeyPatch
) -> None:
    find = socket.getaddrinfo
    found = threading.Event()

    def find_late(*asked: Any, **more: Any) -> Any:
        found.wait(30)
        return find(*asked, **more)

    monkeypatch.setattr("socket.getaddrinfo", find_late)
    assert fault_of(gateway(carrier, timeout_seconds=PATIENCE))[0] is FaultKind.UNREACHABLE
    found.set()
    assert ends(exchanges)
    assert carrier.asked == []


def test_what_a_carrier_puts_into_its_headers_is_not_logged(carrier: Carrier, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    carrier.behave = lambda handler: handler.answer(302, "", Location="/?phone=84393070121")
    fault_of(gateway(carrier))
    assert "393070121" not in caplog.text


def test_a_carrier_that_hangs_up_is_a_passing_fault(carrier: Carrier) -> None:
    carrier.behave = behaviour.drop_the_connection
    kind, _ = fault_of(gateway(carrier))
    assert kind.is_passing


@pytest.mark.parametrize(
    ("behave", "reason"),
    [
        (behaviour.never_end, "the answer is too long"),
        (behaviour.compress_without_end, "the answer is compressed"),
        (behaviour.speak_something_else, "RemoteProtocolError"),
        (behaviour.redirect, "status 302: redirects are not followed"),
    ],
)
def test_an_answer_that_makes_no_sense_is_cut_off(
    carrier: Carrier, behave: Callable[[Handler], None], reason: str
) -> None:
    carrier.behave = behave
    assert fault_of(gateway(carrier)) == (FaultKind.ANSWER, reason)
    assert [asked.path for asked in carrier.asked] == ["/send"]


def test_a_carrier_that_is_not_there_is_named_by_the_check() -> None:
    with behaviour.running() as gone:
        pass
    assert fault_of(gateway(gone)) == (FaultKind.UNREACHABLE, "ConnectError")
    with pytest.raises(GatewayFault, match=r"^127\.0\.0\.1: ConnectError$"):
        gateway(gone).check()


def test_a_certificate_that_nobody_vouches_for_is_refused_before_anything_is_said(tmp_path: Path) -> None:
    with behaviour.running(server_context(self_signed(tmp_path))) as impostor:
        kind, reason = fault_of(gateway(impostor))
        assert (kind, reason) == (FaultKind.UNREACHABLE, "the certificate is not trusted")
        with pytest.raises(GatewayFault):
            gateway(impostor).check()
        assert impostor.asked == []


@pytest.mark.parametrize("url", ["http://[", "http://a b/", "http://127.0.0.1:99999/", "http://\u0000/"])
def test_an_address_that_cannot_be_asked_is_a_fault_of_the_gateway(url: str) -> None:
    try:
        settings = HttpSettings.model_validate({"kind": "http", "url": url, **VARIANTS["json"]})
    except ValueError:
        return  # refused by the settings: better still
    assert fault_of(HttpGateway(settings))


def test_the_settings_of_the_machine_about_proxies_do_not_lead_anywhere(
    carrier: Carrier, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    gateway(carrier).send(NUMBER, SMS)
    assert len(carrier.asked) == 1
