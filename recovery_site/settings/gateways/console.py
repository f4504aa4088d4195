"""`kind = "console"`: for development."""

from typing import Literal

from recovery_site.settings.gateways.base import GatewayTable


class ConsoleGateway(GatewayTable):
    """Prints each SMS. Settings refuse it on a site that is reached over https."""

    kind: Literal["console"]
