"""What the tables of all gateways have in common."""

from pydantic import Field

from recovery_site.settings.section import Section


class GatewayTable(Section):
    """`parallel` messages are handed over at one time, each in at most `timeout_seconds`."""

    parallel: int = Field(default=4, ge=1, le=64)
    timeout_seconds: float = Field(default=5, gt=0, le=30)
