"""The tables `[sms]` and `[sms.texts]`."""

from typing import Literal, Self

from pydantic import Field, model_validator

from recovery_site.domain.texts import Texts
from recovery_site.settings.gateways import ConsoleGateway, Gateway
from recovery_site.settings.section import Section

SLOWEST_SECONDS = 45
"""All gateways' time-outs together: a message is leased to one dispatcher for 75 seconds."""


class TextTemplates(Section):
    """The words of the SMS; what each must hold is checked with the longest values."""

    code: str = Texts.code
    password_changed: str = Texts.password_changed
    first_password: str = Texts.first_password
    reminder: str = Texts.reminder

    @property
    def texts(self) -> Texts:
        """The templates as the rules know them."""
        return Texts(self.code, self.password_changed, self.first_password, self.reminder)


class Sms(Section):
    gateways: list[str] = Field(default=["main"], min_length=1)
    dispatcher: Literal["thread", "separate"] = "thread"
    origin_bound: bool = False
    daily_budget: int = Field(default=2000, ge=1, le=1_000_000)
    texts: TextTemplates = TextTemplates()
    gateway: dict[str, Gateway] = {"main": ConsoleGateway(kind="console")}

    @model_validator(mode="after")
    def _check(self) -> Self:
        missing = [name for name in self.gateways if name not in self.gateway]
        if missing:
            raise ValueError(f"gateways names {', '.join(missing)}, which has no table [sms.gateway.{missing[0]}]")
        if any(not name.replace("-", "").replace("_", "").isalnum() or not name.isascii() for name in self.gateway):
            raise ValueError("the names of gateways may have letters, digits, - and _")
        if sum(self.gateway[name].timeout_seconds for name in self.gateways) > SLOWEST_SECONDS:
            raise ValueError(f"the time-outs of all gateways together may not be above {SLOWEST_SECONDS} seconds")
        return self
