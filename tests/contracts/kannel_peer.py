"""The gateway over Kannel, with what stands behind it."""

import pytest

from recovery_site.adapters.sms.kannel import KannelGateway
from recovery_site.domain.messages import Report
from recovery_site.domain.people import PhoneNumber
from recovery_site.ports import GatewayFault
from recovery_site.settings.gateways import KannelGateway as KannelSettings
from tests.contracts.gateway_contract import NUMBER, sms
from tests.peers import kannel as peers

TOKEN = "report-token"


class KannelPeer:
    """A Kannel whose fake SMSC the operator has reached."""

    secrets = (peers.PASSWORD, TOKEN)

    def __init__(self, kannel: peers.Kannel, operator: peers.Operator, reports: peers.ReportReceiver) -> None:
        self.kannel = kannel
        self.operator = operator
        self.reports = reports
        self.gateway = gateway(kannel.url, f"{reports.url}/{TOKEN}")

    def received(self, count: int) -> list[tuple[str, str]]:
        return [(receiver, text) for _, receiver, text in self.operator.received(count)]

    def go_away(self) -> None:
        self.kannel.stop()

    def report(self, message_id: str, kind: str) -> Report | None:
        return self.gateway.read_report(self.reports.wait(message_id, kind))


def gateway(url: object, report_url: str = "http://127.0.0.1/report", **changed: object) -> KannelGateway:
    values = {
        "timeout_seconds": peers.PATIENCE_SECONDS,
        "url": url,
        "username": peers.USERNAME,
        "password": peers.PASSWORD,
        **changed,
    }
    return KannelGateway(KannelSettings.model_validate({"kind": "kannel", **values}), report_url)


def fault_of(gateway: KannelGateway, to: PhoneNumber = NUMBER) -> GatewayFault:
    with pytest.raises(GatewayFault) as fault:
        gateway.send(to, sms())
    return fault.value
