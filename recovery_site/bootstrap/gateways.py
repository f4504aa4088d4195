"""From the tables `[sms.gateway.*]` to gateways."""

from collections.abc import Callable

from recovery_site.adapters.sms.console import ConsoleGateway
from recovery_site.adapters.sms.gammu import GammuGateway
from recovery_site.adapters.sms.http import HttpGateway
from recovery_site.adapters.sms.kannel import KannelGateway
from recovery_site.ports import SmsGateway
from recovery_site.settings import Settings
from recovery_site.settings import gateways as tables


def make_gateways(settings: Settings, report_address: Callable[[str], str]) -> dict[str, SmsGateway]:
    """Return the gateways in the order in which they are tried; `report_address` tells where each one reports."""
    made: dict[str, SmsGateway] = {}
    for name in settings.sms.gateways:
        match settings.sms.gateway[name]:
            case tables.ConsoleGateway():
                made[name] = ConsoleGateway()
            case tables.HttpGateway() as http:
                made[name] = HttpGateway(http, report_address(name))
            case tables.KannelGateway() as kannel:
                made[name] = KannelGateway(kannel, report_address(name))
            case tables.GammuGateway() as gammu:
                made[name] = GammuGateway(gammu)
    return made
