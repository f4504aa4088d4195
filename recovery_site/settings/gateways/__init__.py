"""The tables `[sms.gateway.*]`, one class for each kind."""

from typing import Annotated

from pydantic import Field

from recovery_site.settings.gateways.console import ConsoleGateway
from recovery_site.settings.gateways.gammu import GammuGateway
from recovery_site.settings.gateways.http import HttpGateway
from recovery_site.settings.gateways.kannel import KannelGateway

Gateway = Annotated[ConsoleGateway | HttpGateway | KannelGateway | GammuGateway, Field(discriminator="kind")]

__all__ = ["ConsoleGateway", "GammuGateway", "Gateway", "HttpGateway", "KannelGateway"]
