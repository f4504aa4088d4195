"""The gateways without a carrier: the console and the demonstration's telephones."""

import io

import pytest

from recovery_site.adapters.sms.console import KEPT, ConsoleGateway, DemoPhones
from recovery_site.domain.messages import Sms
from recovery_site.domain.secret import Secret
from recovery_site.ports import SmsGateway
from tests.contracts.carrier import NUMBER, SMS, TEXT
from tests.fakes import FakeClock


@pytest.mark.parametrize("gateway", [ConsoleGateway(io.StringIO()), DemoPhones(FakeClock())])
def test_a_gateway_without_a_carrier_takes_every_message_at_once(gateway: SmsGateway) -> None:
    gateway.check()
    assert gateway.send(NUMBER, SMS).by_carrier
    assert list(gateway.collect()) == []
    assert gateway.read_report({"id": SMS.message_id}) is None


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
