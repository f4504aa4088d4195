"""What the answers of a carrier mean: accepted, or which fault; told without a word of the carrier's."""

from collections.abc import Iterator

import pytest

from recovery_site.domain.messages import Acceptance, FaultKind
from tests.contracts import carrier as behaviour
from tests.contracts.carrier import NUMBER, SMS, Carrier, fault_of, gateway, says

ESMS = {
    "success": {"json": {"CodeResult": "100"}, "id": "SMSID", "duplicate": ["124"]},
    "faults": {"field": "CodeResult", "number": ["99", "108"], "balance": ["103"], "template": ["104", "146*"]},
}
SOAP = """<?xml version="1.0" ?><S:Envelope xmlns:S="http://schemas.xmlsoap.org/soap/envelope/"><S:Body>
<ns2:response xmlns:ns2="http://example.vn/"><return><message>{message}</message><result>{result}</result><id>77</id>
</return></ns2:response></S:Body></S:Envelope>"""
VIETTEL = {
    "answer": "xml",
    "success": {"xml": {"return.result": "1"}, "id": "return.id"},
    "faults": {"field": "return.message", "access": ["Authenticate:*"], "number": ["Check ReceiverID: FORMAT_ERROR"]},
}
PLAIN = {"answer": "text", "success": {"text": "OK*"}, "faults": {"busy": ["ERR 7*"], "access": ["ERR 1", "ERR 2"]}}


@pytest.fixture
def carrier() -> Iterator[Carrier]:
    with behaviour.running() as running:
        yield running


# --- the status alone -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (204, FaultKind.REFUSED),
        (400, FaultKind.REFUSED),
        (401, FaultKind.ACCESS),
        (402, FaultKind.BALANCE),
        (403, FaultKind.ACCESS),
        (404, FaultKind.REFUSED),
        (407, FaultKind.ACCESS),
        (429, FaultKind.BUSY),
        (500, FaultKind.REFUSED),
        (502, FaultKind.REFUSED),
        (503, FaultKind.BUSY),
    ],
)
def test_a_status_that_is_not_one_of_success_has_its_own_meaning(
    carrier: Carrier, status: int, kind: FaultKind
) -> None:
    carrier.behave = says("", status)
    assert fault_of(gateway(carrier)) == (kind, f"status {status}")


@pytest.mark.parametrize("status", [301, 302, 304, 308])
def test_a_redirect_is_no_answer(carrier: Carrier, status: int) -> None:
    carrier.behave = says("", status)
    assert fault_of(gateway(carrier)) == (FaultKind.ANSWER, f"status {status}: redirects are not followed")


def test_without_more_in_the_settings_the_status_is_all_that_counts(carrier: Carrier) -> None:
    carrier.behave = says("<html>", 202)
    assert gateway(carrier).send(NUMBER, SMS) == Acceptance("")


# --- JSON -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ('{"CodeResult": "100", "SMSID": "abc"}', Acceptance("abc")),
        ('{"CodeResult": 100, "SMSID": 77}', Acceptance("77")),
        ('{"CodeResult": "100"}', Acceptance("")),
        ('{"CodeResult": "124", "ErrorMessage": "Request exist"}', Acceptance("")),
        ('{"CodeResult": "99"}', (FaultKind.NUMBER, "CodeResult is 99")),
        ('{"CodeResult": "103"}', (FaultKind.BALANCE, "CodeResult is 103")),
        ('{"CodeResult": "1467"}', (FaultKind.TEMPLATE, "CodeResult is 146*")),
        ('{"CodeResult": "177"}', (FaultKind.REFUSED, "CodeResult is 177")),
        ('{"CodeResult": "bad number 0393070121"}', (FaultKind.REFUSED, "CodeResult is not 100")),
        ('{"CodeResult": "84393070121"}', (FaultKind.REFUSED, "CodeResult is not 100")),
        ('{"CodeResult": "x123456"}', (FaultKind.REFUSED, "CodeResult is not 100")),
        ('{"CodeResult": "123456789012345678901"}', (FaultKind.REFUSED, "CodeResult is not 100")),
        ('{"CodeResult": {"a": 1}}', (FaultKind.REFUSED, "CodeResult is not 100")),
        ('{"SMSID": "abc"}', (FaultKind.ANSWER, "CodeResult is missing")),
        ('{"CodeResult": null}', (FaultKind.ANSWER, "CodeResult is missing")),
        ("[]", (FaultKind.ANSWER, "CodeResult is missing")),
        ('"100"', (FaultKind.ANSWER, "CodeResult is missing")),
    ],
)
def test_the_fields_of_an_answer_decide(
    carrier: Carrier, answer: str, expected: Acceptance | tuple[FaultKind, str]
) -> None:
    carrier.behave = says(answer)
    sending = gateway(carrier, **ESMS)
    assert (sending.send(NUMBER, SMS) if isinstance(expected, Acceptance) else fault_of(sending)) == expected


@pytest.mark.parametrize("status", [200, 400, 409, 500])
def test_a_fault_and_a_duplicate_are_read_whatever_the_status(carrier: Carrier, status: int) -> None:
    carrier.behave = says('{"CodeResult": "108"}', status)
    assert fault_of(gateway(carrier, **ESMS)) == (FaultKind.NUMBER, "CodeResult is 108")
    carrier.behave = says('{"CodeResult": "124"}', status)
    assert gateway(carrier, **ESMS).send(NUMBER, SMS).by_carrier


def test_a_good_field_does_not_make_up_for_a_bad_status(carrier: Carrier) -> None:
    carrier.behave = says('{"CodeResult": "100"}', 500)
    assert fault_of(gateway(carrier, **ESMS)) == (FaultKind.REFUSED, "status 500")


@pytest.mark.parametrize(("answer", "wanted"), [('{"ok": true}', "true"), ('{"ok": 0}', "0"), ('{"ok": ""}', "")])
def test_truth_in_an_answer_is_written_as_json_writes_it(carrier: Carrier, answer: str, wanted: str) -> None:
    carrier.behave = says(answer)
    gateway(carrier, success={"json": {"ok": wanted}}).send(NUMBER, SMS)


def test_a_field_deep_in_the_answer_is_found(carrier: Carrier) -> None:
    carrier.behave = says('{"messages": [{"status": "0", "id": 77}]}')
    success = {"json": {"messages.0.status": "0"}, "id": "messages.0.id"}
    assert gateway(carrier, success=success).send(NUMBER, SMS) == Acceptance("77")


@pytest.mark.parametrize("value", ["x" * 129, "two words", "m\u00e3", "a\nb", "\u0000"])
def test_an_id_that_cannot_be_one_is_left_out(carrier: Carrier, value: str) -> None:
    carrier.behave = lambda handler: handler.answer_json(CodeResult="100", SMSID=value)
    assert gateway(carrier, **ESMS).send(NUMBER, SMS) == Acceptance("")


@pytest.mark.parametrize(
    "nonsense", ["", "OK", "<html>", "{", "\x00\ufffd", "[" * 50_000, '{"a":' * 10_000, "9" * 9999]
)
@pytest.mark.parametrize("status", [200, 403])
def test_nonsense_where_json_was_promised_is_a_fault_of_the_answer_or_of_its_status(
    carrier: Carrier, nonsense: str, status: int
) -> None:
    carrier.behave = says(nonsense, status)
    expected = (FaultKind.ACCESS, "status 403") if status == 403 else (FaultKind.ANSWER, "the answer is not JSON")
    if nonsense == "9" * 9999 and status == 200:  # a number of so many digits is refused or a number, as Python likes
        assert fault_of(gateway(carrier, **ESMS))[0] is FaultKind.ANSWER
    else:
        assert fault_of(gateway(carrier, **ESMS)) == expected


# --- XML --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("message", "result", "expected"),
    [
        ("Insert MT_QUEUE: OK", "1", Acceptance("77")),
        (
            "Authenticate: IP_INVALID (YOUR IP: 203.0.113.9)",
            "0",
            (FaultKind.ACCESS, "return.message is Authenticate:*"),
        ),
        (
            "Check ReceiverID: FORMAT_ERROR",
            "0",
            (FaultKind.NUMBER, "return.message is Check ReceiverID: FORMAT_ERROR"),
        ),
        ("84393070121 is not liked", "0", (FaultKind.REFUSED, "return.result is 0")),
        ("", "", (FaultKind.ANSWER, "return.result is missing")),
    ],
)
def test_the_elements_of_a_soap_answer_decide(
    carrier: Carrier, message: str, result: str, expected: Acceptance | tuple[FaultKind, str]
) -> None:
    carrier.behave = says(SOAP.format(message=message, result=result))
    sending = gateway(carrier, "xml", **VIETTEL)
    assert (sending.send(NUMBER, SMS) if isinstance(expected, Acceptance) else fault_of(sending)) == expected


BOMB = '<!DOCTYPE b [<!ENTITY a "1"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]><return><result>&a;</result></return>'
FILE = '<!DOCTYPE b [<!ENTITY a SYSTEM "file:///etc/hostname">]><return><result>&a;</result></return>'


@pytest.mark.parametrize(
    "nonsense",
    [
        "", "OK", "{}", "<return>", BOMB, FILE, "<!DOCTYPE return><return><result>1</result></return>",
        '<?xml version="1.0" encoding="no-such"?><return/>', "<a>" * 20_000,
    ],
)  # fmt: skip
def test_nonsense_where_xml_was_promised_is_a_fault_of_the_answer(carrier: Carrier, nonsense: str) -> None:
    carrier.behave = says(nonsense)
    assert fault_of(gateway(carrier, "xml", **VIETTEL)) == (FaultKind.ANSWER, "the answer is not XML")


def test_an_answer_that_is_deeper_than_any_is_only_not_the_right_one(carrier: Carrier) -> None:
    carrier.behave = says("<a>" * 9_000 + "</a>" * 9_000)
    assert fault_of(gateway(carrier, "xml", **VIETTEL)) == (FaultKind.ANSWER, "return.result is missing")


# --- text -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ("OK", Acceptance("")),
        (" OK: 84393070121\n", Acceptance("")),
        ("ERR 7: too many to 84393070121", (FaultKind.BUSY, "the answer is ERR 7*")),
        ("ERR 1", (FaultKind.ACCESS, "the answer is ERR 1")),
        ("ERR 11", (FaultKind.REFUSED, "the answer is not OK*")),
        ("fail84393070121", (FaultKind.REFUSED, "the answer is not OK*")),
        ("ERR-3", (FaultKind.REFUSED, "the answer is ERR-3")),
        ("", (FaultKind.ANSWER, "the answer is missing")),
    ],
)
def test_the_beginning_of_a_text_decides(
    carrier: Carrier, answer: str, expected: Acceptance | tuple[FaultKind, str]
) -> None:
    carrier.behave = says(answer)
    sending = gateway(carrier, **PLAIN)
    assert (sending.send(NUMBER, SMS) if isinstance(expected, Acceptance) else fault_of(sending)) == expected
