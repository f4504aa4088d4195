"""What the gateway over Kannel asks, and what it makes of answers and of reports; no Kannel is needed for these."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from pydantic import ValidationError

from recovery_site.domain.messages import FaultKind, MessageState, Sms
from recovery_site.ports import GatewayFault
from recovery_site.settings.gateways import KannelGateway as KannelSettings
from tests.contracts import carrier
from tests.contracts.gateway_contract import CODE, NUMBER, TEXT, sms
from tests.contracts.kannel_peer import fault_of, gateway

NOWHERE = "http://127.0.0.1:9/"

# --- what is asked ----------------------------------------------------------------------------------------------------


def test_nothing_secret_stands_in_the_address() -> None:
    with carrier.running() as smsbox:
        smsbox.behave = lambda handler: handler.answer(202, "0: Accepted for delivery")
        gateway(smsbox.url).send(NUMBER, sms())
    asked = smsbox.asked[0]
    assert (asked.method, asked.path, asked.body) == ("POST", "/send", TEXT.reveal())


@pytest.mark.parametrize(
    ("life", "minutes"),
    [(timedelta(minutes=9), 9), (timedelta(seconds=599), 9), (timedelta(seconds=20), 1), (timedelta(seconds=-5), 1)],
)
def test_a_message_is_valid_for_whole_minutes_at_least_one(life: timedelta, minutes: int) -> None:
    with carrier.running() as smsbox:
        smsbox.behave = lambda handler: handler.answer(202, "0: Accepted for delivery")
        gateway(smsbox.url).send(NUMBER, Sms("k7", TEXT, life=life))
    assert smsbox.asked[0].headers["x-kannel-validity"] == str(minutes)


# --- answers ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (503, "Temporal failure, try again later.", FaultKind.BUSY),
        (503, "", FaultKind.BUSY),
        (400, "Charset or body misformed, rejected", FaultKind.TEXT),
        (400, "Sender missing and no global set, rejected", FaultKind.TEMPLATE),
        (400, "Empty receiver number not allowed, rejected", FaultKind.NUMBER),
        (400, f"what? {TEXT.reveal()}", FaultKind.REFUSED),
        (403, f"what? {TEXT.reveal()}", FaultKind.ACCESS),
        (202, f"what? {TEXT.reveal()}", FaultKind.ANSWER),
        (200, "0: Accepted for delivery", FaultKind.ANSWER),
        (302, "", FaultKind.ANSWER),
        (500, "Sending failed.", FaultKind.ANSWER),
    ],
)
def test_refusals_and_nonsense_have_their_kinds_and_are_not_repeated(status: int, body: str, kind: FaultKind) -> None:
    with carrier.running() as smsbox:
        smsbox.behave = lambda handler: handler.answer(status, body)
        fault = fault_of(gateway(smsbox.url))
    assert fault.kind is kind
    assert CODE not in f"{fault} {fault!r} {fault.__cause__}"


@pytest.mark.parametrize(("status", "body"), [(400, "what?"), (202, "0: Accepted for delivery"), (200, "Missing")])
def test_the_check_passes_with_the_one_right_answer_only(status: int, body: str) -> None:
    with carrier.running() as smsbox:
        smsbox.behave = lambda handler: handler.answer(status, body)
        with pytest.raises(GatewayFault):
            gateway(smsbox.url).check()
    assert "x-kannel-to" not in smsbox.asked[0].headers


@pytest.mark.parametrize("behaviour", [carrier.hang, carrier.trickle_the_body, carrier.trickle_the_headers])
def test_a_slow_answer_is_left_in_time(behaviour: Callable[[carrier.Handler], None]) -> None:
    with carrier.running() as smsbox:
        smsbox.behave = behaviour
        fault = fault_of(gateway(smsbox.url, timeout_seconds=0.3))
    assert fault.kind is FaultKind.UNREACHABLE


def test_an_endless_answer_is_left() -> None:
    with carrier.running() as smsbox:
        smsbox.behave = carrier.never_end
        assert fault_of(gateway(smsbox.url)).kind is FaultKind.ANSWER


# --- reports ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        ("NACK/0x0000000b/Invalid Destination Address", FaultKind.NUMBER),
        ("NACK/11", FaultKind.NUMBER),
        ("NACK/0x0000000a/Invalid Source Address", FaultKind.TEMPLATE),
        ("NACK/0x00000001/Message Length is invalid", FaultKind.TEXT),
        ("NACK/0x00000058/Throttling error", FaultKind.BUSY),
        ("NACK/88", FaultKind.BUSY),
        ("NACK/0x00000014/Message Queue Full", FaultKind.BUSY),
        ("NACK/Retries Exceeded", FaultKind.BUSY),
        ("NACK/validity expired", FaultKind.UNREACHABLE),
        ("NACK/0x000000ff/Unknown Error", FaultKind.REFUSED),
        ("NACK/0x0000000b0/nonsense", FaultKind.REFUSED),
        ("NACK/99999999999999", FaultKind.REFUSED),
        ("NACK/", FaultKind.REFUSED),
        ("", FaultKind.REFUSED),
    ],
)
def test_a_refusal_says_why(answer: str, kind: FaultKind) -> None:
    report = gateway(NOWHERE).read_report({"id": "k7", "type": "16", "answer": answer})
    assert report is not None
    assert (report.state, report.kind) == (MessageState.FAILED, kind)


def test_a_report_never_repeats_the_text() -> None:
    told = f"id:1 sub:001 dlvrd:000 submit date:1 done date:1 stat:UNDELIV err:0A1 text:{TEXT.reveal()} stat:{CODE}"
    for kind, answer in (("2", told), ("2", TEXT.reveal()), ("16", told), ("16", f"NACK/{TEXT.reveal()}")):
        report = gateway(NOWHERE).read_report({"id": "k7", "type": kind, "answer": answer})
        assert report is not None
        assert CODE not in repr(report)


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"type": "8"},
        {"id": "", "type": "8"},
        {"id": "k7"},
        {"id": "k7", "type": "4"},
        {"id": "k7", "type": "%d"},
        {"id": "k7", "type": "９"},
        {"id": "k\x007", "type": "8"},
        {"id": "k" * 5000, "type": "8"},
    ],
)
def test_what_says_nothing_of_a_fate_is_no_report(fields: dict[str, str]) -> None:
    assert gateway(NOWHERE).read_report(fields) is None


# --- settings ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "changed",
    [
        {"url": "http://kannel/cgi-bin/sendsms?username=recovery&password=s3cret"},
        {"url": "http://recovery:s3cret@kannel/cgi-bin/sendsms"},
        {"url": "ftp://kannel/s3cret"},
        {"password": ""},
        {"password": "s3cret\r\nX-Kannel-To: 84"},
        {"password": "mật khẩu s3cret"},
        {"password": " s3cret"},
        {"sender": "Sóc Trăng s3cret"},
    ],
)
def test_what_a_header_cannot_carry_or_an_address_would_give_away_is_refused(changed: dict[str, str]) -> None:
    with pytest.raises(ValidationError) as problem:
        gateway(**{"url": "http://127.0.0.1:13013/cgi-bin/sendsms", **changed})
    assert "s3cret" not in str(problem.value)


def test_settings_do_not_show_the_password() -> None:
    settings = KannelSettings(kind="kannel", url=NOWHERE, username="recovery", password="s3cret")
    assert "s3cret" not in repr(settings)
