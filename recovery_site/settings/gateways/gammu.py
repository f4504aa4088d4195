"""`kind = "gammu"`: a USB modem at a small office, through gammu-smsd's database."""

from typing import Literal

from pydantic import Field

from recovery_site.settings.gateways.base import GatewayTable


class GammuGateway(GatewayTable):
    """`database_url` is gammu-smsd's; with `delivery_reports` a text is kept, blanked, until the phone confirms it."""

    kind: Literal["gammu"]
    database_url: str = Field(repr=False, pattern=r"^(?:sqlite:///.+|postgresql(?:\+psycopg)?://.+)$")
    delivery_reports: bool = False
