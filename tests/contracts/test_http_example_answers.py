"""The examples for carriers in the manual: each understands what its carrier's documentation says it may answer."""

from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from recovery_site.adapters.sms.http import HttpGateway
from recovery_site.domain.messages import Acceptance, FaultKind, MessageState
from tests.contracts import carrier as behaviour
from tests.contracts import examples
from tests.contracts.carrier import NUMBER, SMS, Carrier, Handler, fault_of
from tests.contracts.examples import KEY, SECTIONS, Answer, answering, soap

TOLD = {"CodeResult": "100", "CountRegenerate": 0, "SMSID": "d533459e-156"}


@pytest.fixture
def carrier() -> Iterator[Carrier]:
    with behaviour.running() as running:
        yield running


@pytest.fixture
def sending(carrier: Carrier, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], HttpGateway]:
    """Make the gateway of an example, by the gateway's name."""
    return lambda name: examples.gateway(name, carrier, tmp_path, monkeypatch)


def speedsms(code: str) -> Answer:
    return {"status": "error", "code": code, "message": "about 84393070121", "invalidPhone": []}


def zalo(code: int) -> Answer:
    return {"error": code, "message": "about 84393070121", "data": {}}


def fpt(code: int) -> Answer:
    return {"error": code, "error_description": "about 84393070121"}


TAKEN: list[tuple[str, Answer, str]] = [
    ("esms", TOLD, "d533459e-156"),
    ("esms", {"CodeResult": "124", "ErrorMessage": "Request exist 1", "SendStatus": "5"}, ""),
    ("speedsms", {"status": "success", "code": "00", "data": {"tranId": 123, "invalidPhone": []}}, "123"),
    ("vnpt", {"RPLY": {"name": "send_sms_list", "ERROR": "0", "ERROR_DESC": "success"}}, ""),
    ("viettel", soap("Insert MT_QUEUE: OK", 1), ""),
    ("viettel", soap("Check ServiceID: DUPLICATE MESSAGE", 0), ""),
    ("zalo", {"error": 0, "message": "Success", "data": {"msg_id": "f405841b"}}, "f405841b"),
    ("fpt", {"MessageId": 77, "BrandName": "…"}, "77"),
    ("stringee", {"smsSent": 1, "result": [{"r": 0, "msg": "Success"}]}, ""),
]


@pytest.mark.parametrize(("name", "answer", "carrier_id"), TAKEN)
def test_a_message_that_was_taken_is_known_as_such(
    carrier: Carrier, sending: Callable[[str], HttpGateway], name: str, answer: Answer, carrier_id: str
) -> None:
    carrier.behave = answering(answer)
    assert sending(name).send(NUMBER, SMS) == Acceptance(carrier_id)


def faults() -> Iterator[tuple[str, Answer, FaultKind]]:
    kinds = FaultKind
    esms = {"99": kinds.NUMBER, "108": kinds.NUMBER, "177": kinds.NUMBER, "104": kinds.TEMPLATE, "146": kinds.TEMPLATE,
            "103": kinds.BALANCE, "101": kinds.ACCESS, "140": kinds.ACCESS, "102": kinds.REFUSED}  # fmt: skip
    yield from (("esms", {"CodeResult": code, "ErrorMessage": "84393070121"}, kind) for code, kind in esms.items())
    yield "esms", {"error": "Invalid request"}, kinds.ANSWER
    speed = {"105": kinds.NUMBER, "110": kinds.TEXT, "113": kinds.TEXT, "300": kinds.BALANCE, "007": kinds.ACCESS,
             "008": kinds.ACCESS, "009": kinds.ACCESS, "101": kinds.REFUSED, "500": kinds.REFUSED}  # fmt: skip
    yield from (("speedsms", speedsms(code), kind) for code, kind in speed.items())
    yield "vnpt", {"RPLY": {"name": "send_sms_list", "ERROR": "31", "ERROR_DESC": "84393070121"}}, kinds.REFUSED
    viettel = {
        "Authenticate: IP_INVALID (YOUR IP: 203.0.113.9)": kinds.ACCESS, "CP_CODE_NOT_FOUND": kinds.ACCESS,
        "Authenticate: WRONG_INFORMATION_AUTHENTICATE": kinds.ACCESS, "Check ReceiverID: FORMAT_ERROR": kinds.NUMBER,
        "Unable to check telco from input receiver": kinds.NUMBER, "Check UserID: NULL_OR_BLANK": kinds.NUMBER,
        "Check ServiceID: ALIAS_INVALID:TELCO=MB": kinds.TEMPLATE,
        "Check template: CONTENT_NOT_MATCH_TEMPLATE": kinds.TEMPLATE,
        "Check Content: MSG_ERROR_CONTAIN_BLACKLIST": kinds.TEXT, "Check information error": kinds.REFUSED,
    }  # fmt: skip
    yield from (("viettel", soap(message, 0), kind) for message, kind in viettel.items())
    zns = {-108: kinds.NUMBER, -110: kinds.NUMBER, -114: kinds.NUMBER, -118: kinds.NUMBER, -109: kinds.TEMPLATE,
           -111: kinds.TEMPLATE, -112: kinds.TEMPLATE, -116: kinds.TEXT, -115: kinds.BALANCE, -101: kinds.ACCESS,
           -105: kinds.ACCESS, -124: kinds.ACCESS, -220: kinds.ACCESS, -100: kinds.REFUSED}  # fmt: skip
    yield from (("zalo", zalo(code), kind) for code, kind in zns.items())
    yield "fpt", fpt(1011), kinds.ANSWER
    yield "stringee", {"smsSent": 0, "result": [{"r": 7, "msg": "84393070121"}]}, kinds.REFUSED


@pytest.mark.parametrize(("name", "answer", "kind"), list(faults()))
def test_every_documented_refusal_has_its_kind(
    carrier: Carrier, sending: Callable[[str], HttpGateway], name: str, answer: Answer, kind: FaultKind
) -> None:
    carrier.behave = answering(answer)
    assert fault_of(sending(name), KEY)[0] is kind


@pytest.mark.parametrize("name", SECTIONS)
@pytest.mark.parametrize(("status", "kind"), [(400, FaultKind.REFUSED), (401, FaultKind.ACCESS), (429, FaultKind.BUSY)])
def test_a_refusal_by_status_has_its_kind(
    carrier: Carrier, sending: Callable[[str], HttpGateway], name: str, status: int, kind: FaultKind
) -> None:
    carrier.behave = answering("<html>84393070121</html>", status)
    assert fault_of(sending(name), KEY)[0] is kind


@pytest.mark.parametrize(("name", "code"), [("zalo", -124), ("zalo", -220)])
def test_a_token_that_ran_out_is_renewed_and_the_message_goes_out(
    carrier: Carrier, sending: Callable[[str], HttpGateway], name: str, code: int
) -> None:
    tokens = iter(("first", "second"))

    def behave(handler: Handler) -> None:
        if handler.path.endswith("token"):
            handler.answer_json(access_token=next(tokens), refresh_token="next")
        else:
            handler.answer_json(error=0 if handler.headers["access_token"] == "second" else code)

    carrier.behave = behave
    sending(name).send(NUMBER, SMS)
    assert [urlsplit(asked.path).path.rpartition("/")[2] for asked in carrier.asked] == [
        "access_token", "template", "access_token", "template",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("query", "state"),
    [
        ("SendFailed=0&SendStatus=5&SendSuccess=1&RequestId=message-id-1", MessageState.DELIVERED),
        ("SendFailed=1&SendStatus=5&SendSuccess=0&RequestId=", MessageState.FAILED),
        ("SendFailed=0&SendStatus=4&SendSuccess=0&RequestId=", MessageState.FAILED),
        ("SendFailed=0&SendStatus=7&SendSuccess=0&RequestId=message-id-1", MessageState.SENT),
        ("SendFailed=0&SendStatus=2&SendSuccess=0&RequestId=message-id-1", None),
    ],
)
def test_reports_of_esms_are_understood(
    sending: Callable[[str], HttpGateway], query: str, state: MessageState | None
) -> None:
    rest = "SMSID=d533459e-156&TotalPrice=0.0000&TotalReceiver=1&TotalSent=1&TypeId=2&telcoid=1&phonenumber=0393070121"
    fields = {name: values[0] for name, values in parse_qs(f"{rest}&{query}", keep_blank_values=True).items()}
    report = sending("esms").read_report(fields)
    assert (report and report.state) == state
    assert report is None or report.carrier_id == "d533459e-156"
