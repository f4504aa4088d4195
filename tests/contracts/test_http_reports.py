"""What the calls of a carrier to the report address say."""

import pytest

from recovery_site.domain.messages import MessageState, Report
from recovery_site.domain.people import read_number
from tests.contracts.carrier import Carrier, gateway

ESMS = {
    "message_id": "RequestId",
    "carrier_id": "SMSID",
    "delivered": {"SendStatus": ["5"], "SendSuccess": ["1"]},
    "failed": {"SendStatus": ["4", "5"], "SendSuccess": ["0"]},
    "taken": {"SendStatus": ["7"]},
}
NAMED = {"RequestId": "message-id-1", "SMSID": "dc712784-87"}


def read(fields: dict[str, str]) -> Report | None:
    nobody = Carrier(url="http://127.0.0.1:9/")
    return gateway(nobody, report=ESMS, success={"json": {"CodeResult": "100"}, "id": "SMSID"}).read_report(fields)


@pytest.mark.parametrize(
    ("fields", "state"),
    [
        ({"SendStatus": "5", "SendSuccess": "1"}, MessageState.DELIVERED),
        ({"SendStatus": "5", "SendSuccess": "0"}, MessageState.FAILED),
        ({"SendStatus": "4", "SendSuccess": "0"}, MessageState.FAILED),
        ({"SendStatus": "7", "SendSuccess": "0"}, MessageState.SENT),
    ],
)
def test_a_report_tells_the_fate_of_its_message(fields: dict[str, str], state: MessageState) -> None:
    number = read_number("0393070121").local
    report = read({**NAMED, **fields, "phonenumber": number, "TotalPrice": "0.0000"})
    assert report is not None
    assert (report.state, report.message_id, report.carrier_id) == (state, "message-id-1", "dc712784-87")
    assert number not in repr(report)


def test_the_same_report_twice_says_the_same() -> None:
    fields = {**NAMED, "SendStatus": "5", "SendSuccess": "1"}
    assert (
        read(fields)
        == read(fields)
        == Report(MessageState.DELIVERED, "message-id-1", "dc712784-87", reason="SendStatus is 5, SendSuccess is 1")
    )


@pytest.mark.parametrize("name", ["RequestId", "SMSID"])
def test_one_name_of_the_message_is_enough(name: str) -> None:
    others = dict.fromkeys(NAMED, "")
    report = read({**others, name: NAMED[name], "SendStatus": "5", "SendSuccess": "1"})
    assert report is not None
    assert {report.message_id, report.carrier_id} == {NAMED[name], ""}


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"SendStatus": "5", "SendSuccess": "1"},
        {"RequestId": "", "SMSID": "", "SendStatus": "5", "SendSuccess": "1"},
        {"RequestId": "x" * 129, "SendStatus": "5", "SendSuccess": "1"},
        {"RequestId": "a b", "SendStatus": "5", "SendSuccess": "1"},
        {"RequestId": "a\x00b", "SendStatus": "5", "SendSuccess": "1"},
        {"RequestId": "m\u00e3", "SendStatus": "5", "SendSuccess": "1"},
        {"requestid": "message-id-1", "SendStatus": "5", "SendSuccess": "1"},
        {**NAMED, "SendStatus": "5"},
        {**NAMED, "SendSuccess": "1"},
        {**NAMED, "SendStatus": "1", "SendSuccess": "0"},
        {**NAMED, "SendStatus": "5" * 100_000, "SendSuccess": "1"},
    ],
)
def test_nonsense_is_no_report(fields: dict[str, str]) -> None:
    assert read(fields) is None


def test_a_gateway_without_the_table_reads_no_reports() -> None:
    assert gateway(Carrier(url="http://127.0.0.1:9/")).read_report({**NAMED, "SendStatus": "5"}) is None
